/**
 * RISC-V in user mode on one hart (The RISC-V Instruction Set Manual, Volume I), one instruction at a time on BigInts.
 *
 * Rules that are ours to fix, for every engine:
 * - A run begins where an instruction starts (`instructionStarts`), else it traps (`invalidJump`) and takes no gas.
 * - A jump, taken branch or return to any other place traps at that instruction, after it wrote its register.
 * - An atomic access that is not aligned traps (`misaligned`); plain accesses need no alignment.
 * - `sc` and the other atomic instructions read before they write; an `sc` that does not succeed writes what it read.
 * - Code that runs on past its end traps there (`invalidInstruction`), and takes the gas of an instruction.
 */
import { newRiscvInsn, type RiscvInsn } from '../isa/riscv/decode.ts'
import type { Exit } from '../vm/exit.ts'
import type { Machine } from '../vm/machine.ts'
import type { RiscvProgram } from '../vm/program.ts'
import type { StateParts } from '../vm/state.ts'
import { ReferenceMachine } from './machine.ts'
import { RiscvState, registerCount } from './riscv-state.ts'
import { riscvSteps } from './riscv-steps.ts'

class RiscvMachine extends ReferenceMachine<RiscvProgram, RiscvState> {
  private readonly insn: RiscvInsn = newRiscvInsn()

  constructor(program: RiscvProgram, gas: bigint) {
    super(program, new RiscvState(program, gas), registerCount)
  }

  protected override get parts(): StateParts {
    const { memory } = this.program
    return { memory, registers: registerCount, isBehindCall: () => false }
  }

  protected override leg(): Exit {
    const { state } = this
    state.exit = undefined
    const { code } = this.program
    if (!state.isStart(state.pc) && state.pc !== code.length) {
      state.charged = false
      state.trap('invalidJump')
    }
    let exit: Exit | undefined = state.exit
    while (exit === undefined) exit = this.step()
    return exit
  }

  private step(): Exit | undefined {
    const { insn, state } = this
    if (!state.charge()) return state.exit
    state.instructions++
    state.decoder.decode(this.program.code, state.pc, insn)
    state.next = state.pc + insn.length
    if (insn.row < 0) state.trap('invalidInstruction')
    else riscvSteps[insn.row]!(state, insn)
    const { exit } = state
    if (exit === undefined || exit.kind === 'host') {
      state.pc = state.next
      state.charged = false
    }
    return exit
  }
}

/**
 * @param options.gas gas limit, 0 <= gas < 2^63
 * @throws {VerifyError} `unknownSchedule`, `memoryProfile`
 */
export function instantiateRiscv(
  program: RiscvProgram,
  options: { readonly gas: bigint },
): Machine {
  return new RiscvMachine(program, options.gas)
}
