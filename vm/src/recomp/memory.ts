import { accessCode } from '../emit/access.ts'
import { type AccessInfo, accessOf } from '../ir/accesses.ts'
import { rowWords } from '../ir/program.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { type CheckWriter, checksOf } from './checks.ts'
import type { AccessContext } from './parts.ts'

/** Ranges that are held checked at one time; a V8 frame keeps about as many words in registers. */
const slots = 12

/**
 * Memory accesses of a function. The first one through a value checks the whole range that its
 * block accesses through it; a range that is refused leaves before the first access, and the
 * interpreter finds out which of them is at fault.
 */
export class GroupedMemory {
  private readonly e: AccessContext
  private readonly checks: CheckWriter
  /** Local with the Wasm address of a range, less the profile's origin, and the row that checks it. */
  private readonly locals: number[] = []
  private readonly heads = new Int32Array(slots).fill(-1)
  private next = 0
  /** The loop that is being written was checked before it. */
  checkedBefore = false

  constructor(emitter: AccessContext) {
    this.e = emitter
    this.checks = checksOf(emitter)
  }

  /** What was checked before is not known to be checked here. */
  forget(): void {
    this.heads.fill(-1)
  }

  private baseOf(row: number): number {
    return (this.e.parts.program.rows[row * rowWords]! >>> 16) & 0xff
  }

  private kindOf(row: number): AccessInfo {
    return accessOf(this.e.parts.program.rows[row * rowWords]! & 0xff)!
  }

  /** Pushes an i32 and answers what is to be added to it for the Wasm address of the access. */
  private address(row: number): number {
    const { parts } = this.e
    const { distance, head, hoisted, lo } = parts.values
    const first = head[row]!
    if (first < 0 || (this.checkedBefore && hoisted[row]! > 0))
      return this.proven(row, first < 0 ? 0 : hoisted[row]! - 1)
    let slot = this.heads.indexOf(first)
    if (slot < 0) slot = this.check(row, first)
    this.e.f.localGet(this.locals[slot]!)
    return this.checks.origin + distance[row]! - lo[first]!
  }

  private check(row: number, first: number): number {
    const { f, parts } = this.e
    const { distance, hi, lo, write } = parts.values
    const slot = this.next
    this.next = slot + 1 === slots ? 0 : slot + 1
    if (slot === this.locals.length) this.locals.push(f.local(ValType.i32))
    const value = distance[row]! - parts.program.rows[row * rowWords + 3]!
    const range = {
      lo: lo[first]! - value,
      hi: hi[first]! - value,
      write: write[first] === 1,
      from: lo[first]!,
    }
    this.checks.check(row, this.baseOf(row), range, this.locals[slot]!)
    this.heads[slot] = first
    return slot
  }

  /** The address is known to be mapped, in a window. */
  private proven(row: number, window: number): number {
    const { f, parts } = this.e
    const { distance, value } = parts.values
    const { address, frame } = parts.windows.list[window]!
    const shift = frame - address
    if (value[row] === 0) {
      f.i32Const(0)
      return distance[row]! + shift
    }
    const off = parts.program.rows[row * rowWords + 3]!
    this.e.operand(this.baseOf(row)).low()
    // the base is in 0..2^32 then, because the address is
    if (off <= address && off + shift >= 0) return off + shift
    f.i32Const((off + shift) | 0)
    f.op(Op.i32Add)
    return 0
  }

  /** Pushes the loaded value. */
  load(row: number): void {
    const offset = this.address(row)
    this.e.f.load(accessCode(this.kindOf(row)), 0, offset)
  }

  /** Pushes what `store` takes below the value, and answers its offset. */
  storeAddress(row: number): number {
    return this.address(row)
  }

  /** Takes the value and what `storeAddress` pushed. */
  store(row: number, offset: number): void {
    this.e.f.store(accessCode(this.kindOf(row)), 0, offset)
  }
}
