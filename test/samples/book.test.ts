import assert from 'node:assert/strict'
import { Contract } from '#node/chain/contract'
import { balanceOf } from '#vm/state/accounts'
import { alice, bob, carol, onEveryEngine, sample, type World } from './samples.ts'

const [tokenFiles, bookFiles] = [sample('token-rust'), sample('book-rust')]

async function market({ chain }: World): Promise<{ token: Contract; book: Contract }> {
  const token = await Contract.deploy(chain, tokenFiles, 'new', [1000n], { sender: alice })
  const book = await Contract.deploy(chain, bookFiles, 'new', [token.address], { sender: alice })
  await token.call('approve', [book.address, 500n])
  return { token, book }
}

onEveryEngine('orders match at the best price, the oldest first', async (world) => {
  const { book, token } = await market(world)
  assert.deepEqual((await book.call('place', ['Sell', 12n, 10n])).answer, { ok: [0n, 10n] })
  assert.deepEqual((await book.call('place', ['Sell', 10n, 4n])).answer, { ok: [1n, 4n] })
  assert.deepEqual((await book.call('place', ['Sell', 10n, 6n])).answer, { ok: [2n, 6n] })
  const byBob = book.with({ sender: bob })
  const bought = await byBob.call('place', ['Buy', 11n, 7n], { value: 77n })
  assert.deepEqual(bought.answer, { ok: [3n, 0n] })
  const trade = { buyer: bob, seller: alice, price: 10n }
  assert.deepEqual(
    bought.events.map(({ fields }) => fields),
    [
      { ...trade, amount: 4n },
      { ...trade, amount: 3n },
    ],
  )
  assert.deepEqual(await book.read('orders', ['Sell', 10n]), [{ id: 2n, owner: alice, amount: 3n }])
  // what is too dear rests in the book
  const rested = await byBob.call('place', ['Buy', 11n, 5n], { value: 55n })
  assert.deepEqual(rested.answer, { ok: [4n, 2n] })
  assert.deepEqual(await book.read('best'), [12n, 11n])
  assert.equal(await token.read('balance_of', [bob]), 10n)
  assert.equal(balanceOf(world.chain.state, bob), 1_000_000n - 100n - 22n)
  assert.equal(balanceOf(world.chain.state, alice), 1_000_100n)
  assert.equal(balanceOf(world.chain.state, book.address), 22n)
})

onEveryEngine(
  'a sell takes resting buys, and orders are cancelled by their owners',
  async (world) => {
    const { book, token } = await market(world)
    const [byBob, byCarol] = [book.with({ sender: bob }), book.with({ sender: carol })]
    await byBob.call('place', ['Buy', 3n, 2n], { value: 6n })
    await byCarol.call('place', ['Buy', 5n, 2n], { value: 10n })
    assert.deepEqual((await book.call('place', ['Sell', 4n, 3n])).answer, { ok: [2n, 1n] })
    assert.equal(await token.read('balance_of', [carol]), 2n)
    assert.deepEqual((await byCarol.call('cancel', ['Buy', 3n, 0n])).answer, { err: 'NoOrder' })
    assert.deepEqual((await byBob.call('cancel', ['Buy', 3n, 0n])).answer, { ok: 2n })
    assert.deepEqual((await book.call('cancel', ['Sell', 4n, 2n])).answer, { ok: 1n })
    assert.deepEqual(await book.read('best'), [null, null])
    assert.equal(await token.read('balance_of', [alice]), 998n)
    assert.equal(balanceOf(world.chain.state, bob), 1_000_000n)
    assert.equal(balanceOf(world.chain.state, book.address), 0n)
  },
)

onEveryEngine('what cannot be paid for is refused', async (world) => {
  const { book } = await market(world)
  const byBob = book.with({ sender: bob })
  const place = async (args: [string, bigint, bigint], value = 0n): Promise<unknown> =>
    (await byBob.call('place', args, { value })).answer
  assert.deepEqual(await place(['Buy', 3n, 2n], 5n), { err: 'OtherValue' })
  assert.deepEqual(await place(['Buy', 0n, 2n]), { err: 'BadOrder' })
  assert.deepEqual(await place(['Buy', 1n << 63n, 2n]), { err: 'BadOrder' })
  assert.deepEqual(await place(['Sell', 3n, 2n], 1n), { err: 'OtherValue' })
  // nothing allowed, nothing owned
  assert.deepEqual(await place(['Sell', 3n, 2n]), { err: 'NoTokens' })
})
