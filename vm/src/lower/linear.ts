import type { OptFunction } from '../opt/ir.ts'
import { allocate } from './allocate.ts'
import { layOut, oppositeOf, threadJumps } from './layout.ts'
import {
  Base,
  type MachineBlock,
  type MachineFunction,
  MachineInsn,
  type Target,
} from './machine.ts'
import { select } from './select.ts'
import { settleSlots } from './slots.ts'
import { dropUnreachable, weigh } from './weights.ts'

/** A function on machine registers, its instructions in their order: branches have one target and else fall through. */
export interface LinearFunction {
  readonly func: MachineFunction
  readonly insns: readonly MachineInsn[]
  /** By block id: its first instruction. Blocks whose last is gone may begin where the next one does. */
  readonly starts: Int32Array
}

/** sp is a multiple of it in RISC-V's ABI: addresses in frames may rely on that. */
const frameAlignment = 16

/** Bytes that a function has of the stack: arguments of calls, slots, its frame. */
export function frameSizeOf({ frameBytes, passes, slots }: MachineFunction): number {
  return Math.ceil((passes + 8 * slots + frameBytes) / frameAlignment) * frameAlignment
}

/** What an operand counts from, as an offset from the first address above the function's frame. */
export function offsetFromEntry(func: MachineFunction, base: Base, off: number): number {
  if (base === Base.frame) return off - func.frameBytes
  if (base === Base.slot) return 8 * (off - func.slots) - func.frameBytes
  if (base === Base.out) return off - frameSizeOf(func)
  return off
}

function jumpTo(block: MachineBlock, pc: number): MachineInsn {
  const jump = new MachineInsn('jump', -1, [], 0n, pc)
  jump.targets = [block]
  return jump
}

/** What a block ends with when `next` stands behind it. */
function endOf(
  insn: MachineInsn,
  next: MachineBlock | undefined,
  ops: ReadonlySet<string>,
): MachineInsn[] {
  const [to, other] = insn.targets
  if (to === undefined || insn.op === 'jump64') return [insn]
  if (other === undefined || to === other) return to === next ? [] : [jumpTo(to, insn.pc)]
  if (other === next) {
    insn.targets = [to]
    return [insn]
  }
  const opposite = oppositeOf(insn.op, ops)
  if (to === next && opposite !== undefined) {
    insn.op = opposite
    insn.targets = [other]
    return [insn]
  }
  insn.targets = [to]
  return [insn, jumpTo(other, insn.pc)]
}

/** Chooses instructions, registers and the order of blocks of a function. */
export function linearise(source: OptFunction, target: Target): LinearFunction {
  const func = select(source, target)
  dropUnreachable(func)
  weigh(func)
  allocate(func, target)
  settleSlots(func, target)
  threadJumps(func)
  const order = layOut(func)
  const starts = new Int32Array(func.blocks.length)
  const insns: MachineInsn[] = []
  order.forEach((block, i) => {
    starts[block.id] = insns.length
    for (let k = 0; k < block.insns.length - 1; k++) insns.push(block.insns[k]!)
    // a function's first instruction is no label
    const isLabelFirst =
      insns.length === 0 && order[i + 1] !== undefined && order[i + 1]!.label >= 0
    insns.push(...endOf(block.end, isLabelFirst ? undefined : order[i + 1], target.ops))
  })
  return { func, insns, starts }
}

/** What a program came to, for people. */
export interface LowerReport {
  readonly instructions: number
  readonly moves: number
  /** Slots for values that registers did not hold, and accesses to them. */
  readonly slots: number
  readonly spills: number
}

export function reportOf(functions: readonly (LinearFunction | undefined)[]): LowerReport {
  const report = { instructions: 0, moves: 0, slots: 0, spills: 0 }
  for (const item of functions) {
    if (item === undefined) continue
    report.slots += item.func.slots + item.func.ownSlots
    report.instructions += item.insns.length
    for (const { base, op } of item.insns) {
      if (op === 'mov') report.moves++
      if (base === Base.slot || op === 'getslot' || op === 'setslot') report.spills++
    }
  }
  return report
}
