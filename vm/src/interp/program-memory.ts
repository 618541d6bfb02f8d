import { At, type Layout } from '../arena/layout.ts'
import type { ArenaMemory } from '../arena/memory.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import type { Frame } from '../vm/machine.ts'
import { registersAt } from './registers.ts'

/** Writes what no run changes but for a time: rows and tables. @param code where rows are */
export function putProgram(
  { words }: ArenaMemory,
  ir: IrProgram,
  layout: Layout,
  code: number,
): void {
  words.set(ir.rows.subarray(0, ir.count * rowWords), code >> 2)
  words.set(ir.jumps.rows, layout.jumpTable >> 2)
  if (ir.calls.kind !== 'managed') return
  const { functions, frameSizes } = ir.calls
  const table = layout.functionTable >> 2
  for (let i = 0; i < functions.rows.length; i++) {
    words[table + 2 * i] = functions.rows[i]!
    words[table + 2 * i + 1] = frameSizes[i]!
  }
}

/** Writes what the loop reads of the program beside its rows. */
export function putHeader({ longs, words }: ArenaMemory, ir: IrProgram, layout: Layout): void {
  words[At.jumpTable >> 2] = layout.jumpTable
  longs[At.jumpBase >> 3] = ir.jumps.base
  longs[At.jumpShift >> 3] = BigInt(ir.jumps.shift)
  longs[At.jumpCount >> 3] = BigInt(ir.jumps.rows.length)
  longs[At.haltAddress >> 3] = BigInt.asUintN(64, BigInt(ir.haltAddress))
  if (ir.calls.kind !== 'managed') return
  const { functions, first, maxDepth, saved, stackHigh, stackLow } = ir.calls
  words[At.functionTable >> 2] = layout.functionTable
  longs[At.functionBase >> 3] = functions.base
  longs[At.functionShift >> 3] = BigInt(functions.shift)
  longs[At.functionCount >> 3] = BigInt(functions.rows.length)
  words[At.maxDepth >> 2] = maxDepth
  words[At.frames >> 2] = layout.frames
  longs[At.stackLow >> 3] = BigInt(stackLow)
  longs[registersAt + first + saved - 1] = BigInt(stackHigh)
}

/** Open managed calls, outermost first. */
export function framesOf({ longs, words }: ArenaMemory, ir: IrProgram, layout: Layout): Frame[] {
  if (ir.calls.kind !== 'managed') return []
  const out: Frame[] = []
  const depth = words[At.depth >> 2]!
  for (let i = 0; i < depth; i++) {
    const at = layout.frames + i * layout.frameBytes
    const saved = longs.subarray((at >> 3) + 1, (at >> 3) + 1 + ir.calls.saved)
    out.push({ returnPc: ir.pcOf[words[at >> 2]! >> 4]!, saved: [...saved] })
  }
  return out
}

/** Writes open managed calls, all of them. */
export function putFrames(
  { longs, words }: ArenaMemory,
  ir: IrProgram,
  layout: Layout,
  frames: readonly Frame[],
): void {
  words[At.depth >> 2] = frames.length
  frames.forEach((frame, i) => {
    const at = layout.frames + i * layout.frameBytes
    words[at >> 2] = ir.rowOf[frame.returnPc]! * 16
    frame.saved.forEach((value, k) => {
      longs[(at >> 3) + 1 + k] = value
    })
  })
}
