import { elementBytes, emitField25519, scratchBytes } from './field25519-code.ts'

/** Address of a field element, or of the first one of a point, in the memory of `curve25519`. */
export type Address = number

interface Code {
  readonly memory: WebAssembly.Memory
  mul(d: Address, a: Address, b: Address): void
  square(d: Address, a: Address): void
  squares(d: Address, a: Address, count: number): void
  add(d: Address, a: Address, b: Address): void
  sub(d: Address, a: Address, b: Address): void
  doublePoint(d: Address, p: Address, wantT: number): void
  addPoint(d: Address, p: Address, q: Address, wantT: number): void
  addAffine(d: Address, p: Address, q: Address, wantT: number): void
}

const limbs = 10
const wasmPage = 65536
/** First bit of each limb in a number of 255 bits. */
const firstBit = [0, 26, 51, 77, 102, 128, 153, 179, 204, 230]
const widthOf = (limb: number): number => (limb % 2 === 0 ? 26 : 25)

/** The order of the field, 2^255 - 19. */
export const fieldOrder: bigint = 2n ** 255n - 19n

/**
 * Arithmetic modulo 2^255 - 19 on elements in Wasm memory. Elements that `add` and `sub` made of results of
 * `mul` may go into `mul`, but not into `add` and `sub` again.
 */
export class Field25519 {
  readonly code: Code
  /** Words of the memory; `Address / 4` is an index. */
  words: Int32Array
  private next: Address = scratchBytes
  private readonly t: readonly Address[]
  private readonly carried = new Int32Array(limbs)

  constructor() {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(emitField25519()), {})
    this.code = instance.exports as unknown as Code
    this.words = new Int32Array(this.code.memory.buffer)
    this.t = [0, 1, 2, 3].map(() => this.room(1))
  }

  /** Addresses for `elements` field elements, for good. */
  room(elements: number): Address {
    const address = this.next
    this.next += elements * elementBytes
    const { memory } = this.code
    const missing = this.next - memory.buffer.byteLength
    if (missing > 0) {
      memory.grow(Math.ceil(missing / wasmPage))
      this.words = new Int32Array(memory.buffer)
    }
    return address
  }

  /** Reads 255 bits, little-endian, modulo the order; the topmost bit is left out. */
  read(d: Address, bytes: Uint8Array, start = 0): void {
    for (let i = 0; i < limbs; i++) {
      const from = firstBit[i]!
      const byte = start + (from >> 3)
      const shift = from & 7
      let word =
        bytes[byte]! |
        (bytes[byte + 1]! << 8) |
        (bytes[byte + 2]! << 16) |
        ((bytes[byte + 3] ?? 0) << 24)
      word >>>= shift
      if (shift > 0) word |= (bytes[byte + 4] ?? 0) << (32 - shift)
      this.words[d / 4 + i] = word & ((1 << widthOf(i)) - 1)
    }
  }

  /** A constant. */
  set(d: Address, value: bigint): void {
    let rest = ((value % fieldOrder) + fieldOrder) % fieldOrder
    for (let i = 0; i < limbs; i++) {
      this.words[d / 4 + i] = Number(rest & ((1n << BigInt(widthOf(i))) - 1n))
      rest >>= BigInt(widthOf(i))
    }
  }

  copy(d: Address, a: Address, elements = 1): void {
    this.words.copyWithin(d / 4, a / 4, a / 4 + elements * limbs)
  }

  /** The canonical limbs of an element, valid until the next call. */
  private canonical(a: Address): Int32Array {
    const h = this.carried
    for (let i = 0; i < limbs; i++) h[i] = this.words[a / 4 + i]!
    // q = floor(value / order), by carrying value + 19 through all limbs
    let q = (19 * h[9]! + (1 << 24)) >> 25
    for (let i = 0; i < limbs; i++) q = (h[i]! + q) >> widthOf(i)
    h[0] = h[0]! + 19 * q
    for (let i = 0; i < limbs; i++) {
      const width = widthOf(i)
      const carry = h[i]! >> width
      if (i + 1 < limbs) h[i + 1] = h[i + 1]! + carry
      h[i] = h[i]! - (carry << width)
    }
    return h
  }

  /** Writes 32 bytes, little-endian, canonical. */
  write(a: Address, out: Uint8Array, start = 0): void {
    const h = this.canonical(a)
    out.fill(0, start, start + 32)
    for (let i = 0; i < limbs; i++) {
      const from = firstBit[i]!
      const shift = from & 7
      let value = h[i]! * 2 ** shift
      for (let byte = start + (from >> 3); value > 0; byte++) {
        out[byte] = out[byte]! | (value & 0xff)
        value = Math.floor(value / 256)
      }
    }
  }

  isZero(a: Address): boolean {
    return this.canonical(a).every((limb) => limb === 0)
  }

  /** Is the canonical number odd: the sign of RFC 8032. */
  isOdd(a: Address): boolean {
    return (this.canonical(a)[0]! & 1) === 1
  }

  equal(a: Address, b: Address): boolean {
    const difference = this.t[3]!
    this.code.sub(difference, a, b)
    return this.isZero(difference)
  }

  /** d = -a */
  negate(d: Address, a: Address): void {
    for (let i = 0; i < limbs; i++) this.words[d / 4 + i] = -this.words[a / 4 + i]!
  }

  /** Results in t0 = a^(2^250 - 1) and t1 = a^11. */
  private power250(a: Address): void {
    const { code } = this
    const [t0, t1, t2] = this.t as [Address, Address, Address, Address]
    code.square(t0, a)
    code.squares(t1, t0, 2)
    code.mul(t1, a, t1)
    code.mul(t1, t0, t1)
    // t1 = a^11; t0 = a^(2^5 - 1), then 10, 20, 40, 50, 100, 200, 250 ones
    const t3 = this.t[3]!
    code.square(t0, t1)
    code.squares(t2, a, 3)
    code.mul(t2, t2, a)
    code.mul(t0, t0, t2)
    // a^22 * a^9 = a^31
    code.squares(t2, t0, 5)
    code.mul(t0, t2, t0)
    code.squares(t2, t0, 10)
    code.mul(t2, t2, t0)
    code.squares(t3, t2, 20)
    code.mul(t2, t3, t2)
    code.squares(t2, t2, 10)
    code.mul(t0, t2, t0)
    code.squares(t2, t0, 50)
    code.mul(t2, t2, t0)
    code.squares(t3, t2, 100)
    code.mul(t2, t3, t2)
    code.squares(t2, t2, 50)
    code.mul(t0, t2, t0)
  }

  /** d = 1 / a = a^(2^255 - 21); 0 for 0. */
  invert(d: Address, a: Address): void {
    this.power250(a)
    this.code.squares(this.t[0]!, this.t[0]!, 5)
    this.code.mul(d, this.t[0]!, this.t[1]!)
  }

  /** d = a^((order - 5) / 8) = a^(2^252 - 3) */
  power22523(d: Address, a: Address): void {
    this.power250(a)
    this.code.squares(this.t[0]!, this.t[0]!, 2)
    this.code.mul(d, this.t[0]!, a)
  }
}
