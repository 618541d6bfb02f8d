import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bn254 } from '@noble/curves/bn254.js'
import { ED25519_TORSION_SUBGROUP, ed25519, ristretto255 } from '@noble/curves/ed25519.js'
import { concatBytes } from '#vm/bits/octets'
import { bytesOfNumber, numberOf, reversed } from '#vm/host/solana/crypto/numbers'
import type { Rng } from '../../laws/rng.ts'
import { field } from './answers.ts'
import { bytesOf, little, oddEncodings } from './questions-ed25519.ts'

const scalarBelow = (rng: Rng, order: bigint): bigint => numberOf(bytesOf(rng, 48)) % order
const { Point: Edwards } = ed25519
const groupOrder = Edwards.Fn.ORDER

/** Scalars of 32 bytes, little-endian: any, the ends of the range, and beyond. */
function scalarOf(rng: Rng, order: bigint): bigint {
  if (rng.chance(70)) return scalarBelow(rng, order)
  const edges = [0n, 1n, 2n, 8n, order - 1n, order, order + 1n, 2n ** 255n - 1n, 2n ** 256n - 1n]
  return rng.pick(edges)
}

function edwardsElement(rng: Rng): Uint8Array {
  if (rng.chance(8)) return rng.pick(oddEncodings)
  if (rng.chance(8)) return bytesOf(rng, 32)
  const point = Edwards.BASE.multiplyUnsafe(scalarBelow(rng, groupOrder))
  if (rng.chance(75)) return point.toBytes()
  return point.add(Edwards.fromHex(rng.pick(ED25519_TORSION_SUBGROUP))).toBytes()
}

function ristrettoElement(rng: Rng): Uint8Array {
  if (rng.chance(8)) return rng.pick(oddEncodings)
  if (rng.chance(20)) {
    // even and in range: a quarter of them are elements
    const bytes = bytesOf(rng, 32)
    bytes[0] = bytes[0]! & (rng.chance(90) ? 0xfe : 0xff)
    bytes[31] = bytes[31]! & (rng.chance(90) ? 0x7f : 0xff)
    return bytes
  }
  if (rng.chance(5)) return little(BigInt(rng.below(6)))
  const scalar = scalarBelow(rng, groupOrder)
  const bytes = ristretto255.Point.BASE.multiplyUnsafe(scalar).toBytes()
  if (rng.chance(5)) bytes[0] = bytes[0]! ^ 1
  return bytes
}

/** Questions about edwards25519 and ristretto255. */
export function group25519Question(rng: Rng): string {
  const name = rng.pick(['ed', 'ri'])
  const element = (): Uint8Array => (name === 'ed' ? edwardsElement(rng) : ristrettoElement(rng))
  const scalar = (): Uint8Array => little(scalarOf(rng, groupOrder))
  switch (rng.below(6)) {
    case 0:
      return `${name}_validate ${field(element())}`
    case 1:
      return `${name}_add ${field(element())} ${field(element())}`
    case 2:
      return `${name}_sub ${field(element())} ${field(element())}`
    case 3:
      return `${name}_mul ${field(scalar())} ${field(element())}`
    default: {
      const count = rng.pick([0, 1, 2, 3, 7, 8, 9, 17])
      const scalars = Array.from({ length: count }, () => little(scalarBelow(rng, groupOrder)))
      const elements = Array.from({ length: count }, () =>
        Edwards.BASE.multiplyUnsafe(scalarBelow(rng, groupOrder)),
      ).map((point) => (name === 'ed' ? point.toBytes() : new ristretto255.Point(point).toBytes()))
      if (count > 0 && rng.chance(10)) scalars[rng.below(count)] = scalar()
      if (count > 0 && rng.chance(30)) elements[rng.below(count)] = element()
      return `${name}_msm ${field(concatBytes(...scalars))} ${field(concatBytes(...elements))}`
    }
  }
}

/** A point's numbers, those of a coordinate from the least on. */
type Numbers = readonly bigint[]
interface Family {
  readonly numberBytes: number
  readonly order: bigint
  readonly scalarOrder: bigint
  g1(scalar: bigint): Numbers
  g2(scalar: bigint): Numbers
  /** A point of G2's curve that is not in the group. */
  strayG2(rng: Rng): Numbers
  strayG1(rng: Rng): Numbers
}

interface Fp2Value {
  readonly c0: bigint
  readonly c1: bigint
}

/** A point with a small x. */
function stray<T>(
  rng: Rng,
  join: (value: bigint) => T,
  root: (x: T) => T,
  split: (value: T) => Numbers,
): Numbers {
  for (;;) {
    const x = join(BigInt(rng.below(100)))
    try {
      return [...split(x), ...split(root(x))]
    } catch {
      // no point with this x
    }
  }
}

const split2 = ({ c0, c1 }: Fp2Value): Numbers => [c0, c1]
function familyOf(curve: typeof bn254 | typeof bls12_381, numberBytes: number): Family {
  const { Fp, Fp2 } = curve.fields
  const { G1, G2 } = curve
  const b1 = G1.Point.CURVE().b
  const b2 = G2.Point.CURVE().b
  return {
    numberBytes,
    order: Fp.ORDER,
    scalarOrder: G1.Point.Fn.ORDER,
    g1: (scalar) => {
      const { x, y } = G1.Point.BASE.multiplyUnsafe(scalar).toAffine()
      return [x, y]
    },
    g2: (scalar) => {
      const { x, y } = G2.Point.BASE.multiplyUnsafe(scalar).toAffine()
      return [x.c0, x.c1, y.c0, y.c1]
    },
    strayG1: (rng) =>
      stray(
        rng,
        (x) => x,
        (x) => Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(x), x), b1)),
        (x) => [x],
      ),
    strayG2: (rng) =>
      stray(
        rng,
        (x) => Fp2.create({ c0: x, c1: BigInt(rng.below(3)) }),
        (x) => Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), b2)),
        split2,
      ),
  }
}
const bn = familyOf(bn254, 32)
const bls = familyOf(bls12_381, 48)

/** Numbers side by side; big-endian each coordinate from its end. */
function encode(
  numbers: Numbers,
  perCoordinate: number,
  size: number,
  bigEndian: boolean,
): Uint8Array {
  const parts: Uint8Array[] = []
  for (let from = 0; from < numbers.length; from += perCoordinate) {
    const coordinate = numbers
      .slice(from, from + perCoordinate)
      .map((value) => reversed(bytesOfNumber(value, size)))
    const all = concatBytes(...coordinate)
    parts.push(bigEndian ? reversed(all) : all)
  }
  return concatBytes(...parts)
}

/** Numbers of a point of G1 (1) or G2 (2), good or bad in one of many ways. */
function pointOf(rng: Rng, family: Family, group: 1 | 2): Numbers {
  const scalar = rng.chance(10) ? 0n : scalarBelow(rng, family.scalarOrder)
  const good = group === 1 ? family.g1(scalar) : family.g2(scalar)
  if (rng.chance(80)) return good
  const bad = [...good]
  const k = rng.below(bad.length)
  switch (rng.below(8)) {
    case 0:
      // another name of the same number, where it fits
      bad[k] = bad[k]! + family.order
      return bad
    case 1:
      bad[k] = bad[k]! ^ (1n << BigInt(rng.below(8 * family.numberBytes)))
      return bad
    case 2:
    case 5:
    case 6:
    case 7:
      return group === 1 ? family.strayG1(rng) : family.strayG2(rng)
    case 3:
      bad[k] = rng.pick([0n, 1n, family.order - 1n, family.order, family.order + 1n])
      return bad
    default:
      return good.map((value, i) => (i < good.length / 2 ? value : family.order - value))
  }
}

/** Bits that formats use as flags, one or two at once. */
function withFlags(rng: Rng, bytes: Uint8Array, at: number, percent: number): Uint8Array {
  if (!rng.chance(percent)) return bytes
  const out = bytes.slice()
  out[at] = out[at]! ^ rng.pick([0x80, 0x40, 0xc0, 0x20, 0xa0])
  return out
}

function bnPoint(rng: Rng, group: 1 | 2, bigEndian: boolean): Uint8Array {
  const bytes = encode(pointOf(rng, bn, group), group, 32, bigEndian)
  return withFlags(rng, bytes, bigEndian ? 32 * group : 64 * group - 1, 20)
}

/** Now and then a little shorter or longer. */
function cut(rng: Rng, bytes: Uint8Array): Uint8Array {
  if (rng.chance(88)) return bytes
  return rng.chance(60)
    ? bytes.slice(0, rng.below(bytes.length + 1))
    : concatBytes(bytes, bytesOf(rng, rng.between(1, 33)))
}

const bnScalar = (rng: Rng, bigEndian: boolean): Uint8Array => {
  const bytes = little(scalarOf(rng, bn.scalarOrder))
  return bigEndian ? reversed(bytes) : bytes
}

/** Pairs whose product is one: (a P, b Q) and (-ab P, Q). */
function balanced(rng: Rng, bigEndian: boolean): Uint8Array {
  const n = bn.scalarOrder
  const [a, b] = [scalarBelow(rng, n), scalarBelow(rng, n)]
  return concatBytes(
    encode(bn.g1(a), 1, 32, bigEndian),
    encode(bn.g2(b), 2, 32, bigEndian),
    encode(bn.g1((n - ((a * b) % n)) % n), 1, 32, bigEndian),
    encode(bn.g2(1n), 2, 32, bigEndian),
  )
}

/** Questions about alt_bn128; one in ten about pairings, which take long. */
export function bnQuestion(rng: Rng): string {
  const bigEndian = rng.chance(50)
  const op = (code: number): number => (bigEndian ? code : code | 0x80)
  const ask = (code: number, ...parts: readonly Uint8Array[]): string =>
    `bn ${op(code)} ${field(cut(rng, concatBytes(...parts)))}`
  const group = rng.chance(50) ? 1 : 2
  switch (rng.below(10)) {
    case 0: {
      if (rng.chance(50)) return ask(3, balanced(rng, bigEndian))
      const count = rng.below(3)
      const pairs = Array.from({ length: count }, () =>
        concatBytes(bnPoint(rng, 1, bigEndian), bnPoint(rng, 2, bigEndian)),
      )
      return ask(3, ...pairs)
    }
    case 1:
    case 2:
    case 3:
      return ask(
        group === 1 ? 0 : 4,
        bnPoint(rng, group, bigEndian),
        bnPoint(rng, group, bigEndian),
      )
    case 4:
    case 5: {
      const stray = group === 2 && rng.chance(20)
      const point = stray
        ? encode(bn.strayG2(rng), 2, 32, bigEndian)
        : bnPoint(rng, group, bigEndian)
      return ask(group === 1 ? 2 : 6, point, bnScalar(rng, bigEndian))
    }
    case 6:
    case 7:
      return `bc ${op(group === 1 ? 0 : 2)} ${field(cut(rng, bnPoint(rng, group, bigEndian)))}`
    default: {
      const numbers = pointOf(rng, bn, group).slice(0, group)
      const bytes = encode(numbers, group, 32, bigEndian)
      const flagged = withFlags(rng, bytes, bigEndian ? 0 : 32 * group - 1, 60)
      return `bc ${op(group === 1 ? 1 : 3)} ${field(cut(rng, flagged))}`
    }
  }
}

const identityBytes = (length: number, first: number): Uint8Array =>
  concatBytes(Uint8Array.of(first), new Uint8Array(length - 1))

/** Turns the numbers of big-endian bytes around, and their order within coordinates. */
function toLittle(bytes: Uint8Array, coordinate: number): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += coordinate)
    parts.push(reversed(bytes.subarray(at, at + coordinate)))
  return concatBytes(...parts)
}

function blsPoint(rng: Rng, group: 1 | 2, bigEndian: boolean): Uint8Array {
  const size = 48 * group
  const numbers = pointOf(rng, bls, group)
  const zero = numbers.every((value) => value === 0n)
  const big = zero ? identityBytes(2 * size, 0x40) : encode(numbers, group, 48, true)
  const flagged = withFlags(rng, big, rng.chance(80) ? 0 : 2 * size - 1, 10)
  return bigEndian ? flagged : toLittle(flagged, size)
}

function blsCompressed(rng: Rng, group: 1 | 2, bigEndian: boolean): Uint8Array {
  const numbers = pointOf(rng, bls, group).slice(0, group)
  const zero = numbers.every((value) => value === 0n)
  const bytes = zero ? identityBytes(48 * group, 0xc0) : encode(numbers, group, 48, true)
  if (!zero) bytes[0] = bytes[0]! | rng.pick([0x80, 0xa0])
  const flagged = withFlags(rng, bytes, 0, 10)
  return bigEndian ? flagged : toLittle(flagged, 48 * group)
}

/** Questions about BLS12-381; one in twelve about pairings, which take long. */
export function blsQuestion(rng: Rng): string {
  const bigEndian = rng.chance(50)
  const endian = bigEndian ? 'be' : 'le'
  const group = rng.chance(50) ? 1 : 2
  const point = (): string => field(blsPoint(rng, group, bigEndian))
  const ask = (op: string, ...fields: readonly string[]): string =>
    `g${group} ${op} ${endian} ${fields.join(' ')}`
  switch (rng.below(12)) {
    case 0: {
      const count = rng.pick([0, 1, 1, 2, 3, 9, 9])
      const of = (which: 1 | 2): Uint8Array[] =>
        Array.from({ length: count }, () => {
          const scalar = rng.chance(10) ? 0n : scalarBelow(rng, bls.scalarOrder)
          const numbers = which === 1 ? bls.g1(scalar) : bls.g2(scalar)
          if (rng.chance(4)) return blsPoint(rng, which, bigEndian)
          const big =
            scalar === 0n ? identityBytes(96 * which, 0x40) : encode(numbers, which, 48, true)
          return bigEndian ? big : toLittle(big, 48 * which)
        })
      return `pairing ${endian} ${field(concatBytes(...of(1)))} ${field(concatBytes(...of(2)))}`
    }
    case 1:
    case 2:
      return ask('validate', point())
    case 3:
    case 4:
      return ask('add', point(), point())
    case 5:
    case 6:
      return ask('sub', point(), point())
    case 7:
    case 8: {
      const scalar = little(scalarOf(rng, bls.scalarOrder))
      return ask('mul', field(bigEndian ? reversed(scalar) : scalar), point())
    }
    default:
      return ask('decompress', field(blsCompressed(rng, group, bigEndian)))
  }
}

/** Questions about Poseidon. */
export function poseidonQuestion(rng: Rng): string {
  const count = rng.chance(95) ? rng.between(1, 12) : rng.pick([0, 13])
  const inputs = Array.from({ length: count }, () => {
    if (rng.chance(3)) return bytesOf(rng, rng.below(35))
    const value = rng.chance(3)
      ? rng.pick([0n, bn.scalarOrder - 1n, bn.scalarOrder, 2n ** 256n - 1n])
      : scalarBelow(rng, bn.scalarOrder)
    return little(value)
  })
  const bigEndian = rng.chance(50)
  const fields = inputs.map((input) => field(bigEndian ? reversed(input) : input))
  return ['poseidon', bigEndian ? 0 : 1, rng.chance(50) ? 1 : 0, ...fields].join(' ')
}
