import { DecodeError } from './errors.ts'

/** Writes little-endian fields one after another. A blob is its length (u32) and its bytes. */
export class RecordWriter {
  #bytes: Uint8Array = new Uint8Array(256)
  #length = 0

  #room(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    return at
  }

  u8(value: number): this {
    const at = this.#room(1)
    this.#bytes[at] = value
    return this
  }

  u32(value: number): this {
    const at = this.#room(4)
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = value >>> (8 * i)
    return this
  }

  u64(value: bigint): this {
    return this.u32(Number(value & 0xffff_ffffn)).u32(Number((value >> 32n) & 0xffff_ffffn))
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  blob(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}

/** Reads what `RecordWriter` wrote; nothing is allocated before its length is known to be there. */
export class RecordReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Offset of the next field. */
  get offset(): number {
    return this.#at
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  #take(count: number): number {
    if (count > this.left)
      throw new DecodeError('truncated', `${count} bytes wanted, ${this.left} left`, {
        offset: this.#at,
        value: count,
      })
    const at = this.#at
    this.#at += count
    return at
  }

  /** @throws {DecodeError} `truncated` */
  u8(): number {
    return this.#bytes[this.#take(1)]!
  }

  /** @throws {DecodeError} `truncated` */
  u32(): number {
    const at = this.#take(4)
    const bytes = this.#bytes
    return (
      (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
    )
  }

  /** @throws {DecodeError} `truncated` */
  u64(): bigint {
    const low = this.u32()
    return BigInt(low) | (BigInt(this.u32()) << 32n)
  }

  /** A copy. @throws {DecodeError} `truncated` */
  raw(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.slice(at, at + length)
  }

  /** @throws {DecodeError} `truncated`, or `tooLong` over `max` bytes */
  blob(max: number): Uint8Array {
    const offset = this.#at
    const length = this.u32()
    if (length > max)
      throw new DecodeError('tooLong', `${length} bytes where at most ${max} are allowed`, {
        offset,
        value: length,
      })
    return this.raw(length)
  }

  /** How many items follow. @throws {DecodeError} `truncated` when they cannot fit in what is left */
  count(bytesPerItem: number): number {
    const offset = this.#at
    const count = this.u32()
    if (count * bytesPerItem > this.left)
      throw new DecodeError('truncated', `${count} items cannot fit in ${this.left} bytes`, {
        offset,
        value: count,
      })
    return count
  }

  /** @throws {DecodeError} `trailingBytes` when anything is left */
  end(): void {
    if (this.left > 0)
      throw new DecodeError('trailingBytes', `${this.left} bytes after the end`, {
        offset: this.#at,
        value: this.left,
      })
  }
}
