import fc from 'fast-check'
import { fromHex, toHex } from '#vm/bits/hex'
import type { StateWriter } from '#vm/state/accounts'
import { type Entry, entryKey, Field, noSlot } from '#vm/state/key'

/** Few addresses and slots, so that entries meet. */
export const address: fc.Arbitrary<Uint8Array> = fc
  .integer({ min: 1, max: 4 })
  .map((octet) => new Uint8Array(32).fill(octet))

export const slot: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom(new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(0, 0), Uint8Array.of(255)),
  fc.uint8Array({ maxLength: 40 }),
)

export const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ address, field: fc.constant(Field.storage), slot }),
  fc.record({
    address,
    field: fc.constantFrom(Field.balance, Field.nonce, Field.code),
    slot: fc.constant(noSlot),
  }),
)

export const key: fc.Arbitrary<Uint8Array> = entry.map((e) => entryKey(e.address, e.field, e.slot))

/** Values around the trie's limit of 32 bytes, and absence. */
export const value: fc.Arbitrary<Uint8Array | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(32, 33).map((length) => new Uint8Array(length).fill(length)),
)

export const writes: fc.Arbitrary<readonly (readonly [Uint8Array, Uint8Array | undefined])[]> =
  fc.array(fc.tuple(key, value), { maxLength: 40 })

/** The obvious state: a map. */
export class MapState implements StateWriter {
  readonly map = new Map<string, Uint8Array>()

  get(at: Uint8Array): Uint8Array | undefined {
    return this.map.get(toHex(at))
  }

  next(prefix: Uint8Array, from: Uint8Array): Uint8Array | undefined {
    const [start, least] = [toHex(prefix), toHex(from)]
    const first = [...this.map.keys()].sort().find((id) => id >= least && id.startsWith(start))
    return first === undefined ? undefined : fromHex(first)
  }

  set(at: Uint8Array, to: Uint8Array | undefined): void {
    if (to === undefined) this.map.delete(toHex(at))
    else this.map.set(toHex(at), to)
  }

  copy(): MapState {
    const other = new MapState()
    for (const [id, kept] of this.map) other.map.set(id, kept)
    return other
  }
}

export function stateOf(
  list: readonly (readonly [Uint8Array, Uint8Array | undefined])[],
): MapState {
  const state = new MapState()
  for (const [at, to] of list) state.set(at, to)
  return state
}

export { emptyState } from '#vm/state/accounts'
