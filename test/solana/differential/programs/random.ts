/** Programs of random instructions, of every version: arithmetic, jumps forward, memory, and some that are refused. */
import { insn, lenientElf, murmur3, strictElf } from '../asm.ts'
import { join, toBase64, u64, utf8 } from '../pack.ts'
import type { Action, World } from '../world.ts'

type Version = 0 | 1 | 2 | 3
const stackTop = 10

/** Opcodes of both widths, by immediate; the register's is 8 more. */
const plain = [0x04, 0x14, 0x44, 0x54, 0xa4, 0xb4]
const shifts = [0x64, 0x74, 0xc4]
const divisions = [0x34, 0x94]
/** Class 06 of version 2, by immediate. */
const products = [0x36, 0x46, 0x56, 0x66, 0x76, 0x86, 0x96, 0xb6, 0xc6, 0xd6, 0xe6, 0xf6]
const jumps = [0x15, 0x25, 0x35, 0x45, 0x55, 0x65, 0x75, 0xa5, 0xb5, 0xc5, 0xd5]

function one(world: World, version: Version, left: number): Uint8Array {
  const { rng } = world
  const dst = rng.below(10)
  const src = rng.below(10)
  const wide = rng.chance(50) ? 3 : 0
  const register = rng.chance(50) ? 8 : 0
  const imm = rng.imm()
  switch (rng.below(12)) {
    case 0:
    case 1:
    case 2:
      return insn(rng.pick(plain) + wide + register, dst, src, 0, imm)
    case 3:
      return insn(rng.pick(shifts) + wide + register, dst, src, 0, imm & (wide === 3 ? 63 : 31))
    case 4: {
      if (version === 2) {
        const op = rng.pick(products)
        return insn(op + register, dst, src, 0, register === 0 && imm === 0 ? 1 : imm)
      }
      if (rng.chance(50)) return insn(0x24 + wide + register, dst, src, 0, imm)
      const op = rng.pick(divisions) + wide + register
      return insn(op, dst, src, 0, register === 0 && imm === 0 ? 7 : imm)
    }
    case 5:
      return version === 2
        ? insn(0xf7, dst, 0, 0, imm)
        : rng.chance(40)
          ? insn(0x84 + wide, dst, 0, 0, 0)
          : join(insn(0x18, dst, 0, 0, imm), insn(0, 0, 0, 0, rng.imm()))
    case 6: {
      const op = version === 2 || rng.chance(50) ? 0xdc : 0xd4
      return insn(op, dst, 0, 0, rng.pick([16, 32, 64]))
    }
    case 7:
    case 8: {
      const off = rng.below(Math.max(1, Math.min(6, left)))
      const narrow = version === 3 && rng.chance(40) ? 1 : 0
      return insn(rng.pick(jumps) + register + narrow, dst, src, off, imm)
    }
    case 9:
    case 10: {
      const off = rng.chance(90) ? -8 * rng.between(1, 20) : rng.below(64)
      const base = rng.chance(92) ? stackTop : src
      const loads = version === 2 ? [0x2c, 0x3c, 0x8c, 0x9c] : [0x71, 0x69, 0x61, 0x79]
      const stores = version === 2 ? [0x2f, 0x3f, 0x8f, 0x9f] : [0x73, 0x6b, 0x63, 0x7b]
      const values = version === 2 ? [0x27, 0x37, 0x87, 0x97] : [0x72, 0x6a, 0x62, 0x7a]
      const kind = rng.below(3)
      if (kind === 0) return insn(rng.pick(loads), dst, base, off, 0)
      if (kind === 1) return insn(rng.pick(stores), base, src, off, 0)
      return insn(rng.pick(values), base, 0, off, imm)
    }
    default:
      if (rng.chance(97)) return insn(0xb7, dst, 0, 0, imm)
      return insn(rng.below(256), rng.below(16), rng.below(16), rng.below(9), imm)
  }
}

/** An ELF: first what registers hold, then instructions, then a log of five registers, and an answer. */
export function randomElf(world: World): Uint8Array {
  const { rng } = world
  const version = rng.pick([0, 0, 1, 2, 3, 3] as const)
  const parts: Uint8Array[] = []
  const set = (register: number): void => {
    const value = u64(rng.value())
    const [low, high] = [
      new DataView(value.buffer).getInt32(0, true),
      new DataView(value.buffer).getInt32(4, true),
    ]
    if (version === 2) parts.push(insn(0xb4, register, 0, 0, low), insn(0xf7, register, 0, 0, high))
    else parts.push(join(insn(0x18, register, 0, 0, low), insn(0, 0, 0, 0, high)))
  }
  const count = rng.between(3, 40)
  for (let register = 0; register < 10; register++) if (rng.chance(60)) set(register)
  // Without a frame of its own, a program of version 1 or 2 stores below the stack's top.
  if ((version === 1 || version === 2) && rng.chance(50))
    parts.push(insn(0x07, stackTop, 0, 0, -192))
  for (let i = 0; i < count; i++) parts.push(one(world, version, count - i))
  const calls: [number, string][] = []
  const call = (name: string): void => {
    const at = parts.reduce((sum, part) => sum + part.length, 0) / 8
    if (version !== 3) calls.push([at, name])
    parts.push(version === 3 ? insn(0x85, 0, 0, 0, murmur3(utf8(name))) : insn(0x85, 0, 1, 0, -1))
  }
  call('sol_log_64_')
  for (let i = 0; i < 5; i++) parts.push(insn(0xbf, i + 1, 5 + (i % 5), 0, 0))
  call('sol_log_64_')
  if (rng.chance(80)) parts.push(insn(0xb7, 0, 0, 0, 0))
  parts.push(insn(rng.chance(98) ? 0x95 : 0xbf, 0, 0, 0, 0))
  const text = join(...parts)
  return version === 3 ? strictElf(text) : lenientElf(text, calls, version)
}

export const randomActions: readonly Action[] = [
  {
    name: 'random.run',
    weight: 2,
    plan(world) {
      const program = world.fresh().address
      const added = world.act({
        op: 'addProgram',
        address: program,
        elf: toBase64(randomElf(world)),
      })
      if ('thrown' in added && world.rng.chance(90)) return undefined
      return { instructions: [{ program, metas: [], data: world.rng.bytes(8).slice() }] }
    },
  },
]
