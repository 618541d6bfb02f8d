import { accessOf } from '../ir/accesses.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import { type IrForm, irRows, Op, writesA } from '../ir/table.ts'

/**
 * Octets of Wasm, by estimate, after which a function is cut: V8's optimising compiler takes more than
 * linear time for one, and 50-200 ms for so many at worst (`node bench/dist/main.js --only hostile`).
 */
export const maxFunctionOctets = 60_000

/** So few rows are never too many, whatever they are. */
export const fewRows = 250

/** What rows of a form become, checks of accesses apart. */
const octets: Partial<Record<IrForm, number>> = {
  abc: 12,
  abi: 14,
  ab: 10,
  ai: 8,
  move: 14,
  movei: 16,
  getslot: 6,
  setslot: 6,
  load: 10,
  store: 10,
  storei: 12,
  branch: 35,
  branchi: 35,
  jump: 60,
  call: 160,
  callr: 220,
  jumpr: 150,
  ret: 50,
  leave: 20,
  host: 20,
  memset: 20,
  packet: 20,
}
const wide = /^(mul(h|hsu|hu)|div|rem)/
const byOp = Uint8Array.from(
  irRows,
  ({ form, name }) => (octets[form] ?? 8) + (wide.test(name) ? 60 : 0),
)
const isAccess = Uint8Array.from(irRows, (_, op) => (accessOf(op) === undefined ? 0 : 1))
/** Distances beyond have a check of their own. */
const near = 2048

/** About how many octets of Wasm a stretch of rows becomes; O(rows). */
export class Estimate {
  /** From the row that `begin` was given to the one that `upTo` was. */
  octets = 0
  private next = 0
  private readonly program: IrProgram
  private readonly check: number
  /** Bases whose range is checked, as bits; and an offset that is. */
  private checked = 0
  private readonly offsets = new Int32Array(32)

  constructor(program: IrProgram) {
    this.program = program
    const { profile } = program.memory
    this.check = profile === 'linear32' ? 40 : profile === 'paged32' ? 80 : 170
  }

  begin(row: number): void {
    this.octets = 0
    this.next = row
    this.checked = 0
  }

  /** Adds the rows before `end`. */
  upTo(end: number): void {
    const { offsets } = this
    const { rows } = this.program
    let sum = this.octets
    for (let row = this.next; row < end; row++) {
      const at = row * rowWords
      const word = rows[at]!
      const op = word & 0xff
      const b = (word >>> 16) & 31
      sum += byOp[op]!
      if (isAccess[op] === 1) {
        const distance = rows[at + 3]! - offsets[b]!
        if (((this.checked >>> b) & 1) === 0 || distance > near || distance < -near) {
          sum += this.check
          this.checked |= 1 << b
          offsets[b] = rows[at + 3]!
        }
      }
      const a = (word >>> 8) & 31
      // a constant added to a register itself moves its range, no more
      if (writesA[op] === 1 && (op !== Op.add64i || a !== b)) this.checked &= ~(1 << a)
    }
    this.octets = sum
    this.next = end
  }
}
