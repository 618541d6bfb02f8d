import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { avmLayout, linkRiscvProgram } from 'alcatraz-vm/link'
import { loadRiscv } from 'alcatraz-vm/riscv'
import fc from 'fast-check'
import { InputError } from '#vm/bits/errors'
import { RiscvReloc, riscvRelocName } from '#vm/link/riscv-reloc'
import { alloc, write } from './elf-writer.ts'
import {
  callPair,
  func,
  link,
  objectOf,
  refused,
  ret,
  riscvFolder,
  riscvGuests,
  text,
  words,
} from './riscv-linking.ts'

const f = func('f', 0, 8)
const R = RiscvReloc

test('names: missing, twice, unknown, thread-local', () => {
  const one = (): ReturnType<typeof objectOf> => objectOf([text(words(ret))], [func('f')])
  refused([one(), one()], 'duplicateSymbol', 'f is also defined in a.o')
  refused([one()], 'missingExport', 'no global function g', { exports: ['g'] })
  refused([], 'noObjects')
  refused([objectOf([text(words(ret))], [func('f', 0, 0, { binding: 0 })])], 'noExports')
  refused(
    [objectOf([text(words(ret))], [func('f'), { name: 't', section: '.text', type: 6 }])],
    'threadLocal',
  )
  const calls = objectOf(
    [text(words(...callPair, ret), [{ offset: 0, type: R.call, symbol: 'g' }])],
    [f, { name: 'g' }],
  )
  refused([calls], 'undefinedSymbol', 'g is neither defined nor a host call', { hostCalls: ['h'] })
  assert.deepEqual(link([calls]).linked.imports, ['g'])
  const addressed = objectOf(
    [text(words(['lui', { rd: 10 }], ret), [{ offset: 0, type: R.hi20, symbol: 'g' }])],
    [f, { name: 'g' }],
  )
  refused([addressed], 'undefinedSymbol', 'R_RISCV_HI20 of g')
  assert.deepEqual(link([addressed], { hostCalls: ['g'] }).linked.imports, ['g'])
})

test('sections that no program can have', () => {
  const extra = (
    name: string,
    flags: number,
    type = 1,
    size = 8,
  ): Parameters<typeof refused>[0] => [
    objectOf([text(words(ret)), { name, flags, type, bytes: new Uint8Array(size) }], [f]),
  ]
  refused(extra('.init_array', alloc | write, 14), 'constructors')
  refused(extra('.ctors', alloc | write), 'constructors')
  refused(extra('.tdata', alloc | write | 0x400), 'threadLocal')
  refused(extra('.rodata', alloc | 0x800), 'compressed')
  refused(extra('.text.odd', alloc | 4, 1, 3), 'codeSize')
  const bpf = [{ name: 'b.o', bytes: riscvGuests('plain-probe.o')[0]!.bytes.slice() }]
  bpf[0]!.bytes[18] = 247
  refused(bpf, 'notRiscv', 'b.o')
})

test('every relocation that has no meaning here is refused with its name, section, offset, and what avoids it', () => {
  const known = new Set<number>(Object.values(RiscvReloc))
  const code = words(['lui', { rd: 10 }], ret)
  for (let type = 0; type < 256; type++) {
    if (known.has(type) && type !== R.relative) continue
    const input = [objectOf([text(code, [{ offset: 4, type, symbol: 'f' }])], [f])]
    refused(input, 'relocationType', riscvRelocName(type))
    refused(input, 'relocationType', 'a.o(.text)')
    refused(input, 'relocationType', '(at offset 4)')
  }
})

test('relocations of what is no such instruction, or where nothing is', () => {
  const code = (relocation: {
    offset: number
    type: number
    symbol?: string
    addend?: bigint
  }): Parameters<typeof refused>[0] => [
    objectOf(
      [
        text(words(['addi', { rd: 10, imm: 1 }], ['addi', { rd: 10, imm: 1 }], ret), [
          { symbol: 'f', ...relocation },
        ]),
        { name: '.data', flags: alloc | write, bytes: new Uint8Array(4) },
      ],
      [func('f', 0, 12), { name: 'd', section: '.data', type: 1, size: 4n }],
    ),
  ]
  for (const type of [
    R.call,
    R.callPlt,
    R.jal,
    R.branch,
    R.rvcBranch,
    R.rvcJump,
    R.pcrelHi20,
    R.gotHi20,
    R.hi20,
  ])
    refused(code({ offset: 0, type }), 'relocationPlace', '--no-relax')
  refused(code({ offset: 8, type: R.call }), 'relocationPlace', 'ends after')
  refused(code({ offset: 12, type: R.hi20 }), 'relocationPlace', 'outside')
  refused(code({ offset: 0, type: R.pcrelLo12I }), 'relocationPair')
  refused(code({ offset: 0, type: R.jal, addend: 3n }), 'codeAddress')
  refused(code({ offset: 0, type: R.jal, addend: 400n }), 'codeAddress')
  refused(code({ offset: 0, type: R.abs64, addend: 1n << 50n }), 'relocationPlace')
  const far = objectOf(
    [
      text(words(['beq', {}], ret), [{ offset: 0, type: R.branch, symbol: 'g', addend: 8000n }]),
      text(new Uint8Array(8192), [], '.text.g'),
    ],
    [f, { name: 'g', section: '.text.g', type: 2, size: 8192n }],
  )
  refused([far], 'relocationOverflow', 'too far')
  const unrelated = words(['auipc', { rd: 1 }], ['jalr', { rd: 1, rs1: 2 }])
  refused(
    [objectOf([text(unrelated, [{ offset: 0, type: R.call, symbol: 'f' }])], [f])],
    'relocationPlace',
    'another register',
  )
})

test('an instruction that leaves its section without a relocation is refused', () => {
  refused([objectOf([text(words(['jal', { imm: 64 }]))], [func('f')])], 'jumpOutside', '-mrelax')
  refused([objectOf([text(words(['auipc', { rd: 5 }], ret))], [func('f')])], 'jumpOutside')
})

test('words of every size add, subtract and set', () => {
  const at = (offset: number, type: number, symbol: string, addend = 0n) => ({
    offset,
    type,
    symbol,
    addend,
  })
  const relocations = [
    ...[at(0, R.add64, 'b'), at(0, R.sub64, 'a'), at(8, R.add32, 'b'), at(8, R.sub32, 'a')],
    ...[at(12, R.add16, 'b'), at(12, R.sub16, 'a'), at(14, R.add8, 'b'), at(14, R.sub8, 'a')],
    ...[at(15, R.set6, 'six', 44n), at(15, R.sub6, 'six', 2n), at(16, R.set8, 'six', 7n)],
    ...[at(18, R.set16, 'six', 0x1234n), at(20, R.set32, 'six', -2n), at(24, R.pcrel32, 'a')],
    ...[at(28, R.setUleb128, 'b'), at(28, R.subUleb128, 'a')],
  ]
  const bytes = new Uint8Array(64)
  bytes.set([0xff], 15)
  bytes.set([0x80, 0x80, 0x80, 0x80, 0x00], 28)
  const object = objectOf(
    [
      text(words(ret), [at(0, R.none, 'a')]),
      { name: '.data', flags: alloc | write, bytes, relocations },
    ],
    [
      func('f', 0, 4),
      { name: 'a', section: '.data', value: 4n },
      { name: 'b', section: '.data', value: 60n },
      { name: 'six', section: 0xfff1, value: 0n },
    ],
  )
  const { linked } = link([object], { keepAll: true })
  const view = new DataView(linked.data.bytes.buffer)
  assert.deepEqual(
    [
      view.getBigUint64(0, true),
      view.getUint32(8, true),
      view.getUint16(12, true),
      view.getUint8(14),
    ],
    [56n, 56, 56, 56],
  )
  assert.deepEqual(
    [view.getUint8(15), view.getUint8(16), view.getUint16(18, true), view.getInt32(20, true)],
    [0xc0 | 42, 7, 0x1234, -2],
  )
  assert.equal(view.getInt32(24, true), 4 - 24)
  assert.deepEqual([...linked.data.bytes.subarray(28, 33)], [0x80 | 56, 0x80, 0x80, 0x80, 0])
})

test('a function that control runs out of keeps the next one behind it', () => {
  const nop = ['addi', {}] as const
  const runs = words(nop, nop, ret)
  const symbols = [
    func('f', 0, 4),
    func('g', 4, 4, { binding: 0 }),
    func('h', 8, 4, { binding: 0 }),
  ]
  const { linked } = link([objectOf([text(runs)], symbols)], { exports: ['f'] })
  assert.deepEqual(
    linked.functions.map(({ end, name, start }) => [name, start, end]),
    [
      ['f', 0, 4],
      ['g', 4, 8],
      ['h', 8, 12],
    ],
  )
  const calls = words(['jal', { rd: 1, imm: 8 }], ret, ret)
  const short = link([objectOf([text(calls)], symbols)], { exports: ['f'] }).linked
  assert.deepEqual(
    short.functions.map(({ name }) => name),
    ['f', 'h'],
  )
  assert.deepEqual([...short.calls], [[0, { kind: 'function', index: 1 }]])
})

test('law: mutated files give a typed error or linked code', () => {
  const names = readdirSync(new URL('objects/', riscvFolder))
  const samples = riscvGuests(...names)
  const mutation = fc.record({
    sample: fc.nat(samples.length - 1),
    edits: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    part: fc.constantFrom(1, 0.6, 0.25),
  })
  let linked = 0
  const codes = new Set<string>()
  fc.assert(
    fc.property(mutation, ({ edits, part, sample }) => {
      const { bytes: original, name } = samples[sample]!
      const bytes = original.slice()
      const span = Math.ceil(bytes.length * part)
      for (const [at, value] of edits) bytes[bytes.length - span + (at % span)] = value
      for (const run of [
        () => link([{ name, bytes }], { layout: avmLayout(0x10000), keepAll: true }),
        () => linkRiscvProgram([{ name, bytes }]),
        () => loadRiscv(bytes),
      ])
        try {
          run()
          linked++
        } catch (error) {
          assert.ok(error instanceof InputError, `${String(error)}\n${(error as Error).stack}`)
          codes.add(error.code)
        }
    }),
    { numRuns: 2000 },
  )
  assert.ok(linked > 200, `${linked} mutants linked`)
  assert.ok(codes.size > 15, `only ${[...codes].join(' ')}`)
})
