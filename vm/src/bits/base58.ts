import { DecodeError } from './errors.ts'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const values: Int8Array = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i

/** A limb is five digits: 58^5 * 2^8 stays far below 2^53. */
const limb = 58 ** 5
/** Longer texts and bytes than any address, signature or transaction are refused: the work grows with their square. */
const maxBytes = 2048
const maxDigits = 2800

/**
 * Bytes as base58 (Bitcoin's alphabet), leading zero bytes as `1`.
 * @throws {RangeError} on more than 2048 bytes
 * @example toBase58(Uint8Array.of(0, 255)) // '15Q'
 */
export function toBase58(bytes: Uint8Array): string {
  if (bytes.length > maxBytes) throw new RangeError(`base58 of ${bytes.length} bytes`)
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++
  const limbs: number[] = []
  for (let i = zeros; i < bytes.length; i++) {
    let carry = bytes[i]!
    for (let j = 0; j < limbs.length; j++) {
      const value = limbs[j]! * 256 + carry
      carry = Math.floor(value / limb)
      limbs[j] = value - carry * limb
    }
    if (carry > 0) limbs.push(carry)
  }
  let out = ''
  for (let j = 0; j < limbs.length; j++) {
    let value = limbs[j]!
    const last = j === limbs.length - 1
    for (let k = 0; k < 5 && !(last && value === 0); k++) {
      out = alphabet[value % 58]! + out
      value = Math.floor(value / 58)
    }
  }
  return '1'.repeat(zeros) + out
}

/**
 * Base58 text to bytes.
 * @throws {DecodeError} `badBase58` on another character, or more than 2800 of them
 * @example fromBase58('15Q') // Uint8Array.of(0, 255)
 */
export function fromBase58(text: string): Uint8Array {
  if (text.length > maxDigits)
    throw new DecodeError('badBase58', `base58 of ${text.length} digits`, { offset: maxDigits })
  let zeros = 0
  while (zeros < text.length && text[zeros] === '1') zeros++
  // limbs of 24 bits, least significant first; four digits at a time keep sums below 2^53
  const limbs: number[] = []
  for (let i = zeros; i < text.length; ) {
    let carry = 0
    let scale = 1
    for (const end = Math.min(i + 4, text.length); i < end; i++) {
      const code = text.charCodeAt(i)
      const digit = code < 128 ? values[code]! : -1
      if (digit < 0)
        throw new DecodeError('badBase58', 'no base58 digit', { offset: i, value: text[i] })
      carry = carry * 58 + digit
      scale *= 58
    }
    for (let j = 0; j < limbs.length; j++) {
      const value = limbs[j]! * scale + carry
      carry = Math.floor(value / 0x100_0000)
      limbs[j] = value - carry * 0x100_0000
    }
    if (carry > 0) limbs.push(carry)
  }
  const top = limbs.at(-1) ?? 0
  const unused = limbs.length === 0 ? 0 : top < 0x100 ? 2 : top < 0x1_0000 ? 1 : 0
  const length = 3 * limbs.length - unused
  const bytes = new Uint8Array(zeros + length)
  for (let j = 0; j < length; j++)
    bytes[bytes.length - 1 - j] = limbs[Math.floor(j / 3)]! >> (8 * (j % 3))
  return bytes
}
