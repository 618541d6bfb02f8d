import assert from 'node:assert/strict'
import { Contract } from '#node/chain/contract'
import { alice, bob, carol, onEveryEngine, sample } from './samples.ts'

const files = sample('token-rust')

onEveryEngine('a token is moved, and allowed to be moved', async ({ chain }) => {
  const token = await Contract.deploy(chain, files, 'new', [1000n], { sender: alice })
  const { answer, events } = await token.call('transfer', [bob, 5n])
  assert.deepEqual(answer, { ok: null })
  assert.deepEqual(events, [{ name: 'Transfer', fields: { from: alice, to: bob, amount: 5n } }])
  await token.call('approve', { spender: carol, amount: 3n }, { sender: bob })
  const byCarol = token.with({ sender: carol })
  assert.deepEqual((await byCarol.call('transfer_from', [bob, carol, 2n])).answer, { ok: null })
  const refused = await byCarol.call('transfer_from', [bob, carol, 2n])
  assert.deepEqual([refused.receipt.status, refused.answer], ['reverted', { err: 'NotAllowed' }])
  assert.deepEqual((await byCarol.call('transfer', [bob, 3n])).answer, { err: 'TooLittle' })
  assert.equal(await token.read('balance_of', [bob]), 3n)
  assert.equal(await token.read('balance_of', [carol]), 2n)
  assert.equal(await token.read('allowance', [bob, carol]), 1n)
  assert.equal(await token.read('total_supply'), 1000n)
})

onEveryEngine('moving to oneself changes nothing, and a value is refused', async ({ chain }) => {
  const token = await Contract.deploy(chain, files, 'new', [7n], { sender: alice })
  assert.deepEqual((await token.call('transfer', [alice, 7n])).answer, { ok: null })
  assert.equal(await token.read('balance_of', [alice]), 7n)
  const paid = await token.call('transfer', [bob, 1n], { value: 1n })
  assert.equal(paid.receipt.status, 'reverted')
  assert.equal(paid.receipt.returnData.length, 0)
})
