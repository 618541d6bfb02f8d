import type { HostAnswer, Machine, Registers } from 'alcatraz-vm'
import { CliError } from '../ui/errors.ts'

/** a0 to a5. */
const firstArgument = 7
const argumentCount = 6

/** One host call, as functions of a `--host` module get it. */
export class HostCall {
  /** What the program's imports call it, or else its number. */
  readonly name: string
  readonly id: number
  readonly machine: Machine
  /** a0 to a5 when the call was made. */
  readonly args: readonly bigint[]

  constructor(machine: Machine, id: number, name: string) {
    this.machine = machine
    this.id = id
    this.name = name
    this.args = Array.from({ length: argumentCount }, (_, i) =>
      machine.registers.get(firstArgument + i),
    )
  }

  get registers(): Registers {
    return this.machine.registers
  }

  /** @throws {CliError} when any octet is not readable */
  read(address: bigint | number, length: bigint | number): Uint8Array {
    // guests hand over 32 bits, the upper half may be anything
    const at = BigInt.asUintN(32, BigInt(address))
    const count = Number(length)
    const bytes = count <= 2 ** 32 ? this.machine.memory.read(at, count) : undefined
    if (bytes === undefined) throw this.refused('reads', at, count)
    return bytes
  }

  /** @throws {CliError} when any octet is not writable */
  write(address: bigint | number, bytes: Uint8Array): void {
    const at = BigInt.asUintN(32, BigInt(address))
    if (!this.machine.memory.write(at, bytes)) throw this.refused('writes', at, bytes.length)
  }

  private refused(does: string, address: bigint, length: number): CliError {
    return new CliError(
      `the host ${does} ${length} bytes at 0x${address.toString(16)}, where it may not`,
      { where: `host call ${this.name}`, code: 'hostAccess', value: address },
    )
  }
}

/** How a host call ends a run; bytes are what the run answered. */
export interface HostEnd {
  readonly end: 'halt' | 'trap' | 'outOfGas'
  readonly output?: Uint8Array
}

/** Nothing: go on; a number: go on with it in a0; an end: the run is over. */
export type HostResult = undefined | bigint | number | HostEnd
export type HostFunction = (call: HostCall) => HostResult

/** Answers by name or number of the call; what it lacks stops the run. */
export type HostTable = ReadonlyMap<string, HostFunction>

export interface Answered {
  readonly answer: HostAnswer
  readonly output?: Uint8Array
}

const answers: { readonly [E in HostEnd['end']]: HostAnswer } = {
  halt: { kind: 'halt' },
  trap: { kind: 'trap', trap: 'hostCall' },
  outOfGas: { kind: 'outOfGas' },
}

/** Asks the table; a call without an answer suspends the run. */
export function answerOf(table: HostTable, call: HostCall): Answered {
  const run = table.get(call.name) ?? table.get(call.id.toString())
  if (run === undefined) return { answer: { kind: 'suspend' } }
  const result = run(call)
  if (result === undefined) return { answer: 'continue' }
  if (typeof result !== 'object') {
    call.registers.set(firstArgument, BigInt(result))
    return { answer: 'continue' }
  }
  const answer = answers[result.end]
  if (answer === undefined)
    throw new CliError('a host function answers nothing, a number or { end, output }', {
      where: `host call ${call.name}`,
      code: 'badHost',
    })
  return { answer, ...(result.output !== undefined && { output: result.output }) }
}
