import { type IrProgram, rowWords } from '../ir/program.ts'
import { irRows, Op, writesA } from '../ir/table.ts'
import { type Blocks, End, isLink } from './blocks.ts'
import { type Counter, type Pace, paceOf } from './pace.ts'
import type { Plan } from './plan.ts'

/** Longer loops are written once: what a check costs is little of an iteration. */
const maxLoopRows = 160
const maxRanges = 6
/** No address is anywhere near, and sums of two do not wrap. */
export const far: number = 2 ** 40

/** Octets `lo`..`hi` from the sum of a moving and a resting register on, either of them -1 for none. */
interface LoopRange {
  /** Where they are expected. */
  readonly window: number
  readonly moving: number
  readonly resting: number
  lo: number
  hi: number
}

/** A loop whose accesses, or gas, can be checked before it. */
export interface HoistedLoop {
  readonly counter: Counter | undefined
  readonly pace: Pace | undefined
  readonly ranges: readonly LoopRange[]
}

const stays: Readonly<Record<string, readonly [Counter['while'], 'b' | 'c', boolean]>> = {
  // name: what holds in the loop, where the counter is, is the branch taken then
  bltu64: ['ltu', 'b', true],
  blts64: ['lts', 'b', true],
  bne64: ['ne', 'b', true],
  bgeu64: ['ltu', 'b', false],
  bges64: ['lts', 'b', false],
  beq64: ['ne', 'b', false],
  bltu64i: ['ltu', 'b', true],
  blts64i: ['lts', 'b', true],
  bne64i: ['ne', 'b', true],
  bgeu64i: ['ltu', 'b', false],
  bges64i: ['lts', 'b', false],
  beq64i: ['ne', 'b', false],
}

/** Does a block of the loop call: its callee may change any register. */
export function callsIn(blocks: Blocks, plan: Plan, x: number): boolean {
  for (let y = x; y <= plan.loopEnd[x]!; y++) {
    const end = blocks.end[plan.blocks[y]!]!
    if (end === End.call || end === End.callRegister || isLink(end)) return true
  }
  return false
}

/** Can what a loop accesses be checked before it, and is it short enough to be written twice. */
export function isSimple(blocks: Blocks, plan: Plan, x: number): boolean {
  let rows = 0
  for (let y = x; y <= plan.loopEnd[x]!; y++) {
    const block = plan.blocks[y]!
    rows += blocks.start[block + 1]! - blocks.start[block]!
  }
  return rows <= maxLoopRows && !callsIn(blocks, plan, x)
}

/** What an innermost Wasm loop writes, and how its registers move. Linear in its rows. */
export class LoopFacts {
  readonly header: number
  readonly end: number
  /** Values of registers at the header. */
  readonly ids: Int32Array
  /** Written between the header and the last block, as bits. */
  readonly between: number
  private readonly program: IrProgram
  private readonly writes = new Uint8Array(32)
  private readonly writer = new Int32Array(32)
  private readonly counter: Counter | undefined
  private readonly pace: Pace | undefined

  constructor(program: IrProgram, blocks: Blocks, plan: Plan, x: number, ids: Int32Array) {
    this.program = program
    this.header = x
    this.end = plan.loopEnd[x]!
    this.ids = ids.slice(0, 32)
    let between = 0
    for (let y = x; y <= this.end; y++) {
      const block = plan.blocks[y]!
      for (let row = blocks.start[block]!; row < blocks.start[block + 1]!; row++) {
        const word = program.rows[row * rowWords]!
        const a = (word >>> 8) & 0xff
        if (writesA[word & 0xff] === 0 || a >= 32) continue
        if (this.writes[a]! < 2) this.writes[a]!++
        this.writer[a] = y === x || y === this.end ? row : -1
        if (y !== x && y !== this.end) between |= 1 << a
      }
    }
    this.between = between
    this.counter = this.counterOf(blocks, plan)
    this.pace = this.counter && paceOf(program, blocks, plan, x, this.counter)
  }

  private rests(register: number): boolean {
    return register < 32 && this.writes[register] === 0
  }

  /** What a register moves by once in every iteration, if it does nothing else. */
  private stepOf(register: number): Counter['step'] | undefined {
    if (register >= 32 || this.writes[register] !== 1) return undefined
    const row = this.writer[register]!
    if (row < 0) return undefined
    const { rows } = this.program
    const word = rows[row * rowWords]!
    if (((word >>> 16) & 0xff) !== register) return undefined
    const low = rows[row * rowWords + 1]!
    if ((word & 0xff) === Op.add64i)
      return low > 0 && low <= 0x10_0000 && rows[row * rowWords + 2] === 0 ? low : undefined
    const c = word >>> 24
    return (word & 0xff) === Op.add64 && this.rests(c) ? { register: c } : undefined
  }

  /** The register that bounds the loop: its last block alone goes back, and it or the header asks. */
  private counterOf(blocks: Blocks, plan: Plan): Counter | undefined {
    const { end, header } = this
    for (let y = header; y < end; y++) if (plan.target[y] === header) return undefined
    return (
      this.askedBy(blocks, plan, end) ??
      (plan.target[header]! < header || plan.target[header]! > end
        ? this.askedBy(blocks, plan, header)
        : undefined)
    )
  }

  private askedBy(blocks: Blocks, plan: Plan, y: number): Counter | undefined {
    const { rows } = this.program
    const row = blocks.start[plan.blocks[y]! + 1]! - 1
    const word = rows[row * rowWords]!
    const stay = stays[irRows[word & 0xff]!.name]
    const taken = plan.target[y] === this.header
    if (stay === undefined || stay[2] !== taken) return undefined
    const register = (word >>> 16) & 0xff
    const step = this.stepOf(register)
    // moved before it is asked, so that the answer holds at the header
    if (step === undefined || this.writer[register]! > row) return undefined
    const immediate = irRows[word & 0xff]!.form === 'branchi'
    const c = word >>> 24
    if (immediate ? rows[row * rowWords + 2] !== 0 : !this.rests(c)) return undefined
    if (stay[0] === 'ne' && (typeof step !== 'number' || (step & (step - 1)) !== 0))
      return undefined
    const bound = immediate ? rows[row * rowWords + 1]! >>> 0 : { register: c }
    return { register, while: stay[0], bound, step, asked: y, movedAt: this.writer[register]! }
  }

  /** Registers whose value at the header plus a resting one an address is counted from. */
  partsOf(left: number, right: number): { moving: number; resting: number } | undefined {
    const a = this.ids.indexOf(left)
    const b = right < 0 ? -1 : this.ids.indexOf(right)
    if (a < 0 || (right >= 0 && b < 0)) return undefined
    const moves = (r: number): boolean => r >= 0 && !this.rests(r)
    if (moves(a) && moves(b)) return undefined
    const moving = moves(a) ? a : moves(b) ? b : -1
    const resting = moving === a ? b : a
    if (moving < 0) return b < 0 ? { moving: -1, resting: a } : undefined
    return this.keepsPace(moving) ? { moving, resting } : undefined
  }

  /** Does the register move like the counter. */
  private keepsPace(register: number): boolean {
    const step = this.stepOf(register)
    const other = this.counter?.step
    if (step === undefined || other === undefined) return false
    if (typeof step === 'number' || typeof other === 'number') return step === other
    return step.register === other.register
  }

  /** Undefined if nothing can be checked before it. */
  hoisted(ranges: readonly LoopRange[]): HoistedLoop | undefined {
    const { counter, pace } = this
    return pace === undefined && ranges.length === 0 ? undefined : { counter, pace, ranges }
  }
}

/** Ranges of a loop that are checked before it; accesses near each other share one. */
export class LoopRanges {
  readonly list: LoopRange[] = []

  /** Takes an access in, if there is room. */
  add(more: LoopRange, maxSpan: number): boolean {
    const { hi, lo, moving, resting, window } = more
    for (const range of this.list) {
      if (range.moving !== moving || range.resting !== resting || range.window !== window) continue
      const low = Math.min(range.lo, lo)
      const high = Math.max(range.hi, hi)
      if (high - low > maxSpan) continue
      range.lo = low
      range.hi = high
      return true
    }
    if (this.list.length === maxRanges || Math.abs(lo) > far) return false
    this.list.push(more)
    return true
  }
}
