import { Mark } from './program.ts'

/** Guest pc -> the row to enter at, as `IrBuilder` has it: the segment's first row if pc starts one. */
export function entryRows(pcs: readonly number[], marks: Uint8Array, length: number): Int32Array {
  const rowOf = new Int32Array(length).fill(-1)
  for (let row = 0; row < pcs.length; row++) {
    if ((marks[row]! & Mark.instruction) === 0) continue
    const opened = row > 0 && (marks[row]! & Mark.segment) === 0 && marks[row - 1] === Mark.segment
    rowOf[pcs[row]!] = opened ? row - 1 : row
  }
  return rowOf
}
