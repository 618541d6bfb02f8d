import {
  type BpfProgram,
  drive,
  type Engine,
  type Exit,
  type PvmProgram,
  startBpf,
} from 'alcatraz-vm'
import { createEnvironment, initialMemoryCost } from 'alcatraz-vm/alcatraz'
import { createHasher, Journal, MemoryStore } from 'alcatraz-vm/state'

/** How one run ended, and the machine's registers then. */
export interface Ran {
  readonly exit: Exit
  /** The contract's own decision to undo what it did. */
  readonly reverted: boolean
  readonly used: bigint
  readonly registers: readonly bigint[]
  /** Bytes that the contract answered. */
  readonly output: Uint8Array
  readonly instructions: bigint
}

export interface RunOptions {
  readonly engine: Engine
  readonly pc: number
  readonly gas: bigint
  readonly input: Uint8Array
  readonly registers: readonly (readonly [index: number, value: bigint])[]
}

const noBytes = new Uint8Array(0)
/** Self, caller: nobody. */
const nobody = new Uint8Array(32)

/** Runs a contract as `executeMessage` does, on an empty state that is thrown away. */
export async function runBpf(program: BpfProgram, options: RunOptions): Promise<Ran> {
  const { engine, gas, pc, input } = options
  const hasher = await createHasher()
  const environment = createEnvironment(program.imports, {
    message: { self: nobody, caller: nobody, value: 0n },
    journal: new Journal(new MemoryStore()),
    hasher,
  })
  const memory = initialMemoryCost(program, input.length)
  if (gas < memory) {
    const registers = new Array<bigint>(11).fill(0n)
    const exit = { kind: 'outOfGas', pc } as const
    return { exit, reverted: false, used: gas, registers, output: noBytes, instructions: 0n }
  }
  const machine = engine.instantiate(program, { gas: gas - memory })
  try {
    startBpf(machine, pc, { address: machine.memory.size, bytes: input })
    const exit = drive(machine, environment)
    if (exit.kind === 'suspended') throw new Error('internal: no call of this host suspends')
    const { answer } = environment
    return {
      exit,
      reverted: answer?.kind === 'revert',
      used: exit.kind === 'outOfGas' ? gas : gas - machine.gas,
      registers: Array.from({ length: 11 }, (_, i) => machine.registers.get(i)),
      output: answer?.data ?? noBytes,
      instructions: machine.stats.instructions,
    }
  } finally {
    machine.dispose()
  }
}

/** `ra` holds the halting address (Gray Paper A.7): a jump there returns. */
const haltAddress = 0xffff_0000n

/** Runs a raw program: what its host calls mean is not known here, so the first one stops it. */
export function runPvm(program: PvmProgram, options: RunOptions): Ran {
  const { engine, gas, pc, registers } = options
  const machine = engine.instantiate(program, { gas })
  try {
    machine.pc = pc
    machine.registers.set(0, haltAddress)
    for (const [index, value] of registers) machine.registers.set(index, value)
    const exit = machine.run()
    return {
      exit,
      reverted: false,
      used: gas - machine.gas,
      registers: Array.from({ length: machine.registers.count }, (_, i) =>
        machine.registers.get(i),
      ),
      output: noBytes,
      instructions: machine.stats.instructions,
    }
  } finally {
    machine.dispose()
  }
}
