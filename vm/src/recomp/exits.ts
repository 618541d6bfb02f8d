import type { Charge } from './gas.ts'

/** Words of a way out in `Generated.exits`: its row, saved registers in their homes as bits (the first is bit 0), and a `Charge`. */
export const exitWords = 4
/** Generated code says where it was left by a word: the number of the way out, above its `Status`. */
export const statusBits = 2

/**
 * What is always the same where code is left at a place stands here, and not in its code: twelve hundred ways
 * out were a fifth of what the NES emulator became.
 */
export class ExitTable {
  private readonly words: number[] = []

  /** @param owed gas that is yet to be taken @returns the word that generated code says */
  add(row: number, status: number, kept: number, { count, gas }: Charge): number {
    const number = this.words.length / exitWords
    this.words.push(row, kept, gas, count)
    return (number << statusBits) | status
  }

  finish(): Int32Array {
    return Int32Array.from(this.words)
  }
}

/** A function has no more of them: what finds them and their order is quadratic in their number. */
export const maxExits = 48

/** In place of temporaries: where an open call is recorded. */
const unwinds = -1

/**
 * The ways out of a function that stores the same registers for many rows: each has the guest registers
 * and the temporaries that are newer than their homes, as bits. Exit 0 has none. Others record an open call with
 * the saved registers that are in locals.
 */
export class Exits {
  private readonly dirty: number[] = [0]
  private readonly temps: number[] = [0]
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
      this.dirty.push(dirty)
      this.temps.push(temps)
    }
    this.last = exit
    return exit
  }

  /** The same, to record an open call while the Wasm stack unwinds. */
  ofCall(kept: number): number {
    return this.of(kept, unwinds)
  }

  unwinds(exit: number): boolean {
    return this.temps[exit] === unwinds
  }

  registers(exit: number): number {
    return exit < 0 ? 0 : this.dirty[exit]!
  }

  temporaries(exit: number): number {
    return exit < 0 ? 0 : this.temps[exit]!
  }

  /** Those with more first, so that exit 0 is the last. */
  largestFirst(): number[] {
    const order: number[] = []
    const sizes: number[] = []
    for (let exit = 0; exit < this.count; exit++) {
      const size = bitsIn(this.dirty[exit]!) + bitsIn(this.temps[exit]!)
      let at = order.length
      for (; at > 0 && sizes[at - 1]! <= size; at--) {
        order[at] = order[at - 1]!
        sizes[at] = sizes[at - 1]!
      }
      order[at] = exit
      sizes[at] = size
    }
    return order
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
