import type { Rng } from '../laws/rng.ts'

const octets = [0, 1, 0x7f, 0x80, 0xff] as const
const words = [
  0, 1, -1, 2, 8, 0x7f, 0xff, 0xffff, 0x7fff_ffff, -0x8000_0000, 0x10000, 4096,
] as const

/** Puts `length` octets of `part` in the place of `cut` octets at `at`. */
function spliced(bytes: Uint8Array, at: number, cut: number, part: Uint8Array): Uint8Array {
  const end = Math.min(bytes.length, at + cut)
  const out = new Uint8Array(at + part.length + bytes.length - end)
  out.set(bytes.subarray(0, at))
  out.set(part, at)
  out.set(bytes.subarray(end), at + part.length)
  return out
}

/** Kinds of changes: the first few leave all octets where they are. */
const kinds = { inPlace: 6, bytes: 12, text: 15 } as const

function once(
  rng: Rng,
  bytes: Uint8Array,
  other: Uint8Array,
  tokens: readonly Uint8Array[],
  most: number,
): Uint8Array {
  const at = rng.below(bytes.length + 1)
  const kind = rng.below(most)
  const copy = bytes.slice()
  if (bytes.length === 0 || kind === 6) return spliced(bytes, at, 0, rng.bytes(rng.between(1, 8)))
  const place = rng.below(bytes.length)
  switch (kind) {
    case 0:
      copy[place]! ^= 1 << rng.below(8)
      return copy
    case 1:
      copy[place] = rng.pick(octets)
      return copy
    case 2:
      copy[place]! += rng.pick([1, -1, 4, -4, 16])
      return copy
    case 3:
    case 4: {
      // an unsigned or signed field of 2, 4 or 8 octets
      const value = rng.chance(80) ? rng.pick(words) : rng.word()
      const size = Math.min(rng.pick([2, 4, 4, 8]), bytes.length - place)
      for (let i = 0; i < size; i++) copy[place + i] = i < 4 ? value >> (8 * i) : value >> 31
      return copy
    }
    case 7:
      return bytes.slice(0, rng.chance(30) ? place : bytes.length - rng.below(8))
    case 8:
      return spliced(bytes, place, rng.between(1, rng.pick([1, 8, 64])), new Uint8Array(0))
    case 9: {
      const length = rng.between(1, rng.pick([1, 8, 64]))
      return spliced(bytes, at, 0, bytes.subarray(place, place + length))
    }
    case 10:
    case 11: {
      const from = rng.below(other.length + 1)
      const part = other.subarray(from, from + rng.between(1, rng.pick([4, 16, 128])))
      return spliced(bytes, at, rng.chance(50) ? part.length : 0, part)
    }
    case 5:
      for (let i = rng.between(2, 6); i > 0; i--) copy[rng.below(copy.length)] = rng.below(256)
      return copy
    default:
      return spliced(bytes, at, rng.chance(30) ? rng.below(6) : 0, rng.pick(tokens))
  }
}

/** One to four changes at random; at most `limit` octets. `other` is another input of the corpus. */
export function mutate(
  rng: Rng,
  bytes: Uint8Array,
  other: Uint8Array,
  tokens: readonly Uint8Array[],
  limit: number,
  offsets: boolean,
): Uint8Array {
  const most =
    offsets && rng.chance(85) ? kinds.inPlace : tokens.length > 0 ? kinds.text : kinds.bytes
  let out: Uint8Array = bytes
  for (let i = rng.between(1, rng.pick([1, 2, 4])); i > 0; i--)
    out = once(rng, out, other, tokens, most)
  return out.length > limit ? out.slice(0, limit) : out
}
