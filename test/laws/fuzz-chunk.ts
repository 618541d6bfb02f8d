import { ArtifactCache, createEngine, interpEngine, referenceEngine } from 'alcatraz-vm'
import { Disagreement } from './compare.ts'
import { endKinds, opCount, Watch } from './coverage.ts'
import { fuzzTrial } from './fuzz-trials.ts'
import { noTally, runTrio, type Tally } from './trio.ts'

/** No program comes twice: thousands of kept modules would only be in the way of the collector. */
const recompEngine = createEngine({
  name: 'recomp',
  after: 0,
  cache: new ArtifactCache({ count: 4, bytes: 1 << 20 }),
})
export const fuzzEngines = [referenceEngine, interpEngine, recompEngine] as const

/** Programs that are run at a time; results are kept by chunks. */
export const chunkSize = 250

/** The first program of the chunk that a number in 1..100 of the whole run begins with. */
export function firstSeed(run: number, chunk: number): number {
  return (run - 1) * 20_000_000 + chunk * chunkSize
}

export interface Failure {
  readonly seed: number
  readonly message: string
}

/** A tally as plain data. */
export interface ChunkResult {
  readonly programs: number
  readonly long: number
  readonly instructions: number
  readonly runs: number
  readonly ends: Readonly<Record<string, number>>
  readonly counts: readonly number[]
  readonly lifted: readonly number[]
  readonly failures: readonly Failure[]
}

let watch: Watch | undefined

/** Runs `programs` programs from `first` on. */
export function runChunk(first: number, programs: number): ChunkResult {
  watch ??= new Watch()
  const tally = noTally()
  const failures: Failure[] = []
  for (let seed = first; seed < first + programs; seed++) {
    try {
      runTrio(fuzzEngines, fuzzTrial(seed), tally, watch)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const told = error instanceof Disagreement ? message : `broke: ${message}`
      failures.push({ seed, message: told })
    }
  }
  const { ends, counts, lifted, ...rest } = tally
  return {
    ...rest,
    ends: Object.fromEntries(ends),
    counts: [...counts],
    lifted: [...lifted],
    failures,
  }
}

/** Adds the results of a chunk to a tally. */
export function addTo(tally: Tally, chunk: ChunkResult): void {
  tally.programs += chunk.programs
  tally.long += chunk.long
  tally.instructions += chunk.instructions
  tally.runs += chunk.runs
  for (const [end, n] of Object.entries(chunk.ends))
    tally.ends.set(end, (tally.ends.get(end) ?? 0) + n)
  for (let i = 0; i < opCount * endKinds.length; i++) tally.counts[i]! += chunk.counts[i]!
  for (let i = 0; i < tally.lifted.length; i++) tally.lifted[i]! += chunk.lifted[i]!
}
