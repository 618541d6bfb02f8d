import { ed25519 } from '@noble/curves/ed25519.js'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '#vm/bits/octets'
import type { Rng } from '../../laws/rng.ts'
import { field } from './answers.ts'
import { bytesOf } from './questions-ed25519.ts'

const kinds = ['ed25519', 'secp256k1', 'secp256r1'] as const
type Kind = (typeof kinds)[number]

const k1Order = secp256k1.Point.Fn.ORDER
const r1Order = p256.Point.Fn.ORDER
/** 32 bytes, big-endian. */
const big = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 255n))
const half = (signature: Uint8Array, second: boolean): bigint =>
  BigInt(`0x${field(second ? signature.slice(32) : signature.slice(0, 32))}`)

/** Numbers around which ranges end. */
const edges = (order: bigint): bigint[] => [
  0n,
  1n,
  order - 1n,
  order,
  order + 1n,
  (order - 1n) / 2n,
  (order + 1n) / 2n,
  2n ** 256n - 1n,
]

/** r, or s, is an edge; or s is the other of its pair. */
function bend(rng: Rng, signature: Uint8Array, order: bigint): Uint8Array {
  const [r, s] = [half(signature, false), half(signature, true)]
  switch (rng.below(5)) {
    case 0:
      return concatBytes(big(rng.pick(edges(order))), big(s))
    case 1:
      return concatBytes(big(r), big(rng.pick(edges(order))))
    case 2:
      return concatBytes(big(r), big(order - s))
    default:
      return signature
  }
}

interface Parts {
  readonly signature: Uint8Array
  /** A key, or for secp256k1 an address. */
  readonly key: Uint8Array
  readonly message: Uint8Array
}

function partsOf(rng: Rng, kind: Kind): Parts {
  const secret = bytesOf(rng, 32)
  const message = bytesOf(rng, rng.below(60))
  if (kind === 'ed25519') {
    const signature = ed25519.sign(message, secret)
    if (rng.chance(10)) signature[63] = signature[63]! | (0x20 << rng.below(3))
    const key = rng.chance(10) ? bytesOf(rng, 32) : ed25519.getPublicKey(secret)
    return { signature, key, message }
  }
  if (kind === 'secp256k1') {
    const digest = keccak_256(message)
    const signed = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' })
    const key = keccak_256(secp256k1.getPublicKey(secret, false).slice(1)).slice(12)
    const id = rng.chance(15) ? rng.below(6) : signed[0]!
    const signature = bend(rng, signed.slice(1), k1Order)
    return { signature: concatBytes(signature, Uint8Array.of(id)), key, message }
  }
  const signature = bend(rng, p256.sign(message, secret, { prehash: true, lowS: true }), r1Order)
  const key = p256.getPublicKey(secret, true).slice()
  if (rng.chance(15)) key[0] = rng.pick([0, 1, 2, 3, 4, 6])
  if (rng.chance(10)) key.set(big(p256.Point.Fp.ORDER + BigInt(rng.below(4))), 1)
  if (rng.chance(10)) key.set(bytesOf(rng, 32), 1)
  return { signature, key, message }
}

function word(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (value >> (8 * i)) & 255)
}

/** Where a part is, with an index of one byte or two; sometimes it is said to be somewhere else. */
function placeOf(rng: Rng, start: number, index: number, indexBytes: number): Uint8Array {
  const wrong = rng.chance(3)
  const place = wrong ? rng.below(400) : start
  const instruction = rng.chance(3) ? rng.pick([0, 1, 2, 3, 255]) : index
  return concatBytes(word(place, 2), word(instruction, indexBytes))
}

/** An instruction of a precompile whose parts lie in itself or in the one behind it. */
function precompileQuestion(rng: Rng): string {
  const kind = rng.pick(kinds)
  const count = rng.chance(80) ? 1 : rng.below(kind === 'ed25519' ? 4 : 3)
  const k1 = kind === 'secp256k1'
  const head = (k1 ? 1 : 2) + count * (k1 ? 11 : 14)
  const own: Uint8Array[] = []
  const other: Uint8Array[] = [bytesOf(rng, rng.below(9))]
  const lengthOf = (parts: readonly Uint8Array[]): number =>
    parts.reduce((sum, part) => sum + part.length, 0)
  const offsets: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const { signature, key, message } = partsOf(rng, kind)
    const put = (bytes: Uint8Array): [start: number, index: number] => {
      const inside = rng.chance(70)
      const start = inside ? head + lengthOf(own) : lengthOf(other)
      if (inside) own.push(bytes)
      else other.push(bytes)
      return [start, inside ? (k1 || rng.chance(20) ? 0 : 0xffff) : 1]
    }
    const indexBytes = k1 ? 1 : 2
    const messageAt = put(message)
    const places = [put(signature), put(key)].map(([start, index]) =>
      placeOf(rng, start, index, indexBytes),
    )
    const size = message.length + (rng.chance(4) ? rng.below(40) : 0)
    offsets.push(...places, word(messageAt[0], 2), word(size, 2), word(messageAt[1], indexBytes))
  }
  const said = rng.chance(4) ? rng.pick([0, 1, 2, 8, 9, 255]) : count
  const start = k1 ? Uint8Array.of(said) : Uint8Array.of(said, rng.below(2))
  let data = concatBytes(start, ...offsets, ...own)
  if (rng.chance(5)) data = data.slice(0, rng.below(data.length + 1))
  const all = rng.chance(5) ? [data] : [data, concatBytes(...other)]
  return `precompile ${kind} ${field(data)} ${all.map(field).join(' ')}`
}

function recoverQuestion(rng: Rng): string {
  const secret = bytesOf(rng, 32)
  const digest = rng.chance(10) ? big(rng.pick(edges(k1Order))) : bytesOf(rng, 32)
  const signed = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' })
  const id = rng.chance(40) ? rng.below(6) : signed[0]!
  let signature = bend(rng, signed.slice(1), k1Order)
  // an r so small that r + n is below the order of the field
  if (rng.chance(15)) signature = concatBytes(big(BigInt(rng.below(1000))), signature.slice(32))
  if (rng.chance(5)) signature = bytesOf(rng, 64)
  return `recover ${field(digest)} ${rng.chance(3) ? 256 + id : id} ${field(signature)}`
}

/** Questions about ECDSA, and about all instructions that hold signatures. */
export function ecdsaQuestion(rng: Rng): string {
  return rng.chance(30) ? recoverQuestion(rng) : precompileQuestion(rng)
}
