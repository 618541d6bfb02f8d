/**
 * eBPF as RFC 9669 states it, one guest instruction at a time on BigInts.
 *
 * Rules that are ours to fix, for every engine:
 * - The pc counts slots. An instruction's gas is taken before it executes; with less left the run
 *   ends with `outOfGas` and nothing happened. A faulting or trapping instruction is paid for, but
 *   once: `charged` is true after fault, trap and halt, false otherwise.
 * - Instructions start where a sweep from slot 0 finds them. A run that begins elsewhere traps with
 *   `invalidInstruction`; so do a slot that is no instruction and the end of the code, for no gas.
 * - A jump to where no instruction starts traps with `invalidJump` at the jump, when taken.
 * - A call traps with `invalidCall`, `callDepth` or `stackOverflow`, in this order, before it
 *   changes anything. The caller's frame is that of the function whose code contains the call.
 * - An access of n bytes is allowed in [0x10000, size); it faults as a whole, at its first address.
 *   An atomic operation reads first.
 */

import { type BpfInsn, decodeBpf, newBpfInsn } from '../isa/bpf/decode.ts'
import { bpfCosts } from '../isa/bpf/gas.ts'
import { bpfRows } from '../isa/bpf/table.ts'
import type { Exit } from '../vm/exit.ts'
import type { Machine } from '../vm/machine.ts'
import type { BpfProgram } from '../vm/program.ts'
import type { StateParts } from '../vm/state.ts'
import { BpfState, registerCount, savedCount } from './bpf-state.ts'
import { bpfSteps } from './bpf-steps.ts'
import { ReferenceMachine } from './machine.ts'

class BpfMachine extends ReferenceMachine<BpfProgram, BpfState> {
  private readonly costs: Uint32Array
  private readonly insn: BpfInsn = newBpfInsn()

  constructor(program: BpfProgram, gas: bigint) {
    super(program, new BpfState(program, gas), registerCount)
    this.costs = bpfCosts(program.gas)
  }

  protected override get parts(): StateParts {
    const { memory, options } = this.program
    const frames = { maxDepth: options.maxDepth, saved: savedCount }
    return { memory, registers: registerCount, frames, isBehindCall: (pc) => this.callsAt(pc - 1) }
  }

  /** Is a call that opens a frame at a slot; nothing else has a frame to return from. */
  private callsAt(slot: number): boolean {
    const { program, state } = this
    if (!state.isStart(slot)) return false
    const insn = newBpfInsn()
    decodeBpf(program.code, slot, insn)
    const name = bpfRows[insn.row]?.name
    if (name === 'call_local') return state.isFunction(slot + 1 + insn.imm)
    return name === 'callx' || name === 'callx_imm'
  }

  protected override leg(): Exit {
    const { state } = this
    state.exit = undefined
    if (!state.isStart(state.pc) && state.pc !== state.slots) {
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
    decodeBpf(this.program.code, state.pc, insn)
    const packet = insn.row >= 0 && bpfRows[insn.row]!.group === 'packet'
    const valid = insn.row >= 0 && (!packet || this.program.options.packet)
    const cost = insn.row < 0 || state.charged ? 0n : BigInt(this.costs[insn.row]!)
    if (state.gas < cost) {
      state.exit = { kind: 'outOfGas', pc: state.pc }
      return
    }
    state.gas -= cost
    state.instructions++
    state.next = state.pc + insn.slots
    if (valid) bpfSteps[insn.row]!(state, insn)
    else state.trap('invalidInstruction')
    const ended = state.exit?.kind
    state.charged = ended === 'trap' || ended === 'fault' || ended === 'halt'
    if (!state.charged) state.pc = state.next
  }
}

/**
 * A machine that executes eBPF on BigInts.
 * @throws {VerifyError} `unknownSchedule`
 */
export function instantiateBpf(program: BpfProgram, options: { readonly gas: bigint }): Machine {
  return new BpfMachine(program, options.gas)
}
