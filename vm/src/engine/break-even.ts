import type { IrProgram } from '../ir/program.ts'

/**
 * Nanoseconds; `node build/scripts/measure-tiering.js` measures them. Only the ratio matters, and that
 * within a factor of two: whoever compiles when interpreting has cost as much as compiling would, pays
 * at most twice what the best choice would have cost.
 */
export const measured = {
  /** Emission, validation and baseline compilation, for each row. */
  compileRow: 2_000,
  /** The same for any program, however small. */
  compileAny: 400_000,
  /** An instruction that is interpreted, beyond what it takes in generated code. */
  interpreted: 1.5,
} as const

/**
 * Instructions after which a program is compiled: when interpreting them has cost more than compiling.
 * @example breakEven(liftProgram(program)) > 100_000 // true
 */
export function breakEven(ir: IrProgram): number {
  return (measured.compileAny + measured.compileRow * ir.count) / measured.interpreted
}
