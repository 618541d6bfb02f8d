import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '../bits/octets.ts'
import { edwards25519, groupOrder } from '../host/solana/crypto/edwards25519.ts'
import { bytesOfNumber, numberOf, reversed } from '../host/solana/crypto/numbers.ts'
import { Pubkey } from '../host/solana/pubkey.ts'

/** Numbers are little-endian there (RFC 8032, 5.1.2). */
const integerOf = (bytes: Uint8Array): bigint => numberOf(reversed(bytes))
const bytesOf = (value: bigint): Uint8Array => reversed(bytesOfNumber(value, 32))

/** `scalar` times the base point, compressed. Its time depends on the scalar. */
function baseTimes(scalar: bigint): Uint8Array {
  const curve = edwards25519()
  const out = new Uint8Array(32)
  curve.multiply(curve.right, bytesOf(scalar))
  curve.compress(curve.right, out)
  return out
}

/**
 * A key that signs transactions of tests and of a bank's own account (RFC 8032, Ed25519).
 * Not for keys that guard anything: who can measure time may learn the key.
 * @example new Keypair(new Uint8Array(32)).sign(new Uint8Array(0)).length // 64
 */
export class Keypair {
  readonly pubkey: Pubkey
  private readonly scalar: bigint
  private readonly prefix: Uint8Array

  /** @param seed 32 bytes */
  constructor(seed: Uint8Array) {
    const hash = sha512(seed)
    const low = hash.slice(0, 32)
    low[0] = low[0]! & 248
    low[31] = (low[31]! & 127) | 64
    this.scalar = integerOf(low) % groupOrder
    this.prefix = hash.slice(32)
    this.pubkey = Pubkey.from(baseTimes(this.scalar))
  }

  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array {
    const nonce = integerOf(sha512(concatBytes(this.prefix, message))) % groupOrder
    const r = baseTimes(nonce)
    const challenge = integerOf(sha512(concatBytes(r, this.pubkey.bytes, message)))
    return concatBytes(r, bytesOf((nonce + challenge * this.scalar) % groupOrder))
  }
}
