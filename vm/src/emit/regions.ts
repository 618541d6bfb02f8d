import { Op } from '../isa/wasm/table.ts'
import type { FuncBuilder } from './func.ts'

/**
 * Pushes an i32 that is not 0 unless `octets` bytes at the offset in an i64 local end within a length.
 *
 * With `m = length + 1 - octets` that is `offset <u m` where m > 0, and never where m <= 0: the sign of m
 * is spread over the offset, which makes it the largest number.
 * @param length pushes the i64 length, 0 <= length < 2^63
 * @param m an i64 local to use
 */
export function emitBeyond(
  f: FuncBuilder,
  offset: number,
  octets: number,
  length: () => void,
  m: number,
): void {
  f.localGet(offset)
  length()
  f.i64ConstS(octets - 1)
  f.op(Op.i64Sub)
  f.localTee(m)
  f.i64ConstS(63)
  f.op(Op.i64ShrS)
  f.op(Op.i64Or)
  f.localGet(m)
  f.op(Op.i64GeU)
}

/** Pushes where a directory of words has the stripe of the address in an i64 local: bits 32 on, times 4. */
export function emitStripe(f: FuncBuilder, address: number, stripes: number): void {
  f.localGet(address)
  f.i64ConstS(32)
  f.op(Op.i64ShrU)
  f.op(Op.i32WrapI64)
  f.i32Const(stripes - 1)
  f.op(Op.i32And)
  f.i32Const(2)
  f.op(Op.i32Shl)
}
