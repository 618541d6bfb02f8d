/** Fuzzes the targets it is told to, one after the other, where it can be stopped from outside. */
import { parentPort, workerData } from 'node:worker_threads'
import { Coverage } from './coverage.ts'

export interface WorkerInput {
  readonly names: readonly string[]
  /** For all of them together. */
  readonly milliseconds: number
  readonly seed: number
  /** [number of inputs so far, length of the current one], then its octets. */
  readonly current: SharedArrayBuffer
}

const { names, milliseconds, seed, current } = workerData as WorkerInput
const header = new Int32Array(current, 0, 2)
const input = new Uint8Array(current, 8)
function before(bytes: Uint8Array): void {
  input.set(bytes.subarray(0, input.length))
  header[1] = bytes.length
  Atomics.add(header, 0, 1)
}

// before what it counts is loaded: functions that were compiled already are not counted
const coverage = new Coverage(['/vm/dist/', '/node/dist/'])
const { Fuzzer } = await import('./fuzzer.ts')
const { targets } = await import('./targets.ts')
const chosen = targets.filter(({ name }) => names.includes(name))
const shares = chosen.reduce((sum, { share = 1 }) => sum + share, 0)
const fuzzers = chosen.map((target) => {
  const { share = 1 } = target
  return new Fuzzer(target, { seed, milliseconds: (milliseconds * share) / shares, before })
})
for (const fuzzer of fuzzers) fuzzer.guided(coverage)
coverage.close()
for (const fuzzer of fuzzers) fuzzer.plain()
parentPort!.postMessage(fuzzers.map(({ report }) => report))
