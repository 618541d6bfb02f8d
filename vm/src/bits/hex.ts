import { DecodeError } from './errors.ts'

const digits = '0123456789abcdef'

/** Bytes as lower-case hex without a prefix. @example toHex(Uint8Array.of(1, 255)) // '01ff' */
export function toHex(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i++) out += digits[bytes[i]! >> 4]! + digits[bytes[i]! & 15]!
  return out
}

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/**
 * Hex, with or without `0x`, to bytes.
 * @throws {DecodeError} `badHex` on an odd length or a character that is no hex digit
 * @example fromHex('0x01ff') // Uint8Array.of(1, 255)
 */
export function fromHex(text: string): Uint8Array {
  const start = text.startsWith('0x') || text.startsWith('0X') ? 2 : 0
  if ((text.length - start) % 2 !== 0)
    throw new DecodeError('badHex', 'hex has an odd number of digits', { offset: text.length })
  const out = new Uint8Array((text.length - start) / 2)
  for (let i = 0; i < out.length; i++) {
    const at = start + 2 * i
    const high = nibble(text.charCodeAt(at))
    const low = nibble(text.charCodeAt(at + 1))
    if (high < 0 || low < 0)
      throw new DecodeError('badHex', 'not a hex digit', {
        offset: high < 0 ? at : at + 1,
        value: text[high < 0 ? at : at + 1],
      })
    out[i] = high * 16 + low
  }
  return out
}

/** A number as `0x…`, padded to `width` digits. @example hexOf(10n, 4) // '0x000a' */
export function hexOf(value: bigint | number, width = 0): string {
  return '0x' + value.toString(16).padStart(width, '0')
}
