import { Buffer } from 'node:buffer'
import {
  type BlockHeader,
  decodeHeader,
  encodeHeader,
  entryOf,
  Field,
  type Hasher,
  headerLength,
  headerWrite,
  InputError,
  type LeafChange,
  maxCodeLength,
  maxSlotLength,
  maxValueLength,
  pageWrites,
  type StateSource,
  StateTrie,
  StateView,
  type Store,
  sameValue,
  stateKey,
  type Write,
} from 'alcatraz-vm/state'

// A file: magic (8) | entries (u32) | header | chunks | end. A chunk: length (u32, not 0) | blake2b-256 of its
// records | records; the end is a length of 0. A record: 1 | length (u32) | container, or 2 | length of the
// entry's key (u16) | key | length (u32) | value. Containers come before the first entry that names them, entries
// in ascending order. Numbers are little-endian.

const magic = Buffer.from('AZSTATE1', 'latin1')
const prefixLength = magic.length + 4 + headerLength
const Tag = { container: 1, entry: 2 } as const
/** Chunks end with the first record that makes them as long as this. */
const chunkLength = 256 * 1024
const maxChunkLength = chunkLength + maxCodeLength + 1024
const maxKeyLength = 33 + maxSlotLength

/** A file of a state cannot be imported. `offset` is where in it. */
export class ArchiveError extends InputError {}

export interface ArchiveOptions {
  /** Told now and then how many of the entries are done. */
  readonly onEntries?: (done: number, total: number) => void
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/**
 * A state as a stream of bytes, in pieces of some 256 KiB. Memory holds one of them.
 * @param state of the height that `header` is of
 * @param entries how many the state has
 * @throws {Error} when a container is missing: the store is damaged
 * @example for (const piece of exportState(hasher, chain.state, header, chain.entries)) file.write(piece)
 */
export function* exportState(
  hasher: Hasher,
  state: StateSource,
  header: BlockHeader,
  entries: number,
  options: ArchiveOptions = {},
): Generator<Uint8Array> {
  yield Buffer.concat([magic, u32(entries), encodeHeader(header)])
  const seen = new Set<string>()
  let records: Uint8Array[] = []
  let length = 0
  const add = (...parts: readonly Uint8Array[]): void => {
    records.push(...parts)
    for (const part of parts) length += part.length
  }
  const take = (): Uint8Array => {
    const bytes = Buffer.concat(records)
    records = []
    length = 0
    return Buffer.concat([u32(bytes.length), hasher.blake2b(bytes), bytes])
  }
  let done = 0
  for (const [key, value] of state.entries()) {
    const id = Buffer.from(value).toString('latin1')
    if (entryOf(key).field === Field.code && !seen.has(id)) {
      const container = state.code(value)
      if (container === undefined) throw new Error('a contract without its container')
      seen.add(id)
      add(Uint8Array.of(Tag.container), u32(container.length), container)
    }
    add(Uint8Array.of(Tag.entry, key.length & 0xff, key.length >> 8), key, u32(value.length), value)
    done++
    if (length < chunkLength) continue
    yield take()
    options.onEntries?.(done, entries)
  }
  if (length > 0) yield take()
  yield u32(0)
}

/** Entries that one commit of an import has at most. */
const entriesPerCommit = 100_000

/** Reads a stream of pieces, however it is cut. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)
  /** Where in the stream. */
  at = 0

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#source =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  /** @throws {ArchiveError} `truncated` */
  async take(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#source.next()
        if (next.done === true)
          throw new ArchiveError('truncated', 'the file ends too early', { offset: this.at })
        this.#rest = next.value
        continue
      }
      const part = this.#rest.subarray(0, missing)
      this.#rest = this.#rest.subarray(part.length)
      parts.push(part)
      missing -= part.length
      this.at += part.length
    }
    return Buffer.concat(parts, length)
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#source.next()
      if (next.done === true) return true
      this.#rest = next.value
    }
    return false
  }
}

/** What of a state has been read and is not committed yet. */
class Importer {
  readonly #hasher: Hasher
  readonly #store: Store
  readonly #trie: StateTrie
  readonly #containers = new Set<string>()
  #writes: Write[] = []
  #leaves: LeafChange[] = []
  #last: Buffer | undefined
  entries = 0

  constructor(hasher: Hasher, store: Store) {
    this.#hasher = hasher
    this.#store = store
    this.#trie = new StateTrie(hasher, new StateView(store))
  }

  /** Takes the records of a chunk that begins at `offset`. */
  chunk(bytes: Buffer, offset: number): void {
    let at = 0
    const refuse = (code: string, message: string): never => {
      throw new ArchiveError(code, message, { offset: offset + at })
    }
    const take = (length: number, max: number): Buffer => {
      if (length > max) refuse('tooLong', `${length} bytes where at most ${max} are allowed`)
      if (at + length > bytes.length) refuse('badRecord', 'a record ends after its chunk')
      at += length
      return bytes.subarray(at - length, at)
    }
    while (at < bytes.length) {
      const tag = bytes[at++]
      if (tag === Tag.container) {
        const value = take(take(4, 4).readUInt32LE(), maxCodeLength)
        const key = this.#hasher.blake2b(value)
        this.#containers.add(Buffer.from(key).toString('latin1'))
        this.#writes.push({ table: 'code', key, value })
      } else if (tag === Tag.entry) {
        const start = at
        const key = take(take(2, 2).readUInt16LE(), maxKeyLength)
        const value = take(take(4, 4).readUInt32LE(), maxValueLength)
        const problem = this.#entry(key, value)
        if (problem !== undefined) {
          at = start
          refuse(...problem)
        }
      } else refuse('badRecord', `no record has kind ${tag}`)
    }
  }

  #entry(key: Buffer, value: Buffer): [code: string, message: string] | undefined {
    if (this.#last !== undefined && Buffer.compare(this.#last, key) >= 0)
      return ['unsorted', 'entries are not in ascending order']
    const problem = entryProblem(key, value)
    if (problem !== undefined) return ['badEntry', problem]
    const isCode = key[32] === Field.code
    if (isCode && !this.#containers.has(value.toString('latin1')))
      return ['missingCode', 'a contract whose container has not come before it']
    this.#last = key
    this.#writes.push({ table: 'state', key, value })
    this.#leaves.push([stateKey(this.#hasher, key), value])
    this.entries++
    return undefined
  }

  get isFull(): boolean {
    return this.#leaves.length >= entriesPerCommit
  }

  /** Commits what was read, without a head: until it has one, nobody takes the store for a chain. */
  async flush(): Promise<void> {
    const update = this.#trie.update(this.#leaves)
    for (const [key, value] of pageWrites(update)) this.#writes.push({ table: 'trie', key, value })
    await this.#store.commit({ after: undefined, head: undefined, writes: this.#writes })
    this.#trie.accept(update)
    this.#writes = []
    this.#leaves = []
  }

  root(): Uint8Array {
    return this.#trie.root()
  }
}

/** Why no state has this entry. */
function entryProblem(key: Uint8Array, value: Uint8Array): string | undefined {
  let field: Field
  try {
    field = entryOf(key).field
  } catch (error) {
    return (error as Error).message
  }
  const isAmount = field === Field.balance || field === Field.nonce
  if (isAmount && (value.length !== 8 || value.every((octet) => octet === 0)))
    return 'an amount that is not 8 bytes, or is 0'
  if (field === Field.code && value.length !== 32) return 'a code hash that is not 32 bytes'
  if (field === Field.owner && (value.length !== 32 || value.every((octet) => octet === 0)))
    return 'an owner that is not 32 bytes, or zeros'
  return undefined
}

export interface ImportOptions extends ArchiveOptions {
  /** The root that the state has to have, from somebody who is trusted; else any. */
  readonly root?: Uint8Array
}

export interface Imported {
  readonly header: BlockHeader
  readonly entries: number
}

/**
 * Fills an empty store with a state that `exportState` wrote. Every chunk is held against its hash, every entry
 * against its form, and at the end the root that was computed against the file's header; only then does the
 * store get its head. The chain begins at the header's height, without the history before it. Memory
 * holds 100,000 entries at most.
 *
 * That the state is the one that anybody committed, the file cannot show: give the `root` that you trust.
 * @throws {ArchiveError} by rejecting: `badMagic`, `badHeader`, `wrongRoot`, `tooLong`, `badChunk`, `badRecord`,
 * `unsorted`, `badEntry`, `missingCode`, `wrongCount`, `truncated`, `trailingBytes`, `notEmpty`; the store is to
 * be thrown away then
 * @throws {StoreError} by rejecting
 */
export async function importState(
  hasher: Hasher,
  store: Store,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<Imported> {
  for (const table of ['state', 'trie', 'log'] as const)
    for (const _ of store.scan(table))
      throw new ArchiveError('notEmpty', 'the store has something in it already')
  const pieces = new Pieces(bytes)
  const prefix = await pieces.take(prefixLength)
  if (Buffer.compare(prefix.subarray(0, magic.length), magic) !== 0)
    throw new ArchiveError('badMagic', 'this is no exported state', { offset: 0 })
  const total = prefix.readUInt32LE(magic.length)
  let header: BlockHeader
  try {
    header = decodeHeader(prefix.subarray(magic.length + 4))
  } catch (error) {
    throw new ArchiveError('badHeader', (error as InputError).what, { offset: magic.length + 4 })
  }
  if (options.root !== undefined && !sameValue(header.root, options.root))
    throw new ArchiveError('wrongRoot', 'the file is of a state with another root')
  const importer = new Importer(hasher, store)
  for (;;) {
    const length = (await pieces.take(4)).readUInt32LE()
    if (length === 0) break
    if (length > maxChunkLength)
      throw new ArchiveError('tooLong', `a chunk of ${length} bytes`, { offset: pieces.at - 4 })
    const hash = await pieces.take(32)
    const offset = pieces.at
    const records = await pieces.take(length)
    if (!sameValue(hasher.blake2b(records), hash))
      throw new ArchiveError('badChunk', 'a chunk does not have its hash', { offset })
    importer.chunk(records, offset)
    if (importer.isFull) await importer.flush()
    options.onEntries?.(importer.entries, total)
  }
  if (!(await pieces.isAtEnd()))
    throw new ArchiveError('trailingBytes', 'bytes after the end', { offset: pieces.at })
  await importer.flush()
  const { entries } = importer
  if (entries !== total)
    throw new ArchiveError('wrongCount', `${entries} entries, ${total} were promised`)
  if (!sameValue(importer.root(), header.root))
    throw new ArchiveError('wrongRoot', "the entries do not have the header's root")
  const head = { height: header.height, root: header.root }
  await store.commit({ after: undefined, head, writes: [headerWrite(header)] })
  return { header, entries }
}
