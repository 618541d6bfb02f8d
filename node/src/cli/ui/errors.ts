import { json as jsonOf, printable } from './format.ts'
import type { Terminal } from './terminal.ts'

/** What the process answers; `run` and `call` use all of them. */
export const ExitCode = {
  ok: 0,
  /** The command line, a file or the database is not as it must be; a check found a failure. */
  badInput: 1,
  /** The contract trapped, faulted, ran out of gas or reverted. */
  contractFailed: 2,
  /** A broken invariant of ours. */
  ourBug: 70,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

export interface CliErrorPlace {
  /** File, option or address where it is. */
  readonly where?: string | undefined
  /** What to do next: a command to type, or a sentence. */
  readonly next?: string | undefined
  readonly code?: string | undefined
  readonly offset?: number | undefined
  readonly value?: bigint | number | string | undefined
  /** Lines below the first, such as what a compiler says. */
  readonly more?: readonly string[] | undefined
}

/** Something a person can put right: what went wrong, where, what to do next. */
export class CliError extends Error {
  readonly place: CliErrorPlace

  constructor(what: string, place: CliErrorPlace = {}) {
    super(what)
    this.name = 'CliError'
    this.place = place
  }
}

/** The engine's refusals of input, told apart by shape: they come from another package. */
interface Refusal extends Error {
  readonly code: string
  readonly offset?: number | undefined
  readonly value?: bigint | number | string | undefined
}
const refusals = new Set(
  [
    'Decode',
    'Link',
    'Verify',
    'Asm',
    'Diff',
    'Message',
    'Transaction',
    'Value',
    'Proof',
    'Archive',
  ].map((what) => `${what}Error`),
)

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && refusals.has(error.name) && 'code' in error
}

/** A store's refusal carries its own advice, which its message repeats. */
interface StoreProblem extends Error {
  readonly code: string
  readonly advice: string
}

function isStoreProblem(error: unknown): error is StoreProblem {
  return error instanceof Error && error.name === 'StoreError' && 'advice' in error
}

/** Runs `work` and says of which file a refusal speaks. @throws {CliError} in place of a refusal */
export function about<T>(where: string, next: string | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw placed(error, where, next)
  }
}

/** The same for work that takes its time. */
export async function aboutAsync<T>(
  where: string,
  next: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw placed(error, where, next)
  }
}

function placed(error: unknown, where: string, next: string | undefined): unknown {
  if (!isRefusal(error)) return error
  const { code, offset, value } = error
  return new CliError(error.message, { where, next, code, offset, value })
}

const begin = 'alcatraz deploy FILE begins a database; --db names another'
/** What to type, where the library's words are for programs. */
const advice: Readonly<Record<string, string>> = { missing: begin, noGenesis: begin }

function placeOf(error: unknown): CliErrorPlace | undefined {
  if (error instanceof CliError) return error.place
  if (isStoreProblem(error)) return { code: error.code, next: advice[error.code] ?? error.advice }
  if (!isRefusal(error)) return undefined
  const { code, offset, value } = error
  return { code, offset, value, next: advice[code] }
}

/** Prints an error for people and, when `json`, as an object on `out`; answers the exit code. */
export function report(
  terminal: Pick<Terminal, 'out' | 'err' | 'errColours'>,
  error: unknown,
  json: boolean,
): ExitCode {
  const c = terminal.errColours
  const place = placeOf(error)
  let message = error instanceof Error ? error.message : String(error)
  if (isStoreProblem(error)) message = message.replace(`. ${error.advice}`, '')
  if (place === undefined) {
    const stack = error instanceof Error ? (error.stack ?? message) : message
    terminal.err(`${c.red('internal error:')} ${stack}\n`)
    terminal.err('  This is a mistake in Alcatraz, not in your input: please report it.\n')
    return ExitCode.ourBug
  }
  terminal.err(`${c.red('error:')} ${printable(message)}\n`)
  for (const line of place.more ?? []) terminal.err(`  ${printable(line)}\n`)
  if (place.where !== undefined) terminal.err(`  ${c.dim('in:')}  ${printable(place.where)}\n`)
  if (place.next !== undefined) terminal.err(`  ${c.dim('try:')} ${place.next}\n`)
  if (json) {
    const { where, next, code, offset, value, more } = place
    terminal.out(`${jsonOf({ error: { message, more, code, where, offset, value, next } })}\n`)
  }
  return ExitCode.badInput
}
