import type { Results } from '../results.ts'
import { bars, lines } from './svg.ts'

/** Plots by file name without the mode; parts that did not run have none. */
export function plotsOf({ linearity, throughput }: Results): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  if (throughput !== undefined) {
    const groups = throughput.rows.map(({ interp, isa, peer, recomp, workload }) => ({
      name: `${isa} ${workload}`,
      values: [recomp, interp, peer],
    }))
    const series = ['recomp', 'interp', 'anan-as']
    const compared = throughput.rows.flatMap(({ isa, wasm, workload }) =>
      wasm === undefined ? [] : [{ name: `${isa} ${workload}`, values: [wasm.recompMs, wasm.ms] }],
    )
    const title = 'Milliseconds by the same C source: eBPF on recomp, WebAssembly by clang'
    out.set('wasm', bars(title, ['recomp', 'WebAssembly'], compared))
    out.set('throughput', bars('Million guest instructions a second', series, groups))
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
  return out
}
