import { RegionTable } from '../arena/layout.ts'
import { regionPlaces } from '../arena/places.ts'
import { emitBeyond, emitStripe } from '../emit/regions.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import type { PlannedRegion, RegionsPlan } from '../vm/memory.ts'
import { type AccessContext, type CheckedRange, type CheckWriter, Status } from './parts.ts'

/** A region that never changes, with the Wasm address of its first byte. */
interface Fixed {
  readonly region: PlannedRegion
  readonly place: number
}

/**
 * regions64. A range is held against the region that the last range of the same base register was in:
 * its copy in `RegionTable.cache`, one frame of a region with gaps. In another region the copy is
 * replaced first. The frame pointer needs no copy: the plan says where the stack is.
 *
 * What crosses the end of a region or a frame leaves to the interpreter, whose check is exact.
 */
export class RegionChecks implements CheckWriter {
  readonly origin = 0
  private readonly e: AccessContext
  private readonly framePointer: number
  private readonly stack: Fixed | undefined
  private readonly gaps: boolean

  constructor(context: AccessContext, plan: RegionsPlan) {
    this.e = context
    const { calls } = context.parts.program
    this.framePointer = calls.kind === 'managed' ? calls.first + calls.saved - 1 : -1
    this.stack = calls.kind === 'managed' ? this.fixedAt(plan, calls.stackHigh) : undefined
    this.gaps = plan.regions.some(({ gap }) => gap !== undefined)
  }

  /** The region below an address, if it never changes and its check is short. */
  private fixedAt(plan: RegionsPlan, high: number): Fixed | undefined {
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
    if (
      stack !== undefined &&
      base === this.framePointer &&
      (stack.region.writable || !write) &&
      hi - lo <= (stack.region.gap ?? stack.region.length)
    )
      this.checkFixed(row, base, range, stack, into)
    else this.checkCached(row, base, range, into)
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
    const cache = RegionTable.cache + RegionTable.entryBytes * base
    const t = f.temp(ValType.i64)
    const d = f.temp(ValType.i64)
    const m = f.temp(ValType.i64)
    const beyond = (): void => {
      f.localGet(t)
      this.cached(Op.i64Load, cache + RegionTable.address)
      f.op(Op.i64Sub)
      f.localSet(d)
      const length = cache + (write ? RegionTable.write : RegionTable.read)
      emitBeyond(f, d, hi - lo, () => this.cached(Op.i64Load, length), m)
    }
    e.operand(base).whole()
    f.i64ConstBig(BigInt(lo))
    f.op(Op.i64Add)
    f.localSet(t)
    beyond()
    f.ifUnlikely()
    this.refill(t, cache)
    beyond()
    f.if()
    e.leaveAt(row, Status.leave)
    f.end()
    f.end()
    f.localGet(d)
    f.op(Op.i32WrapI64)
    this.cached(Op.i32Load, cache + RegionTable.bytes)
    f.op(Op.i32Add)
    f.localSet(into)
    for (const local of [t, d, m]) f.free(local)
  }

  private cached(load: number, at: number): void {
    const { f } = this.e
    f.i32Const(0)
    f.load(load, load === Op.i32Load ? 2 : 3, at)
  }

  /** Copies what the directory has for the address in `t`: a region, or the frame that the address is in. */
  private refill(t: number, cache: number): void {
    const { f } = this.e
    const { address, bytes, directory, gap, read, stripes, write } = RegionTable
    const entry = f.temp(ValType.i32)
    const skipped = f.temp(ValType.i64)
    const frame = f.temp(ValType.i64)
    const fromEntry = (load: number, at: number): void => {
      f.localGet(entry)
      f.load(load, load === Op.i64Load ? 3 : 2, at)
    }
    emitStripe(f, t, stripes)
    f.load(Op.i32Load, 2, directory)
    f.localSet(entry)
    if (this.gaps) {
      fromEntry(Op.i64Load32U, gap)
      f.localSet(frame)
      // addresses before the frame: all of its offset's bits from 2 * gap on; none without gaps
      f.localGet(t)
      fromEntry(Op.i64Load, address)
      f.op(Op.i64Sub)
      f.i64ConstS(0)
      f.localGet(frame)
      f.i64ConstS(1)
      f.op(Op.i64Shl)
      f.op(Op.i64Sub)
      f.op(Op.i64And)
      f.localSet(skipped)
    }
    f.i32Const(0)
    fromEntry(Op.i64Load, address)
    if (this.gaps) {
      f.localGet(skipped)
      f.op(Op.i64Add)
    }
    f.store(Op.i64Store, 3, cache + address)
    for (const length of [read, write]) {
      f.i32Const(0)
      if (this.gaps) {
        // a frame's length if the region reaches so far; the region's where there are no frames
        f.localGet(frame)
        f.i64ConstS(0)
        f.localGet(skipped)
        f.i64ConstS(1)
        f.op(Op.i64ShrU)
        fromEntry(Op.i64Load, length)
        f.op(Op.i64LtU)
        f.select()
        fromEntry(Op.i64Load, length)
        f.localGet(frame)
        f.i64ConstS(0)
        f.op(Op.i64Ne)
        f.select()
      } else fromEntry(Op.i64Load, length)
      f.store(Op.i64Store, 3, cache + length)
    }
    f.i32Const(0)
    fromEntry(Op.i32Load, bytes)
    if (this.gaps) {
      f.localGet(skipped)
      f.i64ConstS(1)
      f.op(Op.i64ShrU)
      f.op(Op.i32WrapI64)
      f.op(Op.i32Add)
    }
    f.store(Op.i32Store, 2, cache + bytes)
    f.free(entry)
    f.free(skipped)
    f.free(frame)
  }
}
