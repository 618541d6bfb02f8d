import { edwards25519, isCanonicalScalar, mostTerms } from './edwards25519.ts'
import type { Address } from './field25519.ts'
import { decodeRistretto, encodeRistretto } from './ristretto255.ts'

const elementBytes = 32

/** A group that programs calculate in; elements and scalars are bytes, undefined where some are none. */
export interface Group {
  readonly elementBytes: number
  readonly scalarBytes: number
  isElement(bytes: Uint8Array): boolean
  add(left: Uint8Array, right: Uint8Array): Uint8Array | undefined
  subtract(left: Uint8Array, right: Uint8Array): Uint8Array | undefined
  multiply(scalar: Uint8Array, element: Uint8Array): Uint8Array | undefined
}

/** One that has sums of products. */
export interface SummingGroup extends Group {
  /** The sum of products of as many scalars and elements, each side by side. */
  multiplySum(scalars: Uint8Array, elements: Uint8Array): Uint8Array | undefined
}

interface Coding {
  decode(d: Address, bytes: Uint8Array, start: number): boolean
  encode(p: Address, out: Uint8Array): void
}

/** solana-curve25519: scalars are below the order of the group. */
function groupOf({ decode, encode }: Coding): SummingGroup {
  const encoded = (p: Address): Uint8Array => {
    const out = new Uint8Array(elementBytes)
    encode(p, out)
    return out
  }
  const combine = (
    left: Uint8Array,
    right: Uint8Array,
    negative: boolean,
  ): Uint8Array | undefined => {
    const curve = edwards25519()
    if (!decode(curve.left, left, 0) || !decode(curve.right, right, 0)) return undefined
    curve.add(curve.left, curve.left, curve.right, negative)
    return encoded(curve.left)
  }
  const multiplySum = (scalars: Uint8Array, elements: Uint8Array): Uint8Array | undefined => {
    const curve = edwards25519()
    const { left, right } = curve
    const total = curve.total
    curve.identity(total)
    for (let at = 0; at < scalars.length; at += elementBytes)
      if (!isCanonicalScalar(scalars, at)) return undefined
    for (let from = 0; from < elements.length; from += mostTerms * elementBytes) {
      const end = Math.min(elements.length, from + mostTerms * elementBytes)
      for (let at = from; at < end; at += elementBytes) {
        if (!decode(left, elements, at)) {
          curve.drop()
          return undefined
        }
        curve.term(scalars, at, left)
      }
      curve.multiply(right)
      curve.add(total, total, right)
    }
    return encoded(total)
  }
  return {
    elementBytes,
    scalarBytes: elementBytes,
    isElement: (bytes) => decode(edwards25519().left, bytes, 0),
    add: (left, right) => combine(left, right, false),
    subtract: (left, right) => combine(left, right, true),
    multiply: multiplySum,
    multiplySum,
  }
}

/** Points of edwards25519, of any order; encodings as `isOnCurve` takes them. */
export const edwardsGroup: SummingGroup = groupOf({
  decode: (d, bytes, start) => edwards25519().decompress(d, bytes, start),
  encode: (p, out) => edwards25519().compress(p, out),
})

/** ristretto255 (RFC 9496). */
export const ristrettoGroup: SummingGroup = groupOf({
  decode: decodeRistretto,
  encode: encodeRistretto,
})
