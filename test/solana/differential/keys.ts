import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { addressOf, bytesOf, join, type Part, utf8 } from './pack.ts'
import type { Address } from './subject.ts'

export interface Keypair {
  readonly address: Address
  readonly secret: KeyObject
}

/** PKCS 8 of an Ed25519 key, before its 32 bytes (RFC 8410). */
const pkcs8 = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32)

const made = new Map<string, Keypair>()

/** The key whose secret is the hash of a text. Making one takes as long as a transaction: they are kept. */
export function keypairOf(seed: string): Keypair {
  const known = made.get(seed)
  if (known !== undefined) return known
  const key = Buffer.from(join(pkcs8, createHash('sha256').update(seed).digest()))
  const secret = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
  const keypair = { address: addressOf(new Uint8Array(spki.subarray(-32))), secret }
  made.set(seed, keypair)
  return keypair
}

export function signWith(keypair: Keypair, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, keypair.secret))
}

export function sha256(...parts: readonly Part[]): Uint8Array {
  return new Uint8Array(
    createHash('sha256')
      .update(join(...parts))
      .digest(),
  )
}

/** What `curve25519-dalek` can decompress: neither y >= p nor a sign of zero is refused. */
function onCurve(bytes: Uint8Array): boolean {
  try {
    ed25519.Point.fromBytes(bytes, true)
    return true
  } catch {
    return false
  }
}

export function derive(seeds: readonly Part[], program: Address): [Address, number] {
  for (let bump = 255; bump >= 0; bump--) {
    const hash = sha256(...seeds, [bump], bytesOf(program), utf8('ProgramDerivedAddress'))
    if (!onCurve(hash)) return [addressOf(hash), bump]
  }
  throw new Error('no bump gives an address off the curve')
}

export function withSeed(base: Address, seed: string, owner: Address): Address {
  return addressOf(sha256(bytesOf(base), utf8(seed), bytesOf(owner)))
}
