import { openStore, type StoreKind } from '#node/store/open'
import type { StoreMaker } from '#node/store/suite'
import type { Store } from '#vm/state/store'
import { newFolder } from './folders.ts'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const hasSqlite = major > 22 || (major === 22 && minor >= 5)
const noSqlite = `SKIPPED: Node ${process.versions.node} has no node:sqlite (22.5 and later have)`

export interface Kind {
  readonly kind: StoreKind
  /** The file that a damage test cuts. */
  readonly file: string
  /** Why this Node cannot run it; false when it can. */
  readonly skip: string | false
}

export const kinds: readonly Kind[] = [
  { kind: 'lmdb', file: 'data.mdb', skip: false },
  { kind: 'sqlite', file: 'state.sqlite', skip: hasSqlite ? false : noSqlite },
]

const folders = new WeakMap<Store, string>()

async function openIn(kind: StoreKind, folder: string): Promise<Store> {
  const store = await openStore(folder, {}, kind)
  folders.set(store, folder)
  return store
}

/** Stores of a kind as the suite wants them. */
export const makerOf = (kind: StoreKind): StoreMaker => ({
  make: () => openIn(kind, newFolder()),
  reopen: async (store) => {
    await store.close()
    return openIn(kind, folders.get(store)!)
  },
})
