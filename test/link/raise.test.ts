import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinkError } from '#vm/bits/errors'
import { raiseRiscv } from '#vm/link/raise'
import type { OptProgram } from '#vm/opt/ir'
import { printProgram } from '#vm/opt/print'
import { verifyOpt } from '#vm/opt/verify'
import { evaluate, type Outcome } from '../opt/evaluate.ts'
import { type CodeOptions, codeLayout, riscvCode } from './riscv-code.ts'

function raise(text: string, options: CodeOptions = {}): OptProgram {
  const program = raiseRiscv(riscvCode(text, options), { layout: codeLayout, stackSize: 0x1_0000 })
  verifyOpt(program)
  return program
}

function outcome(program: OptProgram, name: string, args: readonly bigint[]): Outcome {
  const memory = new Uint8Array(0x4_0000)
  memory.set(program.data, 0x2_0000)
  const { func } = program.exports.find((known) => known.name === name)!
  const host = (index: number, given: readonly bigint[]): bigint[] => [
    given.reduce((sum, arg) => sum * 10n + arg, BigInt(index)),
  ]
  return evaluate(program, func, args, { memory, stackHigh: 0x4_0000, host })
}

function answer(program: OptProgram, name: string, ...args: bigint[]): bigint {
  const result = outcome(program, name, args)
  assert.equal(result.kind, 'return')
  return result.kind === 'return' ? result.results[0]! : 0n
}

const refuses = (code: string, message: RegExp, text: string, options: CodeOptions = {}): void => {
  assert.throws(
    () => raise(text, options),
    (error) => error instanceof LinkError && error.code === code && message.test(error.message),
  )
}

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
    'calleeSaved',
    /another stack pointer/,
    `
    f:
      addi sp, sp, -16
      ret`,
  )
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
