import { ByteWriter, cursorOf, readU8, readU32, readU64 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import {
  expectEnd,
  expectVersion,
  readBlob,
  readCopy,
  readCount,
  writeBlob,
  writeU32,
  writeU64,
} from '../bits/record.ts'
import type { Hasher } from './hasher.ts'

/** What a block says of itself; its hash names the block and all before it. */
export interface BlockHeader {
  readonly height: number
  /** Hash of the header before; 32 zero bytes at height 0. */
  readonly parent: Uint8Array
  /** Milliseconds since 1970, never less than the time of the block before. */
  readonly time: bigint
  /** State root after the block. */
  readonly root: Uint8Array
  /** How many transactions. */
  readonly count: number
  /** blake2b-256 of the encoded lists of transactions, receipts and diffs. */
  readonly transactions: Uint8Array
  readonly receipts: Uint8Array
  readonly diffs: Uint8Array
}

/** The lists of a block, each item encoded by whoever runs the chain; all have the same length. */
export interface BlockBody {
  readonly transactions: readonly Uint8Array[]
  readonly receipts: readonly Uint8Array[]
  readonly diffs: readonly Uint8Array[]
}

const headerVersion = 1
/** Bytes of an encoded header. */
export const headerLength: number = 1 + 4 + 32 + 8 + 32 + 4 + 3 * 32
/** Transactions of one block: their effects are in memory until it is committed. */
export const maxBlockTransactions = 16_384
/** One item of a list: a deployment carries a container of 4 MiB, a diff may write several. */
const maxItemLength = 64 * 1024 * 1024

/** `version (u8) | height (u32) | parent | time (u64) | root | count (u32) | transactions | receipts | diffs`. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  const writer = new ByteWriter().u8(headerVersion)
  writeU32(writer, header.height)
  writer.bytes(header.parent)
  writeU64(writer, header.time)
  writer.bytes(header.root)
  writeU32(writer, header.count)
  return writer.bytes(header.transactions).bytes(header.receipts).bytes(header.diffs).finish()
}

/**
 * The inverse of `encodeHeader`.
 * @throws {DecodeError} `badVersion`, `truncated`, `trailingBytes`
 */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const cursor = cursorOf(bytes)
  expectVersion(readU8(cursor), headerVersion, 'block header')
  const height = readU32(cursor)
  const parent = readCopy(cursor, 32)
  const time = readU64(cursor)
  const root = readCopy(cursor, 32)
  const count = readU32(cursor)
  const [transactions, receipts] = [readCopy(cursor, 32), readCopy(cursor, 32)]
  const diffs = readCopy(cursor, 32)
  expectEnd(cursor)
  return { height, parent, time, root, count, transactions, receipts, diffs }
}

/** Name of a block: blake2b-256 of its header. */
export function headerHash(hasher: Hasher, header: BlockHeader): Uint8Array {
  return hasher.blake2b(encodeHeader(header))
}

/** `count (u32) | blobs`. */
export function encodeList(items: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter()
  writeU32(writer, items.length)
  for (const item of items) writeBlob(writer, item)
  return writer.finish()
}

/**
 * The inverse of `encodeList`.
 * @throws {DecodeError} `truncated`, `tooLong`, `trailingBytes`
 * @example decodeList(encodeList([Uint8Array.of(7)])) // [Uint8Array.of(7)]
 */
export function decodeList(bytes: Uint8Array): Uint8Array[] {
  const cursor = cursorOf(bytes)
  const count = readCount(cursor, 4)
  if (count > maxBlockTransactions)
    throw new DecodeError('tooLong', `a list of ${count} items`, { offset: 0, value: count })
  const items = Array.from({ length: count }, () => readBlob(cursor, maxItemLength))
  expectEnd(cursor)
  return items
}

/** The header of a block whose lists are `body`. */
export function headerOf(
  hasher: Hasher,
  place: Pick<BlockHeader, 'height' | 'parent' | 'time' | 'root'>,
  body: BlockBody,
): BlockHeader {
  return {
    ...place,
    count: body.transactions.length,
    transactions: hasher.blake2b(encodeList(body.transactions)),
    receipts: hasher.blake2b(encodeList(body.receipts)),
    diffs: hasher.blake2b(encodeList(body.diffs)),
  }
}
