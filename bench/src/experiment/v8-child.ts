/** `node v8-child.js FILE ...` runs a guest's Wasm build in V8 and prints a `Report`. */
import { readFileSync } from 'node:fs'
import { jobOf, onlyOf, type Report, repeated, Stages, tieringRoom } from './protocol.ts'
import { markedModule } from './wasm-code.ts'

type Run = (n: bigint) => bigint

const job = jobOf(process.argv.slice(2))
const bytes = readFileSync(job.file)
const before = process.memoryUsage.rss()
const call = (run: Run, n: number): bigint => BigInt.asUintN(64, run(BigInt(n)))

let count = 0
let latest: Run | undefined
const cycles = repeated(job.cycles, job.budget, () => {
  const marked = markedModule(bytes, count++)
  const stages = new Stages()
  const module = stages.time('translate', () => new WebAssembly.Module(marked))
  const run = stages.time(
    'instantiate',
    () => new WebAssembly.Instance(module).exports['run'] as Run,
  )
  latest = run
  return { small: stages.time('first', () => call(run, job.small)), cycle: stages.cycle }
})
const runs = repeated(job.runs, tieringRoom * job.budget, () => {
  const start = performance.now()
  const result = call(latest!, job.n)
  return { ns: Math.round((performance.now() - start) * 1e6), result }
})
const report: Report = {
  version: `V8 ${process.versions.v8}`,
  engine: 0,
  cycles: cycles.map(({ cycle }) => cycle),
  runs: runs.map(({ ns }) => ns),
  result: onlyOf(runs.map(({ result }) => result)),
  small: onlyOf(cycles.map(({ small }) => small)),
  resident: Math.max(0, process.memoryUsage.rss() - before),
  code: null,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
