import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes } from '../bits/octets.ts'
import type { Account } from '../host/solana/account.ts'
import { programIds } from '../host/solana/ids.ts'
import { Pubkey } from '../host/solana/pubkey.ts'
import { lamportsPerSignature } from './defaults.ts'
import { type ResolvedMessage, Role } from './resolve.ts'

/** Bytes of a nonce account. */
export const nonceBytes = 80

const prefix = new TextEncoder().encode('DURABLE_NONCE')
/** Number of the system program's AdvanceNonceAccount, as its instruction data begin. */
const advanceNonce = 4

/** What a nonce is set to in a block: `sha256("DURABLE_NONCE" | blockhash)`. */
export function durableNonceOf(blockhash: Uint8Array): Uint8Array {
  return sha256(concatBytes(prefix, blockhash))
}

function word(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)
}

/** What may pay fees: an account of the system program without data, or an initialised nonce. */
export function systemAccountKind({ owner, data }: Account): 'system' | 'nonce' | undefined {
  if (owner.key !== programIds.system.key) return undefined
  if (data.length === 0) return 'system'
  if (data.length !== nonceBytes) return undefined
  const version = word(data, 0)
  return (version === 0 || version === 1) && word(data, 4) === 1 ? 'nonce' : undefined
}

/** The place of the account whose nonce the message's first instruction advances; lookups name none. */
export function nonceAccountOf({ message, keys, roles }: ResolvedMessage): number | undefined {
  const first = message.instructions[0]
  if (first === undefined || keys[first.programIdIndex]!.key !== programIds.system.key)
    return undefined
  if (first.data.length < 4 || word(first.data, 0) !== advanceNonce) return undefined
  const place = first.accounts[0]
  if (place === undefined || place >= message.keys.length || (roles[place]! & Role.writable) === 0)
    return undefined
  return place
}

/** Who may advance the nonce of an account that holds this one; undefined: it holds another, or none. */
function authorityOf({ owner, data }: Account, nonce: Uint8Array): Pubkey | undefined {
  if (owner.key !== programIds.system.key || data.length < nonceBytes) return undefined
  // version: current; state: initialised
  if (word(data, 0) !== 1 || word(data, 4) !== 1) return undefined
  return equalBytes(data.subarray(40, 72), nonce) ? Pubkey.from(data, 8) : undefined
}

/** Does the message have an account's nonce in place of a blockhash, and its authority's signature. */
export function usesNonce(
  resolved: ResolvedMessage,
  account: (key: Pubkey) => Account | undefined,
): boolean {
  const { message, keys, roles } = resolved
  const place = nonceAccountOf(resolved)
  if (place === undefined) return false
  const held = account(keys[place]!)
  const authority = held === undefined ? undefined : authorityOf(held, message.blockhash)
  if (authority === undefined) return false
  return message.instructions[0]!.accounts.some(
    (index) => (roles[index]! & Role.signer) !== 0 && keys[index]!.key === authority.key,
  )
}

/** The data of a nonce account after its nonce was advanced in a block with this hash. */
export function advancedNonce(data: Uint8Array, blockhash: Uint8Array): Uint8Array {
  const out = data.slice()
  out.set(durableNonceOf(blockhash), 40)
  new DataView(out.buffer).setBigUint64(72, lamportsPerSignature, true)
  return out
}
