import { assert } from '../bits/errors.ts'
import { Mark, rowWords } from './program.ts'
import { irForms, irRows, Op } from './table.ts'

const charge = Op.charge
/** 1 for ops whose fourth word is a target. */
const hasTarget = Uint8Array.from(irRows, (row) => (irForms[row.form].off === 'target' ? 1 : 0))

export interface BuiltRows {
  readonly rows: Int32Array
  readonly count: number
  readonly pcOf: Int32Array
  readonly marks: Uint8Array
  readonly costs: Uint16Array
  readonly rowOf: Int32Array
}

/** What a lifter of one instruction writes its rows to: `IrBuilder` says what the parameters are. */
export interface RowWriter {
  row(op: number, a: number, b: number, c: number, low: number, high: number, off: number): number
  abc(op: number, a: number, b: number, c: number): void
  abi(op: number, a: number, b: number, imm: number): void
}

/**
 * Appends rows for one program. Branch targets are given as guest pcs and resolved by `finish`.
 * Amortised O(1) a row; nothing is allocated per row.
 */
export class IrBuilder implements RowWriter {
  private rows: Int32Array
  private pcOf: Int32Array
  private marks: Uint8Array
  private costs: Uint16Array
  private readonly rowOf: Int32Array
  private readonly metered: boolean
  private count = 0
  private capacity: number
  private pc = 0
  private segment = -1
  private segmentCost = 0
  private segmentInstructions = 0

  /** @param pcs number of guest pcs, one past the last instruction; @param expected rows to make room for */
  constructor(pcs: number, expected: number, metered: boolean) {
    this.capacity = Math.max(64, expected)
    this.rows = new Int32Array(this.capacity * rowWords)
    this.pcOf = new Int32Array(this.capacity)
    this.marks = new Uint8Array(this.capacity)
    this.costs = new Uint16Array(this.capacity)
    this.rowOf = new Int32Array(pcs + 1).fill(-1)
    this.metered = metered
  }

  private grow(): void {
    this.capacity *= 2
    const copy = <T extends Int32Array | Uint8Array | Uint16Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    this.rows = copy(this.rows, new Int32Array(this.capacity * rowWords))
    this.pcOf = copy(this.pcOf, new Int32Array(this.capacity))
    this.marks = copy(this.marks, new Uint8Array(this.capacity))
    this.costs = copy(this.costs, new Uint16Array(this.capacity))
  }

  private closeSegment(): void {
    if (this.segment < 0 || !this.metered) return
    this.rows[this.segment * rowWords + 1] = this.segmentCost | 0
    this.rows[this.segment * rowWords + 2] = this.segmentInstructions | 0
  }

  /** Starts a segment at the guest instruction `pc`; its cost is `cost` plus that of its instructions. */
  startSegment(pc: number, cost: number): void {
    this.closeSegment()
    this.pc = pc
    this.segment = this.count
    this.segmentCost = cost
    this.segmentInstructions = 0
    if (this.metered) this.row(charge, 0, 0, 0, 0, 0, 0)
    else if (this.count === this.capacity) this.grow()
  }

  /** Starts the guest instruction at `pc`. `cost` is its own gas in an instruction schedule, else 0. */
  startInstruction(pc: number, cost: number): void {
    if (this.count === this.capacity) this.grow()
    this.pc = pc
    const row = this.count
    this.marks[row]! |= Mark.instruction
    this.costs[row] = cost
    this.segmentCost += cost
    this.segmentInstructions++
    const opens = this.segment === row || (this.metered && this.segment === row - 1)
    if (opens) this.marks[this.segment]! |= Mark.segment
    this.rowOf[pc] = opens ? this.segment : row
  }

  /** Adds to what the open segment costs: block schedules whose costs are sums. */
  addCost(cost: number): void {
    this.segmentCost += cost
  }

  /** The instruction just started is reached by running on only: no run starts or resumes at its pc. */
  hideInstruction(): void {
    this.rowOf[this.pc] = -1
  }

  /** Appends a row; a `target` is a guest pc, or `-2 - row` for a row that is known already. */
  row(op: number, a: number, b: number, c: number, low: number, high: number, off: number): number {
    if (this.count === this.capacity) this.grow()
    const at = this.count * rowWords
    const rows = this.rows
    rows[at] = op | (a << 8) | (b << 16) | (c << 24)
    rows[at + 1] = low
    rows[at + 2] = high
    rows[at + 3] = off
    this.pcOf[this.count] = this.pc
    return this.count++
  }

  /** a = b op c, or a = op b with c = 0. */
  abc(op: number, a: number, b: number, c: number): void {
    this.row(op, a, b, c, 0, 0, 0)
  }

  /** a = b op imm, the immediate sign-extended from 32 bits. */
  abi(op: number, a: number, b: number, imm: number): void {
    this.row(op, a, b, 0, imm, imm >> 31, 0)
  }

  /** The row that was appended last, so far. */
  get next(): number {
    return this.count
  }

  /** A place out of line that traps on behalf of the instruction at `pc`; costs nothing. Call after all code. */
  trapStub(pc: number, trap: number): number {
    if (this.segment >= 0) {
      this.closeSegment()
      this.segment = -1
    }
    this.pc = pc
    const row = this.row(Op.trap, 0, 0, 0, trap, 0, 0)
    this.marks[row] = Mark.outOfLine
    return row
  }

  /**
   * Resolves targets and gives the rows away.
   * @param badTarget called for a row whose target pc starts no segment; answers the row to go to instead
   */
  finish(badTarget: (row: number, pc: number, target: number) => number): BuiltRows {
    this.closeSegment()
    const fixed = this.count
    for (let row = 0; row < fixed; row++) {
      const at = row * rowWords
      if (hasTarget[this.rows[at]! & 0xff] === 0) continue
      const target = this.rows[at + 3]!
      const to =
        target < -1
          ? -2 - target
          : target < 0 || target >= this.rowOf.length
            ? -1
            : this.rowOf[target]!
      const valid = to >= 0 && (target < -1 || (this.marks[to]! & Mark.segment) !== 0)
      const resolved = valid ? to : badTarget(row, this.pcOf[row]!, target)
      this.rows[at + 3] = resolved
    }
    assert(this.count > 0, 'finish: a program has at least one row')
    return {
      rows: this.rows,
      count: this.count,
      pcOf: this.pcOf,
      marks: this.marks,
      costs: this.costs,
      rowOf: this.rowOf,
    }
  }
}
