import type { Experiment } from '../results.ts'
import { bars } from './svg.ts'

/** What the plots compare; a machine that did not run has no bars. */
const machines = [
  ['V8', 'Wasm'],
  ['recomp', 'AVM'],
  ['recomp', 'PVM'],
  ['recomp', 'eBPF'],
  ['polkavm', 'PVM'],
  ['Cranelift, fuel', 'Wasm'],
] as const
const sizesOf = ['Wasm', 'AVM', 'PVM', 'RISC-V', 'eBPF', 'sBPF'] as const

/** Plots by file name without the mode. */
export function experimentPlots({ programs, rows, sizes }: Experiment): [string, string][] {
  const run = (program: string, vm: string, format: string): number | undefined =>
    rows.find((row) => row.program === program && row.vm === vm && row.format === format)?.run?.min
  const groups = programs.map(({ name }) => {
    const wasm = run(name, 'V8', 'Wasm')
    const values = machines.map(([vm, format]) => {
      const found = run(name, vm, format)
      return found === undefined || wasm === undefined ? undefined : found / wasm
    })
    return { name, values }
  })
  const series = machines.map(([vm, format]) => (vm === 'recomp' ? format : vm))
  const size = programs.map(({ name }) => ({
    name,
    values: sizesOf.map(
      (format) =>
        sizes.find((row) => row.program === name && row.level === 'Oz' && row.format === format)
          ?.code,
    ),
  }))
  return [
    ['experiment', bars('Time over that of the Wasm build in V8', series, groups)],
    ['experiment-size', bars('Bytes of code at -Oz', sizesOf, size)],
  ]
}
