import { Op } from '../isa/wasm/table.ts'
import type { FuncBuilder } from './func.ts'

/**
 * Pushes the page-table word of the guest address in an i32 local plus `extra`, modulo 2^32.
 * @param table Wasm address of the table: a word per page of 4096 octets
 */
export function emitPageWord(f: FuncBuilder, local: number, extra: number, table: number): void {
  f.localGet(local)
  if (extra !== 0) {
    f.i32Const(extra)
    f.op(Op.i32Add)
  }
  // (address >>> 12) * 4
  f.i32Const(10)
  f.op(Op.i32ShrU)
  f.i32Const(~3)
  f.op(Op.i32And)
  f.load(Op.i32Load, 2, table)
}

/**
 * Pushes an i32 that is not 0 unless the word of the first octet's page has `permission` and is that of
 * the last octet's page as well: then both lie in frames behind each other. Leaves the word in `word`.
 */
export function emitPageRefusal(
  f: FuncBuilder,
  local: number,
  octets: number,
  permission: number,
  word: number,
  table: number,
): void {
  emitPageWord(f, local, 0, table)
  f.localTee(word)
  f.i32Const(permission)
  f.op(Op.i32And)
  f.op(Op.i32Eqz)
  if (octets === 1) return
  emitPageWord(f, local, octets - 1, table)
  f.localGet(word)
  f.op(Op.i32Ne)
  f.op(Op.i32Or)
}

/** `local` = the Wasm address of the guest address in it, by its page's word: frame less page, and flags. */
export function emitPageAddress(f: FuncBuilder, local: number, word: number): void {
  f.localGet(local)
  f.localGet(word)
  f.i32Const(-4096)
  f.op(Op.i32And)
  f.op(Op.i32Add)
  f.localSet(local)
}
