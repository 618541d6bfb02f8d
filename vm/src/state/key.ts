import { DecodeError } from '../bits/errors.ts'
import { concatBytes } from '../bits/octets.ts'
import type { Hasher } from './hasher.ts'
import { addressLength, maxSlotLength } from './limits.ts'

/** What an account holds. The numbers are part of every state key: they never change. */
export const Field = {
  /** u64, 8 bytes little-endian; absent means 0. */
  balance: 0,
  /** Transactions sent, u64 as above; absent means 0. */
  nonce: 1,
  /** blake2b-256 of the deployed container; absent means that the account is no contract. */
  code: 2,
  /** A contract's own slot: bytes -> bytes; an empty value is a value. */
  storage: 3,
  /** Address of who may replace the code; absent: nobody. */
  owner: 4,
} as const
export type Field = (typeof Field)[keyof typeof Field]
export type FieldName = keyof typeof Field

const fieldNames: readonly FieldName[] = ['balance', 'nonce', 'code', 'storage', 'owner']

/** @example fieldName(Field.nonce) // 'nonce' */
export function fieldName(field: number): FieldName | undefined {
  return fieldNames[field]
}

/** One entry of the state. Slots other than storage's are empty. */
export interface Entry {
  readonly address: Uint8Array
  readonly field: Field
  readonly slot: Uint8Array
}

export const noSlot: Uint8Array = new Uint8Array(0)

/**
 * `address (32) | field (1) | slot (0..256)`: the key of an entry in a store, and what its state key
 * hashes. Sorted as bytes, an account's entries are neighbours.
 * @throws {DecodeError} `badAddress` on another length: its entries would be another account's
 */
export function entryKey(address: Uint8Array, field: Field, slot: Uint8Array = noSlot): Uint8Array {
  if (address.length !== addressLength)
    throw new DecodeError('badAddress', `an address has ${addressLength} bytes`, {
      value: address.length,
    })
  return concatBytes(address, Uint8Array.of(field), slot)
}

/** The first key behind `key`. */
export function behind(key: Uint8Array): Uint8Array {
  return concatBytes(key, Uint8Array.of(0))
}

/**
 * The inverse of `entryKey`.
 * @throws {DecodeError} `badEntryKey` when the length or the field is not one of an entry
 */
export function entryOf(key: Uint8Array): Entry {
  const field = key[addressLength]
  if (field === undefined || key.length > addressLength + 1 + maxSlotLength)
    throw new DecodeError('badEntryKey', `a state entry's key cannot have ${key.length} bytes`, {
      offset: 0,
      value: key.length,
    })
  if (fieldName(field) === undefined || (field !== Field.storage && key.length > addressLength + 1))
    throw new DecodeError('badEntryKey', `no state entry has field ${field}`, {
      offset: addressLength,
      value: field,
    })
  return {
    address: key.slice(0, addressLength),
    field: field as Field,
    slot: key.slice(addressLength + 1),
  }
}

/** Bytes of a state key (Gray Paper, appendix D.1). */
export const stateKeyLength = 31

/** `blake2b-256(address | field | slot)[0..31]`: where the entry is in the state trie. */
export function stateKey(hasher: Hasher, key: Uint8Array): Uint8Array {
  return hasher.blake2b(key).subarray(0, stateKeyLength)
}
