import type { AvmProgram, Machine } from 'alcatraz-vm'
import { type AvmFunctionSource, type AvmInsn, avmInsn, encodeAvm } from 'alcatraz-vm/avm'
import type { Trial } from './compare.ts'
import { Rng } from './rng.ts'

const stackHigh = 0x11000
const memoryEnd = 0x12000
const codeAddress = 0x4000_0000
/** Counts the rounds of a loop; what is in a loop leaves it alone. */
const counter = 10

interface Shape {
  readonly count: number
  readonly slots: readonly number[]
  /** Do jumps go from one function into another. */
  readonly jumps: boolean
}

class Writer {
  readonly insns: AvmInsn[] = []
  private readonly rng: Rng
  private readonly shape: Shape
  private readonly index: number
  private readonly own: number

  constructor(rng: Rng, shape: Shape, index: number) {
    this.rng = rng
    this.shape = shape
    this.index = index
    this.own = shape.slots[index]!
  }

  private register(): number {
    return this.rng.below(counter)
  }

  private call(): void {
    const { rng, shape } = this
    const other = rng.chance(80) ? rng.between(this.index, shape.count - 1) : rng.below(shape.count)
    if (rng.chance(75)) this.insns.push(avmInsn('call', { target: other }))
    else
      this.insns.push(
        avmInsn('li', { a: 9, imm: codeAddress + 2 * other }),
        avmInsn('callr', { b: 9 }),
      )
  }

  private plain(): void {
    const { insns, own, rng } = this
    const what = rng.below(100)
    if (own > 0 && what < 30)
      insns.push(avmInsn('setslot', { a: this.register(), imm: rng.below(own) }))
    else if (own > 0 && what < 60)
      insns.push(avmInsn('getslot', { a: this.register(), imm: rng.below(own) }))
    else if (what < 75) insns.push(avmInsn('li', { a: this.register(), imm: rng.below(1000) }))
    else if (what < 90)
      insns.push(avmInsn('add64', { a: this.register(), b: this.register(), c: this.register() }))
    else if (what < 95) insns.push(avmInsn('store64', { a: this.register(), b: 15, off: -8 }))
    else insns.push(avmInsn('load64', { a: this.register(), b: 15, off: -8 }))
  }

  private loop(): void {
    const { insns, rng } = this
    insns.push(avmInsn('li', { a: counter, imm: rng.between(1, 12) }))
    const top = insns.length
    for (let i = rng.between(1, 4); i > 0; i--) this.plain()
    if (rng.chance(35)) this.call()
    insns.push(avmInsn('add64i', { a: counter, b: counter, imm: -1 }))
    insns.push(avmInsn('bgts64i', { b: counter, imm: 0, target: top }))
  }

  private step(): void {
    const { insns, rng, shape } = this
    const what = rng.below(100)
    if (what < 60) this.plain()
    else if (what < 78) this.call()
    else if (what < 88) this.loop()
    else if (what < 94) insns.push(avmInsn('host', { target: 0 }))
    else if (shape.jumps)
      insns.push(
        avmInsn('li', { a: 8, imm: codeAddress + 2 * (shape.count + rng.below(shape.count)) }),
        avmInsn('bltu64i', { b: this.register(), imm: 300, target: insns.length + 3 }),
        avmInsn('jump64', { b: 8 }),
      )
  }

  run(): AvmFunctionSource {
    const { insns, rng } = this
    for (let i = rng.between(4, 14); i > 0; i--) {
      if (rng.chance(20)) {
        const at = insns.length
        insns.push(avmInsn('ret'))
        this.step()
        insns[at] = avmInsn('bltu64i', { b: this.register(), imm: 500, target: insns.length })
      } else this.step()
    }
    insns.push(avmInsn(rng.chance(97) ? 'ret' : 'trap', { imm: 0 }))
    if (insns.at(-1)!.row === avmInsn('trap').row) insns.at(-1)!.low = 1
    return { frameSize: 8 * rng.below(6), args: rng.below(9), slots: this.own, insns }
  }
}

/** Functions with slots that call each other, loop, leave for the host, and jump into each other. */
function slotProgram(rng: Rng): AvmProgram {
  const count = rng.between(2, 6)
  const slots = Array.from({ length: count }, () =>
    rng.chance(25) ? 0 : rng.chance(85) ? rng.between(1, 7) : rng.between(8, 128),
  )
  const shape = { count, slots, jumps: rng.chance(25) }
  const functions = slots.map((_, i) => new Writer(rng, shape, i).run())
  const labels = functions.map(({ insns }, i) => ({
    function: i,
    insn: shape.jumps ? rng.between(1, insns.length - 1) : 0,
  }))
  const starts = functions.map((_, i) => ({ function: i, insn: 0 }))
  const made = encodeAvm({ functions, codeTable: [...starts, ...labels] })
  return {
    ...{ isa: 'avm', version: 'v1', code: made.code, functions: made.functions },
    exports: new Map([['run', 0]]),
    imports: ['one'],
    memory: { profile: 'linear32', segments: [], size: memoryEnd, maxSize: memoryEnd },
    gas: rng.chance(80) ? 'avm-1' : 'per-instruction',
    symbols: new Map(),
    codeTable: made.codeTable,
    stack: { low: 0x10000, high: stackHigh },
    maxDepth: rng.pick([3, 12, 40]),
  }
}

/** The same for the same seed. */
export function slotTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = slotProgram(rng)
  const registers = Array.from({ length: counter }, () => BigInt(rng.below(1000)))
  return {
    program,
    seed,
    gas: BigInt(rng.chance(75) ? rng.between(100, 3000) : rng.below(200)),
    start(machine: Machine) {
      for (const [i, value] of registers.entries()) machine.registers.set(i, value)
      machine.pc = 0
    },
  }
}
