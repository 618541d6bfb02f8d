import type { Engine } from 'alcatraz-vm'
import {
  type CallTransaction,
  createSignatures,
  type DeployTransaction,
  decodeReceipt,
  decodeTransaction,
  type Signatures,
  type Transaction,
  type UpgradeTransaction,
} from 'alcatraz-vm/alcatraz'
import {
  type BlockHeader,
  blockWrites,
  createHasher,
  decodeDiff,
  entryKey,
  type Hasher,
  headerHash,
  maxBlockTransactions,
  nonceOf,
  type PastState,
  pageWrites,
  proveEntry,
  pruneWrites,
  type StateProof,
  StateTrie,
  StateView,
  type Store,
  StoreError,
  sameValue,
  stateAt,
  type Write,
} from 'alcatraz-vm/state'
import { applyTransaction, maxTransactionGas, TransactionError } from './apply.ts'
import {
  type Committed,
  type Executed,
  type ProduceContext,
  type Produced,
  produceBlock,
  type Refused,
} from './produce.ts'
import { ProgramCache, type ProgramLimits } from './programs.ts'
import { type VerifyOptions, type VerifyReport, verifyStore } from './verify.ts'

/** A transaction of a block, or to be one. */
export type SentTransaction =
  | Sent<DeployTransaction>
  | Sent<CallTransaction>
  | Sent<UpgradeTransaction>

type Sent<T extends Transaction> = Omit<T, 'kind' | 'nonce'> & {
  /** The sender's next one unless given. */
  readonly nonce?: bigint
}

/** What became of transactions that were sent together. */
export interface BlockResult {
  readonly header: BlockHeader
  readonly executed: readonly Executed[]
  /** Those that are no part of the block. */
  readonly refused: readonly Refused[]
}

/** A block as it was committed. */
export interface CommittedBlock {
  readonly header: BlockHeader
  readonly transactions: readonly Committed[]
}

export interface ChainOptions {
  /** The caller closes it after the chain is no longer used. */
  readonly store: Store
  readonly engine: Engine
  /**
   * Of how many of the last blocks to keep transactions, receipts and diffs, and so how far back the state can
   * be read; all of them unless given. Headers are kept for ever.
   */
  readonly history?: number
  /**
   * A block whose transactions have used this much gas takes no more; 10,000 million unless given. So what a block has
   * in memory until its commit is bounded by this and the gas of one transaction: 0.1 bytes for each gas.
   */
  readonly blockGas?: bigint
  /** How many programs to keep ready: 1,024, of containers of 32 MiB in all, unless given. */
  readonly programs?: ProgramLimits
  /** Milliseconds since 1970; the clock of this machine unless given. A block is never older than its parent. */
  readonly clock?: () => number
}

/** Old blocks that one commit forgets at most, when more are kept than there should be. */
const maxPruned = 16

/**
 * One operator's chain. A transaction becomes a journal, the journal a diff; the diff is validated, and all
 * that a block of transactions changes is committed with the transactions, receipts, diffs, pages of the trie and
 * the root at once, or nothing is. A transaction that reverts, traps or runs out of gas is committed
 * too: its sender's nonce goes up, nothing else changes, and its receipt says why. There are no fees
 * and no signatures: whoever can call this class is trusted to be the sender.
 * @example
 * const chain = await Chain.open({ store: new MemoryStore(), engine })
 * await chain.genesis([[sender, 1_000_000n]])
 * const { receipt } = await chain.deploy({ sender, container, input, value: 0n, gasLimit: 10_000_000n })
 */
export class Chain {
  readonly #store: Store
  readonly #state: StateView
  readonly #hasher: Hasher
  readonly #history: number
  readonly #context: ProduceContext
  #last: Promise<unknown> = Promise.resolve()
  readonly #clock: () => number
  /** Hash and time of the last header. */
  #parent: Uint8Array
  #time: bigint

  /** Use `Chain.open`. */
  private constructor(options: ChainOptions, hasher: Hasher, signatures: Signatures) {
    const { store, engine, history = Number.POSITIVE_INFINITY, clock = Date.now } = options
    this.#store = store
    this.#state = new StateView(store)
    this.#hasher = hasher
    this.#history = history
    this.#clock = clock
    const head = this.#state.head()
    const header = head && this.#state.header(head.height)
    this.#parent = header === undefined ? new Uint8Array(32) : headerHash(hasher, header)
    this.#time = header?.time ?? 0n
    const trie = new StateTrie(hasher, this.#state)
    const root = head?.root ?? new Uint8Array(32)
    if (!sameValue(trie.root(), root) || (head && !sameValue(header?.root, root)))
      throw new StoreError(
        'corrupt',
        `the state at height ${head?.height ?? 'none'} does not have the root that was committed`,
        'Restore the store from a backup, or delete it and begin again.',
      )
    this.#context = {
      state: this.#state,
      code: (hash) => this.#state.code(hash),
      programs: new ProgramCache(options.programs),
      engine,
      hasher,
      signatures,
      trie,
      blockGas: options.blockGas ?? maxTransactionGas,
    }
  }

  /**
   * Reads the head and the first page of the trie: the same time for a state of any size. That each entry is
   * what the root says is `verify`'s question.
   * @throws {StoreError} `corrupt` when head, last block and trie do not have the same root
   * @throws {RangeError} when the history is no count of blocks
   */
  static async open(options: ChainOptions): Promise<Chain> {
    const { history = 1 } = options
    if (!Number.isInteger(history) || history < 1)
      throw new RangeError('a history is a number of blocks, at least one')
    return new Chain(options, await createHasher(), await createSignatures())
  }

  /** The last committed height; `undefined` before genesis. */
  get height(): number | undefined {
    return this.#store.head()?.height
  }

  /** State root at that height, 32 bytes. */
  get root(): Uint8Array {
    return this.#context.trie.root()
  }

  /** Entries of the state at that height. */
  get entries(): number {
    return this.#context.trie.entries
  }

  /** The state after the last commit, and the log. */
  get state(): StateView {
    return this.#state
  }

  get store(): Store {
    return this.#store
  }

  /**
   * Height 0: funds accounts.
   * @throws {TransactionError} `genesisExists`, `badAddress`, `badAmount`, `duplicate`
   */
  genesis(mint: readonly (readonly [address: Uint8Array, amount: bigint])[]): Promise<Executed> {
    return this.#inTurn(async () => {
      if (this.height !== undefined)
        throw new TransactionError('genesisExists', 'the chain has begun already')
      return only(await this.#commit([{ kind: 'genesis', mint } as const], (genesis) => genesis))
    })
  }

  /** Deploys a container; `receipt.contract` is its address. @throws as `applyTransaction` */
  deploy(transaction: Sent<DeployTransaction>): Promise<Executed> {
    return this.#inTurn(async () => only(await this.#commitSent([transaction])))
  }

  /** Replaces the code of a contract; its owner sends it. @throws as `applyTransaction` */
  upgrade(transaction: Sent<UpgradeTransaction>): Promise<Executed> {
    return this.#inTurn(async () => only(await this.#commitSent([transaction])))
  }

  /** Calls a contract, or moves value to an account without code. @throws as `applyTransaction` */
  call(transaction: Sent<CallTransaction>): Promise<Executed> {
    return this.#inTurn(async () => only(await this.#commitSent([transaction])))
  }

  /**
   * Commits transactions together, in their order, as one block. What cannot be a transaction is refused and
   * does not keep the others out; where all are refused there is no block.
   * @throws {TransactionError} `noGenesis`, `blockTooLong`; `emptyBlock` with nothing to commit; what comes when
   * the block has used its gas is refused as `blockFull`
   */
  block(transactions: readonly SentTransaction[]): Promise<BlockResult> {
    return this.#inTurn(async () => {
      if (transactions.length > maxBlockTransactions)
        throw new TransactionError(
          'blockTooLong',
          `more than ${maxBlockTransactions} transactions`,
          { value: transactions.length },
        )
      const { header, executed, refused } = await this.#commitSent(transactions)
      return { header, executed, refused }
    })
  }

  /** What `call` would answer now; commits nothing. The receipt's root is the state's as it is. */
  async simulate(transaction: Sent<CallTransaction>): Promise<Executed> {
    const complete = this.#complete(transaction, this.#state)
    const block = { height: BigInt((this.height ?? -1) + 1), time: this.#now() }
    const applied = applyTransaction({ ...this.#context, block }, complete)
    const receipt = { ...applied.receipt, height: this.height ?? 0, root: this.root }
    return {
      transaction: complete,
      receipt,
      diff: applied.diff,
      instructions: applied.instructions,
      logs: applied.logs,
    }
  }

  /**
   * The block of a height; `undefined` when there is none or its lists were pruned.
   * @throws {DecodeError} when the store's record is damaged
   */
  at(height: number): CommittedBlock | undefined {
    const header = this.#state.header(height)
    const body = this.#state.body(height)
    if (header === undefined || body === undefined) return undefined
    const transactions = body.transactions.map((transaction, index) => ({
      transaction: decodeTransaction(transaction),
      receipt: decodeReceipt(body.receipts[index]!),
      diff: decodeDiff(body.diffs[index]!),
    }))
    return { header, transactions }
  }

  /**
   * Lends `work` the state as it was after a height, whatever is committed meanwhile.
   * @throws {StoreError} `noHeight` when it is not kept
   */
  async past<T>(height: number, work: (state: PastState) => T | Promise<T>): Promise<T> {
    const snapshot = this.#store.snapshot()
    try {
      return await work(stateAt(new StateView(snapshot), height))
    } finally {
      snapshot.close()
    }
  }

  /**
   * The proof of an entry in the state of a height, the last one unless given: `checkProof` needs the root alone.
   * @param key `entryKey`
   * @throws {StoreError} `noHeight` when the height is not kept, `corrupt`
   */
  prove(key: Uint8Array, height: number = this.height ?? -1): Promise<StateProof> {
    return this.past(height, (state) =>
      proveEntry(this.#hasher, state.trie(this.#hasher), state, key),
    )
  }

  /** Recomputes the root from the leaves and replays the log from its beginning on `engine`. */
  verify(engine: Engine, options: VerifyOptions = {}): Promise<VerifyReport> {
    return this.#inTurn(async () => {
      const snapshot = this.#store.snapshot()
      try {
        const { signatures } = this.#context
        return verifyStore(snapshot, engine, { hasher: this.#hasher, signatures }, options)
      } finally {
        snapshot.close()
      }
    })
  }

  /** Time of the next block. */
  #now(): bigint {
    const now = BigInt(Math.max(0, Math.trunc(this.#clock())))
    return now > this.#time ? now : this.#time
  }

  /** One block at a time, in the order of the calls. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action, action)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  #complete(sent: SentTransaction, state: Parameters<typeof nonceOf>[0]): Transaction {
    const nonce = sent.nonce ?? nonceOf(state, sent.sender)
    if (!('container' in sent)) return { ...sent, kind: 'call', nonce }
    return 'to' in sent ? { ...sent, kind: 'upgrade', nonce } : { ...sent, kind: 'deploy', nonce }
  }

  #commitSent(transactions: readonly SentTransaction[]): Promise<Produced> {
    if (this.height === undefined)
      throw new TransactionError('noGenesis', 'the chain has no accounts yet: begin with genesis')
    return this.#commit(transactions, (sent, state) => this.#complete(sent, state))
  }

  async #commit<T>(
    transactions: readonly T[],
    complete: Parameters<typeof produceBlock<T>>[3],
  ): Promise<Produced> {
    const last = this.height
    const height = last === undefined ? 0 : last + 1
    const place = { height, parent: this.#parent, time: this.#now() }
    const produced = produceBlock(this.#context, place, transactions, complete)
    const { header, executed, refused, update } = produced
    if (executed.length === 0)
      throw refused[0]?.error ?? new TransactionError('emptyBlock', 'a block of no transactions')
    const head = { height: header.height, root: header.root }
    await this.#store.commit({ after: last, head, writes: [...this.#writes(produced)] })
    this.#context.trie.accept(update)
    this.#parent = headerHash(this.#hasher, header)
    this.#time = header.time
    return produced
  }

  *#writes({ header, body, codes, diff, update }: Produced): Generator<Write> {
    for (const { address, field, slot, new: value } of diff.changes)
      yield { table: 'state', key: entryKey(address, field, slot), value }
    for (const [key, value] of codes) yield { table: 'code', key, value }
    for (const [key, value] of pageWrites(update)) yield { table: 'trie', key, value }
    yield* blockWrites(this.#hasher, header, body)
    const end = header.height - this.#history + 1
    if (end <= 0) return
    const first = this.#state.firstBody()
    for (let height = first; height < Math.min(end, first + maxPruned); height++)
      yield* pruneWrites(this.#hasher, this.#state, height)
  }
}

/** The one transaction of a block. @throws the reason why there is none */
function only({ executed, refused }: Produced): Executed {
  const first = executed[0]
  if (first === undefined) throw refused[0]!.error
  return first
}
