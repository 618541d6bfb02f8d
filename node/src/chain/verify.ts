import type { Engine } from 'alcatraz-vm'
import { decodeTransaction, type Signatures, type Transaction } from 'alcatraz-vm/alcatraz'
import {
  applyDiff,
  type BlockBody,
  type BlockHeader,
  emptyState,
  emptyTrie,
  encodeHeader,
  entryOf,
  Field,
  type Hasher,
  headerHash,
  Journal,
  type Reads,
  rootOfEntries,
  type StateTrie,
  StateView,
  sameValue,
  stateAt,
} from 'alcatraz-vm/state'
import { produceBlock } from './produce.ts'
import { ProgramCache } from './programs.ts'
import { checkTrie } from './verify-trie.ts'

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
    | 'trie'
    | 'code'
    | 'record'
    | 'header'
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
  /** The first of them: 0 unless older blocks were pruned or the state was imported. */
  readonly first: number
  /** Transactions replayed. */
  readonly transactions: number
  /** Entries of the state. */
  readonly entries: number
  /** Recomputed from the leaves. */
  readonly root: Uint8Array
  /** Guest instructions of the replay. */
  readonly instructions: bigint
  readonly problems: readonly VerifyProblem[]
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`
const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((bytes, index) => sameValue(bytes, b[index]))

/** Where the replay begins. */
interface Start {
  readonly height: number
  readonly state: Journal
  readonly trie: StateTrie
  readonly parent: Uint8Array
  readonly time: bigint
}

/** The empty state, or, where the first blocks are not kept, the one before the first that is. */
function startOf(view: StateView, hasher: Hasher): Start {
  const height = view.firstBody()
  if (height === 0)
    return {
      height,
      state: new Journal(emptyState),
      trie: emptyTrie(hasher),
      parent: new Uint8Array(32),
      time: 0n,
    }
  const past = stateAt(view, height - 1)
  const trie = past.trie(hasher)
  const header = view.header(height - 1)
  if (header === undefined) throw new Error(`height ${height - 1} has no header`)
  if (!sameValue(trie.root(), header.root))
    throw new Error(`the diffs lead back to root ${hex(trie.root())}, not ${hex(header.root)}`)
  return {
    height,
    state: new Journal(past),
    trie,
    parent: headerHash(hasher, header),
    time: header.time,
  }
}

class Replay {
  readonly state: Journal
  readonly problems: VerifyProblem[] = []
  readonly #view: StateView
  readonly #codes = new Map<string, Uint8Array>()
  readonly #programs = new ProgramCache()
  readonly #engine: Engine
  readonly #hasher: Hasher
  readonly #signatures: Signatures
  readonly #trie: StateTrie
  readonly #first: number
  #parent: Uint8Array
  #time: bigint
  instructions = 0n
  transactions = 0

  constructor(
    view: StateView,
    engine: Engine,
    { hasher, signatures }: { readonly hasher: Hasher; readonly signatures: Signatures },
    start: Start,
  ) {
    this.#view = view
    this.#engine = engine
    this.#hasher = hasher
    this.#signatures = signatures
    this.#time = start.time
    this.#first = start.height
    this.state = start.state
    this.#trie = start.trie
    this.#parent = start.parent
  }

  /** Of the replay's own deployments; only what was there before it comes from the store. */
  #code(hash: Uint8Array): Uint8Array | undefined {
    return this.#codes.get(hex(hash)) ?? (this.#first > 0 ? this.#view.code(hash) : undefined)
  }

  /** Replays one height; false when the replay cannot go on. */
  step(header: BlockHeader, body: BlockBody): boolean {
    const { height } = header
    let produced: ReturnType<typeof produceBlock>
    try {
      const context = {
        state: this.state,
        code: (hash: Uint8Array) => this.#code(hash),
        programs: this.#programs,
        engine: this.#engine,
        hasher: this.#hasher,
        signatures: this.#signatures,
        trie: this.#trie,
      }
      const { time } = header
      if (time < this.#time) throw new Error('an older block than the one before')
      const place = { height, parent: this.#parent, time }
      const complete = (bytes: Uint8Array): Transaction => {
        const transaction = decodeTransaction(bytes)
        if ((transaction.kind === 'genesis') !== (height === 0))
          throw new Error(`a ${transaction.kind} transaction`)
        return transaction
      }
      produced = produceBlock(context, place, body.transactions, complete)
      const refused = produced.refused[0]
      if (refused !== undefined) throw refused.error
    } catch (error) {
      this.#report(height, 'transaction', `cannot be replayed: ${(error as Error).message}`)
      return false
    }
    applyDiff(produced.diff, this.state)
    for (const [hash, container] of produced.codes) this.#codes.set(hex(hash), container)
    this.#trie.keep(produced.update)
    for (const { instructions } of produced.executed) this.instructions += instructions
    this.transactions += produced.executed.length
    const sameDiffs = same(produced.body.diffs, body.diffs)
    if (!sameDiffs) this.#report(height, 'diff', 'is not what the transaction writes')
    const sameReceipts = same(produced.body.receipts, body.receipts)
    if (!sameReceipts) this.#report(height, 'receipt', 'is not what the transaction answers')
    if (!sameDiffs || !sameReceipts) return false
    const sameHeader = sameValue(encodeHeader(produced.header), encodeHeader(header))
    if (!sameHeader) this.#report(height, 'header', 'is not that of its block')
    this.#parent = headerHash(this.#hasher, produced.header)
    this.#time = produced.header.time
    return sameHeader
  }

  /** The root by code that shares nothing with the trie; of a replay from genesis. */
  root(): Uint8Array {
    const entries: (readonly [Uint8Array, Uint8Array])[] = []
    for (const { key, new: value } of this.state.changes())
      if (value !== undefined) entries.push([key, value])
    return rootOfEntries(entries)
  }

  #report(height: number, what: VerifyProblem['what'], message: string): void {
    this.problems.push({ height, what, message: `${what} of height ${height} ${message}` })
  }
}

/**
 * Checks a store against itself: (a) the root, recomputed from the leaves by separate code, is the
 * committed one, the pages of the trie are whole, and every contract's container has its hash; (b) replaying every
 * block that is kept on `engine`, from genesis or from the state before the first of them, gives the same diffs,
 * receipts, headers and entries. The replay stops at the first height that differs.
 * @param reads a snapshot, unless nobody commits meanwhile
 */
export function verifyStore(
  reads: Reads,
  engine: Engine,
  { hasher, signatures }: { readonly hasher: Hasher; readonly signatures: Signatures },
  options: VerifyOptions = {},
): VerifyReport {
  const view = new StateView(reads)
  const problems: VerifyProblem[] = []
  const head = view.head()
  const entries = [...view.entries()]
  const root = rootOfEntries(entries)
  if (!sameValue(root, head?.root ?? new Uint8Array(32)))
    problems.push({
      height: head?.height,
      what: 'root',
      message: `the leaves have root ${hex(root)}, committed was ${head ? hex(head.root) : 'none'}`,
    })
  const damage = checkTrie(reads, hasher, root)
  if (damage !== undefined)
    problems.push({ height: head?.height, what: 'trie', message: `the trie: ${damage}` })
  for (const [key, value] of entries) {
    const { address, field } = entryOf(key)
    if (field !== Field.code) continue
    const container = view.code(value)
    if (container === undefined || !sameValue(hasher.blake2b(container), value))
      problems.push({
        height: undefined,
        what: 'code',
        message: `the container of contract ${hex(address)} is missing or damaged`,
      })
  }
  const report = { entries: entries.length, root }
  const nothing = { heights: 0, first: 0, transactions: 0, instructions: 0n }
  let start: Start
  try {
    start = startOf(view, hasher)
  } catch (error) {
    problems.push({
      height: undefined,
      what: 'history',
      message: `the state before the first block that is kept: ${(error as Error).message}`,
    })
    return { ok: false, ...report, ...nothing, problems }
  }
  const replay = new Replay(view, engine, { hasher, signatures }, start)
  const last = head?.height ?? -1
  let height = start.height
  for (; height <= last; height++) {
    const header = view.header(height)
    const body = bodyOf(view, height)
    if (header === undefined || body === undefined) {
      problems.push({ height, what: 'record', message: `height ${height} has no record` })
      break
    }
    if (!replay.step(header, body)) break
    options.onHeight?.(height, last)
  }
  problems.push(...replay.problems)
  if (height === last + 1) problems.push(...compareEnd(view, replay, entries, start.height, last))
  const { transactions, instructions } = replay
  return {
    ok: problems.length === 0,
    ...report,
    heights: height - start.height,
    first: start.height,
    transactions,
    instructions,
    problems,
  }
}

/** A body that cannot be read is none. */
function bodyOf(view: StateView, height: number): BlockBody | undefined {
  try {
    return view.body(height)
  } catch {
    return undefined
  }
}

function compareEnd(
  view: StateView,
  replay: Replay,
  entries: readonly (readonly [Uint8Array, Uint8Array])[],
  first: number,
  last: number,
): VerifyProblem[] {
  const problems: VerifyProblem[] = []
  let differs = entries.some(([key, value]) => !sameValue(replay.state.get(key), value))
  let written = 0
  const known = new Map(entries.map(([key, value]) => [hex(key), value]))
  for (const { key, new: value } of replay.state.changes()) {
    if (value !== undefined) written++
    differs ||= !sameValue(known.get(hex(key)), value)
  }
  if (differs || (first === 0 && written !== entries.length))
    problems.push({
      height: last,
      what: 'entries',
      message: 'the state is not what the transactions make of it',
    })
  const root = view.head()?.root ?? new Uint8Array(32)
  if (first === 0 && !sameValue(replay.root(), root))
    problems.push({
      height: last,
      what: 'root',
      message: `the replayed leaves do not have the committed root ${hex(root)}`,
    })
  if (view.header(last + 1) !== undefined)
    problems.push({
      height: last + 1,
      what: 'history',
      message: `there is a record after the last height, ${last}`,
    })
  return problems
}
