/** Octets to fill memories from: a slice costs nothing. */
const noise = new Uint8Array(0x20000)

/** A small deterministic generator (xorshift32): the same seed gives the same programs everywhere. */
export class Rng {
  private state: number

  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) | 0 || 1
    for (let i = 0; i < 4; i++) this.word()
  }

  /** i32 */
  word(): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return x
  }

  /** 0 <= result < n */
  below(n: number): number {
    return Math.floor(((this.word() >>> 0) / 2 ** 32) * n)
  }

  /** min <= result <= max */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  /** i32 with a liking for the edges where arithmetic goes wrong. */
  imm(): number {
    const near = [
      0, 0, 0, 1, 1, -1, -1, 2, -2, 7, 8, 31, 32, 33, 63, 64, 127, 128, -128, 255, 256, 0x7fff,
    ]
    if (this.chance(55)) return this.pick(near)
    if (this.chance(30)) return this.pick([0x7fffffff, -0x80000000, -0x7fffffff, 0xffff, -0x8000])
    return this.word()
  }

  /** u64 with the same liking. */
  value(): bigint {
    if (this.chance(60)) return BigInt.asUintN(64, BigInt(this.imm()))
    if (this.chance(40))
      return this.pick([1n << 63n, (1n << 63n) - 1n, 1n << 32n, 0xffff_ffffn, (1n << 64n) - 1n])
    return (BigInt(this.word() >>> 0) << 32n) | BigInt(this.word() >>> 0)
  }

  /** `length` octets, at most 64 KiB. */
  bytes(length: number): Uint8Array {
    const at = this.below(noise.length - length)
    return noise.subarray(at, at + length)
  }
}

const source = new Rng(0)
for (let i = 0; i < noise.length; i++) noise[i] = source.word()
