import { Base, isMove, type MachineBlock, type MachineFunction, MachineInsn } from './machine.ts'

/** Instructions between two uses of a value for which it stays in a register. */
const nearby = 16

/** Where the registers of one set are kept. */
export interface Home {
  readonly slot: number
  /** Makes the value again in place of a slot. */
  readonly maker: MachineInsn | undefined
  /** The register has for some instructions what the slot has. */
  readonly isPart: boolean
}

/** What earlier rounds of spilling made. */
export interface Spills {
  /** Registers that live for an instruction only: they stay in registers. */
  readonly short: Set<number>
  /** Registers that live for some instructions, with the slot that has their value, too. */
  readonly parts: Map<number, number>
}

/** A register that has a value of a slot, and the place of its last use in the block. */
interface Part {
  readonly register: number
  last: number
}

/** Keeps registers in their homes: instructions get others for as long as values are used again nearby. */
export class Spiller {
  private readonly func: MachineFunction
  private readonly homes: (Home | undefined)[]
  private readonly spills: Spills
  private readonly parts = new Map<number, Part>()
  private result: MachineInsn[] = []
  private at = 0

  constructor(func: MachineFunction, homes: (Home | undefined)[], spills: Spills) {
    this.func = func
    this.homes = homes
    this.spills = spills
  }

  run(): void {
    for (const block of this.func.blocks) this.block(block)
  }

  private push(op: string, def: number, uses: number[], slot: number, pc: number): void {
    const insn = new MachineInsn(op, def, uses, 0n, pc)
    insn.base = Base.slot
    insn.off = slot
    this.result.push(insn)
  }

  private load(to: number, home: Home, pc: number): void {
    const { maker, slot } = home
    if (maker === undefined) {
      this.push('load64', to, [], slot, pc)
      return
    }
    const copy = new MachineInsn(maker.op, to, [], maker.imm, pc)
    copy.base = maker.base
    copy.off = maker.off
    this.result.push(copy)
  }

  /** A register for a value of the home: for this instruction, or for some. */
  private fresh(of: number, home: Home): number {
    const register = this.func.register()
    if (home.maker !== undefined || home.isPart) this.spills.short.add(register)
    else {
      this.spills.parts.set(register, home.slot)
      this.parts.set(of, { register, last: this.at })
    }
    return register
  }

  /** The register that has the value yet. */
  private known(of: number): number | undefined {
    const part = this.parts.get(of)
    if (part === undefined || this.at - part.last > nearby) return undefined
    part.last = this.at
    return part.register
  }

  private block(block: MachineBlock): void {
    this.parts.clear()
    this.result = []
    for (const [i, insn] of block.insns.entries()) {
      this.at = i
      this.insn(insn)
    }
    block.insns = this.result
  }

  private insn(insn: MachineInsn): void {
    const home = insn.def >= 0 ? this.homes[insn.def] : undefined
    if (home?.maker !== undefined || this.isOwn(insn, home)) return
    if (isMove(insn)) {
      this.move(insn, home)
      return
    }
    const replaced = new Map<number, number>()
    insn.uses = insn.uses.map((use) => {
      const from = use >= 0 ? this.homes[use] : undefined
      if (from === undefined) return use
      let to = replaced.get(use) ?? this.known(use)
      if (to === undefined) {
        to = this.fresh(use, from)
        this.load(to, from, insn.pc)
      }
      replaced.set(use, to)
      return to
    })
    this.result.push(insn)
    if (home === undefined) return
    const { def } = insn
    insn.def = replaced.get(def) ?? this.fresh(def, home)
    this.push('store64', -1, [insn.def], home.slot, insn.pc)
  }

  /** Moves a part from or to its own slot: what is kept there needs neither. */
  private isOwn({ base, def, off, op, uses }: MachineInsn, home: Home | undefined): boolean {
    if (base !== Base.slot) return false
    if (op === 'load64') return def >= 0 && home?.isPart === true && home.slot === off
    const from = this.homes[uses[0]!]
    return from?.isPart === true && from.slot === off
  }

  private move(insn: MachineInsn, home: Home | undefined): void {
    const { def, pc } = insn
    const use = insn.uses[0]!
    const from = this.homes[use]
    const known = from === undefined ? use : this.known(use)
    if (home === undefined) {
      if (known === undefined) this.load(def, from!, pc)
      else {
        insn.uses = [known]
        this.result.push(insn)
      }
      return
    }
    const isSame = from !== undefined && from.maker === undefined && from.slot === home.slot
    this.parts.delete(def)
    if (isSame) return
    let value = known
    if (value === undefined) {
      value = this.func.register()
      this.spills.short.add(value)
      this.load(value, from!, pc)
    }
    this.push('store64', -1, [value], home.slot, pc)
  }
}
