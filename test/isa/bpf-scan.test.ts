import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { VerifyError } from '#vm/bits/errors'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { bpfFunctions } from '#vm/isa/bpf/frames'
import { bpfCosts, bpfSchedule, bpfSchedules } from '#vm/isa/bpf/gas'
import { bpfRow, bpfRows } from '#vm/isa/bpf/table'
import { anyCode } from './bpf-arbitrary.ts'

function sizes(source: string): Record<number, number> {
  const { code, labels } = assembleBpf(source)
  return Object.fromEntries(
    bpfFunctions(code, labels.values()).map(({ pc, frameSize }) => [pc, frameSize]),
  )
}

const scans: readonly (readonly [string, string, number])[] = [
  ['no frame', 'mov r0, r1', 0],
  ['a store', 'stxdw [r10-24], r1', 24],
  ['a load', 'ldxb r1, [r10-9]', 16],
  ['an immediate store', 'stb [r10-1], 0', 8],
  ['an atomic operation', 'lock fetch add [r10-40], r1', 40],
  ['a formed address', 'mov r1, r10\nadd r1, -100', 104],
  ['a formed address by subtraction', 'mov r1, r10\nsub r1, 64', 64],
  ['an access through a formed address', 'mov r1, r10\nadd r1, -32\nstdw [r1-8], 0', 40],
  ['a copy of a formed address', 'mov r1, r10\nadd r1, -32\nmov r6, r1\nstdw [r6-16], 0', 48],
  ['an overwritten register', 'mov r1, r10\nmov r1, 5\nadd r1, -4096', 0],
  ['a register after a call', 'mov r1, r10\ncall 1\nadd r1, -4096', 0],
  ['a saved register after a call', 'mov r6, r10\ncall 1\nadd r6, -4096', 4096],
  ['a register where a jump lands', 'mov r1, r10\nloop: add r1, -8\njne r1, 0, loop\nexit', 0],
  ['the source of a store', 'stxdw [r1-48], r10', 0],
  ['above the frame pointer', 'stdw [r10+80], 0', 0],
]
for (const [what, source, size] of scans) {
  test(`frame by scan: ${what}`, () => {
    assert.equal(bpfFunctions(assembleBpf(source).code, [0])[0]!.frameSize, size)
  })
}

test('functions start at slot 0, entries and targets of local calls', () => {
  const found = sizes(`
    call local f
    exit
    f: stdw [r10-8], 1
    exit
    g: stdw [r10-16], 1
    exit`)
  assert.deepEqual(found, { 0: 0, 2: 8, 4: 16 })
})

test('functions are sorted, begin at instructions and frames are multiples of 8', () => {
  fc.assert(
    fc.property(anyCode, fc.array(fc.integer({ min: -5, max: 50 })), (code, entries) => {
      const found = bpfFunctions(code, entries)
      if (code.length > 0) assert.equal(found[0]!.pc, 0)
      for (const [index, { pc, frameSize }] of found.entries()) {
        assert.ok(index === 0 || pc > found[index - 1]!.pc)
        assert.ok(pc * 8 < code.length)
        assert.ok(frameSize >= 0 && frameSize % 8 === 0 && frameSize <= 2 ** 31 - 1)
      }
    }),
  )
})

test('every schedule has a whole price for every instruction', () => {
  for (const [name, { costs }] of bpfSchedules) {
    for (const cost of Object.values(costs))
      assert.ok(Number.isInteger(cost) && cost >= 0 && cost <= 0xffff)
    const byRow = bpfCosts(name)
    assert.equal(byRow.length, bpfRows.length)
    bpfRows.forEach((row, index) => {
      assert.equal(byRow[index], costs[row.gas])
    })
  }
})

test('alcatraz-1 never changes: a changed price needs a new name', () => {
  const { costs } = bpfSchedule('alcatraz-1')
  assert.deepEqual(costs, {
    alu: 1,
    mul: 1,
    div: 16,
    jump: 1,
    call: 8,
    host: 8,
    exit: 2,
    load: 2,
    store: 2,
    atomic: 5,
  })
  assert.equal(bpfCosts('alcatraz-1')[bpfRow.lddw], 1)
})

test('an unknown schedule is refused by name', () => {
  assert.throws(
    () => bpfCosts('alcatraz-0'),
    (error) => error instanceof VerifyError && error.code === 'unknownSchedule',
  )
})
