/** `node --no-liftoff costs-child.js MODE` prints `Costs`. */
import type { Machine } from 'alcatraz-vm'
import { bpfWorkloads, pvmWorkloads, resultOf, type Workload } from './guests.ts'
import { modes } from './modes.ts'
import { sayNothing, sayOf } from './progress.ts'
import type { CostRow, Costs } from './results.ts'
import { isConfirmed, spreadOf } from './stats.ts'
import { Variant } from './substitute.ts'
import { WasmGuest } from './wasm.ts'

const mode = Object.values(modes).find(({ name }) => name === process.argv[2]) ?? modes.full
const plenty = 1n << 60n
const variants = {
  full: { gas: true, checks: true },
  noGas: { gas: false, checks: true },
  noChecks: { gas: true, checks: false },
  neither: { gas: false, checks: false },
} as const
type Way = keyof typeof variants | 'wasm'

interface Contest {
  readonly workload: Workload
  readonly ways: readonly {
    readonly way: Way
    readonly ms: number[]
    run(first: boolean): number
  }[]
}

function run(workload: Workload, variant: Variant, way: Way, first: boolean): number {
  const machine: Machine = variant.ready(plenty)
  const start = performance.now()
  const exit = machine.run()
  const ms = performance.now() - start
  const result = resultOf(machine, workload, (address) => variant.address(address))
  if (first) variant.check(machine)
  const { code } = machine.stats
  if (code?.origin === 'none') throw new Error(`${workload.name}: nothing was generated`)
  machine.dispose()
  same(workload, way, exit.kind === 'halt' ? result : undefined)
  return ms
}

const answers = new Map<Workload, bigint>()
function same(workload: Workload, way: Way, result: bigint | undefined): void {
  const wanted = workload.size.expected ?? answers.get(workload)
  if (result === undefined || (wanted !== undefined && result !== wanted))
    throw new Error(`${workload.isa} ${workload.name}, ${way}: ${result}, not ${wanted}`)
  answers.set(workload, result)
}

function contestOf(workload: Workload): Contest {
  const ways = Object.entries(variants).map(([name, parts]) => {
    const way = name as keyof typeof variants
    const variant = new Variant(workload, parts)
    return {
      way: way as Way,
      ms: [0].slice(1),
      run: (first: boolean) => run(workload, variant, way, first),
    }
  })
  if (workload.isa === 'PVM') return { workload, ways }
  const guest = new WasmGuest(workload)
  const wasm = (): number => {
    const { ms, result } = guest.run()
    same(workload, 'wasm', result)
    return ms
  }
  return { workload, ways: [...ways, { way: 'wasm', ms: [], run: wasm }] }
}

function rowOf({ ways, workload }: Contest): CostRow {
  const spreads = Object.fromEntries(ways.map(({ ms, way }) => [way, spreadOf(ms)]))
  return { workload: workload.name, isa: workload.isa, ...spreads } as CostRow
}

const say = sayOf(process.stderr)('costs')
const contests = [...bpfWorkloads(mode.size), ...pvmWorkloads(mode.size)].map(contestOf)
const { costRounds } = mode
const mostRounds = 4 * costRounds

/** Each way once; each time another one is the first, so that none always finds the same caches. */
function round({ ways, workload }: Contest, number: number): void {
  const which = number < 0 ? 'compiling' : `round ${number + 1} of ${costRounds}`
  say(`${which}: ${workload.isa} ${workload.name}`)
  ways.forEach((_, i) => {
    const { ms, run: once } = ways[(i + number + ways.length) % ways.length]!
    const found = once(number < 0)
    if (number >= 0) ms.push(found)
  })
}

// the first round compiles
for (let number = -1; number < costRounds; number++)
  for (const contest of contests) round(contest, number)
// a machine that does other things too needs more rounds until a smallest time is no accident
for (let number = costRounds; number < mostRounds; number++)
  for (const contest of contests)
    if (!contest.ways.every(({ ms }) => isConfirmed(ms))) round(contest, number)
sayNothing(process.stderr)
const found: Costs = { rounds: costRounds, rows: contests.map(rowOf) }
process.stdout.write(`${JSON.stringify(found)}\n`)
