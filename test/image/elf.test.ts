import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DecodeError } from '#vm/bits/errors'
import { maxElfBytes, readElf } from '#vm/image/elf'
import { alloc, buildElf, exec, slots } from '../link/elf-writer.ts'
import { guest, guestNames } from '../link/guests.ts'

/** Runs `read`; anything thrown but a DecodeError with a code is a failure. */
function onlyTyped(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof DecodeError, String(error))
    assert.match(error.code, /^[a-z][A-Za-z0-9]+$/)
  }
}

function refused(bytes: Uint8Array, code: string, offset?: number): void {
  assert.throws(
    () => readElf(bytes),
    (error) => {
      assert.ok(error instanceof DecodeError, String(error))
      assert.equal(error.code, code)
      if (offset !== undefined) assert.equal(error.offset, offset)
      return true
    },
  )
}

const exit = slots('9500000000000000')
const small = buildElf(
  [{ name: '.text', flags: alloc | exec, bytes: exit }],
  [{ name: 'f', section: '.text', type: 2, size: 8n }],
)

/** A copy with `value` written at `offset` in `width` bytes. */
function patched(bytes: Uint8Array, offset: number, value: bigint, width = 4): Uint8Array {
  const copy = bytes.slice()
  for (let i = 0; i < width; i++) copy[offset + i] = Number((value >> BigInt(8 * i)) & 255n)
  return copy
}

const u64At = (bytes: Uint8Array, at: number): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true))
const headersAt = u64At(small, 40)

test('sections, symbols and relocations of a compiled object', () => {
  const elf = readElf(guest('fptr-v4').bytes)
  assert.equal(elf.machine, 247)
  assert.equal(elf.type, 1)
  const text = elf.sections.find(({ name }) => name === '.text')
  assert.ok(text !== undefined && text.bytes.length === text.size && text.size % 8 === 0)
  const byRegister = elf.symbols.find(({ name }) => name === 'by_register')
  assert.equal(byRegister?.section, text.index)
  assert.equal(byRegister?.binding, 1)
  const data = elf.sections.find(({ name }) => name === '.data')
  const relocations = elf.relocations.find(({ target }) => target === data?.index)
  assert.deepEqual(new Set(relocations?.entries.map(({ type }) => type)), new Set([2]))
})

test('what was written is what is read', () => {
  const bytes = buildElf(
    [
      {
        name: '.text',
        flags: alloc | exec,
        bytes: exit,
        relocations: [{ offset: 0, type: 10, symbol: 'g', addend: -3n }],
      },
      { name: '.bss', type: 8, flags: 3, size: 1 << 20, align: 64 },
    ],
    [
      { name: 'l', section: '.bss', value: 5n, binding: 0, type: 1 },
      { name: 'g', binding: 2, visibility: 2, size: 7n },
    ],
  )
  const elf = readElf(bytes)
  assert.deepEqual(
    elf.relocations[0]?.entries.map(({ place: _, ...rest }) => rest),
    [{ offset: 0, type: 10, symbol: 2, addend: -3n }],
  )
  assert.deepEqual(elf.symbols[2], {
    index: 2,
    name: 'g',
    type: 0,
    binding: 2,
    visibility: 2,
    section: 0,
    value: 0n,
    size: 7n,
  })
  const bss = elf.sections[2]
  assert.ok(bss !== undefined && bss.size === 1 << 20 && bss.bytes.length === 0 && bss.align === 64)
})

test('header fields are refused by code and offset', () => {
  refused(new Uint8Array(0), 'truncated', 0)
  refused(patched(small, 0, 0n), 'notElf', 0)
  refused(patched(small, 4, 1n, 1), 'notElf64', 4)
  refused(patched(small, 5, 2n, 1), 'notLittleEndian', 5)
  refused(patched(small, 6, 0n, 1), 'elfVersion', 6)
  refused(patched(small, 20, 2n), 'elfVersion', 20)
  refused(patched(small, 40, 1n << 60n, 8), 'tooLarge', 40)
  refused(patched(small, 40, BigInt(small.length), 8), 'truncated', 40)
  refused(patched(small, 52, 63n, 2), 'headerSize', 52)
  refused(patched(small, 58, 40n, 2), 'headerSize', 58)
  refused(patched(small, 60, 0n, 2), 'tooManySections', 60)
  refused(patched(small, 60, 0xff01n, 2), 'tooManySections', 60)
  refused(patched(small, 62, 1n, 2), 'stringTable', 62)
  refused(new Uint8Array(maxElfBytes + 1), 'tooLarge', 0)
})

test('section headers are refused by code and offset', () => {
  const text = headersAt + 64
  const symtab = headersAt + 128
  refused(patched(small, text, 0xffffn), 'nameOffset', text)
  refused(patched(small, text + 8, 1n << 40n, 8), 'sectionFlags', text + 8)
  refused(patched(small, text + 24, 1n << 53n, 8), 'tooLarge', text + 24)
  refused(patched(small, text + 32, 1n << 50n, 8), 'truncated', text + 32)
  refused(patched(small, text + 48, 3n, 8), 'sectionAlignment', text + 48)
  refused(patched(small, text + 48, 1n << 17n, 8), 'sectionAlignment', text + 48)
  refused(patched(small, symtab + 40, 1n), 'stringTable', symtab + 40)
  refused(patched(small, symtab + 56, 16n, 8), 'entrySize', symtab + 56)
  refused(patched(small, symtab + 32, 25n, 8), 'entrySize', symtab + 32)
  refused(patched(small, text + 4, 2n), 'symbolTables')
  refused(patched(small, text + 4, 9n), 'relocationTable')
})

test('sections that share bytes are refused', () => {
  const symtabOffset = BigInt(u64At(small, headersAt + 128 + 24))
  refused(patched(small, headersAt + 64 + 24, symtabOffset, 8), 'sectionOverlap')
  refused(patched(small, headersAt + 64 + 24, 0n, 8), 'sectionOverlap')
})

test('symbols are refused by code and offset', () => {
  const symbol = u64At(small, headersAt + 128 + 24) + 24
  refused(patched(small, symbol + 6, 0xfff3n, 2), 'symbolSection', symbol + 6)
  refused(patched(small, symbol + 6, 200n, 2), 'symbolSection', symbol + 6)
  refused(patched(small, symbol, 0x10000n), 'nameOffset', symbol)
})

test('names are bounded one by one and together', () => {
  const one = buildElf([{ name: '.text' }], [{ name: 'x'.repeat(4097) }])
  refused(one, 'nameTooLong')
  // 60 names of about 4000 bytes that are tails of one another: 240 KB out of a 10 KB file.
  const long = 'y'.repeat(4000)
  const many = buildElf(
    [{ name: '.text' }],
    [{ name: long }, ...Array.from({ length: 60 }, (_, i) => ({ name: `t${i}` }))],
  )
  const elf = readElf(many)
  const strtab = elf.sections.find(({ name }) => name === '.strtab')
  const symtab = elf.sections.find(({ name }) => name === '.symtab')
  assert.ok(strtab !== undefined && symtab !== undefined)
  const start = strtab.bytes.indexOf(0x79)
  let hostile = many
  for (let i = 0; i < 60; i++) {
    hostile = patched(hostile, symtab.offset + 24 * (i + 2), BigInt(start + i))
  }
  refused(hostile, 'namesTooLong')
})

test('law: mutated and cut objects give a DecodeError or an ELF file, never anything else', () => {
  const samples = guestNames.map((name) => guest(name).bytes)
  const mutation = fc.record({
    sample: fc.nat(samples.length - 1),
    edits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
    // Most of what the reader looks at is in the headers, which are at the ends.
    where: fc.constantFrom('anywhere', 'start', 'end'),
    cut: fc.option(fc.nat(), { freq: 5 }),
  })
  fc.assert(
    fc.property(mutation, ({ sample, edits, where, cut }) => {
      const bytes = samples[sample]!.slice()
      const span = where === 'anywhere' ? bytes.length : Math.min(700, bytes.length)
      for (const [at, value] of edits) {
        const from = where === 'end' ? bytes.length - span : 0
        bytes[from + (at % span)] = value
      }
      onlyTyped(() => readElf(cut === null ? bytes : bytes.subarray(0, cut % bytes.length)))
    }),
    { numRuns: 3000 },
  )
})

test('law: random bytes behind a good header give a DecodeError or an ELF file', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
      const bytes = new Uint8Array(64 + tail.length)
      bytes.set(small.subarray(0, 64))
      bytes.set(tail, 64)
      onlyTyped(() => readElf(patched(bytes, 40, 64n, 8)))
    }),
    { numRuns: 500 },
  )
})
