import { ByteWriter, type Cursor, cursorOf, readU8, readU64 } from '../../bits/bytes.ts'
import { DecodeError } from '../../bits/errors.ts'
import {
  expectEnd,
  expectVersion,
  readBlob,
  readCopy,
  readCount,
  writeBlob,
  writeU32,
  writeU64,
} from '../../bits/record.ts'
import { addressLength, maxCodeLength } from '../../state/limits.ts'
import { maxInputLength } from './limits.ts'

/** The first transaction of a chain: balances out of nothing. */
export interface GenesisTransaction {
  readonly kind: 'genesis'
  readonly mint: readonly (readonly [address: Uint8Array, amount: bigint])[]
}

interface SentTransaction {
  readonly sender: Uint8Array
  /** How many transactions `sender` has sent before this one. */
  readonly nonce: bigint
  /** Moved from `sender` to the contract before it runs. */
  readonly value: bigint
  /** 0 <= gas < 2^63. */
  readonly gasLimit: bigint
  readonly input: Uint8Array
}

/** Puts a container at a new address and runs its entry `deploy`, if it has one. */
export interface DeployTransaction extends SentTransaction {
  readonly kind: 'deploy'
  readonly container: Uint8Array
}

/** Runs the entry `call` of the contract at `to`; without code there, it only moves `value`. */
export interface CallTransaction extends SentTransaction {
  readonly kind: 'call'
  readonly to: Uint8Array
}

/** Replaces the code of the contract at `to`, whose owner sends it, and runs its new entry `upgrade`, if any. */
export interface UpgradeTransaction extends SentTransaction {
  readonly kind: 'upgrade'
  readonly to: Uint8Array
  readonly container: Uint8Array
}

/** What accounts send. */
export type AccountTransaction = DeployTransaction | CallTransaction | UpgradeTransaction
export type Transaction = GenesisTransaction | AccountTransaction

const transactionVersion = 1
const kinds = ['genesis', 'deploy', 'call', 'upgrade'] as const

/** Gas limits end here (exclusive): engines count in signed 64 bits. */
export const gasLimitEnd: bigint = 2n ** 63n

/**
 * `version (u8) | kind (u8) | fields`, fields in the order of the interfaces; numbers are u64
 * little-endian, addresses 32 bytes, `input`, `container` blobs (u32 length), lists a u32 count.
 */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const writer = new ByteWriter().u8(transactionVersion).u8(kinds.indexOf(transaction.kind))
  if (transaction.kind === 'genesis') {
    writeU32(writer, transaction.mint.length)
    for (const [address, amount] of transaction.mint) {
      writer.bytes(address)
      writeU64(writer, amount)
    }
    return writer.finish()
  }
  writer.bytes(transaction.sender)
  writeU64(writer, transaction.nonce)
  writeU64(writer, transaction.value)
  writeU64(writer, transaction.gasLimit)
  writeBlob(writer, transaction.input)
  if (transaction.kind !== 'call') writeBlob(writer, transaction.container)
  if (transaction.kind !== 'deploy') writer.bytes(transaction.to)
  return writer.finish()
}

function readMint(cursor: Cursor): GenesisTransaction['mint'] {
  const count = readCount(cursor, addressLength + 8)
  return Array.from({ length: count }, () => [readCopy(cursor, addressLength), readU64(cursor)])
}

function readTransaction(cursor: Cursor): Transaction {
  const kindAt = cursor.at
  const number = readU8(cursor)
  const kind = kinds[number]
  if (kind === undefined)
    throw new DecodeError('unknownKind', `no transaction has kind ${number}`, {
      offset: kindAt,
      value: number,
    })
  if (kind === 'genesis') return { kind, mint: readMint(cursor) }
  const sender = readCopy(cursor, addressLength)
  const nonce = readU64(cursor)
  const value = readU64(cursor)
  const gasAt = cursor.at
  const gasLimit = readU64(cursor)
  if (gasLimit >= gasLimitEnd)
    throw new DecodeError('gasLimit', 'a gas limit is below 2^63', {
      offset: gasAt,
      value: gasLimit,
    })
  const sent = { sender, nonce, value, gasLimit, input: readBlob(cursor, maxInputLength) }
  switch (kind) {
    case 'deploy':
      return { kind, ...sent, container: readBlob(cursor, maxCodeLength) }
    case 'call':
      return { kind, ...sent, to: readCopy(cursor, addressLength) }
    case 'upgrade': {
      const container = readBlob(cursor, maxCodeLength)
      return { kind, ...sent, container, to: readCopy(cursor, addressLength) }
    }
  }
}

/**
 * The inverse of `encodeTransaction`; accepts nothing else.
 * @throws {DecodeError} `badVersion`, `unknownKind`, `gasLimit`, `truncated`, `tooLong`, `trailingBytes`
 */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  const cursor = cursorOf(bytes)
  expectVersion(readU8(cursor), transactionVersion, 'transaction')
  const transaction = readTransaction(cursor)
  expectEnd(cursor)
  return transaction
}

/** Gas of a transaction before its first instruction. What it carries stays in the log for ever. */
export const transactionCost = {
  base: 5000,
  /** For each started 8 bytes of input. */
  inputWord: 16,
  /** For each byte of a container: it is decoded, verified and compiled. */
  containerByte: 20,
} as const

/** `base + input + container`, charged whatever happens later. */
export function intrinsicGas(transaction: AccountTransaction): bigint {
  const { base, inputWord, containerByte } = transactionCost
  const container = transaction.kind === 'call' ? 0 : transaction.container.length
  return BigInt(
    base + Math.ceil(transaction.input.length / 8) * inputWord + container * containerByte,
  )
}
