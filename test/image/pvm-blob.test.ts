import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { decodePvmBlob, encodePvmBlob, pvmLimits, splitPvmBlob } from '#vm/image/pvm-blob'
import { polkavmPlan } from '#vm/image/pvm-memory'
import { pvmPresets } from '#vm/image/pvm-options'

const paper = pvmPresets['gp-0.8']
const crate = pvmPresets.polkavm

const blobs = fc
  .record({
    code: fc.uint8Array({ maxLength: 300, size: 'max' }),
    bits: fc.uint8Array({ minLength: 38, maxLength: 38 }),
    jumpTable: fc
      .array(fc.oneof(fc.nat(300), fc.nat(0xffffff), fc.integer({ min: 0, max: 0xffffffff })), {
        maxLength: 200,
        size: 'max',
      })
      .map((entries) => Uint32Array.from(entries)),
  })
  .map(({ code, bits, jumpTable }) => {
    const bitmask = bits.slice(0, (code.length + 7) >>> 3)
    if (code.length % 8 !== 0) bitmask[bitmask.length - 1]! &= (1 << (code.length % 8)) - 1
    return { code, bitmask, jumpTable }
  })

test('a blob is what was encoded, by the rules of the paper and of the crate', () => {
  fc.assert(
    fc.property(blobs, fc.constantFrom(paper, crate), (blob, rules) => {
      const { code, bitmask, jumpTable } = splitPvmBlob(encodePvmBlob(blob), rules)
      assert.deepEqual([...code], [...blob.code])
      assert.deepEqual([...bitmask], [...blob.bitmask])
      assert.deepEqual([...jumpTable], [...blob.jumpTable])
    }),
  )
})

test('by the rules of the paper no two blobs are the same program, but for an unused entry size', () => {
  fc.assert(
    fc.property(blobs, fc.nat(700), fc.nat(255), (blob, at, octet) => {
      const bytes = encodePvmBlob(blob)
      const other = bytes.slice()
      other[at % other.length] = octet
      if (blob.jumpTable.length === 0) other[1] = bytes[1]!
      if (other.every((value, i) => value === bytes[i])) return
      try {
        const found = splitPvmBlob(other, paper)
        const same =
          Buffer.from(found.code).equals(blob.code) &&
          Buffer.from(found.bitmask).equals(blob.bitmask) &&
          found.jumpTable.length === blob.jumpTable.length &&
          found.jumpTable.every((entry, i) => entry === blob.jumpTable[i])
        assert.ok(!same)
      } catch (error) {
        assert.ok(error instanceof DecodeError)
      }
    }),
  )
})

test('any octets are a blob or refused with a place', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(0, 1, 0x80, 0xf0, 0xff), fc.uint8Array({ maxLength: 20 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest)),
  )
  fc.assert(
    fc.property(bytes, fc.constantFrom(paper, crate), (input, rules) => {
      try {
        splitPvmBlob(input, rules)
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error))
        assert.ok(error.offset !== undefined && error.offset <= input.length)
      }
    }),
    { numRuns: 3000 },
  )
})

test('each way to be malformed has its code and offset', () => {
  const cases: readonly (readonly [string, number, readonly number[]])[] = [
    ['truncated', 0, []],
    ['truncated', 1, [0]],
    ['truncated', 2, [0, 0]],
    ['truncated', 2, [0x80, 0]],
    ['truncated', 4, [0, 0, 2, 0]],
    ['trailingBytes', 5, [0, 0, 1, 0, 1, 9]],
    ['numberTooLarge', 0, [0xf8, 0, 0, 0, 0, 0, 0]],
    ['numberTooLarge', 0, [0xf1, 0, 0, 0, 0, 0, 0]],
    ['jumpTableTooLarge', 0, [0xf0, 1, 0, 0, 1, 1]],
    ['jumpTableTooLarge', 0, [0xe1, 0, 0, 1, 0, 0]],
    ['codeTooLarge', 2, [0, 0, 0xf0, 1, 0, 0, 2]],
    ['bitmaskPadding', 4, [0, 0, 1, 0, 3]],
  ]
  for (const [code, offset, bytes] of cases)
    assert.throws(() => splitPvmBlob(Uint8Array.from(bytes), crate), { code, offset }, bytes.join())
})

test('paper and crate differ over long numbers and wide jump table entries', () => {
  const long = Uint8Array.of(0, 0, 0x80, 1, 0, 1)
  assert.throws(() => splitPvmBlob(long, paper), { code: 'numberNotMinimal', offset: 2, value: 1 })
  assert.equal(splitPvmBlob(long, crate).code.length, 1)
  const wide = Uint8Array.of(2, 5, 1, 7, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 1)
  assert.throws(() => splitPvmBlob(wide, crate), { code: 'jumpEntrySize', offset: 1, value: 5 })
  // an entry over 2^32 leads nowhere
  assert.deepEqual([...splitPvmBlob(wide, paper).jumpTable], [7, 0xffffffff])
})

test('a few octets do not make a large table', () => {
  const empty = Uint8Array.of(0xc1, 0, 0, 0, 0)
  assert.equal(splitPvmBlob(empty, crate).jumpTable.length, pvmLimits.emptyJumpEntries)
})

test('a version brings its rules, and the caller may change them', () => {
  const bytes = Uint8Array.of(0, 0, 1, 0, 1)
  const program = decodePvmBlob(bytes, { version: 'jam-v1', options: { sbrk: 'oldTop' } })
  assert.equal(program.gas, 'pvm-pipeline-l2')
  assert.equal(program.options.validateWhole, true)
  assert.equal(program.options.sbrk, 'oldTop')
  assert.equal(decodePvmBlob(bytes, { version: 'gp-0.7' }).gas, 'pvm-instruction')
})

test('sections lie where polkavm puts them', () => {
  const data = Uint8Array.of(1)
  const none = new Uint8Array(0)
  const plan = polkavmPlan({
    roData: data,
    roDataSize: 0x10001,
    rwData: none,
    rwDataSize: 10,
    stackSize: 1,
  })
  assert.deepEqual(plan.regions, [
    { address: 0x10000, length: 0x11000, writable: false },
    { address: 0x40000, length: 0x1000, writable: true },
    { address: 0xfffdf000, length: 0x1000, writable: true },
  ])
  assert.deepEqual(plan.segments, [{ address: 0x10000, bytes: data }])
  assert.equal(plan.heap?.start, 0x4000a)
})

test('a program does not share memory with the octets it came from', () => {
  const bytes = Buffer.from([0, 0, 1, 0, 1])
  const blob = splitPvmBlob(bytes, crate)
  bytes.fill(0xff)
  assert.deepEqual([...blob.code, ...blob.bitmask], [0, 1])
})
