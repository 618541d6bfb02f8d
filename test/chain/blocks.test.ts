import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Chain } from '#node/chain/chain'
import { encodeTransaction } from '#vm/host/alcatraz/transaction'
import { referenceEngine } from '#vm/reference/engine'
import { balanceOf, nonceOf, slotOf } from '#vm/state/accounts'
import { decodeHeader, encodeHeader, headerHash } from '#vm/state/block'
import { createHasher } from '#vm/state/hasher'
import { entryKey, Field } from '#vm/state/key'
import { rootOfEntries } from '#vm/state/leaves'
import { MemoryStore } from '#vm/state/memory-store'
import { checkProof, decodeProof, encodeProof } from '#vm/state/proof'
import { kitchen } from './contracts.ts'
import { alice, begun, bob, pay, poke } from './day.ts'

const hasher = await createHasher()
const engine = referenceEngine

test('a block: each transaction sees what the ones before left; one root for all', async () => {
  const { chain, to } = await begun()
  const carol = new Uint8Array(32).fill(3)
  const { header, executed, refused } = await chain.block([
    pay(alice, carol, 50n),
    pay(carol, bob, 20n),
    poke(to, 1, 7, 8),
    pay(carol, bob, 31n),
    poke(to, 4, 7, 9),
  ])
  assert.equal(header.height, 2)
  assert.equal(header.count, 4)
  assert.deepEqual(
    executed.map(({ receipt }) => receipt.status),
    ['success', 'success', 'success', 'reverted'],
  )
  assert.deepEqual(
    refused.map(({ index, error }) => [index, error.code]),
    [[3, 'insufficientFunds']],
  )
  for (const { receipt } of executed) {
    assert.equal(receipt.height, 2)
    assert.deepEqual(receipt.root, chain.root)
  }
  assert.equal(balanceOf(chain.state, carol), 30n)
  assert.equal(balanceOf(chain.state, bob), 30n)
  assert.equal(nonceOf(chain.state, alice), 4n)
  assert.deepEqual(slotOf(chain.state, to, Uint8Array.of(7)), Uint8Array.of(8))
  assert.deepEqual(
    chain.at(2)?.transactions.map(({ receipt }) => receipt),
    executed.map(({ receipt }) => receipt),
  )
  assert((await chain.verify(engine)).ok)
})

test('a contract that is deployed in a block can be called in it', async () => {
  const { chain } = await begun()
  const deploy = {
    ...{ sender: bob, container: kitchen, input: new Uint8Array(0), value: 0n, gasLimit: 900_000n },
  }
  const simulated = await begun()
  const { receipt } = await simulated.chain.deploy(deploy)
  const to = receipt.contract!
  const { executed } = await chain.block([deploy, poke(to, 1, 2, 3)])
  assert.deepEqual(
    executed.map((each) => each.receipt.status),
    ['success', 'success'],
  )
  assert.deepEqual(slotOf(chain.state, to, Uint8Array.of(2)), Uint8Array.of(3))
  assert((await chain.verify(engine)).ok)
})

test('no block of nothing, and none that is too long', async () => {
  const { chain } = await begun()
  await assert.rejects(chain.block([]), { code: 'emptyBlock' })
  await assert.rejects(chain.block([pay(bob, alice, 11n)]), { code: 'insufficientFunds' })
  await assert.rejects(chain.block(new Array(16_385).fill(pay(bob, alice, 1n))), {
    code: 'blockTooLong',
  })
  assert.equal(chain.height, 1)
  const empty = await Chain.open({ store: new MemoryStore(), engine })
  await assert.rejects(empty.block([pay(bob, alice, 1n)]), { code: 'noGenesis' })
})

test('one block of many leaves the state of as many blocks of one', async () => {
  const step = fc.oneof(
    fc.tuple(fc.constantFrom(alice, bob), fc.constantFrom(alice, bob), fc.bigInt(1n, 400n)),
    fc.tuple(fc.constantFrom(1, 4, 5, 7), fc.nat(3), fc.nat(3)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const one = await begun()
      const many = await begun()
      const sent = steps.map((each) =>
        typeof each[0] === 'number'
          ? poke(one.to, each[0], ...(each.slice(1) as number[]))
          : pay(each[0], each[1] as Uint8Array, each[2] as bigint),
      )
      await one.chain.block(sent).catch(() => undefined)
      for (const each of sent) await many.chain.block([each]).catch(() => undefined)
      assert.deepEqual(one.chain.root, many.chain.root)
      assert.deepEqual([...one.chain.state.entries()], [...many.chain.state.entries()])
      assert.deepEqual(one.chain.root, rootOfEntries(one.chain.state.entries()))
      assert((await one.chain.verify(engine)).ok)
    }),
    { numRuns: 25 },
  )
})

test('headers are a chain, and name what is in the block', async () => {
  const { chain, to } = await begun()
  await chain.block([poke(to, 1, 1, 1), poke(to, 1, 2, 2)])
  let parent: Uint8Array = new Uint8Array(32)
  for (let height = 0; height <= 2; height++) {
    const header = chain.state.header(height)!
    assert.deepEqual(header.parent, parent)
    assert.deepEqual(decodeHeader(encodeHeader(header)), header)
    parent = headerHash(hasher, header)
  }
  assert.equal(chain.state.header(3), undefined)
  const { transactions } = chain.at(2)!
  for (const [index, { transaction }] of transactions.entries()) {
    const hash = hasher.blake2b(encodeTransaction(transaction))
    assert.deepEqual(chain.state.find(hash), { height: 2, index })
  }
  assert.equal(chain.state.find(alice), undefined)
})

test('the state of every height can be read, its root is that of its header, and its entries can be proved', async () => {
  const { chain, to } = await begun()
  const seen = new Map<number, [Uint8Array, Uint8Array][]>()
  const look = (): void =>
    void seen.set(
      chain.height!,
      [...chain.state.entries()].map(([k, v]) => [k, v]),
    )
  look()
  for (let i = 0; i < 12; i++) {
    const slot = (i * 5) % 4
    await chain.block([poke(to, i % 3 === 2 ? 7 : 1, slot, i), pay(alice, bob, BigInt(i + 1))])
    look()
  }
  const absent = entryKey(bob, Field.storage, Uint8Array.of(1))
  for (const [height, entries] of seen) {
    await chain.past(height, async (state) => {
      assert.deepEqual([...state.entries()], entries)
      assert.deepEqual(
        [...state.entries(to)],
        entries.filter(([key]) => Buffer.compare(key.slice(0, 32), to) === 0),
      )
      const { root } = chain.state.header(height)!
      assert.deepEqual(state.trie(hasher).root(), root)
      assert.deepEqual(rootOfEntries(state.entries()), root)
      for (const [key, value] of entries) {
        assert.deepEqual(state.get(key), value)
        const proof = decodeProof(encodeProof(await chain.prove(key, height)))
        assert.deepEqual(checkProof(hasher, proof, root, key), value)
      }
      assert.equal(state.get(absent), undefined)
      assert.equal(checkProof(hasher, await chain.prove(absent, height), root, absent), undefined)
    })
  }
  await chain.past(-1, (state) => assert.deepEqual([...state.entries()], []))
  for (const height of [-2, 14, 0.5])
    await assert.rejects(
      chain.past(height, () => undefined),
      { code: 'noHeight' },
    )
})

test('a past state stays what it was while blocks are committed', async () => {
  const { chain, to } = await begun()
  await chain.call({ ...poke(to, 1, 1, 1), to })
  await chain.past(1, async (state) => {
    const before = [...state.entries()]
    for (let i = 0; i < 4; i++) await chain.block([poke(to, 1, 1, i), pay(alice, bob, 3n)])
    assert.deepEqual([...state.entries()], before)
    assert.deepEqual(state.trie(hasher).root(), chain.state.header(1)!.root)
  })
})

test('a bounded history keeps so many blocks, all headers, and what they need', async () => {
  const store = new MemoryStore()
  const { chain, to } = await begun(store, 3)
  for (let i = 0; i < 6; i++) await chain.block([poke(to, 1, i, i)])
  assert.equal(chain.height, 7)
  assert.equal(chain.state.firstBody(), 5)
  for (let height = 0; height <= 7; height++) {
    assert.equal(chain.state.header(height)?.height, height)
    assert.equal(chain.at(height) === undefined, height < 5)
  }
  await chain.past(4, (state) => assert.equal(state.height, 4))
  await assert.rejects(
    chain.past(3, () => undefined),
    { code: 'noHeight' },
  )
  // Of the index, too, only the kept blocks' transactions are left.
  assert.equal([...store.scan('index')].length, 3)
  const report = await chain.verify(engine)
  assert.deepEqual([report.ok, report.first, report.heights], [true, 5, 3])
  // A chain that is opened with a shorter history forgets step by step.
  const shorter = await Chain.open({ store, engine, history: 1 })
  await shorter.block([poke(to, 1, 1, 9)])
  assert.equal(shorter.state.firstBody(), 8)
  for (const history of [0, -1, 1.5])
    await assert.rejects(Chain.open({ store, engine, history }), RangeError)
})
