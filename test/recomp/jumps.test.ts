/** Jumps through the jump table: to states, to callees and back to callers, each with the exact state. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PvmProgram, recompEngine, referenceEngine } from 'alcatraz-vm'
import { liftProgram } from '#vm/engine/lifted'
import { blocksOf, End } from '#vm/recomp/blocks'
import { compare } from '../laws/compare.ts'
import { pvmProgramOf } from '../laws/pvm-program.ts'

const pvm = (text: string): PvmProgram =>
  pvmProgramOf(text, { regions: [{ address: 0x20000, length: 0x2000, writable: true }] })

const start = (machine: { pc: number }): void => {
  machine.pc = 0
}

const programs: Readonly<Record<string, string>> = {
  'states that write different registers': `
      t1 = 4
    @again:
      s0 = s0 + 1
      jump @done if s0 == 60
      jump [t1]
    @one:
      a1 = a1 + s0
      t1 = 4
      jump @again
    @two:
      a2 = a2 ^ a1
      a3 = a3 + 5
      t1 = 6
      jump @again
    @three:
      a4 = a2 + a3
      t1 = 2
      jump @again if a4 != 7
    @done:
      ra = 0xffff0000
      jump [ra]
    %jump_table = @one @two @three`,
  'a function that returns to itself': `
      sp = 0x21000
      a0 = 7
      ra = 2, jump @fib
    @back:
      ra = 0xffff0000
      ret
    @fib:
      jump @small if a0 <u 2
      sp = sp + 0xffffffffffffffe8
      u64 [sp] = ra
      u64 [sp + 8] = s0
      s0 = a0
      a0 = a0 + 0xffffffffffffffff
      ra = 4, jump @fib
    @first:
      u64 [sp + 16] = a0
      a0 = s0 + 0xfffffffffffffffe
      ra = 6, jump @fib
    @second:
      a1 = u64 [sp + 16]
      a0 = a0 + a1
      s0 = u64 [sp + 8]
      ra = u64 [sp]
      sp = sp + 24
    @small:
      ret
    %jump_table = @back @first @second`,
  'calls through a register, by turns of two functions and of one that has gone': `
      t0 = 4
    @again:
      s0 = s0 + 1
      jump @done if s0 == 40
      s1 = a0
      tmp = t0, ra = 2, jump [tmp + 0]
    @back:
      a1 = a1 + s1
      jump @again
    @done:
      ra = 0xffff0000
      ret
    @one:
      a0 = a0 + 3
      t0 = 6
      ret
    @two:
      a0 = a0 ^ a1
      t0 = 8
      ret
    @three:
      t0 = 4
      tmp = ra, t2 = 10, jump [tmp + 0]
    @never:
      trap
    %jump_table = @back @one @two @three @never`,
  // in the order that it is written in, @later stands before @both, which is run first
  'constant addresses that two blocks of a loop access, which is entered at each of them': `
      t1 = 2
      jump [t1]
    @first:
      fallthrough
    @both:
      u32 [0x20008] = 7
      a1 = a1 + 1
      jump @done if a1 == 1
      fallthrough
    @more:
      a0 = a0 + 1
    @later:
      a2 = u8 [0x20000]
      jump @both
    @done:
      ra = 0xffff0000
      ret
    %jump_table = @first @later`,
}

for (const [what, text] of Object.entries(programs))
  test(`wherever gas ends, the same state: ${what}`, () => {
    const program = pvm(text)
    const trial = { program, seed: 1, start }
    const { exits, instructions } = compare(referenceEngine, recompEngine, {
      ...trial,
      gas: 100_000n,
    })
    assert.equal(exits.at(-1)!.kind, 'halt')
    for (let gas = 1n; gas < instructions; gas += 1n + instructions / 97n)
      compare(referenceEngine, recompEngine, { ...trial, gas })
    const machine = recompEngine.instantiate(program, { gas: 100_000n })
    machine.pc = 0
    machine.run()
    const { code, tiers } = machine.stats
    assert.equal(tiers['recomp'], instructions, 'all in generated code')
    const left = [...Object.values(code!.leaves)].reduce((sum, count) => sum + count, 0)
    assert.equal(left, 1, 'left once, to halt')
  })

test('a state that is set before a jump is no return address, other than in ra', () => {
  const ends = (text: string): number[] => [
    ...blocksOf(liftProgram(pvm(`${text}\n @f:\n ret\n %jump_table = @f @f`))).end,
  ]
  assert.equal(ends('t1 = 2\n jump @f')[0], End.jump)
  assert.equal(ends('ra = 2\n jump @f')[0], End.link)
  assert.equal(ends('t1 = 2, jump @f')[0], End.link)
  assert.equal(ends('tmp = t0, ra = 2, jump [tmp + 0]')[0], End.linkRegister)
})
