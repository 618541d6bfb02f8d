/**
 * What every store keeps, as checks that any test runner can run. An adapter that passes them can be used
 * for a chain; what it does when the process dies or the disk is full has to be tested beside.
 * @packageDocumentation
 */

import assert from 'node:assert/strict'
import type { Batch, Head, Reads, Snapshot, Store, Table, Write } from 'alcatraz-vm/state'
import { diceOf } from './dice.ts'

/** How the suite gets stores of one kind. */
export interface StoreMaker {
  /** A new, empty store. */
  readonly make: () => Promise<Store>
  /** The same store after a restart; stores that end with the process have none. */
  readonly reopen?: (store: Store) => Promise<Store>
}

export interface StoreCheck {
  readonly name: string
  /** Rejects with an `AssertionError` when the store does not do what every store does. */
  readonly run: (maker: StoreMaker) => Promise<void>
}

const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const everyTable: readonly Table[] = ['state', 'code', 'trie', 'log', 'index']
const headAt = (height: number): Head => ({ height, root: new Uint8Array(32).fill(height + 1) })

function put(table: Table, key: Uint8Array, value: Uint8Array | undefined): Write {
  return { table, key, value }
}

function batchAt(height: number, ...writes: readonly Write[]): Batch {
  return { after: height === 0 ? undefined : height - 1, head: headAt(height), writes }
}

/** Entries of a table as the obvious store would have them. */
class Model {
  readonly #tables = new Map<Table, Map<string, Uint8Array>>()

  apply(writes: readonly Write[]): void {
    for (const { table, key, value } of writes) {
      const entries = this.#tables.get(table) ?? new Map<string, Uint8Array>()
      this.#tables.set(table, entries)
      const id = Buffer.from(key).toString('hex')
      if (value === undefined) entries.delete(id)
      else entries.set(id, value)
    }
  }

  check(reads: Reads, table: Table, prefix: Uint8Array): void {
    const start = Buffer.from(prefix).toString('hex')
    const expected = [...(this.#tables.get(table) ?? [])]
      .filter(([id]) => id.startsWith(start))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, value]) => [new Uint8Array(Buffer.from(id, 'hex')), value])
    assert.deepEqual([...reads.scan(table, prefix)], expected)
    for (const [key, value] of expected) assert.deepEqual(reads.get(table, key!), value)
    const ids = [...(this.#tables.get(table)?.keys() ?? [])].sort()
    for (const id of [start, `${start}00`, ...ids, ...ids.map((key) => `${key}00`)]) {
      const first = ids.find((key) => key >= id)
      const key = first === undefined ? undefined : new Uint8Array(Buffer.from(first, 'hex'))
      assert.deepEqual(reads.seek(table, new Uint8Array(Buffer.from(id, 'hex'))), key)
    }
  }
}

const checks: StoreCheck[] = []

/** A check that gets a new store, and closes it. */
function each(name: string, run: (store: Store) => Promise<void>): void {
  checks.push({
    name,
    run: async ({ make }) => {
      const store = await make()
      try {
        await run(store)
      } finally {
        await store.close()
      }
    },
  })
}

each('a new store is empty', async (store) => {
  assert.equal(store.head(), undefined)
  for (const table of everyTable) {
    assert.equal(store.get(table, octets(1)), undefined)
    assert.deepEqual([...store.scan(table)], [])
    assert.equal(store.seek(table, octets()), undefined)
  }
})

each('a commit is all there afterwards, in its tables', async (store) => {
  const writes = everyTable.map((table, at) => put(table, octets(7), octets(at)))
  await store.commit(batchAt(0, ...writes))
  assert.deepEqual(store.head(), headAt(0))
  for (const [at, table] of everyTable.entries()) {
    assert.deepEqual(store.get(table, octets(7)), octets(at))
    assert.deepEqual([...store.scan(table)], [[octets(7), octets(at)]])
  }
  await store.commit(batchAt(1, put('state', octets(7), undefined)))
  assert.equal(store.get('state', octets(7)), undefined)
  assert.deepEqual([...store.scan('state')], [])
  assert.deepEqual(store.get('code', octets(7)), octets(1))
})

each('an empty value is a value, and removing what is not there is nothing', async (store) => {
  await store.commit(
    batchAt(0, put('state', octets(1), octets()), put('state', octets(2), undefined)),
  )
  assert.deepEqual(store.get('state', octets(1)), octets())
  assert.deepEqual([...store.scan('state')], [[octets(1), octets()]])
})

each('the longest key, and values of any size', async (store) => {
  const key = new Uint8Array(289).fill(0xff)
  const sizes = [0, 1, 2_000, 65_536, 5_000_000]
  const writes = sizes.map((size, at) =>
    put('log', octets(...key.subarray(0, 288), at), new Uint8Array(size).fill(at + 1)),
  )
  await store.commit(batchAt(0, ...writes))
  for (const { key: at, value } of writes) {
    assert.deepEqual(store.get('log', at), value)
    assert.deepEqual(store.seek('log', at), at)
  }
  assert.equal(store.seek('log', octets(...key, 0)), undefined)
})

each('the last write of a key counts', async (store) => {
  const key = octets(1)
  await store.commit(batchAt(0, put('state', key, octets(1)), put('state', key, octets(2))))
  assert.deepEqual(store.get('state', key), octets(2))
  await store.commit(batchAt(1, put('state', key, octets(3)), put('state', key, undefined)))
  assert.equal(store.get('state', key), undefined)
})

each('a batch that does not follow the head is refused, and leaves nothing', async (store) => {
  const write = put('state', octets(1), octets(1))
  await assert.rejects(store.commit(batchAt(1, write)), { name: 'StoreError', code: 'conflict' })
  await store.commit(batchAt(0))
  for (const height of [0, 2])
    await assert.rejects(store.commit(batchAt(height, write)), { code: 'conflict' })
  const stale = { after: undefined, head: undefined, writes: [write] }
  await assert.rejects(store.commit(stale), { code: 'conflict' })
  assert.equal(store.get('state', octets(1)), undefined)
  assert.deepEqual(store.head(), headAt(0))
  await store.commit(batchAt(1, write))
  assert.deepEqual(store.get('state', octets(1)), octets(1))
})

each('of two commits after one head, one wins', async (store) => {
  await store.commit(batchAt(0))
  const results = await Promise.allSettled(
    [1, 2].map((value) => store.commit(batchAt(1, put('state', octets(1), octets(value))))),
  )
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.equal(store.head()?.height, 1)
})

each('writes that cannot be made leave nothing', async (store) => {
  await store.commit(batchAt(0, put('state', octets(1), octets(1))))
  function* broken(): Generator<Write> {
    yield put('state', octets(1), octets(9))
    yield put('log', octets(1), octets(9))
    throw new Error('a broken generator')
  }
  await assert.rejects(store.commit({ after: 0, head: headAt(1), writes: broken() }))
  assert.deepEqual(store.get('state', octets(1)), octets(1))
  assert.equal(store.get('log', octets(1)), undefined)
  assert.deepEqual(store.head(), headAt(0))
  await store.commit(batchAt(1, put('state', octets(1), octets(2))))
  assert.deepEqual(store.get('state', octets(1)), octets(2))
})

each('a batch without a head leaves the head as it is', async (store) => {
  await store.commit({
    after: undefined,
    head: undefined,
    writes: [put('code', octets(1), octets(1))],
  })
  assert.equal(store.head(), undefined)
  await store.commit(batchAt(0))
  await store.commit({ after: 0, head: undefined, writes: [put('code', octets(1), undefined)] })
  assert.deepEqual(store.head(), headAt(0))
  // A state that is brought from elsewhere begins at any height.
  await store.commit({ after: 0, head: headAt(200), writes: [] })
  assert.deepEqual(store.head(), headAt(200))
})

each('what was handed out or in is not the store itself', async (store) => {
  const [key, value] = [octets(1), octets(1, 2)]
  const head = { height: 0, root: new Uint8Array(32).fill(1) }
  await store.commit({ after: undefined, head, writes: [put('state', key, value)] })
  key[0] = value[0] = head.root[0] = 9
  const read = store.get('state', octets(1))!
  assert.deepEqual(read, octets(1, 2))
  assert(!Buffer.isBuffer(read))
  read[1] = store.head()!.root[0] = 9
  for (const [kept, more] of store.scan('state')) kept[0] = more[0] = 9
  assert.deepEqual([...store.scan('state')], [[octets(1), octets(1, 2)]])
  assert.deepEqual(store.head(), headAt(0))
})

each('a snapshot keeps its commit, whatever is committed later', async (store) => {
  const at = (value: number): Write[] =>
    [1, 2, 3].map((key) => put('state', octets(key), key === value % 4 ? undefined : octets(value)))
  await store.commit(batchAt(0, ...at(4)))
  const snapshots: [number, Snapshot][] = []
  for (let height = 1; height < 8; height++) {
    snapshots.push([height - 1, store.snapshot()])
    await store.commit(batchAt(height, ...at(height + 4)))
    for (const [then, snapshot] of snapshots) {
      const model = new Model()
      model.apply(at(then + 4))
      model.check(snapshot, 'state', octets())
      for (const key of [1, 2, 3])
        assert.deepEqual(
          snapshot.get('state', octets(key)),
          key === (then + 4) % 4 ? undefined : octets(then + 4),
        )
      assert.deepEqual(snapshot.head(), headAt(then))
    }
    assert.deepEqual(store.head(), headAt(height))
    if (height % 3 === 0) snapshots.shift()?.[1].close()
  }
  for (const [, snapshot] of snapshots) {
    snapshot.close()
    snapshot.close()
    assert.throws(() => snapshot.get('state', octets(1)), { code: 'closed' })
  }
})

each('a scan is of one commit, though others follow while it is read', async (store) => {
  const all = (value: number): Write[] =>
    Array.from({ length: 300 }, (_, at) => put('state', octets(at >> 8, at & 255), octets(value)))
  await store.commit(batchAt(0, ...all(1)))
  let height = 1
  let seen = 0
  for (const [, value] of store.scan('state')) {
    if (seen++ % 100 === 0) await store.commit(batchAt(height++, ...all(2)))
    assert.deepEqual(value, octets(1))
  }
  assert.equal(seen, 300)
})

checks.push({
  name: 'any commits: scans and reads are those of a map, for every prefix, and survive a restart',
  run: async ({ make, reopen }) => {
    for (let seed = 1; seed <= 20; seed++) {
      const dice = diceOf(seed * 0x9e37)
      let store = await make()
      const model = new Model()
      const commits = dice(5)
      for (let height = 0; height < commits; height++) {
        const writes = Array.from({ length: dice(40) }, () => {
          const key = octets(dice(3), ...Array.from({ length: dice(4) }, () => dice(2) * 255))
          const value = dice(3) === 0 ? undefined : new Uint8Array(dice(60)).fill(dice(256))
          return put(everyTable[dice(5)]!, key, value)
        })
        await store.commit(batchAt(height, ...writes))
        model.apply(writes)
      }
      if (reopen !== undefined) store = await reopen(store)
      for (const table of everyTable)
        for (const prefix of [[], [0], [1], [1, 0], [2, 255], [2, 255, 255], [9]])
          model.check(store, table, octets(...prefix))
      assert.equal(store.head()?.height, commits === 0 ? undefined : commits - 1)
      await store.close()
    }
  },
})

checks.push({
  name: 'a closed store says so, and closes its snapshots',
  run: async ({ make }) => {
    const store = await make()
    const snapshot = store.snapshot()
    await store.close()
    await store.close()
    const closed = { name: 'StoreError', code: 'closed' }
    for (const reads of [store, snapshot]) {
      assert.throws(() => reads.get('state', octets(1)), closed)
      assert.throws(() => [...reads.scan('state')], closed)
      assert.throws(() => reads.seek('state', octets()), closed)
      assert.throws(() => reads.head(), closed)
    }
    assert.throws(() => store.snapshot(), closed)
    await assert.rejects(store.commit(batchAt(0)), closed)
  },
})

/**
 * The checks.
 * @example for (const { name, run } of storeSuite) test(name, () => run({ make: openMyStore }))
 */
export const storeSuite: readonly StoreCheck[] = checks
