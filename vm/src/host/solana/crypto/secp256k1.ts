import { secp256k1 } from '@noble/curves/secp256k1.js'
import { numberOf } from './numbers.ts'

const { Point } = secp256k1
const fieldOrder = Point.Fp.ORDER
const groupOrder = Point.Fn.ORDER

/** Why no key is recovered (solana-secp256k1-recover, `Secp256k1RecoverError`). */
export type RecoverError = 'InvalidRecoveryId' | 'InvalidSignature'

/** r and s of 64 bytes, each below the order of the group; s may be in the upper half. */
function parse(signature: Uint8Array): { r: bigint; s: bigint } | undefined {
  const r = numberOf(signature.subarray(0, 32))
  const s = numberOf(signature.subarray(32, 64))
  return r < groupOrder && s < groupOrder ? { r, s } : undefined
}

/** Is there a signature in these 64 bytes: libsecp256k1, `parse_standard`. */
export function isSecp256k1Signature(signature: Uint8Array): boolean {
  return parse(signature) !== undefined
}

/**
 * The key that made `r | s` of a digest, as `x | y`: libsecp256k1's `recover`, which takes s of either half.
 * @param digest 32 bytes @param id 0..3, or any other number to be refused @param signature 64 bytes
 * @example recoverSecp256k1(new Uint8Array(32), 4n, new Uint8Array(64)) // 'InvalidRecoveryId'
 */
export function recoverSecp256k1(
  digest: Uint8Array,
  id: bigint,
  signature: Uint8Array,
): Uint8Array | RecoverError {
  if (id > 3n) return 'InvalidRecoveryId'
  const parsed = parse(signature)
  if (parsed === undefined || parsed.r === 0n || parsed.s === 0n) return 'InvalidSignature'
  const { r, s } = parsed
  const x = (id & 2n) === 0n ? r : r + groupOrder
  if (x >= fieldOrder) return 'InvalidSignature'
  const compressed = new Uint8Array(33)
  compressed[0] = 2 + Number(id & 1n)
  compressed.set(Point.Fp.toBytes(x), 1)
  let nonce: InstanceType<typeof Point>
  try {
    nonce = Point.fromBytes(compressed)
  } catch {
    // the library throws for an x without a point
    return 'InvalidSignature'
  }
  const { Fn } = Point
  const inverse = Fn.inv(r)
  const ofBase = Fn.neg(Fn.mul(Fn.create(numberOf(digest)), inverse))
  const key = nonce.multiplyUnsafe(Fn.mul(s, inverse)).add(Point.BASE.multiplyUnsafe(ofBase))
  return key.is0() ? 'InvalidSignature' : key.toBytes(false).subarray(1)
}
