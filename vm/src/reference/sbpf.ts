/**
 * sBPF as solana-sbpf 0.21.1 executes it (`interpreter.rs`), one instruction at a time on BigInts.
 *
 * Rules:
 * - The pc counts slots. Each instruction's gas is taken before it executes, one for `lddw` too, and for
 *   what is no instruction; with less left the run ends with `outOfGas` and nothing happened. An
 *   instruction that faults or traps is paid for, but once.
 * - What is no instruction of the version traps with `invalidInstruction`, the end of the code with
 *   `overrun`. `callx` goes to any slot, also into the middle of `lddw`, which is no instruction.
 *   A run that begins elsewhere than at a slot or the end traps with `invalidInstruction`, for no gas.
 * - A call looks at the depth first (`callDepth`), then, by `callx`, at the target (`invalidCall`).
 * - Division by zero and overflow trap with `divideByZero` and `divideOverflow`.
 * - Registers and memory are as before an instruction that traps, call frames too, where solana-sbpf
 *   leaves the machine in between; nothing looks at it there.
 */
import {
  decodeSbpf,
  newSbpfInsn,
  type SbpfInsn,
  type SbpfIsa,
  sbpfIsa,
} from '../isa/sbpf/decode.ts'
import { sbpfCost } from '../isa/sbpf/gas.ts'
import { sbpfRow } from '../isa/sbpf/table.ts'
import type { Exit } from '../vm/exit.ts'
import type { Machine } from '../vm/machine.ts'
import type { SbpfProgram } from '../vm/program.ts'
import type { StateParts } from '../vm/state.ts'
import { ReferenceMachine } from './machine.ts'
import { registerCount, SbpfState, savedCount } from './sbpf-state.ts'
import { sbpfSteps } from './sbpf-steps.ts'

class SbpfMachine extends ReferenceMachine<SbpfProgram, SbpfState> {
  private readonly isa: SbpfIsa
  private readonly cost: bigint
  private readonly insn: SbpfInsn = newSbpfInsn()

  constructor(program: SbpfProgram, gas: bigint) {
    super(program, new SbpfState(program, gas), registerCount)
    this.isa = sbpfIsa(program.version)
    this.cost = BigInt(sbpfCost(program.gas))
  }

  protected override get parts(): StateParts {
    const { frames, memory } = this.program
    return {
      memory,
      registers: registerCount,
      frames: { maxDepth: frames.maxDepth, saved: savedCount },
      isBehindCall: (pc) => this.callsAt(pc - 1),
    }
  }

  /** May the instruction at a slot open a frame. */
  private callsAt(slot: number): boolean {
    const { program } = this
    const insn = newSbpfInsn()
    decodeSbpf(this.isa, program.code, slot, insn)
    const hash = insn.imm >>> 0
    switch (insn.row) {
      case sbpfRow.callx:
      case sbpfRow.callx_imm:
      case sbpfRow.callx_src:
        return true
      case sbpfRow.call: {
        const to = program.functions.get(hash) ?? -1
        return !program.syscalls.has(hash) && to >= 0 && to < this.state.slots
      }
      case sbpfRow.call_local:
        return slot + 1 + insn.imm >= 0 && slot + 1 + insn.imm < this.state.slots
      default:
        return false
    }
  }

  protected override leg(): Exit {
    const { state } = this
    state.exit = undefined
    if (!(Number.isInteger(state.pc) && state.pc >= 0 && state.pc <= state.slots)) {
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
    decodeSbpf(this.isa, this.program.code, state.pc, insn)
    const cost = state.charged ? 0n : this.cost
    if (state.gas < cost) {
      state.exit = { kind: 'outOfGas', pc: state.pc }
      return
    }
    state.gas -= cost
    state.instructions++
    state.next = state.pc + insn.slots
    if (state.pc === state.slots) state.trap('overrun')
    else if (insn.row < 0) state.trap('invalidInstruction')
    else sbpfSteps[insn.row]!(state, insn)
    const ended = state.exit?.kind
    state.charged = ended === 'trap' || ended === 'fault' || ended === 'halt'
    if (!state.charged) state.pc = state.next
  }
}

/**
 * A machine that executes sBPF on BigInts.
 * @throws {VerifyError} `unknownSchedule`
 */
export function instantiateSbpf(program: SbpfProgram, options: { readonly gas: bigint }): Machine {
  return new SbpfMachine(program, options.gas)
}
