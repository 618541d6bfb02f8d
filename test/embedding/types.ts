/**
 * What the compiler refuses before a program that embeds the engine runs. Nothing here is run: building is
 * the test, as each line that is expected to be an error must be one.
 */
import { type Engine, type HostFunctions, hostOf, type Machine, type Program } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { loadProgram } from 'alcatraz-vm/link'

export function misuses(engine: Engine, program: Program, machine: Machine): unknown[] {
  // @ts-expect-error gas is a bigint
  engine.instantiate(program, { gas: 1000 })
  // @ts-expect-error gas is not left out
  engine.instantiate(program)
  // @ts-expect-error gas is a bigint
  machine.gas = 5
  // @ts-expect-error registers hold bigints
  machine.registers.set(0, 1)
  // @ts-expect-error addresses are bigints: eBPF's have 64 bits
  machine.memory.read(0x10000, 4)
  // @ts-expect-error bytes, not a list of numbers
  machine.memory.write(0x10000n, [1, 2])
  // @ts-expect-error the program of a machine is not replaced
  machine.program = program
  // @ts-expect-error input is bytes
  startBpf(machine, 'call', 'hello')
  // @ts-expect-error host functions answer at once
  const later: HostFunctions = { price: async () => 1n }
  // @ts-expect-error a table for these names lacks one of them
  const short: HostFunctions<'log' | 'now'> = { log: () => undefined }
  // @ts-expect-error traps of hosts are hostCall
  const strange = hostOf(program, { log: () => ({ kind: 'trap', trap: 'panic' }) })
  // @ts-expect-error a blob does not say its version, and must be told
  const blob = loadProgram(new Uint8Array(0), { format: 'blob' })
  // @ts-expect-error standard programs are of the Gray Paper
  const standard = loadProgram(new Uint8Array(0), { format: 'spi', version: 'latest64' })
  const exit = machine.run()
  // @ts-expect-error only faults have an address
  const address = exit.address
  return [later, short, strange, blob, standard, address]
}

/** The compiler knows that every exit is handled. */
export function wordOf(machine: Machine): string {
  const exit = machine.run()
  switch (exit.kind) {
    case 'halt':
      return 'done'
    case 'trap':
      return exit.trap
    case 'fault':
      return `${exit.access} of ${exit.address}`
    case 'outOfGas':
      return 'no gas'
    case 'host':
      return `call ${exit.id}`
  }
}
