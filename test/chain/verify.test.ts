import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Chain } from '#node/chain/chain'
import type { VerifyProblem } from '#node/chain/verify'
import { decodeReceipt, encodeReceipt } from '#vm/host/alcatraz/receipt'
import { decodeTransaction, encodeTransaction } from '#vm/host/alcatraz/transaction'
import { referenceEngine } from '#vm/reference/engine'
import { entryOf, Field } from '#vm/state/key'
import { MemoryStore } from '#vm/state/memory-store'
import type { Head, LogRecord, Store } from '#vm/state/store'
import { kitchen } from './contracts.ts'

const engine = referenceEngine
const alice = new Uint8Array(32).fill(0xa1)

/** A store that lies as it is told. */
class LyingStore extends MemoryStore {
  lies: Partial<Pick<Store, 'entries' | 'record' | 'code' | 'head'>> = {}

  override entries(prefix?: Uint8Array): ReturnType<Store['entries']> {
    return this.lies.entries?.(prefix) ?? super.entries(prefix)
  }
  override record(height: number): LogRecord | undefined {
    return this.lies.record === undefined ? super.record(height) : this.lies.record(height)
  }
  override code(hash: Uint8Array): Uint8Array | undefined {
    return this.lies.code === undefined ? super.code(hash) : this.lies.code(hash)
  }
  override head(): Head | undefined {
    return this.lies.head?.() ?? super.head()
  }
}

async function filled(): Promise<{ store: LyingStore; chain: Chain }> {
  const store = new LyingStore()
  const chain = await Chain.open({ store, engine })
  await chain.genesis([[alice, 1000n]])
  const gasLimit = 100_000n
  const { receipt } = await chain.deploy({
    ...{ sender: alice, container: kitchen, input: new Uint8Array(0), value: 10n, gasLimit },
  })
  const to = receipt.contract!
  for (const key of [1, 2]) {
    const input = Uint8Array.of(1, key, 9)
    await chain.call({ sender: alice, to, input, value: 0n, gasLimit })
  }
  return { store, chain }
}

async function problemsOf(lie: (store: LyingStore) => void): Promise<readonly VerifyProblem[]> {
  const { store, chain } = await filled()
  lie(store)
  const report = await chain.verify(engine)
  assert.equal(report.ok, report.problems.length === 0)
  return report.problems
}

const found = (problems: readonly VerifyProblem[]): string[] =>
  problems.map(({ height, what }) => `${height} ${what}`)

/** The record of height 2 with `edit` applied, others as they are. */
const lieAtTwo =
  (edit: (record: LogRecord) => LogRecord | undefined) =>
  (store: LyingStore): void => {
    const honest = new Map([0, 1, 2, 3].map((height) => [height, store.record(height)] as const))
    store.lies.record = (height) => {
      const record = honest.get(height)
      return height === 2 && record ? edit(record) : record
    }
  }

test('an honest store has no problems', async () => {
  assert.deepEqual(await problemsOf(() => {}), [])
})

test('a changed leaf shows in the root and in the replay', async () => {
  const problems = await problemsOf((store) => {
    const honest = [...store.entries()]
    store.lies.entries = () =>
      honest.map(([key, value]) =>
        entryOf(key).field === Field.storage ? ([key, Uint8Array.of(8)] as const) : [key, value],
      )
  })
  assert.deepEqual(found(problems), ['3 root', '3 entries'])
})

test('a lost leaf shows', async () => {
  const problems = await problemsOf((store) => {
    const honest = [...store.entries()]
    store.lies.entries = () => honest.slice(1)
  })
  assert.deepEqual(found(problems), ['3 root', '3 entries'])
})

test('a changed head shows', async () => {
  const problems = await problemsOf((store) => {
    store.lies.head = () => ({ height: 3, root: new Uint8Array(32).fill(1) })
  })
  assert.deepEqual(found(problems), ['3 root', '3 root'])
})

test('a head that forgets commits shows', async () => {
  const problems = await problemsOf((store) => {
    const { root } = store.head()!
    store.lies.head = () => ({ height: 2, root })
  })
  assert.deepEqual(found(problems), ['2 entries', '2 root', '3 history'])
})

test('a changed container shows', async () => {
  const problems = await problemsOf((store) => {
    store.lies.code = () => kitchen.map((octet, index) => (index === 60 ? octet ^ 1 : octet))
  })
  assert.deepEqual(found(problems), ['undefined code'])
})

test('a changed transaction shows in what it would have done', async () => {
  const edit = (record: LogRecord): LogRecord => {
    const transaction = decodeTransaction(record.transaction)
    assert.equal(transaction.kind, 'call')
    const changed = { ...transaction, input: Uint8Array.of(1, 1, 8) }
    return { ...record, transaction: encodeTransaction(changed as typeof transaction) }
  }
  assert.deepEqual(found(await problemsOf(lieAtTwo(edit))), ['2 diff', '2 receipt'])
})

test('a changed receipt shows, be it gas, root, status or event', async () => {
  const changes = [
    { gasUsed: 1n },
    { root: new Uint8Array(32) },
    { status: 'reverted' },
    { height: 5 },
  ] as const
  for (const change of changes) {
    const edit = (record: LogRecord): LogRecord => ({
      ...record,
      receipt: encodeReceipt({ ...decodeReceipt(record.receipt), ...change }),
    })
    assert.deepEqual(found(await problemsOf(lieAtTwo(edit))), ['2 receipt'])
  }
})

test('a changed diff shows', async () => {
  const edit = (record: LogRecord): LogRecord => ({
    ...record,
    diff: record.diff.map((octet, index) => (index === record.diff.length - 1 ? octet ^ 1 : octet)),
  })
  assert.deepEqual(found(await problemsOf(lieAtTwo(edit))), ['2 diff'])
})

test('a record that is missing or rubbish shows', async () => {
  assert.deepEqual(found(await problemsOf(lieAtTwo(() => undefined))), ['2 record'])
  const rubbish = (record: LogRecord): LogRecord => ({
    ...record,
    transaction: Uint8Array.of(1, 9),
  })
  assert.deepEqual(found(await problemsOf(lieAtTwo(rubbish))), ['2 transaction'])
})

test('a store whose entries lost their root is not opened', async () => {
  const { store } = await filled()
  store.lies.head = () => ({ height: 3, root: new Uint8Array(32).fill(1) })
  await assert.rejects(Chain.open({ store, engine }), { name: 'StoreError', code: 'corrupt' })
})
