import { p256 } from '@noble/curves/nist.js'

/** Bytes of a compressed key. */
export const secp256r1KeyBytes = 33

/** Are r and s in range, s in the lower half. @param signature `r | s`, 64 bytes */
export function isSecp256r1Signature(signature: Uint8Array): boolean {
  try {
    return !p256.Signature.fromBytes(signature, 'compact').hasHighS()
  } catch {
    // the library throws for zero, and for what reaches the order
    return false
  }
}

/** Do 33 bytes stand for a point: 2 or 3, then an x below the order of the field. */
export function isSecp256r1Key(key: Uint8Array): boolean {
  try {
    p256.Point.fromBytes(key)
    return true
  } catch {
    return false
  }
}

/** ECDSA with SHA-256, of a signature and a key that were found to be such. */
export function verifySecp256r1(
  signature: Uint8Array,
  message: Uint8Array,
  key: Uint8Array,
): boolean {
  return p256.verify(signature, message, key, { prehash: true, lowS: true })
}
