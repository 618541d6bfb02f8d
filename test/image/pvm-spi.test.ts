import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { encodePvmBlob } from '#vm/image/pvm-blob'
import { decodeSpi, encodeSpi, type SpiParts, splitSpi } from '#vm/image/pvm-spi'
import { assemblePvm } from '#vm/isa/pvm/asm'

const none = new Uint8Array(0)
const trap = Uint8Array.of(0, 0, 1, 0, 1)
const bytes = fc.uint8Array({ maxLength: 300, size: 'max' })
const images: fc.Arbitrary<SpiParts> = fc
  .record({
    roData: bytes,
    rwData: bytes,
    heapPages: fc.oneof(fc.nat(3), fc.nat(0xffff)),
    stackSize: fc.oneof(fc.nat(5000), fc.nat(0xffffff)),
    blob: bytes,
    metadata: fc.option(bytes, { nil: undefined }),
  })
  .map(({ metadata, ...rest }) => (metadata === undefined ? rest : { ...rest, metadata }))

test('an image is what was encoded, and no other octets are', () => {
  fc.assert(
    fc.property(images, fc.nat(), fc.nat(255), (parts, at, octet) => {
      const metadata = parts.metadata !== undefined
      const image = encodeSpi(parts)
      assert.deepEqual(splitSpi(image, { metadata }), parts)
      const other = image.slice()
      other[at % other.length] = octet
      try {
        assert.deepEqual(encodeSpi(splitSpi(other, { metadata })), other)
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error))
        assert.ok(error.offset !== undefined && error.offset <= other.length)
      }
    }),
    { numRuns: 1000 },
  )
})

test('memory and registers are as Y of the Gray Paper has them', () => {
  const image = encodeSpi({
    roData: Uint8Array.of(1, 2),
    rwData: new Uint8Array(5000).fill(3),
    heapPages: 2,
    stackSize: 4097,
    blob: trap,
  })
  for (const version of ['gp-0.7', 'jam-v1'] as const) {
    const input = Uint8Array.of(9, 8, 7)
    const { memory, start } = decodeSpi(image, { version, input })
    assert.ok(memory.profile === 'paged32')
    assert.deepEqual(memory.regions, [
      { address: 0x10000, length: 0x1000, writable: false },
      { address: 0x30000, length: 0x4000, writable: true },
      { address: 0xfefde000, length: 0x2000, writable: true },
      { address: 0xfeff0000, length: 0x1000, writable: false },
    ])
    assert.deepEqual(
      memory.segments.map(({ address, bytes: { length } }) => [address, length]),
      [
        [0x10000, 2],
        [0x30000, 5000],
        [0xfeff0000, 3],
      ],
    )
    assert.deepEqual(start, [0xffff0000n, 0xfefe0000n, 0n, 0n, 0n, 0n, 0n, 0xfeff0000n, 3n])
    assert.equal(memory.heap?.start, 0x34000)
  }
})

test('each way to be malformed has its code and offset', () => {
  const head = (o: number, w: number, z: number, s: number): number[] => [
    ...[o, w].flatMap((n) => [n & 255, (n >> 8) & 255, n >> 16]),
    ...[z & 255, z >> 8, s & 255, (s >> 8) & 255, s >> 16],
  ]
  const code = [5, 0, 0, 0, ...trap]
  const cases: readonly (readonly [string, number, readonly number[]])[] = [
    ['truncated', 0, []],
    ['truncated', 9, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['truncated', 11, head(1, 0, 0, 0)],
    ['truncated', 12, [...head(1, 1, 0, 0), 5]],
    ['truncated', 15, [...head(0, 0, 0, 0), 6, 0, 0, 0, ...trap]],
    ['truncated', 15, [...head(0, 0, 0, 0), 255, 255, 255, 255, ...trap]],
    ['trailingBytes', 20, [...head(0, 0, 0, 0), ...code, 0]],
    // 320 MiB of pages is what engines are asked for at most
    ['memoryTooLarge', 0, [...head(0, 0, 0xffff, 0xffffff), ...code, 0].slice(0, -1)],
    // of the blob, at its place in the image
    ['bitmaskPadding', 19, [...head(0, 0, 0, 0), 5, 0, 0, 0, 0, 0, 1, 0, 3]],
  ]
  for (const [error, offset, octets] of cases) {
    const image = Uint8Array.from(octets)
    const read = () => decodeSpi(image, { version: 'jam-v1', maxBytes: 0x1000_0000 })
    assert.throws(read, { code: error, offset }, `${error} ${octets}`)
  }
})

test('arguments end where their zone does', () => {
  const image = encodeSpi({ roData: none, rwData: none, heapPages: 0, stackSize: 0, blob: trap })
  const rules = { version: 'jam-v1', input: new Uint8Array(0x1000001) } as const
  assert.throws(() => decodeSpi(image, rules), { code: 'inputTooLarge' })
})

test('a version brings its rules: 0.8 has no sbrk and looks at all code', () => {
  const { code, bitmask, jumpTable } = assemblePvm('a0 = sbrk a1\n trap', { version: 'gp-0.7' })
  const blob = encodePvmBlob({ code, bitmask, jumpTable })
  const image = encodeSpi({ roData: none, rwData: none, heapPages: 0, stackSize: 4096, blob })
  assert.equal(decodeSpi(image, { version: 'gp-0.7' }).options.sbrk, 'oldTop')
  const newer = decodeSpi(image, { version: 'jam-v1' })
  assert.equal(newer.options.sbrk, 'forbidden')
  assert.equal(newer.options.validateWhole, true)
})
