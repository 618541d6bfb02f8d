import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { decodeDiff, diffOf, encodeDiff, formatDiff, type StateDiff } from '#vm/state/diff'
import { Journal } from '#vm/state/journal'
import { entryKey, entryOf, Field } from '#vm/state/key'
import { entry, stateOf, writes } from './arbitraries.ts'

const diff: fc.Arbitrary<StateDiff> = fc.tuple(writes, writes).map(([base, list]) => {
  const journal = new Journal(stateOf(base))
  for (const [at, to] of list) journal.set(at, to)
  return diffOf(journal)
})

const a1 = new Uint8Array(32).fill(1)
const five = Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0)
const sample: StateDiff = {
  changes: [
    { address: a1, field: Field.balance, slot: new Uint8Array(0), old: undefined, new: five },
    {
      address: a1,
      field: Field.storage,
      slot: Uint8Array.of(0x6b),
      old: Uint8Array.of(1),
      new: undefined,
    },
  ],
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof DecodeError) return error.code
    throw error
  }
  return 'accepted'
}

test('an entry key has one entry', () => {
  fc.assert(
    fc.property(entry, (e) => {
      assert.deepEqual(entryOf(entryKey(e.address, e.field, e.slot)), { ...e })
    }),
  )
})

test('encode and decode are inverse', () => {
  fc.assert(fc.property(diff, (d) => assert.deepEqual(decodeDiff(encodeDiff(d)), d)))
})

test('every accepted byte string is the canonical one; others are refused by name', () => {
  fc.assert(
    fc.property(
      diff,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
      (d, edits, cut) => {
        let bytes = encodeDiff(d)
        for (const [at, octet] of edits) bytes[at % bytes.length] = octet
        if (cut % 3 === 0) bytes = bytes.slice(0, cut % bytes.length)
        let decoded: StateDiff
        try {
          decoded = decodeDiff(bytes)
        } catch (error) {
          assert(error instanceof DecodeError, String(error))
          assert.notEqual(error.offset, undefined)
          return
        }
        assert.deepEqual(encodeDiff(decoded), bytes)
      },
    ),
    { numRuns: 2000 },
  )
})

test('each malformation has its own code', () => {
  const good = encodeDiff(sample)
  const at = (index: number, octet: number): Uint8Array => {
    const bytes = good.slice()
    bytes[index] = octet
    return bytes
  }
  assert.equal(
    codeOf(() => decodeDiff(good)),
    'accepted',
  )
  assert.equal(
    codeOf(() => decodeDiff(at(0, 2))),
    'badVersion',
  )
  assert.equal(
    codeOf(() => decodeDiff(good.slice(0, -1))),
    'truncated',
  )
  assert.equal(
    codeOf(() => decodeDiff(Uint8Array.of(...good, 0))),
    'trailingBytes',
  )
  // version (1), accounts (4), address (32), changes (4), then the first change.
  assert.equal(
    codeOf(() => decodeDiff(at(41, 9))),
    'unknownField',
  )
  assert.equal(
    codeOf(() => decodeDiff(at(42, 4))),
    'badPresence',
  )
  assert.equal(
    codeOf(() => decodeDiff(at(37, 0))),
    'emptyAccount',
  )
  const swapped = { changes: [...sample.changes].reverse() }
  assert.equal(
    codeOf(() => decodeDiff(encodeDiff(swapped))),
    'unsorted',
  )
  const split = Uint8Array.of(1, 2, 0, 0, 0)
  const account = (field: number): number[] => [...a1, 1, 0, 0, 0, field, 0]
  assert.equal(
    codeOf(() => decodeDiff(Uint8Array.of(...split, ...account(0), ...account(1)))),
    'unsorted',
  )
  const longSlot = Uint8Array.of(1, 1, 0, 0, 0, ...a1, 1, 0, 0, 0, 3, 1, 1, 0, 0)
  assert.equal(
    codeOf(() => decodeDiff(longSlot)),
    'tooLong',
  )
})

test('a count that cannot be in the bytes is refused before anything is allocated', () => {
  const bytes = Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff)
  assert.equal(
    codeOf(() => decodeDiff(bytes)),
    'truncated',
  )
})

test('a diff reads well', () => {
  assert.equal(
    formatDiff(sample),
    `0x${'01'.repeat(32)}\n  balance 0 -> 5\n  storage 0x6b 0x01 -> absent`,
  )
})
