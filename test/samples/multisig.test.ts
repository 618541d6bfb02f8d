import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { Contract, ContractError } from '#node/chain/contract'
import { linkBpf } from '#vm/link/bpf'
import { balanceOf, ownerOf } from '#vm/state/accounts'
import { Reader, sending } from '../chain/relay.ts'
import { guest } from '../link/guests.ts'
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

/** An Ed25519 key of a seed: what it signs is the same every time. */
function signer(seed: number) {
  const begin = Buffer.from('302e020100300506032b657004220420', 'hex')
  const der = Buffer.concat([begin, Buffer.alloc(32, seed)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return {
    address: new Uint8Array(Buffer.from(x!, 'base64url')),
    sign: (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, key)),
  }
}

onEveryEngine('an owner who signs confirms, whoever hands it in', async ({ chain }) => {
  const [dora, emil] = [signer(4), signer(5)]
  const owners = [alice, dora.address]
  const terms = { sender: alice, value: 50n }
  const wallet = await Contract.deploy(chain, files, 'new', [owners, 2n], terms)
  const byCarol = wallet.with({ sender: carol })
  const confirm = async (id: bigint, who: Uint8Array, signature: Uint8Array): Promise<unknown> =>
    (await byCarol.call('confirm_signed', [who, id, signature])).answer
  for (const value of [20n, 30n])
    await wallet.call('propose', { to: account('h'), value, input: nothing })
  const digest = (await wallet.read('to_sign', [0n])) as Uint8Array
  const signature = dora.sign(digest)
  assert.equal(await wallet.read('to_sign', [2n]), null)
  assert.deepEqual(await confirm(2n, dora.address, signature), { err: 'NoProposal' })
  // another proposal, another key, another signature, a stranger who has signed
  assert.deepEqual(await confirm(1n, dora.address, signature), { err: 'BadSignature' })
  assert.deepEqual(await confirm(0n, alice, signature), { err: 'BadSignature' })
  assert.deepEqual(await confirm(0n, dora.address, emil.sign(digest)), { err: 'BadSignature' })
  assert.deepEqual(await confirm(0n, emil.address, emil.sign(digest)), { err: 'NotOwner' })
  assert.deepEqual(await confirm(0n, dora.address, signature), { ok: true })
  assert.deepEqual(await confirm(0n, dora.address, signature), { err: 'Done' })
  assert.equal(balanceOf(chain.state, account('h')), 20n)
  // another wallet of the same owners: what was signed for this one is not for that
  const other = await Contract.deploy(chain, files, 'new', [owners, 2n], terms)
  await other.call('propose', { to: account('h'), value: 20n, input: nothing })
  const again = await other.call('confirm_signed', [dora.address, 0n, signature])
  assert.deepEqual(again.answer, { err: 'BadSignature' })
})

onEveryEngine('what is open is listed page by page', async ({ chain }) => {
  const terms = { sender: alice, value: 50n }
  const wallet = await Contract.deploy(chain, files, 'new', [[alice, bob], 2n], terms)
  const open = (behind: bigint | null, most: bigint) => wallet.read('open', [behind, most])
  assert.deepEqual(await open(null, 10n), [])
  for (let i = 0n; i < 6n; i++)
    await wallet.call('propose', { to: carol, value: i, input: nothing })
  for (const id of [1n, 4n]) await wallet.call('confirm', [id], { sender: bob })
  assert.deepEqual(await open(null, 10n), [0n, 2n, 3n, 5n])
  assert.deepEqual(await open(null, 3n), [0n, 2n, 3n])
  assert.deepEqual(await open(3n, 3n), [5n])
  assert.deepEqual(await open(1n, 1n), [2n])
  assert.deepEqual(await open(9n, 1n), [])
})

onEveryEngine(
  'the code is handed over by a proposal alone, and given up for ever',
  async ({ chain }) => {
    const wallet = await Contract.deploy(chain, files, 'new', [[alice, bob], 2n], { sender: alice })
    const owner = () => ownerOf(chain.state, wallet.address)
    const agree = async (to: Uint8Array | null): Promise<unknown> => {
      const input = wallet.input('hand_over', [to])
      const { answer } = await wallet.call('propose', { to: wallet.address, value: 0n, input })
      const { ok } = answer as { ok: bigint }
      return (await wallet.call('confirm', [ok], { sender: bob })).answer
    }
    assert.deepEqual(owner(), alice)
    assert.deepEqual((await wallet.call('hand_over', [bob])).answer, { err: 'NotOwner' })
    assert.deepEqual(await agree(carol), { ok: true })
    assert.deepEqual(owner(), carol)
    assert.deepEqual(await agree(null), { ok: true })
    assert.equal(owner(), undefined)
  },
)

onEveryEngine('what a wallet calls cannot have it pay twice', async ({ chain }) => {
  const { container } = linkBpf([guest('relay-v4')])
  const none = { input: nothing, gasLimit: 100_000_000n, value: 0n }
  const { receipt } = await chain.deploy({ ...none, sender: bob, container })
  const thief = receipt.contract!
  // the thief is an owner, and one confirmation is enough
  const terms = { sender: alice, value: 50n }
  const wallet = await Contract.deploy(chain, files, 'new', [[alice, thief], 1n], terms)
  const input = sending(wallet.address, wallet.input('confirm', [0n]))
  const { answer, events } = await wallet.call('propose', { to: thief, value: 10n, input })
  assert.deepEqual(answer, { ok: 0n })
  assert.equal(events.length, 1)
  const told = (events[0]!.fields as { answer: Uint8Array }).answer
  // 3: it was not called
  assert.equal(new Reader(told).sent().status, 3)
  assert.equal(balanceOf(chain.state, thief), 10n)
  assert.equal(balanceOf(chain.state, wallet.address), 40n)
  const later = await wallet.call('confirm', [0n])
  assert.deepEqual(later.answer, { err: 'Done' })
})
