import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Features, knownFeatures, mainnetDefaultSlot } from '#vm/host/solana/feature-set'
import { Pubkey } from '#vm/host/solana/pubkey'
import {
  decodeSysvar,
  encodeSysvar,
  type Sysvar,
  type SysvarName,
  sysvarStruct,
} from '#vm/host/solana/sysvars'

const hash = new Uint8Array(32).map((_, i) => i)
const values: { readonly [N in SysvarName]: Sysvar<N> } = {
  clock: {
    slot: 1n,
    epochStartTimestamp: -2n,
    epoch: 3n,
    leaderScheduleEpoch: 4n,
    unixTimestamp: -(2n ** 63n),
  },
  epochRewards: {
    distributionStartingBlockHeight: 1n,
    numPartitions: 2n,
    parentBlockhash: hash,
    totalPoints: 2n ** 127n + 5n,
    totalRewards: 3n,
    distributedRewards: 4n,
    active: true,
  },
  epochSchedule: {
    slotsPerEpoch: 432_000n,
    leaderScheduleSlotOffset: 432_000n,
    warmup: true,
    firstNormalEpoch: 14n,
    firstNormalSlot: 524_256n,
  },
  fees: { lamportsPerSignature: 5000n },
  lastRestartSlot: { lastRestartSlot: 7n },
  recentBlockhashes: { entries: [{ blockhash: hash, lamportsPerSignature: 5n }] },
  rent: { lamportsPerByte: 6960n, exemptionThreshold: 1, burnPercent: 50 },
  slotHashes: {
    entries: [
      { slot: 9n, hash },
      { slot: 8n, hash },
    ],
  },
  slotHistory: { bits: new Uint8Array(131_072).fill(1, 0, 3), nextSlot: 17n },
  stakeHistory: { entries: [{ epoch: 1n, effective: 2n, activating: 3n, deactivating: 4n }] },
}
/** Bytes of each account's form (solana-sysvar, `SIZE`), and of the C struct where a syscall writes one. */
const sizes: { readonly [N in SysvarName]: readonly [number, number?] } = {
  clock: [40, 40],
  epochRewards: [81, 96],
  epochSchedule: [33, 40],
  fees: [8, 8],
  lastRestartSlot: [8, 8],
  recentBlockhashes: [48],
  rent: [17, 24],
  slotHashes: [88],
  slotHistory: [131_097],
  stakeHistory: [40],
}

function check<N extends SysvarName>(name: N): void {
  const bytes = encodeSysvar(name, values[name])
  const [size, struct] = sizes[name]
  assert.equal(bytes.length, size)
  assert.deepEqual(decodeSysvar(name, bytes), values[name])
  assert.throws(() => decodeSysvar(name, bytes.subarray(0, size - 1)), { code: 'truncated' })
  if (struct !== undefined) assert.equal(sysvarStruct(name, values[name]).length, struct)
}

for (const name of Object.keys(values) as SysvarName[])
  test(`${name} comes back from its account's bytes`, () => check(name))

test('structs have their fields at multiples of their size', () => {
  const rewards = sysvarStruct('epochRewards', values.epochRewards)
  assert.equal(rewards[48], 5)
  assert.equal(rewards[63], 0x80)
  assert.equal(rewards[80], 1)
  const schedule = sysvarStruct('epochSchedule', values.epochSchedule)
  assert.deepEqual([...schedule.slice(16, 26)], [1, 0, 0, 0, 0, 0, 0, 0, 14, 0])
})

test('counts that cannot be, and flags that are none, are refused', () => {
  const many = new Uint8Array(40).fill(255)
  assert.throws(() => decodeSysvar('slotHashes', many), { code: 'truncated' })
  const flag = encodeSysvar('epochSchedule', values.epochSchedule)
  flag[16] = 2
  assert.throws(() => decodeSysvar('epochSchedule', flag), { code: 'badBool' })
})

test('features are switched by address and asked by name', () => {
  assert.equal(knownFeatures().length, 287)
  assert.equal(new Set(knownFeatures().map(({ id }) => id.key)).size, 287)
  assert.equal(mainnetDefaultSlot(), 447_552_000n)
  const mainnet = Features.mainnet()
  assert.equal(mainnet.active().length, 250)
  assert.equal(mainnet.has('reduce_slot_time_to_350ms'), true)
  assert.equal(Features.mainnet(440_207_999n).has('reduce_slot_time_to_350ms'), false)
  assert.equal(mainnet.has('relax_fee_payer_constraint'), false)
  assert.equal(Features.all().has('relax_fee_payer_constraint'), true)
  const id = knownFeatures().find(({ name }) => name === 'relax_fee_payer_constraint')!.id
  const copy = mainnet.copy()
  copy.activate(id, 5n)
  assert.equal(copy.activatedAt(id), 5n)
  assert.equal(copy.has('relax_fee_payer_constraint'), true)
  assert.equal(mainnet.has('relax_fee_payer_constraint'), false)
  copy.deactivate(id)
  assert.equal(copy.has('relax_fee_payer_constraint'), false)
  const unknown = Pubkey.from(new Uint8Array(32).fill(3))
  copy.activate(unknown, 1n)
  assert.equal(copy.activatedAt(unknown), 1n)
})
