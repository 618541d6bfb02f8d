/**
 * sBPF, the instruction set of Solana's programs: its table with the differences of all versions, decoding,
 * verification, assembly text, and programs for any engine.
 * @module
 */
export { type ElfErrorName, SbpfElfError } from '../image/sbpf/errors.ts'
export {
  isSbpfExecutable,
  loadSbpf,
  readSbpf,
  type SbpfElf,
  type SbpfReadOptions,
  sbpfVersionOf,
} from '../image/sbpf/read.ts'
export { type SyscallRegistry, syscallRegistry } from '../image/sbpf/registry.ts'
export { type SbpfFileParts, sbpfPlaces, writeSbpf } from '../image/sbpf/write.ts'
export {
  type SbpfParts,
  type SbpfRuntime,
  sbpfAddresses,
  sbpfLimits,
  sbpfProgram,
} from '../image/sbpf-program.ts'
export {
  assembleSbpf,
  type SbpfAsmOptions,
  type SbpfAssembly,
} from '../isa/sbpf/asm.ts'
export {
  decodeSbpf,
  encodeSbpf,
  newSbpfInsn,
  type SbpfInsn,
  type SbpfIsa,
  type SbpfVisitor,
  sbpfIsa,
} from '../isa/sbpf/decode.ts'
export {
  disassembleSbpf,
  type SbpfDisassemblyOptions,
  type SbpfLine,
  sbpfLines,
} from '../isa/sbpf/disasm.ts'
export {
  type SbpfError,
  type SbpfExit,
  type SbpfPlace,
  sbpfAccessError,
  sbpfError,
  sbpfErrors,
} from '../isa/sbpf/faults.ts'
export { sbpfCost, sbpfSchedules } from '../isa/sbpf/gas.ts'
export {
  type SbpfForm,
  type SbpfName,
  type SbpfRow,
  sbpfForms,
  sbpfRow,
  sbpfRows,
} from '../isa/sbpf/table.ts'
export {
  type SbpfVerifierError,
  type SbpfVerifierErrorName,
  sbpfVerifierErrors,
  verifySbpf,
} from '../isa/sbpf/verify.ts'
export {
  type SbpfFeatures,
  type SbpfVersionName,
  sbpfFeatures,
  sbpfVersions,
} from '../isa/sbpf/version.ts'
export { type SbpfInput, sbpfInputAddress, startSbpf } from '../vm/start.ts'
