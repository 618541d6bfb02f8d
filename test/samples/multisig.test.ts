import assert from 'node:assert/strict'
import { Contract, ContractError } from '#node/chain/contract'
import { balanceOf } from '#vm/state/accounts'
import { account, alice, bob, carol, onEveryEngine, sample } from './samples.ts'

const [tokenFiles, files] = [sample('token-rust'), sample('multisig-rust')]
const nothing = new Uint8Array(0)

onEveryEngine('what enough owners confirm is sent, once', async ({ chain }) => {
  const owners = [alice, bob, carol]
  const terms = { sender: alice, value: 50n }
  const wallet = await Contract.deploy(chain, files, 'new', [owners, 2n], terms)
  const token = await Contract.deploy(chain, tokenFiles, 'new', [100n], { sender: alice })
  await token.call('transfer', [wallet.address, 60n])
  const input = token.input('transfer', [carol, 25n])
  assert.deepEqual((await wallet.call('propose', [token.address, 0n, input])).answer, { ok: 0n })
  assert.deepEqual((await wallet.call('confirm', [0n])).answer, { err: 'Confirmed' })
  const stranger = wallet.with({ sender: token.address })
  assert.deepEqual((await stranger.call('confirm', [0n])).answer, { err: 'NotOwner' })
  const sent = await wallet.call('confirm', [0n], { sender: bob })
  assert.deepEqual(sent.answer, { ok: true })
  assert.deepEqual(sent.events, [{ name: 'Sent', fields: { id: 0n, answer: Uint8Array.of(0) } }])
  assert.equal(await token.read('balance_of', [carol]), 25n)
  assert.deepEqual((await wallet.call('confirm', [0n], { sender: carol })).answer, { err: 'Done' })
  // coins, to an account without code
  const heir = account('h')
  await wallet.call('propose', { to: heir, value: 20n, input: nothing })
  await wallet.call('confirm', [1n], { sender: carol })
  assert.equal(balanceOf(chain.state, heir), 20n)
  assert.equal(balanceOf(chain.state, wallet.address), 30n)
})

onEveryEngine('what fails can be confirmed again', async ({ chain }) => {
  const wallet = await Contract.deploy(chain, files, 'new', [[alice, bob], 2n], { sender: alice })
  const token = await Contract.deploy(chain, tokenFiles, 'new', [100n], { sender: alice })
  await wallet.call('propose', [token.address, 0n, token.input('transfer', [carol, 1n])])
  const failed = await wallet.call('confirm', [0n], { sender: bob })
  assert.deepEqual(failed.answer, { err: { Reverted: [Uint8Array.of(1, 0)] } })
  const { confirmed, done } = (await wallet.read('proposal', [0n])) as Record<string, unknown>
  assert.deepEqual([confirmed, done], [[alice], false])
  await token.call('transfer', [wallet.address, 1n])
  assert.deepEqual((await wallet.call('confirm', [0n], { sender: bob })).answer, { ok: true })
})

onEveryEngine('owners that cannot confirm anything are refused', async ({ chain }) => {
  for (const args of [
    [[alice, bob], 3n],
    [[alice, alice], 1n],
    [[], 0n],
  ])
    await assert.rejects(Contract.deploy(chain, files, 'new', args, { sender: alice }), (error) => {
      assert.ok(error instanceof ContractError)
      assert.equal(error.answered.receipt.status, 'trapped')
      return true
    })
})
