import { bn254 } from '@noble/curves/bn254.js'
import { bytesOfNumber, numberOf, reversed } from './numbers.ts'

/**
 * The curves of BN254 as arkworks reads and writes them and solana-bn254 calls it. An element of G1 is (x, y), one of
 * G2 (x0, x1, y0, y1), numbers of 32 bytes, little-endian; big-endian each coordinate is written from its end, so
 * that x1 comes before x0 (EIP-197). All zeros are the identity.
 *
 * The two bits above the last coordinate are flags: the upper one says of compressed points that y is the larger
 * of two, and nothing of others; the lower one that it is the identity. Together they are an error.
 */
const { Fp, Fp2, Fp12 } = bn254.fields
type Fp2 = typeof Fp2.ZERO
const order = Fp.ORDER
const scalarOrder = bn254.G1.Point.Fn.ORDER
const numberBytes = 32
const larger = 1n << 255n
const identity = 1n << 254n

/** What a point's coordinates are: how many numbers, what they are made of, which y is the larger. */
interface Coordinates<T> {
  readonly numbers: number
  join(numbers: readonly bigint[]): T
  split(value: T): bigint[]
  /** The right side of the curve's equation. */
  equation(x: T): T
  readonly field: {
    sqrt(value: T): T
    sqr(value: T): T
    neg(value: T): T
    eql(a: T, b: T): boolean
  }
  readonly zero: T
}

interface Affine<T> {
  readonly x: T
  readonly y: T
}

const g1: Coordinates<bigint> = {
  numbers: 1,
  join: ([value = 0n]) => value,
  split: (value) => [value],
  equation: (x) => Fp.add(Fp.mul(Fp.sqr(x), x), bn254.G1.Point.CURVE().b),
  field: Fp,
  zero: 0n,
}
const g2: Coordinates<Fp2> = {
  numbers: 2,
  join: ([c0 = 0n, c1 = 0n]) => Fp2.create({ c0, c1 }),
  split: ({ c0, c1 }) => [c0, c1],
  equation: (x) => Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b),
  field: Fp2,
  zero: Fp2.ZERO,
}

/** Byte order of numbers and coordinates. */
export type Endian = 'big' | 'little'

/** Numbers of bytes whose length is a multiple of `numbers` numbers. */
function numbersOf(bytes: Uint8Array, numbers: number, endian: Endian): bigint[] {
  const out: bigint[] = []
  const coordinate = numbers * numberBytes
  for (let at = 0; at < bytes.length; at += coordinate) {
    const part = bytes.subarray(at, at + coordinate)
    // from the end of a little-endian coordinate on it is one big-endian number
    const all = numberOf(endian === 'big' ? part : reversed(part))
    for (let k = 0; k < numbers; k++)
      out.push(BigInt.asUintN(8 * numberBytes, all >> BigInt(8 * numberBytes * k)))
  }
  return out
}

function bytesOf(values: readonly bigint[], numbers: number, endian: Endian): Uint8Array {
  const out = new Uint8Array(values.length * numberBytes)
  for (let from = 0; from < values.length; from += numbers) {
    let all = 0n
    for (let k = numbers - 1; k >= 0; k--)
      all = (all << BigInt(8 * numberBytes)) | values[from + k]!
    const part = bytesOfNumber(all, numbers * numberBytes)
    out.set(endian === 'big' ? part : reversed(part), from * numberBytes)
  }
  return out
}

/** Takes the flags off the last number; undefined when a number is out of range or the flags are none. */
function withoutFlags(
  values: readonly bigint[],
): { readonly values: bigint[]; readonly larger: boolean; readonly identity: boolean } | undefined {
  const last = values.at(-1)!
  const flags = last & (larger | identity)
  if (flags === (larger | identity)) return undefined
  const plain = [...values.slice(0, -1), last ^ flags]
  if (plain.some((value) => value >= order)) return undefined
  return { values: plain, larger: flags === larger, identity: flags === identity }
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

/** Reads a point, on the curve or not; undefined when it is none, zeros for the identity. */
function read<T>(of: Coordinates<T>, bytes: Uint8Array, endian: Endian): Affine<T> | undefined {
  const parsed = withoutFlags(numbersOf(bytes, of.numbers, endian))
  if (parsed === undefined) return undefined
  if (parsed.identity) return { x: of.zero, y: of.zero }
  const [x, y] = [parsed.values.slice(0, of.numbers), parsed.values.slice(of.numbers)]
  return { x: of.join(x), y: of.join(y) }
}

const isIdentity = <T>(of: Coordinates<T>, { x, y }: Affine<T>): boolean =>
  [...of.split(x), ...of.split(y)].every((value) => value === 0n)

/** The same, of points of the curve only. Zeros with a flag of the larger y are no point of it. */
function readOnCurve<T>(
  of: Coordinates<T>,
  bytes: Uint8Array,
  endian: Endian,
): Affine<T> | undefined {
  if (isZero(bytes)) return { x: of.zero, y: of.zero }
  const numbers = numbersOf(bytes, of.numbers, endian)
  const point = read(of, bytes, endian)
  if (point === undefined) return undefined
  if (isIdentity(of, point)) return (numbers.at(-1)! & identity) === 0n ? undefined : point
  return of.field.eql(of.field.sqr(point.y), of.equation(point.x)) ? point : undefined
}

function write<T>(of: Coordinates<T>, { x, y }: Affine<T>, endian: Endian): Uint8Array {
  return bytesOf([...of.split(x), ...of.split(y)], of.numbers, endian)
}

/** Is y the larger of y and -y: from the last number to the first. */
function isLarger<T>(of: Coordinates<T>, y: T): boolean {
  const [values, others] = [of.split(y), of.split(of.field.neg(y))]
  for (let k = values.length - 1; k >= 0; k--)
    if (values[k] !== others[k]) return values[k]! > others[k]!
  return false
}

function compress<T>(
  of: Coordinates<T>,
  bytes: Uint8Array,
  endian: Endian,
): Uint8Array | undefined {
  const size = of.numbers * numberBytes
  if (bytes.length !== 2 * size) return undefined
  if (isZero(bytes)) return new Uint8Array(size)
  const numbers = numbersOf(bytes, of.numbers, endian)
  const point = read(of, bytes, endian)
  if (point === undefined) return undefined
  const values = of.split(point.x)
  const flag = (numbers.at(-1)! & identity) !== 0n ? identity : isLarger(of, point.y) ? larger : 0n
  values.push(values.pop()! | flag)
  return bytesOf(values, of.numbers, endian)
}

function decompress<T>(
  of: Coordinates<T>,
  bytes: Uint8Array,
  endian: Endian,
): Uint8Array | undefined {
  const size = of.numbers * numberBytes
  if (bytes.length !== size) return undefined
  if (isZero(bytes)) return new Uint8Array(2 * size)
  const parsed = withoutFlags(numbersOf(bytes, of.numbers, endian))
  if (parsed === undefined) return undefined
  if (parsed.identity) return new Uint8Array(2 * size)
  const x = of.join(parsed.values)
  let y: T
  try {
    y = of.field.sqrt(of.equation(x))
  } catch {
    // the library throws for what has no root
    return undefined
  }
  const right = isLarger(of, y) === parsed.larger ? y : of.field.neg(y)
  return write(of, { x, y: right }, endian)
}

const pointBytes = { g1: 64, g2: 128 }
const scalarOf = (bytes: Uint8Array, endian: Endian): bigint =>
  numberOf(endian === 'big' ? bytes : reversed(bytes)) % scalarOrder

/** Big-endian input of G1 may be shorter, as if zeros followed. */
function filled(input: Uint8Array, length: number, endian: Endian): Uint8Array | undefined {
  if (input.length === length) return input
  if (endian === 'little' || input.length > length) return undefined
  const out = new Uint8Array(length)
  out.set(input)
  return out
}

const g1Point = (bytes: Uint8Array, endian: Endian) => {
  const point = readOnCurve(g1, bytes, endian)
  return point === undefined ? undefined : bn254.G1.Point.fromAffine(point)
}

/** Of any order; for products and pairings it must be in the subgroup, too. */
const g2Point = (bytes: Uint8Array, endian: Endian, inSubgroup: boolean) => {
  const affine = readOnCurve(g2, bytes, endian)
  if (affine === undefined) return undefined
  const point = bn254.G2.Point.fromAffine(affine)
  return !inSubgroup || point.is0() || point.isTorsionFree() ? point : undefined
}

/** What the syscalls of alt_bn128 calculate; undefined where they answer 1. */
export const bn254Operations = {
  /** Input: two elements. */
  addG1(input: Uint8Array, endian: Endian): Uint8Array | undefined {
    const bytes = filled(input, 2 * pointBytes.g1, endian)
    if (bytes === undefined) return undefined
    const left = g1Point(bytes.subarray(0, pointBytes.g1), endian)
    const right = g1Point(bytes.subarray(pointBytes.g1), endian)
    if (left === undefined || right === undefined) return undefined
    return write(g1, left.add(right).toAffine(), endian)
  },

  /** Input: two points of the curve. */
  addG2(input: Uint8Array, endian: Endian): Uint8Array | undefined {
    if (input.length !== 2 * pointBytes.g2) return undefined
    const left = g2Point(input.subarray(0, pointBytes.g2), endian, false)
    const right = g2Point(input.subarray(pointBytes.g2), endian, false)
    if (left === undefined || right === undefined) return undefined
    return write(g2, left.add(right).toAffine(), endian)
  },

  /** Input: an element, then any number of 32 bytes. */
  multiplyG1(input: Uint8Array, endian: Endian): Uint8Array | undefined {
    const bytes = filled(input, pointBytes.g1 + numberBytes, endian)
    if (bytes === undefined) return undefined
    const point = g1Point(bytes.subarray(0, pointBytes.g1), endian)
    if (point === undefined) return undefined
    const scalar = scalarOf(bytes.subarray(pointBytes.g1), endian)
    return write(g1, point.multiplyUnsafe(scalar).toAffine(), endian)
  },

  multiplyG2(input: Uint8Array, endian: Endian): Uint8Array | undefined {
    if (input.length !== pointBytes.g2 + numberBytes) return undefined
    const point = g2Point(input.subarray(0, pointBytes.g2), endian, true)
    if (point === undefined) return undefined
    const scalar = scalarOf(input.subarray(pointBytes.g2), endian)
    return write(g2, point.multiplyUnsafe(scalar).toAffine(), endian)
  },

  /** Input: pairs of elements of G1 and G2. Answers 1 of 32 bytes when the product of all pairings is one, else 0. */
  pairing(input: Uint8Array, endian: Endian): Uint8Array | undefined {
    const pairBytes = pointBytes.g1 + pointBytes.g2
    if (input.length % pairBytes !== 0) return undefined
    const pairs: {
      g1: InstanceType<typeof bn254.G1.Point>
      g2: InstanceType<typeof bn254.G2.Point>
    }[] = []
    for (let at = 0; at < input.length; at += pairBytes) {
      const p = g1Point(input.subarray(at, at + pointBytes.g1), endian)
      const q = g2Point(input.subarray(at + pointBytes.g1, at + pairBytes), endian, true)
      if (p === undefined || q === undefined) return undefined
      // a pairing with an identity is one, of which the library does not calculate any
      if (!p.is0() && !q.is0()) pairs.push({ g1: p, g2: q })
    }
    const one = Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE)
    const answer = bytesOfNumber(one ? 1n : 0n, numberBytes)
    return endian === 'big' ? answer : reversed(answer)
  },

  compressG1: (input: Uint8Array, endian: Endian): Uint8Array | undefined =>
    compress(g1, input, endian),
  compressG2: (input: Uint8Array, endian: Endian): Uint8Array | undefined =>
    compress(g2, input, endian),
  decompressG1: (input: Uint8Array, endian: Endian): Uint8Array | undefined =>
    decompress(g1, input, endian),
  decompressG2: (input: Uint8Array, endian: Endian): Uint8Array | undefined =>
    decompress(g2, input, endian),
}
