import { programIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import type { Message } from './message.ts'

/** What an account of a message is to it: bits of one byte. */
export const Role = { signer: 1, writable: 2, invoked: 4, instructionAccount: 8 } as const

/** Addresses that lookups found: all writable ones first. */
export interface LoadedAddresses {
  readonly writable: readonly Pubkey[]
  readonly readonly: readonly Pubkey[]
}

/** A message with the addresses of its lookups, and what each account is to it. */
export interface ResolvedMessage {
  readonly message: Message
  /** Its own, then those that lookups write, then those that they read. */
  readonly keys: readonly Pubkey[]
  /** Sums of `Role`, one for each key. */
  readonly roles: Uint8Array
}

/** How the header and the order of keys say that an account is writable. */
function isWritableByPlace(message: Message, place: number, loadedWritable: number): boolean {
  const statics = message.keys.length
  const { requiredSignatures, readonlySigned, readonlyUnsigned } = message
  if (place >= statics) return place - statics < loadedWritable
  if (place >= requiredSignatures) return place < statics - readonlyUnsigned
  return place < requiredSignatures - readonlySigned
}

/**
 * Joins a sane message and what its lookups found. Reserved accounts are never writable, nor are programs
 * that it calls unless the upgradeable loader is among its accounts.
 * @param reserved by `Pubkey.key`
 */
export function resolveMessage(
  message: Message,
  loaded: LoadedAddresses | undefined,
  reserved: ReadonlySet<string>,
): ResolvedMessage {
  const keys =
    loaded === undefined ? message.keys : [...message.keys, ...loaded.writable, ...loaded.readonly]
  const roles = new Uint8Array(keys.length)
  for (const { programIdIndex, accounts } of message.instructions) {
    roles[programIdIndex]! |= Role.invoked
    for (let i = 0; i < accounts.length; i++) roles[accounts[i]!]! |= Role.instructionAccount
  }
  const loadedWritable = loaded?.writable.length ?? 0
  const hasLoader = keys.some(({ key }) => key === programIds.loaderV3.key)
  for (let i = 0; i < keys.length; i++) {
    if (i < message.requiredSignatures) roles[i]! |= Role.signer
    if (!isWritableByPlace(message, i, loadedWritable)) continue
    if (reserved.has(keys[i]!.key) || ((roles[i]! & Role.invoked) !== 0 && !hasLoader)) continue
    roles[i]! |= Role.writable
  }
  return { message, keys, roles }
}

/** Does it name an account twice, by itself or through lookups. */
export function hasDuplicates(keys: readonly Pubkey[]): boolean {
  if (keys.length > 8) return new Set(keys.map(({ key }) => key)).size !== keys.length
  for (let i = 1; i < keys.length; i++)
    for (let j = 0; j < i; j++) if (keys[i]!.key === keys[j]!.key) return true
  return false
}
