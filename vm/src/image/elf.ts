import { type Cursor, cursorOf, readU8, readU16, readU32, readU64 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'

/** 64 MiB: four times the largest code plus data a container holds; keeps every offset a number. */
export const maxElfBytes: number = 0x4000000
/** Section indices from 0xff00 on are reserved (gABI, "Special Section Indexes"). */
export const maxSections: number = 0xff00
/** Mangled Rust names reach some hundreds of bytes. */
export const maxNameBytes: number = 4096
/**
 * Names may overlap in a string table (tail merging), so their sum is bounded apart:
 * linkers never get near one byte of name per byte of file, hostile tables would.
 */
export const nameBytesPerFileByte: number = 4

export const SectionType = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  note: 7,
  nobits: 8,
  rel: 9,
  initArray: 14,
  finiArray: 15,
  preinitArray: 16,
  group: 17,
} as const

export const SectionFlag = {
  write: 0x1,
  alloc: 0x2,
  exec: 0x4,
  merge: 0x10,
  strings: 0x20,
  group: 0x200,
  tls: 0x400,
  compressed: 0x800,
} as const

export const SymbolBinding = { local: 0, global: 1, weak: 2 } as const
export const SymbolType = {
  none: 0,
  object: 1,
  func: 2,
  section: 3,
  file: 4,
  common: 5,
  tls: 6,
} as const
export const SymbolVisibility = { default: 0, internal: 1, hidden: 2, protected: 3 } as const
/** Section indices of symbols that are in no section. */
export const SpecialSection = { undefined: 0, absolute: 0xfff1, common: 0xfff2 } as const

export interface ElfSection {
  readonly index: number
  readonly name: string
  readonly type: number
  /** The low 32 bits; the high ones must be zero. */
  readonly flags: number
  readonly address: bigint
  /** File offset of the contents. */
  readonly offset: number
  /** Bytes in memory; `bytes` is as long unless the section is `nobits`, which has none. */
  readonly size: number
  readonly link: number
  readonly info: number
  /** A power of two, at least 1. */
  readonly align: number
  readonly entrySize: number
  /** A view into the file. */
  readonly bytes: Uint8Array
}

export interface ElfSymbol {
  readonly index: number
  readonly name: string
  readonly type: number
  readonly binding: number
  readonly visibility: number
  /** An index into `sections`, or one of `SpecialSection`. */
  readonly section: number
  /** Object files: offset in the section; common symbols: the alignment. */
  readonly value: bigint
  readonly size: bigint
}

export interface ElfRelocation {
  /** Object files: offset in the target section. */
  readonly offset: number
  readonly type: number
  /** Index into `symbols`. */
  readonly symbol: number
  /** Present in RELA only; REL keeps the addend where it is applied. */
  readonly addend?: bigint
  /** File offset of the entry itself, for messages. */
  readonly place: number
}

export interface ElfRelocations {
  /** Index of the section that is relocated. */
  readonly target: number
  readonly entries: readonly ElfRelocation[]
}

export interface ElfFile {
  /** ET_REL 1, ET_EXEC 2, ET_DYN 3. */
  readonly type: number
  readonly machine: number
  readonly flags: number
  readonly entry: bigint
  readonly sections: readonly ElfSection[]
  /** Of the one SHT_SYMTAB; empty when there is none. */
  readonly symbols: readonly ElfSymbol[]
  readonly relocations: readonly ElfRelocations[]
}

const headerBytes = 64
const sectionHeaderBytes = 64
const symbolBytes = 24

function fail(code: string, message: string, offset: number, value: bigint | number): never {
  throw new DecodeError(code, message, { offset, value })
}

/** A u64 field that must lie in 0..2^53 - 1. */
function readSize(cursor: Cursor, what: string): number {
  const offset = cursor.at
  const value = readU64(cursor)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail('tooLarge', `${what} ${value}`, offset, value)
  return Number(value)
}

interface Header {
  readonly type: number
  readonly machine: number
  readonly flags: number
  readonly entry: bigint
  readonly sectionsAt: number
  readonly sectionCount: number
  readonly namesIndex: number
}

/** gABI, "ELF Header". */
function readHeader(bytes: Uint8Array): Header {
  if (bytes.length > maxElfBytes) {
    fail('tooLarge', `ELF file over ${maxElfBytes} bytes`, 0, bytes.length)
  }
  const c = cursorOf(bytes)
  const magic = readU32(c)
  if (magic !== 0x464c457f) fail('notElf', 'no ELF magic', 0, magic)
  const wordSize = readU8(c)
  if (wordSize !== 2) fail('notElf64', 'not a 64-bit ELF file', 4, wordSize)
  const order = readU8(c)
  if (order !== 1) fail('notLittleEndian', 'not a little-endian ELF file', 5, order)
  const identVersion = readU8(c)
  if (identVersion !== 1) fail('elfVersion', 'unknown ELF version', 6, identVersion)
  // e_ident[EI_OSABI], EI_ABIVERSION and padding say nothing about the layout.
  c.at = 16
  const type = readU16(c)
  const machine = readU16(c)
  const version = readU32(c)
  if (version !== 1) fail('elfVersion', 'unknown ELF version', 20, version)
  const entry = readU64(c)
  readU64(c) // program headers: of no meaning in object files
  const sectionsAt = readSize(c, 'section header offset')
  const flags = readU32(c)
  const size = readU16(c)
  if (size !== headerBytes) fail('headerSize', 'ELF header size is not 64', 52, size)
  c.at = 58
  const entrySize = readU16(c)
  const sectionCount = readU16(c)
  const namesIndex = readU16(c)
  if (sectionCount > 0 && entrySize !== sectionHeaderBytes) {
    fail('headerSize', 'section header size is not 64', 58, entrySize)
  }
  // Zero with a table present means an extended count, which starts at 0xff00 sections.
  if (sectionCount === 0 && sectionsAt !== 0) {
    fail('tooManySections', `${maxSections} sections or more`, 60, sectionCount)
  }
  if (sectionCount > maxSections) {
    fail('tooManySections', `over ${maxSections} sections`, 60, sectionCount)
  }
  if (sectionsAt + sectionCount * sectionHeaderBytes > bytes.length) {
    fail('truncated', 'section headers end after the file', 40, sectionsAt)
  }
  return { type, machine, flags, entry, sectionsAt, sectionCount, namesIndex }
}

type RawSection = Omit<ElfSection, 'name'> & { readonly nameAt: number; readonly headerAt: number }

function readSection(bytes: Uint8Array, index: number, headerAt: number): RawSection {
  const c = cursorOf(bytes, headerAt)
  const nameAt = readU32(c)
  const type = readU32(c)
  const wideFlags = readU64(c)
  if (wideFlags > 0xffffffffn) fail('sectionFlags', 'unknown flags', headerAt + 8, wideFlags)
  const address = readU64(c)
  const offset = readSize(c, 'section offset')
  const size = readSize(c, 'section size')
  const link = readU32(c)
  const info = readU32(c)
  const align = readSize(c, 'section alignment') || 1
  const entrySize = readSize(c, 'entry size')
  if (align > 0x10000 || (align & (align - 1)) !== 0) {
    fail('sectionAlignment', 'alignment is no power of two up to 65536', headerAt + 48, align)
  }
  const inFile = type !== SectionType.nobits && type !== SectionType.null
  if (inFile && offset + size > bytes.length) {
    fail('truncated', `section ${index} ends after the file`, headerAt + 32, size)
  }
  const contents = inFile ? bytes.subarray(offset, offset + size) : bytes.subarray(0, 0)
  const flags = Number(wideFlags)
  const where = { index, nameAt, headerAt, address, offset, size }
  return { ...where, type, flags, link, info, align, entrySize, bytes: contents }
}

/**
 * Contents of sections never share bytes, so that work on every section is linear in the file.
 * @throws {DecodeError} `sectionOverlap`
 */
function checkOverlap(sections: readonly RawSection[], header: Header): void {
  const tableEnd = header.sectionsAt + header.sectionCount * sectionHeaderBytes
  const spans = [
    { from: 0, to: headerBytes, headerAt: 0 },
    { from: header.sectionsAt, to: tableEnd, headerAt: header.sectionsAt },
  ]
  for (const s of sections) {
    if (s.bytes.length === 0) continue
    spans.push({ from: s.offset, to: s.offset + s.size, headerAt: s.headerAt })
  }
  spans.sort((a, b) => a.from - b.from)
  for (let i = 1; i < spans.length; i++) {
    const span = spans[i]!
    if (span.from < spans[i - 1]!.to) {
      fail('sectionOverlap', 'sections share bytes of the file', span.headerAt, span.from)
    }
  }
}

/** Reads names out of string tables, each offset once, within the file's budget. */
class Names {
  #left: number
  readonly #known = new Map<ElfSection | RawSection, Map<number, string>>()

  constructor(fileBytes: number) {
    this.#left = fileBytes * nameBytesPerFileByte
  }

  /** @param place file offset of the field that holds `at` */
  read(table: RawSection, at: number, place: number): string {
    let known = this.#known.get(table)
    if (known === undefined) {
      known = new Map()
      this.#known.set(table, known)
    }
    let name = known.get(at)
    if (name === undefined) {
      name = this.#decode(table.bytes, at, place)
      known.set(at, name)
    }
    return name
  }

  #decode(bytes: Uint8Array, at: number, place: number): string {
    // An index of 0 is the empty name even in an empty table (gABI, "String Table").
    if (at === 0 && bytes.length === 0) return ''
    if (at >= bytes.length) fail('nameOffset', 'name is outside its string table', place, at)
    const end = bytes.indexOf(0, at)
    if (end < 0) fail('nameUnterminated', 'name has no end', place, at)
    const length = end - at
    if (length > maxNameBytes) fail('nameTooLong', `over ${maxNameBytes} bytes`, place, length)
    this.#left -= length
    if (this.#left < 0) fail('namesTooLong', 'names share too many bytes', place, at)
    // One character per byte: names are compared and shown, never interpreted.
    return String.fromCharCode(...bytes.subarray(at, end))
  }
}

function stringTable(sections: readonly RawSection[], index: number, place: number): RawSection {
  const table = sections[index]
  if (table === undefined || table.type !== SectionType.strtab) {
    fail('stringTable', `section ${index} is no string table`, place, index)
  }
  return table
}

function entryCount(section: RawSection, entrySize: number): number {
  if (section.entrySize !== entrySize) {
    fail(
      'entrySize',
      `entries are not ${entrySize} bytes`,
      section.headerAt + 56,
      section.entrySize,
    )
  }
  if (section.size % entrySize !== 0) {
    fail('entrySize', 'size is no multiple of the entry size', section.headerAt + 32, section.size)
  }
  return section.size / entrySize
}

function readSymbols(
  bytes: Uint8Array,
  table: RawSection,
  sections: readonly RawSection[],
  names: Names,
): ElfSymbol[] {
  const strings = stringTable(sections, table.link, table.headerAt + 40)
  const count = entryCount(table, symbolBytes)
  const c = cursorOf(bytes, table.offset)
  const symbols: ElfSymbol[] = []
  for (let index = 0; index < count; index++) {
    const place = c.at
    const nameAt = readU32(c)
    const info = readU8(c)
    const other = readU8(c)
    const section = readU16(c)
    const value = readU64(c)
    const size = readU64(c)
    const special = section >= maxSections
    if (special && section !== SpecialSection.absolute && section !== SpecialSection.common) {
      fail('symbolSection', 'reserved section index', place + 6, section)
    }
    if (!special && section >= sections.length) {
      fail('symbolSection', 'symbol is in no section of the file', place + 6, section)
    }
    symbols.push({
      index,
      name: names.read(strings, nameAt, place),
      type: info & 15,
      binding: info >> 4,
      visibility: other & 3,
      section,
      value,
      size,
    })
  }
  return symbols
}

function readRelocations(
  bytes: Uint8Array,
  table: RawSection,
  sectionCount: number,
  symbolCount: number,
): ElfRelocations {
  const hasAddend = table.type === SectionType.rela
  const count = entryCount(table, hasAddend ? 24 : 16)
  if (table.info === 0 || table.info >= sectionCount) {
    fail('relocationTarget', 'relocations of no section', table.headerAt + 44, table.info)
  }
  const c = cursorOf(bytes, table.offset)
  const entries: ElfRelocation[] = []
  for (let i = 0; i < count; i++) {
    const place = c.at
    const offset = readSize(c, 'relocation offset')
    const type = readU32(c)
    const symbol = readU32(c)
    if (symbol >= symbolCount) {
      fail('relocationSymbol', 'relocation names no symbol', place + 12, symbol)
    }
    const entry = { offset, type, symbol, place }
    entries.push(hasAddend ? { ...entry, addend: BigInt.asIntN(64, readU64(c)) } : entry)
  }
  return { target: table.info, entries }
}

/**
 * Reads a little-endian ELF64 file strictly and in time linear in its length: section contents
 * lie in the file and share no bytes, every index names something, every name ends.
 * Source: System V gABI, chapters "Object Files" (ELF header, sections, symbols, relocation).
 * @throws {DecodeError} with a code, the file offset of the offending field and its value
 * @example readElf(objectBytes).sections.map((section) => section.name)
 */
export function readElf(bytes: Uint8Array): ElfFile {
  const header = readHeader(bytes)
  const raw: RawSection[] = []
  for (let i = 0; i < header.sectionCount; i++) {
    raw.push(readSection(bytes, i, header.sectionsAt + i * sectionHeaderBytes))
  }
  checkOverlap(raw, header)
  const names = new Names(bytes.length)
  const nameTable = raw.length === 0 ? undefined : stringTable(raw, header.namesIndex, 62)
  const sections = raw.map(({ nameAt, headerAt, ...section }) => ({
    ...section,
    name: nameTable === undefined ? '' : names.read(nameTable, nameAt, headerAt),
  }))
  const symbolTables = raw.filter((section) => section.type === SectionType.symtab)
  const second = symbolTables[1]
  if (second !== undefined) {
    fail('symbolTables', 'more than one symbol table', second.headerAt + 4, second.index)
  }
  const table = symbolTables[0]
  const symbols = table === undefined ? [] : readSymbols(bytes, table, raw, names)
  const relocations: ElfRelocations[] = []
  for (const section of raw) {
    if (section.type !== SectionType.rel && section.type !== SectionType.rela) continue
    if (table === undefined || section.link !== table.index) {
      fail('relocationTable', 'relocations of no symbol table', section.headerAt + 40, section.link)
    }
    relocations.push(readRelocations(bytes, section, raw.length, symbols.length))
  }
  const { type, machine, flags, entry } = header
  return { type, machine, flags, entry, sections, symbols, relocations }
}
