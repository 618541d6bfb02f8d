import { HostedMachine } from '../vm/hosted.ts'
import {
  checkGas,
  checkPc,
  type Frame,
  type MachineState,
  type MachineStats,
  type Registers,
} from '../vm/machine.ts'
import type { Program } from '../vm/program.ts'
import { checkState, type StateParts } from '../vm/state.ts'
import type { ReferenceMemory } from './memory.ts'

/** What the interpreters of all ISAs keep while a program runs. */
export interface ReferenceState {
  readonly memory: ReferenceMemory
  gas: bigint
  pc: number
  /** What is at `pc` is paid for (`MachineState.charged`). */
  charged: boolean
  instructions: bigint
  /** Open managed calls; none in the link model. */
  frames: readonly Frame[]
  /** Slots of the running activation, where an ISA has them. */
  privateSlots?: readonly bigint[]
  /** The host has set `pc`. */
  entered?(): void
  get(register: number): bigint
  /** Taken modulo the register width. */
  set(register: number, value: bigint): void
}

/** A machine around a state; an ISA adds how to run. */
export abstract class ReferenceMachine<
  P extends Program,
  S extends ReferenceState,
> extends HostedMachine {
  override readonly program: P
  override readonly registers: Registers
  protected readonly state: S

  constructor(program: P, state: S, count: number) {
    super()
    this.program = program
    this.state = state
    const check = (index: number): number => {
      this.checkKept('use its registers')
      if (Number.isInteger(index) && index >= 0 && index < count) return index
      throw new RangeError(`no register ${index}`)
    }
    this.registers = {
      count,
      get: (index) => state.get(check(index)),
      set: (index, value) => state.set(check(index), value),
    }
  }

  override get memory(): ReferenceMemory {
    this.checkKept('use its memory')
    return this.state.memory
  }

  override get gas(): bigint {
    return this.state.gas
  }

  override set gas(value: bigint) {
    this.state.gas = checkGas(value)
  }

  override get pc(): number {
    return this.state.pc
  }

  override set pc(value: number) {
    this.state.pc = checkPc(value)
    this.state.charged = false
    this.state.entered?.()
  }

  override get stats(): MachineStats {
    this.checkKept('count')
    const { instructions } = this.state
    return { instructions, tiers: { reference: instructions } }
  }

  override save(): MachineState {
    this.checkIdle('save')
    const { state } = this
    const { charged, frames, gas, memory, pc, privateSlots: slots = [] } = state
    return {
      pc,
      gas,
      registers: Array.from({ length: this.registers.count }, (_, index) => state.get(index)),
      frames: [...frames],
      ...(slots.length > 0 && { slots: [...slots] }),
      charged,
      memorySize: memory.size,
      pages: memory.pages(),
    }
  }

  override restore(saved: MachineState): void {
    this.checkIdle('restore')
    const { state } = this
    checkState(saved, this.parts)
    state.pc = saved.pc
    state.gas = saved.gas
    saved.registers.forEach((value, index) => {
      state.set(index, value)
    })
    state.frames = [...saved.frames]
    if (state.privateSlots !== undefined) state.privateSlots = [...(saved.slots ?? [])]
    state.charged = saved.charged
    state.memory.reset(saved.memorySize, saved.pages)
  }

  /** What its states are held against. */
  protected abstract readonly parts: StateParts

  protected override release(): void {
    this.state.memory.reset(0, [])
  }
}
