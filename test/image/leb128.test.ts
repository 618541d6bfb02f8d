import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteWriter, cursorOf, readBytes, readU16, readU32, readU64 } from '#vm/bits/bytes'
import { DecodeError } from '#vm/bits/errors'
import { readLeb32, readLooseLeb, writeLeb32 } from '#vm/bits/leb128'

const u32 = fc.integer({ min: 0, max: 0xffffffff })

function written(value: number): Uint8Array {
  const writer = new ByteWriter()
  writeLeb32(writer, value)
  return writer.finish()
}

test('law: a u32 reads back, in at most five bytes, the same with both readers', () => {
  fc.assert(
    fc.property(u32, (value) => {
      const bytes = written(value)
      assert.equal(bytes.length, Math.max(1, Math.ceil((32 - Math.clz32(value)) / 7)))
      const cursor = cursorOf(bytes)
      assert.equal(readLeb32(cursor), value)
      assert.equal(cursor.at, bytes.length)
      assert.equal(readLooseLeb(cursorOf(bytes)), value)
    }),
  )
})

test('law: what the strict reader accepts is the shortest form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
      const cursor = cursorOf(bytes)
      let value: number
      try {
        value = readLeb32(cursor)
      } catch (error) {
        assert.ok(error instanceof DecodeError)
        return
      }
      assert.deepEqual(bytes.slice(0, cursor.at), written(value))
    }),
    { numRuns: 2000 },
  )
})

test('the loose reader takes padding and numbers up to 2^53 - 1', () => {
  assert.equal(readLooseLeb(cursorOf(Uint8Array.of(0x85, 0x80, 0x00))), 5)
  const largest = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f)
  assert.equal(readLooseLeb(cursorOf(largest)), Number.MAX_SAFE_INTEGER)
  const code = (bytes: Uint8Array, expected: string): void => {
    assert.throws(
      () => readLooseLeb(cursorOf(bytes)),
      (error) => error instanceof DecodeError && error.code === expected,
    )
  }
  code(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f), 'lebOverflow')
  code(new Uint8Array(10).fill(0x80), 'lebTooLong')
  code(Uint8Array.of(0x80), 'truncated')
})

test('a cursor reads its window and nothing behind it', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, i) => i)
  const cursor = cursorOf(bytes.subarray(1), 1, 15)
  assert.equal(readU16(cursor), 0x0302)
  assert.equal(readU32(cursor), 0x07060504)
  assert.equal(readU64(cursor), 0x0f0e0d0c0b0a0908n)
  assert.equal(readBytes(cursor, 0).length, 0)
  assert.throws(
    () => readBytes(cursor, 1),
    (error) => error instanceof DecodeError && error.code === 'truncated' && error.offset === 15,
  )
  assert.equal(cursor.at, 15, 'a failed read does not move')
})

test('law: a writer holds what was written', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (parts) => {
      const writer = new ByteWriter()
      for (const part of parts) writer.bytes(part)
      assert.deepEqual(writer.finish(), Uint8Array.from(parts.flatMap((part) => [...part])))
      assert.equal(writer.length, writer.finish().length)
    }),
  )
})
