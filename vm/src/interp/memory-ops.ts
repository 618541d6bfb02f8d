import { At, Page, pageTable, RegionTable } from '../arena/layout.ts'
import { accessCode } from '../emit/access.ts'
import { emitPageAddress, emitPageRefusal } from '../emit/pages.ts'
import { emitBeyond, emitStripe } from '../emit/regions.ts'
import type { AccessInfo } from '../ir/accesses.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { nullZone } from '../vm/memory.ts'
import { ExitCode, type RowWriter } from './writer.ts'

/** Leaves the Wasm address of `bytes` bytes at b + off in `u`, or leaves the loop. */
function address(w: RowWriter, bytes: number, write: boolean): void {
  switch (w.shape.memory) {
    case 'linear32':
      return linearAddress(w, bytes)
    case 'paged32':
      return pagedAddress(w, bytes, write ? Page.writable : Page.readable)
    case 'regions64':
      return regionAddress(w, bytes, write ? RegionTable.write : RegionTable.read)
  }
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

/**
 * Inside the region that was used last in the address's stripe. With frames of g bytes an offset d means
 * byte d - n * g behind n gaps, n = floor(d / 2g), and is refused if its bit g is set; g = 0 changes nothing.
 */
function regionAddress(w: RowWriter, bytes: number, length: number): void {
  const { f } = w
  const [offset, gap, m] = [f.temp(ValType.i64), f.temp(ValType.i64), f.temp(ValType.i64)] as const
  w.b.whole()
  w.rowWord(Op.i64Load32S, 12)
  f.op(Op.i64Add)
  f.localSet(w.t)
  emitStripe(f, w.t, RegionTable.stripes)
  f.load(Op.i32Load, 2, RegionTable.directory)
  f.localSet(w.entry)
  f.localGet(w.t)
  f.localGet(w.entry)
  f.load(Op.i64Load, 3, RegionTable.address)
  f.op(Op.i64Sub)
  f.localTee(offset)
  f.localGet(w.entry)
  f.load(Op.i64Load32U, 2, RegionTable.gap)
  f.localTee(gap)
  f.op(Op.i64And)
  f.i64ConstS(0)
  f.op(Op.i64Ne)
  f.localGet(offset)
  f.localGet(offset)
  f.i64ConstS(0)
  f.localGet(gap)
  f.i64ConstS(1)
  f.op(Op.i64Shl)
  f.op(Op.i64Sub)
  f.op(Op.i64And)
  f.i64ConstS(1)
  f.op(Op.i64ShrU)
  f.op(Op.i64Sub)
  f.localSet(offset)
  emitBeyond(
    f,
    offset,
    bytes,
    () => {
      f.localGet(w.entry)
      f.load(Op.i64Load, 3, length)
    },
    m,
  )
  f.op(Op.i32Or)
  f.ifUnlikely()
  w.leave(ExitCode.memory)
  f.end()
  f.localGet(w.entry)
  f.load(Op.i32Load, 2, RegionTable.bytes)
  f.localGet(offset)
  f.op(Op.i32WrapI64)
  f.op(Op.i32Add)
  f.localSet(w.u)
  for (const local of [offset, gap, m]) f.free(local)
}

export function emitLoad(w: RowWriter, access: AccessInfo): void {
  address(w, access.bytes, false)
  w.registerAddress(1)
  w.f.localGet(w.u)
  w.f.load(accessCode(access), 0, 0)
  w.storeA()
  w.advance()
}

/** Stores the row's immediate, or register a. */
export function emitStore(w: RowWriter, access: AccessInfo): void {
  address(w, access.bytes, true)
  w.f.localGet(w.u)
  if (access.immediate) w.imm.whole()
  else w.register(1).whole()
  w.f.store(accessCode(access), 0, 0)
  w.advance()
}
