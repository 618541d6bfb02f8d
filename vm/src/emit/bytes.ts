const encoder = new TextEncoder()

/**
 * A byte buffer that grows: what every part of a Wasm module is written into.
 *
 * LEB128 numbers are the shortest encoding except where `reserve` leaves room to `patch`.
 * @example const out = new Bytes(); out.u32leb(624485); out.finish() // e5 8e 26
 */
export class Bytes {
  length = 0
  private data: Uint8Array

  /** @param capacity bytes to start with; it grows by doubling */
  constructor(capacity = 256) {
    this.data = new Uint8Array(Math.max(16, capacity))
  }

  private grow(count: number): void {
    const bigger = new Uint8Array(Math.max(this.data.length * 2, this.length + count))
    bigger.set(this.data)
    this.data = bigger
  }

  /** One byte: the low eight bits of `value`. */
  u8(value: number): void {
    if (this.length === this.data.length) this.grow(1)
    this.data[this.length++] = value
  }

  /** Four bytes, least significant first. */
  u32(value: number): void {
    if (this.length + 4 > this.data.length) this.grow(4)
    const { data, length } = this
    data[length] = value
    data[length + 1] = value >>> 8
    data[length + 2] = value >>> 16
    data[length + 3] = value >>> 24
    this.length = length + 4
  }

  /** Unsigned LEB128 of `value` modulo 2^32. */
  u32leb(value: number): void {
    if (this.length + 5 > this.data.length) this.grow(5)
    const data = this.data
    let at = this.length
    let rest = value >>> 0
    while (rest > 0x7f) {
      data[at++] = rest | 0x80
      rest >>>= 7
    }
    data[at++] = rest
    this.length = at
  }

  /** Signed LEB128 of `value` as a 32-bit number. */
  i32leb(value: number): void {
    if (this.length + 5 > this.data.length) this.grow(5)
    const data = this.data
    let at = this.length
    let rest = value | 0
    while (rest < -64 || rest > 63) {
      data[at++] = rest | 0x80
      rest >>= 7
    }
    data[at++] = rest & 0x7f
    this.length = at
  }

  /** Signed LEB128 of the 64-bit number `high * 2^32 + low`, each a word. */
  i64leb(low: number, high: number): void {
    if (this.length + 10 > this.data.length) this.grow(10)
    const data = this.data
    let at = this.length
    let lo = low | 0
    let hi = high | 0
    while (hi !== lo >> 31 || lo < -64 || lo > 63) {
      data[at++] = lo | 0x80
      lo = (lo >>> 7) | (hi << 25)
      hi >>= 7
    }
    data[at++] = lo & 0x7f
    this.length = at
  }

  /** Signed LEB128 of `value` modulo 2^64. */
  i64lebBig(value: bigint): void {
    this.i64leb(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
  }

  /** The UTF-8 bytes of `text`, their number first. */
  name(text: string): void {
    const utf8 = encoder.encode(text)
    this.u32leb(utf8.length)
    this.bytes(utf8)
  }

  bytes(source: Uint8Array): void {
    if (this.length + source.length > this.data.length) this.grow(source.length)
    this.data.set(source, this.length)
    this.length += source.length
  }

  /** All of `source`, without an intermediate copy. */
  append(source: Bytes): void {
    this.bytes(source.data.subarray(0, source.length))
  }

  /** `source` with its length first: a section, a function body, a subsection. */
  sized(source: Bytes): void {
    this.u32leb(source.length)
    this.append(source)
  }

  /** Leaves room for a five-byte LEB128 number and answers where; `patch` fills it. */
  reserve(): number {
    if (this.length + 5 > this.data.length) this.grow(5)
    const at = this.length
    this.data.fill(0x80, at, at + 4)
    this.data[at + 4] = 0
    this.length = at + 5
    return at
  }

  /** Writes `value` modulo 2^32 into the five bytes that `reserve` left at `at`. */
  patch(at: number, value: number): void {
    const data = this.data
    data[at] = value | 0x80
    data[at + 1] = (value >>> 7) | 0x80
    data[at + 2] = (value >>> 14) | 0x80
    data[at + 3] = (value >>> 21) | 0x80
    data[at + 4] = value >>> 28
  }

  /** Writes `value`, below 2^14, into two bytes at `at`. */
  patchShort(at: number, value: number): void {
    this.data[at] = value | 0x80
    this.data[at + 1] = value >>> 7
  }

  /** Forgets what was written and keeps the capacity. */
  clear(): void {
    this.length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.data.slice(0, this.length)
  }

  /** What was written, and not a copy of it if it fills its room; nothing is written afterwards. */
  take(): Uint8Array {
    return this.length === this.data.length ? this.data : this.finish()
  }
}
