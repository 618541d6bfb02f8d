import { type IrProgram, Mark, rowWords } from './program.ts'
import { irForms, irRows } from './table.ts'

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

/**
 * Gas of the instruction or block behind the one at `pc`, where control may run on to it but no run may
 * begin there; else 0.
 */
export function gasBeyond(ir: IrProgram, pc: number): number {
  const row = ir.rowOf[pc] ?? -1
  if (row < 0) return 0
  const perBlock = ir.metering === 'block'
  const wanted = perBlock ? Mark.segment : Mark.instruction
  let at = row + 1
  // a segment's charge row stands before its first instruction
  if (!perBlock && (ir.marks[row]! & Mark.segment) !== 0) at++
  while (at < ir.count && (ir.marks[at]! & (wanted | Mark.outOfLine)) === 0) at++
  if (at >= ir.count || (ir.marks[at]! & Mark.outOfLine) !== 0) return 0
  if (ir.rowOf[ir.pcOf[at]!]! >= 0) return 0
  let last = at - 1
  if (!perBlock && (ir.marks[last]! & Mark.segment) !== 0) last--
  if (irForms[irRows[ir.rows[last * rowWords]! & 0xff]!.form].ends) return 0
  return perBlock ? ir.rows[at * rowWords + 1]! >>> 0 : ir.costs[at]!
}

/** Cost and number of the instructions that follow `row`'s own in its segment, up to `stop`. */
export function restOf(
  { costs, count, marks }: IrProgram,
  row: number,
  stop: number,
): { cost: number; instructions: number } {
  let cost = 0
  let instructions = 0
  for (let at = row + 1; at < count && at !== stop; at++) {
    if ((marks[at]! & (Mark.segment | Mark.outOfLine)) !== 0) break
    if ((marks[at]! & Mark.instruction) === 0) continue
    cost += costs[at]!
    instructions++
  }
  return { cost, instructions }
}
