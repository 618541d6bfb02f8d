/** A function has no more of them: what finds them and their order is quadratic in their number. */
export const maxExits = 48

/**
 * The ways out of a function that stores the same registers for many rows: each has the guest registers
 * and the temporaries that are newer than their homes, as bits. Exit 0 has none.
 */
export class Exits {
  private readonly dirty = new Int32Array(maxExits)
  private readonly temps = new Int32Array(maxExits)
  private last = 0
  /** 0 until one was asked for. */
  count = 0

  /** The exit with exactly these, made if there is room; else -1. */
  of(dirty: number, temps: number): number {
    const { last } = this
    if (this.count === 0) this.count = 1
    if (this.dirty[last] === dirty && this.temps[last] === temps) return last
    let exit = this.count - 1
    while (exit >= 0 && (this.dirty[exit] !== dirty || this.temps[exit] !== temps)) exit--
    if (exit < 0) {
      if (this.count === maxExits) return -1
      exit = this.count++
      this.dirty[exit] = dirty
      this.temps[exit] = temps
    }
    this.last = exit
    return exit
  }

  registers(exit: number): number {
    return exit < 0 ? 0 : this.dirty[exit]!
  }

  temporaries(exit: number): number {
    return exit < 0 ? 0 : this.temps[exit]!
  }

  /** Those with more first, so that exit 0 is the last. */
  largestFirst(): number[] {
    const sizes = Array.from(
      { length: this.count },
      (_, i) => bitsIn(this.dirty[i]!) + bitsIn(this.temps[i]!),
    )
    return [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]! || b - a)
  }

  /** Index in `order` of the largest exit behind `at` that has nothing which the one there has not. */
  restOf(order: readonly number[], at: number): number {
    const dirty = this.dirty[order[at]!]!
    const temps = this.temps[order[at]!]!
    let next = at + 1
    while (
      next < order.length &&
      ((this.dirty[order[next]!]! & ~dirty) !== 0 || (this.temps[order[next]!]! & ~temps) !== 0)
    )
      next++
    return next
  }
}

function bitsIn(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
