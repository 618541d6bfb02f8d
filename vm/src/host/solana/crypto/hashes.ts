import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { heavyCurves } from '#curves'

/** A hash of Solana's syscalls; each part's bytes follow those of the part before. */
export interface SolanaHash {
  /** As the runtime's messages call it. */
  readonly name: string
  readonly bytes: number
  /** @returns a fresh array of `bytes` */
  hash(parts: readonly Uint8Array[]): Uint8Array
}

interface Incremental {
  create(): { update(bytes: Uint8Array): unknown; digest(): Uint8Array }
}

function hashWith(name: string, bytes: number, algorithm: () => Incremental): SolanaHash {
  return {
    name,
    bytes,
    hash: (parts) => {
      const state = algorithm().create()
      for (const part of parts) state.update(part)
      return state.digest()
    },
  }
}

/** FIPS 180-4. @example sha256Hash.hash([]).length // 32 */
export const sha256Hash: SolanaHash = hashWith('Sha256', 32, () => sha256)
/** Keccak-256 with the original padding 0x01, as Ethereum uses it; not SHA3-256. */
export const keccak256Hash: SolanaHash = hashWith('Keccak256', 32, () => heavyCurves().keccak_256)
/** BLAKE3 with 32 bytes of output and no key. */
export const blake3Hash: SolanaHash = hashWith('Blake3', 32, () => heavyCurves().blake3)
/** FIPS 180-4. */
export const sha512Hash: SolanaHash = hashWith('Sha512', 64, () => sha512)
