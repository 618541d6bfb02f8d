import type { Sysvar } from '../host/solana/sysvars.ts'

/** Slots of the shortest epoch, the first one of a cluster that warms up. */
const shortest = 32n

function bitLength(value: bigint): number {
  return value.toString(2).length
}

/** An epoch, and how many of its slots are before. */
export interface EpochPlace {
  readonly epoch: bigint
  readonly slotIndex: bigint
}

/** Where in its epoch a slot is (solana-epoch-schedule, `get_epoch_and_slot_index`). */
export function epochOf(schedule: Sysvar<'epochSchedule'>, slot: bigint): EpochPlace {
  const { firstNormalSlot, firstNormalEpoch, slotsPerEpoch } = schedule
  if (slot < firstNormalSlot) {
    // epochs double: the n-th has 32 * 2^n slots and starts at 32 * (2^n - 1)
    const epoch = BigInt(bitLength((slot + shortest) / shortest) - 1)
    return { epoch, slotIndex: slot - (shortest << epoch) + shortest }
  }
  if (slotsPerEpoch === 0n) return { epoch: firstNormalEpoch, slotIndex: 0n }
  const since = slot - firstNormalSlot
  return { epoch: firstNormalEpoch + since / slotsPerEpoch, slotIndex: since % slotsPerEpoch }
}

/** The first slot of an epoch. */
export function firstSlotOf(schedule: Sysvar<'epochSchedule'>, epoch: bigint): bigint {
  const { firstNormalSlot, firstNormalEpoch, slotsPerEpoch } = schedule
  if (epoch <= firstNormalEpoch) return (shortest << epoch) - shortest
  return firstNormalSlot + (epoch - firstNormalEpoch) * slotsPerEpoch
}

/** The epoch whose leaders are known at a slot. */
export function leaderScheduleEpochOf(schedule: Sysvar<'epochSchedule'>, slot: bigint): bigint {
  const { firstNormalSlot, firstNormalEpoch, slotsPerEpoch, leaderScheduleSlotOffset } = schedule
  if (slot < firstNormalSlot) return epochOf(schedule, slot).epoch + 1n
  if (slotsPerEpoch === 0n) return firstNormalEpoch
  return firstNormalEpoch + (slot - firstNormalSlot + leaderScheduleSlotOffset) / slotsPerEpoch
}
