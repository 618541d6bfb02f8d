import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Batch,
  checkFollows,
  checkOpen,
  type Head,
  type Reads,
  type Snapshot,
  type Store,
  StoreError,
  type Table,
  tables,
} from 'alcatraz-vm/state'
import { decodeStoredHead, encodeStoredHead, formatName, storeFormat } from './format.ts'
import type { FolderOptions } from './lmdb.ts'
import { folderNames, lockFolder, refuseStrangers, storeMissing, writerFile } from './lock.ts'
import { corrupt, foreign, newer, older, readOnlyStore, storeError } from './problems.ts'
import {
  loadSqlite,
  type SqliteDatabase,
  type SqliteModule,
  type Statement,
} from './sqlite-module.ts'

export const sqliteFile = 'state.sqlite'
const ours = new Set([
  sqliteFile,
  `${sqliteFile}-wal`,
  `${sqliteFile}-shm`,
  `${sqliteFile}-journal`,
  writerFile,
])
/** `application_id` in the file's header: "Alcz". */
const applicationId = 0x416c_637a
const formatNumber = Number(storeFormat.slice(formatName.length))
/** Bytes of the file that are mapped for reading; SQLite's own default bounds it further. */
const mapped = 1 << 30

function bytesOf(row: Record<string, unknown> | undefined, column: string): Uint8Array | undefined {
  const value = row?.[column]
  return value instanceof Uint8Array ? new Uint8Array(value) : undefined
}

/** The least bytes above all that begin with `prefix`; `undefined` when there are none. */
function endOf(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length
  while (length > 0 && prefix[length - 1] === 0xff) length--
  if (length === 0) return undefined
  const end = prefix.slice(0, length)
  end[length - 1]! += 1
  return end
}

interface TableStatements {
  readonly get: Statement
  readonly scan: Statement
  readonly scanTo: Statement
  readonly seek: Statement
}

/** Reads on a connection of its own. */
class SqliteReads implements Reads {
  protected readonly path: string
  protected readonly database: SqliteDatabase
  protected isOpen = true
  readonly #statements: ReadonlyMap<string, TableStatements>

  constructor(path: string, database: SqliteDatabase) {
    this.path = path
    this.database = database
    this.#statements = new Map(
      ['meta', ...tables].map((name) => [
        name,
        {
          get: database.prepare(`SELECT value FROM "${name}" WHERE key = ?`),
          scan: database.prepare(`SELECT key, value FROM "${name}" WHERE key >= ? ORDER BY key`),
          seek: database.prepare(`SELECT key FROM "${name}" WHERE key >= ? ORDER BY key LIMIT 1`),
          scanTo: database.prepare(
            `SELECT key, value FROM "${name}" WHERE key >= ? AND key < ? ORDER BY key`,
          ),
        },
      ]),
    )
  }

  protected attempt<T>(action: () => T): T {
    checkOpen(this.isOpen)
    try {
      return action()
    } catch (error) {
      throw storeError(this.path, error)
    }
  }

  #of(name: string): TableStatements {
    const found = this.#statements.get(name)
    if (found === undefined) throw new Error(`no table ${name}`)
    return found
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.attempt(() => bytesOf(this.#of(table).get.get(key), 'value'))
  }

  *scan(
    table: Table,
    prefix: Uint8Array = new Uint8Array(0),
  ): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const end = endOf(prefix)
    const { scan, scanTo } = this.attempt(() => this.#of(table))
    const rows = this.attempt(() =>
      end === undefined ? scan.iterate(prefix) : scanTo.iterate(prefix, end),
    )
    for (;;) {
      const next = this.attempt(() => rows.next())
      if (next.done === true) return
      const [key, value] = [bytesOf(next.value, 'key'), bytesOf(next.value, 'value')]
      if (key === undefined || value === undefined)
        throw corrupt(this.path, `table ${table} has a row that is not bytes`)
      yield [key, value]
    }
  }

  seek(table: Table, from: Uint8Array): Uint8Array | undefined {
    return this.attempt(() => bytesOf(this.#of(table).seek.get(from), 'key'))
  }

  head(): Head | undefined {
    return this.attempt(() => {
      const bytes = bytesOf(this.#of('meta').get.get(headKey), 'value')
      return bytes && decodeStoredHead(this.path, bytes)
    })
  }
}

const headKey: Uint8Array = Buffer.from('head')

class SqliteSnapshot extends SqliteReads implements Snapshot {
  readonly #closed: () => void

  constructor(path: string, database: SqliteDatabase, closed: () => void) {
    super(path, database)
    this.#closed = closed
    // A deferred transaction sees the commit of its first read.
    database.exec('BEGIN')
    this.head()
  }

  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.database.close()
    this.#closed()
  }
}

/** A store in a folder, by the SQLite that comes with Node. One process writes, any number read. */
export class SqliteStore extends SqliteReads implements Store {
  readonly #connect: () => SqliteDatabase
  readonly #unlock: (() => void) | undefined
  readonly #snapshots = new Set<SqliteSnapshot>()
  readonly #put: ReadonlyMap<Table, Statement>
  readonly #remove: ReadonlyMap<Table, Statement>
  readonly #putHead: Statement

  /** Use `openSqliteStore`. */
  constructor(
    path: string,
    database: SqliteDatabase,
    connect: () => SqliteDatabase,
    unlock?: () => void,
  ) {
    super(path, database)
    this.#connect = connect
    this.#unlock = unlock
    const put = (name: string): Statement =>
      database.prepare(`INSERT OR REPLACE INTO "${name}" (key, value) VALUES (?, ?)`)
    this.#put = new Map(tables.map((name) => [name, put(name)]))
    this.#remove = new Map(
      tables.map((name) => [name, database.prepare(`DELETE FROM "${name}" WHERE key = ?`)]),
    )
    this.#putHead = put('meta')
  }

  /** On a connection of its own, as is a scan: SQLite's cursors see later writes of their own connection. */
  snapshot(): Snapshot {
    return this.attempt(() => {
      const snapshot: SqliteSnapshot = new SqliteSnapshot(this.path, this.#connect(), () =>
        this.#snapshots.delete(snapshot),
      )
      this.#snapshots.add(snapshot)
      return snapshot
    })
  }

  override *scan(
    table: Table,
    prefix?: Uint8Array,
  ): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const snapshot = this.snapshot()
    try {
      yield* snapshot.scan(table, prefix)
    } finally {
      snapshot.close()
    }
  }

  /** One transaction, on disk before the promise resolves (`synchronous = FULL`). */
  async commit(batch: Batch): Promise<void> {
    checkOpen(this.isOpen)
    if (this.#unlock === undefined) throw readOnlyStore(this.path)
    this.attempt(() => {
      this.database.exec('BEGIN IMMEDIATE')
      try {
        this.#write(batch)
        this.database.exec('COMMIT')
      } catch (error) {
        this.#rollBack()
        throw error
      }
    })
  }

  /** SQLite has rolled back by itself after some errors: then there is nothing to roll back. */
  #rollBack(): void {
    try {
      this.database.exec('ROLLBACK')
    } catch {
      // The error that led here is the one to tell.
    }
  }

  #write(batch: Batch): void {
    checkFollows(this.head(), batch)
    for (const { table, key, value } of batch.writes) {
      if (value === undefined) this.#remove.get(table)?.run(key)
      else this.#put.get(table)?.run(key, value)
    }
    if (batch.head !== undefined) this.#putHead.run(headKey, encodeStoredHead(batch.head))
  }

  async close(): Promise<void> {
    if (!this.isOpen) return
    for (const snapshot of [...this.#snapshots]) snapshot.close()
    this.isOpen = false
    try {
      this.database.close()
    } finally {
      this.#unlock?.()
    }
  }
}

function numberOf(database: SqliteDatabase, pragma: string): number {
  const value = database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]
  return typeof value === 'number' ? value : 0
}

/** Makes the tables of a new file, or refuses what is there. */
function begin(path: string, database: SqliteDatabase, readOnly: boolean): void {
  const [application, version] = ['application_id', 'user_version'].map((pragma) =>
    numberOf(database, pragma),
  )
  const isEmpty =
    database.prepare('SELECT 1 AS found FROM sqlite_master LIMIT 1').get() === undefined
  if (application === applicationId) {
    if (version === formatNumber) return
    const name = `${formatName}${version}`
    throw version! < formatNumber ? older(path, name) : newer(path, name)
  }
  if (!isEmpty) throw foreign(path, 'its database is of another program')
  // A process died before its first transaction.
  if (readOnly) throw storeMissing(path)
  const make = ['meta', ...tables].map((name) => {
    // Rows of the log are long: they stay out of the tree of keys.
    const kind = name === 'log' || name === 'code' ? '' : ' WITHOUT ROWID'
    return `CREATE TABLE "${name}" (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)${kind};`
  })
  database.exec(
    `BEGIN IMMEDIATE; ${make.join(' ')} PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatNumber}; COMMIT`,
  )
}

/**
 * Opens or makes the store in `folder`, one file of SQLite in WAL mode. Needs Node 22.5 or later.
 * @throws {StoreError} by rejecting: `unsupported`, `notAFolder`, `missing` (reading only), `foreign`, `older`,
 * `newer`, `corrupt`, `locked`, `readOnly`, `full`, `io`
 * @example const store = await openSqliteStore('data')
 */
export async function openSqliteStore(
  folder: string,
  options: FolderOptions = {},
): Promise<SqliteStore> {
  const module = await loadSqlite()
  const readOnly = options.readOnly ?? false
  let unlock: (() => void) | undefined
  let database: SqliteDatabase | undefined
  try {
    const names = folderNames(folder, readOnly)
    if (!names.includes(sqliteFile)) {
      if (readOnly) throw storeMissing(folder)
      refuseStrangers(folder, names, ours)
    }
    if (!readOnly) unlock = lockFolder(realpathSync(folder))
    const file = join(folder, sqliteFile)
    const connect = connectionTo(module, file, readOnly || undefined)
    database = connect()
    begin(folder, database, readOnly)
    const reader = connectionTo(module, file, true)
    return new SqliteStore(folder, database, reader, unlock)
  } catch (error) {
    database?.close()
    unlock?.()
    throw storeError(folder, error)
  }
}

function connectionTo(
  { DatabaseSync }: SqliteModule,
  file: string,
  readOnly = false,
): () => SqliteDatabase {
  return () => {
    if (readOnly && !existsSync(file))
      throw new StoreError('missing', `${file} is gone`, 'Check the path.')
    const database = new DatabaseSync(file, { readOnly })
    const write = readOnly ? '' : ' PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;'
    database.exec(
      `PRAGMA busy_timeout = 5000; PRAGMA mmap_size = ${mapped}; PRAGMA trusted_schema = OFF;${write}`,
    )
    return database
  }
}
