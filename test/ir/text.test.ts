import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseIr } from '#vm/ir/parser'
import { printIr } from '#vm/ir/printer'
import { irRows } from '#vm/ir/table'
import { verifyIr } from '#vm/ir/verify'
import { irProgram } from './programs.ts'

test('printed programs read back the same', () => {
  fc.assert(
    fc.property(irProgram, (program) => {
      const text = printIr(program)
      const again = parseIr(text)
      assert.deepEqual(again, program)
      assert.equal(printIr(again), text)
    }),
    { numRuns: 300 },
  )
})

test('every op is in some random program, so that the law speaks of all of them', () => {
  const seen = new Set<number>()
  for (const program of fc.sample(irProgram, { numRuns: 400, seed: 1 }))
    for (let row = 0; row < program.count; row++) seen.add(program.rows[row * 4]! & 0xff)
  const missing = irRows.filter((_, op) => !seen.has(op)).map((row) => row.name)
  // slots belong to programs of their own: slots.test.ts
  assert.deepEqual(missing, ['getslot', 'setslot', 'sbrk', 'packet'])
})

test('a row says pc, gas, op and operands', () => {
  const text = `registers 11
metering instruction
pcs 9
badEntry invalidJump
halt 0xffff0000
paging width=64 sbrk=newTop pageFaults
packet 0x10000 16
memory paged32 page 4096
region 0x20000 0x1000 rw
heap 0x21000 0x30000
segment 0x20010 0x0102ff
jumps base 0x2 shift 1 length 3
jump 1 b1
calls link
b0:
   0  charge 9, 3
   0: [4] load32u t0, [r1 - 8]
   0  add64 r2, t0, zero
   1: [2] store64i [r10 + 16], 0xffffffff00000000
   3: [3] bltu64i r2, -65536, b2
b1:
   4  charge 1, 2
   4: packet r0, [r3], 4
   5: [1] sbrk r1, r2
b2: out of line
   3  trap invalidJump
`
  const program = parseIr(text.replace('   5: [1] sbrk r1, r2\n', '   5: [1] jump32 [r1 + 4]\n'))
  verifyIr(program)
  const other = parseIr(text)
  assert.equal(printIr(other), text)
  assert.equal(other.count, 9)
  assert.deepEqual([...other.rowOf], [0, 3, -1, 4, 5, 7, -1, -1, -1])
  assert.throws(() => verifyIr(other), { code: 'fallsThrough', offset: 7 })
})

test('comments, labels of any name and a short header', () => {
  const program = parseIr(`
    start:               # the entry
      0: li r0, 10
    again:
      1: add64i r0, r0, -1
      2: bne64i r0, 0, again
    done:
      3: halt`)
  verifyIr(program)
  assert.equal(printIr(program, { header: false }).split('\n').length, 8)
  assert.equal(program.rows[2 * 4 + 3], 1)
})

for (const [what, line, code] of [
  ['an unknown op', ' 0: frobnicate r1', 'unknownOp'],
  ['an unknown register', ' 0: mov r1, r32', 'register'],
  ['a register that is missing', ' 0: mov r1', 'lineEnd'],
  ['an operand too many', ' 0: mov r1, r2, r3', 'syntax'],
  ['a missing comma', ' 0: mov r1 r2', 'syntax'],
  ['an unknown label', ' 0: jump nowhere', 'label'],
  ['an unknown trap', ' 0: trap toString', 'trap'],
  ['a number over 64 bits', ' 0: li r1, 0x10000000000000000', 'range'],
  ['a word over 32 bits', ' 0: host 4294967296', 'range'],
  ['letters for a number', ' 0: li r1, ten', 'number'],
  ['a cost over 16 bits', ' 0: [65536] ret', 'range'],
  ['a label twice', 'b0:', 'label'],
  ['a label before nothing', 'b1:', 'label'],
  ['an unknown directive', 'colour green', 'syntax'],
  ['a table entry beyond its table', 'jump 0 b0', 'range'],
  ['a table larger than the limit', 'jumps base 0 shift 0 length 99999999', 'range'],
  ['more pcs than the limit', 'pcs 99999999', 'range'],
  ['bytes of an odd number of digits', 'segment 0 0x123', 'badHex'],
  ['an unknown rule', 'paging sbrk=never', 'syntax'],
] as const)
  test(`${what} is refused with its line`, () => {
    assert.throws(() => parseIr(`registers 16\nb0:\n 0: nop\n${line}`), {
      name: 'AsmError',
      code,
      offset: 4,
    })
  })

test('any text is either a program or an AsmError', () => {
  const pieces = fc.constantFrom(
    ...'b0: b1 0 1 : , [ ] + - = @3 r1 r99 t0 zero add64 li jump trap panic charge 0x12 -5'.split(
      ' ',
    ),
    ...'\n memory linear32 regions64 region rw ro gap size max registers paging out of line calls managed none frame'.split(
      ' ',
    ),
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (words) => {
      try {
        printIr(parseIr(words.join(' ')))
      } catch (error) {
        assert.equal((error as Error).name, 'AsmError')
      }
    }),
    { numRuns: 2000 },
  )
})
