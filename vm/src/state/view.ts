import { cursorOf, readU32 } from '../bits/bytes.ts'
import { compareBytes, startsWith } from '../bits/octets.ts'
import type { StateReader } from './accounts.ts'
import {
  type BlockBody,
  type BlockHeader,
  decodeHeader,
  decodeList,
  encodeHeader,
  encodeList,
} from './block.ts'
import type { Hasher } from './hasher.ts'
import type { Head, Reads, Write } from './store.ts'
import type { PageSource } from './trie.ts'

/** State that can be gone through as well as asked. */
export interface StateSource extends StateReader {
  /** Entries whose `entryKey` starts with `prefix`, ascending, all of one height. */
  entries(prefix?: Uint8Array): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** A deployed container by its hash. */
  code(hash: Uint8Array): Uint8Array | undefined
}

/** Where a transaction is in the log. */
export interface TransactionPlace {
  readonly height: number
  /** Its index in the block. */
  readonly index: number
}

/** Parts of a block in the table `log`, each under `height (u32, big-endian) | part (u8)`. */
const Part = { header: 0, transactions: 1, receipts: 2, diffs: 3 } as const
type Part = (typeof Part)[keyof typeof Part]

function logKey(height: number, part: Part): Uint8Array {
  const key = new Uint8Array(5)
  new DataView(key.buffer).setUint32(0, height)
  key[4] = part
  return key
}

/** The names of what a store holds: entries, containers, pages of the trie, blocks. */
export class StateView implements StateSource, PageSource {
  readonly #reads: Reads

  /** @param reads a store, for its last commit at each call, or a snapshot, for one commit */
  constructor(reads: Reads) {
    this.#reads = reads
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#reads.get('state', key)
  }

  entries(prefix?: Uint8Array): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    return this.#reads.scan('state', prefix)
  }

  next(prefix: Uint8Array, from: Uint8Array): Uint8Array | undefined {
    const first = compareBytes(from, prefix) < 0 ? prefix : from
    const key = this.#reads.seek('state', first)
    return key && startsWith(key, prefix) ? key : undefined
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#reads.get('code', hash)
  }

  page(key: Uint8Array): Uint8Array | undefined {
    return this.#reads.get('trie', key)
  }

  head(): Head | undefined {
    return this.#reads.head()
  }

  /** The header of a height; headers are never pruned. @throws {DecodeError} when it is damaged */
  header(height: number): BlockHeader | undefined {
    const bytes = this.#log(height, Part.header)
    return bytes && decodeHeader(bytes)
  }

  /** The lists of a height, `undefined` when it has none or they were pruned. @throws as `header` */
  body(height: number): BlockBody | undefined {
    const transactions = this.#log(height, Part.transactions)
    const receipts = this.#log(height, Part.receipts)
    const diffs = this.#log(height, Part.diffs)
    if (transactions === undefined || receipts === undefined || diffs === undefined)
      return undefined
    return {
      transactions: decodeList(transactions),
      receipts: decodeList(receipts),
      diffs: decodeList(diffs),
    }
  }

  /** The encoded diffs of a height alone. @throws as `header` */
  diffs(height: number): Uint8Array[] | undefined {
    const diffs = this.#log(height, Part.diffs)
    return diffs && decodeList(diffs)
  }

  /** Where the transaction with this hash (blake2b-256 of its bytes) is, unless it was pruned. */
  find(hash: Uint8Array): TransactionPlace | undefined {
    const bytes = this.#reads.get('index', hash)
    if (bytes?.length !== 8) return undefined
    const cursor = cursorOf(bytes)
    return { height: readU32(cursor), index: readU32(cursor) }
  }

  /** The first height whose lists are kept; one more than the head's when none are. O(log heights). */
  firstBody(): number {
    let low = 0
    let high = (this.head()?.height ?? -1) + 1
    while (low < high) {
      const middle = low + ((high - low) >> 1)
      if (this.#log(middle, Part.diffs) === undefined) low = middle + 1
      else high = middle
    }
    return low
  }

  #log(height: number, part: Part): Uint8Array | undefined {
    if (!Number.isInteger(height) || height < 0 || height > 0xffff_ffff) return undefined
    return this.#reads.get('log', logKey(height, part))
  }
}

/** What a store is told to keep of a block. */
export function* blockWrites(
  hasher: Hasher,
  header: BlockHeader,
  body: BlockBody,
): Generator<Write> {
  const { height } = header
  yield headerWrite(header)
  const parts = ['transactions', 'receipts', 'diffs'] as const
  for (const part of parts)
    yield { table: 'log', key: logKey(height, Part[part]), value: encodeList(body[part]) }
  for (const [index, transaction] of body.transactions.entries()) {
    const place = new Uint8Array(8)
    const view = new DataView(place.buffer)
    view.setUint32(0, height, true)
    view.setUint32(4, index, true)
    yield { table: 'index', key: hasher.blake2b(transaction), value: place }
  }
}

/** What a store is told to keep of a block whose lists are not here. */
export function headerWrite(header: BlockHeader): Write {
  return { table: 'log', key: logKey(header.height, Part.header), value: encodeHeader(header) }
}

/** What a store is told to forget the lists of a height. */
export function* pruneWrites(hasher: Hasher, view: StateView, height: number): Generator<Write> {
  for (const transaction of view.body(height)?.transactions ?? [])
    yield { table: 'index', key: hasher.blake2b(transaction), value: undefined }
  for (const part of ['transactions', 'receipts', 'diffs'] as const)
    yield { table: 'log', key: logKey(height, Part[part]), value: undefined }
}
