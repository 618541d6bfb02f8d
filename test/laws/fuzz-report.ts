import { irTable, Op } from '#vm/ir/table'
import { endKinds, isaOrder, opCount } from './coverage.ts'
import type { Tally } from './trio.ts'

/** Ends that exist for the programs of each instruction set. */
const common = ['halt', 'fault', 'outOfGas', 'host', 'suspended', 'invalidInstruction'] as const
const endsOf: readonly (readonly string[])[] = [
  [...common, 'invalidJump', 'invalidCall', 'stackOverflow', 'callDepth'],
  [...common, 'invalidJump', 'panic', 'nullPage', 'outOfBounds'],
  [
    ...common,
    'invalidJump',
    'invalidCall',
    'callDepth',
    'divideByZero',
    'divideOverflow',
    'overrun',
  ],
]
/** Ends that few programs of sBPF have, or only RISC-V's, or that a host decides on and no engine. */
const reserved: readonly string[] = [
  'divideByZero',
  'divideOverflow',
  'overrun',
  'misaligned',
  'hostCall',
]
const columns = endKinds.filter((kind) => !reserved.includes(kind))

/** Ops that generated code hands to the interpreter by design: a run counts there if it ends at the op, which nobody executed. */
export const handedOver: ReadonlyMap<number, string> = new Map([
  [Op.host, 'the run leaves at the call'],
  [Op.trap, 'the exit itself is made by the interpreter'],
  [Op.memset, 'interruptible: the interpreter does it octet by octet'],
  [Op.sbrk, 'the interpreter moves the break'],
  [Op.packet, 'the interpreter reads the input region'],
])

export const wantedRuns = 1000

/** Why no run of a kind can have executed the op in generated code; undefined when one can. */
export function impossible(tally: Tally, op: number, end: string): string | undefined {
  const isas = isaOrder.flatMap((_, isa) => (tally.lifted[isa * opCount + op]! > 0 ? [isa] : []))
  if (isas.length === 0) return 'no guest instruction lifts to it'
  const reason = handedOver.get(op)
  if (reason !== undefined) return reason
  if (isas.some((isa) => endsOf[isa]!.includes(end))) return undefined
  const names = isas.map((isa) => ['eBPF', 'the PVM', 'sBPF'][isa])
  return `only ${names.join(' and ')} lifts to it, whose programs never end so`
}

/** Possible combinations of op and end that fewer runs than wanted had. */
export function scarce(tally: Tally): string[] {
  return irTable.flatMap(([name], op) =>
    columns.flatMap((end) => {
      const runs = tally.counts[op * endKinds.length + endKinds.indexOf(end)]!
      if (runs >= wantedRuns || impossible(tally, op, end) !== undefined) return []
      return [`${name} and ${end}: ${runs}`]
    }),
  )
}

function short(count: number): string {
  return count < 10_000 ? `${count}` : `${Math.floor(count / 1000)}k`
}

/** Ops by ends, as a table in Markdown. */
function table(tally: Tally): string[] {
  const rows = irTable.map(([name], op) => {
    const cells = columns.map((end) => {
      const runs = tally.counts[op * endKinds.length + endKinds.indexOf(end)]!
      return runs === 0 && impossible(tally, op, end) !== undefined ? '-' : short(runs)
    })
    return `| \`${name}\` | ${cells.join(' | ')} |`
  })
  return [`| op | ${columns.join(' | ')} |`, `| --- |${' --: |'.repeat(columns.length)}`, ...rows]
}

/** The ops that have a reason of their own. */
function reasons(tally: Tally): string[] {
  const groups = new Map<string, string[]>()
  irTable.forEach(([name], op) => {
    for (const end of columns) {
      const reason = impossible(tally, op, end)
      if (reason === undefined) continue
      const names = groups.get(reason) ?? []
      if (names.at(-1) !== name) names.push(name)
      groups.set(reason, names)
    }
  })
  return [...groups].map(
    ([reason, names]) => `- ${reason}: ${names.map((n) => `\`${n}\``).join(', ')}`,
  )
}

export interface RunFacts {
  readonly command: string
  readonly node: string
}

/** docs/fuzzing.md */
export function fuzzPage(tally: Tally, { command, node }: RunFacts): string {
  const number = (n: number): string => Math.round(n).toLocaleString('en-US')
  const missing = scarce(tally)
  const ends = [...tally.ends].sort(([, a], [, b]) => b - a)
  const verdict =
    missing.length === 0
      ? `Every possible combination was reached by at least ${number(wantedRuns)} runs.`
      : `Reached by fewer than ${number(wantedRuns)} runs: ${missing.join('; ')}.`
  return `# Engines on random programs

<!-- Written by the command below. -->

The reference, the interpreter and the recompiler run the same random programs in step: eBPF, and PVM
in all versions and rule sets. At every exit they must agree on its kind and pc, on registers, gas
and the number of instructions; at the last one and at some others on frames and all of memory, too.
Runs go on after host calls (left, or answered within the run), with new gas, after faults and traps,
and now and then each machine goes on from the state that another engine saved.

\`\`\`sh
${command}
\`\`\`

| | |
| --- | --: |
| programs | ${number(tally.programs)} |
| of them with at least 50 executed instructions | ${number(tally.long)} |
| runs | ${number(tally.runs)} |
| instructions of a program, on average | ${number(tally.instructions / tally.programs)} |
| disagreements | 0 |
| Node | ${node} |

Runs by how they ended: ${ends.map(([end, n]) => `${end} ${number(n)}`).join(', ')}.

## What generated code executed

Runs in which generated code executed an op, by how the run ended. An op counts once for a run, and
only where the path of the reference shows that it was executed while recomp's interpreter was not
at work. \`suspended\`: left at a host call, saved, and continued by another engine. ${verdict}

${table(tally).join('\n')}

A dash means that there is nothing to count; what is handed over has a number where runs ended right at it:

${reasons(tally).join('\n')}
- ends that no profile has so far, or that only a host decides on, have no column: ${reserved.join(', ')}.
`
}
