import assert from 'node:assert/strict'
import { test } from 'node:test'
import { programIds, sysvarIds } from '#vm/host/solana/ids'
import { Pubkey } from '#vm/host/solana/pubkey'
import { Bank } from '#vm/svm/bank'
import { durableNonceOf } from '#vm/svm/nonce'
import { Time } from '#vm/svm/time'

const newBank = (): Bank<never> =>
  Bank.basic<never>({
    runner: {
      load(): never {
        throw new Error('no program here is sBPF')
      },
      run() {},
    },
  })

const isSet = (bits: Uint8Array, slot: bigint): boolean => {
  const bit = Number(slot % 2n ** 20n)
  return (bits[bit >> 3]! & (1 << (bit & 7))) !== 0
}

test('slots, seconds, blockhashes and what remembers them go on together', () => {
  const bank = newBank()
  bank.set({ blockhashWindow: 150 })
  const time = new Time(bank)
  const { slot, timestamp } = time
  const genesis = bank.latestBlockhash
  // slots of a quarter of a second
  assert.equal(time.slotTime, 250n)
  time.advanceSlots(3)
  assert.deepEqual([time.slot, time.timestamp], [slot + 3n, timestamp])
  time.advanceSlots(1)
  assert.deepEqual([time.slot, time.timestamp], [slot + 4n, timestamp + 1n])
  const hashes = bank.sysvar('slotHashes').entries
  assert.deepEqual(
    hashes.map((entry) => entry.slot),
    [slot + 3n, slot + 2n, slot + 1n, slot, slot],
  )
  assert.equal(bank.settings.olderBlockhashes.length, 4)
  assert.equal(bank.settings.olderBlockhashes[3], genesis)
  assert.deepEqual(
    bank.sysvar('recentBlockhashes').entries.map(({ blockhash }) => Buffer.from(blockhash)),
    [bank.latestBlockhash, ...bank.settings.olderBlockhashes].map((hash) => Buffer.from(hash)),
  )
  const { bits, nextSlot } = bank.sysvar('slotHistory')
  assert.equal(nextSlot, slot + 4n)
  assert.deepEqual(
    [-1n, 0n, 3n, 4n].map((n) => isSet(bits, slot + n)),
    [false, true, true, false],
  )
  assert.throws(() => time.toSlot(slot), RangeError)
})

test('an epoch ends once, with the stake it had', () => {
  const bank = newBank()
  const time = new Time(bank)
  bank.setEpochStake(Pubkey.from(new Uint8Array(32).fill(1)), 77n)
  time.advanceSlots(1)
  const { epoch } = time
  assert.equal(epoch > 1000n, true)
  time.toEpoch(epoch + 2n)
  const clock = bank.sysvar('clock')
  assert.deepEqual([clock.epoch, clock.leaderScheduleEpoch], [epoch + 2n, epoch + 3n])
  assert.equal(clock.epochStartTimestamp, clock.unixTimestamp)
  assert.deepEqual(bank.sysvar('stakeHistory').entries.slice(0, 2), [
    { epoch: epoch + 1n, effective: 77n, activating: 0n, deactivating: 0n },
    { epoch, effective: 77n, activating: 0n, deactivating: 0n },
  ])
  assert.equal(bank.sysvar('slotHashes').entries.length, 512)
  time.advanceSeconds(3)
  assert.equal(time.slot, clock.slot + 12n)
  assert.equal(time.epoch, epoch + 2n)
  assert.equal(bank.sysvar('clock').epochStartTimestamp, clock.epochStartTimestamp)
  time.toTimestamp(clock.unixTimestamp + 1_000_000n)
  assert.equal(time.timestamp, clock.unixTimestamp + 1_000_000n)
  assert.equal(time.epoch, epoch + 2n + 9n)
})

test('a blockhash is good for as many blocks as the window has', () => {
  const bank = newBank()
  const payer = Pubkey.from(new Uint8Array(32).fill(1))
  bank.set({ blockhashWindow: 150, sigverify: false })
  bank.airdrop(payer, 10n ** 10n)
  const time = new Time(bank)
  const old = bank.latestBlockhash
  const message = {
    version: 'legacy',
    requiredSignatures: 1,
    readonlySigned: 0,
    readonlyUnsigned: 1,
    keys: [payer, programIds.system],
    blockhash: old,
    instructions: [],
    lookups: [],
    config: {},
  } as const
  const kind = (): string | undefined =>
    bank.process({ message, signatures: [new Uint8Array(64)], messageBytes: new Uint8Array(0) })
      .error?.kind
  time.advanceSlots(149)
  assert.equal(kind(), undefined)
  time.advanceSlots(1)
  assert.equal(kind(), 'BlockhashNotFound')
})

for (const keepNonces of [true, false])
  test(`a failed transaction ${keepNonces ? 'uses up' : 'leaves'} its nonce`, () => {
    const bank = newBank()
    bank.set({ sigverify: false, keepNonces })
    const payer = Pubkey.from(new Uint8Array(32).fill(1))
    const nonce = Pubkey.from(new Uint8Array(32).fill(2))
    bank.airdrop(payer, 10n ** 10n)
    const held = durableNonceOf(new Uint8Array(32).fill(9))
    const data = Uint8Array.of(
      1,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      ...payer.bytes,
      ...held,
      ...new Uint8Array(8),
    )
    const account = { lamports: 10n ** 8n, data, owner: programIds.system, executable: false }
    bank.setAccount(nonce, { ...account, rentEpoch: 0n })
    const message = {
      version: 'legacy',
      requiredSignatures: 1,
      readonlySigned: 0,
      readonlyUnsigned: 2,
      keys: [payer, nonce, sysvarIds.recentBlockhashes, programIds.system],
      blockhash: held,
      instructions: [
        { programIdIndex: 3, accounts: Uint8Array.of(1, 2, 0), data: Uint8Array.of(4, 0, 0, 0) },
        { programIdIndex: 3, accounts: Uint8Array.of(0), data: Uint8Array.of(99, 0, 0, 0) },
      ],
      lookups: [],
      config: {},
    } as const
    const fork = bank.fork()
    const [advance] = message.instructions
    const alone = { ...message, instructions: [advance] }
    fork.process({ message: alone, signatures: [new Uint8Array(64)], messageBytes: held })
    assert.deepEqual(
      fork.account(nonce)!.data.subarray(40, 72),
      durableNonceOf(keepNonces ? bank.latestBlockhash : held),
    )
    const send = () =>
      bank.process({ message, signatures: [new Uint8Array(64)], messageBytes: new Uint8Array(0) })
    const result = send()
    assert.deepEqual(result.error, {
      kind: 'InstructionError',
      index: 1,
      error: { kind: 'InvalidInstructionData' },
    })
    assert.equal(bank.balance(payer), 10n ** 10n - 5000n)
    assert.equal(result.diff.length, keepNonces ? 2 : 1)
    const now = bank.account(nonce)!.data
    const expected = keepNonces ? durableNonceOf(bank.latestBlockhash) : held
    assert.deepEqual(now.subarray(40, 72), expected)
    assert.equal(now[72], keepNonces ? 0x88 : 0)
    assert.equal(send().error?.kind, keepNonces ? 'BlockhashNotFound' : 'InstructionError')
  })
