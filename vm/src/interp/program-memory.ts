import { At, type Layout } from '../arena/layout.ts'
import type { ArenaMemory } from '../arena/memory.ts'
import { isBehindCall } from '../ir/frames.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import { slotsAt } from '../ir/slots.ts'
import type { Frame, MachineState } from '../vm/machine.ts'
import type { StateParts } from '../vm/state.ts'
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
  words[At.slots >> 2] = layout.slots
  words[At.slotBytes >> 2] = layout.slotBytes
  longs[registersAt + first + saved - 1] = BigInt(stackHigh)
}

/** Where the slots of the running activation are, as an index of `longs`. */
function slotsOf({ words }: ArenaMemory, { slotBytes, slots }: Layout, depth?: number): number {
  return (slots + (depth ?? words[At.depth >> 2]!) * slotBytes) >> 3
}

/** The slots of an activation that runs at a pc, or none where it has none. @param depth of it; else the running one's */
function slotsIn(
  guest: ArenaMemory,
  ir: IrProgram,
  layout: Layout,
  pc: number,
  depth?: number,
): { readonly slots?: readonly bigint[] } {
  const count = slotsAt(ir.calls, pc)
  const at = slotsOf(guest, layout, depth)
  return count > 0 ? { slots: [...guest.longs.subarray(at, at + count)] } : {}
}

/** Writes the running activation's slots: those, then zeros. */
export function putSlots(
  guest: ArenaMemory,
  layout: Layout,
  slots: readonly bigint[] = [],
  depth?: number,
): void {
  if (layout.slotBytes === 0) return
  const at = slotsOf(guest, layout, depth)
  guest.longs.fill(0n, at, at + (layout.slotBytes >> 3))
  slots.forEach((value, k) => {
    guest.longs[at + k] = value
  })
}

/** Open managed calls, outermost first, and the slots of what runs at `pc`. */
export function activationsOf(
  guest: ArenaMemory,
  ir: IrProgram,
  layout: Layout,
  pc: number,
): Pick<MachineState, 'frames' | 'slots'> {
  return { frames: framesOf(guest, ir, layout), ...slotsIn(guest, ir, layout, pc) }
}

function framesOf(guest: ArenaMemory, ir: IrProgram, layout: Layout): Frame[] {
  const { longs, words } = guest
  if (ir.calls.kind !== 'managed') return []
  const out: Frame[] = []
  const depth = words[At.depth >> 2]!
  for (let i = 0; i < depth; i++) {
    const at = layout.frames + i * layout.frameBytes
    const saved = longs.subarray((at >> 3) + 1, (at >> 3) + 1 + ir.calls.saved)
    const returnPc = ir.pcOf[words[at >> 2]! >> 4]!
    out.push({ returnPc, saved: [...saved], ...slotsIn(guest, ir, layout, returnPc, i) })
  }
  return out
}

/** Writes open managed calls, all of them, and slots. */
export function putActivations(
  guest: ArenaMemory,
  ir: IrProgram,
  layout: Layout,
  { frames, slots }: Pick<MachineState, 'frames' | 'slots'>,
): void {
  const { longs, words } = guest
  words[At.depth >> 2] = frames.length
  frames.forEach((frame, i) => {
    const at = layout.frames + i * layout.frameBytes
    words[at >> 2] = ir.rowOf[frame.returnPc]! * 16
    frame.saved.forEach((value, k) => {
      longs[(at >> 3) + 1 + k] = value
    })
    putSlots(guest, layout, frame.slots, i)
  })
  putSlots(guest, layout, slots)
}

/** What states of the program's machines have in common. */
export function partsOf(ir: IrProgram): StateParts {
  const { calls, memory, registers } = ir
  return {
    ...{ memory, registers },
    ...(calls.kind === 'managed' && { frames: calls }),
    isBehindCall: (pc) => isBehindCall(ir, pc),
    slotsAt: (pc) => slotsAt(calls, pc),
  }
}
