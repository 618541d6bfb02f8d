/** Going through entries in order: journals on journals on stores against a sorted map. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesId } from '#vm/bits/octets'
import { emptyState } from '#vm/state/accounts'
import { Journal } from '#vm/state/journal'
import { MemoryStore } from '#vm/state/memory-store'
import { SortedIds } from '#vm/state/sorted'
import { StateView } from '#vm/state/view'

const key = fc.uint8Array({ minLength: 0, maxLength: 3, max: 3 })
const full = (slot: Uint8Array): Uint8Array => Uint8Array.of(7, ...slot)

type Step =
  | { readonly do: 'set'; readonly slot: Uint8Array; readonly value: number | undefined }
  | { readonly do: 'mark' }
  | { readonly do: 'back' }
  | { readonly do: 'layer' }
  | { readonly do: 'next'; readonly prefix: Uint8Array; readonly from: Uint8Array }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    slot: key,
    value: fc.option(fc.nat(255), { nil: undefined }),
  }),
  fc.constantFrom<Step>({ do: 'mark' }, { do: 'back' }, { do: 'layer' }),
  fc.record({ do: fc.constant('next' as const), prefix: key, from: key }),
)

const idOf = (slot: Uint8Array): string => bytesId(full(slot))

test('a journal finds the next entry as a sorted map does, and is told of what it passes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { selector: idOf, maxLength: 12 }),
      fc.array(step, { maxLength: 60 }),
      fc.nat(3),
      async (kept, steps, maxKnown) => {
        const store = new MemoryStore()
        const put = (slot: Uint8Array) => ({
          ...{ table: 'state' as const, key: full(slot), value: Uint8Array.of(1) },
        })
        const stranger = [6, 8].map((first) => ({
          ...put(new Uint8Array(0)),
          key: Uint8Array.of(first),
        }))
        await store.commit({
          after: undefined,
          head: undefined,
          writes: [...kept.map(put), ...stranger],
        })
        let journal = new Journal(new StateView(store), maxKnown)
        let model = new Map(kept.map((slot) => [idOf(slot), 1]))
        const marks: { at: number; model: Map<string, number> }[] = []
        for (const each of steps) {
          if (each.do === 'set') {
            const { slot, value } = each
            journal.set(full(slot), value === undefined ? undefined : Uint8Array.of(value))
            if (value === undefined) model.delete(idOf(slot))
            else model.set(idOf(slot), value)
          } else if (each.do === 'mark')
            marks.push({ at: journal.checkpoint(), model: new Map(model) })
          else if (each.do === 'back') {
            const mark = marks.pop()
            if (mark === undefined) continue
            journal.rollback(mark.at)
            model = mark.model
          } else if (each.do === 'layer') {
            journal = new Journal(journal)
            marks.length = 0
          } else {
            const prefix = idOf(each.prefix)
            const first = [...model.keys()]
              .sort()
              .find((id) => id >= idOf(each.from) && id.startsWith(prefix))
            const found = journal.next(full(each.prefix), full(each.from))
            assert.equal(found && bytesId(found), first)
          }
        }
      },
    ),
    { numRuns: 600 },
  )
})

test('only entries that are there below and removed above are passed', () => {
  const below = new Journal(emptyState)
  for (const octet of [1, 2, 3, 9]) below.set(Uint8Array.of(7, octet), Uint8Array.of(1))
  const journal = new Journal(below)
  for (const octet of [1, 2, 3]) journal.set(Uint8Array.of(7, octet), undefined)
  journal.set(Uint8Array.of(7, 4), Uint8Array.of(1))
  journal.set(Uint8Array.of(7, 4), undefined)
  const ask = (most: number): readonly [Uint8Array | undefined, number] => {
    let passed = 0
    const found = journal.next(Uint8Array.of(7), Uint8Array.of(7), () => ++passed < most)
    return [found, passed]
  }
  assert.deepEqual(ask(100), [Uint8Array.of(7, 9), 3])
  // who cannot pay for one more learns nothing
  assert.deepEqual(ask(2), [undefined, 2])
})

test('a hundred thousand ids stay in order, whatever the order they come and go in', () => {
  const ids = new SortedIds()
  const name = (n: number): string => String((n * 7919) % 100_003).padStart(6, '0')
  for (let n = 0; n < 100_000; n++) ids.add(name(n))
  for (let n = 0; n < 100_000; n += 2) ids.delete(name(n))
  const left = Array.from({ length: 50_000 }, (_, n) => name(2 * n + 1)).sort()
  let at = ''
  for (const id of left) {
    assert.equal(ids.from(at), id)
    at = `${id} `
  }
  assert.equal(ids.from(at), undefined)
})
