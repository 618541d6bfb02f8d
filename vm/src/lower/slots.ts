import {
  Base,
  type MachineBlock,
  type MachineFunction,
  type MachineInsn,
  type Target,
} from './machine.ts'

const isLoad = ({ def }: MachineInsn): boolean => def >= 0

/** Does the instruction move a register from or to a slot? */
const isSlot = ({ base }: MachineInsn): boolean => base === Base.slot

/** Slots alive at the end of each block, by block id. */
function liveOuts(func: MachineFunction): Set<number>[] {
  const ins = func.blocks.map((block) => firstReads(block))
  const outs = func.blocks.map(() => new Set<number>())
  const writes = func.blocks.map(
    ({ insns }) =>
      new Set(insns.filter((insn) => isSlot(insn) && !isLoad(insn)).map(({ off }) => off)),
  )
  const work = new Set(func.blocks)
  for (const block of work) {
    work.delete(block)
    for (const pred of block.preds) {
      const out = outs[pred.id]!
      const before = out.size
      for (const slot of ins[block.id]!) out.add(slot)
      if (out.size === before) continue
      for (const slot of out) if (!writes[pred.id]!.has(slot)) ins[pred.id]!.add(slot)
      work.add(pred)
    }
  }
  return outs
}

/** Slots that a block reads before it writes them. */
function firstReads({ insns }: MachineBlock): Set<number> {
  const written = new Set<number>()
  const read = new Set<number>()
  for (const insn of insns) {
    if (!isSlot(insn)) continue
    if (!isLoad(insn)) written.add(insn.off)
    else if (!written.has(insn.off)) read.add(insn.off)
  }
  return read
}

/** Drops writes that nothing reads; which slots are alive at the same time. O(accesses * slots alive) */
function interference(func: MachineFunction): Set<number>[] {
  const outs = liveOuts(func)
  const meets = Array.from({ length: func.slots }, () => new Set<number>())
  for (const block of func.blocks) {
    const live = outs[block.id]!
    for (let i = block.insns.length - 1; i >= 0; i--) {
      const insn = block.insns[i]!
      if (!isSlot(insn)) continue
      const { off } = insn
      if (isLoad(insn)) live.add(off)
      else if (live.delete(off))
        for (const other of live) {
          meets[off]!.add(other)
          meets[other]!.add(off)
        }
      else block.insns.splice(i, 1)
    }
  }
  return meets
}

/**
 * Lets slots that are not alive together be one, gives the most used the lowest numbers, and makes as many of them the machine's
 * own as it has; the others are in the frame.
 */
export function settleSlots(func: MachineFunction, target: Target): void {
  if (func.slots === 0) return
  const meets = interference(func)
  const uses = new Float64Array(func.slots)
  for (const { insns } of func.blocks) for (const insn of insns) if (isSlot(insn)) uses[insn.off]!++
  const order = [...uses.keys()]
    .filter((slot) => uses[slot]! > 0)
    .sort((x, y) => uses[y]! - uses[x]! || x - y)
  const places = new Int32Array(func.slots).fill(-1)
  const counts: number[] = []
  for (const slot of order) {
    const taken = new Set([...meets[slot]!].map((other) => places[other]!))
    let place = 0
    while (taken.has(place)) place++
    places[slot] = place
    counts[place] = (counts[place] ?? 0) + uses[slot]!
  }
  const ranked = [...counts.keys()].sort((x, y) => counts[y]! - counts[x]! || x - y)
  const numbers = new Int32Array(counts.length)
  for (const [number, place] of ranked.entries()) numbers[place] = number
  func.ownSlots = Math.min(counts.length, target.slots)
  func.slots = counts.length - func.ownSlots
  for (const { insns } of func.blocks)
    for (const insn of insns) {
      if (!isSlot(insn)) continue
      const number = numbers[places[insn.off]!]!
      if (number >= func.ownSlots) {
        insn.off = number - func.ownSlots
        continue
      }
      insn.op = isLoad(insn) ? 'getslot' : 'setslot'
      insn.imm = BigInt(number)
      insn.off = 0
      insn.base = Base.register
    }
}
