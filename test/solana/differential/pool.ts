import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Chunk, Report } from './chunk.ts'
import type { Difference } from './pair.ts'
import type { Op } from './subject.ts'
import { merge, newTally, type Tally } from './tally.ts'
import type { FeatureName } from './world.ts'

export interface WorldDifference extends Difference {
  readonly world: number
  readonly ops: readonly Op[]
}

export interface Wanted {
  readonly transactions: number
  readonly seed: string
  readonly processes: number
  readonly only?: string
  readonly features: FeatureName
  /** Of the other side's programs. */
  readonly engine: string
  /** This one alone. */
  readonly world?: number
  readonly progress?: (tally: Tally) => void
  /** Told of every difference as it is found. */
  readonly different?: (found: WorldDifference) => void
}
export interface Found {
  readonly tally: Tally
  readonly differences: readonly WorldDifference[]
  /** Worlds in which the process died: `litesvm` panicked. */
  readonly aborted: readonly number[]
}

/** Transactions of a world, and worlds that a process is given at once. */
const perWorld = 150
const perChunk = 20
/** Differences after which it is enough. */
const enough = 5

/** Runs worlds in other processes until as many transactions are done. */
export async function runAll(wanted: Wanted): Promise<Found> {
  const { seed, only, world, transactions, features, engine } = wanted
  const worlds = Math.ceil(transactions / perWorld)
  const tally = newTally()
  const differences: WorldDifference[] = []
  const aborted: number[] = []
  let next = 0
  const take = (): Chunk | undefined => {
    const from = next
    if (from >= worlds || differences.length >= enough) return undefined
    next = Math.min(worlds, from + perChunk)
    return {
      seed,
      from,
      to: next,
      perWorld,
      features,
      engine,
      ...(only === undefined ? {} : { only }),
    }
  }
  const report = ({ world: at, difference, tally: more }: Report): void => {
    merge(tally, more)
    if (difference !== undefined) {
      differences.push({ world: at, ...difference })
      wanted.different?.(differences.at(-1)!)
    }
    wanted.progress?.(tally)
  }
  const work = async (): Promise<void> => {
    for (let chunk = take(); chunk !== undefined; chunk = take())
      aborted.push(...(await runChunk(chunk, report)))
  }
  if (world === undefined) await Promise.all(Array.from({ length: wanted.processes }, () => work()))
  else aborted.push(...(await runChunk({ ...take()!, from: world, to: world + 1 }, report)))
  return { tally, differences, aborted }
}

/** Runs a chunk, in a new process after every world that ended one; answers those worlds. */
async function runChunk(chunk: Chunk, report: (report: Report) => void): Promise<number[]> {
  const dead: number[] = []
  let from = chunk.from
  while (from < chunk.to) {
    const child = fork(fileURLToPath(new URL('chunk.js', import.meta.url)))
    const code = await serve(child, { ...chunk, from }, (row) => {
      from = row.world + 1
      report(row)
    })
    if (code === 0) break
    dead.push(from++)
  }
  return dead
}

function serve(child: ChildProcess, chunk: Chunk, report: (row: Report) => void): Promise<number> {
  return new Promise((resolve) => {
    child.on('message', (row: Report) => report(row))
    child.on('exit', (code) => resolve(code ?? 1))
    child.send(chunk)
  })
}
