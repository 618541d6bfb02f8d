import { type HostAnswer, hostAnswer, HostCall as LibraryCall } from 'alcatraz-vm'
import { CliError } from '../ui/errors.ts'

/** One host call, as functions of a `--host` module get it: a bad address is said, and ends the command. */
export class HostCall extends LibraryCall {
  protected override refuse(does: string, address: bigint, length: number): never {
    throw new CliError(
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
  if (typeof result !== 'object') return { answer: hostAnswer(call, result) }
  const answer = answers[result.end]
  if (answer === undefined)
    throw new CliError('a host function answers nothing, a number or { end, output }', {
      where: `host call ${call.name}`,
      code: 'badHost',
    })
  return { answer, ...(result.output !== undefined && { output: result.output }) }
}
