import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printProgram } from '#vm/opt/print'
import { answer, outcome, raise } from './raising.ts'

test('a leaf function takes only what it reads, and keeps no frame', () => {
  const program = raise(`
    f:
      add a0, a0, a2
      ret`)
  const f = program.functions[0]!
  assert.equal(f.frameBytes, 0)
  // its arguments stand where the caller puts them: it is exported
  assert.equal(f.params.length, 3)
  assert.equal(answer(program, 'f', 1n, 2n, 40n), 41n)
})

test('saved registers are no part of the frame, locals are', () => {
  const program = raise(`
    f:
      addi sp, sp, -48
      sd ra, 40(sp)
      sd s0, 32(sp)
      sd s1, 24(sp)
      mv s0, a0
      sd a0, 8(sp)
      addi a0, sp, 8
      call g
      add a0, a0, s0
      ld ra, 40(sp)
      ld s0, 32(sp)
      ld s1, 24(sp)
      addi sp, sp, 48
      ret
    g:
      ld a1, 0(a0)
      addi a1, a1, 1
      sd a1, 0(a0)
      mv a0, a1
      ret`)
  const f = program.functions[0]!
  assert.equal(f.frameBytes, 32)
  assert.equal(answer(program, 'f', 20n), 41n)
  const text = printProgram(program)
  assert.doesNotMatch(text.slice(0, text.indexOf('func 1')), /@40|@32|@24/)
})

test('a function that only keeps registers has no frame', () => {
  const program = raise(`
    f:
      addi sp, sp, -32
      sd ra, 24(sp)
      sd s0, 16(sp)
      addi s0, sp, 32
      call g
      ld ra, -8(s0)
      addi sp, s0, -32
      ld s0, 16(sp)
      addi sp, sp, 32
      ret
    g:
      addi a0, a0, 1
      ret`)
  assert.equal(program.functions[0]!.frameBytes, 0)
  assert.equal(answer(program, 'f', 1n), 2n)
})

test('registers kept on one way only come back on it', () => {
  const program = raise(`
    f:
      beq a0, zero, .none
      addi sp, sp, -16
      sd ra, 8(sp)
      sd s0, 0(sp)
      mv s0, a0
      call f
      add a0, a0, s0
      ld ra, 8(sp)
      ld s0, 0(sp)
      addi sp, sp, 16
    .none:
      ret`)
  assert.equal(program.functions[0]!.frameBytes, 0)
  // it does not end: the argument stays
  assert.equal(outcome(program, 'f', [0n]).kind, 'return')
  assert.deepEqual(outcome(program, 'f', [1n]), { kind: 'trap', trap: 'callDepth', func: 'f' })
})

test('loops go round with their registers', () => {
  const program = raise(`
    sum:
      mv a1, a0
      li a0, 0
    .again:
      beq a1, zero, .done
      add a0, a0, a1
      addi a1, a1, -1
      j .again
    .done:
      ret`)
  assert.equal(answer(program, 'sum', 10n), 55n)
})

test('a loop to the first instruction of a function', () => {
  const program = raise(`
    f:
    .again:
      addi a0, a0, -3
      blt zero, a0, .again
      ret`)
  assert.equal(answer(program, 'f', 10n), -2n)
})

test('atomic instructions trap where their address is not aligned', () => {
  const program = raise(`
    f:
      amoadd.w a0, a1, (a0)
      ret`)
  assert.equal(answer(program, 'f', 0x2_0010n, 5n), 0n)
  assert.deepEqual(outcome(program, 'f', [0x2_0011n, 5n]), {
    kind: 'trap',
    trap: 'misaligned',
    func: 'f',
  })
})

test('conditional zeros read their operands before they write', () => {
  const program = raise(`
    f:
      czero.eqz a0, a0, a1
      czero.nez a1, a1, a0
      add a0, a0, a1
      ret`)
  assert.equal(answer(program, 'f', 5n, 9n), 5n)
  assert.equal(answer(program, 'f', 5n, 0n), 0n)
})

test('code of 32 bits returns its words sign-extended', () => {
  const program = raise(
    `
    f:
      addi sp, sp, -16
      sw s0, 12(sp)
      lui s0, 0x80000
      add a0, a0, s0
      srai a1, a0, 31
      lw s0, 12(sp)
      addi sp, sp, 16
      ret`,
    { version: 'rv32' },
  )
  assert.deepEqual(outcome(program, 'f', [1n]), {
    kind: 'return',
    results: [-0x7fff_ffffn, -1n],
  })
  assert.equal(program.functions[0]!.frameBytes, 0)
})

test('long functions are raised in linear time', () => {
  const count = 4000
  const steps = Array.from(
    { length: count },
    (_, i) => `
    .s${i}:
      andi t0, a0, 1
      beq t0, zero, .e${i}
      addi a1, a1, ${i % 7}
    .e${i}:
      srli a0, a0, 1
      xor a2, a2, a1`,
  )
  const program = raise(`
    f:
      li a1, 0
      li a2, 0${steps.join('')}
      mv a0, a1
      ret`)
  const insns = program.functions[0]!.blocks.reduce(
    (sum, block) => sum + block.insns.length + block.phis.length,
    0,
  )
  // a bound on what is made, not on time
  assert.ok(insns < count * 12, `${insns}`)
  assert.equal(answer(program, 'f', 0b1101n), 0n + 2n + 3n)
})

test('locals by a frame pointer that is the end of the frame', () => {
  const program = raise(`
    f:
      addi sp, sp, -32
      sd ra, 24(sp)
      sd s0, 16(sp)
      addi s0, sp, 32
      sd a0, -24(s0)
      addi a0, s0, -32
      sd a1, 0(a0)
      call g
      ld a1, -32(s0)
      add a0, a0, a1
      ld a1, -24(s0)
      sub a0, a0, a1
      ld ra, 24(sp)
      ld s0, 16(sp)
      addi sp, sp, 32
      ret
    g:
      li a0, 100
      ret`)
  assert.equal(program.functions[0]!.frameBytes, 16)
  assert.equal(answer(program, 'f', 3n, 5n), 102n)
})

test('an address of the end of the frame may stand for any of it: nothing of it goes', () => {
  const program = raise(`
    f:
      addi sp, sp, -32
      sd ra, 24(sp)
      sd s0, 16(sp)
      addi s0, sp, 32
      sub a2, s0, a0
      sd a1, -32(a2)
      ld a0, -32(s0)
      ld ra, 24(sp)
      ld s0, 16(sp)
      addi sp, sp, 32
      ret`)
  assert.equal(program.functions[0]!.frameBytes, 32)
  assert.equal(answer(program, 'f', 0n, 5n), 5n)
})
