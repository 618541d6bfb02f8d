import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { constants, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { fromBase64, toBase64 } from '#vm/bits/base64'
import { DecodeError } from '#vm/bits/errors'
import { inflate } from '#vm/bits/inflate'

/** Bytes that repeat themselves, as those that are worth packing do. */
const repeating = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(30)), { maxLength: 40 })
  .map((parts) => Buffer.concat(parts.flatMap(([part, times]) => Array(times).fill(part))))

describe('inflate', () => {
  const kinds = [
    ['stored', { level: 0 }],
    ['fixed codes', { strategy: constants.Z_FIXED }],
    ['own codes', { level: 9 }],
    ['no copies', { strategy: constants.Z_HUFFMAN_ONLY }],
  ] as const
  for (const [name, options] of kinds)
    test(`gives back what zlib packed: ${name}`, () => {
      fc.assert(
        fc.property(fc.oneof(repeating, fc.uint8Array({ maxLength: 3000 })), (bytes) => {
          const packed = deflateRawSync(bytes, options)
          assert.deepEqual(inflate(packed, bytes.length), new Uint8Array(bytes))
        }),
      )
    })

  test('many blocks, far copies', () => {
    const bytes = new Uint8Array(300_000)
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * i * 31) >> (i % 7) || i % 251
    bytes.copyWithin(200_000, 168_000, 190_000)
    assert.deepEqual(inflate(deflateRawSync(bytes), bytes.length), bytes)
  })

  test('refuses other lengths, streams that end early, and noise', () => {
    const packed = deflateRawSync(Buffer.from('to be or not to be, that is to be'))
    for (const length of [0, 32, 34])
      assert.throws(() => inflate(packed, length), { code: 'badDeflate' })
    for (let end = 0; end < packed.length; end++)
      assert.throws(() => inflate(packed.subarray(0, end), 33), { code: 'badDeflate' })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(200), (noise, length) => {
        try {
          assert.equal(inflate(noise, length).length, length)
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error))
        }
      }),
    )
  })
})

describe('base64', () => {
  test("agrees with Node's", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64(bytes)
        assert.equal(text, Buffer.from(bytes).toString('base64'))
        assert.deepEqual(fromBase64(text), bytes)
      }),
    )
  })

  for (const text of ['A', 'AA', 'AAA', 'AA=A', 'AB==', 'AAB=', '====', 'A===', 'AA-_', 'AAAé'])
    test(`refuses ${text}`, () => assert.throws(() => fromBase64(text), { code: 'badBase64' }))
})
