import type { PvmInsn } from './decode.ts'
import { pvmRows } from './table.ts'
import type { PvmIsa } from './versions.ts'

/** The longest instruction `encodePvm` writes: opcode, two octets of lengths, two immediates. */
export const maxEncoded = 11

/** Octets an immediate needs so that sign extension gives it back: 0 for 0, up to 4. */
export function immLength(value: number): number {
  if (value === 0) return 0
  const bits = 33 - Math.clz32(value < 0 ? ~value : value)
  return Math.ceil(bits / 8)
}

function putImm(out: Uint8Array, at: number, value: number, length: number): number {
  for (let i = 0; i < length; i++) out[at + i] = (value >> (8 * i)) & 0xff
  return at + length
}

/**
 * Writes the instruction in its shortest form to the start of `out` and gives its length, at most
 * `maxEncoded`. Every field of the row's form is used, `length` is not.
 * The target of a jump must be within 2^31 octets.
 * @returns 0 when the version lacks the row
 */
export function encodePvm(isa: PvmIsa, insn: PvmInsn, pc: number, out: Uint8Array): number {
  const code = isa.codeByRow[insn.row] ?? -1
  if (code < 0) return 0
  const { rA, rB, rD, immX, immY } = insn
  const offset = (insn.target - pc) | 0
  const lengthX = immLength(immX)
  out[0] = code
  switch (pvmRows[insn.row]!.form) {
    case 'none':
      return 1
    case 'imm':
      return putImm(out, 1, immX, lengthX)
    case 'regImm64':
      out[1] = rA
      putImm(out, 2, insn.imm64Low, 4)
      return putImm(out, 6, insn.imm64High, 4)
    case 'immImm':
      out[1] = lengthX
      return putImm(out, putImm(out, 2, immX, lengthX), immY, immLength(immY))
    case 'offset':
      return putImm(out, 1, offset, immLength(offset))
    case 'regImm':
      out[1] = rA
      return putImm(out, 2, immX, lengthX)
    case 'regImmImm':
      out[1] = rA | (lengthX << 4)
      return putImm(out, putImm(out, 2, immX, lengthX), immY, immLength(immY))
    case 'regImmOffset':
      out[1] = rA | (lengthX << 4)
      return putImm(out, putImm(out, 2, immX, lengthX), offset, immLength(offset))
    case 'regReg':
      out[1] = rD | (rA << 4)
      return 2
    case 'regRegImm':
      out[1] = rA | (rB << 4)
      return putImm(out, 2, immX, lengthX)
    case 'regRegOffset':
      out[1] = rA | (rB << 4)
      return putImm(out, 2, offset, immLength(offset))
    case 'regRegImmImm':
      out[1] = rA | (rB << 4)
      out[2] = lengthX
      return putImm(out, putImm(out, 3, immX, lengthX), immY, immLength(immY))
    case 'regRegReg':
      out[1] = rA | (rB << 4)
      out[2] = rD
      return 3
  }
}
