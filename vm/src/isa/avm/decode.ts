import { DecodeError } from '../../bits/errors.ts'
import {
  betterWordsOf,
  Condition,
  countOf,
  fieldsAt,
  fieldWords,
  firstOf,
  firstShared,
  fixedAt,
  fixedWords,
  lengthOf,
  rowOf,
  Slot,
  sharedEncodings,
  slotCount,
  subAtOf,
  subWidthOf,
} from './decode-tables.ts'
import type { DecodedAvm } from './decoded.ts'
import { type AvmInsn, newAvmInsn } from './insn.ts'
import {
  avmBlockEnds,
  avmEnds,
  avmImmediateBits,
  avmJumps,
  avmRow,
  avmTakesSlot,
  avmTrapKinds,
} from './table.ts'

function refuse(code: string, message: string, offset: number, value: number): never {
  throw new DecodeError(code, message, { offset, value })
}

/** `width` bits from bit `at` behind the opcode at `pc` on; bits behind the code are 0. */
export function bitsAt(code: Uint8Array, pc: number, at: number, width: number): number {
  const from = pc + 1 + (at >> 3)
  const word =
    code[from]! | (code[from + 1]! << 8) | (code[from + 2]! << 16) | (code[from + 3]! << 24)
  return width === 32 ? word >>> 0 : (word >>> (at & 7)) & ((1 << width) - 1)
}

/** Operands of the instruction at hand. */
const values = new Int32Array(slotCount)
let high = 0

/** Do the `count` words of conditions at `at` all hold? */
function holds(words: Int32Array, at: number, count: number): boolean {
  for (let k = at; k < at + count; k += 5) {
    const slot = words[k + 1]!
    const value = values[slot]!
    const kind = words[k]!
    if (kind === Condition.isA) {
      if (value !== values[Slot.a]) return false
      continue
    }
    if (kind === Condition.power) {
      if (!isPower(value, words[k + 2]!)) return false
      continue
    }
    if (slot === Slot.imm && high !== value >> 31) return false
    const low = words[k + 2]!
    if (kind === Condition.is) {
      if (value !== low) return false
    } else if (value < low || value > words[k + 3]! || (value - low) % words[k + 4]! !== 0)
      return false
  }
  return true
}

/** Is the immediate with this low word 2 to the power of a number of `width` bits? */
function isPower(low: number, width: number): boolean {
  const word = low === 0 ? high : low
  if ((low !== 0 && high !== 0) || word === 0 || (word & (word - 1)) !== 0) return false
  return (low === 0 ? 63 : 31) - Math.clz32(word) < 2 ** width
}

/** Reads the fields of an encoding into `values` and `high`. */
function readFields(code: Uint8Array, pc: number, encoding: number): void {
  values.fill(0)
  high = 0
  const words = fieldWords
  const end = fieldsAt[encoding + 1]!
  // most have all of their fields in the four bytes behind the opcode
  const near = code[pc + 1]! | (code[pc + 2]! << 8) | (code[pc + 3]! << 16) | (code[pc + 4]! << 24)
  for (let k = fieldsAt[encoding]!; k < end; k += 5) {
    const slot = words[k]!
    const at = words[k + 1]!
    const width = words[k + 2]!
    if (width > 0 && at + width < 32) {
      const raw = (near >>> at) & ((1 << width) - 1)
      values[slot] = words[k + 3]! + raw * words[k + 4]!
    } else if (width === -1) {
      const exponent = bitsAt(code, pc, at, words[k + 4]!)
      values[slot] = exponent < 32 ? 1 << exponent : 0
      high = exponent < 32 ? 0 : 1 << (exponent - 32)
      continue
    } else if (width === 64) {
      values[slot] = bitsAt(code, pc, at, 32)
      high = bitsAt(code, pc, at + 32, 32) | 0
      continue
    } else values[slot] = words[k + 3]! + bitsAt(code, pc, at, width) * words[k + 4]!
    if (slot === Slot.imm) high = values[slot]! >> 31
  }
  const last = fixedAt[encoding + 1]!
  for (let k = fixedAt[encoding]!; k < last; k += 2) {
    const value = fixedWords[k + 1]!
    values[fixedWords[k]!] = value === -1 ? values[Slot.a]! : value
  }
}

/** The encoding at `pc`, or -1; the page of shared opcodes has the bits that tell where its first one has them. */
export function encodingAt(code: Uint8Array, pc: number): number {
  const opcode = code[pc]!
  const first = firstOf[opcode]!
  const count = countOf[opcode]!
  if (count === 0) return first
  const sub = bitsAt(code, pc, subAtOf[opcode]!, subWidthOf[opcode]!)
  return sub < count ? sharedEncodings[firstShared[opcode]! + sub]! : -1
}

/**
 * Decodes the instruction at `pc` into `insn`; targets of branches and jumps as pcs, which may lie anywhere.
 * @returns its length
 * @throws {DecodeError} `unknownOpcode`, `truncated`, `notShortest`, `padding`, `immediate`
 * @example decodeInsn(Uint8Array.of(0), 0, newAvmInsn()) // 1
 */
export function decodeInsn(code: Uint8Array, pc: number, insn: AvmInsn): number {
  const encoding = encodingAt(code, pc)
  if (encoding < 0) refuse('unknownOpcode', 'no instruction', pc, code[pc]!)
  const length = lengthOf[encoding]!
  const row = rowOf[encoding]!
  if (pc + length > code.length) refuse('truncated', 'the code ends in an instruction', pc, length)
  readFields(code, pc, encoding)
  if (values[Slot.pad] !== 0) refuse('padding', 'unused bits are not 0', pc, values[Slot.pad]!)
  const low = values[Slot.imm]!
  const spare = 32 - avmImmediateBits[row]!
  if ((spare === 16 || spare === 24) && low !== (low << spare) >> spare)
    refuse('immediate', 'the immediate is more than is stored', pc, low)
  const better = betterWordsOf(encoding)
  for (let k = 0; k < better.length; k += 1 + better[k]!)
    if (holds(better, k + 1, better[k]!))
      refuse('notShortest', 'a better encoding fits', pc, code[pc]!)
  insn.row = row
  insn.a = values[Slot.a]!
  insn.b = values[Slot.b]!
  insn.c = values[Slot.c]!
  insn.low = low
  insn.high = high
  insn.off = values[Slot.off]!
  const target = values[Slot.target]!
  insn.target = target
  if (avmJumps[row] === 1) insn.target = target < 0 ? pc + target + 1 : pc + length + target
  return length
}

/** What the validity of code depends on beside its bytes. */
export interface AvmCodeShape {
  readonly code: Uint8Array
  /** In the order of their pcs; the first starts at 0. */
  readonly functions: readonly {
    readonly pc: number
    readonly frameSize: number
    /** Absent: none. */
    readonly slots?: number
  }[]
  /** Places whose code address the program takes. */
  readonly codeTable: readonly number[]
  /** Number of host calls. */
  readonly imports: number
}

/** @param slots of the function that the instruction is in */
function checkOperands(
  { functions, imports }: AvmCodeShape,
  slots: number,
  insn: AvmInsn,
  pc: number,
): void {
  if (avmTakesSlot[insn.row] === 1 && insn.low >= slots)
    refuse('slot', 'the function has no such slot', pc, insn.low)
  if (insn.row === avmRow.call && insn.target >= functions.length)
    refuse('callee', 'no such function', pc, insn.target)
  if (insn.row === avmRow.host && insn.target >= imports)
    refuse('import', 'no such import', pc, insn.target)
  if (insn.row === avmRow.trap && (insn.low < 1 || insn.low > avmTrapKinds))
    refuse('trap', 'no such kind of trap', pc, insn.low)
}

/** What a byte of code is: sums. */
export const AvmByte = { start: 1, block: 2 } as const

/**
 * Checks all of the code in one pass, and its targets in a second over them; O(code).
 * @param into gets all instructions
 * @returns for each byte whether an instruction starts there (`AvmByte.start`), and whether it begins a block
 * @throws {DecodeError} as `decodeInsn`, and `function`, `fallsThrough`, `target`, `callee`, `import`, `slot`, `trap`, `codeTable`
 * @example validateAvm({ code: Uint8Array.of(0), functions: [{ pc: 0, frameSize: 0 }], codeTable: [], imports: 0 })[0] // 3
 */
export function validateAvm(shape: AvmCodeShape, into?: DecodedAvm): Uint8Array {
  const { code, functions } = shape
  const kinds = new Uint8Array(code.length + 1)
  const insn = newAvmInsn()
  const targets: number[] = []
  let next = 0
  let start = 0
  let slots = 0
  let row: number = avmRow.ret
  const closeFunction = (end: number, at: number): void => {
    if (avmEnds[row] === 0)
      refuse('fallsThrough', 'a function ends in an instruction that goes on', at, row)
    for (let i = 0; i < targets.length; i += 2) {
      const target = targets[i]!
      const inside = target >= start && target < end
      if (!inside || (kinds[target]! & AvmByte.start) === 0)
        refuse('target', 'a jump to no instruction of its function', targets[i + 1]!, target)
      kinds[target]! |= AvmByte.block
    }
    targets.length = 0
  }
  if (functions.length === 0 || functions[0]!.pc !== 0)
    refuse('function', 'no function starts at 0', 0, functions[0]?.pc ?? 0)
  let before = 0
  for (let pc = 0; pc < code.length; ) {
    if (next < functions.length && functions[next]!.pc <= pc) {
      if (functions[next]!.pc < pc)
        refuse('function', 'a function starts within an instruction', pc, next)
      closeFunction(pc, before)
      start = pc
      slots = functions[next]!.slots ?? 0
      next++
      if (next < functions.length && functions[next]!.pc <= pc)
        refuse('function', 'functions are not in the order of their pcs', pc, next)
      kinds[pc]! |= AvmByte.block
    }
    kinds[pc]! |= AvmByte.start
    const length = decodeInsn(code, pc, insn)
    into?.add(insn, length)
    row = insn.row
    checkOperands(shape, slots, insn, pc)
    if (avmJumps[row] === 1) targets.push(insn.target, pc)
    if (avmBlockEnds[row] === 1) kinds[pc + length]! |= AvmByte.block
    before = pc
    pc += length
  }
  if (next < functions.length)
    refuse('function', 'a function starts behind the code', functions[next]!.pc, next)
  closeFunction(code.length, before)
  for (const [i, pc] of shape.codeTable.entries()) {
    if (!(pc >= 0 && pc < code.length) || (kinds[pc]! & AvmByte.start) === 0)
      refuse('codeTable', `entry ${i} is no instruction`, pc, i)
    kinds[pc]! |= AvmByte.block
  }
  return kinds
}
