import { bls12_381 } from '@noble/curves/bls12-381.js'
import { concatBytes, equalBytes } from '../../../bits/octets.ts'
import { blsGroups, blsPairing } from './bls12381.ts'

/** RFC 9380's tag of proofs of possession (solana-bls-signatures, `POP_DST`). */
const tag = 'BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'
const generator = bls12_381.G1.Point.BASE.toBytes(false)
/** Of a point written in full: it is the identity. */
const identityFlag = 0x40

/**
 * Does a proof show that its maker has the secret of a BLS key: it signs the message and the key.
 * @param key 48 bytes, of G1 @param proof 96 bytes, of G2
 * @example provesPossession(new Uint8Array(9), new Uint8Array(48), new Uint8Array(96)) // false
 */
export function provesPossession(message: Uint8Array, key: Uint8Array, proof: Uint8Array): boolean {
  const point = blsGroups.big.g1.decompress(key)
  const signature = blsGroups.big.g2.decompress(proof)
  if (point === undefined || signature === undefined) return false
  if ((point[0]! & identityFlag) !== 0) return false
  const signed = bls12_381.G2.hashToCurve(concatBytes(message, key), { DST: tag })
  const ours = blsPairing(point, signed.toBytes(false), 'big')
  const theirs = blsPairing(generator, signature, 'big')
  return ours !== undefined && theirs !== undefined && equalBytes(ours, theirs)
}
