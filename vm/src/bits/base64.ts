import { DecodeError } from './errors.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values: Int8Array = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i

/** RFC 4648 with padding. @example toBase64(Uint8Array.of(1, 2)) // 'AQI=' */
export function toBase64(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i]!
    const b = bytes[i + 1] ?? 0
    const c = bytes[i + 2] ?? 0
    out += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | (b >> 4)]!
    out += i + 1 < bytes.length ? alphabet[((b & 15) << 2) | (c >> 6)]! : '='
    out += i + 2 < bytes.length ? alphabet[c & 63]! : '='
  }
  return out
}

/**
 * RFC 4648 with padding.
 * @throws {DecodeError} `badBase64` on other characters, missing padding, or bits set behind the last byte
 * @example fromBase64('AQI=') // Uint8Array.of(1, 2)
 */
export function fromBase64(text: string): Uint8Array {
  const bad = (offset: number): never => {
    throw new DecodeError('badBase64', 'no base64', { offset, value: text[offset] })
  }
  if (text.length % 4 !== 0) bad(text.length)
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const digits = text.length - padding
  const out = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < digits; i++) {
    const code = text.charCodeAt(i)
    const digit = code < 128 ? values[code]! : -1
    if (digit < 0) bad(i)
    held = ((held & 0x3f) << 6) | digit
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = held >> bits
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) bad(digits - 1)
  return out
}
