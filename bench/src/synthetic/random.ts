/** xorshift32: the same numbers on every machine for the same seed. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) | 1
  }

  /** 0..2^32-1 */
  next(): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return x >>> 0
  }

  /** 0..limit-1 */
  below(limit: number): number {
    return this.next() % limit
  }

  /** A number as compilers write them: mostly small, now and then any i32. */
  imm(): number {
    const kind = this.below(16)
    if (kind === 0) return this.next() | 0
    return kind < 10 ? this.below(64) : this.below(0x2000) - 0x1000
  }
}
