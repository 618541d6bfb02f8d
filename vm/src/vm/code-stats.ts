/**
 * Why generated code was left, or entered again. `slice`, `called` and `returned` are in the order of
 * things; the others hand over to the interpreter.
 */
export const leaveReasons = [
  'access',
  'call',
  'gas',
  'host',
  'jump',
  'operation',
  'return',
  'trap',
  'unwound',
  'slice',
  'returned',
] as const
export type LeaveReason = (typeof leaveReasons)[number]

/** Where a program's generated code came from; `none`: there is none, see `refusal`. */
export type CodeOrigin = 'none' | 'compiled' | 'worker' | 'memory' | 'disk'

/** What an engine that recompiles did for one machine. */
export interface CodeStats {
  readonly origin: CodeOrigin
  /** Why there is no generated code although it was wanted: a limit, or what the host said. */
  readonly refusal?: string
  /** Instructions that this machine had executed when it first could run generated code. */
  readonly since?: bigint
  /** Milliseconds spent on this program's code by the thread that made it; 0 when it was found. */
  readonly emit: number
  readonly compile: number
  /** Octets of the module. */
  readonly bytes: number
  /** Times that generated code was left, by reason; reasons that did not occur are absent. */
  readonly leaves: { readonly [R in LeaveReason]?: number }
}
