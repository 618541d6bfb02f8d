import type { Engine } from 'alcatraz-vm'
import {
  type CallTransaction,
  type DeployTransaction,
  decodeReceipt,
  decodeTransaction,
  encodeReceipt,
  encodeTransaction,
  type Receipt,
  type Transaction,
} from 'alcatraz-vm/alcatraz'
import {
  createHasher,
  decodeDiff,
  encodeDiff,
  type Hasher,
  nonceOf,
  type StateDiff,
  type StateTrie,
  type Store,
  StoreError,
  sameValue,
  trieAfter,
  trieOf,
  validateDiff,
} from 'alcatraz-vm/state'
import { type ApplyContext, applyTransaction, TransactionError } from './apply.ts'
import { ProgramCache } from './programs.ts'
import { type VerifyOptions, type VerifyReport, verifyStore } from './verify.ts'

/** A committed transaction. */
export interface Committed {
  readonly transaction: Transaction
  readonly receipt: Receipt
  readonly diff: StateDiff
}

/** A committed transaction as its sender sees it. */
export interface Executed extends Committed {
  /** Guest instructions executed. */
  readonly instructions: bigint
}

type Sent<T extends Transaction> = Omit<T, 'kind' | 'nonce'> & {
  /** The sender's next one unless given. */
  readonly nonce?: bigint
}

export interface ChainOptions {
  /** The caller closes it after the chain is no longer used. */
  readonly store: Store
  readonly engine: Engine
}

/**
 * One operator's chain: every transaction is one height. A transaction becomes a journal, the
 * journal a diff; the diff is validated and committed with transaction, receipt and root at once,
 * or nothing is. A transaction that reverts, traps or runs out of gas is committed too: its sender's
 * nonce goes up, nothing else changes, and its receipt says why. There are no fees and no signatures:
 * whoever can call this class is trusted to be the sender.
 * @example
 * const chain = await Chain.open({ store: new MemoryStore(), engine })
 * await chain.genesis([[sender, 1_000_000n]])
 * const { receipt } = await chain.deploy({ sender, container, input, value: 0n, gasLimit: 10_000_000n })
 */
export class Chain {
  readonly #store: Store
  readonly #hasher: Hasher
  readonly #context: ApplyContext
  #trie: StateTrie
  #last: Promise<unknown> = Promise.resolve()

  /** Use `Chain.open`. */
  private constructor(options: ChainOptions, hasher: Hasher, trie: StateTrie) {
    const { store, engine } = options
    this.#store = store
    this.#hasher = hasher
    this.#trie = trie
    this.#context = {
      state: store,
      code: (hash) => store.code(hash),
      programs: new ProgramCache(),
      engine,
      hasher,
    }
  }

  /**
   * Rebuilds the trie from the store's entries, and so checks them against the committed root.
   * @throws {StoreError} `corrupt` when the entries do not have that root
   */
  static async open(options: ChainOptions): Promise<Chain> {
    const hasher = await createHasher()
    const trie = trieOf(hasher, options.store.entries())
    const head = options.store.head()
    if (head !== undefined && !sameValue(trie.root(), head.root))
      throw new StoreError(
        'corrupt',
        `the state at height ${head.height} does not have the root that was committed`,
        'Restore the store from a backup, or delete it and begin again.',
      )
    return new Chain(options, hasher, trie)
  }

  /** The last committed height; `undefined` before genesis. */
  get height(): number | undefined {
    return this.#store.head()?.height
  }

  /** State root at that height, 32 bytes. */
  get root(): Uint8Array {
    return this.#trie.root()
  }

  /** The state; entries by `entryKey`. */
  get store(): Store {
    return this.#store
  }

  /**
   * Height 0: funds accounts.
   * @throws {TransactionError} `genesisExists`, `badAddress`, `badAmount`, `duplicate`
   */
  genesis(mint: readonly (readonly [address: Uint8Array, amount: bigint])[]): Promise<Executed> {
    return this.#inTurn(() => this.#commit({ kind: 'genesis', mint }))
  }

  /** Deploys a container; `receipt.contract` is its address. @throws as `applyTransaction` */
  deploy(transaction: Sent<DeployTransaction>): Promise<Executed> {
    return this.#inTurn(() => this.#commit(this.#complete('deploy', transaction)))
  }

  /** Calls a contract, or moves value to an account without code. @throws as `applyTransaction` */
  call(transaction: Sent<CallTransaction>): Promise<Executed> {
    return this.#inTurn(() => this.#commit(this.#complete('call', transaction)))
  }

  /** What `call` would answer now; commits nothing. The receipt's root is the state's as it is. */
  async simulate(transaction: Sent<CallTransaction>): Promise<Executed> {
    const complete = this.#complete('call', transaction)
    const applied = applyTransaction(this.#context, complete)
    const receipt = { ...applied.receipt, height: this.height ?? 0, root: this.root }
    return {
      transaction: complete,
      receipt,
      diff: applied.diff,
      instructions: applied.instructions,
    }
  }

  /**
   * What was committed at a height.
   * @throws {DecodeError} when the store's record is damaged
   */
  at(height: number): Committed | undefined {
    const record = this.#store.record(height)
    return (
      record && {
        transaction: decodeTransaction(record.transaction),
        receipt: decodeReceipt(record.receipt),
        diff: decodeDiff(record.diff),
      }
    )
  }

  /** Recomputes the root from the leaves and replays the log from genesis on `engine`. */
  verify(engine: Engine, options: VerifyOptions = {}): Promise<VerifyReport> {
    return this.#inTurn(async () => verifyStore(this.#store, engine, this.#hasher, options))
  }

  /** One transaction at a time, in the order of the calls. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action, action)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  #complete<K extends 'deploy' | 'call'>(
    kind: K,
    sent: Sent<Extract<Transaction, { kind: K }>>,
  ): Extract<Transaction, { kind: K }> {
    const nonce = sent.nonce ?? nonceOf(this.#store, sent.sender)
    return { ...sent, kind, nonce } as unknown as Extract<Transaction, { kind: K }>
  }

  async #commit(transaction: Transaction): Promise<Executed> {
    const head = this.#store.head()
    if ((head === undefined) !== (transaction.kind === 'genesis'))
      throw head === undefined
        ? new TransactionError('noGenesis', 'the chain has no accounts yet: begin with genesis')
        : new TransactionError('genesisExists', 'the chain has begun already')
    const applied = applyTransaction(this.#context, transaction)
    validateDiff(applied.diff, this.#store, {
      cause: applied.cause,
      hasCode: (hash) => applied.codes.some(([known]) => sameValue(known, hash)),
    })
    const trie = trieAfter(this.#trie, this.#hasher, applied.diff.changes)
    const height = head === undefined ? 0 : head.height + 1
    const receipt: Receipt = { ...applied.receipt, height, root: trie.root() }
    await this.#store.commit({
      height,
      root: receipt.root,
      changes: applied.diff.changes,
      codes: applied.codes,
      transaction: encodeTransaction(transaction),
      receipt: encodeReceipt(receipt),
      diff: encodeDiff(applied.diff),
    })
    this.#trie = trie
    return { transaction, receipt, diff: applied.diff, instructions: applied.instructions }
  }
}
