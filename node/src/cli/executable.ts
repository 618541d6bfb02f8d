import { drive, hostOf, type RiscvProgram } from 'alcatraz-vm'
import { executableHost, startRiscv } from 'alcatraz-vm/riscv'
import type { Ran, RunOptions } from './execute.ts'
import { answerOf, HostCall, type HostTable } from './host/call.ts'

/**
 * Runs an executable; what it writes goes to our own output and error output, or only to the latter. Host calls by name are for
 * `host`; one that it does not know stops the run.
 */
export function runExecutable(
  program: RiscvProgram,
  options: RunOptions & {
    readonly entry: string
    readonly host: HostTable
    readonly json?: boolean
  },
): Ran {
  const { engine, entry, gas } = options
  const machine = engine.instantiate(program, { gas })
  try {
    startRiscv(machine, entry)
    const system = hostOf(
      program,
      executableHost((descriptor, bytes) => {
        process[descriptor === 1 && options.json !== true ? 'stdout' : 'stderr'].write(bytes)
      }),
    )
    const ended = drive(machine, {
      call: (called, id) => {
        const call = new HostCall(called, id)
        if (call.name === 'ecall') return system.call(called, id)
        return answerOf(options.host, call).answer
      },
    })
    const exit =
      ended.kind === 'suspended' ? ({ kind: 'host', id: 0, pc: ended.pc } as const) : ended
    const { registers } = machine
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
