import { type IrProgram, Mark, rowWords } from '../ir/program.ts'
import { type IrForm, irRows, Op } from '../ir/table.ts'
import { Estimate, fewRows, maxFunctionOctets } from './estimate.ts'

/** How control leaves a block. */
export const End = {
  /** Runs on into the next block. */
  fall: 0,
  /** `target`, or the next block. */
  branch: 1,
  /** `target`. */
  jump: 2,
  /** A managed call of `target`; goes on in the next block. */
  call: 3,
  /** A managed call through a register; goes on in the next block. */
  callRegister: 4,
  ret: 5,
  jumpRegister: 6,
  /** Left to the interpreter: traps, halts, host calls. */
  leave: 7,
  /** A jump to `target` that leaves a return address behind; likely to come back at `back`. */
  link: 8,
  /** The same through a register. */
  linkRegister: 9,
} as const
export type End = (typeof End)[keyof typeof End]

/** Basic blocks of a program: segments, cut behind every host call and where they are too long. */
export interface Blocks {
  readonly count: number
  /** First row of each block; one more for the end of the last. */
  readonly start: Int32Array
  readonly end: Uint8Array
  /** Block of the static target, or -1 when it has none or leads to a trap out of line. */
  readonly target: Int32Array
  /** Block that a link's return address stands for, or -1. */
  readonly back: Int32Array
  /** Row -> block that starts there, or -1. */
  readonly at: Int32Array
  /** By block: does the jump table lead there; and is it where a link comes back. */
  readonly jumped: Uint8Array
  readonly returned: Uint8Array
}

const ends: Partial<Record<IrForm, End>> = {
  branch: End.branch,
  branchi: End.branch,
  jump: End.jump,
  call: End.call,
  callr: End.callRegister,
  jumpr: End.jumpRegister,
  leave: End.leave,
  host: End.leave,
}
const endOf = Uint8Array.from(irRows, ({ form, name }) =>
  name === 'ret' ? End.ret : name === 'halt' ? End.leave : (ends[form] ?? End.fall),
)

/**
 * Cuts a program into basic blocks; O(rows). Rows out of line belong to no block.
 * @example blocksOf(liftProgram(program)).start[0] // 0
 */
export function blocksOf(program: IrProgram): Blocks {
  const { marks, rows } = program
  let count = program.count
  for (let row = 0; row < count; row++) if ((marks[row]! & Mark.outOfLine) !== 0) count = row
  const at = new Int32Array(program.count).fill(-1)
  const starts: number[] = []
  let open = true
  let from = 0
  const estimate = new Estimate(program)
  for (let row = 0; row < count; row++) {
    // longer blocks go on in another one, so that functions can be cut there
    let long = false
    if (row - from >= fewRows) {
      if (row - from === fewRows) estimate.begin(from)
      estimate.upTo(row)
      long = estimate.octets >= maxFunctionOctets
    }
    const cut = long && (marks[row]! & Mark.instruction) !== 0
    if (open || cut || (marks[row]! & Mark.segment) !== 0) {
      at[row] = starts.length
      starts.push(row)
      from = row
    }
    const op = rows[row * rowWords]! & 0xff
    // a trap in mid-segment may be followed by rows that nothing reaches
    open = op === Op.host || op === Op.trap || op === Op.halt
  }
  const start = Int32Array.from([...starts, count])
  const end = new Uint8Array(starts.length)
  const target = new Int32Array(starts.length).fill(-1)
  const back = new Int32Array(starts.length).fill(-1)
  const jumped = new Uint8Array(starts.length)
  const returned = new Uint8Array(starts.length)
  for (let block = 0; block < starts.length; block++) {
    const last = start[block + 1]! - 1
    const kind = endOf[rows[last * rowWords]! & 0xff]!
    end[block] = kind
    if (kind === End.branch || kind === End.jump || kind === End.call)
      target[block] = at[rows[last * rowWords + 3]!]!
    const jumps = kind === End.jump && target[block]! >= 0
    if ((!jumps && kind !== End.jumpRegister) || last === start[block]) continue
    const row = returnRow(program, last - 1)
    if (row < 0 || at[row]! < 0) continue
    end[block] = jumps ? End.link : End.linkRegister
    back[block] = at[row]!
    returned[at[row]!] = 1
  }
  for (const row of program.jumps.rows) if (row >= 0 && at[row]! >= 0) jumped[at[row]!] = 1
  return { count: starts.length, start, end, target, back, at, jumped, returned }
}

/** PVM, by the convention of compilers: where return addresses are. */
const returnRegister = 0

/** Row that the address loaded by `row` stands for in the jump table of the link model, or -1. */
function returnRow(program: IrProgram, row: number): number {
  const { calls, jumps, marks, rows } = program
  const at = row * rowWords
  if (calls.kind !== 'link' || (rows[at]! & 0xff) !== Op.li || rows[at + 2] !== 0) return -1
  // two instructions with any other register: what waits for a jump may be a state's number
  const register = (rows[at]! >>> 8) & 0xff
  if (register !== returnRegister && (marks[row + 1]! & Mark.instruction) !== 0) return -1
  const distance = BigInt(rows[at + 1]! >>> 0) - jumps.base
  const index = Number(distance >> BigInt(jumps.shift))
  if (distance < 0n || BigInt(index) << BigInt(jumps.shift) !== distance) return -1
  return jumps.rows[index] ?? -1
}

/** The block a static edge other than a call leads to: the target, or where a link comes back; else -1. */
export function edgeOf(blocks: Blocks, block: number): number {
  const end = blocks.end[block]!
  if (isLink(end)) return blocks.back[block]!
  return end === End.call ? -1 : blocks.target[block]!
}

export function isLink(end: number): boolean {
  return end === End.link || end === End.linkRegister
}

/** Does control run from the block into the next one. */
export function falls(end: number): boolean {
  return end === End.fall || end === End.branch || end === End.call || end === End.callRegister
}
