import type { Machine, Program } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { assembleBpf } from '#vm/isa/bpf/asm'
import type { Trial } from './compare.ts'
import { pvmProgramOf } from './pvm-program.ts'
import type { Rng } from './rng.ts'
import { Rng as Generator } from './rng.ts'

/** Where bases point: inside, at the edges of regions, and where permissions change. */
const places = [0x10000, 0x11ff0, 0x12000, 0x12ffc, 0x13000, 0x13ff8]
/** Displacements of one base that no one check covers. */
const spreads = [0, 0, 0, 8, -8, 4, 4088, 4096, -4096, 8192, -8192, 0x3000]

const displacement = (rng: Rng): number => rng.pick(spreads) + rng.between(-4, 4)

function bpfText(rng: Rng): string {
  const lines = [6, 7].map((r) => `mov r${r}, ${rng.pick(places) + 8 * rng.below(4)}`)
  const line = (): string => {
    const base = rng.between(6, 7)
    if (rng.chance(10)) return `add r${base}, ${rng.pick([8, -8, 4096, -4096])}`
    const off = displacement(rng)
    const at = `[r${base}${off < 0 ? '' : '+'}${off}]`
    const width = rng.pick(['b', 'h', 'w', 'dw'])
    if (rng.chance(50)) return `ldx${width} r${rng.below(6)}, ${at}`
    return `stx${width} ${at}, r${rng.below(6)}`
  }
  for (let i = rng.between(4, 24); i > 0; i--) lines.push(line())
  return `again:\n${lines.join('\n')}\nadd r8, 1\njlt r8, 3, again\nexit`
}

function pvmText(rng: Rng): string {
  const lines = ['a4', 'a5'].map((r) => `${r} = ${rng.pick(places) + 0x10000 + 8 * rng.below(4)}`)
  const line = (): string => {
    const base = rng.pick(['a4', 'a5'])
    if (rng.chance(10)) return `${base} = ${base} + ${rng.pick([8, 4096])}`
    const off = displacement(rng)
    const width = rng.pick(['u8', 'u16', 'u32', 'u64'])
    const at = `${width} [${base} ${off < 0 ? '-' : '+'} ${Math.abs(off)}]`
    const value = rng.pick(['a0', 'a1', 'a2', 'a3'])
    return rng.chance(50) ? `${value} = ${at}` : `${at} = ${value}`
  }
  for (let i = rng.between(4, 24); i > 0; i--) lines.push(line())
  return `fallthrough\n@again:\n${lines.join('\n')}\ns0 = s0 + 1\njump @again if s0 <u 3\ntrap`
}

/** eBPF code with 16 KiB of memory. */
export function memoryProgram(code: Uint8Array): Program {
  return {
    isa: 'bpf',
    version: 'v4',
    code,
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: { profile: 'linear32', segments: [], size: 0x14000, maxSize: 0x14000 },
    gas: 'per-instruction',
    symbols: new Map(),
    functions: [{ pc: 0, frameSize: 0 }],
    codeBase: 1n << 32n,
    addressTaken: [],
    stack: { low: 0x10000, high: 0x12000 },
    options: { packet: false, callxHelpers: false, maxDepth: 4 },
  }
}

function pvmOf(rng: Rng): Program {
  const regions = [
    { address: 0x20000, length: 0x2000, writable: true },
    { address: 0x22000, length: 0x1000, writable: false },
    { address: 0x23000, length: 0x1000, writable: true },
  ]
  const options = { ...pvmPresets['gp-0.7'], pageFaults: true }
  const text = pvmText(rng)
  return pvmProgramOf(
    text,
    { regions },
    { gas: rng.pick(['pvm-instruction', 'pvm-block']), options },
  )
}

/** Straight runs of accesses through two bases, by turns eBPF and PVM; the same for the same seed. */
export function memoryTrial(seed: number): Trial {
  const rng = new Generator(seed)
  const program = seed % 2 === 0 ? memoryProgram(assembleBpf(bpfText(rng)).code) : pvmOf(rng)
  const values = Array.from({ length: 8 }, () => rng.value())
  return {
    program,
    gas: BigInt(rng.chance(80) ? 1000 : rng.below(60)),
    seed,
    start(machine: Machine) {
      const first = program.isa === 'bpf' ? 0 : 7
      for (let i = 0; i < 4; i++) machine.registers.set(first + i, values[i]!)
      machine.pc = 0
    },
  }
}
