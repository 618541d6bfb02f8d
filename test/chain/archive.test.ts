import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ArchiveError, exportState, importState } from '#node/chain/archive'
import { Chain } from '#node/chain/chain'
import { openStore } from '#node/store/open'
import { referenceEngine } from '#vm/reference/engine'
import { headerLength } from '#vm/state/block'
import { createHasher } from '#vm/state/hasher'
import { MemoryStore } from '#vm/state/memory-store'
import type { Store } from '#vm/state/store'
import { newFolder } from '../store/folders.ts'
import { kinds } from '../store/kinds.ts'
import { alice, begun, bob, pay, poke } from './day.ts'

const hasher = await createHasher()
const engine = referenceEngine

async function exported(): Promise<{ chain: Chain; bytes: Buffer; to: Uint8Array }> {
  const { chain, to } = await begun()
  for (let i = 0; i < 5; i++) await chain.block([poke(to, 1, i, i), pay(alice, bob, 1n)])
  const header = chain.state.header(chain.height!)!
  const bytes = Buffer.concat([...exportState(hasher, chain.state, header, chain.entries)])
  return { chain, bytes, to }
}

for (const { kind, skip } of [...kinds, { kind: 'memory', skip: false }] as const)
  test(`${kind}: what was exported is imported whole, and the chain goes on from there`, {
    skip,
  }, async () => {
    const { chain, bytes, to } = await exported()
    const store: Store =
      kind === 'memory' ? new MemoryStore() : await openStore(newFolder(), {}, kind)
    const cut = (size: number): Buffer[] =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
    const { header, entries } = await importState(hasher, store, cut(7), { root: chain.root })
    assert.equal(header.height, 6)
    assert.equal(entries, chain.entries)
    const next = await Chain.open({ store, engine })
    assert.deepEqual(next.root, chain.root)
    assert.deepEqual([...next.state.entries()], [...chain.state.entries()])
    for (const each of [chain, next]) await each.block([poke(to, 1, 9, 9)])
    assert.deepEqual(next.root, chain.root)
    // The two blocks were made at different times.
    const [copied, first] = [next, chain].map((each) => ({ ...each.state.header(7)!, time: 0n }))
    assert.deepEqual(copied, first)
    const report = await next.verify(engine)
    assert.deepEqual([report.problems, report.first, report.heights], [[], 7, 1])
    await assert.rejects(
      next.past(5, () => undefined),
      { code: 'noHeight' },
    )
    await store.close()
  })

test('the state of a past height is exported as it was', async () => {
  const { chain } = await exported()
  const store = new MemoryStore()
  await chain.past(3, (state) => {
    const header = chain.state.header(3)!
    const { entries } = state.trie(hasher)
    return importState(hasher, store, exportState(hasher, state, header, entries))
  })
  const past = await Chain.open({ store, engine })
  assert.equal(past.height, 3)
  assert.deepEqual(past.root, chain.state.header(3)!.root)
})

/** After the magic, the count of entries, and the header's version, height, parent and time. */
const rootOffset = 12 + 1 + 4 + 32 + 8

test('a file with anything changed is refused by name, and is no chain', async () => {
  const { bytes } = await exported()
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = Buffer.from(bytes)
      changed[at]! ^= by
      const store = new MemoryStore()
      const result = await importState(hasher, store, [changed]).then(
        () => undefined,
        (error: unknown) => error,
      )
      // Of the header, only the root is bound to the state: the rest is the chain's word.
      const word = at >= 12 && at < 12 + headerLength && !(at >= rootOffset && at < rootOffset + 32)
      if (result === undefined) assert(word, `octet ${at}`)
      else {
        assert(result instanceof ArchiveError, String(result))
        assert.equal(store.head(), undefined)
      }
    }),
    { numRuns: 300 },
  )
})

test('a file that is cut or has more is refused', async () => {
  const { bytes, chain } = await exported()
  const codeOf = async (file: Uint8Array, root?: Uint8Array): Promise<string> => {
    const error: unknown = await importState(
      hasher,
      new MemoryStore(),
      [file],
      root && { root },
    ).catch((thrown: unknown) => thrown)
    return error instanceof ArchiveError ? error.code : 'accepted'
  }
  assert.equal(await codeOf(bytes, chain.root), 'accepted')
  for (const length of [0, 7, 100, 184, 190, bytes.length - 4, bytes.length - 1])
    assert.equal(await codeOf(bytes.subarray(0, length)), 'truncated', `${length}`)
  assert.equal(await codeOf(Buffer.concat([bytes, Buffer.alloc(1)])), 'trailingBytes')
  assert.equal(await codeOf(Buffer.alloc(300)), 'badMagic')
  assert.equal(await codeOf(bytes, alice), 'wrongRoot')
  assert.equal(
    await codeOf(Buffer.concat([bytes.subarray(0, 12 + headerLength), Buffer.alloc(4, 0xff)])),
    'tooLong',
  )
  assert.equal(
    await codeOf(Buffer.concat([bytes.subarray(0, 12 + headerLength), Buffer.alloc(4)])),
    'wrongCount',
  )
})

test('an import that did not finish is no chain, and a store with something in it is left alone', async () => {
  const { bytes } = await exported()
  const store = new MemoryStore()
  await assert.rejects(importState(hasher, store, [bytes.subarray(0, -4)]), { code: 'truncated' })
  const begunStore = (await begun()).chain.store
  const before = [...begunStore.scan('state')]
  await assert.rejects(importState(hasher, begunStore, [bytes]), { code: 'notEmpty' })
  assert.deepEqual([...begunStore.scan('state')], before)
})
