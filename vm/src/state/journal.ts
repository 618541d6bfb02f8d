import { assert } from '../bits/errors.ts'
import { bytesId, compareBytes, equalBytes, startsWith } from '../bits/octets.ts'
import type { StateReader, StateWriter } from './accounts.ts'
import { behind } from './key.ts'
import { SortedIds } from './sorted.ts'

/** One written entry: its value before the journal began, and now. */
interface Cell {
  readonly key: Uint8Array
  readonly old: Uint8Array | undefined
  value: Uint8Array | undefined
  /** Index of its latest undo record. */
  undo: number
}

interface Undo {
  readonly cell: Cell
  readonly value: Uint8Array | undefined
}

/** Bytes of a value that is kept besides: amounts, hashes, addresses. */
const maxKnownLength = 64

/** A place in a journal to roll back to. Checkpoints nest like calls do. */
export type Checkpoint = number

/**
 * Writes on top of a base state that nobody sees until they become a diff. `get` answers the last
 * write or the base's value; the old value of an entry is read once, at its first write. Values are
 * kept, not copied: whoever passes an array gives it away.
 * @example
 * const journal = new Journal(store)
 * const before = journal.checkpoint()
 * journal.set(key, value)
 * journal.rollback(before)
 * journal.get(key) // what the store has
 */
export class Journal implements StateWriter {
  readonly #base: StateReader
  readonly #cells = new Map<string, Cell>()
  readonly #undo: Undo[] = []
  /** The latest checkpoint: writes since then need one undo record per entry, however many they are. */
  #latest: Checkpoint = 0
  /** Ids of cells in order, from the first `next` on; those that are nowhere are left out as they are met. */
  #order: SortedIds | undefined
  /** Short values that the base answered, and absences. */
  readonly #known = new Map<string, Uint8Array | undefined>()
  readonly #maxKnown: number
  /** What the base found last. */
  #lastNext:
    | {
        readonly prefix: Uint8Array
        readonly from: Uint8Array
        readonly found: Uint8Array | undefined
      }
    | undefined

  /** @param maxKnown of how many entries to keep what the base said of them: a base that does not change, nor passes */
  constructor(base: StateReader, maxKnown = 0) {
    this.#base = base
    this.#maxKnown = maxKnown
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const id = bytesId(key)
    const cell = this.#cells.get(id)
    return cell === undefined ? this.#below(id, key) : cell.value
  }

  #below(id: string, key: Uint8Array): Uint8Array | undefined {
    if (this.#maxKnown === 0) return this.#base.get(key)
    const known = this.#known.get(id)
    if (known !== undefined || this.#known.has(id)) return known
    const value = this.#base.get(key)
    if (value !== undefined && value.length > maxKnownLength) return value
    if (this.#known.size >= this.#maxKnown) this.#known.clear()
    this.#known.set(id, value)
    return value
  }

  set(key: Uint8Array, value: Uint8Array | undefined): void {
    const id = bytesId(key)
    let cell = this.#cells.get(id)
    if (cell === undefined) {
      const old = this.#below(id, key)
      cell = { key: key.slice(), old, value: old, undo: -1 }
      this.#cells.set(id, cell)
      this.#order?.add(id)
    } else if (cell.value === undefined) this.#order?.add(id)
    if (cell.undo < this.#latest || this.#undo[cell.undo]?.cell !== cell) {
      cell.undo = this.#undo.length
      this.#undo.push({ cell, value: cell.value })
    }
    cell.value = value
  }

  /**
   * Costs a search of its own writes and one of the base, and as much again for each entry on the way that was
   * removed here. `passed` is told of those that the base has, and of what the base tells.
   */
  next(prefix: Uint8Array, from: Uint8Array, passed?: () => boolean): Uint8Array | undefined {
    this.#order ??= new SortedIds(this.#cells.keys())
    let at = compareBytes(from, prefix) < 0 ? prefix : from
    let stopped = false
    const below = (): boolean => {
      stopped ||= passed?.() === false
      return !stopped
    }
    let base = this.#nextBelow(prefix, at, below)
    while (!stopped) {
      const id = this.#order.from(bytesId(at))
      const cell = id === undefined ? undefined : this.#cells.get(id)
      if (id === undefined || cell === undefined || !startsWith(cell.key, prefix)) return base
      if (base !== undefined && compareBytes(base, cell.key) < 0) return base
      if (cell.value !== undefined) return cell.key.slice()
      // an entry that neither the base nor the journal has is met once
      if (cell.old === undefined) this.#order.delete(id)
      else if (!below()) return undefined
      at = behind(cell.key)
      if (base !== undefined && compareBytes(base, at) < 0)
        base = this.#nextBelow(prefix, at, below)
    }
    return undefined
  }

  /** Between a place and what was found from it there is nothing, as long as the base does not change. */
  #nextBelow(prefix: Uint8Array, from: Uint8Array, passed: () => boolean): Uint8Array | undefined {
    if (this.#maxKnown === 0) return this.#base.next(prefix, from, passed)
    const last = this.#lastNext
    if (last !== undefined && equalBytes(last.prefix, prefix) && compareBytes(last.from, from) <= 0)
      if (last.found === undefined || compareBytes(from, last.found) <= 0)
        return last.found?.slice()
    const found = this.#base.next(prefix, from, passed)
    this.#lastNext = { prefix: prefix.slice(), from: from.slice(), found: found?.slice() }
    return found
  }

  checkpoint(): Checkpoint {
    this.#latest = this.#undo.length
    return this.#latest
  }

  /** Undoes every write since `to` was taken, latest first: O(entries written). `to` stays valid. */
  rollback(to: Checkpoint): void {
    assert(to >= 0 && to <= this.#undo.length, 'Journal.rollback: a checkpoint of this journal')
    while (this.#undo.length > to) {
      const { cell, value } = this.#undo.pop()!
      if (cell.value === undefined) this.#order?.add(bytesId(cell.key))
      cell.value = value
    }
    this.#latest = to
  }

  /** Entries whose value differs from the base's, in order of first write. */
  *changes(): Generator<{
    readonly key: Uint8Array
    readonly old: Uint8Array | undefined
    readonly new: Uint8Array | undefined
  }> {
    for (const { key, old, value } of this.#cells.values()) {
      if (sameValue(old, value)) continue
      yield { key, old, new: value }
    }
  }
}

/** Equal bytes, or both absent. */
export function sameValue(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b)
}
