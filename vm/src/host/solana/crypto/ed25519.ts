import { sha512 } from '@noble/hashes/sha2.js'
import { edwards25519, groupOrder, isCanonicalScalar } from './edwards25519.ts'
import { tablesOfKey } from './known-keys.ts'

const scratch = new Uint8Array(32)
const scalar = new Uint8Array(32)

/** A number of 64 bytes, little-endian, modulo the order of the group, to 32 bytes. */
function reduce(out: Uint8Array, wide: Uint8Array): void {
  const view = new DataView(wide.buffer, wide.byteOffset, wide.byteLength)
  let value = 0n
  for (let i = 56; i >= 0; i -= 8) value = (value << 64n) | view.getBigUint64(i, true)
  value %= groupOrder
  const target = new DataView(out.buffer, out.byteOffset, out.byteLength)
  for (let i = 0; i < 32; i += 8) {
    target.setBigUint64(i, BigInt.asUintN(64, value), true)
    value >>= 64n
  }
}

/** Does y of a compressed point reach the order of the field: another encoding of a smaller y. */
function isUnreduced(bytes: Uint8Array): boolean {
  if ((bytes[31]! & 0x7f) !== 0x7f || bytes[0]! < 0xed) return false
  for (let i = 1; i < 31; i++) if (bytes[i] !== 0xff) return false
  return true
}

/** Why a signature is refused, or `ok`. */
export type Ed25519Answer = 'ok' | 'badKey' | 'badSignature'

/**
 * Ed25519 as ed25519-dalek's `verify_strict` has it: s below the group order, `s B = R + k A` without a
 * cofactor, neither A nor R of small order, any encoding of A.
 *
 * `R` is compared as bytes, as its version 2 does (transactions); `comparePoints`, as its version 1
 * does (the precompile), takes another encoding of the same point, too. No signature is known for which it
 * matters: its R would be one of a few points whose logarithm nobody knows.
 * @param signature 64 bytes @param key 32 bytes
 * @example verifyStrict(new Uint8Array(64), new Uint8Array(0), new Uint8Array(32)) // 'badSignature'
 */
export function verifyStrict(
  signature: Uint8Array,
  message: Uint8Array,
  key: Uint8Array,
  { comparePoints = false }: { readonly comparePoints?: boolean } = {},
): Ed25519Answer {
  const curve = edwards25519()
  const { left: a, right: r } = curve
  const known = tablesOfKey(key)
  if (known === undefined && !curve.decompress(a, key)) return 'badKey'
  if (!isCanonicalScalar(signature, 32)) return 'badSignature'
  if (known === undefined && curve.isSmallOrder(a)) return 'badSignature'
  const hash = sha512.create().update(signature.subarray(0, 32)).update(key).update(message)
  reduce(scalar, hash.digest())
  if (known === undefined) {
    curve.negate(a, a)
    curve.term(scalar, 0, a)
  } else curve.knownTerm(scalar, 0, known)
  curve.multiply(r, signature, 32)
  curve.compress(r, scratch)
  const given = signature.subarray(0, 32)
  const reduced = comparePoints && isUnreduced(given) ? reencode(given) : given
  for (let i = 0; i < 32; i++) if (reduced[i] !== scratch[i]) return 'badSignature'
  return curve.isSmallOrder(r) ? 'badSignature' : 'ok'
}

/** The canonical bytes of the same y and sign. */
function reencode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(32)
  out[0] = bytes[0]! - 0xed
  out[31] = bytes[31]! & 0x80
  return out
}

/**
 * Is there a point with these 255 bits as y: what `Pubkey::is_on_curve` says.
 * @param bytes 32 @example isOnCurve(new Uint8Array(32)) // true: (sqrt(-1), 0)
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  const curve = edwards25519()
  return curve.decompress(curve.left, bytes)
}
