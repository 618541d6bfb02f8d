import { DecodeError } from '../bits/errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads what `Bytes` writes.
 * @throws {DecodeError} `truncated` past the end, `badLeb` for a number that is too long, `badName`
 */
export class WasmReader {
  at: number
  readonly end: number
  private readonly data: Uint8Array

  constructor(data: Uint8Array, at = 0, end: number = data.length) {
    this.data = data
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  u8(): number {
    if (this.at >= this.end)
      throw new DecodeError('truncated', 'unexpected end of module', { offset: this.at })
    return this.data[this.at++]!
  }

  u32leb(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new DecodeError('badLeb', 'number longer than 32 bits', { offset: this.at })
  }

  /** Signed LEB128 of at most 64 bits. */
  sleb(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, BigInt.asIntN(Number(shift) + 7, value))
    }
    throw new DecodeError('badLeb', 'number longer than 64 bits', { offset: this.at })
  }

  bytes(length: number): Uint8Array {
    if (length > this.end - this.at)
      throw new DecodeError('truncated', 'unexpected end of module', { offset: this.at })
    const from = this.at
    this.at += length
    return this.data.subarray(from, this.at)
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
    return new WasmReader(this.data, from, this.at)
  }
}
