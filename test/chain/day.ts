import { Chain, type SentTransaction } from '#node/chain/chain'
import { referenceEngine } from '#vm/reference/engine'
import { MemoryStore } from '#vm/state/memory-store'
import type { Store } from '#vm/state/store'
import { kitchen } from './contracts.ts'

export const alice: Uint8Array = new Uint8Array(32).fill(0xa1)
export const bob: Uint8Array = new Uint8Array(32).fill(0xb0)
const gasLimit = 1_000_000n

export const pay = (from: Uint8Array, to: Uint8Array, value: bigint): SentTransaction => ({
  ...{ sender: from, to, input: new Uint8Array(0), value, gasLimit },
})
export const poke = (to: Uint8Array, ...input: readonly number[]): SentTransaction => ({
  ...{ sender: alice, to, input: Uint8Array.from(input), value: 0n, gasLimit },
})

/** A chain with two accounts and a contract, at height 1. */
export async function begun(
  store: Store = new MemoryStore(),
  history?: number,
): Promise<{ chain: Chain; to: Uint8Array }> {
  const chain = await Chain.open({ store, engine: referenceEngine, ...(history && { history }) })
  await chain.genesis([
    [alice, 1000n],
    [bob, 10n],
  ])
  const { receipt } = await chain.deploy({
    ...{ sender: alice, container: kitchen, input: new Uint8Array(0), value: 100n, gasLimit },
  })
  return { chain, to: receipt.contract! }
}
