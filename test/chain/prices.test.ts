/** What is paid for besides instructions: code that is lifted, and room in a block. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Chain, type SentTransaction } from '#node/chain/chain'
import type { Executed } from '#node/chain/produce'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { freeCode } from '#vm/host/alcatraz/execute'
import { decodeContainer, encodeContainer } from '#vm/image/container'
import { MemoryStore } from '#vm/state/memory-store'
import { kitchen } from './contracts.ts'
import { alice, bob, pay, poke } from './day.ts'

/** The kitchen with `exit` after `exit` behind it, so that its code has so many bytes. */
function padded(length: number): Uint8Array {
  const decoded = decodeContainer(kitchen)
  const code = new Uint8Array(length)
  code.set(decoded.code)
  for (let at = decoded.code.length; at < length; at += 8) code[at] = 0x95
  return encodeContainer({ ...decoded, code })
}

const nothing = new Uint8Array(0)
const gasLimit = 10_000_000n

/** Commits one transaction. */
async function sent(chain: Chain, transaction: SentTransaction): Promise<Executed> {
  const { executed } = await chain.block([transaction])
  return executed[0]!
}

for (const name of engineNames)
  test(`${name}: a call pays for code over 64 KiB, a deployment for its container alone`, async () => {
    const chain = await Chain.open({ store: new MemoryStore(), engine: engineNamed(name) })
    await chain.genesis([[alice, 1000n]])
    const calls: bigint[] = []
    const deployments: bigint[] = []
    let last: Uint8Array = nothing
    for (const length of [1024, freeCode, freeCode + 8, freeCode + 80_000]) {
      const container = padded(length)
      const deployment = { sender: alice, container, input: nothing, value: 0n, gasLimit }
      const { receipt } = await sent(chain, deployment)
      deployments.push(receipt.gasUsed - BigInt(container.length * 20))
      last = receipt.contract!
      const called = await sent(chain, poke(last, 0, 1, 2))
      assert.equal(called.receipt.status, 'success')
      calls.push(called.receipt.gasUsed)
    }
    const [small, full, more, most] = calls as [bigint, bigint, bigint, bigint]
    assert.deepEqual([full - small, more - small, most - small], [0n, 32n, 320_000n])
    assert.equal(new Set(deployments).size, 1)
    // one gas less than its code costs, and nothing of it is run
    const poor = { ...poke(last, 0, 1, 2), gasLimit: 5016n + 320_000n + 255n }
    const { instructions, receipt } = await sent(chain, poor)
    assert.deepEqual(
      [receipt.status, receipt.gasUsed, instructions],
      ['outOfGas', poor.gasLimit, 0n],
    )
  })

test('a block that has used its gas refuses what comes then, and a replay is not asked', async () => {
  const engine = engineNamed('interp')
  const chain = await Chain.open({ store: new MemoryStore(), engine, blockGas: 12_000n })
  await chain.genesis([
    [alice, 1000n],
    [bob, 1000n],
  ])
  // 5,000 gas each
  const payments = [
    pay(alice, bob, 1n),
    pay(bob, alice, 2n),
    pay(alice, bob, 3n),
    pay(bob, alice, 4n),
  ]
  const { executed, refused } = await chain.block(payments)
  assert.equal(executed.length, 3)
  assert.deepEqual(
    refused.map(({ error, index }) => [index, error.code]),
    [[3, 'blockFull']],
  )
  // the next block has room again
  assert.equal((await chain.block(payments.slice(3))).executed.length, 1)
  assert.deepEqual((await chain.verify(engineNamed('reference'))).problems, [])
})
