import { bls12_381 } from '@noble/curves/bls12-381.js'
import type { Endian } from './bn254.ts'
import type { Group } from './groups25519.ts'
import { bytesOfNumber, numberOf, reversed } from './numbers.ts'

/**
 * The groups of BLS12-381 as blst reads and writes them and solana-bls12-381-syscall calls it. Big-endian as Zcash has
 * them: G1 is x | y, G2 x1 | x0 | y1 | y0, numbers of 48 bytes, with three flags in the first byte: compressed,
 * identity, y is the larger. Little-endian each number is turned around, and x0 comes before x1.
 */
const { Fp, Fp2 } = bls12_381.fields
type Fp2 = typeof Fp2.ZERO
const order = Fp.ORDER
const numberBytes = 48
const flag = { compressed: 0x80, identity: 0x40, larger: 0x20, all: 0xe0 }

/** A point of either curve, as the library has it. */
interface Point<P, T> {
  add(other: P): P
  negate(): P
  multiplyUnsafe(scalar: bigint): P
  isTorsionFree(): boolean
  is0(): boolean
  toAffine(): { x: T; y: T }
}

interface Curve<P extends Point<P, T>, T> {
  /** Numbers of a coordinate. */
  readonly numbers: number
  readonly zero: P
  pointOf(affine: { x: T; y: T }): P
  /** From numbers, the first of which weighs least. */
  join(numbers: readonly bigint[]): T
  split(value: T): bigint[]
  equation(x: T): T
  readonly field: {
    sqrt(value: T): T
    sqr(value: T): T
    neg(value: T): T
    eql(a: T, b: T): boolean
  }
  /** blst refuses points of G1 with x = 0, which are in no subgroup. */
  readonly refusesZeroX: boolean
}

type G1 = InstanceType<typeof bls12_381.G1.Point>
type G2 = InstanceType<typeof bls12_381.G2.Point>
const g1: Curve<G1, bigint> = {
  numbers: 1,
  zero: bls12_381.G1.Point.ZERO,
  pointOf: (affine) => bls12_381.G1.Point.fromAffine(affine),
  join: ([value = 0n]) => value,
  split: (value) => [value],
  equation: (x) => Fp.add(Fp.mul(Fp.sqr(x), x), bls12_381.G1.Point.CURVE().b),
  field: Fp,
  refusesZeroX: true,
}
const g2: Curve<G2, Fp2> = {
  numbers: 2,
  zero: bls12_381.G2.Point.ZERO,
  pointOf: (affine) => bls12_381.G2.Point.fromAffine(affine),
  join: ([c0 = 0n, c1 = 0n]) => Fp2.create({ c0, c1 }),
  split: ({ c0, c1 }) => [c0, c1],
  equation: (x) => Fp2.add(Fp2.mul(Fp2.sqr(x), x), bls12_381.G2.Point.CURVE().b),
  field: Fp2,
  refusesZeroX: false,
}

/** Turns numbers around and their order within coordinates: from one endianness to the other. */
function turned(bytes: Uint8Array, numbers: number): Uint8Array {
  const out = new Uint8Array(bytes.length)
  const coordinate = numbers * numberBytes
  for (let at = 0; at < bytes.length; at += coordinate)
    out.set(reversed(bytes.subarray(at, at + coordinate)), at)
  return out
}

/** Big-endian numbers, the least of each coordinate first; undefined when one is out of range. */
function numbersOf(bytes: Uint8Array, numbers: number): bigint[] | undefined {
  const out: bigint[] = []
  for (let at = 0; at < bytes.length; at += numbers * numberBytes)
    for (let k = numbers - 1; k >= 0; k--) {
      const from = at + k * numberBytes
      const value = numberOf(bytes.subarray(from, from + numberBytes))
      if (value >= order) return undefined
      out.push(value)
    }
  return out
}

const isZeroBut = (bytes: Uint8Array, first: number): boolean =>
  bytes.every((byte, i) => byte === (i === 0 ? first : 0))

/** An uncompressed point of the curve (blst, `blst_p1_deserialize`); undefined when it is none. */
function read<P extends Point<P, T>, T>(
  curve: Curve<P, T>,
  given: Uint8Array,
  endian: Endian,
): P | undefined {
  const { numbers, field } = curve
  const bytes = endian === 'big' ? given : turned(given, numbers)
  if ((bytes[0]! & flag.all) !== 0) return isZeroBut(bytes, flag.identity) ? curve.zero : undefined
  const values = numbersOf(bytes, numbers)
  if (values === undefined) return undefined
  const [x, y] = [curve.join(values.slice(0, numbers)), curve.join(values.slice(numbers))]
  if (curve.refusesZeroX && values[0] === 0n) return undefined
  return field.eql(field.sqr(y), curve.equation(x)) ? curve.pointOf({ x, y }) : undefined
}

/** One of the group. */
function readElement<P extends Point<P, T>, T>(
  curve: Curve<P, T>,
  bytes: Uint8Array,
  endian: Endian,
): P | undefined {
  const point = read(curve, bytes, endian)
  return point === undefined || point.is0() || point.isTorsionFree() ? point : undefined
}

function write<P extends Point<P, T>, T>(curve: Curve<P, T>, point: P, endian: Endian): Uint8Array {
  const { numbers } = curve
  const out = new Uint8Array(2 * numbers * numberBytes)
  if (point.is0()) out[0] = flag.identity
  else {
    const { x, y } = point.toAffine()
    const values = [...curve.split(x).reverse(), ...curve.split(y).reverse()]
    for (const [i, value] of values.entries())
      out.set(bytesOfNumber(value, numberBytes), i * numberBytes)
  }
  return endian === 'big' ? out : turned(out, numbers)
}

/** Is y the larger of y and -y: from the number that weighs most on. */
function isLarger<P extends Point<P, T>, T>(curve: Curve<P, T>, y: T): boolean {
  for (const value of curve.split(y).reverse()) if (value !== 0n) return value > (order - 1n) / 2n
  return false
}

/** blst, `blst_p1_uncompress`; undefined unless the point is one of the group. */
function decompress<P extends Point<P, T>, T>(
  curve: Curve<P, T>,
  given: Uint8Array,
  endian: Endian,
): Uint8Array | undefined {
  const { numbers, field } = curve
  const bytes = endian === 'big' ? given.slice() : turned(given, numbers)
  const first = bytes[0]!
  if ((first & flag.compressed) === 0) return undefined
  if ((first & flag.identity) !== 0)
    return isZeroBut(bytes, flag.compressed | flag.identity)
      ? write(curve, curve.zero, endian)
      : undefined
  bytes[0] = first & ~flag.all
  const values = numbersOf(bytes, numbers)
  if (values === undefined || (curve.refusesZeroX && values[0] === 0n)) return undefined
  const x = curve.join(values)
  let y: T
  try {
    y = field.sqrt(curve.equation(x))
  } catch {
    // the library throws for what has no root
    return undefined
  }
  const larger = (first & flag.larger) !== 0
  const point = curve.pointOf({ x, y: isLarger(curve, y) === larger ? y : field.neg(y) })
  return point.isTorsionFree() ? write(curve, point, endian) : undefined
}

const scalarBytes = 32
const scalarOrder = bls12_381.fields.Fr.ORDER

/** One of the two groups; sums are of any points of the curve, products of the group's alone. */
export interface BlsGroup extends Group {
  readonly compressedBytes: number
  decompress(bytes: Uint8Array): Uint8Array | undefined
}

function groupOf<P extends Point<P, T>, T>(curve: Curve<P, T>, endian: Endian): BlsGroup {
  return {
    elementBytes: 2 * curve.numbers * numberBytes,
    compressedBytes: curve.numbers * numberBytes,
    scalarBytes,
    isElement: (bytes) => readElement(curve, bytes, endian) !== undefined,
    add(left, right) {
      const [p, q] = [read(curve, left, endian), read(curve, right, endian)]
      return p === undefined || q === undefined ? undefined : write(curve, p.add(q), endian)
    },
    subtract(left, right) {
      const [p, q] = [read(curve, left, endian), read(curve, right, endian)]
      if (p === undefined || q === undefined) return undefined
      return write(curve, p.add(q.negate()), endian)
    },
    multiply(scalar, element) {
      const point = readElement(curve, element, endian)
      const factor = numberOf(endian === 'big' ? scalar : reversed(scalar))
      if (point === undefined || factor >= scalarOrder) return undefined
      return write(curve, point.multiplyUnsafe(factor), endian)
    },
    decompress: (bytes) => decompress(curve, bytes, endian),
  }
}

/** Both groups in both byte orders. */
export const blsGroups: Readonly<Record<Endian, { readonly g1: BlsGroup; readonly g2: BlsGroup }>> =
  {
    big: { g1: groupOf(g1, 'big'), g2: groupOf(g2, 'big') },
    little: { g1: groupOf(g1, 'little'), g2: groupOf(g2, 'little') },
  }

/** Most pairs of one call (solana-bls12-381-syscall, `MAX_PAIRING_LENGTH`). */
const maxPairs = 8
/** Bytes of an element of the target group: twelve numbers. */
const blsTargetBytes = 12 * numberBytes

/**
 * The product of the pairings of as many elements of G1 and of G2, each side by side: twelve numbers,
 * little-endian from the one that weighs least on, or all of that turned around.
 */
export function blsPairing(
  g1Bytes: Uint8Array,
  g2Bytes: Uint8Array,
  endian: Endian,
): Uint8Array | undefined {
  const sizes = blsGroups[endian]
  const count = g1Bytes.length / sizes.g1.elementBytes
  if (count > maxPairs) return undefined
  const pairs: { g1: G1; g2: G2 }[] = []
  for (let i = 0; i < count; i++) {
    const [from1, from2] = [i * sizes.g1.elementBytes, i * sizes.g2.elementBytes]
    const p = readElement(g1, g1Bytes.subarray(from1, from1 + sizes.g1.elementBytes), endian)
    const q = readElement(g2, g2Bytes.subarray(from2, from2 + sizes.g2.elementBytes), endian)
    if (p === undefined || q === undefined) return undefined
    // a pairing with an identity is one, of which the library does not calculate any
    if (!p.is0() && !q.is0()) pairs.push({ g1: p, g2: q })
  }
  const { c0, c1 } = bls12_381.pairingBatch(pairs)
  const out = new Uint8Array(blsTargetBytes)
  const numbers = [c0, c1].flatMap((half) =>
    [half.c0, half.c1, half.c2].flatMap((value) => [value.c0, value.c1]),
  )
  for (const [i, value] of numbers.entries())
    out.set(reversed(bytesOfNumber(value, numberBytes)), i * numberBytes)
  return endian === 'big' ? reversed(out) : out
}
