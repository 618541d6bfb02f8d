/** `node --no-liftoff costs-child.js MODE` prints `Costs`. */
import type { Machine } from 'alcatraz-vm'
import { bpfWorkloads, pvmWorkloads, resultOf, type Workload } from './guests.ts'
import { modes } from './modes.ts'
import { sayNothing, sayOf } from './progress.ts'
import type { CostRow, Costs } from './results.ts'
import { spreadOf } from './stats.ts'
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
  readonly ways: readonly { readonly way: Way; readonly ms: number[]; run(): number }[]
}

function run(workload: Workload, variant: Variant, way: Way): number {
  const machine: Machine = variant.ready(plenty)
  const start = performance.now()
  const exit = machine.run()
  const ms = performance.now() - start
  const result = resultOf(machine, workload, (address) => variant.address(address))
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
    return { way: way as Way, ms: [0].slice(1), run: () => run(workload, variant, way) }
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
// the first round compiles
for (let round = -1; round < costRounds; round++)
  for (const { ways, workload } of contests) {
    const which = round < 0 ? 'compiling' : `round ${round + 1} of ${costRounds}`
    say(`${which}: ${workload.isa} ${workload.name}`)
    // each time another one is the first, so that none always finds the caches the same
    ways.forEach((_, i) => {
      const { ms, run: once } = ways[(i + round + ways.length) % ways.length]!
      const found = once()
      if (round >= 0) ms.push(found)
    })
  }
sayNothing(process.stderr)
const found: Costs = { rounds: costRounds, rows: contests.map(rowOf) }
process.stdout.write(`${JSON.stringify(found)}\n`)
