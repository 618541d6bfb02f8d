import { costLimits, partRatios, wasmRatios } from './report/costs.ts'
import { experimentTargets } from './report/experiment-targets.ts'
import { hostileTargets } from './report/hostile.ts'
import { solanaTargets } from './report/solana.ts'
import { stateTargets } from './report/state.ts'
import type {
  Costs,
  Emission,
  Experiment,
  Hostile,
  Latency,
  SolanaUse,
  StateUse,
  Target,
  Throughput,
} from './results.ts'
import { meanOf } from './stats.ts'

/** The workloads that the promises are about. */
const promised = ['sieve', 'sha256', 'quicksort']
const speed = 150
const ratio = 4
const firstInstruction = 5

/** Of recomp: over interp; instructions in generated code. */
const speedup = 8
const generated = 0.999
/** Million bytes a second; milliseconds. */
const emitted = 5
const firstGenerated = 25
const fromDisk = 3
const firstResult = 60

const least = (name: string, found: number, wanted: number): Target => ({
  name,
  wanted: `>= ${wanted.toFixed(1)}x`,
  got: `${found.toFixed(1)}x`,
  met: found >= wanted,
})
const most = (name: string, found: number, wanted: number): Target => ({
  name,
  wanted: `<= ${wanted.toFixed(2)}x`,
  got: `${found.toFixed(2)}x`,
  met: found <= wanted,
})

function recompTargets({ rows }: Throughput): Target[] {
  const share = Math.min(...rows.map((row) => row.generated))
  return [
    least('recomp against interp, mean', meanOf(rows.map((row) => row.speedup)), speedup),
    {
      name: 'instructions in generated code, least',
      wanted: `>= ${(generated * 100).toFixed(1)} %`,
      got: `${(share * 100).toFixed(3)} %`,
      met: share >= generated,
    },
  ]
}

function costTargets(costs: Costs): Target[] {
  const ratios = wasmRatios(costs)
  const { parts, wasmMean, wasmWorst } = costLimits
  return [
    most('recomp against WebAssembly, mean', meanOf(ratios), wasmMean),
    most('recomp against WebAssembly, worst', Math.max(...ratios), wasmWorst),
    most('PVM against itself without gas and checks', meanOf(partRatios(costs, 'PVM')), parts),
  ]
}

function emissionTargets({ rows, start }: Emission): Target[] {
  const within = (
    name: string,
    found: { min: number; median: number },
    wanted: number,
  ): Target => ({
    name,
    wanted: `< ${wanted} ms`,
    got: `${found.min.toFixed(2)} ms (median ${found.median.toFixed(2)})`,
    met: found.min < wanted,
  })
  return [
    ...rows.flatMap(({ bytes, disk, first, isa, speed: found }) => [
      {
        name: `emission, ${isa}`,
        wanted: `>= ${emitted} MB/s`,
        got: `${found.toFixed(1)} MB/s`,
        met: found >= emitted,
      },
      within(
        `generated code of ${(bytes / 1000).toFixed(0)} KB of unseen ${isa} runs`,
        first,
        firstGenerated,
      ),
      within(`the same ${isa} from the disk`, disk, fromDisk),
    ]),
    within('first result in a fresh process', start.result, firstResult),
  ]
}

/** What was promised against what was found; only parts that ran are judged. */
export function targetsOf(parts: {
  readonly throughput?: Throughput
  readonly costs?: Costs
  readonly hostile?: Hostile
  readonly latency?: readonly Latency[]
  readonly emission?: Emission
  readonly state?: StateUse
  readonly solana?: SolanaUse
  readonly experiment?: Experiment
}): Target[] {
  const out: Target[] = []
  for (const row of parts.throughput?.rows ?? []) {
    if (!promised.includes(row.workload)) continue
    out.push({
      name: `interp, ${row.isa} ${row.workload}`,
      wanted: `>= ${speed} M instr/s`,
      got: `${row.interp.toFixed(0)} M instr/s`,
      met: row.interp >= speed,
    })
    if (row.ratio !== undefined)
      out.push({
        name: `interp against the peer, ${row.workload}`,
        wanted: `>= ${ratio.toFixed(1)}x`,
        got: `${row.ratio.toFixed(1)}x`,
        met: row.ratio >= ratio,
      })
  }
  for (const { bytes, gas, isa, total } of parts.latency ?? []) {
    // the promise is about gas per instruction
    if (gas === 'pvm-pipeline-l2') continue
    out.push({
      name: `first instruction of ${(bytes / 1000).toFixed(0)} KB of unseen ${isa}`,
      wanted: `< ${firstInstruction} ms`,
      got: `${total.min.toFixed(2)} ms (median ${total.median.toFixed(2)})`,
      met: total.min < firstInstruction,
    })
  }
  if (parts.throughput !== undefined) out.push(...recompTargets(parts.throughput))
  if (parts.costs !== undefined) out.push(...costTargets(parts.costs))
  if (parts.emission !== undefined) out.push(...emissionTargets(parts.emission))
  if (parts.hostile !== undefined) out.push(...hostileTargets(parts.hostile))
  if (parts.state !== undefined) out.push(...stateTargets(parts.state))
  if (parts.solana !== undefined) out.push(...solanaTargets(parts.solana))
  if (parts.experiment !== undefined) out.push(...experimentTargets(parts.experiment))
  return out
}
