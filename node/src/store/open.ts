import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from 'alcatraz-vm/state'
import { type FolderOptions, openLmdbStore } from './lmdb.ts'
import { openSqliteStore, sqliteFile } from './sqlite.ts'

/** Kinds of stores in a folder. */
export const storeKinds = ['lmdb', 'sqlite'] as const
export type StoreKind = (typeof storeKinds)[number]

/** What is in a folder; `undefined` when it is no store, or none yet. */
export function storeKindOf(folder: string): StoreKind | undefined {
  if (existsSync(join(folder, sqliteFile))) return 'sqlite'
  return existsSync(join(folder, 'data.mdb')) ? 'lmdb' : undefined
}

/**
 * Opens the store in `folder`, of whatever kind it is, or makes one.
 * @param kind of a new store: `lmdb` unless given
 * @throws as `openLmdbStore` and `openSqliteStore`
 * @example const store = await openStore('data')
 */
export function openStore(
  folder: string,
  options: FolderOptions = {},
  kind: StoreKind = 'lmdb',
): Promise<Store> {
  const found = storeKindOf(folder) ?? kind
  return found === 'sqlite' ? openSqliteStore(folder, options) : openLmdbStore(folder, options)
}
