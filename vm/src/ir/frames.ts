import { type IrProgram, rowWords } from './program.ts'
import { Op } from './table.ts'

const calls: ReadonlySet<number> = new Set([Op.call, Op.callr, Op.callrh])

/** Is there a call that opens a frame right before `pc`: a segment begins there, and a frame may return to it. */
export function isBehindCall(ir: IrProgram, pc: number): boolean {
  const row = ir.rowOf[pc] ?? -1
  return row > 0 && calls.has(ir.rows[(row - 1) * rowWords]! & 0xff)
}
