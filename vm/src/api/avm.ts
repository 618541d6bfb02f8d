/**
 * AVM, our own instruction set (docs/avm.md): its tables, encoding and decoding, text, gas schedules.
 * @module
 */
export { type AvmText, parseAvm } from '../isa/avm/asm.ts'
export {
  AvmByte,
  type AvmCodeShape,
  decodeInsn,
  validateAvm,
} from '../isa/avm/decode.ts'
export { type AvmLine, type AvmListed, avmLines, listAvm } from '../isa/avm/disasm.ts'
export {
  type AvmCode,
  type AvmFunctionSource,
  type AvmPlace,
  type AvmSource,
  encodeAvm,
} from '../isa/avm/encode.ts'
export {
  type AvmEncoding,
  type AvmField,
  type AvmFixed,
  avmEncodings,
  avmMaxLength,
  encodingsOfRow,
} from '../isa/avm/encodings.ts'
export { type AvmSchedule, avmCosts, avmSchedules } from '../isa/avm/gas.ts'
export { type AvmInsn, type AvmOperands, avmInsn, newAvmInsn } from '../isa/avm/insn.ts'
export { avmSyntax, printAvm } from '../isa/avm/syntax.ts'
export {
  type AvmGasClass,
  type AvmName,
  type AvmOperand,
  type AvmRow,
  type AvmShape,
  avmCodeBase,
  avmRegisters,
  avmRow,
  avmRows,
  avmShapes,
  maxSlots,
  noBase,
} from '../isa/avm/table.ts'
export { assembleAvm, disassembleAvm } from '../link/avm-asm.ts'
export { startAvm, startContract } from '../vm/start.ts'
