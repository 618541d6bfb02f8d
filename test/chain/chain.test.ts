import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { Chain } from '#node/chain/chain'
import { openLmdbStore } from '#node/store/lmdb'
import { pagePrice } from '#vm/host/alcatraz/calls'
import { decodeReceipt, encodeReceipt } from '#vm/host/alcatraz/receipt'
import { decodeTransaction, encodeTransaction } from '#vm/host/alcatraz/transaction'
import { linkBpf } from '#vm/link/bpf'
import { referenceEngine } from '#vm/reference/engine'
import { balanceOf, nonceOf, slotOf } from '#vm/state/accounts'
import { decodeDiff } from '#vm/state/diff'
import { Field } from '#vm/state/key'
import { MemoryStore } from '#vm/state/memory-store'
import type { Store } from '#vm/state/store'
import { newFolder } from '../store/folders.ts'
import { box, containerOf, kitchen } from './contracts.ts'

const engine = referenceEngine
const alice = new Uint8Array(32).fill(0xa1)
const bob = new Uint8Array(32).fill(0xb0)
const gasLimit = 1_000_000n
const none = new Uint8Array(0)

async function newChain(store: Store = new MemoryStore()): Promise<Chain> {
  const chain = await Chain.open({ store, engine })
  await chain.genesis([
    [alice, 1000n],
    [bob, 10n],
  ])
  return chain
}

async function withKitchen(store?: Store): Promise<{ chain: Chain; to: Uint8Array }> {
  const chain = await newChain(store)
  const { receipt } = await chain.deploy({
    ...{ sender: alice, container: kitchen, input: none, value: 100n, gasLimit },
  })
  assert.equal(receipt.status, 'success')
  return { chain, to: receipt.contract! }
}

const send = (chain: Chain, to: Uint8Array, input: readonly number[], value = 0n, gas = gasLimit) =>
  chain.call({ sender: alice, to, input: Uint8Array.from(input), value, gasLimit: gas })

test('genesis funds accounts, once', async () => {
  const chain = await newChain()
  assert.equal(chain.height, 0)
  assert.equal(balanceOf(chain.state, alice), 1000n)
  await assert.rejects(chain.genesis([[bob, 1n]]), { code: 'genesisExists' })
  const empty = await Chain.open({ store: new MemoryStore(), engine })
  assert.equal(empty.height, undefined)
  assert.deepEqual(empty.root, new Uint8Array(32))
  const call = { sender: alice, to: bob, input: none, value: 0n, gasLimit }
  await assert.rejects(empty.call(call), { code: 'noGenesis' })
  const bad: readonly (readonly [string, readonly (readonly [Uint8Array, bigint])[]])[] = [
    ['badAddress', [[new Uint8Array(31), 1n]]],
    ['badAmount', [[alice, 0n]]],
    ['badAmount', [[alice, -1n]]],
    [
      'badAmount',
      [
        [alice, 2n ** 64n - 1n],
        [bob, 1n],
      ],
    ],
    [
      'duplicate',
      [
        [alice, 1n],
        [alice, 1n],
      ],
    ],
  ]
  for (const [code, mint] of bad) await assert.rejects(empty.genesis(mint), { code })
  assert.equal(empty.height, undefined)
})

test('a deployment makes a contract with value and code', async () => {
  const { chain, to } = await withKitchen()
  assert.equal(balanceOf(chain.state, to), 100n)
  assert.equal(balanceOf(chain.state, alice), 900n)
  assert.equal(nonceOf(chain.state, alice), 1n)
  const { receipt, diff } = chain.at(1)!.transactions[0]!
  assert.deepEqual(receipt.root, chain.root)
  assert.equal(diff.changes.filter(({ field }) => field === Field.code).length, 1)
  const again = await chain.deploy({
    ...{ sender: alice, container: kitchen, input: none, value: 0n, gasLimit },
  })
  assert.notDeepEqual(again.receipt.contract, to)
})

test('a container without entries can be deployed and holds value', async () => {
  const chain = await newChain()
  const { receipt } = await chain.deploy({
    ...{ sender: alice, container: box, input: none, value: 5n, gasLimit },
  })
  assert.equal(receipt.status, 'success')
  assert.equal(receipt.exit, undefined)
  assert.equal(balanceOf(chain.state, receipt.contract!), 5n)
  await assert.rejects(send(chain, receipt.contract!, []), { code: 'noEntry' })
})

test('calls: each way to end has its receipt, and only success changes the state', async () => {
  const { chain, to } = await withKitchen()
  const ok = await send(chain, to, [1, 7, 8], 11n)
  assert.equal(ok.receipt.status, 'success')
  assert.deepEqual(slotOf(chain.state, to, Uint8Array.of(7)), Uint8Array.of(8))
  assert.equal(balanceOf(chain.state, to), 111n)
  const returned = await send(chain, to, [5, 1, 2])
  assert.deepEqual(returned.receipt.returnData, Uint8Array.of(5, 1, 2))
  assert.equal(returned.receipt.events.length, 1)
  assert.deepEqual(returned.receipt.events[0]?.address, to)
  const failures = [
    [[2, 7, 9], 'faulted'],
    [[3, 7, 9], 'outOfGas'],
    [[4, 7, 9], 'reverted'],
    [[8], 'reverted'],
    [[9], 'trapped'],
  ] as const
  for (const [input, status] of failures) {
    const before = nonceOf(chain.state, alice)
    const { receipt, diff } = await send(chain, to, input, 1n, 100_000n)
    assert.equal(receipt.status, status)
    assert.deepEqual(receipt.events, [])
    assert.equal(diff.changes.length, 1)
    assert.equal(nonceOf(chain.state, alice), before + 1n)
    if (status === 'outOfGas') assert.equal(receipt.gasUsed, 100_000n)
    assert(receipt.gasUsed <= 100_000n)
  }
  assert.deepEqual(slotOf(chain.state, to, Uint8Array.of(7)), Uint8Array.of(8))
})

test('a deployment that fails leaves no code', async () => {
  const chain = await newChain()
  for (const first of [2, 3, 4]) {
    const { receipt, diff } = await chain.deploy({
      ...{ sender: alice, container: kitchen, value: 5n, gasLimit: 100_000n },
      input: Uint8Array.of(first, 1, 1),
    })
    assert.notEqual(receipt.status, 'success')
    assert.equal(diff.changes.length, 1)
    await assert.rejects(send(chain, receipt.contract!, [0]), { code: 'noCode' })
  }
  assert.equal(balanceOf(chain.state, alice), 1000n)
})

test('what cannot be a transaction is refused and not logged', async () => {
  const { chain, to } = await withKitchen()
  const height = chain.height
  const call = { sender: alice, to, input: none, value: 0n, gasLimit }
  const deploy = { sender: alice, container: kitchen, input: none, value: 0n, gasLimit }
  const bad = containerOf('call:\n exit', ['call'], ['az_teleport'])
  const strange = containerOf('call:\n exit', ['call'], [], 'contract-ebpf-9')
  const refusals: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['badNonce', () => chain.call({ ...call, nonce: 0n })],
    ['badNonce', () => chain.call({ ...call, nonce: 2n })],
    ['badAddress', () => chain.call({ ...call, to: new Uint8Array(33) })],
    ['badAddress', () => chain.call({ ...call, sender: none })],
    ['inputTooLong', () => chain.call({ ...call, input: new Uint8Array(65_537) })],
    ['gasLimit', () => chain.call({ ...call, gasLimit: 10n })],
    ['gasLimit', () => chain.call({ ...call, gasLimit: -1n })],
    ['gasLimit', () => chain.call({ ...call, gasLimit: 10_000_000_001n })],
    ['insufficientFunds', () => chain.call({ ...call, value: 901n })],
    ['insufficientFunds', () => chain.call({ ...call, value: -1n })],
    ['noCode', () => chain.call({ ...call, to: bob })],
    ['unknownImport', () => chain.deploy({ ...deploy, container: bad })],
    ['profile', () => chain.deploy({ ...deploy, container: strange })],
  ]
  for (const [code, run] of refusals) await assert.rejects(run(), { code })
  const cut = kitchen.slice(0, -3)
  await assert.rejects(chain.deploy({ ...deploy, container: cut }), { name: 'DecodeError' })
  await assert.rejects(chain.deploy({ ...deploy, container: none }), { name: 'DecodeError' })
  assert.equal(chain.height, height)
})

test('value goes to accounts without code', async () => {
  const chain = await newChain()
  const { receipt } = await send(chain, bob, [], 30n)
  assert.equal(receipt.status, 'success')
  assert.equal(balanceOf(chain.state, bob), 40n)
})

test('a simulation answers as the call would and changes nothing', async () => {
  const { chain, to } = await withKitchen()
  const before = chain.root
  const transaction = { sender: alice, to, input: Uint8Array.of(1, 7, 8), value: 3n, gasLimit }
  const simulated = await chain.simulate(transaction)
  assert.deepEqual(chain.root, before)
  const called = await chain.call(transaction)
  assert.deepEqual(simulated.diff, called.diff)
  assert.equal(simulated.receipt.gasUsed, called.receipt.gasUsed)
})

test('transactions sent at once are taken one after another', async () => {
  const { chain, to } = await withKitchen()
  const results = await Promise.all([1, 2, 3, 4].map((key) => send(chain, to, [1, key, key])))
  assert.deepEqual(
    results.map(({ receipt }) => receipt.height),
    [2, 3, 4, 5],
  )
  assert.equal(nonceOf(chain.state, alice), 5n)
})

test('a refused transaction does not hold up the next', async () => {
  const { chain, to } = await withKitchen()
  const bad = chain.call({ sender: alice, to, input: none, value: 5000n, gasLimit })
  const good = send(chain, to, [1, 1, 1])
  await assert.rejects(bad, { code: 'insufficientFunds' })
  assert.equal((await good).receipt.status, 'success')
})

test('when the store refuses a commit, the chain stays where it was', async () => {
  let fail = false
  class Failing extends MemoryStore {
    override commit(commit: Parameters<Store['commit']>[0]): Promise<void> {
      return fail ? Promise.reject(new Error('disk')) : super.commit(commit)
    }
  }
  const { chain, to } = await withKitchen(new Failing())
  const before = chain.root
  fail = true
  await assert.rejects(send(chain, to, [1, 1, 1]), /disk/)
  assert.deepEqual(chain.root, before)
  assert.equal(chain.height, 1)
  fail = false
  await send(chain, to, [1, 1, 1])
  assert((await chain.verify(engine)).ok)
})

const anyInput = fc.oneof(
  fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9), fc.nat(3), fc.nat(3)),
  fc.tuple(fc.constantFrom(alice, bob), fc.nat(60)).map(([to, amount]) => {
    return [6, ...to, amount, 0, 0, 0, 0, 0, 0, 0]
  }),
)
const anyCall = fc.record({
  sender: fc.constantFrom(alice, bob),
  input: anyInput,
  value: fc.bigInt(0n, 20n),
  gas: fc.constantFrom(30_000n, 60_000n),
})

test('any day: balances are conserved, the log replays, and a reopened chain goes on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCall, { maxLength: 25 }), fc.boolean(), async (calls, disk) => {
      const folder = disk ? newFolder() : undefined
      const openStore = async (): Promise<Store> =>
        folder === undefined ? new MemoryStore() : openLmdbStore(folder)
      let { chain, to } = await withKitchen(await openStore())
      for (const { sender, input, value, gas } of calls) {
        const call = { sender, to, input: Uint8Array.from(input), value, gasLimit: gas }
        if (value > balanceOf(chain.state, sender)) {
          await assert.rejects(chain.call(call), { code: 'insufficientFunds' })
          continue
        }
        const { receipt, diff } = await chain.call(call)
        assert.deepEqual(receipt.root, chain.root)
        assert(receipt.gasUsed <= gas)
        const stored = chain.state.body(receipt.height)!
        assert.deepEqual(stored.receipts.map(decodeReceipt), [receipt])
        assert.deepEqual(stored.diffs.map(decodeDiff), [diff])
        assert.deepEqual(encodeReceipt(decodeReceipt(stored.receipts[0]!)), stored.receipts[0])
        const transaction = decodeTransaction(stored.transactions[0]!)
        assert.deepEqual(encodeTransaction(transaction), stored.transactions[0])
      }
      const sum = [alice, bob, to].map((who) => balanceOf(chain.state, who))
      assert.equal(
        sum.reduce((a, b) => a + b, 0n),
        1010n,
      )
      const report = await chain.verify(engine)
      assert.deepEqual(report.problems, [])
      assert(report.ok)
      assert.equal(report.heights, chain.height! + 1)
      assert.deepEqual(report.root, chain.root)
      if (folder !== undefined) {
        const { root } = chain
        await chain.store.close()
        chain = await Chain.open({ store: await openStore(), engine })
        assert.deepEqual(chain.root, root)
        assert.equal((await send(chain, to, [0])).receipt.status, 'success')
      }
      await chain.store.close()
    }),
    { numRuns: 15 },
  )
})

const token = 'guests/objects/token-v4.o'
test(`the C token`, { skip: existsSync(token) ? false : `SKIPPED: no ${token}` }, async () => {
  const { container } = linkBpf([{ name: token, bytes: new Uint8Array(readFileSync(token)) }])
  const chain = await newChain()
  const word = (value: number): number[] => [value & 255, value >> 8, 0, 0, 0, 0, 0, 0]
  const deployed = await chain.deploy({
    ...{ sender: alice, container, value: 0n, gasLimit: 10_000_000n },
    input: Uint8Array.from(word(5000)),
  })
  assert.equal(deployed.receipt.status, 'success')
  const to = deployed.receipt.contract!
  const moved = await send(chain, to, [2, ...bob, ...word(1200)])
  assert.equal(moved.receipt.status, 'success')
  assert.equal(moved.receipt.events.length, 1)
  assert.equal(moved.receipt.events[0]?.topics.length, 3)
  const balance = async (who: Uint8Array): Promise<bigint> => {
    const { receipt } = await send(chain, to, [0, ...who])
    return new DataView(receipt.returnData.buffer).getBigUint64(0, true)
  }
  assert.equal(await balance(alice), 3800n)
  assert.equal(await balance(bob), 1200n)
  const tooMuch = await send(chain, to, [2, ...bob, ...word(3801)])
  assert.equal(tooMuch.receipt.status, 'reverted')
  assert.deepEqual(tooMuch.receipt.returnData, Uint8Array.of(2))
  assert.equal((await send(chain, to, [99])).receipt.status, 'reverted')
  const starved = await send(chain, to, [2, ...bob, ...word(1)], 0n, 30_000n)
  assert.equal(starved.receipt.status, 'outOfGas')
  assert.equal(await balance(bob), 1200n)
  const report = await chain.verify(engine)
  assert.deepEqual(report.problems, [])
})

test('memory that a program asks for is paid', async () => {
  const { chain, to } = await withKitchen()
  const { receipt } = await send(chain, to, [0])
  // 5000 and a word of input; 16 pages of stack and one of input; a few instructions.
  const least = 5000n + 16n + BigInt(17 * pagePrice)
  assert(receipt.gasUsed >= least && receipt.gasUsed < least + 50n, `${receipt.gasUsed}`)
})
