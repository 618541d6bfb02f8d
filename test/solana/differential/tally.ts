import type { Step } from './generate.ts'
import { isOutcome } from './subject.ts'

/** How often what was reached: `program` by end of the transaction, and the changes that were made. */
export interface Tally {
  transactions: number
  readonly ends: Record<string, Record<string, number>>
  /** Of transactions of one action that nothing was changed in. */
  readonly actions: Record<string, { sent: number; succeeded: number }>
  readonly changes: Record<string, number>
}

export function newTally(): Tally {
  return { transactions: 0, ends: {}, actions: {}, changes: {} }
}

function add(rows: Record<string, number>, name: string, n: number): void {
  rows[name] = (rows[name] ?? 0) + n
}

function addEnd({ ends }: Tally, program: string, end: string, n: number): void {
  const row = ends[program] ?? {}
  ends[program] = row
  add(row, end, n)
}

function addAction({ actions }: Tally, name: string, sent: number, succeeded: number): void {
  const row = actions[name] ?? { sent: 0, succeeded: 0 }
  actions[name] = row
  row.sent += sent
  row.succeeded += succeeded
}

export function count(tally: Tally, step: Step): void {
  tally.transactions++
  for (const change of step.changes) add(tally.changes, change, 1)
  const programs = new Set(step.actions.map((name) => name.replace(/\..*/, '')))
  addEnd(tally, programs.size === 1 ? [...programs][0]! : 'several', step.end, 1)
  if (step.actions.length !== 1 || step.changes.length > 0) return
  const good = isOutcome(step.answer) && step.answer.error === null
  addAction(tally, step.actions[0]!, 1, good ? 1 : 0)
}

export function merge(into: Tally, from: Tally): void {
  into.transactions += from.transactions
  for (const [program, ends] of Object.entries(from.ends))
    for (const [end, n] of Object.entries(ends)) addEnd(into, program, end, n)
  for (const [name, { sent, succeeded }] of Object.entries(from.actions))
    addAction(into, name, sent, succeeded)
  for (const [name, n] of Object.entries(from.changes)) add(into.changes, name, n)
}

/** A Markdown table: one row for each end, one column for each program. */
export function endsTable({ ends }: Tally): string {
  const programs = Object.keys(ends).sort()
  const total = (end: string): number =>
    programs.reduce((sum, program) => sum + (ends[program]?.[end] ?? 0), 0)
  const names = [...new Set(programs.flatMap((program) => Object.keys(ends[program]!)))]
  names.sort((a, b) => total(b) - total(a))
  const rows = names.map((end) => {
    const cells = programs.map((program) => ends[program]?.[end] ?? '')
    return `| ${end} | ${total(end)} | ${cells.join(' | ')} |`
  })
  return [
    `| end | all | ${programs.join(' | ')} |`,
    `|---|--:|${programs.map(() => '--:|').join('')}`,
    ...rows,
  ].join('\n')
}

/** How often each action succeeded when it was left as it is. */
export function actionsTable({ actions }: Tally): string {
  const rows = Object.entries(actions).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    '| action | sent alone | succeeded |',
    '|---|--:|--:|',
    ...rows.map(([name, { sent, succeeded }]) => `| ${name} | ${sent} | ${succeeded} |`),
  ].join('\n')
}
