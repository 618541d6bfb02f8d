import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printProgram } from '#vm/opt/print'
import { answer, raise } from './raising.ts'

const choose = (size: string, count: number): string => `
    f:
      li a2, ${count}
      bgeu a0, a2, .other
      lui a1, 0x20
      ${size === 'ld' ? 'sh3add' : 'sh2add'} a0, a0, a1
      ${size} a0, 0(a0)
      jr a0
    .one:
      li a0, 11
      ret
    .two:
      li a0, 22
      ret
    .three:
      li a0, 33
      ret
    .other:
      li a0, -1
      ret`

for (const [instruction, size] of [
  ['ld', 8],
  ['lw', 4],
] as const)
  test(`a jump table of words of ${size} octets`, () => {
    const program = raise(choose(instruction, 3), {
      tables: [{ address: 0x2_0000, size, places: ['.one', '.three', '.two'] }],
    })
    assert.deepEqual(
      [0n, 1n, 2n, 3n].map((n) => answer(program, 'f', n)),
      [11n, 33n, 22n, -1n],
    )
    assert.match(printProgram(program), /switch %\d+, b\d+, b\d+, b\d+\n/)
  })

test('a jump table whose words count from it', () => {
  const program = raise(
    `
    f:
      lui a1, 0x20
      addi a1, a1, 16
      sh2add a0, a0, a1
      lw a0, 0(a0)
      add a0, a0, a1
      jr a0
    .one:
      li a0, 11
      ret
    .two:
      li a0, 22
      ret`,
    { tables: [{ address: 0x2_0010, size: 4, places: ['.two', '.one'], relative: true }] },
  )
  assert.deepEqual([answer(program, 'f', 0n), answer(program, 'f', 1n)], [22n, 11n])
})

test('two jump tables of one function, one behind the other, are told apart', () => {
  const program = raise(
    `
    f:
      lui a2, 0x20
      bne a1, zero, .second
      sh3add a0, a0, a2
      ld a0, 0(a0)
      jr a0
    .second:
      addi a2, a2, 16
      sh3add a0, a0, a2
      ld a0, 0(a0)
      jr a0
    .a:
      li a0, 1
      ret
    .b:
      li a0, 2
      ret
    .c:
      li a0, 3
      ret`,
    {
      tables: [
        { address: 0x2_0000, size: 8, places: ['.a', '.b'] },
        { address: 0x2_0010, size: 8, places: ['.b', '.c'] },
      ],
    },
  )
  assert.deepEqual(
    [answer(program, 'f', 0n, 0n), answer(program, 'f', 1n, 0n), answer(program, 'f', 1n, 1n)],
    [1n, 2n, 3n],
  )
  const switches = [...printProgram(program).matchAll(/switch %\d+(, b\d+)+/g)].map(
    ([line]) => line.split(',').length - 1,
  )
  assert.deepEqual(switches, [2, 2])
})

test('a jump through a register in a function with a jump table is a call where it is one', () => {
  const program = raise(
    `
    f:
      addi sp, sp, -16
      sd s0, 8(sp)
      mv s0, a0
      lui a2, 0x20
      bne a1, zero, .call
      sh3add a0, a0, a2
      ld a0, 0(a0)
      jr a0
    .call:
      ld a3, 16(a2)
      ld s0, 8(sp)
      addi sp, sp, 16
      jr a3
    .a:
      li a0, 1
      j .end
    .b:
      add a0, s0, s0
    .end:
      ld s0, 8(sp)
      addi sp, sp, 16
      ret
    g:
      addi a0, a0, 100
      ret`,
    {
      tables: [
        { address: 0x2_0000, size: 8, places: ['.a', '.b'] },
        { address: 0x2_0010, size: 8, places: ['g'] },
      ],
    },
  )
  assert.deepEqual(
    [answer(program, 'f', 0n, 0n), answer(program, 'f', 1n, 0n), answer(program, 'f', 7n, 1n)],
    [1n, 2n, 107n],
  )
})
