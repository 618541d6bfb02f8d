import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AbiType,
  type AbiTypes,
  type AbiValue,
  decodeAnswer,
  decodeEvent,
  decodeValue,
  encodeCall,
  encodeValue,
  messageNamed,
  parseMetadata,
  parseType,
} from 'alcatraz-vm/alcatraz'
import fc from 'fast-check'
import { cursorOf } from '#vm/bits/bytes'
import { DecodeError } from '#vm/bits/errors'

const types: AbiTypes = new Map([
  [
    'Order',
    {
      kind: 'struct',
      fields: [
        { name: 'price', type: parseType('u64'), text: 'u64' },
        { name: 'owner', type: parseType('Address'), text: 'Address' },
      ],
    },
  ],
  [
    'Shape',
    {
      kind: 'enum',
      variants: [
        { name: 'Empty', fields: [] },
        { name: 'Side', fields: [{ name: '', type: parseType('i8'), text: 'i8' }] },
        { name: 'Box', fields: [{ name: 'inner', type: parseType('Vec<Shape>'), text: '' }] },
      ],
    },
  ],
])

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const encode = (type: string, value: AbiValue): string =>
  hex(encodeValue(parseType(type), value, types))
const decode = (type: string, digits: string): AbiValue => {
  const cursor = cursorOf(new Uint8Array(Buffer.from(digits, 'hex')))
  const value = decodeValue(parseType(type), cursor, types)
  assert.equal(cursor.at, cursor.end)
  return value
}

/** Type, value, and the bytes that the SCALE specification gives for them. */
const cases: readonly (readonly [type: string, value: AbiValue, bytes: string])[] = [
  ['u8', 69n, '45'],
  ['i8', -1n, 'ff'],
  ['u16', 42n, '2a00'],
  ['u32', 16777215n, 'ffffff00'],
  ['i64', -2n, 'feffffffffffffff'],
  ['u128', (1n << 127n) + 5n, '05000000000000000000000000000080'],
  ['bool', true, '01'],
  ['String', 'Hamlet', '1848616d6c6574'],
  ['Vec<u16>', [4n, 8n, 15n, 16n, 23n, 42n], '18040008000f00100017002a00'],
  ['Vec<u8>', Uint8Array.of(1, 2), '080102'],
  ['[u8;3]', Uint8Array.of(7, 8, 9), '070809'],
  ['[u16;2]', [1n, 2n], '01000200'],
  ['Option<bool>', null, '00'],
  ['Option<bool>', false, '0100'],
  ['Option<Option<u8>>', { some: null }, '0100'],
  ['Result<(),Shape>', { ok: null }, '00'],
  ['Result<u8,Shape>', { err: 'Empty' }, '0100'],
  ['(u8,bool)', [3n, false], '0300'],
  ['Order', { price: 5n, owner: new Uint8Array(32).fill(9) }, `0500000000000000${'09'.repeat(32)}`],
  ['Shape', { Side: [-3n] }, '01fd'],
  ['Shape', { Box: { inner: ['Empty', { Side: [1n] }] } }, '0208000101'],
]

for (const [type, value, bytes] of cases)
  test(`SCALE: ${type} ${bytes.slice(0, 16)} both ways`, () => {
    assert.equal(encode(type, value), bytes)
    assert.deepEqual(decode(type, bytes), value)
  })

test('lengths take the shortest of the compact forms at each edge', () => {
  for (const [length, prefix] of [
    [63, 'fc'],
    [64, '0101'],
    [16383, 'fdff'],
    [16384, '02000100'],
  ] as const) {
    const bytes = encode('Vec<u8>', new Uint8Array(length))
    assert.equal(bytes.slice(0, prefix.length), prefix)
    assert.deepEqual(decode('Vec<u8>', bytes), new Uint8Array(length))
  }
})

const refusals: readonly (readonly [type: string, bytes: string, code: string])[] = [
  ['u32', '010203', 'truncated'],
  ['bool', '02', 'unknownVariant'],
  ['Option<u8>', '0201', 'unknownVariant'],
  ['Shape', '03', 'unknownVariant'],
  ['Vec<u8>', '0100', 'notShortest'],
  ['Vec<u8>', '02010000', 'notShortest'],
  ['Vec<u8>', '03ffffffff', 'tooLong'],
  ['Vec<()>', 'feffffff', 'tooLong'],
  ['Vec<u64>', 'feffffff', 'truncated'],
  ['String', '08c328', 'notUtf8'],
  ['Shape', '0204'.repeat(100), 'tooDeep'],
]
for (const [type, bytes, code] of refusals)
  test(`SCALE refuses ${bytes.slice(0, 16)} as ${type}: ${code}`, () => {
    assert.throws(
      () => decode(type, bytes),
      (error) => error instanceof DecodeError && error.code === code,
    )
  })

const badValues: readonly (readonly [type: string, value: AbiValue])[] = [
  ['u8', 256n],
  ['i8', -129n],
  ['u64', 'five'],
  ['u64', 1.5],
  ['bool', 1n],
  ['Address', '0x00'],
  ['[u16;2]', [1n]],
  ['Order', { price: 5n }],
  ['Order', { price: 5n, owner: `0x${'00'.repeat(32)}`, more: 1n }],
  ['Shape', 'Circle'],
  ['Shape', { Side: [1n], Empty: null }],
  ['Result<u8,u8>', { maybe: 1n }],
]
for (const [type, value] of badValues)
  test(`no SCALE for ${String(JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v)))} as ${type}`, () => {
    assert.throws(() => encode(type, value), { code: 'badValue' })
  })

const badTypes = ['', 'Vec', 'Vec<u8', 'u8>', '[u8]', '[u8;99999999]', '(u8', 'Map<u8,u8>', '<u8>']
for (const text of [...badTypes, `${'('.repeat(40)}${')'.repeat(40)}`])
  test(`no type: ${text.slice(0, 20)}`, () => {
    assert.throws(() => parseType(text), { code: 'badType' })
  })

test('a type of thousands of levels is refused, not the end of the host', () => {
  assert.throws(() => parseType('Vec<'.repeat(100_000)), { code: 'badType' })
})

/** A type and a value of it. */
type Typed = readonly [type: AbiType, value: AbiValue]

const whole = fc
  .tuple(
    fc.constantFrom('uint' as const, 'int' as const),
    fc.constantFrom(8 as const, 16 as const, 32 as const, 64 as const, 128 as const),
    fc.bigInt({ min: -(1n << 127n), max: (1n << 128n) - 1n }),
  )
  .map(([kind, bits, value]): Typed => {
    const view = kind === 'uint' ? BigInt.asUintN : BigInt.asIntN
    return [{ kind, bits }, view(bits, value)]
  })

const { pair: typed } = fc.letrec<{ pair: Typed }>((tie) => ({
  pair: fc.oneof(
    { maxDepth: 4 },
    whole,
    fc.boolean().map((value): Typed => [{ kind: 'bool' }, value]),
    fc.string({ unit: 'binary' }).map((value): Typed => [{ kind: 'string' }, value]),
    tie('pair').map(([of, value]): Typed => {
      const nullable = of.kind === 'option' || (of.kind === 'tuple' && of.items.length === 0)
      return [{ kind: 'option', of }, nullable ? { some: value } : value]
    }),
    tie('pair').map(([of]): Typed => [{ kind: 'option', of }, null]),
    tie('pair').map(
      ([ok, value]): Typed => [{ kind: 'result', ok, err: { kind: 'bool' } }, { ok: value }],
    ),
    fc
      .array(tie('pair'), { maxLength: 4 })
      .map(
        (pairs): Typed => [
          { kind: 'tuple', items: pairs.map(([type]) => type) },
          pairs.length === 0 ? null : pairs.map(([, value]) => value),
        ],
      ),
  ),
}))

test('law: what was encoded is what is decoded', () => {
  fc.assert(
    fc.property(typed, ([type, value]) => {
      const cursor = cursorOf(encodeValue(type, value))
      assert.deepEqual(decodeValue(type, cursor), value)
      assert.equal(cursor.at, cursor.end)
    }),
    { numRuns: 500 },
  )
})

test('law: bytes that decode are the bytes that encode', () => {
  const known = ['Shape', 'Vec<Option<u16>>', 'Result<String,(bool,Vec<u8>)>', 'Option<Order>']
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.uint8Array({ maxLength: 64 }), (name, bytes) => {
      const cursor = cursorOf(bytes)
      let value: AbiValue
      try {
        value = decodeValue(parseType(name), cursor, types)
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error))
        return
      }
      assert.equal(encode(name, value), hex(bytes.subarray(0, cursor.at)))
    }),
    { numRuns: 5000 },
  )
})

const metadata = parseMetadata(
  JSON.stringify({
    alcatraz: 1,
    contract: 'market',
    constructors: [],
    messages: [
      {
        name: 'sell',
        selector: '0x01020304',
        args: [
          { name: 'price', type: 'u64' },
          { name: 'to', type: 'Address' },
        ],
        returns: 'Result<(),Fault>',
      },
    ],
    events: [
      {
        name: 'Sold',
        topic: `0x${'aa'.repeat(32)}`,
        fields: [
          { name: 'to', type: 'Address', topic: true },
          { name: 'note', type: 'String', topic: true },
          { name: 'price', type: 'u64', topic: false },
        ],
      },
    ],
    types: [{ name: 'Fault', enum: [{ name: 'Late', fields: [] }] }],
  }),
)

test('a call is its selector and its arguments, by name or in order', () => {
  const sell = messageNamed(metadata.messages, 'sell')
  const to = new Uint8Array(32).fill(3)
  const expected = `01020304${'0500000000000000'}${'03'.repeat(32)}`
  assert.equal(hex(encodeCall(metadata, sell, [5n, to])), expected)
  assert.equal(hex(encodeCall(metadata, sell, { to, price: 5n })), expected)
  assert.throws(() => encodeCall(metadata, sell, [5n]), { code: 'argumentCount' })
  assert.throws(() => encodeCall(metadata, sell, { to }), { code: 'argumentCount' })
  assert.throws(() => messageNamed(metadata.messages, 'buy'), { code: 'noMessage' })
})

test('an event is read by its first topic; a topic that was hashed stays bytes', () => {
  const hash = new Uint8Array(32).fill(0xee)
  const record = {
    topics: [new Uint8Array(32).fill(0xaa), new Uint8Array(32).fill(3), hash],
    data: Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0),
  }
  assert.deepEqual(decodeEvent(metadata, record), {
    name: 'Sold',
    fields: { to: new Uint8Array(32).fill(3), note: hash, price: 7n },
  })
  assert.equal(decodeEvent(metadata, { topics: [hash], data: record.data }), undefined)
})

test('metadata with holes is refused by where they are', () => {
  const whole = {
    alcatraz: 1,
    contract: 'c',
    constructors: [],
    messages: [],
    events: [],
    types: [],
  }
  const hostile: unknown[] = [
    null,
    [],
    { ...whole, alcatraz: 2 },
    { ...whole, messages: {} },
    { ...whole, messages: [{ name: 'a', selector: '0x01', args: [] }] },
    { ...whole, messages: [{ name: 'a', selector: '0x01020304', args: [{ type: 'Nowhere' }] }] },
    {
      ...whole,
      types: [
        { name: 'A', struct: [] },
        { name: 'A', struct: [] },
      ],
    },
    { ...whole, types: [{ name: 'A', enum: new Array(257).fill({ name: 'x', fields: [] }) }] },
  ]
  for (const text of [...hostile.map((value) => JSON.stringify(value)), '{', ''])
    assert.throws(() => parseMetadata(text), { name: 'DecodeError' }, text.slice(0, 60))
})

test('values that no bytes stand for are few, however types hide them', () => {
  const struct = (name: string, of: readonly string[]) => ({
    name,
    struct: of.map((type, i) => ({ name: `f${i}`, type })),
  })
  // each level has two of the next: 2^40 values of no bytes
  const levels = Array.from({ length: 40 }, (_, i) => struct(`T${i}`, [`T${i + 1}`, `T${i + 1}`]))
  const metadata = parseMetadata(
    JSON.stringify({
      ...{ alcatraz: 1, contract: 'c', constructors: [], events: [] },
      messages: [{ name: 'm', selector: '0x00000000', args: [], returns: 'T0' }],
      types: [...levels, struct('T40', [])],
    }),
  )
  const none = new Uint8Array(0)
  assert.throws(() => decodeAnswer(metadata, metadata.messages[0]!, none), { code: 'tooLong' })
  const lists = parseType('Vec<Vec<()>>')
  const many = Uint8Array.from({ length: 401 }, (_, i) => (i === 0 ? 0x91 : 0))
  many[1] = 1
  for (let i = 2; i + 4 <= many.length; i += 4) many.set([0xfe, 0xff, 3, 0], i)
  assert.throws(() => decodeValue(lists, cursorOf(many)), { code: 'tooLong' })
})

test('a message about a type is short, however long the type', () => {
  assert.throws(
    () => parseType(`Vec<${'u'.repeat(100_000)}`),
    (error) => error instanceof DecodeError && error.message.length < 200,
  )
})
