import type { Engine } from 'alcatraz-vm'
import { decodeTransaction, encodeReceipt } from 'alcatraz-vm/alcatraz'
import {
  applyDiff,
  emptyTrie,
  encodeDiff,
  entryOf,
  Field,
  type Hasher,
  type LogRecord,
  rootOfEntries,
  type StateTrie,
  type StateWriter,
  type Store,
  sameValue,
  trieAfter,
  validateDiff,
} from 'alcatraz-vm/state'
import { type Applied, applyTransaction } from './apply.ts'
import { ProgramCache } from './programs.ts'

export interface VerifyOptions {
  /** Told after each replayed height. */
  readonly onHeight?: (height: number, last: number) => void
}

/** Something in the store is not what the transactions make of it. */
export interface VerifyProblem {
  /** `undefined` for what is not of one height. */
  readonly height: number | undefined
  readonly what:
    | 'root'
    | 'code'
    | 'record'
    | 'transaction'
    | 'diff'
    | 'receipt'
    | 'entries'
    | 'history'
  readonly message: string
}

export interface VerifyReport {
  readonly ok: boolean
  /** Heights replayed, genesis included. */
  readonly heights: number
  /** Entries of the state. */
  readonly entries: number
  /** Recomputed from the leaves. */
  readonly root: Uint8Array
  /** Guest instructions of the replay. */
  readonly instructions: bigint
  readonly problems: readonly VerifyProblem[]
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`

/** State that the replay builds from nothing. */
class ReplayState implements StateWriter {
  readonly values = new Map<string, Uint8Array>()

  get(key: Uint8Array): Uint8Array | undefined {
    return this.values.get(hex(key))
  }

  set(key: Uint8Array, value: Uint8Array | undefined): void {
    if (value === undefined) this.values.delete(hex(key))
    else this.values.set(hex(key), value)
  }
}

class Replay {
  readonly state: ReplayState = new ReplayState()
  readonly problems: VerifyProblem[] = []
  readonly #codes = new Map<string, Uint8Array>()
  readonly #programs = new ProgramCache()
  readonly #engine: Engine
  readonly #hasher: Hasher
  #trie: StateTrie
  instructions = 0n

  constructor(engine: Engine, hasher: Hasher) {
    this.#engine = engine
    this.#hasher = hasher
    this.#trie = emptyTrie(hasher)
  }

  /** Replays one height; false when the replay cannot go on. */
  step(height: number, record: LogRecord): boolean {
    let applied: Applied
    try {
      const transaction = decodeTransaction(record.transaction)
      if ((transaction.kind === 'genesis') !== (height === 0))
        throw new Error(`a ${transaction.kind} transaction`)
      applied = applyTransaction(
        {
          state: this.state,
          code: (hash) => this.#codes.get(hex(hash)),
          programs: this.#programs,
          engine: this.#engine,
          hasher: this.#hasher,
        },
        transaction,
      )
      validateDiff(applied.diff, this.state, {
        cause: applied.cause,
        hasCode: (hash) => applied.codes.some(([known]) => sameValue(known, hash)),
      })
    } catch (error) {
      this.#report(height, 'transaction', `cannot be replayed: ${(error as Error).message}`)
      return false
    }
    const diff = encodeDiff(applied.diff)
    applyDiff(applied.diff, this.state)
    for (const [hash, container] of applied.codes) this.#codes.set(hex(hash), container)
    this.#trie = trieAfter(this.#trie, this.#hasher, applied.diff.changes)
    this.instructions += applied.instructions
    const receipt = encodeReceipt({ ...applied.receipt, height, root: this.#trie.root() })
    const sameDiff = sameValue(diff, record.diff)
    if (!sameDiff) this.#report(height, 'diff', 'is not what the transaction writes')
    const sameReceipt = sameValue(receipt, record.receipt)
    if (!sameReceipt) this.#report(height, 'receipt', 'is not what the transaction answers')
    return sameDiff && sameReceipt
  }

  /** The root by code that shares nothing with the trie. */
  root(): Uint8Array {
    return rootOfEntries(
      [...this.state.values].map(([key, value]) => [Buffer.from(key.slice(2), 'hex'), value]),
    )
  }

  #report(height: number, what: VerifyProblem['what'], message: string): void {
    this.problems.push({ height, what, message: `${what} of height ${height} ${message}` })
  }
}

/**
 * Checks a store against itself: (a) the root, recomputed from the leaves by separate code, is the
 * committed one, and every contract's container has its hash; (b) replaying every transaction from
 * genesis on `engine` gives the same diffs, receipts, roots and entries. The replay stops at the
 * first height that differs.
 */
export function verifyStore(
  store: Store,
  engine: Engine,
  hasher: Hasher,
  options: VerifyOptions = {},
): VerifyReport {
  const problems: VerifyProblem[] = []
  const head = store.head()
  const entries = [...store.entries()]
  const root = rootOfEntries(entries)
  if (!sameValue(root, head?.root ?? new Uint8Array(32)))
    problems.push({
      height: head?.height,
      what: 'root',
      message: `the leaves have root ${hex(root)}, committed was ${head ? hex(head.root) : 'none'}`,
    })
  for (const [key, value] of entries) {
    const { address, field } = entryOf(key)
    if (field !== Field.code) continue
    const container = store.code(value)
    if (container === undefined || !sameValue(hasher.blake2b(container), value))
      problems.push({
        height: undefined,
        what: 'code',
        message: `the container of contract ${hex(address)} is missing or damaged`,
      })
  }
  const replay = new Replay(engine, hasher)
  const last = head?.height ?? -1
  let heights = 0
  for (let height = 0; height <= last; height++) {
    const record = store.record(height)
    if (record === undefined) {
      problems.push({ height, what: 'record', message: `height ${height} has no record` })
      break
    }
    if (!replay.step(height, record)) break
    heights++
    options.onHeight?.(height, last)
  }
  problems.push(...replay.problems)
  if (heights === last + 1) problems.push(...compareEnd(store, replay, entries, last))
  return {
    ok: problems.length === 0,
    heights,
    entries: entries.length,
    root,
    instructions: replay.instructions,
    problems,
  }
}

function compareEnd(
  store: Store,
  replay: Replay,
  entries: readonly (readonly [Uint8Array, Uint8Array])[],
  last: number,
): VerifyProblem[] {
  const problems: VerifyProblem[] = []
  const differs =
    entries.length !== replay.state.values.size ||
    entries.some(([key, value]) => !sameValue(replay.state.get(key), value))
  if (differs)
    problems.push({
      height: last,
      what: 'entries',
      message: 'the state is not what the transactions make of it',
    })
  const root = store.head()?.root ?? new Uint8Array(32)
  if (!sameValue(replay.root(), root))
    problems.push({
      height: last,
      what: 'root',
      message: `the replayed leaves do not have the committed root ${hex(root)}`,
    })
  if (store.record(last + 1) !== undefined)
    problems.push({
      height: last + 1,
      what: 'history',
      message: `there is a record after the last height, ${last}`,
    })
  return problems
}
