import { id32 } from '../bits/octets.ts'
import type { TransactionResult } from './result.ts'

/** Room that litesvm's history starts with, and its table's, which is a power of two less an eighth. */
const startCapacity = 32
const startBuckets = 64

const roomOf = (buckets: number): number =>
  buckets < 8 ? Math.max(buckets - 1, 0) : (buckets / 8) * 7

function bucketsFor(items: number): number {
  let buckets = 4
  while (roomOf(buckets) < items) buckets *= 2
  return buckets
}

const keyOf = (signature: Uint8Array): string => id32(signature) + id32(signature, 32)

/**
 * Results by signature, the oldest dropped when there is no room. How much room there is follows the
 * ordered map that litesvm keeps them in: asking for less than there is leaves room for what is there and
 * no more, so that an empty history asked to be small is switched off.
 */
export class TransactionHistory {
  private results = new Map<string, TransactionResult>()
  private room = startCapacity
  private buckets = startBuckets
  /** Another history has the same map: it is copied before it is changed. */
  private shared = false

  get capacity(): number {
    return Math.min(this.room, roomOf(this.buckets))
  }

  get size(): number {
    return this.results.size
  }

  setCapacity(wanted: number): void {
    const own = this.own()
    const { capacity } = this
    if (wanted <= capacity) {
      let left = own.size - wanted
      // the newest go
      for (const key of [...own.keys()].reverse()) {
        if (left-- <= 0) break
        own.delete(key)
      }
      this.room = own.size
      this.buckets = own.size === 0 ? 0 : bucketsFor(own.size)
      return
    }
    const more = wanted - capacity
    const needed = own.size + more
    if (needed > roomOf(this.buckets))
      this.buckets = bucketsFor(Math.max(needed, roomOf(this.buckets) + 1))
    if (more > this.room - own.size) this.room = Math.max(roomOf(this.buckets), needed)
  }

  has(signature: Uint8Array): boolean {
    return this.results.has(keyOf(signature))
  }

  get(signature: Uint8Array): TransactionResult | undefined {
    return this.results.get(keyOf(signature))
  }

  add(signature: Uint8Array, result: TransactionResult): void {
    const { capacity } = this
    if (capacity === 0) return
    const own = this.own()
    if (own.size === capacity) {
      const oldest = own.keys().next()
      if (!oldest.done) own.delete(oldest.value)
    }
    own.set(keyOf(signature), result)
  }

  /** Oldest first. */
  entries(): IterableIterator<TransactionResult> {
    return this.results.values()
  }

  /** Another history with the same results; neither sees what the other adds. */
  fork(): TransactionHistory {
    const out = new TransactionHistory()
    out.results = this.results
    out.room = this.room
    out.buckets = this.buckets
    out.shared = true
    this.shared = true
    return out
  }

  private own(): Map<string, TransactionResult> {
    if (this.shared) this.results = new Map(this.results)
    this.shared = false
    return this.results
  }
}
