import { At, Page, pageTable } from '../arena/layout.ts'
import { emitPageAddress, emitPageRefusal } from '../emit/pages.ts'
import { Op } from '../isa/wasm/table.ts'
import { nullZone } from '../vm/memory.ts'
import { ExitCode, type RowWriter } from './writer.ts'

const memoryOps: Readonly<Record<string, { code: number; bytes: number; align: number }>> = {
  load8u: { code: Op.i64Load8U, bytes: 1, align: 0 },
  load8s: { code: Op.i64Load8S, bytes: 1, align: 0 },
  load16u: { code: Op.i64Load16U, bytes: 2, align: 0 },
  load16s: { code: Op.i64Load16S, bytes: 2, align: 0 },
  load32u: { code: Op.i64Load32U, bytes: 4, align: 0 },
  load32s: { code: Op.i64Load32S, bytes: 4, align: 0 },
  load64: { code: Op.i64Load, bytes: 8, align: 0 },
  store8: { code: Op.i64Store8, bytes: 1, align: 0 },
  store16: { code: Op.i64Store16, bytes: 2, align: 0 },
  store32: { code: Op.i64Store32, bytes: 4, align: 0 },
  store64: { code: Op.i64Store, bytes: 8, align: 0 },
}

/** Leaves the Wasm address of `bytes` bytes at b + off in `u`, or leaves the loop. */
function address(w: RowWriter, bytes: number, write: boolean): void {
  if (w.shape.memory === 'linear32') linearAddress(w, bytes)
  else pagedAddress(w, bytes, write ? Page.writable : Page.readable)
}

/** 0x10000 <= address and address + bytes <= size, in 64 bits: one comparison after subtracting. */
function linearAddress(w: RowWriter, bytes: number): void {
  const { f } = w
  w.b.whole()
  w.rowWord(Op.i64Load32S, 12)
  f.op(Op.i64Add)
  f.i64ConstS(nullZone)
  f.op(Op.i64Sub)
  f.localTee(w.t)
  f.localGet(w.limit)
  f.i64ConstS(bytes)
  f.op(Op.i64Sub)
  f.op(Op.i64GtU)
  f.ifUnlikely()
  f.i32Const(0)
  f.localGet(w.t)
  f.i64ConstS(nullZone)
  f.op(Op.i64Add)
  f.store(Op.i64Store, 3, At.exitAddress)
  w.leave(ExitCode.memory)
  f.end()
  f.localGet(w.t)
  f.op(Op.i32WrapI64)
  f.localGet(w.guest)
  f.op(Op.i32Add)
  f.localSet(w.u)
}

/** The page allows it, and so does the last octet's page, with its frame right behind. */
function pagedAddress(w: RowWriter, bytes: number, permission: number): void {
  const { f } = w
  w.b.low()
  w.rowWord(Op.i32Load, 12)
  f.op(Op.i32Add)
  f.localSet(w.u)
  emitPageRefusal(f, w.u, bytes, permission, w.entry, pageTable)
  f.ifUnlikely()
  w.leave(ExitCode.memory)
  f.end()
  emitPageAddress(f, w.u, w.entry)
}

export function emitLoad(w: RowWriter, name: string): void {
  const { code, bytes, align } = memoryOps[name]!
  address(w, bytes, false)
  w.registerAddress(1)
  w.f.localGet(w.u)
  w.f.load(code, align, 0)
  w.storeA()
  w.advance()
}

export function emitStore(w: RowWriter, name: string, value: () => void): void {
  const { code, bytes, align } = memoryOps[name]!
  address(w, bytes, true)
  w.f.localGet(w.u)
  value()
  w.f.store(code, align, 0)
  w.advance()
}
