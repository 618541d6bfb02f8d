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
import type { Machine } from '../vm/machine.ts'
import type { PvmProgram } from '../vm/program.ts'
import type { StateParts } from '../vm/state.ts'
import { ReferenceMachine } from './machine.ts'
import { PvmState, registerCount } from './pvm-state.ts'
import { steps } from './pvm-steps.ts'

class PvmMachine extends ReferenceMachine<PvmProgram, PvmState> {
  private readonly insn: PvmInsn = newPvmInsn()

  constructor(program: PvmProgram, gas: bigint) {
    super(program, new PvmState(program, gas), registerCount)
  }

  protected override get parts(): StateParts {
    const { memory } = this.program
    return { memory, registers: registerCount, isBehindCall: () => false }
  }

  protected override leg(): Exit {
    const { state } = this
    const { bitmask, options } = this.program
    state.exit = undefined
    if (!hasBit(bitmask, state.pc)) {
      state.charged = false
      state.trap('invalidJump')
    }
    let exit: Exit | undefined = state.exit
    while (exit === undefined) exit = this.step()
    if (options.pcAfterHalt === 'zero' && (exit.kind === 'halt' || exit.kind === 'trap'))
      state.pc = 0
    return exit
  }

  private step(): Exit | undefined {
    const { state, insn } = this
    const { code, bitmask } = this.program
    if (!state.charge()) return state.exit
    state.instructions++
    decodePvm(state.isa, code, bitmask, state.pc, insn)
    state.next = state.pc + insn.length
    if (insn.row < 0) state.trap('invalidInstruction')
    else steps[insn.row]!(state, insn)
    const { exit } = state
    if (exit === undefined || exit.kind === 'host') {
      state.pc = state.next
      if (state.schedule.kind === 'instruction' || isTerminator(insn.row)) state.charged = false
    }
    return exit
  }
}

/**
 * @param options.gas gas limit, 0 <= gas < 2^63
 * @throws {VerifyError} `unknownSchedule`, `memoryProfile`, and with `validateWhole` as `validatePvm`
 */
export function instantiatePvm(program: PvmProgram, options: { readonly gas: bigint }): Machine {
  return new PvmMachine(program, options.gas)
}
