import {
  ByteWriter,
  type Cursor,
  cursorOf,
  readBytes,
  readU8,
  readU16,
  readU32,
  readU64,
} from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { writeU32, writeU64 } from '../bits/record.ts'
import { Pubkey, pubkeyBytes } from '../host/solana/pubkey.ts'
import type { CompiledInstruction } from './result.ts'
import { readShort, writeShort } from './shortvec.ts'

/** Addresses that a v0 message takes from a table account. */
export interface TableLookup {
  readonly table: Pubkey
  /** Places in the table, one byte each. */
  readonly writable: Uint8Array
  readonly readonly: Uint8Array
}

/** What a v1 message says of its budget, instead of compute-budget instructions. */
export interface MessageConfig {
  /** Lamports. */
  readonly priorityFee?: bigint
  readonly unitLimit?: number
  readonly loadedBytesLimit?: number
  readonly heapBytes?: number
}

export interface Message {
  readonly version: 'legacy' | 0 | 1
  readonly requiredSignatures: number
  readonly readonlySigned: number
  readonly readonlyUnsigned: number
  /** Accounts that the message names itself; those of lookups come behind them. */
  readonly keys: readonly Pubkey[]
  /** 32 bytes. */
  readonly blockhash: Uint8Array
  readonly instructions: readonly CompiledInstruction[]
  /** Of v0 only. */
  readonly lookups: readonly TableLookup[]
  /** Of v1 only. */
  readonly config: MessageConfig
}

export interface Transaction {
  /** 64 bytes each. */
  readonly signatures: readonly Uint8Array[]
  readonly message: Message
  /** The message as it was signed. */
  readonly messageBytes: Uint8Array
}

const signatureBytes = 64
const hashBytes = 32
const noConfig: MessageConfig = {}
/** The first byte of a versioned message, and of a v1 transaction: this bit and the version. */
const versionFlag = 0x80

const configBits = {
  priorityFee: 0b11,
  unitLimit: 0b100,
  loadedBytesLimit: 0b1000,
  heapBytes: 0b1_0000,
}
const knownConfigBits = 0b1_1111

/** Over one copy, whose parts what is read keeps: the caller may write its bytes anew. */
function ownCursor(bytes: Uint8Array): Cursor {
  return cursorOf(new Uint8Array(bytes))
}

function readKeys(cursor: Cursor, count: number): Pubkey[] {
  const keys: Pubkey[] = []
  const at = cursor.at
  readBytes(cursor, count * pubkeyBytes)
  for (let i = 0; i < count; i++) keys.push(Pubkey.from(cursor.bytes, at + i * pubkeyBytes))
  return keys
}

/** `short length | bytes`. */
function readShortBytes(cursor: Cursor): Uint8Array {
  return readBytes(cursor, readShort(cursor))
}

/** Behind the first byte, `requiredSignatures`: of legacy and v0. */
function readOld(cursor: Cursor, version: 'legacy' | 0, requiredSignatures: number): Message {
  const readonlySigned = readU8(cursor)
  const readonlyUnsigned = readU8(cursor)
  const keys = readKeys(cursor, readShort(cursor))
  const blockhash = readBytes(cursor, hashBytes)
  const instructions: CompiledInstruction[] = []
  for (let left = readShort(cursor); left > 0; left--) {
    const programIdIndex = readU8(cursor)
    const accounts = readShortBytes(cursor)
    instructions.push({ programIdIndex, accounts, data: readShortBytes(cursor) })
  }
  const lookups: TableLookup[] = []
  if (version === 0)
    for (let left = readShort(cursor); left > 0; left--) {
      const [table] = readKeys(cursor, 1)
      const writable = readShortBytes(cursor)
      lookups.push({ table: table!, writable, readonly: readShortBytes(cursor) })
    }
  return {
    version,
    requiredSignatures,
    readonlySigned,
    readonlyUnsigned,
    keys,
    blockhash,
    instructions,
    lookups,
    config: noConfig,
  }
}

function readConfig(cursor: Cursor, mask: number): MessageConfig {
  return {
    ...((mask & configBits.priorityFee) !== 0 && { priorityFee: readU64(cursor) }),
    ...((mask & configBits.unitLimit) !== 0 && { unitLimit: readU32(cursor) }),
    ...((mask & configBits.loadedBytesLimit) !== 0 && { loadedBytesLimit: readU32(cursor) }),
    ...((mask & configBits.heapBytes) !== 0 && { heapBytes: readU32(cursor) }),
  }
}

/** Behind the version byte: of v1 (SIMD-0385). */
function readV1(cursor: Cursor): Message {
  const requiredSignatures = readU8(cursor)
  const readonlySigned = readU8(cursor)
  const readonlyUnsigned = readU8(cursor)
  const offset = cursor.at
  const mask = readU32(cursor)
  const priority = mask & configBits.priorityFee
  if ((mask & ~knownConfigBits) !== 0 || (priority !== 0 && priority !== configBits.priorityFee))
    throw new DecodeError('badConfigMask', 'invalid transaction config mask', {
      offset,
      value: mask,
    })
  const blockhash = readBytes(cursor, hashBytes)
  const instructionCount = readU8(cursor)
  const keys = readKeys(cursor, readU8(cursor))
  const config = readConfig(cursor, mask)
  const heads: { programIdIndex: number; accounts: number; data: number }[] = []
  for (let i = 0; i < instructionCount; i++) {
    const programIdIndex = readU8(cursor)
    const accounts = readU8(cursor)
    heads.push({ programIdIndex, accounts, data: readU16(cursor) })
  }
  const instructions = heads.map((head) => {
    const accounts = readBytes(cursor, head.accounts)
    return { programIdIndex: head.programIdIndex, accounts, data: readBytes(cursor, head.data) }
  })
  return {
    version: 1,
    requiredSignatures,
    readonlySigned,
    readonlyUnsigned,
    keys,
    blockhash,
    instructions,
    lookups: [],
    config,
  }
}

function readVersioned(cursor: Cursor): Message {
  const offset = cursor.at
  const first = readU8(cursor)
  if ((first & versionFlag) === 0) return readOld(cursor, 'legacy', first)
  const version = first & ~versionFlag
  if (version === 0) return readOld(cursor, 0, readU8(cursor))
  if (version === 1) return readV1(cursor)
  throw new DecodeError('badMessageVersion', `no message has version ${version}`, {
    offset,
    value: version,
  })
}

function readSignatures(cursor: Cursor, count: number): Uint8Array[] {
  const all = readBytes(cursor, count * signatureBytes)
  const out: Uint8Array[] = []
  for (let i = 0; i < count; i++)
    out.push(all.subarray(i * signatureBytes, (i + 1) * signatureBytes))
  return out
}

/**
 * Reads a message of any version. Bytes behind it are left alone, as Agave's decoder leaves them.
 * @throws {DecodeError} `truncated`, `badShortLength`, `badMessageVersion`, `badConfigMask`
 */
export function decodeMessage(bytes: Uint8Array): Message {
  return readVersioned(ownCursor(bytes))
}

/**
 * Reads a signed transaction of any version from its wire form. What it says is not checked: see `sanitize`.
 * @throws {DecodeError} as `decodeMessage`; `badTransactionPrefix`
 */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  const cursor = ownCursor(bytes)
  const first = readU8(cursor)
  if ((first & versionFlag) === 0) {
    const signatures = readSignatures(cursor, first)
    const start = cursor.at
    const message = readVersioned(cursor)
    if (message.version === 1)
      throw new DecodeError('badMessageVersion', 'a v1 message has its signatures behind it', {
        offset: start,
        value: 1,
      })
    return { signatures, message, messageBytes: cursor.bytes.subarray(start, cursor.at) }
  }
  if (first !== (versionFlag | 1))
    throw new DecodeError('badTransactionPrefix', 'invalid transaction discriminator', {
      offset: 0,
      value: first,
    })
  const message = readV1(cursor)
  const messageBytes = cursor.bytes.subarray(0, cursor.at)
  return { signatures: readSignatures(cursor, message.requiredSignatures), message, messageBytes }
}

/**
 * Reads what must be a legacy transaction: its first byte is never a version.
 * @throws {DecodeError} as `decodeTransaction`
 */
export function decodeLegacyTransaction(bytes: Uint8Array): Transaction {
  const cursor = ownCursor(bytes)
  const signatures = readSignatures(cursor, readShort(cursor))
  const start = cursor.at
  const message = readOld(cursor, 'legacy', readU8(cursor))
  return { signatures, message, messageBytes: cursor.bytes.subarray(start, cursor.at) }
}

function writeShortBytes(writer: ByteWriter, bytes: Uint8Array): void {
  writeShort(writer, bytes.length)
  writer.bytes(bytes)
}

function writeOld(writer: ByteWriter, message: Message): void {
  writeShort(writer, message.keys.length)
  for (const key of message.keys) writer.bytes(key.bytes)
  writer.bytes(message.blockhash)
  writeShort(writer, message.instructions.length)
  for (const instruction of message.instructions) {
    writer.u8(instruction.programIdIndex)
    writeShortBytes(writer, instruction.accounts)
    writeShortBytes(writer, instruction.data)
  }
  if (message.version !== 0) return
  writeShort(writer, message.lookups.length)
  for (const lookup of message.lookups) {
    writer.bytes(lookup.table.bytes)
    writeShortBytes(writer, lookup.writable)
    writeShortBytes(writer, lookup.readonly)
  }
}

function writeV1(writer: ByteWriter, message: Message): void {
  const { priorityFee, unitLimit, loadedBytesLimit, heapBytes } = message.config
  writeU32(
    writer,
    (priorityFee === undefined ? 0 : configBits.priorityFee) |
      (unitLimit === undefined ? 0 : configBits.unitLimit) |
      (loadedBytesLimit === undefined ? 0 : configBits.loadedBytesLimit) |
      (heapBytes === undefined ? 0 : configBits.heapBytes),
  )
  writer.bytes(message.blockhash)
  writer.u8(message.instructions.length)
  writer.u8(message.keys.length)
  for (const key of message.keys) writer.bytes(key.bytes)
  if (priorityFee !== undefined) writeU64(writer, priorityFee)
  for (const word of [unitLimit, loadedBytesLimit, heapBytes])
    if (word !== undefined) writeU32(writer, word)
  for (const { programIdIndex, accounts, data } of message.instructions) {
    writer.u8(programIdIndex)
    writer.u8(accounts.length)
    writer.u8(data.length & 0xff)
    writer.u8(data.length >> 8)
  }
  for (const { accounts, data } of message.instructions) {
    writer.bytes(accounts)
    writer.bytes(data)
  }
}

/** The bytes that are signed. @throws {RangeError} where a length does not fit its field */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter()
  if (message.version !== 'legacy') writer.u8(versionFlag | message.version)
  writer.u8(message.requiredSignatures)
  writer.u8(message.readonlySigned)
  writer.u8(message.readonlyUnsigned)
  if (message.version === 1) writeV1(writer, message)
  else writeOld(writer, message)
  return writer.finish()
}

/** The wire form of a message with its signatures. */
export function encodeTransaction(message: Message, signatures: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter()
  const bytes = encodeMessage(message)
  if (message.version === 1) writer.bytes(bytes)
  else writeShort(writer, signatures.length)
  for (const signature of signatures) writer.bytes(signature)
  if (message.version !== 1) writer.bytes(bytes)
  return writer.finish()
}
