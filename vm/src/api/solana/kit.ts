import type { Address, Transaction } from '@solana/kit'
import { fromBase58 } from '../../bits/base58.ts'
import { DecodeError } from '../../bits/errors.ts'
import { concatBytes } from '../../bits/octets.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'

/**
 * What @solana/kit does to what it is given, with its errors: types of kit are all that this package
 * imports of it. The errors pass `isSolanaError` of any version of kit, which asks for name and code.
 */

/** Numbers and texts of kit's errors; `$name` stands for what the context has. */
const errors = {
  addressBytes: [
    2_800_000,
    'Expected base58 encoded address to decode to a byte array of length 32. Actual length: $actualLength.',
  ],
  addressLength: [
    2_800_001,
    'Expected base58-encoded address string of length in the range [32, 44]. Actual length: $actualLength.',
  ],
  noBase: [8_078_012, 'Invalid value $value for base $base with alphabet $alphabet.'],
  unsigned: [5_663_009, 'Transaction is missing signatures for addresses: $addresses.'],
  noSigners: [5_663_016, 'Transaction has no expected signers therefore it cannot be encoded'],
  version: [
    5_663_021,
    'This version of Kit does not support decoding transactions with version $unsupportedVersion. The current max supported version is 1.',
  ],
  noMessage: [
    5_663_024,
    'Transaction message bytes are empty, so the transaction cannot be encoded',
  ],
} as const

const base58Alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function solanaError(
  kind: keyof typeof errors,
  context: Readonly<Record<string, unknown>> = {},
): Error {
  const [code, text] = errors[kind]
  const message = text.replace(/\$(\w+)/g, (_, name: string) => {
    const value = context[name]
    return Array.isArray(value) ? value.join(', ') : String(value)
  })
  const error = new Error(message)
  error.name = 'SolanaError'
  return Object.assign(error, { context: Object.freeze({ __code: code, ...context }) })
}

/** Bytes of base58 text. @throws {Error} kit's, on other characters */
export function base58Bytes(text: string): Uint8Array {
  try {
    return fromBase58(text)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw solanaError('noBase', { alphabet: base58Alphabet, base: 58, value: text })
  }
}

const known = new Map<string, Pubkey>()
/** Suites name few addresses, many times; what is kept of hostile ones has a bound. */
const mostKnown = 4096

/**
 * @throws {Error} kit's, on what is no base58 of 32 bytes
 * @example pubkeyOf('11111111111111111111111111111111').bytes.length // 32
 */
export function pubkeyOf(address: string): Pubkey {
  const found = known.get(address)
  if (found !== undefined) return found
  if (address.length < 32 || address.length > 44)
    throw solanaError('addressLength', { actualLength: address.length })
  const bytes = base58Bytes(address)
  if (bytes.length !== 32) throw solanaError('addressBytes', { actualLength: bytes.length })
  if (known.size === mostKnown) known.clear()
  const pubkey = Pubkey.from(bytes)
  known.set(address, pubkey)
  return pubkey
}

/** An address as kit brands it. */
export function addressOf(pubkey: Pubkey): Address {
  return pubkey.toString() as Address
}

/** @throws {Error} kit's, when a signature is missing */
export function checkSigned(transaction: Transaction): void {
  const addresses = Object.entries(transaction.signatures)
    .filter(([, signature]) => signature === null || signature === undefined)
    .map(([address]) => address)
  if (addresses.length > 0) throw solanaError('unsigned', { addresses })
}

/** By the first byte of the message. @throws {Error} kit's, on a version it does not know */
export function versionOf(messageBytes: ArrayLike<number>): 'legacy' | 0 | 1 {
  const first = messageBytes[0] ?? 0
  if ((first & 0x80) === 0) return 'legacy'
  const version = first & 0x7f
  if (version > 1) throw solanaError('version', { unsupportedVersion: version })
  return version === 0 ? 0 : 1
}

/** The wire form of a legacy transaction, or one of version 0; what is not signed has zeros. */
export function wireOf(transaction: Transaction): Uint8Array {
  const { messageBytes } = transaction
  if (messageBytes.length === 0) throw solanaError('noMessage')
  const signatures = Object.values(transaction.signatures)
  if (signatures.length === 0) throw solanaError('noSigners')
  const out = [...shortCount(signatures.length)]
  const parts = signatures.map((signature) => {
    const bytes = new Uint8Array(64)
    if (signature) bytes.set(Uint8Array.from(signature).subarray(0, 64))
    return bytes
  })
  return concatBytes(Uint8Array.from(out), ...parts, Uint8Array.from(messageBytes))
}

/** A count as Solana writes it: seven bits a byte, low ones first. */
function shortCount(count: number): number[] {
  return count < 0x80 ? [count] : [(count & 0x7f) | 0x80, ...shortCount(count >> 7)]
}
