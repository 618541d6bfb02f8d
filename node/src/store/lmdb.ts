import { realpathSync } from 'node:fs'
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
} from 'alcatraz-vm/state'
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb'
import { markClosed, prepareFolder } from './files.ts'
import { decodeStoredHead, encodeStoredHead, formatName, storeFormat } from './format.ts'
import { lockFolder } from './lock.ts'
import { databases } from './pages.ts'
import { corrupt, foreign, newer, older, readOnlyStore, storeError } from './problems.ts'

type Bytes = Database<Buffer, Uint8Array>
type Root = RootDatabase<Buffer, Uint8Array>
const binary = { encoding: 'binary', keyEncoding: 'binary' } as const

const formatKey: Uint8Array = Buffer.from('format')
const headKey: Uint8Array = Buffer.from('head')

export interface FolderOptions {
  /** Read a store that another process may be writing to; `commit` is refused. */
  readonly readOnly?: boolean
}

type Databases = Readonly<Record<(typeof databases)[number], Bytes>>

/** Reads of the last commit, or of the one that `transaction` holds. */
class LmdbReads implements Reads {
  readonly #path: string
  readonly #databases: Databases
  readonly #transaction: Transaction | undefined
  protected isOpen = true

  constructor(path: string, all: Databases, transaction?: Transaction) {
    this.#path = path
    this.#databases = all
    this.#transaction = transaction
  }

  protected attempt<T>(action: () => T): T {
    checkOpen(this.isOpen)
    try {
      return action()
    } catch (error) {
      throw storeError(this.#path, error)
    }
  }

  #get(name: keyof Databases, key: Uint8Array): Buffer | undefined {
    const transaction = this.#transaction
    return this.#databases[name].get(key, transaction && { transaction })
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    return this.attempt(() => plain(this.#get(table, key)))
  }

  *scan(
    table: Table,
    prefix: Uint8Array = new Uint8Array(0),
  ): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const transaction = this.#transaction
    const options = { start: prefix, ...(transaction && { transaction }) }
    const range = this.attempt(() => this.#databases[table].getRange(options)[Symbol.iterator]())
    try {
      for (;;) {
        const next = this.attempt(() => range.next())
        if (next.done === true) return
        const { key, value } = next.value
        if (!startsWith(key, prefix)) return
        yield [copyOf(key), copyOf(value)]
      }
    } finally {
      range.return?.()
    }
  }

  seek(table: Table, from: Uint8Array): Uint8Array | undefined {
    const transaction = this.#transaction
    const options = { start: from, limit: 1, ...(transaction && { transaction }) }
    return this.attempt(() => {
      for (const key of this.#databases[table].getKeys(options)) return copyOf(key)
      return undefined
    })
  }

  head(): Head | undefined {
    return this.attempt(() => {
      const bytes = this.#get('meta', headKey)
      return bytes && decodeStoredHead(this.#path, bytes)
    })
  }
}

class LmdbSnapshot extends LmdbReads implements Snapshot {
  readonly #done: () => void

  constructor(path: string, all: Databases, transaction: Transaction, closed: () => void) {
    super(path, all, transaction)
    this.#done = () => {
      transaction.done()
      closed()
    }
  }

  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#done()
  }
}

/** A store in a folder, by LMDB. One process writes, any number read. */
export class LmdbStore extends LmdbReads implements Store {
  readonly #path: string
  readonly #root: Root
  readonly #databases: Databases
  readonly #unlock: (() => void) | undefined
  readonly #snapshots = new Set<LmdbSnapshot>()

  /** Use `openLmdbStore`. */
  constructor(path: string, root: Root, unlock?: () => void) {
    const named = (name: string): Bytes => root.openDB(name, binary)
    const all = {
      meta: named('meta'),
      state: named('state'),
      code: named('code'),
      trie: named('trie'),
      log: named('log'),
      index: named('index'),
    }
    super(path, all)
    this.#path = path
    this.#root = root
    this.#databases = all
    this.#unlock = unlock
  }

  /** Writes the format marker into an empty store, or refuses what is there. */
  begin(): void {
    this.attempt(() => {
      const { meta } = this.#databases
      if (meta.get(formatKey)?.toString('latin1') === storeFormat) return
      this.#root.transactionSync(() => {
        meta.putSync(formatKey, Buffer.from(storeFormat))
      })
    })
  }

  snapshot(): Snapshot {
    return this.attempt(() => {
      const snapshot: LmdbSnapshot = new LmdbSnapshot(
        this.#path,
        this.#databases,
        this.#root.useReadTransaction(),
        () => this.#snapshots.delete(snapshot),
      )
      this.#snapshots.add(snapshot)
      return snapshot
    })
  }

  /** One LMDB transaction, flushed to disk before the promise resolves. */
  async commit(batch: Batch): Promise<void> {
    checkOpen(this.isOpen)
    if (this.#unlock === undefined) throw readOnlyStore(this.#path)
    this.attempt(() => this.#root.transactionSync(() => this.#write(batch)))
  }

  #write(batch: Batch): void {
    checkFollows(this.head(), batch)
    for (const { table, key, value } of batch.writes) {
      if (value === undefined) this.#databases[table].removeSync(key)
      else this.#databases[table].putSync(key, bufferOf(value))
    }
    if (batch.head !== undefined)
      this.#databases.meta.putSync(headKey, encodeStoredHead(batch.head))
  }

  async close(): Promise<void> {
    if (!this.isOpen) return
    for (const snapshot of [...this.#snapshots]) snapshot.close()
    this.isOpen = false
    try {
      await this.#root.close()
      // A disk without room for the mark costs a check when the store is opened.
      if (this.#unlock !== undefined) attemptTo(() => markClosed(this.#path))
    } finally {
      this.#unlock?.()
    }
  }
}

function attemptTo(action: () => void): void {
  try {
    action()
  } catch {
    // Nothing depends on it.
  }
}

/** What this program makes. Nothing is written to an environment of another one, not even names of databases. */
function checkNames(path: string, root: Root, readOnly: boolean): void {
  const names = new Set<string>()
  // LMDB ends a database's name with a zero.
  for (const key of root.getKeys({ limit: databases.length + 1 }))
    names.add(Buffer.from(key).toString('latin1').replace(/\0$/, ''))
  const strange = [...names].find((name) => !(databases as readonly string[]).includes(name))
  if (strange !== undefined) throw foreign(path, 'it has databases of another program')
  if (names.has('meta')) checkFormat(path, root.openDB('meta', binary), names.size > 1)
  // A process may have died while it made them: then there is no data, and they are made again.
  if (readOnly && names.size < databases.length)
    throw new StoreError('missing', `there is no store in ${path}`, 'Check the path.')
}

function checkFormat(path: string, meta: Bytes, hasMore: boolean): void {
  const format = meta.get(formatKey)?.toString('latin1')
  if (format === storeFormat || (format === undefined && !hasMore)) return
  if (format === undefined) {
    if (meta.get(headKey) !== undefined) throw corrupt(path, 'its mark is gone')
    return
  }
  const number = format.startsWith(formatName) ? Number(format.slice(formatName.length)) : 0
  if (!Number.isInteger(number) || number < 1) throw foreign(path, 'its mark is not ours')
  throw number < Number(storeFormat.slice(formatName.length))
    ? older(path, format)
    : newer(path, format)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * The bytes of a value without the class Buffer; `get` has made an array of their own for them. A short one is
 * copied, because V8 keeps it with the object until somebody looks at its buffer.
 */
function plain(bytes: Buffer | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes.length <= 64) return copyOf(bytes)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

function copyOf(bytes: Uint8Array): Uint8Array
function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined
function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && new Uint8Array(bytes)
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, prefix.length), prefix) === 0
}

/**
 * Opens or makes the store in `folder`.
 * @throws {StoreError} by rejecting: `notAFolder`, `missing` (reading only), `foreign`, `older`, `newer`,
 * `corrupt`, `locked`, `readOnly`, `full`, `io`
 * @example const store = await openLmdbStore('data')
 */
export async function openLmdbStore(
  folder: string,
  options: FolderOptions = {},
): Promise<LmdbStore> {
  const readOnly = options.readOnly ?? false
  let unlock: (() => void) | undefined
  let root: Root | undefined
  try {
    prepareFolder(folder, readOnly)
    if (!readOnly) unlock = lockFolder(realpathSync(folder))
    root = open<Buffer, Uint8Array>({
      path: folder,
      ...binary,
      readOnly,
      noSubdir: false,
      maxDbs: databases.length + 1,
      cache: false,
      // Each commit is on disk before it is acknowledged.
      overlappingSync: false,
    })
    checkNames(folder, root, readOnly)
    const store = new LmdbStore(folder, root, unlock)
    store.begin()
    return store
  } catch (error) {
    await root?.close()
    unlock?.()
    throw storeError(folder, error)
  }
}
