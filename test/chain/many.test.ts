/** A process that meets many contracts keeps as many as its caches may hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Chain } from '#node/chain/chain'
import { ArtifactCache } from '#vm/engine/cache'
import { engineNamed } from '#vm/engine/engines'
import { createEngine } from '#vm/engine/tiering'
import { decodeContainer, encodeContainer } from '#vm/image/container'
import { MemoryStore } from '#vm/state/memory-store'
import type { Engine } from '#vm/vm/machine'
import type { Program } from '#vm/vm/program'
import { kitchen } from './contracts.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const sender = new Uint8Array(32).fill(0xa1)
const input = Uint8Array.of(0, 1, 2)

/** The kitchen with an instruction more, which nothing reaches: `r0 = seed`, `exit`. */
function distinct(seed: number): Uint8Array {
  const decoded = decodeContainer(kitchen)
  const { length } = decoded.code
  const code = new Uint8Array(length + 16)
  code.set(decoded.code)
  code.set([0xb7, 0, 0, 0, seed & 255, seed >> 8, 0, 0, 0x95], length)
  return encodeContainer({ ...decoded, code })
}

/** `engine`, with every program that it was given. */
function watched(engine: Engine): { engine: Engine; programs: Set<WeakRef<Program>> } {
  const seen = new WeakSet<Program>()
  const programs = new Set<WeakRef<Program>>()
  const instantiate: Engine['instantiate'] = (program, options) => {
    if (!seen.has(program)) programs.add(new WeakRef(program))
    seen.add(program)
    return engine.instantiate(program, options)
  }
  return { engine: { name: engine.name, instantiate }, programs }
}

for (const name of ['recomp', 'interp'] as const)
  test(`of many contracts on ${name} those that the caches may hold stay in memory`, async () => {
    const cache = new ArtifactCache({ count: 4, bytes: 1 << 20 })
    const inner =
      name === 'recomp' ? createEngine({ name, after: 0, cache }) : engineNamed('interp')
    const { engine, programs } = watched(inner)
    const limits = { count: 8, bytes: 1 << 20 }
    const chain = await Chain.open({ store: new MemoryStore(), engine, programs: limits })
    await chain.genesis([[sender, 1_000_000n]])
    const terms = { sender, value: 0n, gasLimit: 1_000_000n }
    for (let seed = 0; seed < 120; seed++) {
      const { receipt } = await chain.deploy({ ...terms, container: distinct(seed), input })
      const called = await chain.call({ ...terms, to: receipt.contract!, input })
      assert.equal(called.receipt.status, 'success')
    }
    assert.equal(programs.size, 120)
    // A WeakRef holds what it was asked for until the end of the turn.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    const alive = [...programs].filter((program) => program.deref() !== undefined).length
    assert.ok(alive >= 8, `${alive}: the last ones are kept`)
    // A machine in a pool has its program still, and one is on its way out.
    assert.ok(alive <= 8 + 32 + 1, `${alive} programs are in memory`)
    assert.equal(cache.counts.entries, name === 'recomp' ? 4 : 0)
  })
