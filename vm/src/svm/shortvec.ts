import { type ByteWriter, type Cursor, readU8 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'

const longest = 0xffff

/**
 * A length of up to 16 bits: seven bits a byte, low first, the eighth says that more follow.
 * The shortest form is the only one.
 * @throws {DecodeError} `badShortLength` on a longer form, a fourth byte or more than 65535; `truncated`
 * @example readShort(cursorOf(Uint8Array.of(0x80, 0x01))) // 128
 */
export function readShort(cursor: Cursor): number {
  const offset = cursor.at
  let value = 0
  for (let n = 0; n < 3; n++) {
    const byte = readU8(cursor)
    value |= (byte & 0x7f) << (7 * n)
    if ((byte === 0 && n > 0) || value > longest) break
    if (byte < 0x80) return value
  }
  throw new DecodeError('badShortLength', 'no shortest form of a 16-bit length', { offset })
}

/** @throws {RangeError} beyond 65535 */
export function writeShort(writer: ByteWriter, value: number): void {
  if (value > longest) throw new RangeError(`a length of ${value} does not fit 16 bits`)
  let left = value
  while (left > 0x7f) {
    writer.u8((left & 0x7f) | 0x80)
    left >>= 7
  }
  writer.u8(left)
}
