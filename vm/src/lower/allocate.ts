import { colour } from './colour.ts'
import { Interference } from './interference.ts'
import {
  Base,
  isMove,
  type MachineBlock,
  type MachineFunction,
  MachineInsn,
  type Target,
} from './machine.ts'

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

/** Where the registers of one set are kept. */
interface Home {
  readonly slot: number
  readonly maker: MachineInsn | undefined
}

class Spiller {
  private readonly func: MachineFunction
  private readonly homes: (Home | undefined)[]
  /** Registers that live for an instruction only: they stay in registers. */
  readonly short: Set<number>

  constructor(func: MachineFunction, homes: (Home | undefined)[], short: Set<number>) {
    this.func = func
    this.homes = homes
    this.short = short
  }

  run(): void {
    for (const block of this.func.blocks) this.block(block)
  }

  private access(op: string, def: number, uses: number[], slot: number, pc: number): MachineInsn {
    const insn = new MachineInsn(op, def, uses, 0n, pc)
    insn.base = Base.slot
    insn.off = slot
    return insn
  }

  private load(to: number, home: Home, pc: number): MachineInsn {
    if (home.maker === undefined) return this.access('load64', to, [], home.slot, pc)
    const copy = new MachineInsn(home.maker.op, to, [], home.maker.imm, pc)
    copy.base = home.maker.base
    copy.off = home.maker.off
    return copy
  }

  private shortRegister(): number {
    const register = this.func.register()
    this.short.add(register)
    return register
  }

  private block(block: MachineBlock): void {
    const result: MachineInsn[] = []
    for (const insn of block.insns) {
      const home = insn.def >= 0 ? this.homes[insn.def] : undefined
      if (home?.maker !== undefined) continue
      if (isMove(insn)) {
        this.move(insn, home, result)
        continue
      }
      const replaced = new Map<number, number>()
      insn.uses = insn.uses.map((use) => {
        const from = use >= 0 ? this.homes[use] : undefined
        if (from === undefined) return use
        let to = replaced.get(use)
        if (to === undefined) {
          to = this.shortRegister()
          replaced.set(use, to)
          result.push(this.load(to, from, insn.pc))
        }
        return to
      })
      result.push(insn)
      if (home === undefined) continue
      const to = replaced.get(insn.def) ?? this.shortRegister()
      insn.def = to
      result.push(this.access('store64', -1, [to], home.slot, insn.pc))
    }
    block.insns = result
  }

  private move(insn: MachineInsn, home: Home | undefined, result: MachineInsn[]): void {
    const use = insn.uses[0]!
    const from = this.homes[use]
    if (home === undefined && from === undefined) result.push(insn)
    else if (from === undefined) result.push(this.access('store64', -1, [use], home!.slot, insn.pc))
    else if (home === undefined) result.push(this.load(insn.def, from, insn.pc))
    else if (from.maker !== undefined || from.slot !== home.slot) {
      const to = this.shortRegister()
      result.push(this.load(to, from, insn.pc))
      result.push(this.access('store64', -1, [to], home.slot, insn.pc))
    }
  }
}

/** Sets of registers that are not alive together share a slot. */
function homesOf(
  func: MachineFunction,
  graph: Interference,
  spilled: readonly (readonly number[])[],
  makers: readonly (MachineInsn | undefined)[],
): (Home | undefined)[] {
  const homes: (Home | undefined)[] = new Array(func.registers)
  const slots: { readonly slot: number; readonly members: number[] }[] = []
  for (const group of spilled) {
    const maker = group.length === 1 ? makers[group[0]!] : undefined
    if (maker !== undefined) {
      homes[group[0]!] = { slot: -1, maker }
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
    for (const register of group) homes[register] = { slot: place.slot, maker: undefined }
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
  const short = new Set<number>()
  for (let round = 0; round < mostRounds; round++) {
    const graph = new Interference(func, target)
    const makers = remakers(func)
    for (const [register, maker] of makers.entries())
      if (maker !== undefined) graph.costs[register]! *= remakeDiscount
    for (const register of short) graph.costs[register] = Number.POSITIVE_INFINITY
    const { colours, spilled } = colour(graph, target)
    if (spilled.length === 0) {
      rewrite(func, target, colours)
      return
    }
    new Spiller(func, homesOf(func, graph, spilled, makers), short).run()
  }
  throw new Error(`${func.name}: no registers after ${mostRounds} rounds`)
}
