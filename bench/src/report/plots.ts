import type { Results } from '../results.ts'
import { bars, lines } from './svg.ts'

/** Plots by file name without the mode; parts that did not run have none. */
export function plotsOf({ linearity, throughput }: Results): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  if (throughput !== undefined) {
    const groups = throughput.rows.map(({ interp, isa, peer, reference, workload }) => ({
      name: `${isa} ${workload}`,
      values: [interp, peer, reference],
    }))
    const series = ['interp', 'anan-as', 'reference']
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
