/** Where functions have arguments and results. */
export interface Convention {
  /**
   * Registers of arguments, in the order of places: `open` of the calling convention first; then those that compilers use, too,
   * between functions that nothing else calls.
   */
  readonly arguments: readonly number[]
  readonly open: number
  /** Registers of results, by place. */
  readonly results: readonly number[]
  /** Registers that a call may change. */
  readonly callWrites: readonly number[]
}

/** Registers as bits. */
export const maskOf = (registers: readonly number[]): number =>
  registers.reduce((bits, register) => bits | (1 << register), 0)

/** Bits of the first `count` registers of arguments. */
export const argumentMask = (convention: Convention, count: number): number =>
  maskOf(convention.arguments.slice(0, count))

/** RISC-V ELF psABI, "Integer Calling Convention"; behind a0 to a7, what LLVM passes between functions of one object. */
export const riscvConvention: Convention = {
  arguments: [10, 11, 12, 13, 14, 15, 16, 17, 7, 28, 29, 30, 31, 5, 6],
  open: 8,
  results: [10, 11],
  callWrites: [1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31],
}

/** RFC 9669, 2.1: arguments in r1 to r5, the result in r0. */
export const bpfConvention: Convention = {
  arguments: [1, 2, 3, 4, 5],
  open: 5,
  results: [0],
  callWrites: [0, 1, 2, 3, 4, 5],
}
