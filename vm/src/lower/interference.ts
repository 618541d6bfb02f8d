import { liveOuts } from './liveness.ts'
import { isMove, type MachineFunction, type Target } from './machine.ts'

/** A copy between two registers, which are better one; `weight`: how often it runs. */
export interface Copy {
  readonly to: number
  readonly from: number
  readonly weight: number
}

/** Pairs of numbers below `count`, unordered. Open addressing; a key is x * count + y, x < y. */
class Pairs {
  private readonly count: number
  private keys = new Float64Array(1024).fill(-1)
  private size = 0

  constructor(count: number) {
    this.count = count
  }

  private place(key: number): number {
    const mask = this.keys.length - 1
    let at = (Math.imul(key % 0x7fffffff, 0x9e3779b1) >>> 7) & mask
    while (this.keys[at] !== key && this.keys[at] !== -1) at = (at + 1) & mask
    return at
  }

  has(x: number, y: number): boolean {
    const key = x < y ? x * this.count + y : y * this.count + x
    return this.keys[this.place(key)] === key
  }

  /** Was it new? */
  add(x: number, y: number): boolean {
    const key = x < y ? x * this.count + y : y * this.count + x
    const at = this.place(key)
    if (this.keys[at] === key) return false
    this.keys[at] = key
    this.size++
    if (this.size * 2 > this.keys.length) this.grow()
    return true
  }

  private grow(): void {
    const old = this.keys
    this.keys = new Float64Array(old.length * 4).fill(-1)
    for (const key of old) if (key !== -1) this.keys[this.place(key)] = key
  }
}

/** Which registers may not be one, as they are alive at the same time with different values. */
export class Interference {
  /** Of registers from `machine` on: all they interfere with, the machine's among them. */
  readonly neighbours: number[][]
  readonly copies: Copy[] = []
  /** Operands that are better one register, so that the short form of an instruction fits. */
  readonly hints: Copy[] = []
  /** What keeping a register in memory would cost. */
  readonly costs: Float64Array
  private readonly pairs: Pairs
  private readonly machine: number

  constructor(func: MachineFunction, target: Target) {
    this.machine = target.registers
    this.neighbours = Array.from({ length: func.registers }, () => [])
    this.costs = new Float64Array(func.registers)
    this.pairs = new Pairs(func.registers)
    this.build(func)
  }

  has(x: number, y: number): boolean {
    return this.pairs.has(x, y)
  }

  add(x: number, y: number): boolean {
    if (x === y || (x < this.machine && y < this.machine) || !this.pairs.add(x, y)) return false
    if (x >= this.machine) this.neighbours[x]!.push(y)
    if (y >= this.machine) this.neighbours[y]!.push(x)
    return true
  }

  private build(func: MachineFunction): void {
    const outs = liveOuts(func, this.machine)
    const live = new Set<number>()
    for (const block of func.blocks) {
      live.clear()
      for (const register of outs[block.id]!) live.add(register)
      for (let i = block.insns.length - 1; i >= 0; i--) {
        const insn = block.insns[i]!
        const { clobbers, def, uses } = insn
        if (isMove(insn)) {
          const copy = { to: def, from: uses[0]!, weight: block.weight }
          if (insn.isSoft) this.hints.push(copy)
          else this.copies.push(copy)
          live.delete(uses[0]!)
        } else if (def >= 0 && uses.length > 0 && uses[0]! >= 0 && insn.base === 0) {
          this.hints.push({ to: def, from: uses[0]!, weight: block.weight })
        }
        if (def >= 0) {
          for (const other of live) this.add(def, other)
          this.costs[def]! += block.weight
        }
        for (const clobber of clobbers) for (const other of live) this.add(clobber, other)
        if (def >= 0) live.delete(def)
        for (const clobber of clobbers) live.delete(clobber)
        for (const use of uses) {
          if (use < 0) continue
          live.add(use)
          this.costs[use]! += block.weight
        }
      }
    }
  }
}
