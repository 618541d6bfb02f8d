import assert from 'node:assert/strict'
import { Contract } from '#node/chain/contract'
import { encodeValue } from '#vm/host/abi/scale'
import { parseType } from '#vm/host/abi/types'
import { balanceOf } from '#vm/state/accounts'
import { createHasher } from '#vm/state/hasher'
import { account, alice, bob, carol, onEveryEngine, sample } from './samples.ts'

const files = sample('auction-rust')
const { blake2b } = await createHasher()
const salt = account('s')
const sealed = (who: Uint8Array, amount: bigint): Uint8Array =>
  blake2b(encodeValue(parseType('(Address,u64,[u8;32])'), [who, amount, salt]))

onEveryEngine('the highest opened bid wins, the others get their deposits', async (world) => {
  const { chain } = world
  const auction = await Contract.deploy(chain, files, 'new', [1000n, 1000n], { sender: alice })
  const [byBob, byCarol] = [auction.with({ sender: bob }), auction.with({ sender: carol })]
  await byBob.call('bid', [sealed(bob, 300n)], { value: 500n })
  await byCarol.call('bid', [sealed(carol, 400n)], { value: 400n })
  const second = await byBob.call('bid', [sealed(bob, 900n)], { value: 900n })
  assert.deepEqual(second.answer, { err: 'HasBid' })
  assert.deepEqual((await byBob.call('open', [300n, salt])).answer, { err: 'TooEarly' })
  world.time += 1000
  assert.deepEqual((await byBob.call('open', [301n, salt])).answer, { err: 'OtherBid' })
  const opened = await byBob.call('open', [300n, salt])
  assert.deepEqual(opened.events, [{ name: 'Opened', fields: { bidder: bob, amount: 300n } }])
  assert.deepEqual((await byBob.call('open', [300n, salt])).answer, { err: 'OtherBid' })
  assert.deepEqual((await byCarol.call('open', [400n, salt])).answer, { ok: null })
  assert.deepEqual(await auction.read('best'), [carol, 400n])
  assert.deepEqual((await byBob.call('refund')).answer, { err: 'TooEarly' })
  world.time += 1000
  assert.deepEqual((await auction.call('finish')).answer, { ok: [carol, 400n] })
  assert.deepEqual((await auction.call('finish')).answer, { err: 'Finished' })
  assert.deepEqual((await byBob.call('refund')).answer, { ok: 500n })
  assert.deepEqual((await byBob.call('refund')).answer, { err: 'NoBid' })
  assert.deepEqual((await byCarol.call('refund')).answer, { ok: 0n })
  const balances = [alice, bob, carol, auction.address].map((who) => balanceOf(chain.state, who))
  assert.deepEqual(balances, [1_000_400n, 1_000_000n, 999_600n, 0n])
})

onEveryEngine('a bid must be covered, and one never opened is lost', async (world) => {
  const { chain } = world
  const auction = await Contract.deploy(chain, files, 'new', [1000n, 1000n], { sender: alice })
  const [byBob, byCarol] = [auction.with({ sender: bob }), auction.with({ sender: carol })]
  await byBob.call('bid', [sealed(bob, 300n)], { value: 299n })
  await byCarol.call('bid', [sealed(carol, 1n)], { value: 10n })
  world.time += 1500
  assert.deepEqual((await byBob.call('bid', [salt], { value: 1n })).answer, { err: 'TooLate' })
  assert.deepEqual((await byBob.call('open', [300n, salt])).answer, { err: 'TooLittle' })
  world.time += 500
  assert.deepEqual((await byCarol.call('open', [1n, salt])).answer, { err: 'TooLate' })
  assert.deepEqual((await byCarol.call('finish')).answer, { ok: null })
  assert.deepEqual((await byCarol.call('refund')).answer, { err: 'NoBid' })
  assert.equal(balanceOf(chain.state, alice), 1_000_309n)
})
