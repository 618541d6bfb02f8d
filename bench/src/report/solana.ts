import type { SolanaTimes, SolanaUse, Target } from '../results.ts'
import { meanOf } from '../stats.ts'
import { ms, type Table, thousands, times } from './format.ts'

/** Against litesvm's native JIT, on the mean; against Agave's interpreter; share of litesvm's rate. */
const speedup = 3
const interpreted = 1
const rateShare = 0.5
/** A second; milliseconds. */
const signatures = 3000
const start = 60

const timeOf = (runs: readonly SolanaTimes[], vm: string): number | undefined =>
  runs.find((run) => run.vm === vm)?.ms.min

/** How many times as fast as `other` the runtime is; undefined where one of them did not run. */
function ratio(runs: readonly SolanaTimes[], vm: string, other: string): number | undefined {
  const [mine, theirs] = [timeOf(runs, vm), timeOf(runs, other)]
  return mine === undefined || theirs === undefined ? undefined : theirs / mine
}

const shown = (value: number | undefined, form: (value: number) => string): string =>
  value === undefined ? '' : form(value)
const perSecond = (time: number): string => thousands(Math.round(1000 / time))

export function solanaTables({
  compute,
  importMs,
  signatureMicros,
  startMs,
  transactions,
}: SolanaUse): Table[] {
  return [
    {
      title: 'Solana: programs that compute',
      note: 'Milliseconds of one transaction with the same ELF, fastest of interleaved runs; litesvm runs its native JIT, agave is the bare virtual machine (solana-sbpf) without a transaction around it.',
      columns: [
        'program',
        'sBPF',
        'units',
        'recomp',
        'interp',
        'litesvm',
        'agave jit',
        'agave interpreter',
        'litesvm / recomp',
        'agave interpreter / interp',
      ],
      words: 2,
      rows: compute.map(({ name, runs, units, version }) => [
        name,
        version,
        thousands(units),
        ...['recomp', 'interp', 'litesvm', 'agave jit', 'agave interpreter'].map((vm) =>
          shown(timeOf(runs, vm), ms),
        ),
        shown(ratio(runs, 'recomp', 'litesvm'), times),
        shown(ratio(runs, 'interp', 'agave interpreter'), times),
      ]),
    },
    {
      title: 'Solana: transactions a second',
      note: `Signatures not checked, one after the other, fastest batch. A signature not seen before takes ${signatureMicros.min.toFixed(0)} us (median ${signatureMicros.median.toFixed(0)}); in a fresh process the import takes ${ms(importMs.min)} ms (median ${ms(importMs.median)}), and from \`new LiteSVM()\` to the result of a transfer it is ${ms(startMs.min)} ms (median ${ms(startMs.median)}).`,
      columns: ['transaction', 'alcatraz', 'litesvm', 'share'],
      words: 1,
      rows: transactions.map(({ name, runs }) => [
        name,
        shown(timeOf(runs, 'alcatraz'), perSecond),
        shown(timeOf(runs, 'litesvm'), perSecond),
        shown(ratio(runs, 'alcatraz', 'litesvm'), times),
      ]),
    },
  ]
}

function ratioTarget(
  name: string,
  found: readonly number[],
  wanted: number,
  worst: boolean,
): Target[] {
  if (found.length === 0) return []
  const got = worst ? Math.min(...found) : meanOf(found)
  return [
    {
      name,
      wanted: `>= ${wanted.toFixed(1)}x`,
      got: `${got.toFixed(2)}x`,
      met: got >= wanted,
    },
  ]
}

export function solanaTargets({
  compute,
  signatureMicros,
  startMs,
  transactions,
}: SolanaUse): Target[] {
  const known = (values: readonly (number | undefined)[]): number[] =>
    values.filter((value) => value !== undefined)
  const jit = known(compute.map(({ runs }) => ratio(runs, 'recomp', 'litesvm')))
  const interp = known(compute.map(({ runs }) => ratio(runs, 'interp', 'agave interpreter')))
  const second = 1e6 / signatureMicros.min
  return [
    ...ratioTarget("sBPF recompiled against litesvm's JIT, mean", jit, speedup, false),
    ...ratioTarget("sBPF recompiled against litesvm's JIT, worst", jit, 1, true),
    ...ratioTarget("sBPF interp against Agave's interpreter, mean", interp, interpreted, false),
    ...transactions.flatMap(({ name, runs }) =>
      ratioTarget(
        `${name}s a second, share of litesvm's`,
        known([ratio(runs, 'alcatraz', 'litesvm')]),
        rateShare,
        true,
      ),
    ),
    {
      name: 'signatures verified a second',
      wanted: `>= ${thousands(signatures)}`,
      got: thousands(Math.round(second)),
      met: second >= signatures,
    },
    {
      name: 'new LiteSVM() to its first transaction, fresh process',
      wanted: `< ${start} ms`,
      got: `${startMs.min.toFixed(1)} ms (median ${startMs.median.toFixed(1)})`,
      met: startMs.min < start,
    },
  ]
}
