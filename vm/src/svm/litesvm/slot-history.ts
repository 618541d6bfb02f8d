import type { Sysvar } from '../../host/solana/sysvars.ts'
import { asU64, napiError } from './napi.ts'

/** What `SlotHistory.check` answers. */
export const SlotHistoryCheck = { Future: 0, TooOld: 1, Found: 2, NotFound: 3 } as const
export type SlotHistoryCheck = (typeof SlotHistoryCheck)[keyof typeof SlotHistoryCheck]

const entries = 1024n * 1024n

/** Which slots of about the last five days have a block: a bit for each slot, at its number modulo 2^20. */
export class SlotHistory {
  #bits: BigUint64Array
  #nextSlot: bigint

  /** Bits from the lowest of each word on. */
  constructor(bits: BigUint64Array, nextSlot: bigint) {
    this.#bits = wordsOf(bits)
    this.#nextSlot = asU64(nextSlot)
  }

  static default(): SlotHistory {
    const bits = new BigUint64Array(Number(entries / 64n))
    bits[0] = 1n
    return new SlotHistory(bits, 1n)
  }

  get bits(): BigUint64Array {
    return this.#bits.slice()
  }
  set bits(bits: BigUint64Array) {
    this.#bits = wordsOf(bits)
  }
  get nextSlot(): bigint {
    return this.#nextSlot
  }
  set nextSlot(slot: bigint) {
    this.#nextSlot = asU64(slot)
  }

  /** The fields, as the ledger keeps them: not in litesvm. */
  get values(): Sysvar<'slotHistory'> {
    const { buffer, byteOffset, byteLength } = this.#bits
    return {
      bits: new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength)),
      nextSlot: this.#nextSlot,
    }
  }

  add(slot: bigint): void {
    const at = asU64(slot)
    if (at > this.#nextSlot && at - this.#nextSlot >= entries) this.#bits.fill(0n)
    else for (let skipped = this.#nextSlot; skipped < at; skipped++) this.#set(skipped, false)
    this.#set(at, true)
    this.#nextSlot = at + 1n
  }

  check(slot: bigint): SlotHistoryCheck {
    const at = asU64(slot)
    if (at > this.newest()) return SlotHistoryCheck.Future
    if (at < this.oldest()) return SlotHistoryCheck.TooOld
    return this.#has(at) ? SlotHistoryCheck.Found : SlotHistoryCheck.NotFound
  }

  oldest(): bigint {
    return this.#nextSlot > entries ? this.#nextSlot - entries : 0n
  }
  newest(): bigint {
    return BigInt.asUintN(64, this.#nextSlot - 1n)
  }

  toString(): string {
    let bits = ''
    for (let slot = 0n; slot < entries; slot++) bits += this.#has(slot) ? '1' : '0'
    return `SlotHistory(SlotHistory { slot: ${this.#nextSlot} bits:${bits})`
  }

  #word(slot: bigint): number {
    const word = Number((slot % entries) / 64n)
    if (word >= this.#bits.length)
      throw new RangeError(`slot ${slot} is outside of ${this.#bits.length} words of bits`)
    return word
  }

  #has(slot: bigint): boolean {
    return ((this.#bits[this.#word(slot)]! >> (slot % 64n)) & 1n) === 1n
  }

  #set(slot: bigint, on: boolean): void {
    const word = this.#word(slot)
    const bit = 1n << (slot % 64n)
    const others = this.#bits[word]! & ~bit
    this.#bits[word] = on ? others | bit : others
  }
}

function wordsOf(bits: unknown): BigUint64Array {
  if (bits instanceof BigUint64Array) return bits.slice()
  throw napiError('InvalidArg', 'Failed to create reference from TypedArray')
}
