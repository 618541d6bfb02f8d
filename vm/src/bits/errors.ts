/** What was wrong with bytes or text from outside: where, and the value found there. */
export interface ErrorPlace {
  /** Byte offset in the input, or line number for text. */
  readonly offset?: number | undefined
  readonly value?: bigint | number | string | undefined
}

/**
 * Input from outside was refused. `code` is stable and may be matched; the message is for people.
 * @example new DecodeError('unknownOpcode', 'unknown opcode 0xff', { offset: 8, value: 0xff }).code
 */
export abstract class InputError extends Error {
  /** How messages name the offset. */
  protected static readonly unit: string = 'at offset'
  readonly code: string
  /** The message without its offset, for one who names another place. */
  readonly what: string
  readonly offset: number | undefined
  readonly value: bigint | number | string | undefined

  constructor(code: string, message: string, place: ErrorPlace = {}) {
    super(place.offset === undefined ? message : `${message} (${new.target.unit} ${place.offset})`)
    this.name = new.target.name
    this.code = code
    this.what = message
    this.offset = place.offset
    this.value = place.value
  }
}

/** Bytes of a container, program or message are malformed. */
export class DecodeError extends InputError {}
/** Object files do not fit together. */
export class LinkError extends InputError {}
/** A program is well-formed but breaks a rule of its profile. */
export class VerifyError extends InputError {}
/** Assembly text is malformed; `offset` is the line number, from 1. */
export class AsmError extends InputError {
  protected static override readonly unit: string = 'line'
}

/** A broken invariant of ours, never a property of the input. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`internal: ${what}`)
}
