// Runs in a process of its own: `writer.js FOLDER hold|fill|run|scan`.
import { readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openLmdbStore } from '#node/store/lmdb'
import type { Change } from '#vm/state/diff'
import { createHasher } from '#vm/state/hasher'
import { entryKey, Field } from '#vm/state/key'
import { trieAfter, trieOf } from '#vm/state/root'
import type { Store, StoreError } from '#vm/state/store'
import { commitOf } from './conformance.ts'

const address = new Uint8Array(32).fill(1)

/** Rewrites all of `count` slots with the height, so that a torn commit shows. */
export function changesAt(store: Store, height: number, count: number): Change[] {
  return Array.from({ length: count }, (_, index) => {
    const slot = Uint8Array.of(index >> 8, index & 255)
    const value = new Uint8Array(40)
    new DataView(value.buffer).setUint32(0, height + 1)
    const old = store.get(entryKey(address, Field.storage, slot))
    return { address, field: Field.storage, slot, old, new: value }
  })
}

async function main(folder: string, mode: string): Promise<void> {
  const store = await openLmdbStore(folder)
  if (mode === 'hold') {
    writeSync(1, 'held\n')
    process.stdin.resume()
    return
  }
  const hasher = await createHasher()
  let trie = trieOf(hasher, store.entries())
  let height = (store.head()?.height ?? -1) + 1
  if (mode === 'run') writeSync(1, `open ${height}\n`)
  try {
    for (; ; height++) {
      const changes = changesAt(store, height, 20)
      trie = trieAfter(trie, hasher, changes)
      const commit = {
        ...commitOf(height, changes),
        root: trie.root(),
      }
      // Growing records fill the file in `fill`.
      const receipt = mode === 'fill' ? new Uint8Array(20_000) : commit.receipt
      await store.commit({ ...commit, receipt })
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
async function scan(parent: string): Promise<void> {
  for (const name of readdirSync(parent)) {
    let end = 'read'
    let store: Store | undefined
    try {
      store = await openLmdbStore(join(parent, name))
      for (const _ of store.entries());
      const height = store.head()?.height ?? -1
      for (let at = 0; at <= height; at++) store.record(at)
      await store.commit(commitOf(height + 1, changesAt(store, height + 1, 20)))
    } catch (error) {
      end = (error as StoreError).code ?? String(error)
    }
    await store?.close().catch(() => undefined)
    writeSync(1, `${end}\n`)
  }
}

const [folder, mode] = process.argv.slice(2)
if (folder !== undefined && mode !== undefined)
  await (mode === 'scan' ? scan(folder) : main(folder, mode))
