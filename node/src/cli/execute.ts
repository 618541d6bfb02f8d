import {
  type CodeStats,
  type ContractProgram,
  drive,
  type Engine,
  type Exit,
  type Machine,
  type MachineStats,
  type Program,
} from 'alcatraz-vm'
import { executeMessage } from 'alcatraz-vm/alcatraz'
import { createHasher, emptyState, Journal } from 'alcatraz-vm/state'
import { answerOf, HostCall, type HostTable } from './host/call.ts'

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
  program: ContractProgram,
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

const none: Uint8Array = new Uint8Array(0)

export interface HostedOptions extends RunOptions {
  /** Readies the machine. */
  readonly start: (machine: Machine) => void
  /** Answers host calls; the first that it does not know stops the run. */
  readonly host: HostTable
  /** What a0 and a1 span at the end is the answer (Gray Paper A.8, of standard programs). */
  readonly answers: boolean
}

/** Runs a program with a host of the caller's. */
export function runHosted(program: Program, options: HostedOptions): Ran {
  const { engine, gas, host, start } = options
  const machine = engine.instantiate(program, { gas })
  try {
    const { registers, memory } = machine
    start(machine)
    const last = { id: 0, output: none }
    const ended = drive(machine, {
      call: (_machine, id) => {
        last.id = id
        const { answer, output } = answerOf(host, new HostCall(machine, id))
        if (output !== undefined) last.output = output
        return answer
      },
    })
    const exit: Exit =
      ended.kind === 'suspended' ? { kind: 'host', id: last.id, pc: ended.pc } : ended
    if (options.answers && exit.kind === 'halt' && last.output.length === 0)
      last.output = memory.read(registers.get(7), Number(registers.get(8))) ?? none
    return {
      exit,
      reverted: false,
      used: gas - machine.gas,
      registers: Array.from({ length: registers.count }, (_, i) => registers.get(i)),
      output: last.output,
      ...machine.stats,
    }
  } finally {
    machine.dispose()
  }
}

/** What the program's imports call a host call, or else its number. */
export function callName({ imports }: Program, id: number): string {
  return imports[id] || id.toString()
}
