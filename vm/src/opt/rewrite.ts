import type { Facts } from './bits.ts'
import type { Constants } from './edit.ts'
import type { OptFunction, OptOp, Value } from './ir.ts'

/** What rules work with. */
export interface Rewriter {
  readonly func: OptFunction
  readonly facts: Facts
  readonly constants: Constants
  /** How often a value was used when the pass began, and one more for each use since. */
  uses(value: Value): number
  /** Is what a sum adds to be put into the offsets of accesses? Its other operand would live longer for other uses. */
  isOffset(value: Value): boolean
  /** A new instruction before the one that is looked at. */
  emit(op: OptOp, args: Value[], imm?: bigint): Value
}

/**
 * Looks at one instruction whose operands were looked at. Answers a value it gives way to, itself if it was changed in
 * place (it keeps its answer), or undefined.
 */
export type Rule = (value: Value, r: Rewriter) => Value | undefined

/** Changes an instruction in place. */
export function become(value: Value, op: OptOp, args: Value[], imm = 0n): Value {
  value.op = op
  value.args = args
  value.imm = BigInt.asIntN(64, imm)
  return value
}

/** The number a value is, if it is a constant. */
export const constantOf = (value: Value): bigint | undefined =>
  value.op === 'li' ? value.imm : undefined

/** Is the value 0 or 1? */
export const isBool = (value: Value, { facts }: Rewriter): boolean => facts.zerosOf(value) >= 63

/** Does the sign extension of the low half give the value? */
export const isSigned32 = (value: Value, { facts }: Rewriter): boolean => facts.signsOf(value) >= 33

/** Is the high half 0? */
export const isUnsigned32 = (value: Value, { facts }: Rewriter): boolean =>
  facts.zerosOf(value) >= 32

/** 2^result, if the number is a power of two as an unsigned one. @example powerOf(8n) // 3 */
export function powerOf(imm: bigint): number | undefined {
  const unsigned = BigInt.asUintN(64, imm)
  if (unsigned === 0n || (unsigned & (unsigned - 1n)) !== 0n) return undefined
  return unsigned.toString(2).length - 1
}

/** How many low bits are 1, if all others are 0. @example maskBits(0xffn) // 8 */
export const maskBits = (imm: bigint): number | undefined =>
  imm < 0n ? (imm === -1n ? 64 : undefined) : powerOf(imm + 1n)
