import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Chain } from '#node/chain/chain'
import type { VerifyProblem } from '#node/chain/verify'
import { decodeReceipt, encodeReceipt } from '#vm/host/alcatraz/receipt'
import { decodeTransaction, encodeTransaction } from '#vm/host/alcatraz/transaction'
import { referenceEngine } from '#vm/reference/engine'
import { type BlockBody, encodeList } from '#vm/state/block'
import { entryOf, Field } from '#vm/state/key'
import { MemoryStore } from '#vm/state/memory-store'
import type { Head, Store, Write } from '#vm/state/store'
import { headerWrite, StateView } from '#vm/state/view'
import { kitchen } from './contracts.ts'

const engine = referenceEngine
const alice = new Uint8Array(32).fill(0xa1)

async function filled(history?: number): Promise<{ store: Store; chain: Chain }> {
  const store = new MemoryStore()
  const chain = await Chain.open({ store, engine, ...(history && { history }) })
  await chain.genesis([[alice, 1000n]])
  const gasLimit = 100_000n
  const { receipt } = await chain.deploy({
    ...{ sender: alice, container: kitchen, input: new Uint8Array(0), value: 10n, gasLimit },
  })
  const to = receipt.contract!
  const call = (key: number) => ({
    ...{ sender: alice, to, input: Uint8Array.of(1, key, 9), value: 0n, gasLimit },
  })
  await chain.block([call(1), call(2)])
  await chain.call(call(3))
  return { store, chain }
}

/** Changes what is in the store behind the chain's back. */
type Tamper = (store: Store, view: StateView) => Iterable<Write> | Head

async function problemsOf(tamper: Tamper, history?: number): Promise<readonly VerifyProblem[]> {
  const { store, chain } = await filled(history)
  const change = tamper(store, new StateView(store))
  const [head, writes] = 'root' in change ? [change, []] : [undefined, change]
  await store.commit({ after: 3, head, writes })
  const report = await chain.verify(engine)
  assert.equal(report.ok, report.problems.length === 0)
  return report.problems
}

const found = (problems: readonly VerifyProblem[]): string[] =>
  problems.map(({ height, what }) => `${height} ${what}`)

/** The block of height 2 with `edit` applied. */
const lieAtTwo =
  (edit: (body: BlockBody) => Partial<BlockBody>): Tamper =>
  (_, view) =>
    Object.entries(edit(view.body(2)!)).map(([part, list]) => {
      const number = ['transactions', 'receipts', 'diffs'].indexOf(part) + 1
      return { table: 'log', key: Uint8Array.of(0, 0, 0, 2, number), value: encodeList(list) }
    })

const changed = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((octet, index) => (index === (at + bytes.length) % bytes.length ? octet ^ 1 : octet))

test('an honest store has no problems', async () => {
  assert.deepEqual(await problemsOf(() => []), [])
})

test('a changed leaf shows in the root and in the replay', async () => {
  const problems = await problemsOf((store) =>
    [...store.scan('state')]
      .filter(([key]) => entryOf(key).field === Field.storage)
      .map(([key]) => ({ table: 'state', key, value: Uint8Array.of(8) })),
  )
  assert.deepEqual(found(problems), ['3 root', '3 trie', '3 entries'])
})

test('a lost leaf, and one too many, show', async () => {
  const lost = await problemsOf((store) => [
    { table: 'state', key: [...store.scan('state')][0]![0], value: undefined },
  ])
  assert.deepEqual(found(lost), ['3 root', '3 trie', '3 entries'])
  const more = await problemsOf((store) => [
    {
      table: 'state',
      key: [...store.scan('state')][0]![0].map((octet) => octet ^ 1),
      value: alice,
    },
  ])
  assert.deepEqual(found(more), ['3 root', '3 trie', '3 entries'])
})

test('a changed or stray page of the trie shows', async () => {
  const pages =
    (edit: (key: Uint8Array, value: Uint8Array) => Write): Tamper =>
    (store) =>
      [...store.scan('trie')].slice(0, 1).map(([key, value]) => edit(key, value))
  const page = { table: 'trie' } as const
  const damaged = await problemsOf(
    pages((key, value) => ({ ...page, key, value: changed(value, -1) })),
  )
  assert.deepEqual(found(damaged), ['3 trie'])
  const stray = await problemsOf(
    pages((_, value) => ({ ...page, key: Uint8Array.of(1, 0x10), value })),
  )
  assert.deepEqual(found(stray), ['3 trie'])
})

test('a changed head shows', async () => {
  const problems = await problemsOf(() => ({ height: 3, root: new Uint8Array(32).fill(1) }))
  assert.deepEqual(found(problems), ['3 root', '3 root'])
})

test('a head that forgets commits shows', async () => {
  const problems = await problemsOf((store) => ({ height: 2, root: store.head()!.root }))
  assert.deepEqual(found(problems), ['2 entries', '2 root', '3 history'])
})

test('a changed container shows', async () => {
  const problems = await problemsOf((store) =>
    [...store.scan('code')].map(([key, value]) => ({
      table: 'code',
      key,
      value: changed(value, 60),
    })),
  )
  assert.deepEqual(found(problems), ['undefined code'])
})

test('a changed transaction shows in what it would have done', async () => {
  const edit = ({ transactions }: BlockBody): Partial<BlockBody> => {
    const second = decodeTransaction(transactions[1]!)
    assert.equal(second.kind, 'call')
    const other = { ...second, input: Uint8Array.of(1, 1, 8) }
    return { transactions: [transactions[0]!, encodeTransaction(other as typeof second)] }
  }
  assert.deepEqual(found(await problemsOf(lieAtTwo(edit))), ['2 diff', '2 receipt'])
})

test('a transaction that is left out, or that another takes the place of, shows', async () => {
  const left = await problemsOf(
    lieAtTwo(({ transactions }) => ({ transactions: transactions.slice(0, 1) })),
  )
  assert.deepEqual(found(left), ['2 diff', '2 receipt'])
  const swapped = await problemsOf(
    lieAtTwo(({ transactions }) => ({ transactions: [...transactions].reverse() })),
  )
  assert.deepEqual(found(swapped), ['2 transaction'])
})

test('a changed receipt shows, be it gas, root, status or height', async () => {
  const changes = [
    { gasUsed: 1n },
    { root: new Uint8Array(32) },
    { status: 'reverted' },
    { height: 5 },
  ] as const
  for (const change of changes) {
    const edit = ({ receipts }: BlockBody): Partial<BlockBody> => ({
      receipts: [encodeReceipt({ ...decodeReceipt(receipts[0]!), ...change }), receipts[1]!],
    })
    assert.deepEqual(found(await problemsOf(lieAtTwo(edit))), ['2 receipt'])
  }
})

test('a changed diff shows', async () => {
  const edit = ({ diffs }: BlockBody): Partial<BlockBody> => ({
    diffs: [changed(diffs[0]!, -1), diffs[1]!],
  })
  assert.deepEqual(found(await problemsOf(lieAtTwo(edit))), ['2 diff'])
})

test('a changed header shows', async () => {
  for (const change of [{ parent: alice }, { diffs: alice }, { count: 3 }]) {
    const problems = await problemsOf((_, view) => [headerWrite({ ...view.header(2)!, ...change })])
    assert.deepEqual(found(problems), ['2 header'])
  }
})

test('a record that is missing or rubbish shows', async () => {
  const header: Write = { table: 'log', key: Uint8Array.of(0, 0, 0, 2, 0), value: undefined }
  assert.deepEqual(found(await problemsOf(() => [header])), ['2 record'])
  const list: Write = { ...header, key: Uint8Array.of(0, 0, 0, 2, 1), value: Uint8Array.of(1) }
  assert.deepEqual(found(await problemsOf(() => [list])), ['2 record'])
  const rubbish = lieAtTwo(({ transactions }) => ({
    transactions: [Uint8Array.of(1, 9), transactions[1]!],
  }))
  assert.deepEqual(found(await problemsOf(rubbish)), ['2 transaction'])
})

test('a pruned store is replayed from the first block that it has', async () => {
  const { chain } = await filled(2)
  const report = await chain.verify(engine)
  assert.deepEqual(report.problems, [])
  assert.deepEqual([report.first, report.heights, report.transactions], [2, 2, 3])
  const receipt = lieAtTwo(({ receipts }) => ({ receipts: receipts.slice(1) }))
  assert.deepEqual(found(await problemsOf(receipt, 2)), ['2 receipt'])
  const diff = lieAtTwo(({ diffs }) => ({ diffs: diffs.slice(1) }))
  assert.deepEqual(found(await problemsOf(diff, 2)), ['undefined history'])
})

test('a store whose head, last block and trie do not agree is not opened', async () => {
  const corrupt = { name: 'StoreError', code: 'corrupt' }
  for (const tamper of [
    (): Tamper => () => ({ height: 3, root: new Uint8Array(32).fill(1) }),
    (): Tamper => (store) => ({ height: 2, root: store.head()!.root }),
    (): Tamper => () => [{ table: 'trie', key: Uint8Array.of(0), value: undefined }],
    (): Tamper => () => [{ table: 'trie', key: Uint8Array.of(0), value: alice }],
  ]) {
    const { store } = await filled()
    const change = tamper()(store, new StateView(store))
    const [head, writes] = 'root' in change ? [change, []] : [undefined, change]
    await store.commit({ after: 3, head, writes })
    await assert.rejects(Chain.open({ store, engine }), corrupt)
  }
})
