import type { Sysvar } from '../../host/solana/sysvars.ts'
import {
  asBool,
  asF64,
  asHash,
  asI64,
  asU8,
  asU64,
  asU128,
  asUsize,
  hashText,
  internal,
  napiError,
  onlyInternal,
} from './napi.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }
/** Time of the network. */
export class Clock {
  /** The fields, as the ledger keeps them: not in litesvm. */
  readonly values: Writable<Sysvar<'clock'>>

  /** Of the timestamps the first is that of the epoch's first slot, in seconds. */
  constructor(
    slot: bigint,
    epochStartTimestamp: bigint,
    epoch: bigint,
    leaderScheduleEpoch: bigint,
    unixTimestamp: bigint,
  ) {
    this.values = {
      slot: asU64(slot),
      epochStartTimestamp: asI64(epochStartTimestamp),
      epoch: asU64(epoch),
      leaderScheduleEpoch: asU64(leaderScheduleEpoch),
      unixTimestamp: asI64(unixTimestamp),
    }
  }

  get slot(): bigint {
    return this.values.slot
  }
  set slot(value: bigint) {
    this.values.slot = asU64(value)
  }
  get epoch(): bigint {
    return this.values.epoch
  }
  set epoch(value: bigint) {
    this.values.epoch = asU64(value)
  }
  get epochStartTimestamp(): bigint {
    return this.values.epochStartTimestamp
  }
  set epochStartTimestamp(value: bigint) {
    this.values.epochStartTimestamp = asI64(value)
  }
  get leaderScheduleEpoch(): bigint {
    return this.values.leaderScheduleEpoch
  }
  set leaderScheduleEpoch(value: bigint) {
    this.values.leaderScheduleEpoch = asU64(value)
  }
  get unixTimestamp(): bigint {
    return this.values.unixTimestamp
  }
  set unixTimestamp(value: bigint) {
    this.values.unixTimestamp = asI64(value)
  }
  toString(): string {
    const clock = this.values
    return `Clock(Clock { slot: ${clock.slot}, epoch_start_timestamp: ${clock.epochStartTimestamp}, epoch: ${clock.epoch}, leader_schedule_epoch: ${clock.leaderScheduleEpoch}, unix_timestamp: ${clock.unixTimestamp} })`
  }
}

/** How far the rewards of an epoch were paid out. */
export class EpochRewards {
  /** The fields, as the ledger keeps them: not in litesvm. */
  readonly values: Writable<Sysvar<'epochRewards'>>

  /** `parentBlockhash` is base58. */
  constructor(
    distributionStartingBlockHeight: bigint,
    numPartitions: bigint,
    parentBlockhash: string,
    totalPoints: bigint,
    totalRewards: bigint,
    distributedRewards: bigint,
    active: boolean,
  ) {
    const parent = asHash(parentBlockhash)
    this.values = {
      distributionStartingBlockHeight: asU64(distributionStartingBlockHeight),
      numPartitions: asU64(numPartitions),
      parentBlockhash: parent,
      totalPoints: asU128(totalPoints),
      totalRewards: asU64(totalRewards),
      distributedRewards: asU64(distributedRewards),
      active: asBool(active),
    }
  }

  get distributionStartingBlockHeight(): bigint {
    return this.values.distributionStartingBlockHeight
  }
  set distributionStartingBlockHeight(value: bigint) {
    this.values.distributionStartingBlockHeight = asU64(value)
  }
  get numPartitions(): bigint {
    return this.values.numPartitions
  }
  set numPartitions(value: bigint) {
    this.values.numPartitions = asU64(value)
  }
  get parentBlockhash(): string {
    return hashText(this.values.parentBlockhash)
  }
  set parentBlockhash(value: string) {
    this.values.parentBlockhash = asHash(value)
  }
  get totalPoints(): bigint {
    return this.values.totalPoints
  }
  set totalPoints(value: bigint) {
    this.values.totalPoints = asU128(value)
  }
  get totalRewards(): bigint {
    return this.values.totalRewards
  }
  set totalRewards(value: bigint) {
    this.values.totalRewards = asU64(value)
  }
  get distributedRewards(): bigint {
    return this.values.distributedRewards
  }
  set distributedRewards(value: bigint) {
    this.values.distributedRewards = asU64(value)
  }
  get active(): boolean {
    return this.values.active
  }
  set active(value: boolean) {
    this.values.active = asBool(value)
  }
}

/** Which slots are in which epoch. */
export class EpochSchedule {
  /** The fields, as the ledger keeps them: not in litesvm. */
  readonly values: Writable<Sysvar<'epochSchedule'>>

  constructor(
    slotsPerEpoch: bigint,
    leaderScheduleSlotOffset: bigint,
    warmup: boolean,
    firstNormalEpoch: bigint,
    firstNormalSlot: bigint,
  ) {
    this.values = {
      slotsPerEpoch: asU64(slotsPerEpoch),
      leaderScheduleSlotOffset: asU64(leaderScheduleSlotOffset),
      warmup: asBool(warmup),
      firstNormalEpoch: asU64(firstNormalEpoch),
      firstNormalSlot: asU64(firstNormalSlot),
    }
  }

  get slotsPerEpoch(): bigint {
    return this.values.slotsPerEpoch
  }
  set slotsPerEpoch(value: bigint) {
    this.values.slotsPerEpoch = asU64(value)
  }
  get leaderScheduleSlotOffset(): bigint {
    return this.values.leaderScheduleSlotOffset
  }
  set leaderScheduleSlotOffset(value: bigint) {
    this.values.leaderScheduleSlotOffset = asU64(value)
  }
  get warmup(): boolean {
    return this.values.warmup
  }
  set warmup(value: boolean) {
    this.values.warmup = asBool(value)
  }
  get firstNormalEpoch(): bigint {
    return this.values.firstNormalEpoch
  }
  set firstNormalEpoch(value: bigint) {
    this.values.firstNormalEpoch = asU64(value)
  }
  get firstNormalSlot(): bigint {
    return this.values.firstNormalSlot
  }
  set firstNormalSlot(value: bigint) {
    this.values.firstNormalSlot = asU64(value)
  }
}

/** A slot and its hash, as `getSlotHashes` answers them; `hash` is base58. */
export class SlotHash {
  #slot: bigint
  #hash: string

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, slot = 0n, hash = '') {
    onlyInternal(token)
    this.#slot = slot
    this.#hash = hash
  }

  get slot(): bigint {
    return this.#slot
  }
  set slot(value: bigint) {
    if (typeof value !== 'bigint') throw napiError('BigintExpected', '')
    this.#slot = value
  }
  get hash(): string {
    return this.#hash
  }
  set hash(value: string) {
    this.#hash = value
  }
}

/** What `setSlotHashes` takes. */
export interface SlotHashInput {
  slot: bigint
  hash: string
}

/** @throws {Error} as litesvm, on what is no list of slots and base58 hashes */
export function slotHashRows(hashes: readonly SlotHashInput[]): Sysvar<'slotHashes'> {
  return {
    entries: hashes.map((entry) => {
      for (const field of ['slot', 'hash'] as const)
        if (entry[field] === undefined) throw napiError('InvalidArg', `Missing field \`${field}\``)
      const found = asHash(entry.hash)
      return { slot: asU64(entry.slot), hash: found }
    }),
  }
}

export const slotHashesOf = ({ entries }: Sysvar<'slotHashes'>): SlotHash[] =>
  entries.map(({ slot, hash }) => new SlotHash(internal, slot, hashText(hash)))

/** Of the cluster's stake in one epoch, lamports. */
export class StakeHistoryEntry {
  #effective: bigint
  #activating: bigint
  #deactivating: bigint

  constructor(effective: bigint, activating: bigint, deactivating: bigint) {
    this.#effective = asU64(effective)
    this.#activating = asU64(activating)
    this.#deactivating = asU64(deactivating)
  }

  get effective(): bigint {
    return this.#effective
  }
  set effective(value: bigint) {
    this.#effective = asU64(value)
  }
  get activating(): bigint {
    return this.#activating
  }
  /** Sets `effective`, as litesvm 1.5.0 does. */
  set activating(value: bigint) {
    this.#effective = asU64(value)
  }
  get deactivating(): bigint {
    return this.#deactivating
  }
  /** Sets `effective`, as litesvm 1.5.0 does. */
  set deactivating(value: bigint) {
    this.#effective = asU64(value)
  }
  toString(): string {
    return `StakeHistoryEntry(StakeHistoryEntry { effective: ${this.#effective}, activating: ${this.#activating}, deactivating: ${this.#deactivating} })`
  }
}

/** Stake by epoch, the newest first. */
export class StakeHistory {
  /** The fields, as the ledger keeps them: not in litesvm. */
  readonly values: Writable<Sysvar<'stakeHistory'>> = { entries: [] }

  /** Counts back from the newest epoch, as Agave does: epochs left out move the older ones. */
  get(epoch: bigint): StakeHistoryEntry | null {
    const [newest] = this.values.entries
    const back = newest === undefined ? -1n : newest.epoch - asU64(epoch)
    const found = back < 0n ? undefined : this.values.entries[Number(back)]
    if (found === undefined) return null
    return new StakeHistoryEntry(found.effective, found.activating, found.deactivating)
  }

  /** Replaces an epoch's entry; of more than 512 the oldest goes. */
  add(epoch: bigint, { effective, activating, deactivating }: StakeHistoryEntry): void {
    const row = { epoch: asU64(epoch), effective, activating, deactivating }
    const others = this.values.entries.filter((entry) => entry.epoch !== row.epoch)
    const newer = others.filter((entry) => entry.epoch > row.epoch)
    this.values.entries = [...newer, row, ...others.slice(newer.length)].slice(0, 512)
  }
}

/** Bytes of storage that an account without data is charged for. */
const accountOverhead = 128n
const maxDataBytes = 10n * 1024n * 1024n
const u64Max = 0xffff_ffff_ffff_ffffn

/** Whole part, within 0..2^64 - 1; NaN is 0: Rust's `as u64`. */
function toU64(value: number): bigint {
  if (!(value > 0)) return 0n
  return value >= 2 ** 64 ? u64Max : BigInt(Math.trunc(value))
}

/** What accounts must hold to be kept. */
export class Rent {
  /** The fields, as the ledger keeps them: not in litesvm. */
  readonly values: Writable<Sysvar<'rent'>>

  constructor(lamportsPerByteYear: bigint, exemptionThreshold: number, burnPercent: number) {
    this.values = {
      lamportsPerByte: asU64(lamportsPerByteYear),
      exemptionThreshold: asF64(exemptionThreshold),
      burnPercent: asU8(burnPercent),
    }
  }

  static default(): Rent {
    return new Rent(6960n, 1, 50)
  }
  /** Charges nothing. */
  static free(): Rent {
    return new Rent(0n, 1, 50)
  }
  /** The default one: the argument is not used any more. */
  static withSlotsPerEpoch(_slotsPerEpoch: bigint): Rent {
    return Rent.default()
  }

  /** Lamports a byte; on clusters of today not a year's, but all there is to pay. */
  get lamportsPerByteYear(): bigint {
    return this.values.lamportsPerByte
  }
  set lamportsPerByteYear(value: bigint) {
    this.values.lamportsPerByte = asU64(value)
  }
  get exemptionThreshold(): number {
    return this.values.exemptionThreshold
  }
  set exemptionThreshold(value: number) {
    this.values.exemptionThreshold = asF64(value)
  }
  get burnPercent(): number {
    return this.values.burnPercent
  }
  set burnPercent(value: number) {
    this.values.burnPercent = asU8(value)
  }

  /** Lamports that are burned, and that go to validators. */
  calculateBurn(rentCollected: bigint): [bigint, bigint] {
    const collected = asU64(rentCollected)
    const product = collected * BigInt(this.burnPercent)
    const burned = (product > u64Max ? u64Max : product) / 100n
    return [burned, collected > burned ? collected - burned : 0n]
  }

  /**
   * Least lamports with which an account of so many bytes is kept.
   * @throws {Error} beyond 10 MiB, and when the product has more than 64 bits
   */
  minimumBalance(dataLen: bigint): bigint {
    const length = asUsize(dataLen)
    const { lamportsPerByte, exemptionThreshold } = this.values
    const product = (accountOverhead + length) * lamportsPerByte
    if (length > maxDataBytes || product > u64Max)
      throw napiError('InvalidArg', 'maximum permitted data length exceeded')
    if (exemptionThreshold === 1) return product
    if (exemptionThreshold === 2) return product * 2n
    return toU64(Number(product) * exemptionThreshold)
  }

  isExempt(balance: bigint, dataLen: bigint): boolean {
    return asU64(balance) >= this.minimumBalance(dataLen)
  }

  /** What is due for so many years; null when the account is exempt. */
  due(balance: bigint, dataLen: bigint, yearsElapsed: number): bigint | null {
    return this.isExempt(balance, dataLen) ? null : this.dueAmount(dataLen, yearsElapsed)
  }

  dueAmount(dataLen: bigint, yearsElapsed: number): bigint {
    const product = (accountOverhead + asUsize(dataLen)) * this.values.lamportsPerByte
    return toU64(Number(product & u64Max) * asF64(yearsElapsed))
  }

  toString(): string {
    const { lamportsPerByte, exemptionThreshold, burnPercent } = this.values
    const threshold = new Uint8Array(Float64Array.of(exemptionThreshold).buffer)
    return `Rent(Rent { lamports_per_byte: ${lamportsPerByte}, exemption_threshold: [${threshold.join(', ')}], burn_percent: ${burnPercent} })`
  }
}
