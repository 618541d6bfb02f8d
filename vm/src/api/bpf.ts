/**
 * eBPF: the instruction table, decoding and encoding, assembly text, gas schedules, and programs
 * made of raw instructions.
 * @module
 */
export {
  assembleBpf,
  type BpfAssembly,
  bpfCodeBase,
} from '../isa/bpf/asm.ts'
export {
  type BpfInsn,
  type BpfVisitor,
  bpfProblem,
  decodeBpf,
  encodeBpf,
  newBpfInsn,
} from '../isa/bpf/decode.ts'
export {
  type BpfDisassemblyOptions,
  type BpfLine,
  bpfLines,
  disassembleBpf,
  printBpf,
} from '../isa/bpf/disasm.ts'
export { bpfFunctions, type FoundFunction } from '../isa/bpf/frames.ts'
export { type BpfSchedule, bpfCosts, bpfSchedule, bpfSchedules } from '../isa/bpf/gas.ts'
export {
  type BpfForm,
  type BpfGasClass,
  type BpfGroup,
  type BpfName,
  type BpfRow,
  bpfForms,
  bpfRow,
  bpfRows,
} from '../isa/bpf/table.ts'
export { bpfProgramOf, type RawOptions } from '../link/bpf-raw.ts'
export { type BpfInput, startBpf } from '../vm/start.ts'
