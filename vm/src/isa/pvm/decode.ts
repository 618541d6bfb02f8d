import { isTerminator, type PvmForm, pvmForms, pvmRows } from './table.ts'
import type { PvmIsa } from './versions.ts'

/** A decoded instruction. `decodePvm` fills it; fields the row's form lacks keep their old values. */
export interface PvmInsn {
  /** Index into `pvmRows`; -1: no instruction of this version, acts as `trap`. */
  row: number
  /** Octets, 1..25: opcode and skip. The next instruction is at `pc + length`. */
  length: number
  rA: number
  rB: number
  rD: number
  /** First immediate: an i32, to be sign-extended to the register width. */
  immX: number
  immY: number
  /** The words of `load_imm_64`, i32. */
  imm64Low: number
  imm64High: number
  /** Absolute target of a static jump, 0..2^32-1; may lie outside the code. */
  target: number
}

/** @example decodePvm(pvmIsa('gp-0.7'), code, bitmask, 0, newPvmInsn()) */
export function newPvmInsn(): PvmInsn {
  return {
    row: -1,
    length: 1,
    rA: 0,
    rB: 0,
    rD: 0,
    immX: 0,
    immY: 0,
    imm64Low: 0,
    imm64High: 0,
    target: 0,
  }
}

/** The most octets that follow an opcode (Gray Paper A.3, "skip"). */
export const maxSkip = 24

/** Is bit `index` set? False outside of `bits`. Layout of program bitmasks: least significant first. */
export function hasBit(bits: Uint8Array, index: number): boolean {
  if (index >>> 0 !== index || index >= bits.length * 8) return false
  return ((bits[index >>> 3]! >> (index & 7)) & 1) === 1
}

/** Octets after the opcode at `pc`: min(24, up to the next set bit); the code's end counts as set. */
export function skipAt(length: number, bitmask: Uint8Array, pc: number): number {
  const first = pc + 1
  const left = length - first
  if (left <= 0) return 0
  const at = first >>> 3
  let bits: number
  if (at + 4 <= bitmask.length) {
    bits =
      (bitmask[at]! |
        (bitmask[at + 1]! << 8) |
        (bitmask[at + 2]! << 16) |
        (bitmask[at + 3]! << 24)) >>>
      (first & 7)
  } else {
    bits = 0
    for (let i = 0; at + i < bitmask.length; i++) bits |= bitmask[at + i]! << (8 * i)
    bits >>>= first & 7
  }
  bits |= 1 << Math.min(left, maxSkip)
  return 31 - Math.clz32(bits & -bits)
}

/** Little-endian word at `at`; octets past the code's end are 0. */
function wordAt(code: Uint8Array, at: number): number {
  if (at + 4 <= code.length)
    return code[at]! | (code[at + 1]! << 8) | (code[at + 2]! << 16) | (code[at + 3]! << 24)
  let word = 0
  for (let i = 0; at + i < code.length && i < 4; i++) word |= code[at + i]! << (8 * i)
  return word
}

/** Immediate of `length` octets (0..4, less than 0 counts as 0, more than 4 as 4). */
function immAt(code: Uint8Array, at: number, length: number): number {
  if (length <= 0) return 0
  if (length >= 4) return wordAt(code, at)
  const shift = 32 - 8 * length
  return (wordAt(code, at) << shift) >> shift
}

const formNames = Object.keys(pvmForms) as PvmForm[]
const formByRow = Uint8Array.from(pvmRows, (row) => formNames.indexOf(row.form))

/**
 * Decodes the instruction at `pc` (0 <= pc) into `out`; never throws and never allocates. At or past
 * the code's end, where the bitmask has no instruction, and for an unassigned opcode, `row` is -1.
 * Sources: Gray Paper A.3 and A.5; polkavm-common/src/program.rs, `read_args_*`.
 */
export function decodePvm(
  isa: PvmIsa,
  code: Uint8Array,
  bitmask: Uint8Array,
  pc: number,
  out: PvmInsn,
): void {
  if (pc >= code.length || ((bitmask[pc >>> 3]! >> (pc & 7)) & 1) === 0) {
    out.row = -1
    out.length = 1
    return
  }
  const skip = skipAt(code.length, bitmask, pc)
  const row = isa.rowByCode[code[pc]!]!
  out.row = row
  out.length = skip + 1
  if (row < 0) return
  const b0 = pc + 1 < code.length ? code[pc + 1]! : 0
  const low = b0 & 15
  const high = b0 >> 4
  const a = Math.min(low, 12)
  const b = Math.min(high, 12)
  switch (formByRow[row]) {
    case 0: // none
      return
    case 1: // imm
      out.immX = immAt(code, pc + 1, skip)
      return
    case 2: // regImm64
      out.rA = a
      out.imm64Low = wordAt(code, pc + 2)
      out.imm64High = wordAt(code, pc + 6)
      return
    case 3: {
      // immImm
      const lengthX = Math.min(b0 & 7, 4)
      out.immX = immAt(code, pc + 2, lengthX)
      out.immY = immAt(code, pc + 2 + lengthX, skip - lengthX - 1)
      return
    }
    case 4: // offset
      out.target = (pc + immAt(code, pc + 1, skip)) >>> 0
      return
    case 5: // regImm
      out.rA = a
      out.immX = immAt(code, pc + 2, skip - 1)
      return
    case 6: // regImmImm
    case 7: {
      // regImmOffset
      const lengthX = Math.min(high & 7, 4)
      out.rA = a
      out.immX = immAt(code, pc + 2, lengthX)
      const second = immAt(code, pc + 2 + lengthX, skip - lengthX - 1)
      if (formByRow[row] === 6) out.immY = second
      else out.target = (pc + second) >>> 0
      return
    }
    case 8: // regReg
      out.rD = a
      out.rA = b
      return
    case 9: // regRegImm
      out.rA = a
      out.rB = b
      out.immX = immAt(code, pc + 2, skip - 1)
      return
    case 10: // regRegOffset
      out.rA = a
      out.rB = b
      out.target = (pc + immAt(code, pc + 2, skip - 1)) >>> 0
      return
    case 11: {
      // regRegImmImm
      const b1 = pc + 2 < code.length ? code[pc + 2]! & 7 : 0
      const lengthX = Math.min(b1, 4)
      out.rA = a
      out.rB = b
      out.immX = immAt(code, pc + 3, lengthX)
      out.immY = immAt(code, pc + 3 + lengthX, skip - lengthX - 2)
      return
    }
    default: {
      // regRegReg
      let d = pc + 2 < code.length ? code[pc + 2]! : 0
      if (!isa.wideThirdRegister) d &= 15
      out.rA = a
      out.rB = b
      out.rD = Math.min(d, 12)
    }
  }
}

/**
 * Where basic blocks start, one bit per octet like the bitmask: at 0 and after each terminator,
 * where an instruction of this version starts (Gray Paper A.3). O(code length).
 */
export function blockStartsOf(code: Uint8Array, bitmask: Uint8Array, isa: PvmIsa): Uint8Array {
  const starts = new Uint8Array((code.length + 7) >>> 3)
  const mark = (at: number): void => {
    if (at < code.length && hasBit(bitmask, at) && isa.rowByCode[code[at]!]! >= 0)
      starts[at >>> 3]! |= 1 << (at & 7)
  }
  mark(0)
  for (let pc = 0; pc < code.length; pc++) {
    if (bitmask[pc >>> 3] === 0) {
      pc |= 7
      continue
    }
    if (!hasBit(bitmask, pc)) continue
    const row = isa.rowByCode[code[pc]!]!
    if (row >= 0 && isTerminator(row)) mark(pc + 1 + skipAt(code.length, bitmask, pc))
  }
  return starts
}
