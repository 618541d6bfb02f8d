import { bytesId, compareBytes, equalBytes, startsWith } from '../bits/octets.ts'
import { decodeDiff } from './diff.ts'
import type { Hasher } from './hasher.ts'
import { behind, entryKey, stateKey } from './key.ts'
import { SortedIds } from './sorted.ts'
import { StoreError } from './store.ts'
import { StateTrie } from './trie.ts'
import type { StateSource, StateView } from './view.ts'

interface Past {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/**
 * The state as it was: that of `view`, in which what later blocks changed has its old value again. Costs
 * time and memory in proportion to what they changed, whatever the size of the state.
 */
export class PastState implements StateSource {
  readonly height: number
  readonly #view: StateView
  readonly #past: ReadonlyMap<string, Past>
  /** Its ids in order, once they are asked for. */
  #order: SortedIds | undefined

  /** Use `stateAt`. */
  constructor(view: StateView, height: number, past: ReadonlyMap<string, Past>) {
    this.#view = view
    this.height = height
    this.#past = past
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const past = this.#past.get(bytesId(key))
    return past === undefined ? this.#view.get(key) : past.value?.slice()
  }

  *entries(
    prefix: Uint8Array = new Uint8Array(0),
  ): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const past = [...this.#past.values()]
      .filter(({ key }) => equalBytes(key.subarray(0, prefix.length), prefix))
      .sort((a, b) => compareBytes(a.key, b.key))
    let at = 0
    for (const [key, value] of this.#view.entries(prefix)) {
      for (; at < past.length && compareBytes(past[at]!.key, key) < 0; at++) yield* shown(past[at]!)
      const same = at < past.length && equalBytes(past[at]!.key, key)
      if (same) yield* shown(past[at++]!)
      else yield [key, value]
    }
    for (; at < past.length; at++) yield* shown(past[at]!)
  }

  next(prefix: Uint8Array, from: Uint8Array): Uint8Array | undefined {
    this.#order ??= new SortedIds(this.#past.keys())
    let at = from
    for (;;) {
      const key = this.#view.next(prefix, at)
      const id = this.#order.from(bytesId(compareBytes(at, prefix) < 0 ? prefix : at))
      const past = id === undefined ? undefined : this.#past.get(id)
      if (past === undefined || !startsWith(past.key, prefix)) return key
      if (key !== undefined && compareBytes(key, past.key) < 0) return key
      if (past.value !== undefined) return past.key.slice()
      at = behind(past.key)
    }
  }

  code(hash: Uint8Array): Uint8Array | undefined {
    return this.#view.code(hash)
  }

  /** The trie of this state, in which `view`'s is changed back. */
  trie(hasher: Hasher): StateTrie {
    const trie = new StateTrie(hasher, this.#view)
    const back = [...this.#past.values()].map(
      ({ key, value }) => [stateKey(hasher, key), value] as const,
    )
    return trie.after(trie.update(back))
  }
}

function* shown({ key, value }: Past): Generator<readonly [Uint8Array, Uint8Array]> {
  if (value !== undefined) yield [key.slice(), value.slice()]
}

/**
 * The state after the block of `height`, from the last one by the diffs of the blocks since, backwards. Height -1
 * is the state before genesis.
 * @param view of a snapshot, unless nobody commits meanwhile
 * @throws {StoreError} `noHeight` when there is no such height, or a diff since was pruned
 * @throws {DecodeError} when a diff is damaged
 */
export function stateAt(view: StateView, height: number): PastState {
  const last = view.head()?.height ?? -1
  if (!Number.isInteger(height) || height < -1 || height > last)
    throw new StoreError('noHeight', `there is no height ${height}`, `The last one is ${last}.`)
  const past = new Map<string, Past>()
  for (let at = last; at > height; at--) {
    const diffs = view.diffs(at)
    if (diffs === undefined)
      throw new StoreError(
        'noHeight',
        `the state at height ${height} is not kept`,
        `The first height that can be read is ${at}.`,
      )
    for (const bytes of diffs.reverse())
      for (const { address, field, slot, old } of decodeDiff(bytes).changes) {
        const key = entryKey(address, field, slot)
        past.set(bytesId(key), { key, value: old })
      }
  }
  return new PastState(view, height, past)
}
