import { sbpfIsa, sbpfStarts } from '../isa/sbpf/decode.ts'
import type { Access, Exit, TrapName } from '../vm/exit.ts'
import { checkGas, type Frame } from '../vm/machine.ts'
import type { SbpfProgram } from '../vm/program.ts'
import type { ReferenceState } from './machine.ts'
import { type ReferenceMemory, referenceMemory } from './memory.ts'

export const registerCount = 11
const framePointer = 10
/** First of the registers that a call saves, up to the frame pointer. */
const firstSaved = 6
/** r6 to r10. */
export const savedCount = 5

/** A machine's state, with what the steps of instructions do to it. */
export class SbpfState implements ReferenceState {
  readonly program: SbpfProgram
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
  /** 1 where a sweep from slot 0 finds an instruction: jumps may go there. */
  private readonly starts: Uint8Array

  constructor(program: SbpfProgram, gas: bigint) {
    this.program = program
    this.gas = checkGas(gas)
    this.memory = referenceMemory(program.memory)
    this.r = new Array<bigint>(registerCount).fill(0n)
    this.r[framePointer] = program.frames.start
    this.starts = sbpfStarts(sbpfIsa(program.version), program.code)
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

  trap(trap: TrapName): void {
    this.exit = { kind: 'trap', trap, pc: this.pc }
  }

  /** True when the access is allowed; else the run ends. */
  may(address: bigint, length: number, access: Access): boolean {
    const refused = this.memory.denied(address, length, access)
    if (refused === undefined) return true
    this.exit = { kind: 'fault', address: refused, access, pc: this.pc }
    return false
  }

  /** The verifier keeps jumps out of where none of them may go. */
  jump(slot: number): void {
    if (this.starts[slot] === 1) this.next = slot
    else this.trap('invalidJump')
  }

  /** `call`: the syscall of a hash, or else the function of that hash. */
  callHash(hash: number): void {
    const slot = this.program.functions.get(hash)
    if (slot === undefined || this.program.syscalls.has(hash)) this.syscall(hash)
    else if (this.isSlot(slot)) this.call(BigInt(slot))
    else this.trap('invalidCall')
  }

  syscall(hash: number): void {
    const id = this.program.syscalls.get(hash)
    if (id === undefined) this.trap('invalidInstruction')
    else this.exit = { kind: 'host', id, pc: this.pc }
  }

  callRelative(slot: number): void {
    if (this.isSlot(slot)) this.call(BigInt(slot))
    else this.trap('invalidInstruction')
  }

  /** `callx`: the address is floored to a slot, and any slot will do. */
  callTo(address: bigint): void {
    this.call(BigInt.asUintN(64, address - this.program.textAddress) / 8n)
  }

  private isSlot(slot: number): boolean {
    return slot >= 0 && slot < this.slots
  }

  /** The depth is looked at first, as solana-sbpf pushes the frame before it looks at the target. */
  private call(slot: bigint): void {
    const { maxDepth, step } = this.program.frames
    if (this.frames.length >= maxDepth) return this.trap('callDepth')
    if (slot >= BigInt(this.slots)) return this.trap('invalidCall')
    this.frames.push({ returnPc: this.next, saved: this.r.slice(firstSaved) })
    this.set(framePointer, this.r[framePointer]! + BigInt(step))
    this.next = Number(slot)
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
    this.next = frame.returnPc
  }
}
