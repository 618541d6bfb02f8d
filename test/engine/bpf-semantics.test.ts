/**
 * What RFC 9669 says where implementations went wrong, by example: each expected value is written
 * down from the text of the RFC, not computed. Numbers of sections are the RFC's.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { forEachEngine } from '../engines.ts'

/** Name, the program without its `exit`, and r0 when it halts. */
type Case = readonly [what: string, source: string, r0: bigint]

const x = '0x1122334455667788'
const low = '0xffffffff80000001'

const division: readonly Case[] = [
  // 4.1: by zero, the destination becomes 0
  ['div by zero is 0', `lddw r0, ${x}\nmov r1, 0\ndiv r0, r1`, 0n],
  ['div32 by zero is 0 in all 64 bits', `lddw r0, ${x}\nmov r1, 0\ndiv32 r0, r1`, 0n],
  [
    'div32 looks at the low half of the divisor',
    `mov r0, 5\nlddw r1, ${1n << 32n}\ndiv32 r0, r1`,
    0n,
  ],
  ['sdiv by zero is 0', 'mov r0, -5\nmov r1, 0\nsdiv r0, r1', 0n],
  ['sdiv32 by zero is 0 in all 64 bits', 'mov r0, -5\nmov r1, 0\nsdiv32 r0, r1', 0n],
  ['div by an immediate 0 is 0', 'mov r0, 5\ndiv r0, 0', 0n],
  // 4.1: modulo zero, ALU64 keeps the destination, ALU keeps the low half and zeroes the high one
  ['mod by zero keeps all', `lddw r0, ${x}\nmov r1, 0\nmod r0, r1`, 0x1122334455667788n],
  ['mod32 by zero keeps the low half', `lddw r0, ${x}\nmov r1, 0\nmod32 r0, r1`, 0x55667788n],
  ['mod32 by an immediate 0', `lddw r0, ${x}\nmod32 r0, 0`, 0x55667788n],
  ['smod by zero keeps all', `lddw r0, ${low}\nmov r1, 0\nsmod r0, r1`, 0xffffffff80000001n],
  ['smod32 by zero keeps the low half', `lddw r0, ${low}\nmov r1, 0\nsmod32 r0, r1`, 0x80000001n],
  // 4.1: the immediate is sign-extended first, then read as unsigned
  ['div by -1 in 64 bits', 'mov r0, -1\ndiv r0, -1', 1n],
  ['div by -1 of one less', 'mov r0, -2\ndiv r0, -1', 0n],
  ['div by the lowest immediate', 'mov r0, -1\ndiv r0, -0x80000000', 1n],
  ['mod by -3 in 64 bits', 'mov r0, -1\nmod r0, -3', 2n],
  ['div32 by -1 is by 2^32 - 1', `lddw r0, 0x5ffffffff\ndiv32 r0, -1`, 1n],
  ['mod32 by -3 is by 2^32 - 3', 'mov r0, -1\nmod32 r0, -3', 2n],
  // 4.1: signed division truncates; the remainder has the sign of the dividend
  ['sdiv truncates', 'mov r0, -13\nsdiv r0, 3', 0xfffffffffffffffcn],
  ['smod has the sign of the dividend', 'mov r0, -13\nsmod r0, 3', 0xffffffffffffffffn],
  ['smod by a negative divisor', 'mov r0, 13\nsmod r0, -3', 1n],
  [
    'sdiv32 reads low halves as signed',
    `lddw r0, 0x1fffffff3\nmov r1, 3\nsdiv32 r0, r1`,
    0xfffffffcn,
  ],
  ['smod32 zero-extends', 'mov r0, -13\nsmod32 r0, 3', 0xffffffffn],
  ['the lowest number sdiv -1', 'lddw r0, 0x8000000000000000\nsdiv r0, -1', 1n << 63n],
  ['the lowest number smod -1', 'lddw r0, 0x8000000000000000\nsmod r0, -1', 0n],
  ['the lowest number sdiv32 -1', 'lddw r0, 0x180000000\nsdiv32 r0, -1', 0x80000000n],
  ['the lowest number smod32 -1', 'lddw r0, 0x180000000\nsmod32 r0, -1', 0n],
]

const arithmetic: readonly Case[] = [
  // 4.1: shift amounts are masked to 6 or 5 bits
  ['lsh by 64', `lddw r0, ${x}\nmov r1, 64\nlsh r0, r1`, 0x1122334455667788n],
  ['lsh by a register over its width', `mov r0, 1\nlddw r1, 0x100000041\nlsh r0, r1`, 2n],
  ['lsh32 by 32 zero-extends', `lddw r0, ${x}\nmov r1, 32\nlsh32 r0, r1`, 0x55667788n],
  ['rsh32 does not see the high half', `lddw r0, ${x}\nrsh32 r0, 4`, 0x05566778n],
  ['arsh32 has the sign of the low half', 'mov32 r0, -0x80000000\narsh32 r0, 4', 0xf8000000n],
  ['arsh32 by 33', 'mov r0, -8\nmov r1, 33\narsh32 r0, r1', 0xfffffffcn],
  ['arsh by an immediate of -1', 'lddw r0, 0x8000000000000000\narsh r0, -1', 0xffffffffffffffffn],
  // 4.1: 32-bit results are zero-extended
  ['mov32 of a negative immediate', 'mov32 r0, -1', 0xffffffffn],
  ['mov of a negative immediate', 'mov r0, -2', 0xfffffffffffffffen],
  ['mov32 to itself', `lddw r0, ${x}\nmov32 r0, r0`, 0x55667788n],
  ['or32 of nothing', `lddw r0, ${x}\nor32 r0, 0`, 0x55667788n],
  ['and by a negative immediate', 'mov r0, -1\nand r0, -0x80000000', 0xffffffff80000000n],
  ['add32 overflows into nothing', 'mov32 r0, -1\nadd32 r0, 1', 0n],
  ['neg32 of 1', 'mov r0, 1\nneg32 r0', 0xffffffffn],
  ['neg of the lowest number', 'lddw r0, 0x8000000000000000\nneg r0', 1n << 63n],
  ['mul32 keeps the low half', 'mov r0, -1\nmov r1, -1\nmul32 r0, r1', 1n],
  // 4.1: movsx
  ['movsx from 8 to 64', 'mov r1, 0x180\nmovsx864 r0, r1', 0xffffffffffffff80n],
  ['movsx from 8 to 32 zero-extends', 'mov r1, 0x180\nmovsx832 r0, r1', 0xffffff80n],
  ['movsx from 16 to 32 zero-extends', 'mov r1, 0x18000\nmovsx1632 r0, r1', 0xffff8000n],
  ['movsx from 16 to 64', 'mov r1, 0x17fff\nmovsx1664 r0, r1', 0x7fffn],
  ['movsx from 32 to 64', 'lddw r1, 0x180000000\nmovsx3264 r0, r1', 0xffffffff80000000n],
  // 4.2: conversion to little-endian truncates; rows of 64 bits do not, whatever their class
  ['le16 truncates', `lddw r0, ${x}\nle16 r0`, 0x7788n],
  ['le32 truncates', `lddw r0, ${x}\nle32 r0`, 0x55667788n],
  ['le64 keeps all', `lddw r0, ${x}\nle64 r0`, 0x1122334455667788n],
  ['be16', `lddw r0, ${x}\nbe16 r0`, 0x8877n],
  ['be32', `lddw r0, ${x}\nbe32 r0`, 0x88776655n],
  ['be64 is a 64-bit result', `lddw r0, ${x}\nbe64 r0`, 0x8877665544332211n],
  ['swap16', `lddw r0, ${x}\nswap16 r0`, 0x8877n],
  ['swap32', `lddw r0, ${x}\nswap32 r0`, 0x88776655n],
  ['swap64', `lddw r0, ${x}\nswap64 r0`, 0x8877665544332211n],
  ['lddw takes both halves as they are', 'lddw r0, 0x80000000ffffffff', 0x80000000ffffffffn],
]

/** 4.3: r0 = 1 when the branch is taken, else 0. */
const branch = (what: string, before: string, condition: string, taken: boolean): Case => [
  `${condition}: ${what}`,
  `${before}\nmov r0, 1\n${condition}, +1\nmov r0, 0`,
  taken ? 1n : 0n,
]
const branches: readonly Case[] = [
  branch('the immediate is sign-extended', 'mov32 r1, -1', 'jeq r1, -1', false),
  branch('in 32 bits it is not wider', 'mov32 r1, -1', 'jeq32 r1, -1', true),
  branch('high halves do not count', 'lddw r1, 0x500000007', 'jeq32 r1, 7', true),
  branch('nothing is above all ones', 'mov r1, -1', 'jgt r1, -1', false),
  branch('unsigned against a negative immediate', 'mov32 r1, -1', 'jlt r1, -1', true),
  branch('signed against a negative immediate', 'mov32 r1, -1', 'jsgt r1, -1', true),
  branch('the sign is that of the low half', 'lddw r1, 0x80000000', 'jslt32 r1, 0', true),
  branch('in 64 bits it is positive', 'lddw r1, 0x80000000', 'jslt r1, 0', false),
  branch('the high half alone is negative', 'lddw r1, 0x8000000000000001', 'jsgt32 r1, 0', true),
  branch('jset extends its immediate', 'lddw r1, 0x8000000000000000', 'jset r1, -1', true),
  branch('jset32 does not', 'lddw r1, 0x8000000000000000', 'jset32 r1, -1', false),
  branch('jset32 of the top bit', 'lddw r1, 0x180000000', 'jset32 r1, -0x80000000', true),
  branch('equal is not less', 'mov r1, 4\nmov r2, 4', 'jslt r1, r2', false),
  branch('equal is at most', 'mov r1, 4\nmov r2, 4', 'jle r1, r2', true),
  ['ja32 goes by its immediate', 'mov r0, 1\nja32 +1\nmov r0, 2', 1n],
  ['jumps go backwards', 'mov r0, 0\nadd r0, 1\njlt r0, 5, -2', 5n],
]

const store = `lddw r1, ${x}\nstxdw [r10-8], r1\n`
const memory: readonly Case[] = [
  // 5.1, 5.2: loads zero-extend, MEMSX sign-extends; immediates of stores are sign-extended
  ['ldxw zero-extends', 'stdw [r10-8], -1\nldxw r0, [r10-8]', 0xffffffffn],
  ['ldxh zero-extends', 'stdw [r10-8], -1\nldxh r0, [r10-8]', 0xffffn],
  ['ldxb zero-extends', 'stdw [r10-8], -1\nldxb r0, [r10-8]', 0xffn],
  ['ldxsw sign-extends', 'stdw [r10-8], -2\nldxsw r0, [r10-8]', 0xfffffffffffffffen],
  ['ldxsh sign-extends', 'stdw [r10-8], 0x8000\nldxsh r0, [r10-8]', 0xffffffffffff8000n],
  ['ldxsb sign-extends', 'stdw [r10-8], 0x180\nldxsb r0, [r10-8]', 0xffffffffffffff80n],
  ['stdw stores 64 bits', 'stdw [r10-8], -2\nldxdw r0, [r10-8]', 0xfffffffffffffffen],
  ['stw stores 32 bits', `${store}stw [r10-8], -1\nldxdw r0, [r10-8]`, 0x11223344ffffffffn],
  ['stb stores 8 bits', `${store}stb [r10-7], 0x1ab\nldxdw r0, [r10-8]`, 0x112233445566ab88n],
  ['octets are little-endian', `${store}ldxb r0, [r10-8]`, 0x88n],
  ['load_acquire8 zero-extends', `${store}load_acquire8 r0, [r10-8]`, 0x88n],
  ['load_acquire32 zero-extends', 'stdw [r10-8], -1\nload_acquire32 r0, [r10-8]', 0xffffffffn],
  [
    'store_release16',
    `${store}mov r2, -1\nstore_release16 [r10-8], r2\nldxdw r0, [r10-8]`,
    0x112233445566ffffn,
  ],
  // 5.3
  [
    'add32 in memory keeps its neighbours',
    `${store}mov r2, -1\nlock add32 [r10-8], r2\nldxdw r0, [r10-8]`,
    0x1122334455667787n,
  ],
  ['add without fetch keeps the source', `${store}mov r0, 3\nlock add [r10-8], r0`, 3n],
  [
    'fetch add32 zero-extends the old value',
    'stdw [r10-8], -1\nmov r0, -1\nlock fetch add32 [r10-8], r0',
    0xffffffffn,
  ],
  [
    'fetch xor leaves the new value in memory',
    `${store}mov r2, -1\nlock fetch xor [r10-8], r2\nldxdw r0, [r10-8]`,
    0xeeddccbbaa998877n,
  ],
  [
    'fetch add on its own address',
    'mov r1, r10\nadd r1, -8\nstdw [r10-8], 5\nlock fetch add [r1], r1\nmov r0, r1',
    5n,
  ],
  [
    'xchg32 zero-extends the old value',
    'stdw [r10-8], -1\nmov r0, 0\nlock xchg32 [r10-8], r0',
    0xffffffffn,
  ],
  [
    'xchg32 keeps the other half',
    'stdw [r10-8], -1\nmov r2, 0\nlock xchg32 [r10-8], r2\nldxdw r0, [r10-8]',
    0xffffffff00000000n,
  ],
  [
    'cmpxchg32 compares the low half of r0',
    `${store}lddw r0, 0xdead000055667788\nmov r2, 9\nlock cmpxchg32 [r10-8], r2\nldxdw r0, [r10-8]`,
    0x1122334400000009n,
  ],
  [
    'cmpxchg32 leaves the old value zero-extended',
    `${store}lddw r0, 0xdead000055667788\nmov r2, 9\nlock cmpxchg32 [r10-8], r2`,
    0x55667788n,
  ],
  [
    'cmpxchg32 that fails also loads r0',
    `${store}lddw r0, 0xdead000000000001\nmov r2, 9\nlock cmpxchg32 [r10-8], r2`,
    0x55667788n,
  ],
  [
    'cmpxchg that fails changes nothing',
    `${store}mov r0, 1\nmov r2, 9\nlock cmpxchg [r10-8], r2\nldxdw r0, [r10-8]`,
    0x1122334455667788n,
  ],
  ['cmpxchg of r0 itself', `${store}lddw r0, ${x}\nlock cmpxchg [r10-8], r0`, 0x1122334455667788n],
]

forEachEngine((engine) => {
  for (const [what, source, r0] of [...division, ...arithmetic, ...branches, ...memory])
    test(what, () => {
      const { code } = assembleBpf(`${source}\nexit`)
      const machine = engine.instantiate(bpfProgramOf(code), { gas: 1000n })
      assert.equal(machine.run().kind, 'halt')
      assert.equal(machine.registers.get(0), r0)
      machine.dispose()
    })
})
