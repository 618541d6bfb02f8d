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
  /** ELFCLASS64; the other has words of 32 bits. */
  readonly wide: boolean
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

/** Octets of each structure (gABI, "Data Representation"), and where the header's last fields are. */
interface Sizes {
  readonly wide: boolean
  readonly header: number
  readonly sectionHeader: number
  readonly symbol: number
  readonly rela: number
  readonly rel: number
  /** Offsets of e_shoff and e_ehsize. */
  readonly sectionsAt: number
  readonly sizeAt: number
}
const elf64: Sizes = {
  ...{ wide: true, header: 64, sectionHeader: 64, symbol: 24, rela: 24, rel: 16 },
  ...{ sectionsAt: 40, sizeAt: 52 },
}
const elf32: Sizes = {
  ...{ wide: false, header: 52, sectionHeader: 40, symbol: 16, rela: 12, rel: 8 },
  ...{ sectionsAt: 32, sizeAt: 40 },
}

function fail(code: string, message: string, offset: number, value: bigint | number): never {
  throw new DecodeError(code, message, { offset, value })
}

/** A word of the class. */
function readWord(cursor: Cursor, { wide }: Sizes): bigint {
  return wide ? readU64(cursor) : BigInt(readU32(cursor))
}

/** A word that must lie in 0..2^53 - 1. */
function readSize(cursor: Cursor, sizes: Sizes, what: string): number {
  if (!sizes.wide) return readU32(cursor)
  const offset = cursor.at
  const value = readU64(cursor)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail('tooLarge', `${what} ${value}`, offset, value)
  return Number(value)
}

interface Header {
  readonly sizes: Sizes
  readonly type: number
  readonly machine: number
  readonly flags: number
  readonly entry: bigint
  readonly sectionsAt: number
  readonly sectionCount: number
  readonly namesIndex: number
}

/** gABI, "ELF Header". */
function readHeader(bytes: Uint8Array, narrow: boolean): Header {
  if (bytes.length > maxElfBytes) {
    fail('tooLarge', `ELF file over ${maxElfBytes} bytes`, 0, bytes.length)
  }
  const c = cursorOf(bytes)
  const magic = readU32(c)
  if (magic !== 0x464c457f) fail('notElf', 'no ELF magic', 0, magic)
  const wordSize = readU8(c)
  if (wordSize !== 2 && !(narrow && wordSize === 1))
    fail('notElf64', 'not a 64-bit ELF file', 4, wordSize)
  const sizes = wordSize === 2 ? elf64 : elf32
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
  const entry = readWord(c, sizes)
  readWord(c, sizes) // program headers: of no meaning in object files
  const sectionsAt = readSize(c, sizes, 'section header offset')
  const flags = readU32(c)
  const size = readU16(c)
  const { header, sectionHeader, sizeAt } = sizes
  if (size !== header) fail('headerSize', `ELF header size is not ${header}`, sizeAt, size)
  c.at = sizeAt + 6
  const entrySize = readU16(c)
  const sectionCount = readU16(c)
  const namesIndex = readU16(c)
  if (sectionCount > 0 && entrySize !== sectionHeader) {
    fail('headerSize', `section header size is not ${sectionHeader}`, sizeAt + 6, entrySize)
  }
  // Zero with a table present means an extended count, which starts at 0xff00 sections.
  if (sectionCount === 0 && sectionsAt !== 0) {
    fail('tooManySections', `${maxSections} sections or more`, sizeAt + 8, sectionCount)
  }
  if (sectionCount > maxSections) {
    fail('tooManySections', `over ${maxSections} sections`, sizeAt + 8, sectionCount)
  }
  if (sectionsAt + sectionCount * sectionHeader > bytes.length) {
    fail('truncated', 'section headers end after the file', sizes.sectionsAt, sectionsAt)
  }
  return { sizes, type, machine, flags, entry, sectionsAt, sectionCount, namesIndex }
}

type RawSection = Omit<ElfSection, 'name'> & { readonly nameAt: number; readonly headerAt: number }

function readSection(bytes: Uint8Array, index: number, headerAt: number, sizes: Sizes): RawSection {
  const c = cursorOf(bytes, headerAt)
  const nameAt = readU32(c)
  const type = readU32(c)
  const wideFlags = readWord(c, sizes)
  if (wideFlags > 0xffffffffn) fail('sectionFlags', 'unknown flags', headerAt + 8, wideFlags)
  const address = readWord(c, sizes)
  const offset = readSize(c, sizes, 'section offset')
  const sizeAt = c.at
  const size = readSize(c, sizes, 'section size')
  const link = readU32(c)
  const info = readU32(c)
  const alignAt = c.at
  const align = readSize(c, sizes, 'section alignment') || 1
  const entrySize = readSize(c, sizes, 'entry size')
  if (align > 0x10000 || (align & (align - 1)) !== 0) {
    fail('sectionAlignment', 'alignment is no power of two up to 65536', alignAt, align)
  }
  const inFile = type !== SectionType.nobits && type !== SectionType.null
  if (inFile && offset + size > bytes.length) {
    fail('truncated', `section ${index} ends after the file`, sizeAt, size)
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
  const { sizes } = header
  const tableEnd = header.sectionsAt + header.sectionCount * sizes.sectionHeader
  const spans = [
    { from: 0, to: sizes.header, headerAt: 0 },
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
  sizes: Sizes,
  table: RawSection,
  sections: readonly RawSection[],
  names: Names,
): ElfSymbol[] {
  const strings = stringTable(sections, table.link, table.headerAt + 40)
  const count = entryCount(table, sizes.symbol)
  const c = cursorOf(bytes, table.offset)
  const symbols: ElfSymbol[] = []
  for (let index = 0; index < count; index++) {
    const place = c.at
    const nameAt = readU32(c)
    // The narrow form has the two words first.
    let [value, size] = sizes.wide ? [0n, 0n] : [readWord(c, sizes), readWord(c, sizes)]
    const info = readU8(c)
    const other = readU8(c)
    const sectionAt = c.at
    const section = readU16(c)
    if (sizes.wide) [value, size] = [readU64(c), readU64(c)]
    const special = section >= maxSections
    if (special && section !== SpecialSection.absolute && section !== SpecialSection.common) {
      fail('symbolSection', 'reserved section index', sectionAt, section)
    }
    if (!special && section >= sections.length) {
      fail('symbolSection', 'symbol is in no section of the file', sectionAt, section)
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
  sizes: Sizes,
  table: RawSection,
  sectionCount: number,
  symbolCount: number,
): ElfRelocations {
  const hasAddend = table.type === SectionType.rela
  const count = entryCount(table, hasAddend ? sizes.rela : sizes.rel)
  if (table.info === 0 || table.info >= sectionCount) {
    fail('relocationTarget', 'relocations of no section', table.headerAt + 44, table.info)
  }
  const c = cursorOf(bytes, table.offset)
  const entries: ElfRelocation[] = []
  for (let i = 0; i < count; i++) {
    const place = c.at
    const offset = readSize(c, sizes, 'relocation offset')
    // r_info: a type of 32 bits and a symbol of 32, or of 8 and 24.
    const info = readU32(c)
    const type = sizes.wide ? info : info & 0xff
    const symbol = sizes.wide ? readU32(c) : info >>> 8
    if (symbol >= symbolCount) {
      fail('relocationSymbol', 'relocation names no symbol', c.at - 4, symbol)
    }
    const entry = { offset, type, symbol, place }
    const bits = sizes.wide ? 64 : 32
    entries.push(hasAddend ? { ...entry, addend: BigInt.asIntN(bits, readWord(c, sizes)) } : entry)
  }
  return { target: table.info, entries }
}

/**
 * Reads a little-endian ELF64 file (`narrow`: or an ELF32 one) strictly and in time linear in its length: section contents
 * lie in the file and share no bytes, every index names something, every name ends.
 * Source: System V gABI, chapters "Object Files" (ELF header, sections, symbols, relocation).
 * @throws {DecodeError} with a code, the file offset of the offending field and its value
 * @example readElf(objectBytes).sections.map((section) => section.name)
 */
export function readElf(
  bytes: Uint8Array,
  { narrow = false }: { readonly narrow?: boolean } = {},
): ElfFile {
  const header = readHeader(bytes, narrow)
  const { sizes } = header
  const raw: RawSection[] = []
  for (let i = 0; i < header.sectionCount; i++) {
    raw.push(readSection(bytes, i, header.sectionsAt + i * sizes.sectionHeader, sizes))
  }
  checkOverlap(raw, header)
  const names = new Names(bytes.length)
  const nameTable =
    raw.length === 0 ? undefined : stringTable(raw, header.namesIndex, sizes.sizeAt + 10)
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
  const symbols = table === undefined ? [] : readSymbols(bytes, sizes, table, raw, names)
  const relocations: ElfRelocations[] = []
  for (const section of raw) {
    if (section.type !== SectionType.rel && section.type !== SectionType.rela) continue
    // What a linked file has in memory is for its loader.
    if (header.type !== 1 && (section.flags & SectionFlag.alloc) !== 0) continue
    if (table === undefined || section.link !== table.index) {
      fail('relocationTable', 'relocations of no symbol table', section.headerAt + 40, section.link)
    }
    relocations.push(readRelocations(bytes, sizes, section, raw.length, symbols.length))
  }
  const { type, machine, flags, entry } = header
  return { wide: sizes.wide, type, machine, flags, entry, sections, symbols, relocations }
}
