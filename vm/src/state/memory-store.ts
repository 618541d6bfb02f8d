import { bytesId, compareBytes, equalBytes } from '../bits/octets.ts'
import { SortedIds } from './sorted.ts'
import {
  type Batch,
  checkFollows,
  checkOpen,
  type Head,
  type Reads,
  type Snapshot,
  type Store,
  type Table,
} from './store.ts'

interface Kept {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

type Entries = Map<string, Kept>

// `slice` of a Node buffer would share its memory
const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)
const copyOfHead = (head: Head | undefined): Head | undefined =>
  head && { height: head.height, root: copyOf(head.root) }

function* inOrder(
  entries: Iterable<Kept>,
  prefix: Uint8Array,
): Generator<readonly [Uint8Array, Uint8Array]> {
  const found = [...entries].filter(({ key }) => equalBytes(key.subarray(0, prefix.length), prefix))
  found.sort((a, b) => compareBytes(a.key, b.key))
  for (const { key, value } of found) yield [copyOf(key), copyOf(value)]
}

const everything: Uint8Array = new Uint8Array(0)

/** What commits after a snapshot have replaced: the snapshot's own values. */
class MemorySnapshot implements Snapshot {
  readonly #base: ReadonlyMap<Table, Entries>
  readonly #head: Head | undefined
  readonly #closed: (snapshot: MemorySnapshot) => void
  /** By table and key; `undefined` for what was not there. */
  readonly replaced = new Map<Table, Map<string, Kept | undefined>>()
  #open = true

  constructor(
    base: ReadonlyMap<Table, Entries>,
    head: Head | undefined,
    closed: (snapshot: MemorySnapshot) => void,
  ) {
    this.#base = base
    this.#head = head
    this.#closed = closed
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    checkOpen(this.#open)
    const kept = this.#kept(table, bytesId(key))
    return kept && copyOf(kept.value)
  }

  scan(table: Table, prefix: Uint8Array = everything): ReturnType<Reads['scan']> {
    checkOpen(this.#open)
    const entries = new Map(this.#base.get(table))
    for (const [id, kept] of this.replaced.get(table) ?? []) {
      if (kept === undefined) entries.delete(id)
      else entries.set(id, kept)
    }
    return inOrder(entries.values(), prefix)
  }

  seek(table: Table, from: Uint8Array): Uint8Array | undefined {
    checkOpen(this.#open)
    const id = bytesId(from)
    const old = this.replaced.get(table)
    let first: string | undefined
    for (const ids of [old?.keys(), this.#base.get(table)?.keys()])
      for (const each of ids ?? [])
        if (
          each >= id &&
          (first === undefined || each < first) &&
          this.#kept(table, each) !== undefined
        )
          first = each
    const kept = first === undefined ? undefined : this.#kept(table, first)
    return kept && copyOf(kept.key)
  }

  #kept(table: Table, id: string): Kept | undefined {
    const old = this.replaced.get(table)
    return old?.has(id) === true ? old.get(id) : this.#base.get(table)?.get(id)
  }

  head(): Head | undefined {
    checkOpen(this.#open)
    return copyOfHead(this.#head)
  }

  close(): void {
    this.#open = false
    this.#closed(this)
  }
}

/** A store that ends with the process: for tests, simulation and browsers. */
export class MemoryStore implements Store {
  readonly #tables = new Map<Table, Entries>()
  readonly #snapshots = new Set<MemorySnapshot>()
  /** Keys in order, of tables that were asked for them. */
  readonly #order = new Map<Table, SortedIds>()
  #head: Head | undefined
  #open = true

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    checkOpen(this.#open)
    const kept = this.#tables.get(table)?.get(bytesId(key))
    return kept && copyOf(kept.value)
  }

  scan(table: Table, prefix: Uint8Array = everything): ReturnType<Reads['scan']> {
    checkOpen(this.#open)
    // The entries of this moment, though they are put in order when the first one is asked for.
    return inOrder([...(this.#tables.get(table)?.values() ?? [])], prefix)
  }

  seek(table: Table, from: Uint8Array): Uint8Array | undefined {
    checkOpen(this.#open)
    const entries = this.#tables.get(table)
    let order = this.#order.get(table)
    if (order === undefined) {
      order = new SortedIds(entries?.keys())
      this.#order.set(table, order)
    }
    const id = order.from(bytesId(from))
    const kept = id === undefined ? undefined : entries?.get(id)
    return kept && copyOf(kept.key)
  }

  head(): Head | undefined {
    checkOpen(this.#open)
    return copyOfHead(this.#head)
  }

  snapshot(): Snapshot {
    checkOpen(this.#open)
    const closed = (snapshot: MemorySnapshot): void => void this.#snapshots.delete(snapshot)
    const snapshot = new MemorySnapshot(this.#tables, this.#head, closed)
    this.#snapshots.add(snapshot)
    return snapshot
  }

  async commit(batch: Batch): Promise<void> {
    checkOpen(this.#open)
    checkFollows(this.#head, batch)
    // Whatever makes the writes may throw; nothing below can.
    const writes = [...batch.writes]
    for (const { table, key, value } of writes) {
      const entries = this.#tables.get(table) ?? new Map<string, Kept>()
      this.#tables.set(table, entries)
      const id = bytesId(key)
      for (const { replaced } of this.#snapshots) {
        const old = replaced.get(table) ?? new Map<string, Kept | undefined>()
        replaced.set(table, old)
        if (!old.has(id)) old.set(id, entries.get(id))
      }
      if (value === undefined) {
        entries.delete(id)
        this.#order.get(table)?.delete(id)
      } else {
        entries.set(id, { key: copyOf(key), value: copyOf(value) })
        this.#order.get(table)?.add(id)
      }
    }
    if (batch.head !== undefined) this.#head = copyOfHead(batch.head)
  }

  async close(): Promise<void> {
    this.#open = false
    for (const snapshot of [...this.#snapshots]) snapshot.close()
  }
}
