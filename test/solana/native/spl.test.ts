import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasSplPrograms } from '#vm/svm/spl-programs'
import { derive } from '../differential/keys.ts'
import { bytesOf, join, type Part, toBase64, u32, u64 } from '../differential/pack.ts'
import type { Address } from '../differential/subject.ts'
import type { Instruction, Meta } from '../differential/wire.ts'
import { type Case, rentOf, systemId, sysvars } from './cases.ts'
import { Flow, meta } from './flow.ts'
import { voteId } from './vote-cases.ts'

const skip = hasSplPrograms() ? false : 'this build has no SPL programs: litesvm was not installed'
const tableId: Address = 'AddressLookupTab1e1111111111111111111111111'
const stakeId: Address = 'Stake11111111111111111111111111111111111111'
const sysvarOwner: Address = 'Sysvar1111111111111111111111111111111111111'
const stakeHistory: Address = 'SysvarStakeHistory1111111111111111111111111'
const stakeConfig: Address = 'StakeConfig11111111111111111111111111111111'

const instruction = (
  program: Address,
  code: number,
  metas: readonly Meta[],
  ...data: Part[]
): Instruction => ({ program, metas, data: join(u32(code), ...data) })

/** Slots whose hashes are known: those from `newest` down. The program reads the account at its full size. */
function knowSlots(flow: Flow, newest: number): void {
  const count = 512
  const rows = Array.from({ length: count }, (_, i) => join(u64(newest - i), new Uint8Array(32)))
  const data = toBase64(join(u64(count), ...rows))
  const account = { lamports: '143487360', data, owner: sysvarOwner, executable: false }
  flow.each((side) => side.put(sysvars.slotHashes, account))
}

test('a lookup table is made, extended, used, and closed when its slot is forgotten', {
  skip,
}, () => {
  const flow = new Flow(11)
  const authority = flow.rich()
  const [to, unused] = [flow.draw.address(), flow.draw.address()]
  knowSlots(flow, 4999)
  flow.each((side) => side.warp(5000n))
  const slot = u64(4999)
  const [table, bump] = derive([bytesOf(authority), slot], tableId)
  const signer = meta(authority, 's')
  const withPayer = [meta(table, 'w'), signer, meta(flow.payer, 'ws'), meta(systemId)]
  const create = instruction(tableId, 0, withPayer, slot, [bump])
  const extend = instruction(tableId, 2, withPayer, u64(2), bytesOf(to), bytesOf(unused))
  const deactivate = instruction(tableId, 3, [meta(table, 'w'), signer])
  const close = instruction(tableId, 4, [meta(table, 'w'), signer, meta(authority, 'w')])
  const pay: Instruction = {
    program: systemId,
    metas: [meta(flow.payer, 'ws'), meta(to, 'w')],
    data: join(u32(2), u64(rentOf(0))),
  }
  const tables = [{ address: table, entries: [to, unused] }]

  assert.equal(flow.send([create]).error, null)
  assert.equal(flow.send([extend]).error, null)
  assert.equal(flow.data(table).length, 56 + 64)
  assert.equal(flow.send([pay], tables).error, 'InvalidAddressLookupTableIndex')
  flow.each((side) => side.warp(5001n))
  assert.equal(flow.send([pay], tables).error, null)
  assert.equal(flow.lamports(to), rentOf(0))
  assert.equal(flow.send([close]).error, 'InstructionError(0, InvalidArgument)')
  assert.equal(flow.send([deactivate]).error, null)
  assert.equal(flow.send([close]).error, 'InstructionError(0, InvalidArgument)')
  flow.each((side) => side.warp(6000n))
  knowSlots(flow, 5999)
  assert.equal(flow.send([close]).error, null)
  assert.equal(flow.lamports(table), 0n)
})

test('a stake is delegated to a vote account, deactivated, and taken back', { skip }, () => {
  const flow = new Flow(12)
  const [node, withdrawer] = [flow.rich(), flow.rich()]
  const [vote, stake] = [flow.draw.address(), flow.draw.address()]
  const epoch = (number: number): void => {
    const slot = 432_000 * number + 5
    const clock: Case['clock'] = [`${slot}`, '0', `${number}`, `${number + 1}`, '1700000000']
    flow.each((side) => side.clock(clock))
  }
  const create = (key: Address, lamports: bigint, bytes: number, owner: Address): Instruction => ({
    program: systemId,
    metas: [meta(flow.payer, 'ws'), meta(key, 'ws')],
    data: join(u32(0), u64(lamports), u64(bytes), bytesOf(owner)),
  })
  const initializeVote = instruction(
    voteId,
    0,
    [meta(vote, 'w'), meta(sysvars.rent), meta(sysvars.clock), meta(node, 's')],
    ...[node, node, withdrawer].map(bytesOf),
    [10],
  )
  const initializeStake = instruction(
    stakeId,
    0,
    [meta(stake, 'w'), meta(sysvars.rent)],
    bytesOf(withdrawer),
    bytesOf(withdrawer),
    new Uint8Array(48),
  )
  const delegate = instruction(stakeId, 2, [
    ...[meta(stake, 'w'), meta(vote), meta(sysvars.clock), meta(stakeHistory), meta(stakeConfig)],
    meta(withdrawer, 's'),
  ])
  const deactivate = instruction(stakeId, 5, [
    ...[meta(stake, 'w'), meta(sysvars.clock), meta(withdrawer, 's')],
  ])
  const take = (lamports: bigint): Instruction =>
    instruction(
      stakeId,
      4,
      [
        ...[meta(stake, 'w'), meta(withdrawer, 'w'), meta(sysvars.clock), meta(stakeHistory)],
        meta(withdrawer, 's'),
      ],
      u64(lamports),
    )

  epoch(3)
  const made = [create(vote, rentOf(3762), 3762, voteId), initializeVote]
  assert.equal(flow.send(made).error, null)
  assert.equal(flow.send([initializeVote]).error, 'InstructionError(0, AccountAlreadyInitialized)')
  const lamports = rentOf(200) + 5_000_000_000n
  assert.equal(flow.send([create(stake, lamports, 200, stakeId), initializeStake]).error, null)
  assert.equal(flow.send([delegate]).error, null)
  assert.equal(flow.send([take(lamports)]).error, 'InstructionError(0, InsufficientFunds)')
  epoch(4)
  assert.equal(flow.send([deactivate]).error, null)
  assert.equal(flow.send([deactivate]).error, 'InstructionError(0, Custom(2))')
  epoch(6)
  assert.equal(flow.send([take(lamports)]).error, null)
  assert.equal(flow.lamports(stake), 0n)
})
