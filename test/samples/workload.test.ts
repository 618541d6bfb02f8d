import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { Chain } from '#node/chain/chain'
import { Contract } from '#node/chain/contract'
import { engineNamed } from '#vm/engine/engines'
import { MemoryStore } from '#vm/state/memory-store'
import { alice, onEveryEngine, sample } from './samples.ts'

const files = sample('workload-v4', 'workload/workload.json')

/** What the contract's `sort` answers. */
function sorted(seed: bigint, count: number): bigint {
  let x = seed
  const numbers = Array.from({ length: count }, () => {
    x = BigInt.asUintN(64, x * 6364136223846793005n + 1442695040888963407n)
    return x >> 20n
  })
  numbers.sort((a, b) => (a < b ? -1 : 1))
  return BigInt.asUintN(
    64,
    numbers.reduce((sum, number, i) => sum + BigInt(i) * number, 0n),
  )
}

onEveryEngine('C computes what JavaScript computes', async ({ chain }) => {
  const workload = await Contract.deploy(chain, files, undefined, [], { sender: alice })
  assert.equal(await workload.read('sort', [7n, 500n]), sorted(7n, 500))
  assert.equal((await workload.call('sort', { seed: 1n, count: 64n })).answer, sorted(1n, 64))
  assert.equal((await workload.call('sort', [1n, 8193n])).receipt.status, 'reverted')
  const short = await workload.call('sort', [1n, 500n], { gasLimit: 30_000n })
  assert.equal(short.receipt.status, 'outOfGas')
})

// millions of instructions: too many for the reference
test('SHA-256 in C is SHA-256', async () => {
  const chain = await Chain.open({ store: new MemoryStore(), engine: engineNamed('interp') })
  await chain.genesis([[alice, 1n]])
  const workload = await Contract.deploy(chain, files, undefined, [], { sender: alice })
  const bytes = Buffer.from(Uint8Array.from({ length: 65536 }, (_, i) => i & 255))
  const digest = createHash('sha256').update(bytes).digest()
  assert.equal(await workload.read('sha256', [1n]), digest.readBigUInt64LE())
})
