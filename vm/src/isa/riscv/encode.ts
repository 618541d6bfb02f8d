import { compressedRows } from './compressed.ts'
import type { RiscvInsn } from './decode.ts'
import { immediateOf, putImmediate, type RiscvPattern } from './pattern.ts'
import { riscvRows } from './table.ts'

/** Operands of an instruction; those its form does not have do not matter. */
export type RiscvOperands = Pick<RiscvInsn, 'rd' | 'rs1' | 'rs2' | 'imm'>

function encode(pattern: RiscvPattern, operands: RiscvOperands): number | undefined {
  let word = putImmediate(pattern, pattern.value, operands.imm)
  for (const { bit, name, not, short } of pattern.registers) {
    const register = operands[name]
    if (not.includes(register) || (short && (register < 8 || register > 15))) return undefined
    word |= (short ? register - 8 : register) << bit
  }
  if (pattern.pieces.length > 0 && immediateOf(pattern, word) !== operands.imm) return undefined
  return pattern.nonZero && operands.imm === 0 ? undefined : word
}

/**
 * The 32 bits of the instruction of a row; undefined when its immediate does not fit.
 * @example encodeRiscv(riscvRows.findIndex((row) => row.name === 'addi'), { rd: 10, rs1: 0, rs2: 0, imm: 5 }) // 0x500513
 */
export function encodeRiscv(row: number, operands: RiscvOperands): number | undefined {
  return encode(riscvRows[row]!.pattern, operands)
}

/** The 16 bits of a compressed instruction of these fields; undefined when a register or the immediate does not fit. */
export function encodeCompressed(row: number, operands: RiscvOperands): number | undefined {
  return encode(compressedRows[row]!.pattern, operands)
}
