import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { fromHex } from 'alcatraz-vm'
import { concatBytes } from '#vm/bits/octets'
import type { Rng } from '../../laws/rng.ts'
import { field } from './answers.ts'

const { Point } = ed25519
const order = Point.Fn.ORDER
const p = 2n ** 255n - 19n
type EdwardsPoint = InstanceType<typeof Point>

export const bytesOf = (rng: Rng, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => rng.below(256))

/** 32 bytes, little-endian. */
export function little(value: bigint, length = 32): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
}

export function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
}

const scalarOf = (rng: Rng): bigint => (numberOf(bytesOf(rng, 64)) % (order - 1n)) + 1n
const torsion = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex))

/** Encodings whose y reaches the order of the field, and zero x with either sign. */
export const oddEncodings: readonly Uint8Array[] = [
  ...Array.from({ length: 19 }, (_, i) => little(p + BigInt(i))),
  ...Array.from({ length: 19 }, (_, i) => little(p + BigInt(i) + 2n ** 255n)),
  little(1n + 2n ** 255n),
  little(p - 1n + 2n ** 255n),
]
const smallOrder = [...ED25519_TORSION_SUBGROUP.map((hex) => fromHex(hex)), ...oddEncodings]

const challenge = (r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint =>
  numberOf(sha512(concatBytes(r, key, message))) % order

interface Signed {
  readonly r: Uint8Array
  readonly s: bigint
  readonly message: Uint8Array
  readonly key: Uint8Array
}

/** A signature by a secret scalar, with torsion added to the key and to R. */
function sign(rng: Rng, keyTorsion: EdwardsPoint, rTorsion: EdwardsPoint): Signed {
  const a = scalarOf(rng)
  const nonce = scalarOf(rng)
  const message = bytesOf(rng, rng.below(120))
  const key = Point.BASE.multiply(a).add(keyTorsion).toBytes()
  const r = Point.BASE.multiply(nonce).add(rTorsion).toBytes()
  const s = (nonce + challenge(r, key, message) * a) % order
  return { r, s, message, key }
}

function ask({ r, s, message, key }: Signed, word: string): string {
  return `${word} ${field(concatBytes(r, little(s)))} ${field(message)} ${field(key)}`
}

function flip(rng: Rng, bytes: Uint8Array): Uint8Array {
  const out = bytes.slice()
  const at = rng.below(8 * out.length)
  out[at >> 3] = out[at >> 3]! ^ (1 << (at & 7))
  return out
}

/**
 * What only the rule against small orders refuses: s B = R + k A holds, and A, or R, or both are of small order.
 * The multiple of torsion that the hash asks for is met by one message in eight.
 */
function signSmall(rng: Rng, smallKey: boolean, smallR: boolean): Signed {
  const a = smallKey ? 0n : scalarOf(rng)
  const nonce = smallR ? 0n : scalarOf(rng)
  const keyTorsion = rng.pick(torsion)
  const key = Point.BASE.multiplyUnsafe(a).add(keyTorsion).toBytes()
  for (;;) {
    const message = bytesOf(rng, 1 + rng.below(20))
    const multiple = rng.below(8)
    const rTorsion = keyTorsion.multiplyUnsafe(BigInt(multiple)).negate()
    const r = Point.BASE.multiplyUnsafe(nonce).add(rTorsion).toBytes()
    const k = challenge(r, key, message)
    if (k % 8n === BigInt(multiple)) return { r, s: (nonce + k * a) % order, message, key }
  }
}

/** Signatures of all kinds in turn: true ones, bent ones, and those on which implementations differ. */
function signatureQuestion(rng: Rng, word: string): string {
  const none = Point.ZERO
  const signed = sign(rng, none, none)
  switch (rng.below(14)) {
    case 12:
      return ask(signSmall(rng, true, rng.chance(30)), word)
    case 13:
      return ask(signSmall(rng, rng.chance(20), true), word)
    case 0:
      return ask({ ...signed, s: signed.s + order }, word)
    case 1:
      return ask({ ...signed, s: signed.s + BigInt(rng.below(16)) * order }, word)
    case 2:
      return ask({ ...signed, key: rng.pick(smallOrder) }, word)
    case 3:
      return ask({ ...signed, r: rng.pick(smallOrder) }, word)
    case 4:
      // a small key and R: everything may cancel, s = 0 above all
      return ask(
        {
          r: rng.pick(smallOrder),
          s: rng.chance(50) ? 0n : signed.s,
          message: signed.message,
          key: rng.pick(smallOrder),
        },
        word,
      )
    case 5:
      // s B - k A = R holds for one message in the order of the torsion only
      return ask(sign(rng, rng.pick(torsion), none), word)
    case 6:
      return ask(sign(rng, none, rng.pick(torsion)), word)
    case 7:
      return ask(sign(rng, rng.pick(torsion), rng.pick(torsion)), word)
    case 8:
      return ask({ ...signed, key: flip(rng, signed.key) }, word)
    case 9:
      return ask({ ...signed, r: flip(rng, signed.r) }, word)
    case 10:
      return ask({ ...signed, message: concatBytes(signed.message, Uint8Array.of(0)) }, word)
    default:
      return ask(signed, word)
  }
}

/** Seeds in and out of bounds. */
function seedsOf(rng: Rng): string {
  const count = rng.chance(75) ? rng.below(5) : rng.between(15, 17)
  const longest = rng.chance(90) ? 32 : 34
  return Array.from({ length: count }, () => field(bytesOf(rng, rng.below(longest + 1))))
    .map((text) => ` ${text}`)
    .join('')
}

/** Questions about Ed25519 and derived addresses. */
export function ed25519Question(rng: Rng): string {
  switch (rng.below(8)) {
    case 0:
      return `oncurve ${field(rng.chance(20) ? rng.pick(smallOrder) : bytesOf(rng, 32))}`
    case 1:
      return `create ${field(bytesOf(rng, 32))}${seedsOf(rng)}`
    case 2:
      return `find ${field(bytesOf(rng, 32))}${seedsOf(rng)}`
    case 3:
    case 4:
      return signatureQuestion(rng, 'verify1')
    default:
      return signatureQuestion(rng, 'verify2')
  }
}
