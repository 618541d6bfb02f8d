import { type ByteWriter, type Cursor, readBytes, readU32 } from './bytes.ts'
import { DecodeError } from './errors.ts'

/** Little-endian. */
export function writeU32(writer: ByteWriter, value: number): void {
  for (let shift = 0; shift < 32; shift += 8) writer.u8((value >>> shift) & 0xff)
}

/** Little-endian. */
export function writeU64(writer: ByteWriter, value: bigint): void {
  writeU32(writer, Number(value & 0xffff_ffffn))
  writeU32(writer, Number((value >> 32n) & 0xffff_ffffn))
}

/** `length (u32) | bytes`. */
export function writeBlob(writer: ByteWriter, bytes: Uint8Array): void {
  writeU32(writer, bytes.length)
  writer.bytes(bytes)
}

/** A copy of the next `count` bytes. @throws {DecodeError} `truncated` */
export function readCopy(cursor: Cursor, count: number): Uint8Array {
  // `slice` of a Node buffer would share its memory
  return new Uint8Array(readBytes(cursor, count))
}

/** What `writeBlob` wrote, copied. @throws {DecodeError} `truncated`, or `tooLong` over `max` bytes */
export function readBlob(cursor: Cursor, max: number): Uint8Array {
  const offset = cursor.at
  const length = readU32(cursor)
  if (length > max)
    throw new DecodeError('tooLong', `${length} bytes where at most ${max} are allowed`, {
      offset,
      value: length,
    })
  return readCopy(cursor, length)
}

/**
 * How many items follow (u32), each of at least `bytesPerItem`.
 * @throws {DecodeError} `truncated` when that many cannot be in what is left
 */
export function readCount(cursor: Cursor, bytesPerItem: number): number {
  const offset = cursor.at
  const count = readU32(cursor)
  const left = cursor.end - cursor.at
  if (count * bytesPerItem > left)
    throw new DecodeError('truncated', `${count} items cannot be in ${left} bytes`, {
      offset,
      value: count,
    })
  return count
}

/** @throws {DecodeError} `trailingBytes` when anything is left */
export function expectEnd(cursor: Cursor): void {
  const left = cursor.end - cursor.at
  if (left > 0)
    throw new DecodeError('trailingBytes', `${left} bytes after the end`, {
      offset: cursor.at,
      value: left,
    })
}

/** @throws {DecodeError} `badVersion` when the next byte is another */
export function expectVersion(found: number, expected: number, what: string): void {
  if (found !== expected)
    throw new DecodeError('badVersion', `${what} version ${found}, expected ${expected}`, {
      offset: 0,
      value: found,
    })
}
