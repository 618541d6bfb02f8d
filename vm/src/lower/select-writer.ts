import type { OptFunction, Value } from '../opt/ir.ts'
import type { Sink } from './expand.ts'
import { anyRegister, Base, MachineFunction, MachineInsn, type Target } from './machine.ts'

const int32 = { least: -0x8000_0000, most: 0x7fff_ffff } as const

/** What an address is the sum of. */
interface Address {
  readonly base: Base
  readonly register: number
  readonly off: number
}

/** A register to be made where it is first needed in a block: a constant, or an address of the frame. */
interface Shared {
  readonly insn: MachineInsn
  /** Instructions of the block that come behind it. */
  behind: number
}

/** Writes a function's blocks from their ends: what nothing has asked for when its turn comes is not made. */
export class Writer implements Sink {
  readonly target: Target
  protected readonly out: MachineFunction
  /** By value: its register, -1: nothing has asked for it. */
  protected readonly registers: Int32Array
  /** Instructions of the value at hand, in order. */
  protected pending: MachineInsn[] = []
  protected pc = -1
  /** Of the block so far, last first. */
  private reversed: MachineInsn[] = []
  private shared = new Map<string, Shared>()
  private touched: Shared[] = []

  constructor(func: OptFunction, target: Target) {
    this.target = target
    this.out = new MachineFunction(func.name, target.registers, func.frameBytes, func.passes)
    this.registers = new Int32Array(func.values).fill(-1)
  }

  /** A new block. */
  protected begin(): void {
    this.reversed = []
    this.shared = new Map()
  }

  register(): number {
    return this.out.register()
  }

  push(insn: MachineInsn): MachineInsn {
    insn.pc = this.pc
    this.pending.push(insn)
    return insn
  }

  protected flush(): void {
    for (let i = this.pending.length - 1; i >= 0; i--) this.reversed.push(this.pending[i]!)
    this.pending = []
    for (const entry of this.touched) entry.behind = this.reversed.length
    this.touched = []
  }

  protected assembled(): MachineInsn[] {
    const starts = new Map<number, MachineInsn[]>()
    for (const { behind, insn } of this.shared.values()) {
      const list = starts.get(behind) ?? []
      list.push(insn)
      starts.set(behind, list)
    }
    const result: MachineInsn[] = []
    for (let i = this.reversed.length; i >= 0; i--) {
      const here = starts.get(i)
      if (here !== undefined) result.push(...here)
      if (i > 0) result.push(this.reversed[i - 1]!)
    }
    return result
  }

  protected share(key: string, make: (register: number) => MachineInsn): number {
    const old = this.shared.get(key)
    if (old !== undefined) {
      this.touched.push(old)
      return old.insn.def
    }
    const entry = { insn: make(this.register()), behind: 0 }
    entry.insn.pc = this.pc
    this.shared.set(key, entry)
    this.touched.push(entry)
    return entry.insn.def
  }

  constant(imm: bigint): number {
    return this.share(`${imm}`, (to) => new MachineInsn('li', to, [], imm))
  }

  protected reg(value: Value): number {
    if (value.op === 'undef') return anyRegister
    if (value.op === 'li') return this.constant(value.imm)
    const base = baseOf(value)
    if (base !== undefined) return this.share(value.op, (to) => this.frameAddress(to, base, 0n))
    const known = this.registers[value.id]!
    if (known >= 0) return known
    const made = this.register()
    this.registers[value.id] = made
    return made
  }

  protected frameAddress(to: number, base: Base, off: bigint): MachineInsn {
    const insn = new MachineInsn('add64i', to, [], off)
    insn.base = base
    return insn
  }

  protected address(value: Value, off: number): Address {
    if (value.op === 'li') {
      const sum = value.imm + BigInt(off)
      if (sum >= 0n && sum <= BigInt(int32.most))
        return { base: Base.none, register: -1, off: Number(sum) }
    }
    const base = baseOf(value)
    if (base !== undefined) return { base, register: -1, off }
    if (value.op === 'add64i') {
      const under = baseOf(value.args[0]!)
      const sum = Number(value.imm) + off
      if (under !== undefined && sum >= int32.least && sum <= int32.most)
        return { base: under, register: -1, off: sum }
    }
    return { base: Base.register, register: this.reg(value), off }
  }
}

const bases: ReadonlyMap<string, Base> = new Map([
  ['frame', Base.frame],
  ['entry', Base.entry],
  ['out', Base.out],
])
/** What the address of an access counts from, if it is no register. */
export const baseOf = ({ op }: Value): Base | undefined => bases.get(op)
