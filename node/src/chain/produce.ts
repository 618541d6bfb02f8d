import { toHex } from 'alcatraz-vm'
import {
  encodeReceipt,
  encodeTransaction,
  type LogEntry,
  type Receipt,
  type Transaction,
  type World,
} from 'alcatraz-vm/alcatraz'
import {
  applyDiff,
  type BlockBody,
  type BlockHeader,
  diffOf,
  encodeDiff,
  headerOf,
  InputError,
  Journal,
  leafChanges,
  type StateDiff,
  type StateReader,
  type StateTrie,
  sameValue,
  type TrieUpdate,
  validateDiff,
} from 'alcatraz-vm/state'
import { type Applied, type ApplyContext, applyTransaction, TransactionError } from './apply.ts'

/** What blocks are made on. */
export interface ProduceContext extends Omit<ApplyContext, 'block'> {
  readonly trie: StateTrie
  /** A block whose transactions have used this takes no more; none unless given. */
  readonly blockGas?: bigint
}

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
  /** What contracts logged; kept nowhere. */
  readonly logs: readonly LogEntry[]
}

/** A transaction that is no part of the block: nothing of it was charged, changed or logged. */
export interface Refused {
  /** Its index in the list that was given. */
  readonly index: number
  readonly error: InputError
}

/** A block that is not yet written anywhere. */
export interface Produced {
  readonly header: BlockHeader
  readonly body: BlockBody
  readonly executed: readonly Executed[]
  readonly refused: readonly Refused[]
  readonly codes: Applied['codes']
  /** Net changes of the whole block. */
  readonly diff: StateDiff
  readonly update: TrieUpdate
}

/** Entries: a transfer asks up to five times for the same one. Some 500 bytes each. */
const maxKnown = 32_768

/** Takes transactions one after another, each on what the ones before left. */
export class BlockState {
  readonly #context: ProduceContext
  readonly #block: Pick<World, 'height' | 'time'>
  readonly #codes = new Map<string, readonly [Uint8Array, Uint8Array]>()
  /** All changes so far. */
  readonly journal: Journal

  constructor(context: ProduceContext, block: Pick<World, 'height' | 'time'>) {
    this.#context = context
    this.#block = block
    const { state } = context
    // what blocks before removed is gone: nobody pays for passing it, however the state is kept
    const base = {
      get: (key: Uint8Array) => state.get(key),
      next: (prefix: Uint8Array, from: Uint8Array) => state.next(prefix, from),
    }
    this.journal = new Journal(base, maxKnown)
  }

  get codes(): Applied['codes'] {
    return [...this.#codes.values()]
  }

  #code(hash: Uint8Array): Uint8Array | undefined {
    return this.#codes.get(toHex(hash))?.[1] ?? this.#context.code(hash)
  }

  /**
   * Runs and validates one transaction, and keeps what it changed.
   * @throws what `applyTransaction` and `validateDiff` throw; nothing was kept then
   */
  apply(transaction: Transaction): Applied {
    const own = { block: this.#block, state: this.journal }
    const applied = applyTransaction(
      { ...this.#context, ...own, code: (hash) => this.#code(hash) },
      transaction,
    )
    validateDiff(applied.diff, this.journal, {
      cause: applied.cause,
      hasCode: (hash) =>
        applied.codes.some(([known]) => sameValue(known, hash)) || this.#code(hash) !== undefined,
    })
    applyDiff(applied.diff, this.journal)
    for (const code of applied.codes) this.#codes.set(toHex(code[0]), code)
    return applied
  }
}

/**
 * The block of `transactions` at a height. What cannot be a transaction is left out and listed.
 * @param complete makes of the list's items what goes into the block, given the state they meet
 */
export function produceBlock<T>(
  context: ProduceContext,
  place: Pick<BlockHeader, 'height' | 'parent' | 'time'>,
  transactions: readonly T[],
  complete: (sent: T, state: StateReader) => Transaction,
): Produced {
  const { blockGas, hasher, trie } = context
  const block = new BlockState(context, { height: BigInt(place.height), time: place.time })
  const applied: (Applied & { readonly transaction: Transaction })[] = []
  const refused: Refused[] = []
  let gasUsed = 0n
  for (const [index, sent] of transactions.entries()) {
    try {
      if (blockGas !== undefined && gasUsed >= blockGas)
        throw new TransactionError('blockFull', 'the block has used its gas: send it again', {
          value: gasUsed,
        })
      const transaction = complete(sent, block.journal)
      const done = block.apply(transaction)
      gasUsed += done.receipt.gasUsed
      applied.push({ ...done, transaction })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      refused.push({ index, error })
    }
  }
  const diff = diffOf(block.journal)
  const update = trie.update(leafChanges(hasher, diff.changes))
  const { root } = update
  const executed = applied.map(({ transaction, receipt, diff: own, instructions, logs }) => ({
    transaction,
    receipt: { ...receipt, height: place.height, root },
    diff: own,
    instructions,
    logs,
  }))
  const body = {
    transactions: executed.map(({ transaction }) => encodeTransaction(transaction)),
    receipts: executed.map(({ receipt }) => encodeReceipt(receipt)),
    diffs: executed.map(({ diff: own }) => encodeDiff(own)),
  }
  const header = headerOf(hasher, { ...place, root }, body)
  return { header, body, executed, refused, codes: block.codes, diff, update }
}
