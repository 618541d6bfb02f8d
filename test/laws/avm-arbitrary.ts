import { type AvmInsn, avmInsn } from '#vm/isa/avm/insn'
import {
  type AvmName,
  type AvmShape,
  avmImmediateBits,
  avmRows,
  maxSlots,
  noBase,
} from '#vm/isa/avm/table'
import type { Rng } from './rng.ts'

/** Offsets that forms tell apart: small, scaled, of the stack, of 16 bits, any. */
function anyOffset(rng: Rng): number {
  const kinds = [
    () => rng.below(300),
    () => 8 * rng.below(40),
    () => -8 * rng.between(1, 20),
    () => rng.between(-5000, 5000),
    () => rng.between(-40000, 40000),
    () => rng.below(1 << 21),
    () => rng.imm(),
  ]
  return rng.pick(kinds)()
}

function anyImmediate(rng: Rng, row: number): number | bigint {
  const { name, shape } = avmRows[row]!
  const bits = avmImmediateBits[row]!
  if (name === 'trap') return rng.between(1, 13)
  if (shape === 'getslot' || shape === 'setslot') return rng.below(rng.chance(70) ? 16 : maxSlots)
  if (bits < 8) return rng.below(2 ** bits)
  if (name === 'li' && rng.chance(20)) return rng.value()
  if (name === 'bset64i' || name === 'bclr64i') return 1n << BigInt(rng.below(64))
  const kinds = [
    () => rng.between(-20, 20),
    () => rng.between(-300, 300),
    () => rng.between(-40000, 40000),
    () => rng.imm(),
  ]
  return rng.pick(kinds)()
}

const usesBase: readonly AvmShape[] = ['load', 'store', 'storei']

/** A random instruction of a row; a target below `targets`. */
export function anyAvmInsn(rng: Rng, row: number, targets: number): AvmInsn {
  const { name, shape } = avmRows[row]!
  const register = (): number => (rng.chance(20) ? 15 : rng.below(16))
  const a = register()
  const base = usesBase.includes(shape) && rng.chance(20) ? noBase : rng.chance(30) ? a : register()
  const has = (operand: string): boolean => operandsOf(name).includes(operand)
  return avmInsn(name, {
    a: has('a') ? a : 0,
    b: has('b') ? base : 0,
    c: has('c') ? register() : 0,
    imm: has('imm') ? anyImmediate(rng, row) : 0,
    off: has('off') ? anyOffset(rng) : 0,
    target: has('target') ? rng.below(targets) : 0,
  })
}

const operands: Readonly<Record<AvmShape, string>> = {
  ...{
    li: 'a imm',
    getslot: 'a imm',
    setslot: 'a imm',
    ab: 'a b',
    abc: 'a b c',
    abi: 'a b imm',
    load: 'a b off',
    store: 'a b off',
  },
  ...{ storei: 'b imm off', branch: 'b c target', branchi: 'b imm target', jump: 'target' },
  ...{ jumpr: 'b', call: 'target', callr: 'b', ret: '', host: 'target', trap: 'imm' },
}
const shapes = new Map(avmRows.map(({ name, shape }) => [name, operands[shape].split(' ')]))
function operandsOf(name: AvmName): readonly string[] {
  return shapes.get(name)!
}
