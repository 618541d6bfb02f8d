import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeSuite } from '#node/store/suite'
import { MemoryStore } from '#vm/state/memory-store'
import type { Batch, Head, Store, Table } from '#vm/state/store'
import { kinds, makerOf } from './kinds.ts'

for (const { kind, skip } of kinds)
  for (const { name, run } of storeSuite)
    test(`${kind}: ${name}`, { skip }, () => run(makerOf(kind)))

/** Adapters with one fault each: the suite finds every one. */
const faults: Readonly<Record<string, () => Store>> = {
  'commits follow any head': () =>
    new (class extends MemoryStore {
      override commit(batch: Batch): Promise<void> {
        return super.commit({ ...batch, after: this.head()?.height })
      }
    })(),
  'the head is forgotten': () =>
    new (class extends MemoryStore {
      override head(): Head | undefined {
        return undefined
      }
    })(),
  'tables are one': () =>
    new (class extends MemoryStore {
      override get(_: Table, key: Uint8Array): Uint8Array | undefined {
        return super.get('state', key)
      }
    })(),
  'empty values are lost': () =>
    new (class extends MemoryStore {
      override get(table: Table, key: Uint8Array): Uint8Array | undefined {
        const value = super.get(table, key)
        return value?.length === 0 ? undefined : value
      }
    })(),
  'scans are out of order': () =>
    new (class extends MemoryStore {
      override scan(table: Table, prefix?: Uint8Array): ReturnType<Store['scan']> {
        return [...super.scan(table, prefix)].reverse()
      }
    })(),
  'seeking answers what is behind': () =>
    new (class extends MemoryStore {
      override seek(table: Table, from: Uint8Array): Uint8Array | undefined {
        return super.seek(table, Uint8Array.of(...from, 0))
      }
    })(),
  'snapshots see later commits': () =>
    new (class extends MemoryStore {
      override snapshot(): ReturnType<Store['snapshot']> {
        return {
          get: (table, key) => this.get(table, key),
          scan: (table, prefix) => this.scan(table, prefix),
          seek: (table, from) => this.seek(table, from),
          head: () => this.head(),
          close: () => undefined,
        }
      }
    })(),
  'a refused commit leaves its first write': () =>
    new (class extends MemoryStore {
      override async commit(batch: Batch): Promise<void> {
        for (const write of batch.writes)
          await super.commit({ after: this.head()?.height, head: undefined, writes: [write] })
        return super.commit({ ...batch, writes: [] })
      }
    })(),
  'closing does nothing': () =>
    new (class extends MemoryStore {
      override async close(): Promise<void> {}
    })(),
}

for (const [fault, make] of Object.entries(faults))
  test(`the suite finds an adapter in which ${fault}`, async () => {
    const failed: string[] = []
    for (const { name, run } of storeSuite)
      await run({ make: async () => make() }).catch(() => failed.push(name))
    assert.notEqual(failed.length, 0)
  })
