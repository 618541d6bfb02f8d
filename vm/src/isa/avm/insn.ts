import { assert } from '../../bits/errors.ts'
import { type AvmEncoding, type AvmField, encodingsOfRow } from './encodings.ts'
import { type AvmName, avmImmediateBits, avmJumps, avmRow, avmRows } from './table.ts'

/**
 * One instruction, whatever its encoding. Operands that its shape (`avmShapes`) does not have are 0.
 *
 * The immediate is `high * 2^32 + u32(low)`, its sign included. `target` is an index of a function (`call`) or of an
 * import (`host`); of branches and jumps a place in the code: for the encoder the index of an instruction of the same
 * function, from the decoder a pc.
 */
export interface AvmInsn {
  row: number
  a: number
  b: number
  c: number
  low: number
  high: number
  off: number
  target: number
}

/** Operands by name; what is not given is 0. */
export interface AvmOperands {
  readonly a?: number
  readonly b?: number
  readonly c?: number
  readonly imm?: number | bigint
  readonly off?: number
  readonly target?: number
}

/** @example newAvmInsn().row // 0 */
export function newAvmInsn(): AvmInsn {
  return { row: 0, a: 0, b: 0, c: 0, low: 0, high: 0, off: 0, target: 0 }
}

/**
 * An instruction by name.
 * @param operands the immediate is taken modulo 2^64, and then as `normalise` does
 * @example avmInsn('add64i', { a: 1, b: 2, imm: -5 }).low // -5
 */
export function avmInsn(name: AvmName, operands: AvmOperands = {}): AvmInsn {
  const { a = 0, b = 0, c = 0, imm = 0, off = 0, target = 0 } = operands
  const whole = BigInt.asIntN(64, BigInt(imm))
  const insn = {
    ...{ row: avmRow[name], a, b, c, off, target },
    low: Number(BigInt.asIntN(32, whole)),
    high: Number(whole >> 32n),
  }
  normalise(insn)
  return insn
}

/** Gives the immediate the one form that its row has: bits that do not count are copies of the last that does, or 0 in shifts. */
export function normalise(insn: AvmInsn): void {
  const bits = avmImmediateBits[insn.row]!
  if (bits === 64) return
  if (bits < 8) {
    insn.low &= (1 << bits) - 1
    insn.high = 0
    return
  }
  insn.low = (insn.low << (32 - bits)) >> (32 - bits)
  insn.high = insn.low >> 31
}

/** The value of an operand that is no immediate. */
function operandOf(insn: AvmInsn, operand: AvmField['operand']): number {
  switch (operand) {
    case 'a':
      return insn.a
    case 'b':
      return insn.b
    case 'c':
      return insn.c
    case 'off':
      return insn.off
    case 'target':
      return insn.target
    case 'imm':
      return insn.low
    case 'pad':
      return 0
  }
}

/** n where the immediate is 2^n, or -1. */
function exponentOf({ high, low }: AvmInsn): number {
  const [word, up] = low === 0 ? [high, 32] : [low, 0]
  // of a sign-extended bit 31 the high word is all ones: that is no power of two
  if ((low !== 0 && high !== 0) || word === 0 || (word & (word - 1)) !== 0) return -1
  return up + 31 - Math.clz32(word)
}

/** What a field holds for the operand, or -1 when that does not fit. */
function rawOf(field: AvmField, insn: AvmInsn, distance: number): number {
  const { operand, width } = field
  if (operand === 'imm') {
    if (field.power) {
      const exponent = exponentOf(insn)
      return exponent < 2 ** width ? exponent : -1
    }
    if (insn.high !== insn.low >> 31) return -1
  }
  const jumps = operand === 'target' && avmJumps[insn.row] === 1
  const raw = ((jumps ? distance : operandOf(insn, operand)) - field.min) / field.step
  return Number.isInteger(raw) && raw >= 0 && raw < 2 ** width ? raw : -1
}

/** Has the encoding a place for every operand? Asks nothing of the distance when it is undefined. */
export function fits(
  { fields, fixed }: AvmEncoding,
  insn: AvmInsn,
  distance: number | undefined,
): boolean {
  for (const { as, operand, value } of fixed) {
    if (operand === 'imm' && insn.high !== insn.low >> 31) return false
    if (operandOf(insn, operand) !== (as === undefined ? value : insn.a)) return false
  }
  for (const field of fields) {
    if (field.width === 64) continue
    if (distance === undefined && field.operand === 'target' && avmJumps[insn.row] === 1) continue
    if (rawOf(field, insn, distance ?? 0) < 0) return false
  }
  return true
}

/**
 * The shortest encoding of an instruction.
 * @param distance to the target of a branch or jump, as a field counts it; undefined: the shortest for any
 * @returns its place among the row's encodings, or -1
 */
export function shortest(insn: AvmInsn, distance: number | undefined): number {
  const choices = encodingsOfRow[insn.row]!
  for (let i = 0; i < choices.length; i++) if (fits(choices[i]!, insn, distance)) return i
  return -1
}

/** The distance that a field counts: from the end of the instruction on, or, below 0, from its start back. */
export function distanceOf(start: number, length: number, target: number): number {
  return target > start ? target - start - length : target - start - 1
}

/** Writes opcode and fields at `code[at]`; the encoding fits. */
export function writeInsn(
  code: Uint8Array,
  at: number,
  encoding: AvmEncoding,
  insn: AvmInsn,
  distance: number,
): void {
  code[at] = encoding.opcode
  const { sub, subAt, subWidth } = encoding
  if (subWidth > 0) putBits(code, at + 1, subAt, subWidth, sub)
  for (const field of encoding.fields) {
    if (field.width === 64) {
      putBits(code, at + 1, field.at, 32, insn.low >>> 0)
      putBits(code, at + 1, field.at + 32, 32, insn.high >>> 0)
      continue
    }
    const raw = rawOf(field, insn, distance)
    assert(raw >= 0, `writeInsn: ${avmRows[insn.row]!.name} does not fit '${encoding.form}'`)
    putBits(code, at + 1, field.at, field.width, raw)
  }
}

/** `code` has zero bits there. */
function putBits(code: Uint8Array, from: number, at: number, width: number, raw: number): void {
  let rest = raw
  for (let bit = at; bit < at + width; ) {
    const low = bit & 7
    const count = Math.min(8 - low, at + width - bit)
    code[from + (bit >> 3)]! |= (rest % 2 ** count) << low
    rest = Math.floor(rest / 2 ** count)
    bit += count
  }
}
