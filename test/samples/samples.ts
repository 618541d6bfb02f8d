import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Chain } from '#node/chain/chain'
import type { ContractFiles } from '#node/chain/contract'
import { engineNamed, engineNames } from '#vm/engine/engines'
import { alcatrazCalls } from '#vm/host/alcatraz/calls'
import { linkBpf } from '#vm/link/bpf'
import { MemoryStore } from '#vm/state/memory-store'
import { guest } from '../link/guests.ts'

const hostCalls = alcatrazCalls.map(({ name }) => name)
const folder = new URL('../../../guests/', import.meta.url)

/** A checked-in contract: an object of `guests/objects`, and the JSON that describes it. */
export function sample(object: string, metadata = `objects/${object}.json`): ContractFiles {
  const options = object.endsWith('-rust')
    ? { hostCalls, exports: ['deploy', 'call'] }
    : { hostCalls }
  return {
    container: linkBpf([guest(object)], options).container,
    metadata: readFileSync(new URL(metadata, folder), 'utf8'),
  }
}

/** An account by a letter. */
export const account = (letter: string): Uint8Array => new Uint8Array(32).fill(letter.charCodeAt(0))
export const [alice, bob, carol] = [account('a'), account('b'), account('c')]

/** A chain in memory whose clock stands where it is put. */
export interface World {
  readonly chain: Chain
  time: number
}

/**
 * A story of contracts, told once on each engine: `story` asserts what happens, and every transaction,
 * receipt and diff must be the same as on the others.
 */
export function onEveryEngine(name: string, story: (world: World) => Promise<void>): void {
  test(name, async () => {
    let first: unknown
    for (const engine of engineNames) {
      const clock = { time: 1_000_000 }
      const chain = await Chain.open({
        store: new MemoryStore(),
        engine: engineNamed(engine),
        clock: () => clock.time,
      })
      await chain.genesis([alice, bob, carol].map((who) => [who, 1_000_000n]))
      await story(Object.assign(clock, { chain }))
      const blocks = Array.from({ length: chain.height! + 1 }, (_, height) => chain.at(height))
      first ??= blocks
      assert.deepEqual(blocks, first, `${engine} differs from ${engineNames[0]}`)
    }
  })
}
