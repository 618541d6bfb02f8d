import { ByteWriter, type Cursor, cursorOf, readU8, readU32, readU64 } from '../../bits/bytes.ts'
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
import { addressLength } from '../../state/limits.ts'
import { Trap, trapName } from '../../vm/exit.ts'
import type { ContractEvent } from './context.ts'
import type { MessageExit, MessageStatus } from './execute.ts'
import { maxAnswerLength, maxEventBytes, maxTopics, topicLength } from './limits.ts'

/** What is known of a transaction after its commit, the diff apart. */
export interface Receipt {
  readonly height: number
  readonly status: MessageStatus
  readonly gasUsed: bigint
  /** How the machine stopped; `undefined` when nothing ran. */
  readonly exit: MessageExit | undefined
  /** r0 when the entry returned by itself; 0 otherwise. */
  readonly result: bigint
  /** Data of az_return or az_revert. */
  readonly returnData: Uint8Array
  /** Empty unless the status is success. */
  readonly events: readonly ContractEvent[]
  /** Address of the contract that a deployment made or would have made. */
  readonly contract: Uint8Array | undefined
  /** State root after the commit. */
  readonly root: Uint8Array
}

const receiptVersion = 1
const statuses: readonly MessageStatus[] = ['success', 'reverted', 'trapped', 'faulted', 'outOfGas']
/** 0 stands for "nothing ran". */
const exitKinds = [undefined, 'halt', 'trap', 'fault', 'outOfGas'] as const

function writeExit(writer: ByteWriter, exit: MessageExit | undefined): void {
  writer.u8(exitKinds.indexOf(exit?.kind))
  if (exit === undefined) return
  writeU32(writer, exit.pc)
  if (exit.kind === 'trap') writer.u8(Trap[exit.trap])
  if (exit.kind === 'fault') {
    writeU64(writer, exit.address)
    writer.u8(exit.access === 'read' ? 0 : 1)
  }
}

function unknown(what: string, offset: number, value: number): DecodeError {
  return new DecodeError('unknownKind', `no ${what} has number ${value}`, { offset, value })
}

function readExit(cursor: Cursor): MessageExit | undefined {
  const at = cursor.at
  const number = readU8(cursor)
  if (number >= exitKinds.length) throw unknown('exit', at, number)
  const kind = exitKinds[number]
  if (kind === undefined) return undefined
  const pc = readU32(cursor)
  switch (kind) {
    case 'halt':
    case 'outOfGas':
      return { kind, pc }
    case 'trap': {
      const trapAt = cursor.at
      const trap = trapName(readU8(cursor) as Trap)
      if (trap === undefined) throw unknown('trap', trapAt, cursor.bytes[trapAt]!)
      return { kind, trap, pc }
    }
    case 'fault': {
      const address = readU64(cursor)
      const accessAt = cursor.at
      const access = readU8(cursor)
      if (access > 1) throw unknown('access', accessAt, access)
      return { kind, address, access: access === 0 ? 'read' : 'write', pc }
    }
  }
}

/** Address, number of topics and length of data: no event is shorter. */
const minEventLength = addressLength + 5

function readEvent(cursor: Cursor): ContractEvent {
  const address = readCopy(cursor, addressLength)
  const at = cursor.at
  const count = readU8(cursor)
  if (count > maxTopics) throw unknown('topic', at, count)
  const topics = Array.from({ length: count }, () => readCopy(cursor, topicLength))
  return { address, topics, data: readBlob(cursor, maxEventBytes) }
}

/**
 * `version (u8) | height (u32) | status (u8) | gas used (u64) | exit | result (u64) | return data
 * (blob) | events (u32 count) | contract (u8 presence, 32 bytes) | root (32)`, little-endian.
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const writer = new ByteWriter().u8(receiptVersion)
  writeU32(writer, receipt.height)
  writer.u8(statuses.indexOf(receipt.status))
  writeU64(writer, receipt.gasUsed)
  writeExit(writer, receipt.exit)
  writeU64(writer, receipt.result)
  writeBlob(writer, receipt.returnData)
  writeU32(writer, receipt.events.length)
  for (const { address, topics, data } of receipt.events) {
    writer.bytes(address).u8(topics.length)
    for (const topic of topics) writer.bytes(topic)
    writeBlob(writer, data)
  }
  writer.u8(receipt.contract === undefined ? 0 : 1)
  if (receipt.contract !== undefined) writer.bytes(receipt.contract)
  return writer.bytes(receipt.root).finish()
}

/**
 * The inverse of `encodeReceipt`; accepts nothing else.
 * @throws {DecodeError} `badVersion`, `unknownKind`, `truncated`, `tooLong`, `trailingBytes`
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const cursor = cursorOf(bytes)
  expectVersion(readU8(cursor), receiptVersion, 'receipt')
  const height = readU32(cursor)
  const statusAt = cursor.at
  const status = statuses[readU8(cursor)]
  if (status === undefined) throw unknown('status', statusAt, bytes[statusAt]!)
  const gasUsed = readU64(cursor)
  const exit = readExit(cursor)
  const result = readU64(cursor)
  const returnData = readBlob(cursor, maxAnswerLength)
  const count = readCount(cursor, minEventLength)
  const events = Array.from({ length: count }, () => readEvent(cursor))
  const presenceAt = cursor.at
  const presence = readU8(cursor)
  if (presence > 1) throw unknown('presence', presenceAt, presence)
  const contract = presence === 1 ? readCopy(cursor, addressLength) : undefined
  const root = readCopy(cursor, 32)
  expectEnd(cursor)
  return { height, status, gasUsed, exit, result, returnData, events, contract, root }
}
