/** The tables of a store. Keys are at most 289 bytes; they sort as bytes, a prefix first. */
export const tables = ['state', 'code', 'trie', 'log', 'index'] as const
export type Table = (typeof tables)[number]

/** The latest commit. */
export interface Head {
  /** Below 2^32. */
  readonly height: number
  /** State root after the commit, 32 bytes. */
  readonly root: Uint8Array
}

/** What can be read: the last commit of a store, or one that a snapshot holds on to. */
export interface Reads {
  /** A copy of the value of `key`; `undefined` when the table has none. */
  get(table: Table, key: Uint8Array): Uint8Array | undefined
  /** Copies of what has a key that begins with `prefix`, ascending, all of one commit. */
  scan(table: Table, prefix?: Uint8Array): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** A copy of the first key that is `from` or behind it. */
  seek(table: Table, from: Uint8Array): Uint8Array | undefined
  /** `undefined` before the first commit with a head. */
  head(): Head | undefined
}

/** One commit, whatever is committed later. Close it: it keeps old pages from being used again. */
export interface Snapshot extends Reads {
  close(): void
}

export interface Write {
  readonly table: Table
  readonly key: Uint8Array
  /** `undefined` removes the key. */
  readonly value: Uint8Array | undefined
}

/** What one commit changes. */
export interface Batch {
  /** Height of the head that this follows; `undefined` when there is none yet. */
  readonly after: number | undefined
  /** The head afterwards; `undefined` leaves it as it is. */
  readonly head: Head | undefined
  /** In their order; the last one of a key counts. */
  readonly writes: Iterable<Write>
}

/**
 * What an adapter to a database is. Every method but `commit` and `close` answers at once. A new adapter passes
 * `storeSuite` before it is used.
 */
export interface Store extends Reads {
  /** Of the last commit. */
  snapshot(): Snapshot
  /**
   * All or nothing, and durable when its promise resolves. Refuses a batch that does not follow the head that
   * the store has at that moment, so that of two writers only one wins.
   * @throws {StoreError} by rejecting: `conflict`, `full`, `closed`, `readOnly`, `io`; nothing was written then
   */
  commit(batch: Batch): Promise<void>
  /** A closed store's snapshots are closed too; closing twice is no error. */
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
  | 'noHeight'
  | 'foreign'
  | 'older'
  | 'newer'
  | 'corrupt'
  | 'unsupported'
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

/** The check that every store makes inside its transaction. @throws {StoreError} `conflict` */
export function checkFollows(head: Head | undefined, batch: Batch): void {
  if (head?.height === batch.after) return
  const name = (height: number | undefined): string =>
    height === undefined ? 'no height' : `height ${height}`
  throw new StoreError(
    'conflict',
    `a commit after ${name(batch.after)}, but the store is at ${name(head?.height)}`,
    'Somebody else has committed: open the store again and repeat.',
  )
}

/** @throws {StoreError} `closed` */
export function checkOpen(open: boolean): void {
  if (!open) throw new StoreError('closed', 'the store is closed', 'Open it again.')
}
