/** `node --expose-gc memory-child.js PROFILE ENGINE MACHINES CHURN` prints a `MemoryRow`. */
import { engineNamed, type Machine } from 'alcatraz-vm'
import { bpfWorkloads, pvmWorkloads, readied, type Workload } from './guests.ts'
import type { MemoryRow } from './results.ts'
import { spreadOf } from './stats.ts'

const [profile = 'linear32', engineName = 'interp', count = '1000', rounds = '1000'] =
  process.argv.slice(2)
const engine = engineNamed(engineName)
const machines = Number(count)
const churn = Number(rounds)
const guest = profile === 'linear32' ? bpfWorkloads : pvmWorkloads
const name = profile === 'linear32' ? 'fib' : 'sha256'
const workload: Workload = guest(0).find((one) => one.name === name)!

function collect(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  return process.memoryUsage.rss()
}

function ran(): Machine {
  const machine = readied(engine, workload, 1_000_000n)
  if (machine.run().kind !== 'halt') throw new Error('a small machine runs to its end')
  return machine
}

ran().dispose()
const before = collect()
const live = Array.from({ length: machines }, ran)
const during = collect()
for (const machine of live) machine.dispose()
live.length = 0
const after = collect()

for (let i = 0; i < Math.min(churn, 50); i++) ran().dispose()
const settled = collect()
const times = Array.from({ length: churn }, () => {
  const start = performance.now()
  readied(engine, workload, 1_000_000n).dispose()
  return (performance.now() - start) * 1000
})
const grown = collect() - settled

const row: MemoryRow = {
  profile,
  engine: engineName,
  machines,
  liveKiB: (during - before) / machines / 1024,
  disposedKiB: (after - before) / machines / 1024,
  churn,
  medianMicros: spreadOf(times).median,
  meanMicros: times.reduce((sum, time) => sum + time, 0) / churn,
  worstMicros: Math.max(...times),
  churnGrowthMiB: grown / 2 ** 20,
}
process.stdout.write(`${JSON.stringify(row)}\n`)
