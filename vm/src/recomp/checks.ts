import { Page, pageTable } from '../arena/layout.ts'
import { emitPageAddress, emitPageRefusal } from '../emit/pages.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { nullZone } from '../vm/memory.ts'
import { type AccessContext, Status } from './parts.ts'

/** Octets `lo`..`hi` from a register's value on, `hi` not included. */
export interface CheckedRange {
  readonly lo: number
  readonly hi: number
  /** Is any of it written. */
  readonly write: boolean
}

/** How a memory profile checks a range and where its octets are. */
export interface CheckWriter {
  /** No range is wider. */
  readonly maxSpan: number
  /** Wasm address of a range's first octet, less what `check` puts into the local. */
  readonly origin: number
  /**
   * Leaves with the state before `row` unless the whole range around register `base` can be accessed;
   * else `into`, an i32 local, is the Wasm address of the range's first octet, less `origin`.
   */
  check(row: number, base: number, range: CheckedRange, into: number): void
}

/** The writer of the program's memory profile. */
export function checksOf(context: AccessContext): CheckWriter {
  const { profile } = context.parts.program.memory
  return profile === 'linear32' ? new LinearChecks(context) : new PagedChecks(context)
}

/** linear32: all that lies between the null zone and the limit. */
class LinearChecks implements CheckWriter {
  /** The limit is never less: the difference below does not wrap. */
  readonly maxSpan = 4096
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
    f.i64ConstBig(BigInt(lo - nullZone))
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

/** paged32: the words of the first and the last octet's page. */
class PagedChecks implements CheckWriter {
  /** A page: no more than two are looked up. */
  readonly maxSpan = 4096
  readonly origin = 0
  private readonly e: AccessContext

  constructor(context: AccessContext) {
    this.e = context
  }

  check(row: number, base: number, { hi, lo, write }: CheckedRange, into: number): void {
    const { e } = this
    const { f } = e
    const entry = f.temp(ValType.i32)
    e.operand(base).low()
    f.i32Const(lo | 0)
    f.op(Op.i32Add)
    f.localSet(into)
    const permission = write ? Page.writable : Page.readable
    emitPageRefusal(f, into, hi - lo, permission, entry, pageTable)
    f.ifUnlikely()
    e.leaveAt(row, Status.leave)
    f.end()
    emitPageAddress(f, into, entry)
    f.free(entry)
  }
}
