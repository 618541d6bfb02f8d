import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex } from '#vm/bits/hex'
import { compareBytes, concatBytes, equalBytes } from '#vm/bits/octets'
import { applyDiff, type Change, diffOf, encodeDiff } from '#vm/state/diff'
import { Journal } from '#vm/state/journal'
import { entryKey, Field } from '#vm/state/key'
import type { Commit, Store } from '#vm/state/store'
import { MapState, writes } from '../state/arbitraries.ts'

const a1 = new Uint8Array(32).fill(1)
const k1 = entryKey(a1, Field.storage, Uint8Array.of(1))
const root = (height: number): Uint8Array => new Uint8Array(32).fill(height + 1)

export function commitOf(
  height: number,
  changes: readonly Change[],
  codes: Commit['codes'] = [],
): Commit {
  return {
    height,
    root: root(height),
    changes,
    codes,
    transaction: Uint8Array.of(height, 1),
    receipt: Uint8Array.of(height, 2, 2),
    diff: encodeDiff({ changes }),
  }
}

const slotChange = (
  slot: number,
  old: Uint8Array | undefined,
  value: Uint8Array | undefined,
): Change => ({
  address: a1,
  field: Field.storage,
  slot: Uint8Array.of(slot),
  old,
  new: value,
})

export interface StoreMaker {
  readonly name: string
  /** A new, empty store. */
  readonly make: () => Promise<Store>
  /** The same store after a restart; stores that end with the process have none. */
  readonly reopen?: (store: Store) => Promise<Store>
}

/** What every store keeps. A new kind of store passes this before it is used. */
export function storeConformance({ name, make, reopen }: StoreMaker): void {
  const each = (what: string, run: (store: Store) => Promise<void>): void => {
    test(`${name}: ${what}`, async () => {
      const store = await make()
      try {
        await run(store)
      } finally {
        await store.close()
      }
    })
  }

  each('a new store is empty', async (store) => {
    assert.equal(store.head(), undefined)
    assert.equal(store.get(k1), undefined)
    assert.equal(store.code(a1), undefined)
    assert.equal(store.record(0), undefined)
    assert.equal(store.record(-1), undefined)
    assert.equal(store.record(0.5), undefined)
    assert.equal(store.record(2 ** 40), undefined)
    assert.deepEqual([...store.entries()], [])
  })

  each('a commit is all there afterwards', async (store) => {
    const container = new Uint8Array(70_000).fill(3)
    const commit = commitOf(0, [slotChange(1, undefined, Uint8Array.of(9))], [[a1, container]])
    await store.commit(commit)
    assert.deepEqual(store.head(), { height: 0, root: root(0) })
    assert.deepEqual(store.get(k1), Uint8Array.of(9))
    assert.deepEqual(store.code(a1), container)
    const { transaction, receipt, diff } = commit
    assert.deepEqual(store.record(0), { transaction, receipt, diff })
    await store.commit(commitOf(1, [slotChange(1, Uint8Array.of(9), undefined)]))
    assert.equal(store.get(k1), undefined)
    assert.deepEqual([...store.entries()], [])
    assert.deepEqual(store.record(0), { transaction, receipt, diff })
  })

  each('an empty value is a value', async (store) => {
    await store.commit(commitOf(0, [slotChange(1, undefined, new Uint8Array(0))]))
    assert.deepEqual(store.get(k1), new Uint8Array(0))
    assert.deepEqual([...store.entries()], [[k1, new Uint8Array(0)]])
  })

  each('the longest key and value, and an empty record', async (store) => {
    const slot = new Uint8Array(256).fill(0xff)
    const value = new Uint8Array(65_536).fill(7)
    const change: Change = { ...slotChange(0, undefined, value), slot }
    const none = new Uint8Array(0)
    await store.commit({ ...commitOf(0, [change]), transaction: none, receipt: none, diff: none })
    assert.deepEqual(store.get(entryKey(a1, Field.storage, slot)), value)
    assert.deepEqual(store.record(0), { transaction: none, receipt: none, diff: none })
  })

  each('heights follow one another, and a refused commit leaves nothing', async (store) => {
    const write = [slotChange(1, undefined, Uint8Array.of(1))]
    await assert.rejects(store.commit(commitOf(1, write)), { code: 'conflict' })
    await store.commit(commitOf(0, []))
    for (const height of [0, 2])
      await assert.rejects(store.commit(commitOf(height, write, [[a1, a1]])), { code: 'conflict' })
    assert.equal(store.get(k1), undefined)
    assert.equal(store.code(a1), undefined)
    assert.equal(store.record(2), undefined)
    assert.deepEqual(store.head(), { height: 0, root: root(0) })
  })

  each('a stale change refuses the whole commit', async (store) => {
    await store.commit(commitOf(0, [slotChange(1, undefined, Uint8Array.of(1))]))
    const stale = [
      slotChange(0, undefined, Uint8Array.of(5)),
      slotChange(1, Uint8Array.of(2), Uint8Array.of(3)),
    ]
    await assert.rejects(store.commit(commitOf(1, stale, [[a1, a1]])), { code: 'conflict' })
    assert.deepEqual([...store.entries()], [[k1, Uint8Array.of(1)]])
    assert.equal(store.code(a1), undefined)
    assert.equal(store.record(1), undefined)
    assert.deepEqual(store.head(), { height: 0, root: root(0) })
    // And the store goes on.
    await store.commit(commitOf(1, [slotChange(1, Uint8Array.of(1), Uint8Array.of(3))]))
    assert.deepEqual(store.get(k1), Uint8Array.of(3))
  })

  each('what was handed out or in is not the store itself', async (store) => {
    const value = Uint8Array.of(1, 2)
    await store.commit(commitOf(0, [slotChange(1, undefined, value)]))
    value[0] = 9
    const read = store.get(k1)!
    assert.deepEqual(read, Uint8Array.of(1, 2))
    read[1] = 9
    for (const [key, kept] of store.entries()) {
      key[0] = 9
      kept[0] = 9
    }
    assert.deepEqual(store.get(k1), Uint8Array.of(1, 2))
  })

  test(`${name}: entries are those of a map, in order, for every prefix, and survive a restart`, async () => {
    const commits = fc.array(writes, { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(commits, fc.nat(40), async (lists, cut) => {
        let store = await make()
        const model = new MapState()
        for (const [height, list] of lists.entries()) {
          const journal = new Journal(store)
          for (const [key, value] of list) journal.set(key, value)
          const diff = diffOf(journal)
          await store.commit(commitOf(height, diff.changes))
          applyDiff(diff, model)
        }
        if (reopen !== undefined) store = await reopen(store)
        const expected = [...model.map]
          .map(([key, value]) => [fromHex(key), value] as const)
          .sort(([a], [b]) => compareBytes(a, b))
        assert.deepEqual([...store.entries()], expected)
        const prefix = (expected[0]?.[0] ?? concatBytes(a1)).slice(0, cut)
        assert.deepEqual(
          [...store.entries(prefix)],
          expected.filter(([key]) => equalBytes(key.slice(0, prefix.length), prefix)),
        )
        assert.equal(store.head()?.height, lists.length === 0 ? undefined : lists.length - 1)
        await store.close()
      }),
      { numRuns: 25 },
    )
  })

  test(`${name}: a closed store says so`, async () => {
    const store = await make()
    await store.close()
    await store.close()
    const closed = { name: 'StoreError', code: 'closed' }
    assert.throws(() => store.get(k1), closed)
    assert.throws(() => [...store.entries()], closed)
    assert.throws(() => store.head(), closed)
    assert.throws(() => store.record(0), closed)
    assert.throws(() => store.code(a1), closed)
    await assert.rejects(store.commit(commitOf(0, [])), closed)
  })
}
