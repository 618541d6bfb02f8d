import { refuse, refuseParse } from './errors.ts'
import {
  checkedAdd,
  type ElfBytes,
  type FileHeader,
  hasIdent,
  headerBytes,
  latin1,
  nameIn,
  type ProgramHeader,
  programHeaderBytes,
  readFileHeader,
  readProgramHeader,
  readSectionHeader,
  relocationBytes,
  type SectionHeader,
  SectionKind,
  SegmentKind,
  sectionHeaderBytes,
  symbolBytes,
  type Table,
  tableOf,
} from './file.ts'

/** `SECTION_NAME_LENGTH_MAXIMUM` and `SYMBOL_NAME_LENGTH_MAXIMUM`, their zero included. */
export const nameLimits = { section: 16, symbol: 64 } as const

/** An ELF file as the lenient loader sees it: sections and the dynamic table, segments hardly. */
export interface LenientElf {
  readonly header: FileHeader
  readonly sections: readonly SectionHeader[]
  /** By index of the section, one character a byte. */
  readonly names: readonly string[]
  readonly symtab?: SectionHeader
  readonly strtab?: SectionHeader
  readonly dynstr?: SectionHeader
  readonly relocations: Table
  readonly dynamicSymbols: Table
}

interface Range {
  readonly from: bigint
  readonly to: bigint
}

function checkApart(a: Range, b: Range, at: number): void {
  if (a.to > b.from && b.to > a.from) refuseParse('Overlap', at)
}

function checkHeader(file: ElfBytes, header: FileHeader): void {
  const fits =
    hasIdent(file, header) &&
    header.size === headerBytes &&
    header.programSize === programHeaderBytes &&
    header.sectionSize === sectionHeaderBytes &&
    header.namesIndex < header.sectionCount
  if (!fits) refuseParse('InvalidFileHeader', 0)
}

function checkPrograms(file: ElfBytes, programs: readonly ProgramHeader[]): void {
  let before = 0n
  for (const program of programs) {
    if (program.type !== SegmentKind.load) continue
    if (program.address < before) refuse('InvalidProgramHeader', program.at + 16)
    const end = checkedAdd(program.offset, program.fileSize, program.at + 32)
    if (end > BigInt(file.bytes.length)) refuse('ValueOutOfBounds', program.at + 32)
    before = program.address
  }
}

function checkSections(
  file: ElfBytes,
  sections: readonly SectionHeader[],
  taken: readonly Range[],
): void {
  let before = 0n
  for (const section of sections) {
    if (section.type === SectionKind.nobits) continue
    const place = section.at + 24
    const to = checkedAdd(section.offset, section.size, section.at + 32)
    for (const range of taken) checkApart({ from: section.offset, to }, range, place)
    if (section.offset < before) refuseParse('SectionNotInOrder', place)
    if (to > BigInt(file.bytes.length)) refuse('ValueOutOfBounds', section.at + 32)
    before = to
  }
}

/** What `.dynamic` says, as far as a loader asks. */
const DynamicTag = { null: 0, symtab: 6, rel: 17, relsz: 18, relent: 19 } as const

function tableOfSection(file: ElfBytes, section: SectionHeader, size: number): Table {
  const end = checkedAdd(section.offset, section.size, section.at + 32)
  return tableOf(file, section.offset, end, size, section.at + 24)
}

/** Runs `read`; what it refuses, whatever it is, becomes `InvalidDynamicSectionTable`. */
function orBadDynamic(read: () => Table, at: number): Table {
  try {
    return read()
  } catch {
    return refuseParse('InvalidDynamicSectionTable', at)
  }
}

/** PT_DYNAMIC where it is well-formed, else the first SHT_DYNAMIC, which must be. */
function dynamicTable(
  file: ElfBytes,
  programs: readonly ProgramHeader[],
  sections: readonly SectionHeader[],
): Table | undefined {
  const program = programs.find(({ type }) => type === SegmentKind.dynamic)
  if (program !== undefined) {
    try {
      const end = checkedAdd(program.offset, program.fileSize, program.at)
      return tableOf(file, program.offset, end, 16, program.at)
    } catch {
      // old toolchains wrote wrong ones
    }
  }
  const section = sections.find(({ type }) => type === SectionKind.dynamic)
  if (section === undefined) return undefined
  return orBadDynamic(() => tableOfSection(file, section, 16), section.at)
}

/** The last value of each tag, 0 for those that are not there. */
function readTags(file: ElfBytes, table: Table): Map<bigint, bigint> {
  const tags = new Map<bigint, bigint>()
  for (let i = 0; i < table.count; i++) {
    const tag = file.view.getBigUint64(table.at + 16 * i, true)
    if (tag === 0n) break
    tags.set(tag, file.view.getBigUint64(table.at + 16 * i + 8, true))
  }
  return tags
}

function relocationTable(
  file: ElfBytes,
  tags: ReadonlyMap<bigint, bigint>,
  programs: readonly ProgramHeader[],
  sections: readonly SectionHeader[],
  place: number,
): Table {
  const value = (tag: number): bigint => tags.get(BigInt(tag)) ?? 0n
  const address = value(DynamicTag.rel)
  const size = value(DynamicTag.relsz)
  if (address === 0n) return { at: 0, count: 0 }
  if (value(DynamicTag.relent) !== BigInt(relocationBytes) || size === 0n)
    return refuseParse('InvalidDynamicSectionTable', place)
  const program = programs.find(
    (p) => address < checkedAdd(p.address, p.memorySize, p.at + 40) && address >= p.address,
  )
  let offset: bigint
  if (program !== undefined)
    offset = checkedAdd(address - program.address, program.offset, program.at)
  // files of old toolchains have the table in no segment
  else {
    const section = sections.find((s) => s.address === address)
    if (section === undefined) return refuseParse('InvalidDynamicSectionTable', place)
    offset = section.offset
  }
  return orBadDynamic(
    () => tableOf(file, offset, checkedAdd(offset, size, place), relocationBytes, place),
    place,
  )
}

/** @throws {SbpfElfError} as `get_symbol_table_of_section` */
export function symbolsOf(file: ElfBytes, section: SectionHeader): Table {
  if (section.type !== SectionKind.symtab && section.type !== SectionKind.dynsym)
    refuseParse('InvalidSectionHeader', section.at + 4)
  return tableOfSection(file, section, symbolBytes)
}

function dynamicSymbolTable(
  file: ElfBytes,
  tags: ReadonlyMap<bigint, bigint>,
  sections: readonly SectionHeader[],
  place: number,
): Table {
  const address = tags.get(BigInt(DynamicTag.symtab)) ?? 0n
  if (address === 0n) return { at: 0, count: 0 }
  const section = sections.find((s) => s.address === address)
  if (section === undefined) return refuseParse('InvalidDynamicSectionTable', place)
  return symbolsOf(file, section)
}

function readNames(
  file: ElfBytes,
  sections: readonly SectionHeader[],
  namesIndex: number,
): { readonly names: string[]; readonly known: ReadonlyMap<string, SectionHeader> } {
  const table = sections[namesIndex]
  if (namesIndex === 0 || table === undefined) return refuseParse('NoSectionNameStringTable', 62)
  const known = new Map<string, SectionHeader>()
  const names = sections.map((section) => {
    const name = latin1(nameIn(file, table, section.nameAt, nameLimits.section, section.at))
    if (['.symtab', '.strtab', '.dynstr'].includes(name)) {
      if (known.has(name)) refuseParse('InvalidSectionHeader', section.at)
      known.set(name, section)
    }
    return name
  })
  return { names, known }
}

/**
 * Reads headers and tables as `Elf64::parse` of solana-sbpf does, refusing the same files with the
 * same errors. O(length).
 * @throws {SbpfElfError}
 */
export function parseLenient(file: ElfBytes): LenientElf {
  const header = readFileHeader(file)
  checkHeader(file, header)
  const head = { from: 0n, to: BigInt(headerBytes) }
  const programsSize = BigInt(programHeaderBytes * header.programCount)
  const programRange = {
    from: header.programsAt,
    to: checkedAdd(header.programsAt, programsSize, 32),
  }
  checkApart(head, programRange, 32)
  const { from, to } = programRange
  const programTable = tableOf(file, from, to, programHeaderBytes, 32)
  const sectionsSize = BigInt(sectionHeaderBytes * header.sectionCount)
  const sectionRange = {
    from: header.sectionsAt,
    to: checkedAdd(header.sectionsAt, sectionsSize, 40),
  }
  checkApart(head, sectionRange, 40)
  checkApart(programRange, sectionRange, 40)
  const sectionTable = tableOf(file, sectionRange.from, sectionRange.to, sectionHeaderBytes, 40)
  const programs = Array.from({ length: programTable.count }, (_, i) =>
    readProgramHeader(file, programTable.at + programHeaderBytes * i),
  )
  const sections = Array.from({ length: sectionTable.count }, (_, i) =>
    readSectionHeader(file, sectionTable.at + sectionHeaderBytes * i),
  )
  if (sections[0]?.type !== SectionKind.null)
    refuseParse('InvalidSectionHeader', sectionTable.at + 4)
  checkPrograms(file, programs)
  checkSections(file, sections, [head, programRange, sectionRange])
  const { names, known } = readNames(file, sections, header.namesIndex)
  const dynamic = dynamicTable(file, programs, sections)
  const tags: ReadonlyMap<bigint, bigint> =
    dynamic === undefined ? new Map() : readTags(file, dynamic)
  const place = dynamic?.at ?? 0
  const relocations = relocationTable(file, tags, programs, sections, place)
  const dynamicSymbols = dynamicSymbolTable(file, tags, sections, place)
  const symtab = known.get('.symtab')
  const strtab = known.get('.strtab')
  const dynstr = known.get('.dynstr')
  return {
    ...{ header, sections, names, relocations, dynamicSymbols },
    ...(symtab && { symtab }),
    ...(strtab && { strtab }),
    ...(dynstr && { dynstr }),
  }
}
