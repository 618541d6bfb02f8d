import assert from 'node:assert/strict'
import { test } from 'node:test'
import { murmur3, murmur3OfPc } from '#vm/bits/murmur3'
import { SbpfElfError } from '#vm/image/sbpf/errors'
import { readSbpf, type SbpfReadOptions } from '#vm/image/sbpf/read'
import { syscallRegistry } from '#vm/image/sbpf/registry'
import { slots } from '../link/elf-writer.ts'
import { lenientElf, spoilt, textAt } from './sbpf-writer.ts'

const syscalls = syscallRegistry(['sol_log_', 'abort'])
const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

function refused(
  bytes: Uint8Array,
  kind: string,
  text: string,
  options: SbpfReadOptions = {},
): void {
  assert.throws(
    () => readSbpf(bytes, { syscalls, ...options }),
    (error) => {
      assert.ok(error instanceof SbpfElfError, String(error))
      assert.deepEqual([error.kind, error.what], [kind, text])
      return true
    },
  )
}
const unparsed = (bytes: Uint8Array, reason: string): void =>
  refused(bytes, 'FailedToParse', `Failed to parse ELF file: ${reason}`)
const outOfBounds = (bytes: Uint8Array, options: SbpfReadOptions = {}): void =>
  refused(bytes, 'ValueOutOfBounds', 'Offset or value is out of bounds', options)

const exit = slots('9500000000000000')
const callThenExit = slots('8510000000000000 9500000000000000')
const unresolved = slots('85100000ffffffff 9500000000000000')
const lddw = slots('1800000000000000 0000000000000000 9500000000000000')
const plain = lenientElf({ text: exit })
/** The code's u32 at `offset`. */
const immOf = (code: Uint8Array, slot: number): number =>
  new DataView(code.buffer, code.byteOffset).getUint32(8 * slot + 4, true)

test('names hash as Solana tools print them', () => {
  const known = {
    entrypoint: 0x71e3cf81,
    abort: 0xb6fc1a11,
    sol_log_: 0x207559bd,
    sol_log_64_: 0x5c2a3178,
    sol_get_stack_height: 0x85532d94,
    '': 0,
  }
  for (const [name, hash] of Object.entries(known)) assert.equal(murmur3(octets(name)), hash, name)
  for (const pc of [0, 1, 0x1234, 0xffff_ffff]) {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setUint32(0, pc, true)
    assert.equal(murmur3OfPc(pc), murmur3(bytes))
  }
})

test('a small file: code, its address, its entry', () => {
  for (const [version, flags] of [
    ['v0', 0],
    ['v1', 1],
    ['v2', 2],
  ] as const) {
    const { bytes } = lenientElf({ text: callThenExit, entry: textAt + 8, version: flags })
    const elf = readSbpf(bytes)
    assert.equal(elf.version, version)
    assert.equal(elf.textAddress, 2 ** 32 + textAt)
    assert.equal(elf.entryPc, 1)
    assert.deepEqual(elf.rodata.bytes.slice(textAt), elf.code)
    assert.equal(elf.rodata.address, 2 ** 32)
    assert.equal(elf.functions.get(murmur3(octets('entrypoint'))), 1)
  }
})

test('e_machine is 247 or 263', () => {
  assert.equal(readSbpf(spoilt(plain.bytes, 18, 263n, 2)).entryPc, 0)
  refused(spoilt(plain.bytes, 18, 62n, 2), 'WrongMachine', 'Incompatible ELF: wrong machine')
})

test('relative calls become hashes of their targets', () => {
  const text = slots('8510000001000000 9500000000000000 9500000000000000')
  const elf = readSbpf(lenientElf({ text }).bytes)
  assert.equal(immOf(elf.code, 0), murmur3OfPc(2))
  assert.equal(elf.functions.get(murmur3OfPc(2)), 2)
  const beyond = slots('8510000002000000 9500000000000000 9500000000000000')
  const message = 'Relative jump out of bounds at instruction #0'
  refused(lenientElf({ text: beyond }).bytes, 'RelativeJumpOutOfBounds', message)
})

test('a call of a syscall is the hash of its name', () => {
  const file = (name: string): Uint8Array =>
    lenientElf({
      text: unresolved,
      symbols: [{ name }],
      relocations: [{ offset: textAt, type: 10, symbol: 1 }],
    }).bytes
  assert.equal(immOf(readSbpf(file('sol_log_'), { syscalls }).code, 0), 0x207559bd)
  assert.equal(immOf(readSbpf(file('foreign'), { syscalls }).code, 0), murmur3(octets('foreign')))
  refused(
    file('foreign'),
    'UnresolvedSymbol',
    `Unresolved symbol (foreign) at instruction #${textAt / 8} (ELF file offset 0x${textAt.toString(16)})`,
    { rejectBrokenElfs: true },
  )
  const longest = 'n'.repeat(63)
  readSbpf(file(longest), { syscalls })
  refused(file(`${longest}n`), 'UnknownSymbol', 'Unknown symbol with index 1')
})

test('a call of a function is the hash of its slot, of entrypoint that of its name', () => {
  const file = (name: string, address: number): Uint8Array =>
    lenientElf({
      text: unresolved,
      symbols: [{ name, address, isFunction: true }],
      relocations: [{ offset: textAt, type: 10, symbol: 1 }],
    }).bytes
  const elf = readSbpf(file('f', textAt + 8), { syscalls })
  assert.equal(immOf(elf.code, 0), murmur3OfPc(1))
  assert.equal(elf.functions.get(murmur3OfPc(1)), 1)
  // the header's entry takes the hash from a function of that name
  const named = readSbpf(file('entrypoint', textAt + 8), { syscalls })
  assert.equal(immOf(named.code, 0), 0x71e3cf81)
  assert.equal(named.functions.get(0x71e3cf81), 0)
  outOfBounds(file('f', textAt + 16))
})

test('a function with the hash of a syscall is refused', () => {
  // the name whose hash is that of slot 1 is not known: the registry is told one
  const hash = murmur3OfPc(1)
  const colliding = { names: ['x'], indexOf: new Map([[hash, 0]]) }
  const text = `Symbol hash collision 0x${hash.toString(16)}`
  refused(lenientElf({ text: callThenExit }).bytes, 'SymbolHashCollision', text, {
    syscalls: colliding,
  })
})

test('addresses of data move to 2^32, from symbols and from lddw itself', () => {
  const rodata = { name: '.rodata', bytes: octets('solana!!') }
  const text = lddw.slice()
  const symbols = [{ name: 'data', address: 0x200 }]
  const bySymbol = lenientElf({
    ...{ text, symbols, sections: [rodata] },
    relocations: [{ offset: textAt, type: 1, symbol: 1 }],
  })
  const half = (bytes: Uint8Array, slot: number): number => immOf(readSbpf(bytes).code, slot)
  assert.deepEqual([half(bySymbol.bytes, 0), half(bySymbol.bytes, 1)], [0x200, 1])
  const inPlace = text.slice()
  inPlace[4] = 0x30
  const relative = lenientElf({
    ...{ text: inPlace, sections: [rodata] },
    relocations: [{ offset: textAt, type: 8 }],
  })
  assert.deepEqual([half(relative.bytes, 0), half(relative.bytes, 1)], [0x30, 1])
  const message = 'Relocation failed, invalid referenced virtual address 0x0'
  const zero = lenientElf({ text, relocations: [{ offset: textAt, type: 8 }] })
  refused(zero.bytes, 'InvalidVirtualAddress', message)
})

test('relative relocations of data read the upper half', () => {
  const pointer = new Uint8Array(8)
  pointer[4] = 0x40
  const dataAt = textAt + 8
  const file = lenientElf({
    text: exit,
    sections: [{ name: '.data.rel.ro', bytes: pointer, flags: 3 }],
    relocations: [{ offset: dataAt, type: 8 }],
  })
  const { bytes } = readSbpf(file.bytes).rodata
  assert.deepEqual([...bytes.subarray(dataAt, dataAt + 8)], [0x40, 0, 0, 0, 1, 0, 0, 0])
})

test('relocations that cannot be', () => {
  const file = (type: number, symbol: number, offset = textAt): Uint8Array =>
    lenientElf({ text: lddw, symbols: [], relocations: [{ offset, type, symbol }] }).bytes
  refused(file(2, 0), 'UnknownRelocation', 'Relocation failed, unknown type 2')
  refused(file(0, 0), 'UnknownRelocation', 'Relocation failed, unknown type 0')
  refused(file(1, 1), 'UnknownSymbol', 'Unknown symbol with index 1')
  refused(file(10, 7), 'UnknownSymbol', 'Unknown symbol with index 7')
  outOfBounds(file(1, 0, 0xffff_ffff))
  outOfBounds(file(8, 0, 0xffff_ffff))
})

test('read-only sections share one buffer, the rest of it zero', () => {
  const file = lenientElf({
    text: exit,
    sections: [
      { name: '.comment', bytes: octets('secret!!'), flags: 2 },
      { name: '.rodata', bytes: octets('open') },
      { name: '.eh_frame', bytes: octets('frame') },
    ],
  })
  const { bytes } = readSbpf(file.bytes).rodata
  assert.equal(bytes.length, file.at('.eh_frame') + 5)
  const part = (name: string, length: number): string =>
    Buffer.from(bytes.subarray(file.at(name), file.at(name) + length)).toString()
  assert.equal(part('.rodata', 4), 'open')
  assert.equal(part('.eh_frame', 5), 'frame')
  assert.equal(part('.comment', 8), '\0'.repeat(8))
  assert.ok(bytes.subarray(0, textAt).every((byte) => byte === 0))
})

test('sections at other addresses than their offsets run, and are not deployed', () => {
  const { bytes, headerAt } = lenientElf({
    text: exit,
    sections: [{ name: '.rodata', bytes: octets('12345678') }],
  })
  const moved = spoilt(bytes, headerAt('.rodata') + 16, 0x10n)
  const elf = readSbpf(moved)
  assert.equal(Buffer.from(elf.rodata.bytes.subarray(16, 24)).toString(), '12345678')
  outOfBounds(moved, { rejectBrokenElfs: true })
  // beyond what the file could fill
  outOfBounds(spoilt(bytes, headerAt('.rodata') + 16, BigInt(bytes.length)))
  outOfBounds(spoilt(bytes, headerAt('.rodata') + 16, 1n << 33n))
})

test('writable data has no place', () => {
  const file = (name: string, flags: number): Uint8Array =>
    lenientElf({ text: exit, sections: [{ name, bytes: octets('12345678'), flags }] }).bytes
  const message = (name: string): string =>
    `Found writable section (${name}) in ELF, read-write data not supported`
  refused(file('.data', 3), 'WritableSectionNotSupported', message('.data'))
  refused(file('.bss.x', 2), 'WritableSectionNotSupported', message('.bss.x'))
  readSbpf(file('.data', 2))
  readSbpf(file('.data.rel.ro', 3))
})

test('headers that are not what they should be', () => {
  const { bytes, headerAt } = plain
  const fields: readonly [at: number, value: bigint, width: number][] = [
    [0, 0n, 1],
    [4, 1n, 1],
    [5, 2n, 1],
    [6, 2n, 1],
    [20, 2n, 4],
    [52, 63n, 2],
    [54, 57n, 2],
    [58, 40n, 2],
    [62, 99n, 2],
  ]
  for (const [at, value, width] of fields)
    unparsed(spoilt(bytes, at, value, width), 'invalid file header')
  refused(spoilt(bytes, 7, 1n, 1), 'WrongAbi', 'Incompatible ELF: wrong ABI')
  refused(spoilt(bytes, 16, 2n, 2), 'WrongType', 'Incompatible ELF: wrong type')
  outOfBounds(bytes.slice(0, 40))
  outOfBounds(bytes.slice(0, 63))
  unparsed(spoilt(bytes, 32, 8n), 'values overlap')
  unparsed(spoilt(bytes, 40, 8n), 'values overlap')
  outOfBounds(spoilt(bytes, 40, (1n << 64n) - 8n))
  outOfBounds(spoilt(bytes, 40, BigInt(bytes.length)))
  unparsed(spoilt(bytes, headerAt('') + 4, 1n, 4), 'invalid section header')
  unparsed(spoilt(bytes, 62, 0n, 2), 'no section name string table found')
})

test('segments and sections that are not what they should be', () => {
  const { bytes, headerAt, at } = plain
  const second = 64 + 56
  refused(spoilt(bytes, second + 16, 0n), 'InvalidProgramHeader', 'Invalid ELF program header')
  outOfBounds(spoilt(bytes, second + 32, BigInt(bytes.length)))
  unparsed(spoilt(bytes, headerAt('.dynsym') + 24, 0n), 'values overlap')
  const early = BigInt(at('.dynamic'))
  unparsed(spoilt(bytes, headerAt('.dynsym') + 24, early), 'sections not in ascending order')
  outOfBounds(spoilt(bytes, headerAt('.shstrtab') + 32, (1n << 64n) - 1n))
  unparsed(
    spoilt(bytes, headerAt('.dynamic') + 32, 17n).fill(0, second + 56, second + 112),
    'invalid dynamic section table',
  )
})

test('names of sections are short', () => {
  const file = (name: string): Uint8Array =>
    lenientElf({ text: exit, sections: [{ name, bytes: octets('1') }] }).bytes
  readSbpf(file('.fifteen_bytes_'))
  unparsed(
    file('.sixteen_bytes__'),
    'Section or symbol name `.sixteen_bytes__` is longer than `16` bytes',
  )
  const { bytes, headerAt } = plain
  outOfBounds(spoilt(bytes, headerAt('.dynamic'), 0x7fff_ffffn, 4))
})

test('one section of code, with the entry in it, on a slot', () => {
  const message = 'Multiple or no text sections, consider removing llc option: -function-sections'
  const { bytes, headerAt } = lenientElf({
    text: callThenExit,
    sections: [{ name: '.text', bytes: exit }],
  })
  refused(bytes, 'NotOneTextSection', message)
  const { bytes: good } = plain
  const nameless = spoilt(good, plain.headerAt('.text'), 0n, 4)
  refused(nameless, 'NotOneTextSection', message)
  refused(spoilt(good, 24, BigInt(textAt + 8)), 'EntrypointOutOfBounds', 'Entrypoint out of bounds')
  refused(spoilt(good, 24, BigInt(textAt + 4)), 'InvalidEntrypoint', 'Invalid entrypoint')
  assert.ok(headerAt('.text') > 0)
})

test('versions that are not enabled', () => {
  const message = 'Detected sbpf_version required by the executable which are not enabled'
  const file = (version: number): Uint8Array => lenientElf({ text: exit, version }).bytes
  refused(file(5), 'UnsupportedSBPFVersion', message)
  refused(file(0xffff_ffff), 'UnsupportedSBPFVersion', message)
  refused(file(1), 'UnsupportedSBPFVersion', message, { versions: ['v0', 'v0'] })
  refused(file(0), 'UnsupportedSBPFVersion', message, { versions: ['v3', 'v3'] })
})

test('names for people come from .symtab, and count only where they are asked for', () => {
  const labels = [
    { name: 'start', address: textAt },
    { name: 'helper', address: textAt + 8 },
  ]
  const { bytes } = lenientElf({ text: callThenExit, labels })
  const elf = readSbpf(bytes)
  assert.deepEqual(
    [...elf.symbols],
    [
      [0, 'start'],
      [1, 'helper'],
    ],
  )
  assert.equal(elf.functions.has(murmur3OfPc(0)), false)
  assert.equal(readSbpf(bytes, { labels: true }).functions.get(murmur3OfPc(0)), 0)
  const outside = [{ name: 'away', address: textAt + 16 }]
  const wrong = lenientElf({ text: callThenExit, labels: outside }).bytes
  readSbpf(wrong)
  outOfBounds(wrong, { labels: true })
})

test('a file stays as it was', () => {
  const file = lenientElf({ text: callThenExit }).bytes
  const before = file.slice()
  readSbpf(file)
  assert.deepEqual(file, before)
})
