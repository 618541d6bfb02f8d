import { refuse, refuseParse } from './errors.ts'
import {
  type ElfBytes,
  hasIdent,
  headerBytes,
  latin1,
  machines,
  nameIn,
  programHeaderBytes,
  readFileHeader,
  readProgramHeader,
  readSectionHeader,
  regionSize,
  type SectionHeader,
  SegmentKind,
  sectionHeaderBytes,
} from './file.ts'
import type { LoadedElf, SymbolSections } from './rules.ts'

const executable = 1
const readable = 4
/** Address of read-only data. */
const dataAddress = 0n
/** Address of code, which no program can read. */
const codeAddress = BigInt(regionSize)

/** `e_ident` behind the version is zero. */
function hasPlainIdent({ bytes }: ElfBytes): boolean {
  return bytes.subarray(7, 16).every((byte) => byte === 0)
}

/** A segment's rules; answers its bytes. */
function segment(
  file: ElfBytes,
  index: number,
  expected: { readonly flags: number; readonly address: bigint; readonly offset: number },
): { readonly from: number; readonly to: number } {
  const at = headerBytes + programHeaderBytes * index
  const { type, flags, offset, address, physical, fileSize, memorySize } = readProgramHeader(
    file,
    at,
  )
  const length = BigInt(file.bytes.length)
  const fits =
    type === SegmentKind.load &&
    flags === expected.flags &&
    offset === BigInt(expected.offset) &&
    offset < length &&
    offset % 8n === 0n &&
    address === expected.address &&
    physical === expected.address &&
    fileSize === memorySize &&
    fileSize <= length - offset &&
    fileSize % 8n === 0n &&
    memorySize < BigInt(regionSize)
  if (!fits) refuse('InvalidProgramHeader', at)
  return { from: expected.offset, to: expected.offset + Number(fileSize) }
}

/** Longest name of a section here, its zero included. */
const sectionNameLimit = 64

/**
 * Names of functions, for people. Section headers mean nothing else here, so bad ones are no error;
 * Agave's debugging features stop the process at most of those, and refuse two kinds.
 */
function symbolSections(file: ElfBytes, labels: boolean): SymbolSections | undefined {
  const header = readFileHeader(file)
  const { sectionsAt, sectionCount, namesIndex } = header
  const end = sectionsAt + BigInt(sectionCount * sectionHeaderBytes)
  if (end > BigInt(file.bytes.length)) return undefined
  const sections = Array.from({ length: sectionCount }, (_, i) =>
    readSectionHeader(file, Number(sectionsAt) + sectionHeaderBytes * i),
  )
  const names = sections[namesIndex]
  if (labels && names === undefined && namesIndex !== 0) refuse('ValueOutOfBounds', 62)
  const found = new Map<string, SectionHeader>()
  try {
    for (const section of sections) {
      if (names === undefined || namesIndex === 0) return undefined
      found.set(latin1(nameIn(file, names, section.nameAt, sectionNameLimit, section.at)), section)
    }
  } catch {
    return undefined
  }
  const symtab = found.get('.symtab')
  const strtab = found.get('.strtab')
  if (labels && (symtab === undefined) !== (strtab === undefined))
    refuseParse('InvalidSectionHeader', Number(sectionsAt))
  return symtab && strtab && { symtab, strtab, base: codeAddress }
}

/**
 * `load_with_strict_parser`: one or two segments behind their headers, nothing to relocate. V3 and V4.
 * @throws {SbpfElfError}
 */
export function loadStrict(file: ElfBytes, labels: boolean): LoadedElf {
  const { bytes, view } = file
  const header = readFileHeader(file)
  const tableEnd = headerBytes + programHeaderBytes * header.programCount
  const fits =
    hasIdent(file, header) &&
    hasPlainIdent(file) &&
    header.machine === machines[0] &&
    header.programsAt === BigInt(headerBytes) &&
    header.size === headerBytes &&
    header.programSize === programHeaderBytes &&
    header.programCount > 0 &&
    tableEnd <= bytes.length
  if (!fits) refuseParse('InvalidFileHeader', 0)
  const hasData = view.getUint32(headerBytes + 4, true) === readable
  if (hasData && header.programCount < 2) refuseParse('InvalidFileHeader', 56)
  const data = hasData
    ? segment(file, 0, { flags: readable, address: dataAddress, offset: tableEnd })
    : { from: tableEnd, to: tableEnd }
  const expected = { flags: executable, address: codeAddress, offset: data.to }
  const text = segment(file, hasData ? 1 : 0, expected)
  const offset = header.entry - codeAddress
  if (offset < 0n || offset + 8n > BigInt(text.to - text.from) || offset % 8n !== 0n)
    refuseParse('InvalidFileHeader', 24)
  const symbols = symbolSections(file, labels)
  return {
    textAddress: Number(codeAddress),
    code: bytes.slice(text.from, text.to),
    rodata: { address: Number(dataAddress), bytes: bytes.slice(data.from, data.to) },
    entryPc: Number(offset / 8n),
    functions: new Map(),
    ...(symbols && { symbols }),
  }
}
