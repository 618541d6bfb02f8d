import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AsmError } from '#vm/bits/errors'
import { type Field, getField, patternOf, putField, visitorList } from '#vm/isa/codec'
import {
  displacementKind,
  immediateKind,
  linesOf,
  printNumber,
  registerKind,
  type Syntax,
  syntaxOf,
  targetKind,
} from '#vm/isa/text'

/** A field inside one of four words. */
const field = fc
  .tuple(fc.nat(3), fc.nat(31), fc.integer({ min: 1, max: 32 }))
  .map(([word, bit, width]): Field => [32 * word + bit, Math.min(width, 32 - bit), 'x'])
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const words = fc.array(word, { minLength: 4, maxLength: 4 }).map((w) => Int32Array.from(w))

test('a field reads back what was put, and nothing else changes', () => {
  fc.assert(
    fc.property(words, field, word, (before, f, value) => {
      const after = before.slice()
      putField(after, f, value)
      const [bit, width] = f
      const want = BigInt.asUintN(width, BigInt(value))
      assert.equal(BigInt(getField(after, f, false)), want)
      assert.equal(BigInt(getField(after, f, true)), BigInt.asIntN(width, want))
      putField(after, f, getField(before, f, false))
      assert.deepEqual(after, before)
      assert.ok(bit >= 0)
    }),
  )
})

test('a pattern fixes exactly the bits that belong to no field', () => {
  fc.assert(
    fc.property(field, words, (f, bits) => {
      const { mask, value } = patternOf({ f }, [], 4)
      assert.deepEqual(value, new Int32Array(4))
      const put = new Int32Array(4)
      putField(put, f, -1)
      assert.deepEqual(
        mask,
        put.map((x) => ~x),
      )
      const valid = bits.map((x, i) => x & ~mask[i]!)
      assert.ok(valid.every((x, i) => (x & mask[i]!) === value[i]))
    }),
  )
})

test('a pattern demands the fixed values', () => {
  const { mask, value } = patternOf(
    { a: [8, 4, 'x'] },
    [
      [0, 8, 0x85],
      [12, 4, 1],
    ],
    1,
  )
  assert.equal(mask[0]! >>> 0, 0xfffff0ff)
  assert.equal(value[0], 0x1085)
})

test('visitorList follows the order of the names', () => {
  const list = visitorList(['b', 'a'], { a: () => 1, b: () => 2 })
  assert.deepEqual(
    list.map((f) => f()),
    [2, 1],
  )
})

const reg = registerKind(['r0', 'r1', 'r2'], 'a register')
const imm = immediateKind(32, false)
const toy: Syntax = syntaxOf([
  { row: 0, syntax: 'i32 {d} = {a} + {b}', kinds: { d: reg, a: reg, b: reg } },
  { row: 1, syntax: 'i32 {d} = {a} + {n}', kinds: { d: reg, a: reg, n: imm } },
  { row: 2, syntax: '{d} = {a} <s {b}', kinds: { d: reg, a: reg, b: reg } },
  { row: 3, syntax: '{d} = {a} < {b}', kinds: { d: reg, a: reg, b: reg } },
  { row: 4, syntax: '{d} = u8 [{a}{o}]', kinds: { d: reg, a: reg, o: displacementKind(16) } },
  { row: 5, syntax: 'jump {t} if {a} == 0', kinds: { t: targetKind(32), a: reg } },
  { row: 5, syntax: 'goto {t} unless {a}', kinds: { t: targetKind(32), a: reg } },
])

const r = fc.nat(2)
const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const i16 = fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })
const toyLine = fc.oneof(
  fc.record({ row: fc.constant(0), operands: fc.record({ d: r, a: r, b: r }) }),
  fc.record({ row: fc.constant(1), operands: fc.record({ d: r, a: r, n: i32 }) }),
  fc.record({ row: fc.constantFrom(2, 3), operands: fc.record({ d: r, a: r, b: r }) }),
  fc.record({ row: fc.constant(4), operands: fc.record({ d: r, a: r, o: i16 }) }),
  fc.record({ row: fc.constant(5), operands: fc.record({ t: i32, a: r }) }),
)

test('parse reads what print writes, however it is spaced', () => {
  fc.assert(
    fc.property(toyLine, fc.boolean(), (line, wide) => {
      const text = toy.print(line.row, line.operands)
      const spaced = wide ? text.replaceAll(/([[\]]|(?<!=)=(?!=))/g, '  $1 ') : text
      const { row, operands } = toy.parse(spaced, 1)
      assert.deepEqual({ row, ...operands }, { row: line.row, ...line.operands })
    }),
  )
})

test('printed numbers read back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const tokens = printNumber(value).match(/-|\w+/g)!
      assert.deepEqual(immediateKind(64, false).parse(tokens, 0), { value, next: tokens.length })
    }),
  )
})

test('an alias is read and never written', () => {
  const parsed = toy.parse('goto +3 unless r1', 1)
  assert.deepEqual(parsed, { row: 5, operands: { t: 3, a: 1 } })
  assert.equal(toy.print(parsed.row, parsed.operands), 'jump +3 if r1 == 0')
})

test('labels stay names', () => {
  assert.deepEqual(toy.parse('jump .L1 if r2 == 0', 1).operands, { t: { label: '.L1' }, a: 2 })
})

/** Parses a line that must be refused. */
function refusal(text: string): AsmError {
  try {
    toy.parse(text, 7)
  } catch (error) {
    assert.ok(error instanceof AsmError)
    return error
  }
  return assert.fail(`accepted: ${text}`)
}

for (const [text, code] of [
  ['nonsense', 'unknownInstruction'],
  ['', 'unknownInstruction'],
  ['i32 r0 = r1', 'operandCount'],
  ['i32 r0 = r1 + r2 r2', 'operandCount'],
  ['i32 r0 = r9 + r2', 'badOperand'],
  ['i32 r0 = r1 + 2147483648', 'badOperand'],
  ['i32 r0 = r1 + 0x100000000', 'badOperand'],
  ['i32 r0 = r1 + 0x', 'badOperand'],
  [`i32 r0 = r1 + ${'9'.repeat(100000)}`, 'badOperand'],
  ['r0 = u8 [r1+32768]', 'badOperand'],
] as const) {
  test(`'${text.slice(0, 40)}' is refused with its line`, () => {
    const error = refusal(text)
    assert.equal(error.code, code)
    assert.equal(error.offset, 7)
    assert.ok(error.message.length < 300)
  })
}

test('hex may use all bits, decimals must fit signed', () => {
  assert.deepEqual(toy.parse('i32 r0 = r1 + 0xffffffff', 1).operands, { d: 0, a: 1, n: -1 })
  assert.deepEqual(toy.parse('i32 r0 = r1 + -0x80000000', 1).operands['n'], -(2 ** 31))
})

test('any text is parsed or refused with an AsmError', () => {
  const piece = fc.constantFrom('i32', 'r0', '=', '+', '[', ']', '0x', '5', 'jump', '<s', '<', '')
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (parts) => {
      try {
        toy.parse(parts.join(' '), 1)
      } catch (error) {
        assert.ok(error instanceof AsmError, String(error))
      }
    }),
  )
})

test('lines carry their numbers and labels, without comments', () => {
  const source = 'a: b:  x 1 # c\n\n // only\n .L2:\n y; z'
  assert.deepEqual(
    [...linesOf(source)],
    [
      { line: 1, labels: ['a', 'b'], text: 'x 1' },
      { line: 4, labels: ['.L2'], text: '' },
      { line: 5, labels: [], text: 'y' },
    ],
  )
})
