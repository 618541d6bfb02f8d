import { emulator } from '../experiment/programs.ts'
import type { CycleTimes, Experiment, ExperimentRow, Target } from '../results.ts'
import { meanOf } from '../stats.ts'

/** Rows by program, virtual machine and format. */
class Rows {
  private readonly rows: readonly ExperimentRow[]

  constructor(rows: readonly ExperimentRow[]) {
    this.rows = rows
  }

  private at(program: string, vm: string, format: string): ExperimentRow | undefined {
    return this.rows.find(
      (row) => row.program === program && row.vm === vm && row.format === format,
    )
  }

  run(program: string, [vm, format]: Side): number | undefined {
    return this.at(program, vm, format)?.run?.min
  }

  cycle(program: string, [vm, format]: Side, kind: 'warm' | 'disk'): CycleTimes | undefined {
    return this.at(program, vm, format)?.[kind]
  }

  /** Least time of `a` over that of `b`, by program, where both ran. */
  ratios(a: Side, b: Side): ReadonlyMap<string, number> {
    const out = new Map<string, number>()
    for (const program of new Set(this.rows.map((row) => row.program))) {
      const [mine, theirs] = [this.run(program, a), this.run(program, b)]
      if (mine !== undefined && theirs !== undefined) out.set(program, mine / theirs)
    }
    return out
  }
}

type Side = readonly [vm: string, format: string]

const times = (n: number): string => `${n.toFixed(2)}x`

function atMost(name: string, found: number | undefined, wanted: number, where = ''): Target[] {
  if (found === undefined) return []
  const got = `${times(found)}${where}`
  return [{ name, wanted: `<= ${times(wanted)}`, got, met: found <= wanted }]
}

function within(name: string, found: number | undefined, wanted: number): Target[] {
  if (found === undefined) return []
  return [{ name, wanted: `<= ${wanted} ms`, got: `${found.toFixed(1)} ms`, met: found <= wanted }]
}

/** The emulator, and the mean of all programs, as multiples of what the other takes. */
function against(
  rows: Rows,
  name: string,
  [mine, theirs]: readonly [Side, Side],
  wanted: { readonly emulator?: number; readonly mean?: number; readonly worst?: number },
): Target[] {
  const ratios = rows.ratios(mine, theirs)
  if (ratios.size === 0) return []
  const values = [...ratios.values()]
  const [worst, program] = [...ratios]
    .map(([key, value]) => [value, key] as const)
    .sort()
    .at(-1)!
  return [
    ...(wanted.emulator === undefined
      ? []
      : atMost(`${name}, NES emulator`, ratios.get(emulator), wanted.emulator)),
    ...(wanted.mean === undefined ? [] : atMost(`${name}, mean`, meanOf(values), wanted.mean)),
    ...(wanted.worst === undefined
      ? []
      : atMost(`${name}, worst`, worst, wanted.worst, ` (${program})`)),
  ]
}

/** Bytes to ready is a cycle without its call. */
function ready(times: CycleTimes | undefined): number | undefined {
  if (times === undefined) return undefined
  const { first = 0, ...rest } = times.stages
  return Object.values(rest).reduce((sum, time) => sum + time, 0)
}

/** A small call of a program that nobody has seen, from bytes to result, over what another takes. */
function smallCalls(rows: Rows): Target[] {
  const mine = rows.cycle(emulator, ['interp', 'AVM'], 'warm')?.total.min
  if (mine === undefined) return []
  const others: readonly (readonly [Side, number])[] = [
    [['Cranelift', 'Wasm'], 1],
    [['Winch', 'Wasm'], 1],
    [['solana-sbpf JIT', 'sBPF'], 5],
    [['polkavm', 'PVM'], 5],
    [['wasmi', 'Wasm'], 5],
  ]
  return others.flatMap(([side, wanted]) => {
    const theirs = rows.cycle(emulator, side, 'warm')?.total.min
    const name = `a small call of the unseen emulator, over ${side[0]}`
    return atMost(name, theirs === undefined ? undefined : mine / theirs, wanted)
  })
}

const leastUnpacked = 20

function unpacking(speed: number): Target {
  return {
    name: 'the same unpacked, MB of code a second',
    wanted: `>= ${leastUnpacked}`,
    got: speed.toFixed(1),
    met: speed >= leastUnpacked,
  }
}

function sizeTargets({ sizes }: Experiment): Target[] {
  const row = (format: string): Experiment['sizes'][number] | undefined =>
    sizes.find((one) => one.program === emulator && one.level === 'Oz' && one.format === format)
  const [avm, wasm] = [row('AVM'), row('Wasm')]
  if (avm === undefined || wasm === undefined) return []
  const bytes = (name: string, found: number, wanted: number): Target => ({
    name,
    wanted: `<= ${wanted} bytes`,
    got: `${found} bytes`,
    met: found <= wanted,
  })
  const flat = bytes('code of the emulator at -Oz: AVM flat, against Wasm', avm.code, wasm.code)
  if (avm.packed === undefined) return [flat]
  return [
    flat,
    bytes('the same packed, against 60 % of flat', avm.packed, Math.floor(avm.code * 0.6)),
    bytes('the same packed, against Wasm after brotli', avm.packed, wasm.codeBrotli),
    ...(avm.unpackMs === undefined ? [] : [unpacking(avm.code / avm.unpackMs / 1000)]),
  ]
}

/** What was promised of AVM, PVM and eBPF; where a side did not run there is no target. */
export function experimentTargets(found: Experiment): Target[] {
  const rows = new Rows(found.rows)
  const wasm: Side = ['V8', 'Wasm']
  const recomp = (format: string): Side => ['recomp', format]
  const interp = (format: string): Side => ['interp', format]
  return [
    ...against(rows, 'AVM recompiled over WebAssembly in V8', [recomp('AVM'), wasm], {
      emulator: 2.2,
      mean: 1.5,
    }),
    ...against(rows, 'PVM recompiled over polkavm', [recomp('PVM'), ['polkavm', 'PVM']], {
      emulator: 2,
      mean: 1.5,
    }),
    ...against(
      rows,
      "eBPF recompiled over solana-sbpf's JIT",
      [recomp('eBPF'), ['solana-sbpf JIT', 'sBPF']],
      { emulator: 0.25 },
    ),
    ...against(
      rows,
      "interp over polkavm's interpreter",
      [interp('PVM'), ['polkavm interpreter', 'PVM']],
      { worst: 1 },
    ),
    ...against(
      rows,
      "interp over solana-sbpf's interpreter",
      [interp('sBPF'), ['solana-sbpf interpreter', 'sBPF']],
      { worst: 1 },
    ),
    ...against(rows, 'interp over wasmi', [interp('AVM'), ['wasmi', 'Wasm']], { mean: 2 }),
    ...within(
      'emulator, bytes to generated code, warm process',
      ready(rows.cycle(emulator, recomp('AVM'), 'warm')),
      15,
    ),
    ...within(
      'emulator, first result in a fresh process',
      found.starts.find((one) => one.program === emulator && one.format === 'AVM')?.ms.min,
      150,
    ),
    ...within(
      'emulator, bytes to generated code from the disk',
      ready(rows.cycle(emulator, recomp('AVM'), 'disk')),
      2,
    ),
    ...smallCalls(rows),
    ...sizeTargets(found),
  ]
}
