import { ByteWriter, type Cursor, cursorOf, readU8 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { toHex } from '../bits/hex.ts'
import { compareBytes, equalBytes } from '../bits/octets.ts'
import {
  expectEnd,
  expectVersion,
  readBlob,
  readCopy,
  readCount,
  writeBlob,
  writeU32,
} from '../bits/record.ts'
import { amountOf, type StateWriter } from './accounts.ts'
import type { Journal } from './journal.ts'
import { type Entry, entryKey, entryOf, Field, fieldName, noSlot } from './key.ts'
import { addressLength, maxCodeLength, maxSlotLength } from './limits.ts'

/** One entry's value before and after; `undefined` is absence. */
export interface Change extends Entry {
  readonly old: Uint8Array | undefined
  readonly new: Uint8Array | undefined
}

/** What a transaction did to the state: entries in ascending order of `entryKey`, each at most once. */
export interface StateDiff {
  readonly changes: readonly Change[]
}

export const emptyDiff: StateDiff = { changes: [] }

/** Order of changes in a diff: address, then field, then slot, as bytes. */
export function compareEntries(a: Entry, b: Entry): number {
  return compareBytes(a.address, b.address) || a.field - b.field || compareBytes(a.slot, b.slot)
}

/** The net changes of a journal; an entry that got its old value back is none. */
export function diffOf(journal: Journal): StateDiff {
  const changes: Change[] = []
  for (const { key, old, new: value } of journal.changes())
    changes.push({ ...entryOf(key), old, new: value })
  return { changes: changes.sort(compareEntries) }
}

/** Writes every new value. Old values are not looked at: `validateDiff` compares them. */
export function applyDiff(diff: StateDiff, state: StateWriter): void {
  for (const { address, field, slot, new: value } of diff.changes)
    state.set(entryKey(address, field, slot), value)
}

/** The diff that undoes `diff`. */
export function invertDiff(diff: StateDiff): StateDiff {
  return {
    changes: diff.changes.map((change) => ({ ...change, old: change.new, new: change.old })),
  }
}

/** First byte of an encoded diff. */
export const diffVersion = 1

/**
 * Canonical bytes: `version (u8) | accounts (u32) | account...`, where an account is `address (32) |
 * changes (u32) | change...` and a change is `field (u8) | slot (blob, storage only) | presence (u8:
 * 1 old, 2 new) | old (blob) | new (blob)`. Numbers are little-endian; a blob is its length (u32)
 * and its bytes.
 */
export function encodeDiff(diff: StateDiff): Uint8Array {
  const accounts: Change[][] = []
  for (const change of diff.changes) {
    const account = accounts.at(-1)
    if (account !== undefined && equalBytes(account[0]!.address, change.address))
      account.push(change)
    else accounts.push([change])
  }
  const writer = new ByteWriter().u8(diffVersion)
  writeU32(writer, accounts.length)
  for (const account of accounts) {
    writer.bytes(account[0]!.address)
    writeU32(writer, account.length)
    for (const change of account) {
      writer.u8(change.field)
      if (change.field === Field.storage) writeBlob(writer, change.slot)
      writer.u8((change.old === undefined ? 0 : 1) | (change.new === undefined ? 0 : 2))
      if (change.old !== undefined) writeBlob(writer, change.old)
      if (change.new !== undefined) writeBlob(writer, change.new)
    }
  }
  return writer.finish()
}

/** Field and presence: no change is shorter. */
const minChangeLength = 2

function decodeChange(cursor: Cursor, address: Uint8Array): Change {
  const offset = cursor.at
  const field = readU8(cursor)
  if (fieldName(field) === undefined)
    throw new DecodeError('unknownField', `no account has field ${field}`, { offset, value: field })
  const slot = field === Field.storage ? readBlob(cursor, maxSlotLength) : noSlot
  const presenceAt = cursor.at
  const presence = readU8(cursor)
  if (presence > 3)
    throw new DecodeError('badPresence', `presence ${presence} is not 0 to 3`, {
      offset: presenceAt,
      value: presence,
    })
  return {
    address,
    field: field as Field,
    slot,
    old: presence & 1 ? readBlob(cursor, maxCodeLength) : undefined,
    new: presence & 2 ? readBlob(cursor, maxCodeLength) : undefined,
  }
}

/**
 * The inverse of `encodeDiff`; accepts only the canonical form. Whether the changes are allowed is
 * `validateDiff`'s question.
 * @throws {DecodeError} `badVersion`, `truncated`, `tooLong`, `trailingBytes`, `unknownField`,
 * `badPresence`, `emptyAccount`, `unsorted`
 */
export function decodeDiff(bytes: Uint8Array): StateDiff {
  const cursor = cursorOf(bytes)
  expectVersion(readU8(cursor), diffVersion, 'diff')
  const changes: Change[] = []
  const accounts = readCount(cursor, addressLength + 4)
  for (let i = 0; i < accounts; i++) {
    const address = readCopy(cursor, addressLength)
    const offset = cursor.at
    const count = readCount(cursor, minChangeLength)
    if (count === 0)
      throw new DecodeError('emptyAccount', 'an account without changes', { offset, value: count })
    for (let j = 0; j < count; j++) {
      const at = cursor.at
      const change = decodeChange(cursor, address)
      const last = changes.at(-1)
      const sorted = last === undefined || compareEntries(last, change) < 0
      if (!sorted || (j === 0 && last !== undefined && equalBytes(last.address, address)))
        throw new DecodeError('unsorted', 'changes are not in ascending order', { offset: at })
      changes.push(change)
    }
  }
  expectEnd(cursor)
  return { changes }
}

function valueText(field: Field, value: Uint8Array | undefined): string {
  if (field === Field.balance || field === Field.nonce)
    return value === undefined || value.length === 8 ? amountOf(value).toString() : toHex(value)
  return value === undefined ? 'absent' : `0x${toHex(value)}`
}

/**
 * For people: one line per address, one indented line per change.
 * @example formatDiff(diff) // '0x01...\n  balance 100 -> 90\n  storage 0x6b absent -> 0x01'
 */
export function formatDiff(diff: StateDiff): string {
  const lines: string[] = []
  let address: Uint8Array | undefined
  for (const change of diff.changes) {
    if (address === undefined || !equalBytes(address, change.address)) {
      address = change.address
      lines.push(`0x${toHex(address)}`)
    }
    const slot = change.field === Field.storage ? ` 0x${toHex(change.slot)}` : ''
    const before = valueText(change.field, change.old)
    lines.push(
      `  ${fieldName(change.field)}${slot} ${before} -> ${valueText(change.field, change.new)}`,
    )
  }
  return lines.join('\n')
}
