import { colour } from './colour.ts'
import { Interference } from './interference.ts'
import { Base, isMove, type MachineFunction, type MachineInsn, type Target } from './machine.ts'
import { type Home, Spiller, type Spills } from './spill.ts'

/** Rounds of spilling; each makes what is left shorter. */
const mostRounds = 32

/** What a register in memory costs less, when it can be made again instead of kept. */
const remakeDiscount = 0.25

/** The one instruction that makes each register and can do so anywhere in the function; else undefined. */
function remakers(func: MachineFunction): (MachineInsn | undefined)[] {
  const makers: (MachineInsn | undefined)[] = new Array(func.registers)
  const defs = new Int32Array(func.registers)
  for (const { insns } of func.blocks) {
    for (const insn of insns) {
      if (insn.def < 0) continue
      defs[insn.def]!++
      const isFree =
        insn.op === 'li' ||
        insn.op === 'undef' ||
        (insn.op === 'add64i' && insn.base !== Base.register)
      makers[insn.def] = isFree ? insn : undefined
    }
  }
  return makers.map((maker, register) => (defs[register] === 1 ? maker : undefined))
}

/** Sets of registers that are not alive together share a slot. */
function homesOf(
  func: MachineFunction,
  graph: Interference,
  spilled: readonly (readonly number[])[],
  makers: readonly (MachineInsn | undefined)[],
  { parts }: Spills,
): (Home | undefined)[] {
  const homes: (Home | undefined)[] = new Array(func.registers)
  const slots: { readonly slot: number; readonly members: number[] }[] = []
  for (const group of spilled) {
    const maker = group.length === 1 ? makers[group[0]!] : undefined
    if (maker !== undefined) {
      homes[group[0]!] = { slot: -1, maker, isPart: false }
      continue
    }
    const own = group.length === 1 ? parts.get(group[0]!) : undefined
    if (own !== undefined) {
      homes[group[0]!] = { slot: own, maker, isPart: true }
      continue
    }
    const isFree = (members: readonly number[]): boolean =>
      members.every((x) => group.every((y) => !graph.has(x, y)))
    let place = slots.find(({ members }) => isFree(members))
    if (place === undefined) {
      place = { slot: func.slots++, members: [] }
      slots.push(place)
    }
    place.members.push(...group)
    for (const register of group)
      homes[register] = { slot: place.slot, maker: undefined, isPart: false }
  }
  return homes
}

function rewrite(func: MachineFunction, target: Target, colours: Int32Array): void {
  const free = target.allocatable[0]!
  for (const block of func.blocks) {
    for (const insn of block.insns) {
      if (insn.def >= 0) insn.def = colours[insn.def]!
      for (let i = 0; i < insn.uses.length; i++) {
        const use = insn.uses[i]!
        insn.uses[i] = use >= 0 ? colours[use]! : insn.def >= 0 ? insn.def : free
      }
    }
    block.insns = block.insns.filter(
      (insn) => insn.op !== 'undef' && (!isMove(insn) || insn.def !== insn.uses[0]),
    )
  }
  func.registers = target.registers
}

/**
 * Puts a function's registers into those of the machine, and into slots of its frame where they are too few.
 * @throws {Error} an instruction needs more registers than there are
 */
export function allocate(func: MachineFunction, target: Target): void {
  const spills: Spills = { short: new Set(), parts: new Map() }
  for (let round = 0; round < mostRounds; round++) {
    const graph = new Interference(func, target)
    const makers = remakers(func)
    for (const [register, maker] of makers.entries())
      if (maker !== undefined) graph.costs[register]! *= remakeDiscount
    for (const register of spills.short) graph.costs[register] = Number.POSITIVE_INFINITY
    const { colours, spilled } = colour(graph, target)
    if (spilled.length === 0) {
      rewrite(func, target, colours)
      return
    }
    new Spiller(func, homesOf(func, graph, spilled, makers, spills), spills).run()
  }
  throw new Error(`${func.name}: no registers after ${mostRounds} rounds`)
}
