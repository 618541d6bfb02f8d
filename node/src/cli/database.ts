import type { Store } from 'alcatraz-vm/state'
import type { Command } from 'commander'
import { Chain } from '../chain/chain.ts'
import { openStore } from '../store/open.ts'
import { type EngineFlags, engineOf, withEngine } from './engine.ts'

export interface DatabaseFlags extends EngineFlags {
  readonly db: string
}

/** Where commands keep their database unless told otherwise. */
export const defaultDatabase = 'alcatraz.db'

/** Adds the options that say which database and which engine. */
export function withDatabase(command: Command): Command {
  return withEngine(command.option('--db <folder>', 'the database', defaultDatabase))
}

/** Opens the database's store for `work`, and closes it whatever happens. */
export async function usingStore<T>(
  flags: Pick<DatabaseFlags, 'db'>,
  options: { readonly readOnly: boolean },
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  const store = await openStore(flags.db, options)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Opens the chain in the database for `work`. */
export function usingChain<T>(
  flags: DatabaseFlags,
  options: { readonly readOnly: boolean },
  work: (chain: Chain) => Promise<T>,
): Promise<T> {
  return usingStore(flags, options, async (store) =>
    work(await Chain.open({ store, engine: engineOf(flags).engine })),
  )
}
