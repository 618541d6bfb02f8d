import type { StateReader } from './accounts.ts'
import type { StateDiff } from './diff.ts'

/** The latest commit. */
export interface Head {
  readonly height: number
  /** State root after the commit, 32 bytes. */
  readonly root: Uint8Array
}

/** What is kept of one height for ever, each encoded by whoever runs the chain. */
export interface LogRecord {
  readonly transaction: Uint8Array
  readonly receipt: Uint8Array
  readonly diff: Uint8Array
}

/** Everything that one commit changes, and nothing else does. */
export interface Commit extends Head, LogRecord {
  /** What `diff` encodes. */
  readonly changes: StateDiff['changes']
  /** Containers that the changes refer to, by blake2b-256 hash. */
  readonly codes: readonly (readonly [hash: Uint8Array, container: Uint8Array])[]
}

/**
 * A state with its history. Reads see the last commit. `commit` is all or nothing, and durable when
 * its promise resolves; it refuses a height that is not the next one and changes whose old value is
 * not what the store has, so that two writers cannot both win.
 */
export interface Store extends StateReader {
  /** A copy of the entry's value, by `entryKey`. */
  get(key: Uint8Array): Uint8Array | undefined
  /** Entries whose key starts with `prefix`, ascending, as of the last commit before the call. */
  entries(prefix?: Uint8Array): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** A deployed container by its hash. */
  code(hash: Uint8Array): Uint8Array | undefined
  /** The record of a height, `undefined` when there is none. */
  record(height: number): LogRecord | undefined
  /** `undefined` before the first commit, whose height is 0. */
  head(): Head | undefined
  /** @throws {StoreError} by rejecting: `conflict`, `full`, `closed`, `io`; nothing was written then */
  commit(commit: Commit): Promise<void>
  close(): Promise<void>
}

/** Why a store cannot be used, or refused a commit. */
export type StoreProblem =
  | 'conflict'
  | 'closed'
  | 'full'
  | 'locked'
  | 'readOnly'
  | 'notAFolder'
  | 'missing'
  | 'foreign'
  | 'newer'
  | 'corrupt'
  | 'io'

/** A store could not do what was asked; nothing was half done. The message ends with what to do. */
export class StoreError extends Error {
  readonly code: StoreProblem
  /** What to do next, a sentence. */
  readonly advice: string

  constructor(code: StoreProblem, what: string, advice: string, options?: ErrorOptions) {
    super(`${what}. ${advice}`, options)
    this.name = 'StoreError'
    this.code = code
    this.advice = advice
  }
}

/** Checks of a commit that every store makes inside its transaction. @throws {StoreError} `conflict` */
export function checkHeight(head: Head | undefined, commit: Commit): void {
  const next = head === undefined ? 0 : head.height + 1
  if (commit.height !== next)
    throw new StoreError(
      'conflict',
      `height ${commit.height} is not the next one, ${next}`,
      'Somebody else has committed: open the store again and repeat the transaction.',
    )
}

/** @throws {StoreError} `conflict` */
export function staleChange(key: string): StoreError {
  return new StoreError(
    'conflict',
    `the old value of entry 0x${key} is not what the store has`,
    'Somebody else has committed: open the store again and repeat the transaction.',
  )
}
