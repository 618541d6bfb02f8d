import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bytes } from '#vm/emit/bytes'
import { WasmReader } from '#vm/emit/reader'

const written = (write: (out: Bytes) => void): Uint8Array => {
  const out = new Bytes(1)
  write(out)
  return out.finish()
}

/** The definition of the Wasm specification, 5.2.2, with BigInt: the obvious twin. */
function slebTwin(value: bigint): number[] {
  const out: number[] = []
  for (let rest = value; ; ) {
    const byte = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && byte < 64) || (rest === -1n && byte >= 64)) return [...out, byte]
    out.push(byte | 0x80)
  }
}

const interesting64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: -1, max: 1 }), fc.boolean())
    .map(([bit, near, minus]) =>
      BigInt.asIntN(64, (minus ? -1n : 1n) * ((1n << BigInt(bit)) + BigInt(near))),
    ),
)
const interesting32 = interesting64.map((value) => Number(BigInt.asIntN(32, value)))

test('u32leb reads back, in the fewest bytes', () => {
  fc.assert(
    fc.property(interesting32, (value) => {
      const bytes = written((out) => out.u32leb(value))
      const reader = new WasmReader(bytes)
      assert.equal(reader.u32leb(), value >>> 0)
      assert.ok(reader.done)
      const bits = 32 - Math.clz32(value)
      assert.equal(bytes.length, Math.max(1, Math.ceil(bits / 7)))
    }),
  )
})

test('i32leb and i64leb agree with the BigInt definition', () => {
  fc.assert(
    fc.property(interesting32, (value) => {
      assert.deepEqual([...written((out) => out.i32leb(value))], slebTwin(BigInt(value)))
    }),
  )
  fc.assert(
    fc.property(interesting64, (value) => {
      const low = Number(BigInt.asIntN(32, value))
      const high = Number(BigInt.asIntN(32, value >> 32n))
      const expected = slebTwin(value)
      assert.deepEqual([...written((out) => out.i64leb(low, high))], expected)
      assert.deepEqual([...written((out) => out.i64leb(low >>> 0, high >>> 0))], expected)
      assert.deepEqual([...written((out) => out.i64lebBig(BigInt.asUintN(64, value)))], expected)
      assert.equal(new WasmReader(Uint8Array.from(expected)).sleb(), value)
    }),
  )
})

test('a reserved place holds any u32 in five bytes', () => {
  fc.assert(
    fc.property(interesting32, fc.uint8Array(), (value, before) => {
      const bytes = written((out) => {
        out.bytes(before)
        const at = out.reserve()
        out.u8(0xaa)
        out.patch(at, value)
      })
      assert.equal(bytes.length, before.length + 6)
      const reader = new WasmReader(bytes, before.length)
      assert.equal(reader.u32leb(), value >>> 0)
      assert.equal(reader.u8(), 0xaa)
      assert.ok(reader.done)
    }),
  )
})

test('names and nested parts read back from a buffer that had to grow', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 700 }),
      (text, data) => {
        const inner = new Bytes(1)
        inner.name(text)
        inner.u32(data.length)
        const bytes = written((out) => {
          out.sized(inner)
          out.bytes(data)
        })
        const reader = new WasmReader(bytes)
        const part = reader.part(reader.u32leb())
        assert.equal(part.name(), text)
        assert.equal(part.u8() + part.u8() * 256 + part.u8() + part.u8(), data.length)
        assert.ok(part.done)
        assert.deepEqual(reader.bytes(data.length), data)
        assert.ok(reader.done)
      },
    ),
  )
})

test('clear starts over without leaking what was written', () => {
  const out = new Bytes()
  out.u32leb(300)
  out.clear()
  out.u8(7)
  assert.deepEqual(out.finish(), Uint8Array.of(7))
})

test('the reader refuses what is cut short or too long, with its place', () => {
  const refuses = (bytes: number[], read: (reader: WasmReader) => unknown, code: string) =>
    assert.throws(
      () => read(new WasmReader(Uint8Array.from(bytes))),
      (error: { code?: string; offset?: number }) =>
        error.code === code && error.offset !== undefined,
    )
  refuses([0x80], (reader) => reader.u32leb(), 'truncated')
  refuses([0x80, 0x80, 0x80, 0x80, 0x10], (reader) => reader.u32leb(), 'lebOverflow')
  refuses(Array(10).fill(0x80), (reader) => reader.sleb(), 'lebTooLong')
  refuses([5, 65], (reader) => reader.name(), 'truncated')
  refuses([1], (reader) => reader.part(2), 'truncated')
})
