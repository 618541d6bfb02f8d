import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { encodePolkavm, splitPolkavm } from '#vm/image/polkavm'
import { polkavmInputAddress, polkavmPlan } from '#vm/image/pvm-memory'
import { decodePolkavm } from '#vm/image/pvm-program'
import { polkavmBlobs, polkavmOf } from './polkavm-blobs.ts'

const none = new Uint8Array(0)

test('a file is what was encoded, for all versions and sections', () => {
  fc.assert(
    fc.property(polkavmBlobs, (blob) => {
      const bytes = encodePolkavm(blob)
      assert.deepEqual(splitPolkavm(bytes), blob)
      assert.deepEqual(encodePolkavm(splitPolkavm(bytes)), bytes)
    }),
    { numRuns: 500 },
  )
})

test('a changed octet is another file or refused with a place', () => {
  fc.assert(
    fc.property(polkavmBlobs, fc.nat(), fc.nat(255), (blob, at, octet) => {
      const bytes = encodePolkavm(blob)
      bytes[at % bytes.length] = octet
      try {
        const again = encodePolkavm(splitPolkavm(bytes))
        // numbers may be longer than needed: what is read is written shorter, never as something else
        assert.deepEqual(splitPolkavm(again), splitPolkavm(bytes))
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error))
        assert.ok(error.offset !== undefined && error.offset <= bytes.length, error.message)
      }
    }),
    { numRuns: 3000 },
  )
})

test('the octets of a file', () => {
  const blob = polkavmOf('pub @go:\n ecalli 1\n ret', 'jam-v1', {
    roData: Uint8Array.of(1, 2),
    roDataSize: 300,
    imports: ['', 'log'],
    optional: [{ id: 131, bytes: Uint8Array.of(9) }],
  })
  assert.deepEqual(
    [...encodePolkavm(blob)],
    [
      ...[0x50, 0x56, 0x4d, 0, 3, 59, 0, 0, 0, 0, 0, 0, 0],
      ...[1, 5, 0x81, 44, 0, 0x90, 0], // 300, 0, 4096
      ...[2, 2, 1, 2],
      ...[4, 12, 2, 0, 0, 0, 0, 0, 0, 0, 0, 108, 111, 103],
      ...[5, 5, 1, 0, 2, 103, 111],
      ...[6, 8, 0, 0, 4, 10, 1, 50, 0, 5],
      ...[131, 1, 9],
      0,
    ],
  )
})

interface Refused {
  readonly code: string
  readonly offset: number
  readonly sections: readonly number[]
}

/** A file of these sections, with the length it should say. */
function file(sections: readonly number[], version = 0): Uint8Array {
  const length = 13 + sections.length
  const head = [0x50, 0x56, 0x4d, 0, version, length & 255, length >> 8, 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([...head, ...sections])
}
const trap = [6, 5, 0, 0, 1, 0, 1]

test('each way to be malformed has its code and offset', () => {
  const cases: readonly Refused[] = [
    { code: 'truncated', offset: 13, sections: [] },
    { code: 'noCode', offset: 13, sections: [0] },
    { code: 'noCode', offset: 15, sections: [6, 3, 0, 0, 0, 0] },
    { code: 'trailingBytes', offset: 21, sections: [...trap, 0, 0] },
    { code: 'unknownSection', offset: 13, sections: [7, 0, 0] },
    { code: 'unknownSection', offset: 20, sections: [...trap, 127, 0] },
    { code: 'sectionOrder', offset: 20, sections: [...trap, 5, 1, 0, 0] },
    { code: 'sectionOrder', offset: 20, sections: [...trap, ...trap, 0] },
    { code: 'sectionOrder', offset: 16, sections: [128, 1, 0, ...trap, 0] },
    { code: 'truncated', offset: 16, sections: [1, 1, 0, ...trap, 0] },
    { code: 'trailingBytes', offset: 18, sections: [1, 4, 0, 0, 0, 0, ...trap, 0] },
    { code: 'truncated', offset: 15, sections: [2, 90, 0] },
    { code: 'numberTooLarge', offset: 14, sections: [2, 0xff, 0] },
    { code: 'dataTooLong', offset: 15, sections: [2, 1, 7, ...trap, 0] },
    { code: 'dataTooLong', offset: 15, sections: [3, 1, 7, ...trap, 0] },
    { code: 'memoryTooLarge', offset: 15, sections: [1, 7, 0xf0, 0, 0, 0, 16, 0, 1, ...trap, 0] },
    { code: 'countTooLarge', offset: 15, sections: [4, 2, 0x84, 1, ...trap, 0] },
    { code: 'countTooLarge', offset: 15, sections: [4, 5, 2, 0, 0, 0, 0, ...trap, 0] },
    { code: 'importOffset', offset: 16, sections: [4, 5, 1, 1, 0, 0, 0, ...trap, 0] },
    {
      ...{ code: 'importOffset', offset: 20 },
      sections: [4, 10, 2, 0, 0, 0, 0, 2, 0, 0, 0, 97, ...trap, 0],
    },
    { code: 'badName', offset: 20, sections: [4, 6, 1, 0, 0, 0, 0, 0xff, ...trap, 0] },
    { code: 'countTooLarge', offset: 15, sections: [5, 3, 2, 0, 0, ...trap, 0] },
    { code: 'exportTarget', offset: 15, sections: [5, 3, 1, 1, 0, ...trap, 0] },
    { code: 'exportTarget', offset: 15, sections: [5, 7, 1, 0xf0, 0, 0, 0, 128, 0, ...trap, 0] },
    {
      ...{ code: 'duplicateExport', offset: 15 },
      sections: [5, 7, 2, 0, 1, 97, 0, 1, 97, ...trap, 0],
    },
    { code: 'optionalSection', offset: 22, sections: [...trap, 128, 0, 0] },
    // of the code, at its place in the file
    { code: 'bitmaskPadding', offset: 19, sections: [6, 5, 0, 0, 1, 0, 3, 0] },
    { code: 'jumpEntrySize', offset: 16, sections: [6, 5, 0, 5, 1, 0, 1, 0] },
    { code: 'truncated', offset: 19, sections: [6, 4, 0, 0, 1, 0, 0] },
  ]
  for (const { code, offset, sections } of cases)
    assert.throws(() => splitPolkavm(file(sections)), { code, offset }, `${code} ${sections}`)
  const head = file([...trap, 0])
  for (const [at, octet, code, offset] of [
    [0, 0x51, 'notPolkavm', 0],
    [3, 1, 'notPolkavm', 3],
    [4, 4, 'polkavmVersion', 4],
    [5, 99, 'blobLength', 5],
    [12, 1, 'blobLength', 5],
  ] as const) {
    const bytes = head.slice()
    bytes[at] = octet
    assert.throws(() => splitPolkavm(bytes), { code, offset })
  }
  assert.throws(() => splitPolkavm(none), { code: 'truncated', offset: 0 })
})

test('a few octets do not name long names or many sections', () => {
  const long = polkavmOf('ret', 'revive-v1', { imports: ['x'.repeat(4097)] })
  assert.throws(() => splitPolkavm(encodePolkavm(long)), { code: 'nameTooLong' })
  const section = { id: 200, bytes: Uint8Array.of(1) }
  const many = polkavmOf('ret', 'revive-v1', {
    optional: Array.from({ length: 65 }, () => section),
  })
  assert.throws(() => splitPolkavm(encodePolkavm(many)), { code: 'countTooLarge' })
})

test('what cannot be read is not written', () => {
  assert.throws(() => encodePolkavm(polkavmOf('', 'jam-v1')), { code: 'noCode' })
  const exports = [{ name: 'a', pc: 1 }]
  assert.throws(() => encodePolkavm(polkavmOf('a0 = 1', 'jam-v1', { exports })), {
    code: 'exportTarget',
  })
})

test('sections lie where the crate puts them, with and without auxiliary data', () => {
  const sizes = {
    ...{ roData: none, roDataSize: 1, rwData: none, rwDataSize: 0x10004, stackSize: 0x11000 },
  }
  const plan = polkavmPlan(sizes)
  assert.deepEqual(plan.regions, [
    { address: 0x10000, length: 0x1000, writable: false },
    { address: 0x30000, length: 0x11000, writable: true },
    { address: 0xfffcf000, length: 0x11000, writable: true },
  ])
  // the heap ends one unit below the units of the stack, not below its pages
  assert.deepEqual(polkavmPlan({ ...sizes, rwDataSize: 0 }, { maxBytes: 2 ** 31 }).heap, {
    start: 0x30000,
    max: 0x30000 + 2 ** 31 - 0x12000,
  })
  assert.equal(polkavmInputAddress(0), 0xffff0000)
  const input = new Uint8Array(0x10001).fill(7)
  const { regions, segments } = polkavmPlan(sizes, { input, pageSize: 0x2000 })
  assert.deepEqual(regions.slice(2), [
    { address: 0xfffae000, length: 0x12000, writable: true },
    { address: 0xfffd0000, length: 0x12000, writable: false },
  ])
  assert.deepEqual(segments, [{ address: 0xfffd0000, bytes: input }])
  assert.throws(() => polkavmPlan(sizes, { maxBytes: 0x20000 }), RangeError)
})

test('a heap of any size ends below the stack', () => {
  const sizes = { roData: none, roDataSize: 0, rwData: none, rwDataSize: 0, stackSize: 0x11000 }
  const { heap } = polkavmPlan(sizes, { maxBytes: 2 ** 33 })
  assert.equal(heap?.max, 0xfffe0000 - 0x20000 - 0x10000)
})

test('a version brings its rules and gas, and the caller may change them', () => {
  const program = decodePolkavm(encodePolkavm(polkavmOf('pub @f:\n ret', 'jam-v1')), {
    options: { memset: false },
    input: Uint8Array.of(1),
  })
  assert.equal(program.gas, 'pvm-pipeline-l2')
  assert.equal(program.options.validateWhole, true)
  assert.equal(program.options.memset, false)
  assert.equal(program.options.pageFaults, false)
  assert.deepEqual([...program.exports], [['f', 0]])
  assert.deepEqual(program.start, [0xffff0000n, 0xfffd0000n])
  const revive = encodePolkavm(polkavmOf('ret', 'revive-v1'))
  assert.equal(decodePolkavm(revive).gas, 'pvm-block')
  assert.equal(decodePolkavm(revive, { preset: 'polkavm-paging' }).options.pageFaults, true)
  assert.equal(decodePolkavm(revive).options.validateWhole, false)
})

test('a program does not share memory with the octets it came from', () => {
  const bytes = Buffer.from(
    encodePolkavm(polkavmOf('trap', 'latest64', { roData: Uint8Array.of(5), roDataSize: 1 })),
  )
  const blob = splitPolkavm(bytes)
  bytes.fill(0xff)
  assert.deepEqual([...blob.code, ...blob.roData], [0, 5])
})
