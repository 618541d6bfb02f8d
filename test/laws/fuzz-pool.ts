import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { addTo, type ChunkResult, chunkSize, type Failure, firstSeed } from './fuzz-chunk.ts'
import { noTally, type Tally } from './trio.ts'

export interface FuzzOptions {
  /** Programs of at least 50 executed instructions that are wanted. */
  readonly programs: number
  /** 1..100: which programs. */
  readonly seed: number
  readonly processes: number
  /** Where results are kept so that a run that was stopped goes on; absent: nowhere. */
  readonly state?: string
  /** After each chunk. */
  readonly progress?: (tally: Tally, chunks: number) => void
  /** A run ends at the first failure, unless this many are wanted. */
  readonly failures?: number
}

export interface FuzzResult {
  readonly tally: Tally
  readonly failures: readonly Failure[]
  readonly chunks: number
}

interface Saved {
  readonly seed: number
  readonly chunks: number
  readonly sum: ChunkResult
}

function load(path: string | undefined, seed: number): Saved | undefined {
  if (path === undefined || !existsSync(path)) return undefined
  const saved: Saved = JSON.parse(readFileSync(path, 'utf8'))
  if (saved.seed !== seed) throw new Error(`${path} is of a run with seed ${saved.seed}`)
  return saved
}

function plain(tally: Tally): ChunkResult {
  const { ends, counts, lifted, ...rest } = tally
  const lists = { counts: [...counts], lifted: [...lifted], failures: [] }
  return { ...rest, ...lists, ends: Object.fromEntries(ends) }
}

/** Results count in the order of their chunks: the sum does not depend on who was faster. */
class Ledger {
  readonly tally: Tally = noTally()
  readonly failures: Failure[] = []
  /** Chunks that are in the tally. */
  chunks = 0
  private readonly waiting = new Map<number, ChunkResult>()
  private readonly options: FuzzOptions

  constructor(options: FuzzOptions) {
    this.options = options
    const saved = load(options.state, options.seed)
    if (saved === undefined) return
    addTo(this.tally, saved.sum)
    this.chunks = saved.chunks
  }

  get done(): boolean {
    const { failures = 1, programs } = this.options
    return this.tally.long >= programs || this.failures.length >= failures
  }

  take(chunk: number, result: ChunkResult): void {
    this.waiting.set(chunk, result)
    for (;;) {
      const next = this.waiting.get(this.chunks)
      if (next === undefined || this.done) return
      this.waiting.delete(this.chunks)
      addTo(this.tally, next)
      this.failures.push(...next.failures)
      this.chunks++
      if (this.failures.length === 0) this.save()
      this.options.progress?.(this.tally, this.chunks)
    }
  }

  private save(): void {
    const { seed, state } = this.options
    if (state === undefined) return
    const saved: Saved = { seed, chunks: this.chunks, sum: plain(this.tally) }
    writeFileSync(`${state}.new`, JSON.stringify(saved))
    renameSync(`${state}.new`, state)
  }
}

const worker = fileURLToPath(new URL('fuzz-worker.js', import.meta.url))

/** Runs random programs on all engines, in several processes. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const ledger = new Ledger(options)
  let next = ledger.chunks
  const children: ChildProcess[] = []
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // most garbage dies young: a larger nursery spares copies; other cores have workers of their own
      const execArgv = ['--max-semi-space-size=64', '--single-threaded']
      const child = fork(worker, { execArgv })
      children.push(child)
      let chunk = -1
      const give = (): void => {
        if (ledger.done) {
          child.disconnect()
          return resolve()
        }
        chunk = next++
        child.send({ first: firstSeed(options.seed, chunk), programs: chunkSize })
      }
      child.on('message', (result: ChunkResult) => {
        ledger.take(chunk, result)
        give()
      })
      child.on('error', reject)
      child.on('exit', (code, signal) => {
        if (code !== 0)
          reject(new Error(`chunk ${chunk}: the process ended with ${code ?? signal}`))
      })
      give()
    })
  try {
    await Promise.all(Array.from({ length: options.processes }, work))
  } finally {
    for (const child of children) child.kill()
  }
  return { tally: ledger.tally, failures: ledger.failures, chunks: ledger.chunks }
}
