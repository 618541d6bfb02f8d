import { Page, pageTable } from '../arena/layout.ts'
import { emitPageAddress, emitPageRefusal } from '../emit/pages.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { nullZone } from '../vm/memory.ts'
import {
  type AccessContext,
  type CheckedRange,
  type CheckWriter,
  flatBytes,
  Status,
} from './parts.ts'
import { RegionChecks } from './regions.ts'
import { pushLength } from './windows.ts'

export { type CheckedRange, type CheckWriter, maxSpan } from './parts.ts'

/** The writer of the program's memory profile. */
export function checksOf(context: AccessContext): CheckWriter {
  const { memory } = context.parts.program
  if (!context.parts.measure.checks) return new NoChecks(context)
  switch (memory.profile) {
    case 'linear32':
      return new LinearChecks(context)
    case 'paged32':
      return new PagedChecks(context)
    case 'regions64':
      return new RegionChecks(context, memory)
  }
}

/** linear32: all that lies between the null zone and the limit. */
class LinearChecks implements CheckWriter {
  readonly origin: number
  private readonly e: AccessContext

  constructor(context: AccessContext) {
    this.e = context
    this.origin = context.parts.layout.guest
  }

  check(row: number, base: number, { hi, lo }: CheckedRange, into: number): void {
    const { e } = this
    const { f } = e
    const t = f.temp(ValType.i64)
    e.operand(base).whole()
    f.i64ConstNumber(lo - nullZone)
    f.op(Op.i64Add)
    f.localTee(t)
    f.localGet(e.limit)
    f.i64ConstS(hi - lo)
    f.op(Op.i64Sub)
    f.op(Op.i64GtU)
    f.ifUnlikely()
    e.leaveAt(row, Status.leave)
    f.end()
    f.localGet(t)
    f.op(Op.i32WrapI64)
    f.localSet(into)
    f.free(t)
  }
}

/** paged32: the window that is expected, else the words of the first and the last octet's page. */
class PagedChecks implements CheckWriter {
  readonly origin = 0
  private readonly e: AccessContext

  constructor(context: AccessContext) {
    this.e = context
  }

  check(row: number, base: number, range: CheckedRange, into: number): void {
    const { e } = this
    const { f } = e
    const { windows } = e.parts
    const { lo, write } = range
    const octets = range.hi - lo
    const guess = windows.guess(range.from, base, write)
    const window = windows.list[guess]
    e.operand(base).low()
    if (window === undefined) {
      f.i32Const(lo | 0)
      f.op(Op.i32Add)
      f.localSet(into)
      this.byPages(row, range, into)
      return
    }
    f.i32Const((lo + window.frame - window.address) | 0)
    f.op(Op.i32Add)
    f.localTee(into)
    const order = [guess, ...windows.others(guess, write)]
    order.forEach((next, i) => {
      this.unless(next, octets)
      const shift = windows.shift(next)
      const other = order[i + 1]
      f.localGet(into)
      f.i32Const((other === undefined ? -shift : windows.shift(other) - shift) | 0)
      f.op(Op.i32Add)
      if (other === undefined) f.localSet(into)
      else f.localTee(into)
    })
    this.byPages(row, range, into)
    for (const _ of order) f.end()
  }

  /** Takes a Wasm address; begins what is done unless so many octets from there are in the window. */
  private unless(window: number, octets: number): void {
    const { e } = this
    const { f } = e
    const { windows } = e.parts
    f.i32Const(windows.list[window]!.frame)
    f.op(Op.i32Sub)
    f.op(Op.i64ExtendI32U)
    f.i64ConstS(octets)
    f.op(Op.i64Add)
    pushLength(f, e.limit, windows, window)
    f.op(Op.i64GtU)
    f.ifUnlikely()
  }

  /** `into` is a guest address before, and a Wasm address behind. */
  private byPages(row: number, { hi, lo, write }: CheckedRange, into: number): void {
    const { e } = this
    const { f } = e
    const entry = f.temp(ValType.i32)
    const permission = write ? Page.writable : Page.readable
    emitPageRefusal(f, into, hi - lo, permission, entry, pageTable)
    f.ifUnlikely()
    e.leaveAt(row, Status.leave)
    f.end()
    emitPageAddress(f, into, entry)
    f.free(entry)
  }
}

/** For `Measure` only: addresses lead anywhere in the guest's memory or out of Wasm's, never in ours. */
class NoChecks implements CheckWriter {
  readonly maxSpan = 4096
  readonly origin: number
  private readonly e: AccessContext
  private readonly linear: boolean

  constructor(context: AccessContext) {
    const { layout, measure, program } = context.parts
    this.e = context
    this.linear = program.memory.profile === 'linear32'
    this.origin = this.linear ? layout.guest : (measure.flat ?? 0)
  }

  check(_row: number, base: number, { lo }: CheckedRange, into: number): void {
    const { e, linear } = this
    const { f } = e
    e.operand(base).low()
    f.i32Const((lo - (linear ? nullZone : 0)) | 0)
    f.op(Op.i32Add)
    if (!linear) {
      f.i32Const(flatBytes - 1)
      f.op(Op.i32And)
    }
    f.localSet(into)
  }
}
