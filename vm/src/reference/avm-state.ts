import { AvmByte, decodeInsn, validateAvm } from '../isa/avm/decode.ts'
import { avmCosts } from '../isa/avm/gas.ts'
import { newAvmInsn } from '../isa/avm/insn.ts'
import { avmSlots } from '../isa/avm/slots.ts'
import { avmCodeBase, avmRegisters, avmRows } from '../isa/avm/table.ts'
import type { Access, Exit, TrapName } from '../vm/exit.ts'
import { checkGas, type Frame } from '../vm/machine.ts'
import type { AvmProgram } from '../vm/program.ts'
import type { ReferenceState } from './machine.ts'
import { type ReferenceMemory, referenceMemory } from './memory.ts'

const stackPointer = 15
/** First of the registers that a call saves, up to the stack pointer. */
const firstSaved = 2
/** r2 to r15. */
export const avmSaved = 14

/** A machine's state, with what the steps of instructions do to it. */
export class AvmState implements ReferenceState {
  readonly program: AvmProgram
  readonly memory: ReferenceMemory
  readonly r: bigint[]
  frames: Frame[] = []
  privateSlots: bigint[]
  gas: bigint
  pc = 0
  charged = false
  instructions = 0n
  exit: Exit | undefined
  /** Where the run goes on after the instruction. */
  next = 0
  /** By byte: sums of `AvmByte`. */
  private readonly kinds: Uint8Array
  private readonly costs: Uint32Array
  private readonly blockCosts = new Map<number, bigint>()
  private readonly frameSizes: ReadonlyMap<number, number>
  /** By function, how many slots its activations have. */
  private readonly slotCounts: Uint8Array
  /** Registers that a function takes of its caller; it starts with zeros in the others. */
  private readonly argsOf: ReadonlyMap<number, number>

  constructor(program: AvmProgram, gas: bigint) {
    const { code, codeTable, functions, imports } = program
    this.program = program
    this.gas = checkGas(gas)
    this.kinds = validateAvm({ code, functions, codeTable, imports: imports.length })
    this.costs = avmCosts(program.gas)
    this.memory = referenceMemory(program.memory)
    this.r = new Array<bigint>(avmRegisters).fill(0n)
    this.r[stackPointer] = BigInt(program.stack.high)
    this.frameSizes = new Map(functions.map((f) => [f.pc, f.frameSize]))
    this.argsOf = new Map(functions.map((f) => [f.pc, f.args]))
    this.slotCounts = avmSlots(program, this.kinds)
    this.privateSlots = this.freshSlots(0)
  }

  get(register: number): bigint {
    return this.r[register]!
  }

  set(register: number, value: bigint): void {
    this.r[register] = BigInt.asUintN(64, value)
  }

  /** Zeros for an activation of the function whose code contains `pc`. */
  private freshSlots(pc: number): bigint[] {
    return new Array<bigint>(this.slotsAt(pc)).fill(0n)
  }

  /** Slots of an activation that runs at `pc`; what is behind the code counts to its last function. */
  slotsAt(pc: number): number {
    return this.slotCounts[this.program.functions.findLastIndex((f) => f.pc <= pc)] ?? 0
  }

  entered(): void {
    this.privateSlots = this.freshSlots(this.pc)
  }

  isStart(pc: number): boolean {
    return ((this.kinds[pc] ?? 0) & AvmByte.start) !== 0
  }

  isBlock(pc: number): boolean {
    return ((this.kinds[pc] ?? 0) & AvmByte.block) !== 0
  }

  /** Is a call that opens a frame right before `pc`. */
  isBehindCall(pc: number): boolean {
    if (!this.isStart(pc) || pc === 0) return false
    let at = pc - 1
    while (!this.isStart(at)) at--
    const insn = newAvmInsn()
    decodeInsn(this.program.code, at, insn)
    return avmRows[insn.row]!.gas === 'call'
  }

  /** Takes gas for the block that contains `pc`, unless it was taken; false when there is too little. */
  charge(): boolean {
    if (this.charged) return true
    let block = this.pc
    while (!this.isBlock(block)) block--
    const cost = this.blockCost(block)
    if (cost > this.gas) {
      this.exit = { kind: 'outOfGas', pc: this.pc }
      return false
    }
    this.gas -= cost
    this.charged = true
    return true
  }

  private blockCost(block: number): bigint {
    let cost = this.blockCosts.get(block)
    if (cost !== undefined) return cost
    const insn = newAvmInsn()
    cost = 0n
    let at = block
    do {
      at += decodeInsn(this.program.code, at, insn)
      cost += BigInt(this.costs[insn.row]!)
    } while (at < this.program.code.length && !this.isBlock(at))
    this.blockCosts.set(block, cost)
    return cost
  }

  trap(trap: TrapName): void {
    this.exit = { kind: 'trap', trap, pc: this.pc }
  }

  host(id: number): void {
    this.exit = { kind: 'host', id, pc: this.pc }
  }

  /** True when the access is allowed; else the run ends. */
  may(address: bigint, length: number, access: Access): boolean {
    const refused = this.memory.denied(address, length, access)
    if (refused === undefined) return true
    this.exit = { kind: 'fault', address: refused, access, pc: this.pc }
    return false
  }

  /** The place in the code that a code address names, or -1. */
  private placeOf(address: bigint): number {
    const distance = address - BigInt(avmCodeBase)
    if (distance < 0n || distance % 2n !== 0n) return -1
    const { codeTable } = this.program
    return distance / 2n < BigInt(codeTable.length) ? codeTable[Number(distance / 2n)]! : -1
  }

  jumpTo(address: bigint): void {
    const pc = this.placeOf(address)
    if (pc < 0 || this.frameSizes.has(pc)) this.trap('invalidJump')
    else this.next = pc
  }

  callTo(address: bigint): void {
    const pc = this.placeOf(address)
    if (pc < 0 || !this.frameSizes.has(pc)) this.trap('invalidCall')
    else this.call(pc)
  }

  call(pc: number): void {
    if (this.frames.length >= this.program.maxDepth) return this.trap('callDepth')
    const top = this.r[stackPointer]! - BigInt(this.frameSizeAt(this.pc))
    if (top - BigInt(this.frameSizes.get(pc)!) < BigInt(this.program.stack.low))
      return this.trap('stackOverflow')
    const slots = this.privateSlots
    const saved = this.r.slice(firstSaved)
    this.frames.push({ returnPc: this.next, saved, ...(slots.length > 0 && { slots }) })
    this.privateSlots = this.freshSlots(pc)
    this.r.fill(0n, this.argsOf.get(pc)!, stackPointer)
    this.r[stackPointer] = top
    this.next = pc
  }

  return(): void {
    const frame = this.frames.pop()
    if (frame === undefined) {
      this.exit = { kind: 'halt', pc: this.pc }
      return
    }
    frame.saved.forEach((value, index) => {
      this.r[firstSaved + index] = value
    })
    this.privateSlots = [...(frame.slots ?? [])]
    this.next = frame.returnPc
  }

  /** Frame size of the function whose code contains `pc`: the last to start at or before it. */
  private frameSizeAt(pc: number): number {
    let size = 0
    for (const f of this.program.functions) if (f.pc <= pc) size = f.frameSize
    return size
  }
}
