import { toHex } from '../bits/hex.ts'
import { compareBytes, equalBytes } from '../bits/octets.ts'
import { sameValue } from './journal.ts'
import { entryKey } from './key.ts'
import {
  type Commit,
  checkHeight,
  type Head,
  type LogRecord,
  type Store,
  StoreError,
  staleChange,
} from './store.ts'

interface Kept {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A store that ends with the process: for tests, simulation and browsers. */
export class MemoryStore implements Store {
  readonly #entries = new Map<string, Kept>()
  readonly #codes = new Map<string, Uint8Array>()
  readonly #records: LogRecord[] = []
  #head: Head | undefined
  #open = true

  #check(): void {
    if (!this.#open) throw new StoreError('closed', 'the store is closed', 'Open it again.')
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#check()
    return this.#entries.get(toHex(key))?.value.slice()
  }

  entries(
    prefix: Uint8Array = new Uint8Array(0),
  ): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    this.#check()
    return [...this.#entries.values()]
      .filter(({ key }) => equalBytes(key.subarray(0, prefix.length), prefix))
      .sort((a, b) => compareBytes(a.key, b.key))
      .map(({ key, value }) => [key.slice(), value.slice()] as const)
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    this.#check()
    return this.#codes.get(toHex(hash))?.slice()
  }

  record(height: number): LogRecord | undefined {
    this.#check()
    const record = this.#records[height]
    return record && copyOf(record)
  }

  head(): Head | undefined {
    this.#check()
    return this.#head && { height: this.#head.height, root: this.#head.root.slice() }
  }

  async commit(commit: Commit): Promise<void> {
    this.#check()
    checkHeight(this.#head, commit)
    const writes = commit.changes.map((change) => {
      const key = entryKey(change.address, change.field, change.slot)
      const id = toHex(key)
      if (!sameValue(this.#entries.get(id)?.value, change.old)) throw staleChange(id)
      return { id, key, value: change.new && new Uint8Array(change.new) }
    })
    // Nothing below can fail.
    for (const { id, key, value } of writes) {
      if (value === undefined) this.#entries.delete(id)
      else this.#entries.set(id, { key, value })
    }
    for (const [hash, container] of commit.codes)
      this.#codes.set(toHex(hash), new Uint8Array(container))
    this.#records.push(copyOf(commit))
    this.#head = { height: commit.height, root: new Uint8Array(commit.root) }
  }

  async close(): Promise<void> {
    this.#open = false
  }
}

function copyOf({ transaction, receipt, diff }: LogRecord): LogRecord {
  // `slice` of a Node buffer would share its memory
  return {
    transaction: new Uint8Array(transaction),
    receipt: new Uint8Array(receipt),
    diff: new Uint8Array(diff),
  }
}
