import type { Machine, Program } from 'alcatraz-vm'
import { assembleBpf } from '#vm/isa/bpf/asm'
import type { Trial } from './compare.ts'
import { Rng } from './rng.ts'

const saved = [6, 7, 8, 9] as const

/** A function that touches some of the saved registers and mostly does not read its caller's. */
function functionText(rng: Rng, index: number, count: number): string {
  const lines: string[] = []
  const written: number[] = []
  const own = saved.filter(() => rng.chance(35))
  const write = (): void => {
    const r = rng.chance(60) && own.length > 0 ? rng.pick(own) : rng.below(6)
    lines.push(`mov r${r}, ${rng.below(1000)}`)
    written.push(r)
  }
  const read = (): void => {
    const r = rng.chance(8) ? rng.pick(saved) : rng.chance(70) ? rng.pick(written) : rng.below(6)
    lines.push(`add r${rng.below(6)}, r${r}`)
  }
  const call = (): void => {
    const other = rng.chance(75) ? rng.between(index, count - 1) : rng.below(count)
    lines.push(`call local f${other}`)
  }
  write()
  for (let i = rng.between(2, 9); i > 0; i--) {
    const skips = rng.chance(25)
    if (skips) lines.push(`jgt r${rng.below(6)}, ${rng.below(1500)}, s${index}_${i}`)
    const what = rng.below(100)
    if (what < 30) write()
    else if (what < 60) read()
    else if (what < 85) call()
    else if (what < 90) lines.push('call helper 1')
    else
      lines.push(`ldxdw r${rng.below(6)}, [r10-${8 * rng.between(1, rng.chance(80) ? 8 : 2000)}]`)
    if (skips) lines.push(`s${index}_${i}:`)
  }
  return `f${index}:\n${lines.join('\n')}\nexit`
}

function programOf(rng: Rng): Program {
  const count = rng.between(2, 6)
  const text = Array.from({ length: count }, (_, i) => functionText(rng, i, count)).join('\n')
  const { code, labels } = assembleBpf(text)
  const functions = Array.from({ length: count }, (_, i) => ({
    pc: labels.get(`f${i}`)!,
    frameSize: 8 * rng.below(20),
  }))
  return {
    isa: 'bpf',
    version: 'v4',
    code,
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: { profile: 'linear32', segments: [], size: 0x14000, maxSize: 0x14000 },
    gas: rng.chance(50) ? 'per-instruction' : 'alcatraz-1',
    symbols: new Map(),
    functions,
    codeBase: 1n << 32n,
    addressTaken: [],
    stack: { low: 0x10000, high: 0x12000 },
    options: { packet: false, callxHelpers: false, maxDepth: rng.between(2, 12) },
  }
}

/** Functions that call each other: which registers travel, stay and are written down. */
export function callTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = programOf(rng)
  const registers = Array.from({ length: 10 }, () => BigInt(rng.below(2000)))
  return {
    program,
    gas: BigInt(rng.between(20, 400)),
    seed,
    start(machine: Machine) {
      registers.forEach((value, i) => {
        machine.registers.set(i, value)
      })
      machine.pc = 0
    },
  }
}
