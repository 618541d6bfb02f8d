import assert from 'node:assert/strict'
import { test } from 'node:test'
import { raise, refuses } from './raising.ts'

test('a register that is not what it was at the start is refused', () => {
  const text = (line: string): string => `
    f:
      addi sp, sp, -16
      sd s1, 8(sp)
      li s1, 4
      ${line}
      addi sp, sp, 16
      ret`
  assert.equal(raise(text('ld s1, 8(sp)')).functions[0]!.frameBytes, 0)
  refuses('calleeSaved', /^f\+0x14: .*x9.*-mno-save-restore/, text('ld s1, 0(sp)'))
  refuses('calleeSaved', /x9/, text('lw s1, 8(sp)'))
})

test('a register that is overwritten where it is kept is refused', () => {
  refuses(
    'calleeSaved',
    /x8/,
    `
    f:
      addi sp, sp, -16
      sd s0, 8(sp)
      li s0, 4
      sw a0, 12(sp)
      ld s0, 8(sp)
      addi sp, sp, 16
      ret`,
  )
})

test('what is kept of the caller and read in another way is refused', () => {
  refuses(
    'calleeSaved',
    /saved registers at 8 octets/,
    `
    f:
      addi sp, sp, -16
      sd s0, 8(sp)
      lw a0, 8(sp)
      ld s0, 8(sp)
      addi sp, sp, 16
      ret`,
  )
})

test('setjmp is refused', () => {
  refuses(
    'calleeSaved',
    /x1 of its caller.*setjmp/,
    `
    setjmp:
      sd ra, 0(a0)
      sd sp, 8(a0)
      li a0, 0
      ret`,
  )
})

test('another return address is refused', () => {
  refuses(
    'returnAddress',
    /returns to its caller/,
    `
    f:
      ld ra, 0(a0)
      ret`,
  )
})

test('a stack pointer that is not known is refused', () => {
  refuses(
    'stackPointer',
    /f\+0x0: .*alloca/,
    `
    f:
      sub sp, sp, a0
      ret`,
  )
  refuses(
    'stackPointer',
    /differs by the way/,
    `
    f:
      bne a0, zero, .on
      addi sp, sp, -16
    .on:
      ret`,
  )
  refuses(
    'stackPointer',
    /differs by the way/,
    `
    f:
      bne a0, zero, .on
      addi sp, sp, -15
      j .out
    .on:
      andi sp, sp, -16
    .out:
      ret`,
  )
  refuses(
    'stackPointer',
    /f\+0x4: .*alloca/,
    `
    f:
      andi sp, sp, -64
      addi sp, sp, -16
      ret`,
  )
  for (const way of ['addi sp, sp, -16', 'andi sp, sp, -16'])
    refuses('calleeSaved', /another stack pointer/, `f:\n ${way}\n ret`)
})

test('instructions that nothing knows are refused where they are reached', () => {
  refuses(
    'unknownInstruction',
    /f\+0x2: .*-march=rv64imac/,
    `
    f:
      .half 0x0001
      .half 0x2100
      ret`,
  )
})

test('calls that link through a register and come to too much code are refused', () => {
  const many = '      addi a0, a0, 1\n'.repeat(300)
  refuses(
    'linkRegister',
    /outliner=never/,
    `
    f:
      callt0 g
      ret
    g:
${many}      jr t0`,
    { exports: ['f'] },
  )
})

test('a jump into the middle of another function is refused', () => {
  refuses(
    'jumpOutside',
    /f\+0x0/,
    `
    f:
      j .inside
    g:
      li a0, 1
    .inside:
      ret`,
    { exports: ['f'] },
  )
})

test('a call at the end that reads arguments on the stack is refused', () => {
  refuses(
    'stackArguments',
    /f\+0x0: .*-fno-optimize-sibling-calls/,
    `
    f:
      tail g
    g:
      ld a0, 0(sp)
      ret`,
  )
})

test('a register that is kept on one way only and read behind both is refused', () => {
  const save = 'sd s0, 8(sp)'
  for (const [first, second] of [
    [save, 'sd a0, 0(sp)'],
    ['sd a0, 0(sp)', save],
  ])
    refuses(
      'calleeSaved',
      /x8/,
      `
    f:
      addi sp, sp, -16
      beq a0, zero, .other
      ${first}
      j .on
    .other:
      ${second}
    .on:
      li s0, 4
      ld s0, 8(sp)
      addi sp, sp, 16
      ret`,
    )
})

test('a call at the end without the return address is refused', () => {
  refuses(
    // the callee becomes part of it, and then its return is no return
    'returnAddress',
    /returns to its caller/,
    `
    f:
      addi sp, sp, -16
      sd ra, 8(sp)
      call g
      addi sp, sp, 16
      tail g
    g:
      ret`,
  )
})

test('saved registers that come back exchanged are refused', () => {
  refuses(
    'calleeSaved',
    /x8/,
    `
    f:
      addi sp, sp, -16
      sd s0, 8(sp)
      sd s1, 0(sp)
      ld s0, 0(sp)
      ld s1, 8(sp)
      addi sp, sp, 16
      ret`,
  )
})
