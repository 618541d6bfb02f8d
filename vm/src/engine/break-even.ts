import type { IrProgram } from '../ir/program.ts'

/**
 * Nanoseconds; `node bench/dist/tiering.js --eager` measures them. Only their ratios matter, and those within a
 * factor of two: whoever compiles when interpreting has cost as much as compiling would, pays at most
 * twice what the best choice would have cost.
 */
export const measured = {
  /** Emission, validation and baseline compilation, for each row. */
  compileRow: 1_000,
  /** The same for any program, however small. */
  compileAny: 400_000,
  /** The first of a process: the recompiler is not optimised yet. */
  compileFirst: 9_000_000,
  /** An instruction that is interpreted, beyond what it takes in generated code. */
  interpreted: 2,
} as const

/**
 * Instructions after which a program is compiled: when interpreting them has cost more than compiling.
 * @param first nothing was compiled yet
 * @example breakEven(liftProgram(program), false) > 100_000 // true
 */
export function breakEven(ir: IrProgram, first: boolean): number {
  const { compileAny, compileFirst, compileRow, interpreted } = measured
  return (compileAny + (first ? compileFirst : 0) + compileRow * ir.count) / interpreted
}
