import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeContainer, identityBytes } from '#vm/image/container'
import { layoutOf } from '#vm/image/contract'
import { disassembleBpf } from '#vm/isa/bpf/disasm'
import { linkBpf } from '#vm/link/bpf'
import { alloc, buildElf, slots, type TestSection, type TestSymbol, write } from './elf-writer.ts'
import { guest } from './guests.ts'
import {
  exit,
  externCall,
  func,
  hex,
  lddw,
  linked,
  refused,
  text,
  wordAt,
  zeroSlot,
} from './linking.ts'

test('an undefined function becomes a host call: source 0, index of its sorted name', () => {
  const { program } = linked(
    [
      text(externCall + externCall + exit, {
        relocations: [
          { offset: 0, type: 10, symbol: 'zeta' },
          { offset: 8, type: 10, symbol: 'alpha' },
        ],
      }),
    ],
    [func('f'), { name: 'zeta' }, { name: 'alpha' }, { name: 'unused' }],
  )
  assert.deepEqual(program.imports, ['alpha', 'zeta'])
  assert.equal(hex(program.code), `85000000010000008500000000000000${exit}`)
})

test('old clang: relocation 2 at a call is a call, 1 in data is an address', () => {
  const { program } = linked(
    [
      text(externCall + exit, { relocations: [{ offset: 0, type: 2, symbol: 'host' }] }),
      {
        name: '.data',
        flags: alloc | write,
        bytes: slots('0800000000000000'),
        relocations: [{ offset: 0, type: 1, symbol: '.data' }],
      },
    ],
    [func('f'), { name: 'host' }, { name: '.data', section: '.data', binding: 0, type: 3 }],
  )
  assert.deepEqual(program.imports, ['host'])
  assert.equal(wordAt(program.data, 0), 0x20008n)
})

test('addends: in place for REL, in the entry for RELA', () => {
  const data: TestSection = { name: '.data', flags: alloc | write, bytes: new Uint8Array(64) }
  const symbols: TestSymbol[] = [func('f'), { name: 'd', section: '.data', value: 8n, type: 1 }]
  const rel = linked(
    [
      text(`1801000010000000${zeroSlot}${exit}`, {
        relocations: [{ offset: 0, type: 1, symbol: 'd' }],
      }),
      data,
    ],
    symbols,
  )
  assert.equal(hex(rel.program.code).slice(0, 16), '1801000018000200')
  const rela = linked(
    [text(lddw + exit, { relocations: [{ offset: 0, type: 1, symbol: 'd', addend: -4n }] }), data],
    symbols,
  )
  assert.equal(hex(rela.program.code).slice(0, 16), '1801000004000200')
})

test('ABS32 holds data addresses, and code addresses do not fit', () => {
  const at = (symbol: string): TestSection => ({
    name: '.data',
    flags: alloc | write,
    bytes: slots(zeroSlot),
    relocations: [{ offset: 4, type: 3, symbol }],
  })
  const symbols: TestSymbol[] = [func('f'), { name: 'd', section: '.data', value: 4n, type: 1 }]
  const { program } = linked([text(exit), at('d')], symbols)
  assert.equal(hex(program.data), '0000000004000200')
  refused([text(exit), at('f')], symbols, 'relocationOverflow', 'a.o(.data)')
})

test('code addresses are values over 32 bits, and recorded as taken', () => {
  const sections = (addend: string): TestSection[] => [
    text(lddw + exit + exit, { relocations: [{ offset: 0, type: 1, symbol: 'g' }] }),
    {
      name: '.rodata',
      flags: alloc,
      bytes: slots(addend),
      relocations: [{ offset: 0, type: 2, symbol: 'f' }],
    },
  ]
  const symbols = [func('f', '.text', 0n, 24n), func('g', '.text', 24n, 8n)]
  const { program } = linked(sections('1000000000000000'), symbols)
  assert.equal(hex(program.code).slice(0, 32), '18010000180000000000000001000000')
  assert.equal(wordAt(program.readOnly, 0), 0x1_0000_0010n)
  assert.deepEqual(program.addressTaken, [2, 3])
  refused(sections('0800000000000000'), symbols, 'codeAddress', 'second half of a lddw')
  refused(sections('0400000000000000'), symbols, 'codeAddress', 'a.o(.rodata)')
  refused(sections('2000000000000000'), symbols, 'codeAddress', 'a.o(.rodata)')
  refused(sections('f8ffffffffffffff'), symbols, 'codeAddress', 'a.o(.rodata)')
})

test('calls reach other sections and objects by symbol or by section and addend', () => {
  const one = buildElf(
    [
      text(`8510000000000000${externCall}${exit}`, {
        relocations: [
          { offset: 0, type: 10, symbol: 'other' },
          { offset: 8, type: 10, symbol: 'far' },
        ],
      }),
      text(exit + exit, { name: 'other' }),
    ],
    [func('f'), { name: 'other', section: 'other', type: 3, binding: 0 }, { name: 'far' }],
  )
  const two = buildElf([text(exit + exit)], [func('far', '.text', 8n)])
  const { container, report } = linkBpf([
    { name: 'one.o', bytes: one },
    { name: 'two.o', bytes: two },
  ])
  const program = decodeContainer(container)
  // slots: f 0..2, other 3..4, two.o 5..6; the section call's immediate 0 is the callee's slot 1.
  assert.equal(hex(program.code.subarray(0, 16)), '85100000030000008510000004000000')
  assert.deepEqual(report.imports, [])
  assert.deepEqual(
    program.functions.map(({ pc }) => pc),
    [0, 4, 6],
  )
})

test('jump tables count from the section that uses them, in each object anew', () => {
  const table = (entries: string): TestSection => ({
    name: '.jumptables',
    bytes: slots(entries),
    align: 1,
  })
  const code = (name: string): TestSection =>
    text(`${lddw}${exit}${exit}`, {
      name,
      relocations: [{ offset: 0, type: 1, symbol: 'BPF.JT.0.0' }],
    })
  const symbols = (section: string, name: string): TestSymbol[] => [
    func(name, section, 0n, 32n),
    { name: 'BPF.JT.0.0', section: '.jumptables', size: 16n, type: 1 },
  ]
  const entries = '10000000000000001800000000000000'
  const { container } = linkBpf([
    { name: 'a.o', bytes: buildElf([code('.text'), table(entries)], symbols('.text', 'f')) },
    { name: 'b.o', bytes: buildElf([code('text2'), table(entries)], symbols('text2', 'g')) },
  ])
  const program = decodeContainer(container)
  assert.deepEqual(program.addressTaken, [2, 3, 6, 7])
  const read = [0, 8, 16, 24].map((at) => wordAt(program.readOnly, at) - 0x1_0000_0000n)
  assert.deepEqual(read, [16n, 24n, 48n, 56n])
  assert.deepEqual(
    program.functions.map(({ pc }) => pc),
    [0, 4],
    'labels inside a function are no functions',
  )
  refused([code('.text'), table('2000000000000000' + zeroSlot)], symbols('.text', 'f'), 'jumpTable')
  refused([code('.text'), table('0400000000000000' + zeroSlot)], symbols('.text', 'f'), 'jumpTable')
})

test('weak: replaced by strong, null when absent, and a call of what is absent traps', () => {
  const user = text(`${lddw}${externCall}${externCall}${exit}`, {
    relocations: [
      { offset: 0, type: 1, symbol: 'absent' },
      { offset: 16, type: 10, symbol: 'absent' },
      { offset: 24, type: 10, symbol: 'both' },
    ],
  })
  const symbols: TestSymbol[] = [
    func('f', '.text', 0n, 40n),
    { name: 'absent', binding: 2 },
    { ...func('both', '.text', 32n), binding: 2 },
  ]
  const strong = buildElf([text(exit)], [func('both')])
  const { container, report } = linkBpf([
    { name: 'a.o', bytes: buildElf([user], symbols) },
    { name: 'b.o', bytes: strong },
  ])
  const program = decodeContainer(container)
  assert.equal(hex(program.code.subarray(0, 32)), `${lddw}${zeroSlot}8510000001000000`)
  assert.deepEqual(report.traps, ['absent'])
  assert.deepEqual(program.imports, [])
})

test('abort and __bpf_trap trap', () => {
  for (const [name, binding] of [
    ['abort', 1],
    ['__bpf_trap', 2],
  ] as const) {
    const call = text(externCall + exit, { relocations: [{ offset: 0, type: 10, symbol: name }] })
    const { program } = linked([call], [func('f'), { name, binding }])
    assert.equal(hex(program.code), zeroSlot + exit)
  }
})

test('common symbols take the largest size and alignment, and go to bss', () => {
  const common = (size: bigint, align: bigint): TestSymbol => ({
    name: 'c',
    section: 0xfff2,
    value: align,
    size,
    type: 1,
  })
  // Data of four bytes before it: without its alignment, bss would not be aligned by chance.
  const use = text(lddw + lddw + exit, {
    relocations: [
      { offset: 0, type: 1, symbol: 'c' },
      { offset: 16, type: 1, symbol: 'd' },
    ],
  })
  const data: TestSection = {
    name: '.data',
    flags: alloc | write,
    bytes: new Uint8Array(4),
    align: 4,
  }
  const d: TestSymbol = { name: 'd', section: '.data', type: 1 }
  const { container } = linkBpf([
    { name: 'a.o', bytes: buildElf([use, data], [func('f'), common(8n, 8n), d]) },
    { name: 'b.o', bytes: buildElf([text(exit)], [func('g'), common(100n, 64n)]) },
    { name: 'c.o', bytes: buildElf([text(exit)], [func('h'), common(4n, 4n)]) },
  ])
  const program = decodeContainer(container)
  assert.equal(program.bssSize, 100)
  assert.equal(layoutOf(program).bss % 64, 0)
})

test('sections keep their alignment, and parts do not overlap', () => {
  const place = (name: string, flags: number, length: number, align: number): TestSection => ({
    name,
    flags: alloc | flags,
    bytes: new Uint8Array(length).fill(length),
    align,
  })
  const { program, report } = linked(
    [
      text(exit),
      place('.rodata', 0, 3, 1),
      place('.rodata.cst32', 0, 32, 32),
      place('.data', write, 5, 2),
      place('.data.big', write, 9, 0x4000),
      { name: '.bss', type: 8, flags: alloc | write, size: 70, align: 128 },
    ],
    [func('f')],
  )
  const aligns = [8, 1, 32, 2, 0x4000, 128]
  for (const [i, { place: where, address, size, name }] of report.sections.entries()) {
    assert.equal(address % aligns[i]!, 0, name)
    if (where === 'readOnly' || where === 'data') {
      const bytes = where === 'data' ? program.data : program.readOnly
      const start = address - layoutOf(program)[where]
      assert.ok(
        bytes.subarray(start, start + size).every((byte) => byte === size),
        name,
      )
    }
  }
  const places = report.sections.filter(({ place: where }) => where !== 'code')
  for (const [i, { address }] of places.entries()) {
    const before = places[i - 1]
    if (before !== undefined) assert.ok(address >= before.address + before.size)
  }
})

test('frames: .stack_sizes says them, else they are scanned', () => {
  // f: store at r10 - 16; g the same, with a declared frame of 100 bytes
  const store = '7b1af0ff00000000'
  const sizes = new Uint8Array([...new Uint8Array(8), 100])
  const { program, report } = linked(
    [
      text(store + exit + store + exit),
      {
        name: '.stack_sizes',
        bytes: sizes,
        relocations: [{ offset: 0, type: 2, symbol: 'g' }],
      },
    ],
    [func('f'), func('g', '.text', 16n)],
  )
  assert.deepEqual(program.functions, [
    { pc: 0, frameSize: 16 },
    { pc: 2, frameSize: 104 },
  ])
  assert.equal(report.declaredFrames, 1)
})

test('law: the frames that clang declares cover what scanning sees', () => {
  for (const name of [
    'token-v4',
    'hostile-v4',
    'sha256-v4',
    'keccak-v4',
    'fptr-v1',
    'switch-v4-next',
  ]) {
    const input = guest(name)
    const { report } = linkBpf([input])
    // Without its name the section is not found, and every frame is scanned.
    const renamed = input.bytes.slice()
    const at = Buffer.from(renamed).indexOf('.stack_sizes\0')
    renamed[at + 1] = 0x78
    const scanned = linkBpf([{ name, bytes: renamed }]).report
    assert.equal(scanned.declaredFrames, 0)
    for (const [i, { frameSize }] of report.functions.entries()) {
      assert.ok(frameSize >= scanned.functions[i]!.frameSize, `${name} function ${i}`)
    }
  }
})

test('exports: visible global functions, or those asked for', () => {
  const sections = [text(exit + exit + exit)]
  const symbols = [
    func('b'),
    func('a', '.text', 8n),
    { ...func('hidden', '.text', 16n), visibility: 2 },
    { ...func('local', '.text', 16n), binding: 0 },
  ]
  assert.deepEqual(linked(sections, symbols).program.exports, [
    { name: 'a', pc: 1 },
    { name: 'b', pc: 0 },
  ])
  const some = linked(sections, symbols, { exports: ['b'] }).program
  assert.deepEqual(some.exports, [{ name: 'b', pc: 0 }])
  refused(sections, symbols, 'missingExport', 'hidden', { exports: ['hidden'] })
  refused(sections, [symbols[3]!], 'noExports')
})

test('symbols are for people: leaving them out keeps the identity', () => {
  const input = guest('token-v4')
  const full = linkBpf([input]).container
  const bare = linkBpf([input], { symbols: false }).container
  assert.deepEqual(identityBytes(full), bare)
  assert.deepEqual(decodeContainer(full).symbols.find(({ pc }) => pc === 0)?.name, 'deploy')
})

test('a host call whose address is taken gets a stub', () => {
  const { container } = linkBpf([guest('hostcalls-v4')])
  const program = decodeContainer(container)
  const last = disassembleBpf(program.code.subarray(-16), {})
  assert.match(last, /^\s*call .*\n\s*exit\s*$/)
  assert.deepEqual(program.addressTaken, [program.code.length / 8 - 4, program.code.length / 8 - 2])
})

test('the address of a host call in an instruction is that of its stub', () => {
  const calls = text(lddw + externCall + exit, {
    relocations: [
      { offset: 0, type: 1, symbol: 'host' },
      { offset: 16, type: 10, symbol: 'host' },
    ],
  })
  const { program } = linked([calls], [func('f'), { name: 'host' }])
  const view = new DataView(program.code.buffer, program.code.byteOffset)
  const stub = program.code.length / 8 - 2
  assert.deepEqual([view.getUint32(4, true), view.getUint32(12, true)], [8 * stub, 1])
})

test('sections that no entry point reaches are left out, with their host calls and frames', () => {
  const call = (name: string, symbol: string): TestSection =>
    text(externCall + exit, { name, relocations: [{ offset: 0, type: 10, symbol }] })
  const sections: TestSection[] = [
    call('text.dead', 'host_dead'),
    call('text.f', 'g'),
    call('text.g', 'host'),
    { name: '.data.dead', flags: alloc | write, bytes: new Uint8Array(8) },
    {
      name: '.stack_sizes',
      bytes: new Uint8Array([...new Uint8Array(8), 24, ...new Uint8Array(8), 32]),
      relocations: [
        { offset: 0, type: 2, symbol: 'dead' },
        { offset: 9, type: 2, symbol: 'g' },
      ],
    },
  ]
  const symbols: TestSymbol[] = [
    { ...func('dead', 'text.dead'), visibility: 2 },
    func('f', 'text.f'),
    { ...func('g', 'text.g'), visibility: 2 },
    { name: 'host' },
    { name: 'host_dead' },
  ]
  const { program, report } = linked(sections, symbols, { keepAll: false })
  assert.deepEqual(program.imports, ['host'])
  assert.deepEqual(program.functions, [
    { pc: 0, frameSize: 0 },
    { pc: 2, frameSize: 32 },
  ])
  assert.deepEqual(
    report.dropped.map(({ name }) => name),
    ['text.dead', '.data.dead'],
  )
  const all = linked(sections, symbols).program
  assert.deepEqual(all.imports, ['host', 'host_dead'])
  assert.deepEqual(
    all.functions.map(({ frameSize }) => frameSize),
    [24, 0, 32],
  )
})

test('linking is deterministic, and the order of objects is the order of code', () => {
  const objects = [guest('weak-v3'), guest('weak_strong-v3')]
  assert.deepEqual(linkBpf(objects).container, linkBpf(objects).container)
  assert.equal(linkBpf(objects).report.sections[0]?.object, 'weak-v3.o')
})
test('a REL addend of a lddw has 64 bits', () => {
  const { program } = linked(
    [
      text(`1801000010000000${'0000000001000000'}${exit}`, {
        relocations: [{ offset: 0, type: 1, symbol: 'd' }],
      }),
      { name: '.data', flags: alloc | write, bytes: new Uint8Array(8) },
    ],
    [func('f'), { name: 'd', section: '.data', type: 1 }],
  )
  assert.equal(hex(program.code).slice(0, 32), '18010000100002000000000001000000')
})

test('alignment over a page moves read-only data behind a stack that ends elsewhere', () => {
  const { program, report } = linked(
    [
      text(exit),
      { name: '.rodata', flags: alloc, bytes: new Uint8Array(8).fill(7), align: 0x8000 },
    ],
    [func('f')],
    { stackSize: 4096 },
  )
  assert.equal(report.sections[1]?.address, 0x18000)
  const start = 0x18000 - layoutOf(program).readOnly
  assert.deepEqual(program.readOnly.subarray(start), new Uint8Array(8).fill(7))
  assert.equal(program.readOnly.length, start + 8)
})

test('of several weak definitions the first is used', () => {
  const weak = (name: string) => ({
    name,
    bytes: buildElf([text(exit)], [{ ...func('f'), binding: 2 }]),
  })
  const { report } = linkBpf([weak('a.o'), weak('b.o')])
  assert.deepEqual(
    report.sections.map(({ object }) => object),
    ['a.o'],
  )
})

test('a COMDAT group that was seen before is left out, reached or not', () => {
  const objects = [guest('comdat_first-v4'), guest('comdat_second-v4')]
  const { report } = linkBpf(objects, { keepAll: true })
  const names = report.sections.filter(({ size }) => size > 0).map(({ name }) => name)
  assert.deepEqual([...new Set(names)].sort(), names.toSorted())
})
