/**
 * The PVM as the Gray Paper (A) and polkavm state it, one guest instruction at a time on BigInts.
 *
 * Rules that are ours to fix, for every engine:
 * - A run begins where an instruction starts, else it traps (`invalidJump`) and takes no gas.
 * - `charged` says that gas was taken for what is at `pc`: for the block that contains it (block
 *   schedules) or for the instruction (instruction schedules). It is true after a fault, trap, halt
 *   and, with block schedules, a host call; false after `outOfGas` (but inside `memset`), in a new
 *   machine and after setting `pc`. So a faulting instruction is charged once.
 * - A jump to a bad target traps at the jump, after its register write. Code that runs on to where
 *   no instruction is takes the gas of an invalid instruction and traps there (`invalidInstruction`);
 *   out of gas there, it cannot be resumed: no run begins there.
 * - With `pcAfterHalt: 'zero'`, `machine.pc` is 0 after halt and trap; the exit has the cause's pc.
 */
import { decodePvm, hasBit, newPvmInsn, type PvmInsn } from '../isa/pvm/decode.ts'
import { isTerminator } from '../isa/pvm/table.ts'
import type { Exit } from '../vm/exit.ts'
import {
  checkGas,
  type Machine,
  type MachineState,
  type MachineStats,
  type Registers,
} from '../vm/machine.ts'
import type { PvmProgram } from '../vm/program.ts'
import type { ReferenceMemory } from './memory.ts'
import { PvmState, registerCount } from './pvm-state.ts'
import { steps } from './pvm-steps.ts'

class PvmMachine implements Machine {
  readonly program: PvmProgram
  readonly registers: Registers
  private readonly state: PvmState
  private readonly insn: PvmInsn = newPvmInsn()

  constructor(program: PvmProgram, gas: bigint) {
    this.program = program
    const state = new PvmState(program, gas)
    this.state = state
    this.registers = {
      count: registerCount,
      get: (index) => state.get(index),
      set: (index, value) => state.set(index, value),
    }
  }

  get memory(): ReferenceMemory {
    return this.state.memory
  }

  get gas(): bigint {
    return this.state.gas
  }

  set gas(value: bigint) {
    this.state.gas = checkGas(value)
  }

  get pc(): number {
    return this.state.at
  }

  set pc(value: number) {
    this.state.at = value
    this.state.charged = false
  }

  get stats(): MachineStats {
    const { instructions } = this.state
    return { instructions, tiers: { reference: instructions } }
  }

  run(): Exit {
    const { state } = this
    const { bitmask, options } = this.program
    state.exit = undefined
    if (!hasBit(bitmask, state.at)) {
      state.charged = false
      state.trap('invalidJump')
    }
    let exit: Exit | undefined = state.exit
    while (exit === undefined) exit = this.step()
    if (options.pcAfterHalt === 'zero' && (exit.kind === 'halt' || exit.kind === 'trap'))
      state.at = 0
    return exit
  }

  private step(): Exit | undefined {
    const { state, insn } = this
    const { code, bitmask } = this.program
    if (!state.charge()) return state.exit
    state.instructions++
    decodePvm(state.isa, code, bitmask, state.at, insn)
    state.next = state.at + insn.length
    if (insn.row < 0) state.trap('invalidInstruction')
    else steps[insn.row]!(state, insn)
    const { exit } = state
    if (exit === undefined || exit.kind === 'host') {
      state.at = state.next
      if (state.schedule.kind === 'instruction' || isTerminator(insn.row)) state.charged = false
    }
    return exit
  }

  save(): MachineState {
    const { state } = this
    return {
      pc: state.at,
      gas: state.gas,
      registers: [...state.values],
      frames: [],
      charged: state.charged,
      memorySize: state.memory.size,
      pages: state.memory.pages(),
    }
  }

  restore(saved: MachineState): void {
    const { state } = this
    state.at = saved.pc
    state.gas = saved.gas
    saved.registers.forEach((value, index) => {
      state.set(index, value)
    })
    state.charged = saved.charged
    state.memory.reset(saved.memorySize, saved.pages)
  }

  dispose(): void {}
}

/**
 * @param options.gas gas limit, 0 <= gas < 2^63
 * @throws {VerifyError} `unknownSchedule`, `memoryProfile`, and with `validateWhole` as `validatePvm`
 */
export function instantiatePvm(program: PvmProgram, options: { readonly gas: bigint }): Machine {
  return new PvmMachine(program, options.gas)
}
