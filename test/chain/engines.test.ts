import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Chain } from '#node/chain/chain'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { referenceEngine } from '#vm/reference/engine'
import { MemoryStore } from '#vm/state/memory-store'
import type { Engine } from '#vm/vm/machine'
import { kitchen } from './contracts.ts'

const alice = new Uint8Array(32).fill(0xa1)

interface Day {
  readonly calls: readonly { readonly input: readonly number[]; readonly gas: number }[]
}

/** Everything that a day of transactions leaves in the store. */
async function live(engine: Engine, { calls }: Day): Promise<{ store: MemoryStore; chain: Chain }> {
  const store = new MemoryStore()
  const chain = await Chain.open({ store, engine, clock: () => 1000 })
  await chain.genesis([[alice, 1_000_000n]])
  const { receipt } = await chain.deploy({
    ...{
      sender: alice,
      container: kitchen,
      input: new Uint8Array(0),
      value: 9n,
      gasLimit: 99_999n,
    },
  })
  for (const { input, gas } of calls)
    await chain.call({
      ...{ sender: alice, to: receipt.contract!, value: 1n, gasLimit: BigInt(gas) },
      input: Uint8Array.from(input),
    })
  return { store, chain }
}

const day: fc.Arbitrary<Day> = fc.record({
  calls: fc.array(
    fc.record({
      input: fc.tuple(fc.nat(9), fc.nat(3), fc.nat(255)),
      // From what carrying it costs, through every place where gas can end, to enough.
      gas: fc.integer({ min: 5016, max: 32_000 }),
    }),
    { maxLength: 20 },
  ),
})

const others = engineNames.filter((name) => name !== 'reference')
for (const name of others)
  test(`${name} leaves the same transactions, receipts, diffs and roots as reference`, async () => {
    await fc.assert(
      fc.asyncProperty(day, async (each) => {
        const one = await live(engineNamed(name), each)
        const two = await live(referenceEngine, each)
        const last = one.chain.height!
        assert.equal(two.chain.height, last)
        for (let height = 0; height <= last; height++)
          assert.deepEqual(one.chain.at(height), two.chain.at(height), `height ${height}`)
        const report = await one.chain.verify(referenceEngine)
        assert.deepEqual(report.problems, [])
      }),
      { numRuns: 25 },
    )
  })
