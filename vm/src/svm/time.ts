import type { FeatureSet } from '../host/solana/features.ts'
import { type Sysvar, sysvarEntries } from '../host/solana/sysvars.ts'
import type { Bank } from './bank.ts'
import { epochOf, firstSlotOf, leaderScheduleEpochOf } from './epochs.ts'

/** Blocks that one call makes at most; slots before them are skipped, as a cluster's slots can be. */
const maxBlocks = 512n
const maxSlot = (1n << 64n) - 1n
const slotBits = 1n << 20n

/** Milliseconds of a slot, the shortest that is active first. */
const slotTimes = [
  ['reduce_slot_time_to_250ms', 250n],
  ['reduce_slot_time_to_300ms', 300n],
  ['reduce_slot_time_to_350ms', 350n],
] as const
const fullSlotTime = 400n

function slotTimeOf(features: FeatureSet): bigint {
  return slotTimes.find(([name]) => features.has(name))?.[1] ?? fullSlotTime
}

/** Sets the bits of slots that have blocks, and clears those of slots between. */
function addSlots(history: Sysvar<'slotHistory'>, slots: readonly bigint[]): Sysvar<'slotHistory'> {
  const bits = history.bits.slice()
  let { nextSlot } = history
  for (const slot of slots) {
    if (slot - nextSlot >= slotBits) bits.fill(0)
    else
      for (let skipped = nextSlot; skipped < slot; skipped++) {
        const bit = Number(skipped % slotBits)
        bits[bit >> 3]! &= ~(1 << (bit & 7))
      }
    const bit = Number(slot % slotBits)
    bits[bit >> 3]! |= 1 << (bit & 7)
    nextSlot = slot + 1n
  }
  return { bits, nextSlot }
}

/**
 * Time of a bank that goes on as a cluster's does: slot, epoch, timestamps, blockhashes and the sysvars
 * that remember them change together.
 */
export class Time<Program> {
  private readonly bank: Bank<Program>

  constructor(bank: Bank<Program>) {
    this.bank = bank
  }

  get slot(): bigint {
    return this.bank.sysvar('clock').slot
  }

  get epoch(): bigint {
    return this.bank.sysvar('clock').epoch
  }

  /** Seconds since 1970 by the sysvar Clock. */
  get timestamp(): bigint {
    return this.bank.sysvar('clock').unixTimestamp
  }

  /** Milliseconds of a slot with the bank's features. */
  get slotTime(): bigint {
    return slotTimeOf(this.bank.settings.features)
  }

  /** Goes on by so many slots, each with a block but for the first of very many. @throws {RangeError} below 1 */
  advanceSlots(count: bigint | number): void {
    this.toSlot(this.slot + BigInt(count))
  }

  /** Goes on to a slot. @throws {RangeError} when that is not ahead */
  toSlot(slot: bigint): void {
    const clock = this.bank.sysvar('clock')
    if (slot <= clock.slot || slot > maxSlot)
      throw new RangeError(`time goes on from slot ${clock.slot}, not to ${slot}`)
    const millis = (slot - clock.slot) * this.slotTime + BigInt(this.bank.settings.clockMillis)
    this.bank.set({ clockMillis: Number(millis % 1000n) })
    this.move(clock, slot, clock.unixTimestamp + millis / 1000n)
  }

  /** Goes on to the first slot of an epoch. @throws {RangeError} when that is not ahead */
  toEpoch(epoch: bigint): void {
    this.toSlot(firstSlotOf(this.bank.sysvar('epochSchedule'), epoch))
  }

  /** Goes on by as many slots as fit these seconds, at least one. @throws {RangeError} below 1 */
  advanceSeconds(seconds: bigint | number): void {
    this.toTimestamp(this.timestamp + BigInt(seconds))
  }

  /** Goes on to a time, by as many slots as fit. @throws {RangeError} when that is not ahead */
  toTimestamp(timestamp: bigint): void {
    const clock = this.bank.sysvar('clock')
    if (timestamp <= clock.unixTimestamp)
      throw new RangeError(`time goes on from ${clock.unixTimestamp}, not to ${timestamp}`)
    const slots = ((timestamp - clock.unixTimestamp) * 1000n) / this.slotTime
    this.bank.set({ clockMillis: 0 })
    this.move(clock, clock.slot + (slots === 0n ? 1n : slots), timestamp)
  }

  private move(from: Sysvar<'clock'>, slot: bigint, unixTimestamp: bigint): void {
    const { bank } = this
    const schedule = bank.sysvar('epochSchedule')
    const { epoch } = epochOf(schedule, slot)
    this.makeBlocks(from.slot, slot)
    // a clock that was set by hand may be in any epoch
    if (epoch > from.epoch) this.endEpochs(from.epoch, epoch)
    bank.setSysvar('clock', {
      slot,
      epoch,
      leaderScheduleEpoch: leaderScheduleEpochOf(schedule, slot),
      epochStartTimestamp: epoch === from.epoch ? from.epochStartTimestamp : unixTimestamp,
      unixTimestamp,
    })
  }

  /** Ends the block of slot `from`, and makes those between it and slot `to`. */
  private makeBlocks(from: bigint, to: bigint): void {
    const { bank } = this
    const first = to - from > maxBlocks ? to - maxBlocks + 1n : from + 1n
    const hashes = [...bank.sysvar('slotHashes').entries]
    const slots: bigint[] = []
    for (let slot = from; slot < to; slot = slot === from ? first : slot + 1n) {
      hashes.unshift({ slot, hash: bank.latestBlockhash })
      slots.push(slot)
      bank.expireBlockhash()
    }
    bank.setSysvar('slotHashes', { entries: hashes.slice(0, sysvarEntries.slotHashes) })
    bank.setSysvar('slotHistory', addSlots(bank.sysvar('slotHistory'), slots))
  }

  /** Remembers the stake of epochs that are over. */
  private endEpochs(from: bigint, to: bigint): void {
    const { bank } = this
    const most = BigInt(sysvarEntries.stakeHistory)
    const entries = [...bank.sysvar('stakeHistory').entries]
    for (let epoch = to - from > most ? to - most : from; epoch < to; epoch++)
      entries.unshift({
        epoch,
        effective: bank.epochTotalStake,
        activating: 0n,
        deactivating: 0n,
      })
    bank.setSysvar('stakeHistory', { entries: entries.slice(0, sysvarEntries.stakeHistory) })
  }
}
