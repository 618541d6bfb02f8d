import { StoreError } from 'alcatraz-vm/state'

/** What is used of `node:sqlite`, whose types come with later versions than the oldest one supported. */
export interface Statement {
  get(...values: readonly Uint8Array[]): Record<string, unknown> | undefined
  iterate(...values: readonly Uint8Array[]): IterableIterator<Record<string, unknown>>
  run(...values: readonly Uint8Array[]): unknown
}

export interface SqliteDatabase {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

export interface SqliteModule {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => SqliteDatabase
}

// A name that bundlers and the compiler do not look up.
const moduleName: string = 'node:sqlite'

/**
 * SQLite as Node 22.5 and later have it.
 * @throws {StoreError} by rejecting: `unsupported`
 */
export async function loadSqlite(): Promise<SqliteModule> {
  try {
    const found: SqliteModule = await import(moduleName)
    return found
  } catch (error) {
    throw new StoreError(
      'unsupported',
      `Node ${process.versions.node} has no node:sqlite`,
      'Use Node 22.5 or later, or a store of LMDB.',
      { cause: error },
    )
  }
}
