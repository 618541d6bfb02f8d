import type { Latency, Target, Throughput } from './results.ts'

/** The workloads that the promises are about. */
const promised = ['sieve', 'sha256', 'quicksort']
const speed = 150
const ratio = 4
const firstInstruction = 5

/** What was promised against what was found; only parts that ran are judged. */
export function targetsOf(parts: {
  readonly throughput?: Throughput
  readonly latency?: readonly Latency[]
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
  return out
}
