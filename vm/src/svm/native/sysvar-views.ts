import { fail } from '../../host/solana/errors.ts'
import { sysvarIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'
import { BincodeReader } from './bincode.ts'

/** What native programs read of the sysvars; each fails with UnsupportedSysvar where the cluster has none. */

function open(context: InvokeContext, id: Pubkey): BincodeReader {
  const bytes = context.sysvars.bytes(id)
  if (bytes === undefined) return fail('UnsupportedSysvar')
  return new BincodeReader(bytes, 'UnsupportedSysvar')
}

/** Native programs once got sysvars as accounts: their addresses are still checked. */
export function checkSysvarAccount(context: InvokeContext, index: number, id: Pubkey): void {
  if (!context.instruction.key(index).equals(id)) fail('InvalidArgument')
}

export interface RentView {
  /** Least lamports of an account of so many bytes (solana-rent, `minimum_balance`). */
  minimumBalance(bytes: number): bigint
}

/** Bytes that every account takes beside its data. */
const accountOverhead = 128n

export function rentOf(context: InvokeContext): RentView {
  const from = open(context, sysvarIds.rent)
  const lamportsPerByte = from.u64()
  const threshold = from.u64()
  from.u8()
  return {
    minimumBalance(bytes) {
      const unscaled = BigInt.asUintN(64, (accountOverhead + BigInt(bytes)) * lamportsPerByte)
      // the thresholds 1.0 and 2.0 are counted in integers
      if (threshold === 0x3ff0000000000000n) return unscaled
      if (threshold === 0x4000000000000000n) return BigInt.asUintN(64, 2n * unscaled)
      return saturate(Number(unscaled) * asDouble(threshold))
    },
  }
}

function asDouble(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, bits)
  return view.getFloat64(0)
}

/** A double as u64: towards zero, what is outside becomes the nearest end, and what is no number 0. */
function saturate(value: number): bigint {
  if (!(value > 0)) return 0n
  return value >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(Math.trunc(value))
}

export interface ClockView {
  readonly slot: bigint
  readonly epochStartTimestamp: bigint
  readonly epoch: bigint
  readonly leaderScheduleEpoch: bigint
  readonly unixTimestamp: bigint
}

export function clockOf(context: InvokeContext): ClockView {
  const from = open(context, sysvarIds.clock)
  return {
    slot: from.u64(),
    epochStartTimestamp: from.i64(),
    epoch: from.u64(),
    leaderScheduleEpoch: from.u64(),
    unixTimestamp: from.i64(),
  }
}

/** How many blockhashes the sysvar of recent ones holds. */
export function recentBlockhashCount(context: InvokeContext): number {
  const from = open(context, sysvarIds.recentBlockhashes)
  const count = from.length()
  from.raw(40 * count)
  return count
}

/** Slots and the hashes of their banks, from the newest to the oldest. */
export interface SlotHashesView {
  readonly count: number
  slot(index: number): bigint
  hash(index: number): Uint8Array
}

export function slotHashesOf(context: InvokeContext): SlotHashesView {
  const from = open(context, sysvarIds.slotHashes)
  const count = from.length()
  const rows = from.raw(40 * count)
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength)
  return {
    count,
    slot: (index) => view.getBigUint64(40 * index, true),
    hash: (index) => rows.subarray(40 * index + 8, 40 * index + 40),
  }
}

export interface EpochScheduleView {
  readonly slotsPerEpoch: bigint
  readonly leaderScheduleSlotOffset: bigint
  readonly warmup: boolean
  readonly firstNormalEpoch: bigint
  readonly firstNormalSlot: bigint
}

export function epochScheduleOf(context: InvokeContext): EpochScheduleView {
  const from = open(context, sysvarIds.epochSchedule)
  return {
    slotsPerEpoch: from.u64(),
    leaderScheduleSlotOffset: from.u64(),
    warmup: from.bool(),
    firstNormalEpoch: from.u64(),
    firstNormalSlot: from.u64(),
  }
}
