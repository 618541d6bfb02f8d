import { sha3_512, shake256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '../../../../bits/octets.ts'
import { edwardsD as d, sqrtMinusOne } from '../edwards25519.ts'
import { fieldOrder as p } from '../field25519.ts'
import { ristrettoGroup } from '../groups25519.ts'
import { bytesOfNumber, numberOf, reversed } from '../numbers.ts'
import { power, scalarBytes } from './scalars.ts'

/** Elements are their 32 bytes; of the identity all are zero. */
export function isIdentity(element: Uint8Array): boolean {
  return element.every((byte) => byte === 0)
}

/** Is it the encoding of an element. */
export function isElement(bytes: Uint8Array): boolean {
  return ristrettoGroup.isElement(bytes)
}

/** A scalar and an element that it multiplies. */
export type Term = readonly [scalar: bigint, element: Uint8Array]

/** Is the sum of all products the identity; undefined when some bytes are no element. */
export function sumsToIdentity(terms: readonly Term[]): boolean | undefined {
  const sum = ristrettoGroup.multiplySum(
    concatBytes(...terms.map(([scalar]) => scalarBytes(scalar))),
    concatBytes(...terms.map(([, element]) => element)),
  )
  return sum === undefined ? undefined : isIdentity(sum)
}

const mod = (value: bigint): bigint => {
  const rest = value % p
  return rest < 0n ? rest + p : rest
}
const isOdd = (value: bigint): boolean => (value & 1n) === 1n
const absolute = (value: bigint): bigint => (isOdd(value) ? p - value : value)

/** RFC 9496, 4.2: the root of u / v, or of what makes it a square. */
function sqrtRatio(u: bigint, v: bigint): readonly [wasSquare: boolean, root: bigint] {
  const v3 = mod(v * v * v)
  let root = mod(u * v3 * power(mod(u * v3 * v3 * v), (p - 5n) / 8n, p))
  const check = mod(v * root * root)
  const flipped = check === mod(-u)
  const flippedByRoot = check === mod(-u * sqrtMinusOne)
  if (flipped || flippedByRoot) root = mod(root * sqrtMinusOne)
  return [check === mod(u) || flipped, absolute(root)]
}

// of the two roots RFC 9496 has the odd one
const sqrtAdMinusOne = p - sqrtRatio(mod(-d - 1n), 1n)[1]
const [, inverseSqrtAMinusD] = sqrtRatio(1n, mod(-1n - d))
const oneMinusDSquared = mod(1n - d * d)
const dMinusOneSquared = mod((d - 1n) * (d - 1n))

type Extended = readonly [x: bigint, y: bigint, z: bigint, t: bigint]

/** RFC 9496, 4.3.4, MAP. */
function mapToPoint(t: bigint): Extended {
  const r = mod(sqrtMinusOne * t * t)
  const u = mod((r + 1n) * oneMinusDSquared)
  const v = mod((-1n - r * d) * (r + d))
  const [wasSquare, root] = sqrtRatio(u, v)
  const s = wasSquare ? root : mod(-absolute(mod(root * t)))
  const c = wasSquare ? -1n : r
  const n = mod(c * (r - 1n) * dMinusOneSquared - v)
  const [w0, w1] = [mod(2n * s * v), mod(n * sqrtAdMinusOne)]
  const [w2, w3] = [mod(1n - s * s), mod(1n + s * s)]
  return [mod(w0 * w3), mod(w2 * w1), mod(w1 * w3), mod(w0 * w2)]
}

/** RFC 9496, 4.3.2. */
function encode([x0, y0, z0, t0]: Extended): Uint8Array {
  const u1 = mod((z0 + y0) * (z0 - y0))
  const u2 = mod(x0 * y0)
  const [, root] = sqrtRatio(1n, mod(u1 * u2 * u2))
  const [d1, d2] = [mod(root * u1), mod(root * u2)]
  const zInverse = mod(d1 * d2 * t0)
  const rotate = isOdd(mod(t0 * zInverse))
  const x = rotate ? mod(y0 * sqrtMinusOne) : x0
  const y = rotate ? mod(x0 * sqrtMinusOne) : y0
  const inverse = rotate ? mod(d1 * inverseSqrtAMinusD) : d2
  const signed = isOdd(mod(x * zInverse)) ? mod(-y) : y
  const s = absolute(mod(inverse * (z0 - signed)))
  return reversed(bytesOfNumber(s, 32))
}

const low255 = 2n ** 255n - 1n

/** The element that 64 random bytes stand for. */
export function elementFromUniform(bytes: Uint8Array): Uint8Array {
  const half = (from: number): Uint8Array =>
    encode(mapToPoint(mod(numberOf(reversed(bytes.subarray(from, from + 32))) & low255)))
  return ristrettoGroup.add(half(0), half(32))!
}

/** The generator that amounts multiply: that of RFC 9496. */
export const amountBase: Uint8Array = Uint8Array.from([
  ...[
    0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
  ],
  ...[
    0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
  ],
])

let opening: Uint8Array | undefined

/** The generator that openings multiply: nobody knows its logarithm. */
export function openingBase(): Uint8Array {
  opening ??= elementFromUniform(sha3_512(amountBase))
  return opening
}

const generators: Record<'G' | 'H', Uint8Array[]> = { G: [], H: [] }

/** The first `count` generators of a chain of bulletproofs. */
export function chain(name: 'G' | 'H', count: number): readonly Uint8Array[] {
  const made = generators[name]
  if (made.length < count) {
    const seed = new TextEncoder().encode(`GeneratorsChain${name}`)
    const stream = shake256(seed, { dkLen: 64 * count })
    for (let i = made.length; i < count; i++)
      made.push(elementFromUniform(stream.subarray(64 * i, 64 * i + 64)))
  }
  return made.slice(0, count)
}
