import { type Change, encodeDiff } from '#vm/state/diff'
import { entryKey, Field } from '#vm/state/key'
import type { Batch, Write } from '#vm/state/store'

export const rootAt = (height: number): Uint8Array => new Uint8Array(32).fill(height + 1)

/** A commit of changes as a chain makes it, less its trie: entries and a record of the height. */
export function commitOf(height: number, changes: readonly Change[]): Batch {
  const writes = changes.map(
    ({ address, field, slot, new: value }): Write => ({
      table: 'state',
      key: entryKey(address, field, slot),
      value,
    }),
  )
  const key = Uint8Array.of(height >> 8, height)
  return {
    after: height === 0 ? undefined : height - 1,
    head: { height, root: rootAt(height) },
    writes: [...writes, { table: 'log', key, value: encodeDiff({ changes }) }],
  }
}

export const recordKey = (height: number): Uint8Array => Uint8Array.of(height >> 8, height)

export const oneChange: Change = {
  address: new Uint8Array(32).fill(1),
  field: Field.storage,
  slot: Uint8Array.of(1),
  old: undefined,
  new: new Uint8Array(1000).fill(5),
}
