import { DecodeError } from './errors.ts'

/** A place in bytes from outside; every read moves `at` and is checked against `end`. */
export interface Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number
  /** First index that may not be read. */
  readonly end: number
}

/**
 * A cursor over `bytes[start, end)`, little-endian.
 * @example readU16(cursorOf(Uint8Array.of(0x34, 0x12))) // 0x1234
 */
export function cursorOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Cursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { bytes, view, at: start, end }
}

/** Moves past `count` bytes and answers where they begin. */
function advance(cursor: Cursor, count: number): number {
  const at = cursor.at
  if (count > cursor.end - at) {
    throw new DecodeError('truncated', `${count} more bytes expected, ${cursor.end - at} left`, {
      offset: at,
      value: count,
    })
  }
  cursor.at = at + count
  return at
}

/** @throws {DecodeError} `truncated`, as all readers here */
export function readU8(cursor: Cursor): number {
  return cursor.bytes[advance(cursor, 1)]!
}

export function readU16(cursor: Cursor): number {
  return cursor.view.getUint16(advance(cursor, 2), true)
}

export function readU32(cursor: Cursor): number {
  return cursor.view.getUint32(advance(cursor, 4), true)
}

export function readU64(cursor: Cursor): bigint {
  return cursor.view.getBigUint64(advance(cursor, 8), true)
}

/** A view, not a copy, of the next `count` bytes. */
export function readBytes(cursor: Cursor, count: number): Uint8Array {
  const at = advance(cursor, count)
  return cursor.bytes.subarray(at, at + count)
}

/** Bytes that grow at the end; doubling, so that n bytes cost O(n). */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(64)
  #length = 0

  get length(): number {
    return this.#length
  }

  #reserve(count: number): number {
    const at = this.#length
    const need = at + count
    if (need > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(need, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
    }
    this.#length = need
    return at
  }

  u8(value: number): this {
    const at = this.#reserve(1)
    this.#bytes[at] = value
    return this
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}

/** Smallest multiple of `unit` that is at least `value`; both below 2^53. */
export function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
