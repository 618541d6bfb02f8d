/**
 * Mutation fuzzing, guided by coverage, of everything that reads foreign bytes. Only an
 * `InputError` with its code may come out. `ALCATRAZ_FUZZ_SECONDS` for longer than the default,
 * `ALCATRAZ_FUZZ_SEED` for other mutations, `ALCATRAZ_FUZZ_ONLY` for the targets whose names have one
 * of these words in them, between commas.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { batch, type TargetReport } from './fuzzer.ts'
import { targets } from './targets.ts'
import type { WorkerInput } from './worker.ts'

const seconds = Number(process.env['ALCATRAZ_FUZZ_SECONDS'] ?? 12)
const seed = Number(process.env['ALCATRAZ_FUZZ_SEED'] ?? 1)
const only = (process.env['ALCATRAZ_FUZZ_ONLY'] ?? '').split(',')
/** ms; ten times what any input takes on a busy machine. A hang, not a measurement. */
const hang = 10_000
/** ms for one input of at most 16 KiB, on a machine that others use too. */
const tooSlow = 2000

/** Runs a worker to its end; one that stays at the same input is stopped and its input told. */
function reportsOf(names: readonly string[]): Promise<TargetReport[]> {
  return new Promise((resolve, reject) => {
    const current = new SharedArrayBuffer(8 + 65_536)
    const header = new Int32Array(current, 0, 2)
    const milliseconds = seconds * 1000
    const workerData: WorkerInput = { names, milliseconds, seed, current }
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
    let reports: TargetReport[] = []
    let seen = -1
    const watch = setInterval(() => {
      const now = Atomics.load(header, 0)
      if (now !== seen || now === 0) {
        seen = now
        return
      }
      const input = Buffer.from(new Uint8Array(current, 8, header[1]!)).toString('base64')
      reject(new Error(`one of ${names.join(', ')} hangs on ${input}`))
      void worker.terminate()
    }, hang)
    worker.on('message', (all: TargetReport[]) => {
      reports = all
    })
    worker.on('error', reject)
    worker.on('exit', (code) => {
      clearInterval(watch)
      if (code === 0) resolve(reports)
      else reject(new Error(`the worker ended with ${code}`))
    })
  })
}

test('foreign bytes are refused with a typed error, or run', async (t) => {
  const names = targets
    .map(({ name }) => name)
    .filter((name) => only.some((word) => name.includes(word)))
  const reports = await reportsOf(names)
  assert.deepEqual(
    reports.map(({ target }) => target),
    names,
  )
  for (const r of reports) {
    t.diagnostic(
      `${r.target}: ${r.executions} inputs, ${r.accepted} accepted, ${r.codes.size} codes, ` +
        `corpus ${r.corpus}, ${r.functions} functions, worst ${r.slowest.toFixed(1)} ms and ` +
        `${r.slowestPerKiB.toFixed(1)} ms/KiB, peak ${r.peakMiB.toFixed(0)} MiB`,
    )
  }
  const findings = reports.flatMap((r) => r.findings)
  assert.deepEqual(findings, [])
  for (const { target, slowest, executions, accepted, codes } of reports) {
    assert.ok(executions >= batch, `${target}: ${executions} inputs`)
    assert.ok(codes.size > 0, `${target}: nothing was refused`)
    assert.ok(accepted > 0, `${target}: nothing was taken`)
    assert.ok(slowest < tooSlow, `${target}: ${slowest} ms for one input`)
  }
})
