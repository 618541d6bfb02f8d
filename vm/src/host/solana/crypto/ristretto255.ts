import { type Edwards25519, edwards25519 } from './edwards25519.ts'
import { type Address, fieldOrder } from './field25519.ts'
import { elementBytes } from './field25519-code.ts'

/** 1 / sqrt(-1 - d) (RFC 9496, 4.1). */
const inverseSqrtAMinusD =
  54469307008909316920995813868745141605393597292927456921205312896311721017578n

/** Addresses of what coding needs beside the curve. */
interface Coder {
  readonly inverseSqrt: Address
  readonly t: readonly Address[]
}

let shared: Coder | undefined

function coderOf({ field }: Edwards25519): Coder {
  if (shared === undefined) {
    const inverseSqrt = field.room(1)
    field.set(inverseSqrt, inverseSqrtAMinusD)
    shared = { inverseSqrt, t: Array.from({ length: 8 }, () => field.room(1)) }
  }
  return shared
}

/** Is it a number below the order of the field, and even. */
function isCanonical(bytes: Uint8Array, start: number): boolean {
  if ((bytes[start]! & 1) === 1) return false
  let value = 0n
  for (let i = 31; i >= 0; i--) value = (value << 8n) | BigInt(bytes[start + i]!)
  return value < fieldOrder
}

/**
 * Reads an element of ristretto255 from 32 bytes (RFC 9496, 4.3.1); false when they are none.
 */
export function decodeRistretto(d: Address, bytes: Uint8Array, start = 0): boolean {
  if (!isCanonical(bytes, start)) return false
  const curve = edwards25519()
  const { field } = curve
  const { code } = field
  const [s, u1, u2, square, v, root, other] = coderOf(curve).t as [
    Address,
    Address,
    Address,
    Address,
    Address,
    Address,
    Address,
    Address,
  ]
  const [x, y, z, t] = [0, 1, 2, 3].map((i) => d + i * elementBytes) as [
    Address,
    Address,
    Address,
    Address,
  ]
  field.read(s, bytes, start)
  code.square(u2, s)
  code.sub(u1, curve.one, u2)
  code.add(u2, curve.one, u2)
  code.square(square, u2)
  code.square(v, u1)
  code.mul(v, v, curve.d)
  field.negate(v, v)
  code.sub(v, v, square)
  code.mul(root, v, square)
  if (!curve.sqrtRatio(root, curve.one, root)) return false
  // root = 1 / sqrt(v u2^2); x = |2 s root u2|, y = u1 root^2 u2 v
  code.mul(u2, root, u2)
  code.mul(other, root, u2)
  code.mul(other, other, v)
  code.mul(x, s, u2)
  code.mul(y, u1, other)
  // through a product, so that x may go into sums
  code.add(other, curve.one, curve.one)
  code.mul(x, x, other)
  if (field.isOdd(x)) field.negate(x, x)
  field.copy(z, curve.one)
  code.mul(t, x, y)
  return !field.isOdd(t) && !field.isZero(y)
}

/** Writes the element of ristretto255 that a point stands for (RFC 9496, 4.3.2). */
export function encodeRistretto(p: Address, out: Uint8Array, start = 0): void {
  const curve = edwards25519()
  const { field } = curve
  const { code } = field
  const { inverseSqrt, t: temporaries } = coderOf(curve)
  const [u1, u2, root, den1, den2, zInverse, other, s] = temporaries as [
    Address,
    Address,
    Address,
    Address,
    Address,
    Address,
    Address,
    Address,
  ]
  const [x, y, z, t] = [0, 1, 2, 3].map((i) => p + i * elementBytes) as [
    Address,
    Address,
    Address,
    Address,
  ]
  code.add(u1, z, y)
  code.sub(other, z, y)
  code.mul(u1, u1, other)
  code.mul(u2, x, y)
  code.square(root, u2)
  code.mul(root, root, u1)
  curve.sqrtRatio(root, curve.one, root)
  code.mul(den1, root, u1)
  code.mul(den2, root, u2)
  code.mul(zInverse, den1, den2)
  code.mul(zInverse, zInverse, t)
  code.mul(other, t, zInverse)
  const rotated = field.isOdd(other)
  // the point (i y, i x) of the same coset has the encoding when this one's is odd
  code.mul(u1, rotated ? y : x, rotated ? curve.sqrtMinusOne : curve.one)
  code.mul(u2, rotated ? x : y, rotated ? curve.sqrtMinusOne : curve.one)
  if (rotated) code.mul(den2, den1, inverseSqrt)
  code.mul(other, u1, zInverse)
  if (field.isOdd(other)) field.negate(u2, u2)
  code.sub(s, z, u2)
  code.mul(s, s, den2)
  if (field.isOdd(s)) field.negate(s, s)
  field.write(s, out, start)
}
