/**
 * AVM as docs/avm.md states it, one guest instruction at a time on BigInts.
 *
 * - Code that is not valid is refused when a machine is made. A run begins where an instruction starts, else it traps
 *   with `invalidInstruction` and takes no gas.
 * - The gas of a block is taken before its first instruction, or before the first one of it that a run begins with; with
 *   less left the run ends with `outOfGas` and nothing happened. `charged` says that it was taken for the block that
 *   contains `pc`: after a fault, trap and halt.
 * - A call traps with `invalidCall`, `callDepth` or `stackOverflow`, in this order, before it changes anything.
 * - An access of n bytes is allowed in [0x10000, size); it faults as a whole, at its first address.
 */
import { decodeInsn } from '../isa/avm/decode.ts'
import { type AvmInsn, newAvmInsn } from '../isa/avm/insn.ts'
import { avmBlockEnds, avmRegisters } from '../isa/avm/table.ts'
import type { Exit } from '../vm/exit.ts'
import type { Machine } from '../vm/machine.ts'
import type { AvmProgram } from '../vm/program.ts'
import type { StateParts } from '../vm/state.ts'
import { AvmState, avmSaved } from './avm-state.ts'
import { avmSteps } from './avm-steps.ts'
import { ReferenceMachine } from './machine.ts'

class AvmMachine extends ReferenceMachine<AvmProgram, AvmState> {
  private readonly insn: AvmInsn = newAvmInsn()

  constructor(program: AvmProgram, gas: bigint) {
    super(program, new AvmState(program, gas), avmRegisters)
  }

  protected override get parts(): StateParts {
    const { maxDepth, memory } = this.program
    const frames = { maxDepth, saved: avmSaved }
    const isBehindCall = (pc: number): boolean => this.state.isBehindCall(pc)
    const slotsAt = (pc: number): number => this.state.slotsAt(pc)
    return { memory, registers: avmRegisters, frames, isBehindCall, slotsAt }
  }

  protected override leg(): Exit {
    const { state } = this
    state.exit = undefined
    if (!state.isStart(state.pc)) {
      state.charged = false
      state.trap('invalidInstruction')
    }
    for (;;) {
      const exit: Exit | undefined = state.exit
      if (exit !== undefined) return exit
      this.step()
    }
  }

  private step(): void {
    const { state, insn } = this
    if (!state.charge()) return
    state.instructions++
    state.next = state.pc + decodeInsn(this.program.code, state.pc, insn)
    avmSteps[insn.row]!(state, insn)
    const ended = state.exit?.kind
    if (ended === 'trap' || ended === 'fault' || ended === 'halt') return
    // a block that control runs into is charged as one that it jumps to
    if (avmBlockEnds[insn.row] === 1 || state.isBlock(state.next)) state.charged = false
    state.pc = state.next
  }
}

/**
 * A machine that executes AVM on BigInts.
 * @throws {DecodeError} when the code is not valid
 * @throws {VerifyError} `unknownSchedule`
 */
export function instantiateAvm(program: AvmProgram, options: { readonly gas: bigint }): Machine {
  return new AvmMachine(program, options.gas)
}
