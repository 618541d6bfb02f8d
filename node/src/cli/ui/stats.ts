import type { CodeStats, LeaveReason, MachineStats, StoreCounts } from 'alcatraz-vm'
import { bytes, count, duration } from './format.ts'
import { facts, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** What a person reads for a reason to leave generated code. */
const reasons: Readonly<Record<LeaveReason, string>> = {
  access: 'a memory check refused the access',
  call: 'a call too deep, without room for its frame, or to no function',
  gas: 'gas does not pay for the way ahead',
  host: 'a host call',
  jump: 'a jump through a register to no known place',
  operation: 'an operation that is not generated',
  return: 'the entry returned, or returned out of where it was entered',
  trap: 'a trap',
  unwound: 'frames were given back',
  slice: 'a slice of gas was used up (goes on at once)',
  returned: 'a function entered from outside returned (goes on at once)',
}

const origins: Readonly<Record<CodeStats['origin'], string>> = {
  none: 'none',
  compiled: 'compiled now',
  worker: 'compiled by a worker',
  memory: 'found in memory',
  disk: 'found on disk',
}

function codePairs(code: CodeStats): [string, string][] {
  const pairs: [string, string][] = [['code', origins[code.origin]]]
  if (code.refusal !== undefined) pairs.push(['not compiled', code.refusal])
  if (code.origin === 'none') return pairs
  pairs.push(['module', bytes(code.bytes)])
  pairs.push(['since', `instruction ${count(code.since ?? 0n)}`])
  if (code.origin === 'compiled' || code.origin === 'worker')
    pairs.push([
      'compiling',
      `${duration(code.emit)} to write, ${duration(code.compile)} in the host`,
    ])
  return pairs
}

/** Who executed how much, where generated code came from, and why it was left; for `--stats`. */
export function statsText(
  terminal: Pick<Terminal, 'isTty' | 'width' | 'colours'>,
  { tiers, code }: Pick<MachineStats, 'tiers' | 'code'>,
  store?: StoreCounts,
): string {
  const pairs = Object.entries(tiers).map(([tier, n]): [string, string] => [tier, count(n)])
  if (code !== undefined) pairs.push(...codePairs(code))
  if (store !== undefined) {
    const { hits, misses, refused, saved, failed } = store
    const rest = `${saved} saved, ${refused} refused, ${failed} failed`
    pairs.push(['cache', `${hits} found, ${misses} not there, ${rest}`])
  }
  const leaves = Object.entries(code?.leaves ?? {}).sort(([, a], [, b]) => b - a)
  const columns = [{ title: 'left', align: 'right' }, { title: 'because' }] as const
  const rows = leaves.map(([reason, n]) => [count(n), reasons[reason as LeaveReason]])
  return facts(terminal, pairs) + (rows.length > 0 ? `\n${table(terminal, columns, rows)}` : '')
}
