import type { Results } from '../results.ts'
import { costTables } from './costs.ts'
import { experimentTables } from './experiment.ts'
import { ms, pair, share, size, speed, type Table, thousands, times } from './format.ts'
import { hostileTables } from './hostile.ts'
import { solanaTables } from './solana.ts'
import { stateTables } from './state.ts'

/** Everything that was measured, as tables; parts that did not run are left out. */
export function tablesOf(results: Results): Table[] {
  const out: Table[] = []
  const { calls, emission, latency, linearity, memory, targets, throughput } = results
  if (throughput !== undefined) {
    out.push({
      title: 'Throughput',
      note: 'Million guest instructions a second, fastest of interleaved runs; every result checked.',
      columns: [
        'workload',
        'isa',
        'instructions',
        'recomp',
        'interp',
        'recomp / interp',
        'generated',
        'reference',
        'peer',
        'interp / peer',
      ],
      words: 2,
      rows: throughput.rows.map((row) => [
        row.workload,
        row.isa,
        thousands(row.instructions),
        speed(row.recomp),
        speed(row.interp),
        times(row.speedup),
        share(row.generated),
        speed(row.reference),
        speed(row.peer),
        row.ratio === undefined ? '' : times(row.ratio),
      ]),
    })
    out.push({
      title: `Peer: ${throughput.peer.name}`,
      note: 'Its builds and ways to run on a small sieve, M instr/s; the fastest is the peer above.',
      columns: ['build', 'function', 'used', 'speed'],
      words: 3,
      rows: throughput.peer.builds.map(({ api, build, chosen, speed: found }) => [
        build,
        api,
        chosen ? 'yes' : '',
        speed(found),
      ]),
    })
  }
  if (results.costs !== undefined) out.push(...costTables(results.costs))
  if (calls !== undefined)
    out.push({
      title: 'Messages',
      note: 'Microseconds for a message through executeMessage: steady, of a program at hand; the first to one that comes as bytes, whose code the engine has cached, or has not seen.',
      columns: [
        'message',
        'program',
        'engine',
        'instructions',
        'generated',
        'min',
        'median',
        'p95',
      ],
      words: 3,
      rows: calls.map((row) => [
        row.call,
        row.state,
        row.engine,
        thousands(row.instructions),
        share(row.generated),
        row.micros.min.toFixed(1),
        row.micros.median.toFixed(1),
        row.micros.p95.toFixed(1),
      ]),
    })
  if (latency !== undefined) {
    out.push({
      title: 'Latency',
      note: 'Milliseconds from the bytes of an unseen program to its first instruction, warm process.',
      columns: ['isa', 'gas', 'bytes', 'instructions', 'min', 'median', 'p95'],
      words: 2,
      rows: latency.map(({ bytes, gas, instructions, isa, total }) => [
        isa,
        gas,
        thousands(bytes),
        thousands(instructions),
        ms(total.min),
        ms(total.median),
        ms(total.p95),
      ]),
    })
    out.push({
      title: 'Stages of it',
      note: 'Milliseconds, smallest / median over the samples.',
      columns: ['isa', 'gas', ...(latency[0]?.stages.map(({ name }) => name) ?? [])],
      words: 2,
      rows: latency.map(({ gas, isa, stages }) => [
        isa,
        gas,
        ...stages.map(({ median, min }) => `${ms(min)} / ${ms(median)}`),
      ]),
    })
  }
  if (emission !== undefined) {
    out.push({
      title: 'Emission',
      note: 'Unseen programs on recomp, warm process: min / median ms; first: from bytes to generated code running; cached: of equal code, again; disk: of code in a folder.',
      columns: ['isa', 'bytes', 'of Wasm', 'emit', 'V8', 'first', 'p95', 'cached', 'disk', 'MB/s'],
      words: 1,
      rows: emission.rows.map((row) => [
        row.isa,
        thousands(row.bytes),
        thousands(row.wasmBytes),
        pair(row.emit),
        pair(row.compile),
        pair(row.first),
        ms(row.first.p95),
        pair(row.cached),
        pair(row.disk),
        row.speed.toFixed(1),
      ]),
    })
    out.push({
      title: 'Fresh process',
      note: 'Milliseconds from before the import, through interp; a contract is linked, lifted and run.',
      columns: ['until', 'processes', 'min', 'median', 'p95'],
      words: 1,
      rows: (['import', 'result'] as const).map((name) => {
        const { [name]: spread, samples } = emission.start
        return [name, `${samples}`, ms(spread.min), ms(spread.median), ms(spread.p95)]
      }),
    })
  }
  if (linearity !== undefined)
    out.push({
      title: 'Linearity',
      note: 'Milliseconds to decode, lift and verify; fitted: a + b x bytes; off: the worst relative error.',
      columns: [
        'input',
        'shape',
        ...(linearity[0]?.points.map(({ bytes }) => size(bytes)) ?? []),
        'a (us)',
        'b (ns/byte)',
        'off',
      ],
      words: 2,
      rows: linearity.map(({ fit, input, points, shape }) => [
        input,
        shape,
        ...points.map((point) => ms(point.ms)),
        (fit.a * 1e3).toFixed(1),
        (fit.b * 1e6).toFixed(2),
        `${(fit.deviation * 100).toFixed(0)} %`,
      ]),
    })
  if (results.hostile !== undefined) out.push(...hostileTables(results.hostile))
  if (memory !== undefined)
    out.push({
      title: 'Memory',
      note: 'Resident KiB for each of many machines; then microseconds to make and dispose one, over and over.',
      columns: [
        'profile',
        'engine',
        'machines',
        'live',
        'disposed',
        'churn',
        'median',
        'mean',
        'worst',
        'growth (MiB)',
      ],
      words: 2,
      rows: memory.rows.map((row) => [
        row.profile,
        row.engine,
        thousands(row.machines),
        row.liveKiB.toFixed(1),
        row.disposedKiB.toFixed(1),
        thousands(row.churn),
        row.medianMicros.toFixed(1),
        row.meanMicros.toFixed(1),
        row.worstMicros.toFixed(0),
        row.churnGrowthMiB.toFixed(1),
      ]),
    })
  if (results.state !== undefined) out.push(...stateTables(results.state))
  if (results.solana !== undefined) out.push(...solanaTables(results.solana))
  if (results.experiment !== undefined) out.push(...experimentTables(results.experiment))
  if (targets.length > 0)
    out.push({
      title: 'Targets',
      note: 'What was promised, on whatever machine this is.',
      columns: ['target', 'wanted', 'got', 'met'],
      words: 4,
      rows: targets.map(({ got, met, name, wanted }) => [name, wanted, got, met ? 'yes' : 'NO']),
    })
  return out
}
