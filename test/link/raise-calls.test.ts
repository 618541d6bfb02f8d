import assert from 'node:assert/strict'
import { test } from 'node:test'
import { raiseRiscv } from '#vm/link/raise'
import { verifyOpt } from '#vm/opt/verify'
import { answer, outcome, raise, refuses } from './raising.ts'
import { codeLayout, riscvCode } from './riscv-code.ts'

test('arguments that a function does not read are not passed to it', () => {
  const program = raise(
    `
    f:
      addi sp, sp, -16
      sd ra, 8(sp)
      li a0, 1
      li a1, 2
      li a2, 3
      call g
      ld ra, 8(sp)
      addi sp, sp, 16
      ret
    g:
      sub a0, a2, a1
      ret`,
    { exports: ['f'] },
  )
  assert.equal(program.functions[1]!.params.length, 2)
  assert.equal(answer(program, 'f'), 1n)
})

test('results that nobody reads are not returned', () => {
  const program = raise(
    `
    f:
      addi sp, sp, -16
      sd ra, 8(sp)
      call g
      call h
      mv a0, a1
      ld ra, 8(sp)
      addi sp, sp, 16
      ret
    g:
      li a0, 7
      sd a0, 0(a1)
      ret
    h:
      li a0, 7
      li a1, 9
      ret`,
    { exports: ['f'] },
  )
  assert.deepEqual(
    program.functions.map((func) => func?.results),
    [1, 0, 2],
  )
  assert.equal(answer(program, 'f', 0n, 0x2_0000n), 9n)
})

test('arguments on the stack', () => {
  const program = raise(`
    f:
      addi sp, sp, -32
      sd ra, 24(sp)
      sd a0, 0(sp)
      li a1, 5
      sd a1, 8(sp)
      call g
      ld ra, 24(sp)
      addi sp, sp, 32
      ret
    g:
      addi sp, sp, -16
      ld a0, 16(sp)
      ld a1, 24(sp)
      sd a0, 8(sp)
      ld a0, 8(sp)
      sub a0, a0, a1
      addi sp, sp, 16
      ret`)
  assert.equal(answer(program, 'f', 12n), 7n)
  // what it stores for the call is no part of its frame
  const [f, g] = program.functions
  assert.deepEqual([f!.frameBytes, f!.passes, f!.stackArguments], [0, 16, 0])
  assert.deepEqual([g!.frameBytes, g!.passes, g!.stackArguments], [16, 0, 16])
})

test('tail calls, by name, by a branch, and by running on', () => {
  const program = raise(`
    f:
      beq a0, zero, h
      addi a0, a0, 1
      tail g
    g:
      add a0, a0, a0
    h:
      addi a0, a0, 100
      ret`)
  assert.equal(answer(program, 'f', 0n), 100n)
  assert.equal(answer(program, 'f', 4n), 110n)
})

test('calls through registers, and jumps through them that are calls', () => {
  const tables = [{ address: 0x2_0000, size: 8, places: ['g', 'h'] }]
  const program = raise(
    `
    f:
      lui t0, 0x20
      ld t0, 8(t0)
      jr t0
    e:
      addi sp, sp, -16
      sd ra, 8(sp)
      lui t0, 0x20
      ld t0, 0(t0)
      jalr ra, 0(t0)
      addi a0, a0, 1
      ld ra, 8(sp)
      addi sp, sp, 16
      ret
    g:
      add a0, a0, a1
      ret
    h:
      sub a0, a0, a1
      ret`,
    { tables, exports: ['e', 'f'] },
  )
  assert.equal(answer(program, 'f', 50n, 8n), 42n)
  assert.equal(answer(program, 'e', 50n, 8n), 59n)
  assert.deepEqual(
    program.functions.map((func) => func?.isOpen),
    [true, true, true, true],
  )
})

test('host calls get what is defined of their arguments', () => {
  const text = `
    f:
      addi sp, sp, -16
      sd ra, 8(sp)
      call first
      li a1, 2
      li a2, 3
      call second
      ld ra, 8(sp)
      addi sp, sp, 16
      ret`
  const linked = riscvCode(text)
  const given = { first: 1, second: 3 }
  const program = raiseRiscv(linked, {
    layout: codeLayout,
    stackSize: 0x1_0000,
    importArguments: (name) => given[name as 'first' | 'second'],
  })
  verifyOpt(program)
  // first(4) = 4, second(4, 2, 3) = ((1 * 10 + 4) * 10 + 2) * 10 + 3
  assert.equal(answer(program, 'f', 4n), 1423n)
  const all = raise(text)
  const hosts = all.functions[0]!.blocks.flatMap(({ insns }) =>
    insns.filter(({ op }) => op === 'host').map(({ args }) => args.length),
  )
  assert.deepEqual(hosts, [8, 3])
})

test('ecall is a host call with all arguments', () => {
  const program = raise(`
    f:
      li a7, 9
      ecall
      ret`)
  assert.deepEqual(program.imports, ['ecall'])
  assert.equal(answer(program, 'f', 1n, 2n, 3n, 4n, 5n, 6n, 7n), 12345679n)
})

test('what calls a function that never returns ends there', () => {
  const program = raise(`
    f:
      bne a0, zero, .bad
      li a0, 1
      ret
    .bad:
      addi sp, sp, -16
      sd ra, 8(sp)
      call stop
    stop:
      unimp`)
  assert.equal(answer(program, 'f', 0n), 1n)
  assert.deepEqual(outcome(program, 'f', [1n]), {
    kind: 'trap',
    trap: 'invalidInstruction',
    func: 'stop',
  })
})

test('a call that cannot return is found by the stack pointer it would return with', () => {
  const program = raise(`
    f:
      bne a0, zero, .good
      addi sp, sp, -16
      sd ra, 8(sp)
      call abort
    .good:
      li a0, 1
      ret`)
  assert.equal(answer(program, 'f', 1n), 1n)
  assert.equal(outcome(program, 'f', [0n]).kind, 'trap')
})

test('functions of save-restore and outlined code become part of their callers', () => {
  const program = raise(
    `
    f:
      callt0 save
      mv s0, a0
      callt0 twice
      callt0 twice
      add a0, a0, s0
      tail restore
    twice:
      add a0, a0, a0
      jr t0
    save:
      addi sp, sp, -16
      sd ra, 8(sp)
      sd s0, 0(sp)
      jr t0
    restore:
      ld ra, 8(sp)
      ld s0, 0(sp)
      addi sp, sp, 16
      ret`,
    { exports: ['f'] },
  )
  assert.equal(answer(program, 'f', 3n), 15n)
  assert.deepEqual(
    program.functions.map((func) => func?.name),
    ['f', undefined, undefined, undefined],
  )
})

test('arguments in registers that only compilers use between functions of one file', () => {
  const program = raise(
    `
    f:
      li t3, 5
      li t2, 7
      tail g
    g:
      sub a0, a0, t3
      add a0, a0, t2
      ret`,
    { exports: ['f'] },
  )
  assert.equal(program.functions[1]!.params.length, 3)
  assert.equal(answer(program, 'f', 10n), 12n)
})

test('locals above arguments of calls move down', () => {
  const program = raise(`
    f:
      addi sp, sp, -64
      sd ra, 56(sp)
      sd a0, 40(sp)
      sd a0, 0(sp)
      addi a0, sp, 40
      call g
      ld a1, 40(sp)
      add a0, a0, a1
      ld ra, 56(sp)
      addi sp, sp, 64
      ret
    g:
      ld a1, 0(sp)
      ld a0, 0(a0)
      add a0, a0, a1
      ret`)
  const f = program.functions[0]!
  assert.deepEqual([f.frameBytes, f.passes], [32, 8])
  assert.equal(answer(program, 'f', 5n), 15n)
})

test('a variadic function reads on from its frame to its arguments on the stack', () => {
  const program = raise(`
    f:
      addi sp, sp, -32
      sd ra, 24(sp)
      li a1, 30
      sd a1, 0(sp)
      li a1, 4
      sd a1, 8(sp)
      li a7, 1
      call sum
      ld ra, 24(sp)
      addi sp, sp, 32
      ret
    sum:
      addi sp, sp, -32
      sd ra, 8(sp)
      sd a7, 24(sp)
      addi a0, sp, 24
      call three
      ld ra, 8(sp)
      addi sp, sp, 32
      ret
    three:
      ld a1, 0(a0)
      ld a2, 8(a0)
      ld a3, 16(a0)
      add a0, a1, a2
      sub a0, a0, a3
      ret`)
  assert.equal(answer(program, 'f', 0n), 27n)
})

test('arguments beyond those that registers are for go on the stack, behind what is there', () => {
  const load = (register: string, value: number): string => `      li ${register}, ${value}`
  const program = raise(
    `
    f:
      addi sp, sp, -32
      sd ra, 24(sp)
      sd a0, 0(sp)
      sd s0, 16(sp)
${['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 't3', 't4'].map((name, i) => load(name, i + 1)).join('\n')}
      call g
      ld ra, 24(sp)
      ld s0, 16(sp)
      addi sp, sp, 32
      ret
    g:
      ld t0, 0(sp)
${['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'].map((name) => `      add a0, a0, ${name}`).join('\n')}
      sub a0, a0, t3
      mul a0, a0, t4
      add a0, a0, t0
      ret`,
    { exports: ['f'] },
  )
  const [f, g] = program.functions
  assert.deepEqual([f!.passes, g!.params.length, g!.stackArguments], [24, 8, 24])
  assert.equal(answer(program, 'f', 4n), 274n)
})

test('calls through registers pass what any function takes', () => {
  for (const places of [
    ['g', 'h'],
    ['h', 'g'],
  ]) {
    const program = raise(
      `
    f:
      lui t0, 0x20
      ld t0, ${places.indexOf('g') * 8}(t0)
      li a1, 7
      jr t0
    ${places[0]}:
${places[0] === 'g' ? '      mv a0, a1' : '      addi a0, a0, 1'}
      ret
    ${places[1]}:
${places[1] === 'g' ? '      mv a0, a1' : '      addi a0, a0, 1'}
      ret`,
      { tables: [{ address: 0x2_0000, size: 8, places }], exports: ['f'] },
    )
    assert.equal(answer(program, 'f', 50n), 7n)
  }
})

test('locals that are aligned to more than the stack are where they are aligned, and no callee has them', () => {
  const program = raise(
    `
    f:
      addi sp, sp, -160
      sd ra, 152(sp)
      sd s0, 144(sp)
      addi s0, sp, 160
      andi sp, sp, -64
      sd a0, 0(sp)
      sd a0, 56(sp)
      mv a0, sp
      call g
      ld a1, 56(sp)
      add a0, a0, a1
      addi sp, s0, -160
      ld s0, 144(sp)
      ld ra, 152(sp)
      addi sp, sp, 160
      ret
    g:
      addi sp, sp, -64
      sd zero, 0(sp)
      sd zero, 16(sp)
      sd zero, 48(sp)
      sd zero, 56(sp)
      ld a1, 0(a0)
      andi a0, a0, 63
      slli a0, a0, 20
      add a0, a0, a1
      addi sp, sp, 64
      ret`,
    { exports: ['f'] },
  )
  assert.equal(answer(program, 'f', 7n), 14n)
})

test('a call with arguments on the stack is refused where the stack is aligned', () => {
  refuses(
    'stackArguments',
    /has not made room/,
    `
    f:
      addi sp, sp, -160
      sd ra, 152(sp)
      sd s0, 144(sp)
      addi s0, sp, 160
      andi sp, sp, -64
      sd a0, 0(sp)
      call g
      addi sp, s0, -160
      ld s0, 144(sp)
      ld ra, 152(sp)
      addi sp, sp, 160
      ret
    g:
      ld a0, 0(sp)
      ret`,
    { exports: ['f'] },
  )
})
