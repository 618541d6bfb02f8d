import { type IrProgram, Mark, rowWords } from './program.ts'

/**
 * Gas without which nothing of what is at `pc` runs: its instruction's, or that of the whole segment
 * around it where segments are charged. 0 at a place that runs cannot be entered at, and without
 * metering. O(rows of the segment).
 * @example gasAt(liftProgram(program), 0) // 1
 */
export function gasAt(program: IrProgram, pc: number): number {
  const { count, costs, marks, metering, rows } = program
  let row = program.rowOf[pc] ?? -1
  if (row < 0 || metering === 'none') return 0
  if (metering === 'instruction') {
    while (row < count && (marks[row]! & Mark.instruction) === 0) row++
    return costs[row] ?? 0
  }
  while (row > 0 && (marks[row]! & Mark.segment) === 0) row--
  return rows[row * rowWords + 1]!
}
