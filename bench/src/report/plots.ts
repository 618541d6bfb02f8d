import type { Results } from '../results.ts'
import { experimentPlots } from './experiment-plots.ts'
import { bars, lines } from './svg.ts'

/** Plots by file name without the mode; parts that did not run have none. */
export function plotsOf({
  costs,
  experiment,
  linearity,
  throughput,
}: Results): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  if (throughput !== undefined) {
    const groups = throughput.rows.map(({ interp, isa, peer, recomp, workload }) => ({
      name: `${isa} ${workload}`,
      values: [recomp, interp, peer],
    }))
    const series = ['recomp', 'interp', 'anan-as']
    out.set('throughput', bars('Million guest instructions a second', series, groups))
  }
  if (costs !== undefined) {
    const compared = costs.rows.flatMap(({ full, isa, neither, wasm, workload }) =>
      wasm === undefined
        ? []
        : [{ name: `${isa} ${workload}`, values: [full.min, neither.min, wasm.min] }],
    )
    const series = ['recomp', 'neither', 'WebAssembly']
    const title = 'Milliseconds by the same C source: eBPF, without gas and checks, WebAssembly'
    out.set('wasm', bars(title, series, compared))
    const parts = costs.rows.map(({ full, isa, neither, noChecks, noGas, workload }) => ({
      name: `${isa} ${workload}`,
      values: [full, noGas, noChecks, neither].map(({ min }) => min / neither.min),
    }))
    const ways = ['full', 'no gas', 'no checks', 'neither']
    out.set('costs', bars('Time over that without gas and checks', ways, parts))
  }
  for (const input of new Set(linearity?.map((line) => line.input) ?? [])) {
    const curves = linearity!
      .filter((line) => line.input === input)
      .map(({ points, shape }) => ({
        name: shape,
        points: points.map(({ bytes, ms }) => ({ x: bytes, y: ms })),
      }))
    const name = `linearity-${input.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
    out.set(name, lines(`Decode, lift, verify: ${input}`, 'bytes', 'ms', curves))
  }
  if (experiment !== undefined)
    for (const [name, svg] of experimentPlots(experiment)) out.set(name, svg)
  return out
}
