import type { BpfProgram, CodeStats, Engine, Exit, MachineStats, PvmProgram } from 'alcatraz-vm'
import { executeMessage } from 'alcatraz-vm/alcatraz'
import { createHasher, emptyState, Journal } from 'alcatraz-vm/state'

/** How one run ended, and the machine's registers then. */
export interface Ran {
  readonly exit: Exit
  /** The contract called az_revert. A number that it returned is no failure here: nobody commits. */
  readonly reverted: boolean
  readonly used: bigint
  readonly registers: readonly bigint[]
  /** Bytes that the contract answered. */
  readonly output: Uint8Array
  readonly instructions: bigint
  readonly tiers: MachineStats['tiers']
  readonly code?: CodeStats
}

export interface RunOptions {
  readonly engine: Engine
  readonly gas: bigint
}

/** Self, caller: nobody. */
const nobody = new Uint8Array(32)

/** Runs a contract's entry on an empty state that is thrown away. */
export async function runBpf(
  program: BpfProgram,
  options: RunOptions & { readonly entry: string; readonly input: Uint8Array },
): Promise<Ran> {
  const outcome = executeMessage({
    ...options,
    program,
    self: nobody,
    caller: nobody,
    value: 0n,
    journal: new Journal(emptyState),
    hasher: await createHasher(),
  })
  return {
    ...outcome,
    reverted: outcome.status === 'reverted' && outcome.result === 0n,
    used: outcome.gasUsed,
    output: outcome.returnData,
  }
}

/** `ra` holds the halting address (Gray Paper A.7): a jump there returns. */
const haltAddress = 0xffff_0000n

/** Runs a raw program: what its host calls mean is not known here, so the first one stops it. */
export function runPvm(
  program: PvmProgram,
  options: RunOptions & {
    readonly pc: number
    readonly set: readonly (readonly [index: number, value: bigint])[]
  },
): Ran {
  const { engine, gas, pc, set } = options
  const machine = engine.instantiate(program, { gas })
  try {
    const { registers } = machine
    machine.pc = pc
    registers.set(0, haltAddress)
    for (const [index, value] of set) registers.set(index, value)
    const exit = machine.run()
    return {
      exit,
      reverted: false,
      used: gas - machine.gas,
      registers: Array.from({ length: registers.count }, (_, i) => registers.get(i)),
      output: new Uint8Array(0),
      ...machine.stats,
    }
  } finally {
    machine.dispose()
  }
}
