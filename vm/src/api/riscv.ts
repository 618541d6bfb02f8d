/**
 * RISC-V (RV32 and RV64; I, E, M, A, C, Zba, Zbb, Zbs, Zicond): its tables, decoding, static executables as programs
 * for any engine.
 * @module
 */
export { ecallNumbers, executableHost } from '../host/riscv/executable.ts'
export { loadRiscv, type RiscvOptions, riscvLimits } from '../image/riscv.ts'
export { isRiscvExecutable, isRiscvObject } from '../image/riscv-elf.ts'
export { type CompressedRow, compressedRows, type Source } from '../isa/riscv/compressed.ts'
export {
  allExtensions,
  newRiscvInsn,
  RiscvDecoder,
  type RiscvInsn,
  type RiscvIsa,
} from '../isa/riscv/decode.ts'
export {
  disassembleRiscv,
  printRiscv,
  type RiscvLine,
  riscvLines,
  riscvTarget,
} from '../isa/riscv/disasm.ts'
export { encodeCompressed, encodeRiscv, type RiscvOperands } from '../isa/riscv/encode.ts'
export { riscvCost, riscvSchedules } from '../isa/riscv/gas.ts'
export { riscvDecoder } from '../isa/riscv/isa.ts'
export type { Piece, RegisterField, RegisterPlace, RiscvPattern } from '../isa/riscv/pattern.ts'
export {
  type RiscvExtension,
  type RiscvForm,
  type RiscvName,
  type RiscvRow,
  riscvForms,
  riscvRegisters,
  riscvRows,
  type Width,
} from '../isa/riscv/table.ts'
export { startRiscv } from '../vm/start.ts'
