import { ByteWriter, cursorOf, readU64 } from '../bits/bytes.ts'
import { concatBytes } from '../bits/octets.ts'
import { writeU64 } from '../bits/record.ts'
import type { Hasher } from './hasher.ts'
import { entryKey, Field } from './key.ts'
import { maxBalance } from './limits.ts'

/** State that can be read: a store, or a journal over one. Keys are `entryKey`s. */
export interface StateReader {
  get(key: Uint8Array): Uint8Array | undefined
  /**
   * The first key that begins with `prefix` and is `from` or behind it.
   * @param passed is told of each removed entry on the way that is not yet gone for good; false ends the search
   */
  next(prefix: Uint8Array, from: Uint8Array, passed?: () => boolean): Uint8Array | undefined
}

export interface StateWriter extends StateReader {
  /** `undefined` removes the entry. */
  set(key: Uint8Array, value: Uint8Array | undefined): void
}

function u64Bytes(value: bigint): Uint8Array {
  const writer = new ByteWriter()
  writeU64(writer, value)
  return writer.finish()
}

/** A u64 as state holds it; zero is absence, so that each state has one form. */
export function amountValue(amount: bigint): Uint8Array | undefined {
  return amount === 0n ? undefined : u64Bytes(amount)
}

/** The inverse of `amountValue`, for values that passed validation. */
export function amountOf(value: Uint8Array | undefined): bigint {
  return value === undefined ? 0n : readU64(cursorOf(value))
}

export function balanceOf(state: StateReader, address: Uint8Array): bigint {
  return amountOf(state.get(entryKey(address, Field.balance)))
}

/** @throws {RangeError} outside 0..2^64-1: callers check amounts before they move them */
export function setBalance(state: StateWriter, address: Uint8Array, balance: bigint): void {
  if (balance < 0n || balance > maxBalance) throw new RangeError(`balance ${balance} is no u64`)
  state.set(entryKey(address, Field.balance), amountValue(balance))
}

export function nonceOf(state: StateReader, address: Uint8Array): bigint {
  return amountOf(state.get(entryKey(address, Field.nonce)))
}

export function setNonce(state: StateWriter, address: Uint8Array, nonce: bigint): void {
  state.set(entryKey(address, Field.nonce), amountValue(nonce))
}

export function codeHashOf(state: StateReader, address: Uint8Array): Uint8Array | undefined {
  return state.get(entryKey(address, Field.code))
}

/** Who may replace the code of a contract; undefined: nobody. */
export function ownerOf(state: StateReader, address: Uint8Array): Uint8Array | undefined {
  return state.get(entryKey(address, Field.owner))
}

/** @param owner zeros: nobody, for ever */
export function setOwner(state: StateWriter, address: Uint8Array, owner: Uint8Array): void {
  const nobody = owner.every((octet) => octet === 0)
  state.set(entryKey(address, Field.owner), nobody ? undefined : owner)
}

/**
 * Moves `amount` and answers true, or changes nothing when `from` has less.
 * @throws {RangeError} when the amount is below 0
 */
export function transfer(
  state: StateWriter,
  from: Uint8Array,
  to: Uint8Array,
  amount: bigint,
): boolean {
  if (amount < 0n) throw new RangeError(`no amount is ${amount}`)
  const available = balanceOf(state, from)
  if (available < amount) return false
  setBalance(state, from, available - amount)
  setBalance(state, to, balanceOf(state, to) + amount)
  return true
}

/** `blake2b-256(sender | nonce (u64, little-endian) | code hash)`: where a deployment puts its contract. */
export function contractAddress(
  hasher: Hasher,
  sender: Uint8Array,
  nonce: bigint,
  codeHash: Uint8Array,
): Uint8Array {
  return hasher.blake2b(concatBytes(sender, u64Bytes(nonce), codeHash))
}

/** Reads one storage slot. */
export function slotOf(
  state: StateReader,
  address: Uint8Array,
  slot: Uint8Array,
): Uint8Array | undefined {
  return state.get(entryKey(address, Field.storage, slot))
}

/** The state of nobody. */
export const emptyState: StateReader = { get: () => undefined, next: () => undefined }
