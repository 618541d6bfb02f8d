import { realpathSync } from 'node:fs'
import {
  type Commit,
  checkHeight,
  entryKey,
  type Head,
  type LogRecord,
  type Store,
  StoreError,
  sameValue,
  staleChange,
} from 'alcatraz-vm/state'
import { type Database, open, type RootDatabase } from 'lmdb'
import { lockFolder, prepareFolder } from './files.ts'
import { databases } from './pages.ts'
import { corrupt, foreign, newer, storeError } from './problems.ts'

/** Format of what is in the databases; any change of it is a new number. */
export const storeFormat = 'alcatraz-store 1'
const formatName = 'alcatraz-store '

type Bytes = Database<Buffer, Uint8Array>
const binary = { encoding: 'binary', keyEncoding: 'binary' } as const

const formatKey: Uint8Array = Buffer.from('format')
const headKey: Uint8Array = Buffer.from('head')

export interface LmdbOptions {
  /** Read a store that another process may be writing to; `commit` is refused. */
  readonly readOnly?: boolean
}

/** Heights sort as numbers: big-endian. */
function heightKey(height: number): Uint8Array {
  const key = Buffer.alloc(4)
  key.writeUInt32BE(height)
  return key
}

function joinRecord(parts: readonly Uint8Array[]): Buffer {
  const lengths = Buffer.alloc(4 * parts.length)
  for (const [index, part] of parts.entries()) lengths.writeUInt32LE(part.length, 4 * index)
  return Buffer.concat([lengths, ...parts])
}

/** A store in a folder, by LMDB. One process writes, any number read. */
export class LmdbStore implements Store {
  readonly #path: string
  readonly #root: RootDatabase<Buffer, Uint8Array>
  readonly #meta: Bytes
  readonly #state: Bytes
  readonly #code: Bytes
  readonly #log: Bytes
  readonly #unlock: (() => void) | undefined
  #open = true

  /** Use `openLmdbStore`. */
  constructor(path: string, root: RootDatabase<Buffer, Uint8Array>, unlock?: () => void) {
    this.#path = path
    this.#root = root
    this.#unlock = unlock
    const [meta, state, code, log] = databases
    this.#meta = root.openDB(meta, binary)
    this.#state = root.openDB(state, binary)
    this.#code = root.openDB(code, binary)
    this.#log = root.openDB(log, binary)
  }

  #try<T>(action: () => T): T {
    if (!this.#open) throw new StoreError('closed', 'the store is closed', 'Open it again.')
    try {
      return action()
    } catch (error) {
      throw storeError(this.#path, error)
    }
  }

  /** Writes the format marker into an empty store, or refuses what is there. */
  begin(): void {
    this.#try(() => {
      const format = this.#meta.get(formatKey)?.toString('latin1')
      if (format === storeFormat) return
      if (format?.startsWith(formatName)) throw newer(this.#path, format)
      if (format !== undefined) throw foreign(this.#path, 'its mark is not ours')
      this.#root.transactionSync(() => {
        this.#meta.putSync(formatKey, Buffer.from(storeFormat))
      })
    })
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#try(() => copyOf(this.#state.get(key)))
  }

  *entries(
    prefix: Uint8Array = new Uint8Array(0),
  ): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const range = this.#try(() => this.#state.getRange({ start: prefix })[Symbol.iterator]())
    try {
      for (;;) {
        const next = this.#try(() => range.next())
        if (next.done === true) return
        const { key, value } = next.value
        if (!startsWith(key, prefix)) return
        yield [copyOf(key), copyOf(value)]
      }
    } finally {
      range.return?.()
    }
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#try(() => copyOf(this.#code.get(hash)))
  }

  record(height: number): LogRecord | undefined {
    if (!Number.isInteger(height) || height < 0 || height > 0xffff_ffff) return undefined
    return this.#try(() => {
      const bytes = this.#log.get(heightKey(height))
      if (bytes === undefined) return undefined
      const parts: Uint8Array[] = []
      let at = 12
      for (let i = 0; i < 3; i++) {
        const end = bytes.length < 12 ? Number.NaN : at + bytes.readUInt32LE(4 * i)
        if (!(end <= bytes.length)) throw corrupt(this.#path, `record ${height} is cut short`)
        parts.push(copyOf(bytes.subarray(at, end)))
        at = end
      }
      if (at !== bytes.length) throw corrupt(this.#path, `record ${height} is too long`)
      return { transaction: parts[0]!, receipt: parts[1]!, diff: parts[2]! }
    })
  }

  head(): Head | undefined {
    return this.#try(() => {
      const bytes = this.#meta.get(headKey)
      if (bytes === undefined) return undefined
      if (bytes.length !== 36) throw corrupt(this.#path, `a head of ${bytes.length} bytes`)
      return { height: bytes.readUInt32LE(0), root: copyOf(bytes.subarray(4)) }
    })
  }

  /** One LMDB transaction, flushed to disk before the promise resolves. */
  async commit(commit: Commit): Promise<void> {
    this.#try(() => {
      if (this.#unlock === undefined)
        throw new StoreError(
          'readOnly',
          `${this.#path} was opened for reading only`,
          'Open it for writing.',
        )
      this.#root.transactionSync(() => this.#write(commit))
    })
  }

  #write(commit: Commit): void {
    checkHeight(this.head(), commit)
    for (const { address, field, slot, old, new: value } of commit.changes) {
      const key = entryKey(address, field, slot)
      if (!sameValue(this.#state.get(key), old)) throw staleChange(Buffer.from(key).toString('hex'))
      if (value === undefined) this.#state.removeSync(key)
      else this.#state.putSync(key, bufferOf(value))
    }
    for (const [hash, container] of commit.codes) this.#code.putSync(hash, bufferOf(container))
    this.#log.putSync(
      heightKey(commit.height),
      joinRecord([commit.transaction, commit.receipt, commit.diff]),
    )
    const head = Buffer.alloc(36)
    head.writeUInt32LE(commit.height)
    head.set(commit.root, 4)
    this.#meta.putSync(headKey, head)
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    try {
      await this.#root.close()
    } finally {
      this.#unlock?.()
    }
  }
}

/** Nothing is written to an environment of another program, not even the names of databases. */
function checkNames(path: string, root: RootDatabase<Buffer, Uint8Array>, readOnly: boolean): void {
  const names = new Set<string>()
  // LMDB ends a database's name with a zero.
  for (const key of root.getKeys({ limit: databases.length + 1 }))
    names.add(Buffer.from(key).toString('latin1').replace(/\0$/, ''))
  const strange = [...names].find((name) => !(databases as readonly string[]).includes(name))
  if (strange !== undefined) throw foreign(path, 'it has databases of another program')
  // A process may have died while it made them: then there is no data, and they are made again.
  if (readOnly && names.size < databases.length)
    throw new StoreError('missing', `there is no store in ${path}`, 'Check the path.')
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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
 * @throws {StoreError} by rejecting: `notAFolder`, `missing` (reading only), `foreign`, `newer`,
 * `corrupt`, `locked`, `readOnly`, `full`, `io`
 * @example const store = await openLmdbStore('data')
 */
export async function openLmdbStore(folder: string, options: LmdbOptions = {}): Promise<LmdbStore> {
  const readOnly = options.readOnly ?? false
  let unlock: (() => void) | undefined
  let root: RootDatabase<Buffer, Uint8Array> | undefined
  try {
    prepareFolder(folder, readOnly)
    if (!readOnly) unlock = lockFolder(realpathSync(folder))
    root = open<Buffer, Uint8Array>({
      path: folder,
      ...binary,
      readOnly,
      noSubdir: false,
      maxDbs: 8,
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
