import { DecodeError } from './errors.ts'

/** Lengths of codes of symbols, as RFC 1951 writes them: every code of `bits` bits or fewer leads to its entry. */
interface Codes {
  /** By the next `bits` bits: the symbol, above the four bits of its code's length; 0: no code. */
  readonly table: Uint16Array
  readonly bits: number
}

const lengthBase = [
  ...[
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  ],
  ...[163, 195, 227, 258],
]
const lengthBits = [
  ...Array(8).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
]
const distanceBase = [
  ...[1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537],
  ...[2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577],
]
const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

function codesOf(lengths: Uint8Array): Codes {
  let bits = 1
  const counts = new Uint16Array(16)
  for (const length of lengths) {
    counts[length]!++
    if (length > bits) bits = length
  }
  const next = new Uint16Array(17)
  counts[0] = 0
  for (let length = 1; length < 16; length++)
    next[length + 1] = (next[length]! + counts[length]!) << 1
  const table = new Uint16Array(1 << bits)
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!
    if (length === 0) continue
    const code = next[length]!++
    let reversed = 0
    for (let i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i)
    for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length
  }
  return { table, bits }
}

function fixedLengths(): Uint8Array {
  const lengths = new Uint8Array(288).fill(8)
  lengths.fill(9, 144, 256)
  lengths.fill(7, 256, 280)
  return lengths
}

/**
 * Bytes of a raw DEFLATE stream (RFC 1951) that unpacks to exactly `length` of them.
 * @throws {DecodeError} `badDeflate` on anything else
 * @example inflate(Uint8Array.of(0x4b, 0x04, 0x00), 1) // Uint8Array.of(97)
 */
export function inflate(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let written = 0
  let at = 0
  let held = 0
  let count = 0
  const bad = (what: string): never => {
    throw new DecodeError('badDeflate', what, { offset: Math.min(at, bytes.length) })
  }
  const take = (n: number): number => {
    while (count < n) {
      if (at >= bytes.length) bad('the stream ends early')
      held |= bytes[at++]! << count
      count += 8
    }
    const value = held & ((1 << n) - 1)
    held >>>= n
    count -= n
    return value
  }
  const symbolOf = (codes: Codes): number => {
    while (count < codes.bits && at < bytes.length) {
      held |= bytes[at++]! << count
      count += 8
    }
    const entry = codes.table[held & (codes.table.length - 1)]!
    const used = entry & 15
    if (used === 0 || used > count) bad('no code')
    held >>>= used
    count -= used
    return entry >> 4
  }
  const stored = (): void => {
    // whole bytes that were read ahead go back
    at -= count >> 3
    held = 0
    count = 0
    const size = take(16)
    if ((take(16) ^ 0xffff) !== size) bad('a stored block has two lengths')
    if (at + size > bytes.length || written + size > length) bad('a stored block is too long')
    out.set(bytes.subarray(at, at + size), written)
    at += size
    written += size
  }
  const lengthsOfBlock = (): readonly [Codes, Codes] => {
    const literals = take(5) + 257
    const distances = take(5) + 1
    const meta = new Uint8Array(19)
    const metaCount = take(4) + 4
    for (let i = 0; i < metaCount; i++) meta[order[i]!] = take(3)
    const codes = codesOf(meta)
    const lengths = new Uint8Array(literals + distances)
    for (let i = 0; i < lengths.length; ) {
      const symbol = symbolOf(codes)
      if (symbol < 16) {
        lengths[i++] = symbol
        continue
      }
      const value = symbol === 16 ? (i > 0 ? lengths[i - 1]! : bad('nothing to repeat')) : 0
      const times = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7)
      if (i + times > lengths.length) bad('too many lengths of codes')
      lengths.fill(value, i, i + times)
      i += times
    }
    return [codesOf(lengths.subarray(0, literals)), codesOf(lengths.subarray(literals))]
  }
  const block = (literals: Codes, distances: Codes): void => {
    for (;;) {
      const symbol = symbolOf(literals)
      if (symbol === 256) return
      if (symbol < 256) {
        if (written === length) bad(`more than ${length} bytes`)
        out[written++] = symbol
        continue
      }
      if (symbol > 285) bad('no such length')
      const run = lengthBase[symbol - 257]! + take(lengthBits[symbol - 257]!)
      const which = symbolOf(distances)
      if (which > 29) bad('no such distance')
      const distance = distanceBase[which]! + take(which < 4 ? 0 : (which >> 1) - 1)
      if (distance > written || written + run > length) bad('a copy from or to outside')
      for (let i = 0; i < run; i++, written++) out[written] = out[written - distance]!
    }
  }
  for (let last = false; !last; ) {
    last = take(1) === 1
    const kind = take(2)
    if (kind === 0) stored()
    else if (kind === 1) block(codesOf(fixedLengths()), codesOf(new Uint8Array(30).fill(5)))
    else if (kind === 2) block(...lengthsOfBlock())
    else bad('no such kind of block')
  }
  if (written !== length) bad(`${written} bytes instead of ${length}`)
  return out
}
