import { RegionSlots, RegionTable } from '../arena/layout.ts'
import { regionPlaces } from '../arena/places.ts'
import { emitStripe } from '../emit/regions.ts'
import { rowWords } from '../ir/program.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import type { PlannedRegion, RegionsPlan } from '../vm/memory.ts'
import {
  type AccessContext,
  type CheckedRange,
  type CheckWriter,
  maxSpan,
  Status,
} from './parts.ts'

/** The first slot is for ranges that have none. */
const unshared = RegionSlots.at

/** A region that never changes, with the Wasm address of its first byte. */
interface Fixed {
  readonly region: PlannedRegion
  readonly place: number
}

/**
 * regions64. A range is held against the region that the last range of its base register, length and
 * direction was in, which a slot of the module has: one subtraction, one comparison. In another region
 * the slot is refilled first. The frame pointer needs no slot: the plan says where the stack is.
 *
 * What crosses the end of a region or a frame leaves to the interpreter, whose check is exact.
 */
export class RegionChecks implements CheckWriter {
  readonly origin = 0
  private readonly e: AccessContext
  private readonly plan: RegionsPlan
  private readonly framePointer: number
  private readonly stack: Fixed | undefined
  private readonly gaps: boolean

  constructor(context: AccessContext, plan: RegionsPlan) {
    this.e = context
    this.plan = plan
    const { calls } = context.parts.program
    this.framePointer = calls.kind === 'managed' ? calls.first + calls.saved - 1 : -1
    this.stack = calls.kind === 'managed' ? this.fixedAt(calls.stackHigh) : undefined
    this.gaps = plan.regions.some(({ gap }) => gap !== undefined)
  }

  /** The region below an address, if it never changes and its check is short. */
  private fixedAt(high: number): Fixed | undefined {
    const { plan } = this
    const index = plan.regions.findLastIndex(({ address }) => address < high)
    const region = plan.regions[index]
    if (region === undefined || region.maxLength !== undefined) return undefined
    // a mask finds the frame
    if (region.gap !== undefined && (region.length & (region.length - 1)) !== 0) return undefined
    return { region, place: this.e.parts.layout.guest + regionPlaces(plan).at[index]! }
  }

  check(row: number, base: number, range: CheckedRange, into: number): void {
    const { stack } = this
    const { hi, lo, write } = range
    const proven = this.proven(row, range)
    if (proven !== undefined) {
      this.e.f.i32Const(proven)
      this.e.f.localSet(into)
      return
    }
    if (
      stack !== undefined &&
      base === this.framePointer &&
      (stack.region.writable || !write) &&
      hi - lo <= (stack.region.gap ?? stack.region.length)
    )
      this.checkFixed(row, base, range, stack, into)
    else this.checkCached(row, base, range, into)
  }

  /** Wasm address of a range at a constant address in a region that never changes. */
  private proven(row: number, { hi, lo, write }: CheckedRange): number | undefined {
    const { layout, program, values } = this.e.parts
    if (values.value[row] !== 0) return undefined
    const base = values.distance[row]! - program.rows[row * rowWords + 3]!
    const index = this.plan.regions.findLastIndex(({ address }) => address <= base + lo)
    const region = this.plan.regions[index]
    if (region === undefined || region.maxLength !== undefined || region.gap !== undefined)
      return undefined
    const { address, length, writable } = region
    if (base + hi > address + length || (write && !writable)) return undefined
    return layout.guest + regionPlaces(this.plan).at[index]! + base + lo - address
  }

  /**
   * With d the offset of the range in the region: its bits that are not the number of a frame are at most
   * `gap - span` if it is in no gap, crosses no frame's end and is not beyond the region. Of a region
   * without gaps all bits count.
   */
  private checkFixed(
    row: number,
    base: number,
    { hi, lo }: CheckedRange,
    { place, region }: Fixed,
    into: number,
  ): void {
    const { e } = this
    const { f } = e
    const { address, gap, length } = region
    const frameBits = gap === undefined ? 0 : (2 * length - 1) & -(2 * gap)
    const d = f.temp(ValType.i64)
    e.operand(base).whole()
    f.i64ConstBig(BigInt(lo) - BigInt(address))
    f.op(Op.i64Add)
    f.localTee(d)
    if (frameBits !== 0) {
      f.i64ConstS(~frameBits)
      f.op(Op.i64And)
    }
    f.i64ConstS((gap ?? length) - (hi - lo))
    f.op(Op.i64GtU)
    f.ifUnlikely()
    e.leaveAt(row, Status.leave)
    f.end()
    f.localGet(d)
    f.op(Op.i32WrapI64)
    f.localTee(into)
    if (frameBits !== 0) {
      // n frames of the backing lie where 2n are in the guest's addresses
      f.localGet(into)
      f.i32Const(frameBits)
      f.op(Op.i32And)
      f.i32Const(1)
      f.op(Op.i32ShrU)
      f.op(Op.i32Sub)
    }
    f.i32Const(place)
    f.op(Op.i32Add)
    f.localSet(into)
    f.free(d)
  }

  private checkCached(
    row: number,
    base: number,
    { hi, lo, write }: CheckedRange,
    into: number,
  ): void {
    const { e } = this
    const { f } = e
    const span = hi - lo
    const slot = this.slotOf(base, span, write)
    const at = slot ?? unshared
    const t = f.temp(ValType.i64)
    const d = f.temp(ValType.i64)
    const refused = (): void => {
      f.localGet(t)
      this.kept(Op.i64Load, at + RegionSlots.address)
      f.op(Op.i64Sub)
      f.localTee(d)
      this.kept(Op.i64Load, at + RegionSlots.starts)
      f.op(Op.i64GeU)
    }
    e.operand(base).whole()
    if (lo !== 0) {
      f.i64ConstBig(BigInt(lo))
      f.op(Op.i64Add)
    }
    f.localSet(t)
    if (slot !== undefined) {
      refused()
      f.ifUnlikely()
    }
    this.refill(t, at, span, write)
    refused()
    f.ifUnlikely()
    e.leaveAt(row, Status.leave)
    f.end()
    if (slot !== undefined) f.end()
    f.localGet(d)
    f.op(Op.i32WrapI64)
    this.kept(Op.i32Load, at + RegionSlots.bytes)
    f.op(Op.i32Add)
    f.localSet(into)
    f.free(t)
    f.free(d)
  }

  /** The slot of such ranges in the whole module; undefined when there are no more. */
  private slotOf(base: number, span: number, write: boolean): number | undefined {
    const { regionSlots } = this.e.parts
    const key = (base * 2 * maxSpan + span) * 2 + (write ? 1 : 0)
    let slot = regionSlots.get(key)
    if (slot === undefined) {
      slot = unshared + RegionSlots.slotBytes * (regionSlots.size + 1)
      if (slot === RegionTable.entries) return undefined
      regionSlots.set(key, slot)
    }
    return slot
  }

  private kept(load: number, at: number): void {
    const { f } = this.e
    f.i32Const(0)
    f.load(load, load === Op.i32Load ? 2 : 3, at)
  }

  /**
   * Puts into a slot what the directory has for the address in `t`: a region, or the one frame of it that
   * the address is in or before.
   */
  private refill(t: number, slot: number, span: number, writes: boolean): void {
    const { f } = this.e
    const { address, bytes, directory, read, stripes, write } = RegionTable
    const entry = f.temp(ValType.i32)
    const length = f.temp(ValType.i64)
    const field = (load: number, at: number): void => {
      f.localGet(entry)
      f.load(load, load === Op.i64Load ? 3 : 2, at)
    }
    emitStripe(f, t, stripes)
    f.load(Op.i32Load, 2, directory)
    f.localSet(entry)
    field(Op.i64Load, writes ? write : read)
    f.localSet(length)
    const frame = this.gaps ? this.frameOf(t, entry, length) : undefined
    f.i32Const(0)
    field(Op.i64Load, address)
    if (frame !== undefined) {
      f.localGet(frame)
      f.op(Op.i64Add)
    }
    f.store(Op.i64Store, 3, slot + RegionSlots.address)
    f.i32Const(0)
    field(Op.i32Load, bytes)
    if (frame !== undefined) {
      f.localGet(frame)
      f.i64ConstS(1)
      f.op(Op.i64ShrU)
      f.op(Op.i32WrapI64)
      f.op(Op.i32Add)
      f.free(frame)
    }
    f.store(Op.i32Store, 2, slot + RegionSlots.bytes)
    // starts = max(0, length + 1 - span)
    f.i32Const(0)
    f.localGet(length)
    f.i64ConstS(span - 1)
    f.op(Op.i64Sub)
    f.localTee(length)
    f.localGet(length)
    f.i64ConstS(63)
    f.op(Op.i64ShrS)
    f.i64ConstS(-1)
    f.op(Op.i64Xor)
    f.op(Op.i64And)
    f.store(Op.i64Store, 3, slot + RegionSlots.starts)
    f.free(entry)
    f.free(length)
  }

  /**
   * Answers a local with the offset of the frame in its region, 0 if it has no gaps; `length` becomes the
   * frame's: 0 when the region does not reach so far.
   */
  private frameOf(t: number, entry: number, length: number): number {
    const { f } = this.e
    const gap = f.temp(ValType.i64)
    const frame = f.temp(ValType.i64)
    // the bits of (t - address) that count frames with their gaps
    f.localGet(t)
    f.localGet(entry)
    f.load(Op.i64Load, 3, RegionTable.address)
    f.op(Op.i64Sub)
    f.i64ConstS(0)
    f.localGet(entry)
    f.load(Op.i64Load32U, 2, RegionTable.gap)
    f.localTee(gap)
    f.i64ConstS(1)
    f.op(Op.i64Shl)
    f.op(Op.i64Sub)
    f.op(Op.i64And)
    f.localSet(frame)
    f.localGet(length)
    f.localGet(gap)
    f.i64ConstS(0)
    f.localGet(frame)
    f.i64ConstS(1)
    f.op(Op.i64ShrU)
    f.localGet(length)
    f.op(Op.i64LtU)
    f.select()
    f.localGet(gap)
    f.op(Op.i64Eqz)
    f.select()
    f.localSet(length)
    f.free(gap)
    return frame
  }
}
