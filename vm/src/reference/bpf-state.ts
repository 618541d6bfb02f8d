import { bpfStarts } from '../isa/bpf/disasm.ts'
import type { Access, Exit, TrapName } from '../vm/exit.ts'
import { checkGas, type Frame } from '../vm/machine.ts'
import type { BpfProgram } from '../vm/program.ts'
import type { ReferenceState } from './machine.ts'
import { type ReferenceMemory, referenceMemory } from './memory.ts'

export const registerCount = 11
const framePointer = 10
/** First of the registers that a call saves, up to the frame pointer. */
const firstSaved = 6
/** r6 to r10. */
export const savedCount = 5

/** A machine's state, with what the steps of instructions do to it. */
export class BpfState implements ReferenceState {
  readonly program: BpfProgram
  readonly memory: ReferenceMemory
  readonly r: bigint[]
  frames: Frame[] = []
  gas: bigint
  pc = 0
  charged = false
  instructions = 0n
  exit: Exit | undefined
  /** Where the run goes on after the instruction. */
  next = 0
  /** 1 where an instruction starts. */
  private readonly starts: Uint8Array
  private readonly frameSizes: ReadonlyMap<number, number>
  private readonly jumpTargets: ReadonlySet<number>

  constructor(program: BpfProgram, gas: bigint) {
    this.program = program
    this.gas = checkGas(gas)
    this.memory = referenceMemory(program.memory)
    this.r = new Array<bigint>(registerCount).fill(0n)
    this.r[framePointer] = BigInt(program.stack.high)
    this.starts = bpfStarts(program.code)
    this.frameSizes = new Map(program.functions.map((f) => [f.pc, f.frameSize]))
    this.jumpTargets = new Set(program.addressTaken)
  }

  get(register: number): bigint {
    return this.r[register]!
  }

  set(register: number, value: bigint): void {
    this.r[register] = BigInt.asUintN(64, value)
  }

  get slots(): number {
    return this.starts.length
  }

  isStart(slot: number): boolean {
    return this.starts[slot] === 1
  }

  isFunction(slot: number): boolean {
    return this.isStart(slot) && this.frameSizes.has(slot)
  }

  trap(trap: TrapName): void {
    this.exit = { kind: 'trap', trap, pc: this.pc }
  }

  halt(): void {
    this.exit = { kind: 'halt', pc: this.pc }
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

  jump(slot: number): void {
    if (this.isStart(slot)) this.next = slot
    else this.trap('invalidJump')
  }

  /** The slot that a code address names, or -1. */
  private slotOf(address: bigint): number {
    const distance = address - this.program.codeBase
    if (distance < 0n || distance >= BigInt(8 * this.slots) || distance % 8n !== 0n) return -1
    return Number(distance / 8n)
  }

  jumpTo(address: bigint): void {
    const slot = this.slotOf(address)
    if (this.jumpTargets.has(slot)) this.jump(slot)
    else this.trap('invalidJump')
  }

  callTo(address: bigint): void {
    const slot = this.slotOf(address)
    if (this.isFunction(slot)) this.call(slot)
    else if (this.program.options.callxHelpers && address < 0x8000_0000n) this.host(Number(address))
    else this.trap('invalidCall')
  }

  call(slot: number): void {
    const callee = this.isFunction(slot) ? this.frameSizes.get(slot) : undefined
    if (callee === undefined) return this.trap('invalidCall')
    if (this.frames.length >= this.program.options.maxDepth) return this.trap('callDepth')
    const fp = this.r[framePointer]! - BigInt(this.frameSizeAt(this.pc))
    if (fp - BigInt(callee) < BigInt(this.program.stack.low)) return this.trap('stackOverflow')
    this.frames.push({ returnPc: this.next, saved: this.r.slice(firstSaved) })
    this.r[framePointer] = fp
    this.next = slot
  }

  return(): void {
    const frame = this.frames.pop()
    if (frame === undefined) return this.halt()
    frame.saved.forEach((value, index) => {
      this.r[firstSaved + index] = value
    })
    this.next = frame.returnPc
  }

  /** Frame size of the function whose code contains `slot`: the last to start at or before it. */
  private frameSizeAt(slot: number): number {
    const { functions } = this.program
    let low = 0
    for (let high = functions.length; low < high; ) {
      const middle = (low + high) >> 1
      if (functions[middle]!.pc <= slot) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : functions[low - 1]!.frameSize
  }
}
