// Runs in a process of its own: `writer.js FOLDER hold|fill|run|read|scan [lmdb|sqlite]`.
import { readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openStore, type StoreKind } from '#node/store/open'
import type { Change } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { entryKey, Field } from '#vm/state/key'
import type { Reads, Store, StoreError, Write } from '#vm/state/store'
import { leafChanges, pageWrites, StateTrie } from '#vm/state/trie'
import { StateView } from '#vm/state/view'
import { commitOf, recordKey } from './commits.ts'

const address = new Uint8Array(32).fill(1)

/** Rewrites all of `count` slots with the height, so that a torn commit shows. */
export function changesAt(reads: Reads, height: number, count: number): Change[] {
  const view = new StateView(reads)
  return Array.from({ length: count }, (_, index) => {
    const slot = Uint8Array.of(index >> 8, index & 255)
    const value = new Uint8Array(40)
    new DataView(value.buffer).setUint32(0, height + 1)
    const old = view.get(entryKey(address, Field.storage, slot))
    return { address, field: Field.storage, slot, old, new: value }
  })
}

/** Slots that a writer rewrites in each commit: more than a page of the trie has leaves. */
export const slots = 40

async function main(folder: string, mode: string, kind: StoreKind): Promise<void> {
  const store = await openStore(folder, {}, kind)
  if (mode === 'hold') {
    writeSync(1, 'held\n')
    process.stdin.resume()
    return
  }
  const hasher = await createHasher()
  const trie = new StateTrie(hasher, new StateView(store))
  let height = (store.head()?.height ?? -1) + 1
  if (mode === 'run') writeSync(1, `open ${height}\n`)
  try {
    for (; ; height++) {
      const changes = changesAt(store, height, slots)
      const update = trie.update(leafChanges(hasher, changes))
      const commit = commitOf(height, changes)
      const writes: Write[] = [...commit.writes]
      for (const [key, value] of pageWrites(update)) writes.push({ table: 'trie', key, value })
      // Growing records fill the file in `fill`.
      if (mode === 'fill')
        writes.push({ table: 'code', key: recordKey(height), value: new Uint8Array(20_000) })
      await store.commit({ ...commit, head: { height, root: update.root }, writes })
      trie.accept(update)
      if (mode === 'run') writeSync(1, `${height}\n`)
    }
  } catch (error) {
    const { code, message } = error as StoreError
    writeSync(
      1,
      JSON.stringify({ code, message, acknowledged: height - 1, head: store.head()?.height }),
    )
  }
}

/** Reads and writes each store in a folder; prints for each how that ended. */
async function scan(parent: string, kind: StoreKind): Promise<void> {
  for (const name of readdirSync(parent)) {
    let end = 'read'
    let store: Store | undefined
    try {
      store = await openStore(join(parent, name), {}, kind)
      for (const _ of store.scan('state'));
      for (const _ of store.scan('log'));
      const height = store.head()?.height ?? -1
      await store.commit(commitOf(height + 1, changesAt(store, height + 1, 20)))
    } catch (error) {
      end = (error as StoreError).code ?? String(error)
    }
    await store?.close().catch(() => undefined)
    writeSync(1, `${end}\n`)
  }
}

const [folder, mode, kind = 'lmdb'] = process.argv.slice(2)
if (folder !== undefined && mode !== undefined)
  await (mode === 'scan' ? scan(folder, kind as StoreKind) : main(folder, mode, kind as StoreKind))
