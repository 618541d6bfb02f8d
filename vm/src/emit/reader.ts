import { type Cursor, cursorOf, readBytes, readU8 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { readLooseLeb } from '../bits/leb128.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads what `Bytes` writes.
 * @throws {DecodeError} `truncated`, `lebTooLong`, `lebOverflow`, `badName`
 * @example new WasmReader(Uint8Array.of(0x7f)).sleb() // -1n
 */
export class WasmReader {
  private readonly cursor: Cursor

  constructor(data: Uint8Array, at = 0, end: number = data.length) {
    this.cursor = cursorOf(data, at, end)
  }

  get at(): number {
    return this.cursor.at
  }

  get done(): boolean {
    return this.cursor.at >= this.cursor.end
  }

  u8(): number {
    return readU8(this.cursor)
  }

  u32leb(): number {
    const offset = this.at
    const value = readLooseLeb(this.cursor)
    if (value > 0xffffffff)
      throw new DecodeError('lebOverflow', 'number over 32 bits', { offset, value })
    return value
  }

  /** Signed LEB128 of at most 64 bits. */
  sleb(): bigint {
    const offset = this.at
    let value = 0n
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.u8()
      value |= BigInt(byte & 0x7f) << BigInt(shift)
      if (byte < 0x80) return BigInt.asIntN(64, BigInt.asIntN(shift + 7, value))
    }
    throw new DecodeError('lebTooLong', 'number longer than 64 bits', { offset })
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    return readBytes(this.cursor, length)
  }

  name(): string {
    const offset = this.at
    const utf8 = this.bytes(this.u32leb())
    try {
      return decoder.decode(utf8)
    } catch {
      throw new DecodeError('badName', 'a name is not UTF-8', { offset })
    }
  }

  /** A reader of the next `length` bytes; this one moves past them. */
  part(length: number): WasmReader {
    const from = this.at
    this.bytes(length)
    return new WasmReader(this.cursor.bytes, from, this.at)
  }
}
