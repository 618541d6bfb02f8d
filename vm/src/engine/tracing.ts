import { gasAt, gasBeyond } from '../ir/gas.ts'
import type { IrProgram } from '../ir/program.ts'
import type { Exit } from '../vm/exit.ts'
import { HostedMachine } from '../vm/hosted.ts'
import type { Engine, Machine, MachineState, MachineStats, Registers } from '../vm/machine.ts'
import type { Memory } from '../vm/memory.ts'
import type { Program } from '../vm/program.ts'
import { liftProgram } from './lifted.ts'

/** What happened between two stops of a machine. */
export interface TraceStep {
  /** Guest instructions executed so far, those of this step included. */
  readonly executed: bigint
  /** Where it began. */
  readonly pc: number
  /** Gas left behind it; behind a host call, when the host had answered. */
  readonly gas: bigint
  /** Registers that have another value than before, by number. */
  readonly changed: readonly (readonly [index: number, value: bigint])[]
}

/** The program without the rule that a machine out of gas has none left. */
function keepingGas(program: Program): Program {
  if (program.isa !== 'pvm' || program.options.outOfGasKeepsCounter) return program
  return { ...program, options: { ...program.options, outOfGasKeepsCounter: true } }
}

/** Schedules that take 1 for each instruction, for programs whose own schedule takes nothing. */
const unitSchedule = {
  avm: 'per-instruction',
  bpf: 'per-instruction',
  pvm: 'pvm-instruction',
  sbpf: 'sbpf',
  riscv: 'riscv-instruction',
} as const

/**
 * A machine that another engine's machine runs in pieces: it gets the gas of one instruction (of one
 * block where blocks are charged) at a time, so that it must stop behind each. Engines agree on every
 * stop, so that steps are the same on all of them; results are those of an undivided run.
 */
class TracingMachine extends HostedMachine {
  override readonly program: Program
  readonly #inner: Machine
  readonly #ir: IrProgram
  readonly #record: (step: TraceStep) => void
  readonly #pieces: boolean
  /** The program's own schedule takes nothing: the gas of pieces is not the run's. */
  readonly #free: boolean
  /** Running out of gas spends what is left: at the end of the run, not of a piece. */
  readonly #spends: boolean
  #left: bigint
  #before: bigint[]
  #executed = 0n
  #open: number | undefined

  constructor(
    engine: Engine,
    program: Program,
    gas: bigint,
    options: TraceOptions,
    record: (step: TraceStep) => void,
  ) {
    super()
    this.program = program
    this.#free = program.gas === 'none' && !options.stops
    const stepped = keepingGas(
      this.#free ? { ...program, gas: unitSchedule[program.isa] } : program,
    )
    this.#spends = stepped !== program && !this.#free
    this.#ir = liftProgram(stepped)
    this.#inner = engine.instantiate(stepped, { gas: 0n })
    this.#record = record
    this.#pieces = !options.stops
    this.#left = gas
    this.#before = this.#values()
  }

  override get gas(): bigint {
    return this.#left
  }
  override set gas(gas: bigint) {
    this.#left = gas
  }
  override get pc(): number {
    return this.#inner.pc
  }
  override set pc(pc: number) {
    this.#inner.pc = pc
  }
  override get registers(): Registers {
    return this.#inner.registers
  }
  override get memory(): Memory {
    return this.#inner.memory
  }
  override get stats(): MachineStats {
    return this.#inner.stats
  }
  override save(): MachineState {
    this.checkIdle('save')
    return { ...this.#inner.save(), gas: this.#left }
  }
  override restore(state: MachineState): void {
    this.checkIdle('restore')
    this.#inner.restore({ ...state, gas: 0n })
    this.#left = state.gas
  }
  protected override release(): void {
    try {
      this.#close()
    } finally {
      this.#inner.dispose()
    }
  }

  protected override leg(): Exit {
    this.#close()
    if (this.#executed === 0n) this.#before = this.#values()
    for (let piece = this.#pieces ? 0n : this.#left; ; ) {
      const { pc } = this.#inner
      const exit = this.#runPiece(piece)
      const moved = this.#inner.stats.instructions > this.#executed
      if (moved) this.#open = pc
      if (exit.kind !== 'outOfGas') {
        // the host has not answered yet: the step is closed by the next run
        if (exit.kind !== 'host') this.#close()
        return exit
      }
      this.#close()
      const rest = this.#free ? 1n << 62n : this.#left
      if (rest === 0n || (piece === rest && !moved)) {
        if (this.#spends) this.#left = 0n
        return exit
      }
      const cost = BigInt(this.#costAt(exit.pc))
      piece = cost < rest ? cost : rest
    }
  }

  /** What is due at `pc`, with what lies behind it where no run may begin: none may stop there. */
  #costAt(pc: number): number {
    return Math.max(1, gasAt(this.#ir, pc)) + gasBeyond(this.#ir, pc)
  }

  #runPiece(piece: bigint): Exit {
    const inner = this.#inner
    inner.gas = piece
    const exit = inner.run()
    if (!this.#free) this.#left += inner.gas - piece
    inner.gas = 0n
    return exit
  }

  #values(): bigint[] {
    const { registers } = this.#inner
    return Array.from({ length: registers.count }, (_, index) => registers.get(index))
  }

  #close(): void {
    const pc = this.#open
    if (pc === undefined) return
    this.#open = undefined
    const values = this.#values()
    const changed: [number, bigint][] = []
    for (const [i, value] of values.entries())
      if (value !== this.#before[i]) changed.push([i, value])
    this.#before = values
    this.#executed = this.#inner.stats.instructions
    this.#record({ executed: this.#executed, pc, gas: this.#left, changed })
  }
}

export interface TraceOptions {
  /** Stop only at host calls and at the end: what runs in between runs as it would without a trace. */
  readonly stops: boolean
}

/**
 * An engine whose machines run on `engine` and report every step; outcomes are those of `engine`.
 * Where gas is charged by blocks a step is a block.
 * @param record may throw to end the run
 * @example tracing(engine, { stops: false }, ({ pc, gas }) => pc).name // 'reference'
 */
export function tracing(
  engine: Engine,
  options: TraceOptions,
  record: (step: TraceStep) => void,
): Engine {
  return {
    name: engine.name,
    instantiate: (program, { gas }) => new TracingMachine(engine, program, gas, options, record),
  }
}
