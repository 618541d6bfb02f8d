import { type ByteWriter, type Cursor, readU8 } from './bytes.ts'
import { DecodeError } from './errors.ts'

/** A u32 takes at most ceil(32 / 7) bytes. */
const maxU32Bytes = 5

/**
 * Reads an unsigned LEB128 number below 2^32 and moves past it. Only the shortest form is
 * accepted, so that a number has one encoding.
 * @throws {DecodeError} `truncated`, `lebTooLong`, `lebNotMinimal`, `lebOverflow`
 * @example readLeb32(cursorOf(Uint8Array.of(0xe5, 0x8e, 0x26))) // 624485
 */
export function readLeb32(cursor: Cursor): number {
  const offset = cursor.at
  let value = 0
  let scale = 1
  for (let i = 0; i < maxU32Bytes; i++) {
    const byte = readU8(cursor)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      if (byte === 0 && i > 0) {
        throw new DecodeError('lebNotMinimal', `${value} in ${i + 1} LEB128 bytes`, {
          offset,
          value,
        })
      }
      if (value > 0xffffffff) {
        throw new DecodeError('lebOverflow', `${value} is over 32 bits`, { offset, value })
      }
      return value
    }
    scale *= 128
  }
  throw new DecodeError('lebTooLong', `LEB128 number over ${maxU32Bytes} bytes`, { offset, value })
}

/**
 * Reads an unsigned LEB128 number of any padding below 2^53, as compilers write them.
 * @throws {DecodeError} `truncated`, `lebTooLong`, `lebOverflow`
 */
export function readLooseLeb(cursor: Cursor): number {
  const offset = cursor.at
  let value = 0
  let scale = 1
  // A u64 takes at most ceil(64 / 7) bytes.
  for (let i = 0; i < 10; i++) {
    const byte = readU8(cursor)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) {
        throw new DecodeError('lebOverflow', 'LEB128 number over 53 bits', { offset, value })
      }
      return value
    }
    scale *= 128
  }
  throw new DecodeError('lebTooLong', 'LEB128 number over 10 bytes', { offset, value })
}

/** Writes 0 <= value < 2^32 in its shortest form. */
export function writeLeb32(writer: ByteWriter, value: number): void {
  let rest = value
  while (rest >= 128) {
    writer.u8((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  writer.u8(rest)
}
