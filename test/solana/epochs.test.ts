import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sysvar } from '#vm/host/solana/sysvars'
import { epochOf, firstSlotOf, leaderScheduleEpochOf } from '#vm/svm/epochs'

const warmUp: Sysvar<'epochSchedule'> = {
  slotsPerEpoch: 432_000n,
  leaderScheduleSlotOffset: 432_000n,
  warmup: true,
  firstNormalEpoch: 14n,
  firstNormalSlot: 524_256n,
}
const even: Sysvar<'epochSchedule'> = {
  ...warmUp,
  warmup: false,
  firstNormalEpoch: 0n,
  firstNormalSlot: 0n,
}

test('epochs double from 32 slots until they have their length', () => {
  let slot = 0n
  for (let epoch = 0n; epoch < 20n; epoch++) {
    const length = epoch < 14n ? 32n << epoch : 432_000n
    assert.equal(firstSlotOf(warmUp, epoch), slot)
    assert.deepEqual(epochOf(warmUp, slot), { epoch, slotIndex: 0n })
    assert.deepEqual(epochOf(warmUp, slot + length - 1n), { epoch, slotIndex: length - 1n })
    assert.equal(leaderScheduleEpochOf(warmUp, slot), epoch + 1n)
    slot += length
  }
})

test('without a warm-up all epochs have one length', () => {
  assert.deepEqual(epochOf(even, 0n), { epoch: 0n, slotIndex: 0n })
  assert.deepEqual(epochOf(even, 431_999n), { epoch: 0n, slotIndex: 431_999n })
  assert.deepEqual(epochOf(even, 864_005n), { epoch: 2n, slotIndex: 5n })
  assert.equal(firstSlotOf(even, 3n), 1_296_000n)
  assert.equal(leaderScheduleEpochOf(even, 5n), 1n)
})
