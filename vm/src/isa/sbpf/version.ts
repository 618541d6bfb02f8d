/** The versions by name, as `vm/program.ts` has them; e_flags of an ELF is the number. */
export const sbpfVersions = ['v0', 'v1', 'v2', 'v3', 'v4'] as const
export type SbpfVersionName = (typeof sbpfVersions)[number]

/** What code may ask of a version: never its number. SIMDs are named where they brought a feature. */
export interface SbpfFeatures {
  /** Frames of 4096 bytes have gaps as long between them, where the runtime has them switched on. */
  readonly stackFrameGaps: boolean
  /** SIMD-0166: calls leave r10 alone, programs move it by `add64 r10, imm` with a multiple of 64. */
  readonly manualStackFrames: boolean
  /** SIMD-0174: product, quotient and remainder have a class of their own; mul, div and mod are gone. */
  readonly pqr: boolean
  /** SIMD-0174: add32, sub32 and mul32 zero-extend, `mov32` of a register sign-extends. */
  readonly explicitSignExtension: boolean
  /** SIMD-0174: `sub` of an immediate is `dst = imm - dst`. */
  readonly swappedSubImmediate: boolean
  /** SIMD-0174 */
  readonly neg: boolean
  /** SIMD-0173: `lddw` is there; without it, `hor64` is. */
  readonly lddw: boolean
  /** SIMD-0173 */
  readonly le: boolean
  /** SIMD-0173: loads and stores have opcodes in the classes of arithmetic. */
  readonly movedMemoryClasses: boolean
  /** The field of `callx` with the register's number. SIMD-0173: src; SIMD-0377: dst. */
  readonly callxRegister: 'imm' | 'src' | 'dst'
  /** SIMD-0178: `call` with source 0 is a syscall, with source 1 relative; no call is found by hash in the program. */
  readonly staticSyscalls: boolean
  /** SIMD-0189: program headers in fixed places, no relocations. */
  readonly strictElf: boolean
  /** SIMD-0189: read-only data is mapped at 0, code is no data. */
  readonly lowReadOnlyData: boolean
  /** SIMD-0377 */
  readonly jmp32: boolean
}

const v0: SbpfFeatures = {
  stackFrameGaps: true,
  manualStackFrames: false,
  pqr: false,
  explicitSignExtension: false,
  swappedSubImmediate: false,
  neg: true,
  lddw: true,
  le: true,
  movedMemoryClasses: false,
  callxRegister: 'imm',
  staticSyscalls: false,
  strictElf: false,
  lowReadOnlyData: false,
  jmp32: false,
}
const v1: SbpfFeatures = { ...v0, stackFrameGaps: false, manualStackFrames: true }
const v2: SbpfFeatures = {
  ...v1,
  pqr: true,
  explicitSignExtension: true,
  swappedSubImmediate: true,
  neg: false,
  lddw: false,
  le: false,
  movedMemoryClasses: true,
  callxRegister: 'src',
}
// a side branch: V3 has nothing of V1 and V2
const v3: SbpfFeatures = {
  ...v0,
  stackFrameGaps: false,
  callxRegister: 'dst',
  staticSyscalls: true,
  strictElf: true,
  lowReadOnlyData: true,
  jmp32: true,
}

/** solana-sbpf has V4 as V3; SIMD-0177 is to change how accounts are mapped, which is the host's. */
export const sbpfFeatures: Readonly<Record<SbpfVersionName, SbpfFeatures>> = {
  v0,
  v1,
  v2,
  v3,
  v4: v3,
}
