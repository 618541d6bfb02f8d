/** What seeding mistakes into the linker showed that no other test would find. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectInput } from 'alcatraz-vm/link'
import { newRiscvInsn, riscvDecoder } from 'alcatraz-vm/riscv'
import { InputError } from '#vm/bits/errors'
import { RiscvReloc } from '#vm/link/riscv-reloc'
import { func, link, objectOf, refused, ret, riscvGuests, text, words } from './riscv-linking.ts'

test('a store behind an auipc that an assembler has resolved gets its low part as stores have it', () => {
  const code = words(['auipc', { rd: 5 }], ['sd', { rs1: 5, rs2: 10, imm: 16 }], ret, ret, ret)
  const symbols = [func('f', 0, 12), func('g', 16, 4, { binding: 0 })]
  const { linked } = link([objectOf([text(code)], symbols)], { exports: ['f'] })
  const insn = newRiscvInsn()
  riscvDecoder('rv64', false).decode(linked.code, 4, insn)
  const g = linked.functions.find(({ name }) => name === 'g')!
  assert.deepEqual([g.start, insn.rs1, insn.rs2, insn.imm], [12, 5, 10, 12])
})

test('a function that calls itself is a call of it', () => {
  const code = words(['addi', { rd: 10 }], ['jal', { rd: 1, imm: -4 }], ret)
  const { linked } = link([objectOf([text(code)], [func('f', 0, 12)])])
  assert.deepEqual([...linked.calls], [[4, { kind: 'function', index: 0 }]])
})

test('members of an archive that define what is defined already are left out', () => {
  const files = ['plain-probe.o', 'plain-other.o'] as const
  const { linked } = link(riscvGuests(...files, 'lib.a'), { exports: ['run'] })
  assert.deepEqual(linked, link(riscvGuests(...files), { exports: ['run'] }).linked)
})

/** An executable that has kept its relocations, and its section headers of a type. */
function kept(type: number): { file: ObjectInput; view: DataView; tables: number[] } {
  const [file] = riscvGuests('kept.elf')
  const view = new DataView(file!.bytes.buffer)
  const headers = Number(view.getBigUint64(40, true))
  const all = Array.from({ length: view.getUint16(60, true) }, (_, i) => headers + 64 * i)
  const tables = all.filter((at) => view.getUint32(at + 4, true) === type)
  return { file: file!, view, tables }
}

test('a relocation before its section of an executable has no offset in it', () => {
  const { file, tables, view } = kept(4)
  view.setBigUint64(Number(view.getBigUint64(tables[0]! + 24, true)), 16n, true)
  assert.throws(
    () => link([file]),
    (error) =>
      error instanceof InputError && error.code === 'relocationPlace' && error.offset === undefined,
  )
})

test('a symbol at an odd address before its section of an executable is no function', () => {
  const { file, tables, view } = kept(2)
  const { linked } = link([file], { exports: ['run'] })
  // a function that nothing calls
  const dead = Number(view.getBigUint64(tables[0]! + 24, true)) + 24 * 47
  assert.equal(view.getUint8(dead + 4) & 15, 2)
  view.setBigUint64(dead + 8, 1n, true)
  assert.deepEqual(link([file], { exports: ['run'] }).linked.functions, linked.functions)
})

test('a branch reaches 4094 octets ahead, and no more', () => {
  const branch = (addend: bigint): ObjectInput => {
    const code = new Uint8Array(8192)
    code.set(words(['beq']))
    for (let at = 4; at < code.length; at += 4) code.set(words(ret), at)
    const relocations = [{ offset: 0, type: RiscvReloc.branch, symbol: 'f', addend }]
    return objectOf([text(code, relocations)], [func('f', 0, 8192)])
  }
  const insn = newRiscvInsn()
  const { code } = link([branch(4092n)]).linked
  riscvDecoder('rv64', false).decode(code, 0, insn)
  assert.equal(insn.imm, 4092)
  refused([branch(4096n)], 'relocationOverflow', 'too far')
})

test('values that lui or a word of 32 bits do not hold are refused, the largest that they do are not', () => {
  const absolute = (type: number, value: bigint): ObjectInput =>
    objectOf(
      [text(words(['lui', { rd: 10 }], ret), [{ offset: 0, type, symbol: 'value' }])],
      [func('f', 0, 8), { name: 'value', section: 0xfff1, value }],
    )
  link([absolute(RiscvReloc.hi20, 0x7fff_f7ffn)])
  refused([absolute(RiscvReloc.hi20, 0x7fff_f800n)], 'relocationOverflow', '32 bits')
  link([absolute(RiscvReloc.abs32, 0xffff_ffffn)])
  refused([absolute(RiscvReloc.abs32, 0x1_0000_0000n)], 'relocationOverflow', '32 bits')
})
