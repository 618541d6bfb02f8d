import { alignUp } from '../../bits/bytes.ts'
import { sbpfVersions } from '../../isa/sbpf/version.ts'
import {
  headerBytes,
  machines,
  programHeaderBytes,
  regionSize,
  SectionKind,
  SegmentKind,
  sectionHeaderBytes,
  sharedObject,
} from './file.ts'

/** A program to be written as a file that Agave deploys. */
export interface SbpfFileParts {
  /** The lenient form (with relocations for syscalls) for v0, the strict one for v3. */
  readonly version: 'v0' | 'v3'
  /** Addresses in it are those of `sbpfPlaces`. */
  readonly code: Uint8Array
  readonly readOnly: Uint8Array
  readonly entryPc: number
  /** v0: slots of `call -1`, and the name each is for. */
  readonly syscalls: readonly { readonly slot: number; readonly name: string }[]
  /** Names of functions by slot; none: left out. */
  readonly symbols: ReadonlyMap<number, string>
}

/** Guest addresses of a file's code and read-only data, of `codeBytes` bytes. */
export interface SbpfPlaces {
  readonly code: number
  readonly readOnly: number
}

const lenientSegments = 3
const lenientTextAt = headerBytes + lenientSegments * programHeaderBytes
/** Of read-only data in a file of v0: sections of compilers ask for no more. */
const dataAlign = 16

/** @example sbpfPlaces('v3', 800) // { code: 0x1_0000_0000, readOnly: 0 } */
export function sbpfPlaces(version: 'v0' | 'v3', codeBytes: number): SbpfPlaces {
  if (version === 'v3') return { code: regionSize, readOnly: 0 }
  const readOnlyAt = alignUp(lenientTextAt + codeBytes, dataAlign)
  return { code: regionSize + lenientTextAt, readOnly: regionSize + readOnlyAt }
}

interface Section {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly bytes: Uint8Array
  readonly address?: number
  readonly link?: string
  readonly info?: number
  readonly entrySize?: number
  readonly align?: number
}

interface Segment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

const Flag = { write: 1, alloc: 2, exec: 4 } as const
const progbits = 1
const relType = 9

/** Names one after the other, each once; index 0 is the empty name. */
class StringTable {
  readonly #at = new Map<string, number>([['', 0]])
  readonly #parts: Uint8Array[] = [new Uint8Array(1)]
  #length = 1

  add(name: string): number {
    const known = this.#at.get(name)
    if (known !== undefined) return known
    const at = this.#length
    const bytes = new TextEncoder().encode(`${name}\0`)
    this.#parts.push(bytes)
    this.#at.set(name, at)
    this.#length += bytes.length
    return at
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }
}

interface SymbolRow {
  readonly nameAt: number
  readonly info: number
  readonly section: number
  readonly value: number
}

const functionSymbol = 0x12
const unknownSymbol = 0x10

function symbolTable(rows: readonly SymbolRow[]): Uint8Array {
  const out = new Uint8Array(24 * (rows.length + 1))
  const view = new DataView(out.buffer)
  for (const [i, { nameAt, info, section, value }] of rows.entries()) {
    const at = 24 * (i + 1)
    view.setUint32(at, nameAt, true)
    view.setUint8(at + 4, info)
    view.setUint16(at + 6, section, true)
    view.setBigUint64(at + 8, BigInt(value), true)
  }
  return out
}

function words(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(8 * values.length)
  const view = new DataView(out.buffer)
  for (const [i, value] of values.entries()) view.setBigUint64(8 * i, BigInt(value), true)
  return out
}

/** `.symtab` and `.strtab` of functions, or nothing. */
function labels(symbols: ReadonlyMap<number, string>, textIndex: number, base: number): Section[] {
  if (symbols.size === 0) return []
  const strings = new StringTable()
  const rows = [...symbols]
    .sort(([a], [b]) => a - b)
    .map(([slot, name]) => ({
      nameAt: strings.add(name),
      info: functionSymbol,
      section: textIndex,
      value: base + 8 * slot,
    }))
  return [
    {
      ...{ name: '.symtab', type: SectionKind.symtab, flags: 0, bytes: symbolTable(rows) },
      ...{ link: '.strtab', info: 1, entrySize: 24 },
    },
    { name: '.strtab', type: SectionKind.strtab, flags: 0, bytes: strings.finish(), align: 1 },
  ]
}

interface FileParts {
  readonly version: SbpfFileParts['version']
  readonly entry: number
  readonly segments: readonly Segment[]
  /** In the order of their offsets, behind the program headers. */
  readonly sections: readonly Section[]
}

/** Offset of each section, from the end of the program headers on. */
function offsetsOf(sections: readonly Section[], from: number): { at: number[]; end: number } {
  let end = from
  const at = sections.map(({ bytes, align = 8 }) => {
    const start = alignUp(end, align)
    end = start + bytes.length
    return start
  })
  return { at, end }
}

function writeFile({ version, entry, segments, sections: given }: FileParts): Uint8Array {
  const names = new StringTable()
  const nameAt = given.map(({ name }) => names.add(name))
  nameAt.push(names.add('.shstrtab'))
  const strtab = { name: '.shstrtab', type: SectionKind.strtab, flags: 0, align: 1 }
  const sections: readonly Section[] =
    given.length === 0 ? [] : [...given, { ...strtab, bytes: names.finish() }]
  const { at, end } = offsetsOf(sections, headerBytes + programHeaderBytes * segments.length)
  const headersAt = alignUp(end, 8)
  const count = sections.length + 1
  const out = new Uint8Array(headersAt + sectionHeaderBytes * count)
  const view = new DataView(out.buffer)
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setUint16(16, sharedObject, true)
  view.setUint16(18, machines[0]!, true)
  view.setUint32(20, 1, true)
  out.set(words(entry, headerBytes, headersAt), 24)
  view.setUint32(48, sbpfVersions.indexOf(version), true)
  const counts = [headerBytes, programHeaderBytes, segments.length]
  for (const [i, value] of [...counts, sectionHeaderBytes, count, count - 1].entries())
    view.setUint16(52 + 2 * i, value, true)
  for (const [i, { type, flags, offset, address, size }] of segments.entries()) {
    const header = headerBytes + programHeaderBytes * i
    view.setUint32(header, type, true)
    view.setUint32(header + 4, flags, true)
    out.set(words(offset, address, address, size, size, 8), header + 8)
  }
  for (const [i, section] of sections.entries()) {
    const { type, flags, bytes, address = 0, link, info = 0, entrySize = 0, align = 8 } = section
    const header = headersAt + sectionHeaderBytes * (i + 1)
    out.set(bytes, at[i]!)
    view.setUint32(header, nameAt[i]!, true)
    view.setUint32(header + 4, type, true)
    out.set(words(flags, address, at[i]!, bytes.length), header + 8)
    view.setUint32(header + 40, sections.findIndex(({ name }) => name === link) + 1, true)
    view.setUint32(header + 44, info, true)
    out.set(words(align, entrySize), header + 48)
  }
  return out
}

const text = { name: '.text', type: progbits, flags: Flag.alloc | Flag.exec }
const rodata = { name: '.rodata', type: progbits, flags: Flag.alloc }

function writeStrict({ code, readOnly, entryPc, symbols }: SbpfFileParts): Uint8Array {
  const hasData = readOnly.length > 0
  const from = headerBytes + programHeaderBytes * (hasData ? 2 : 1)
  const data = new Uint8Array(alignUp(readOnly.length, 8))
  data.set(readOnly)
  const load = SegmentKind.load
  const codeSegment = { type: load, flags: 1, offset: from + data.length, address: regionSize }
  const segments = [
    ...(hasData ? [{ type: load, flags: 4, offset: from, address: 0, size: data.length }] : []),
    { ...codeSegment, size: code.length },
  ]
  const loaded = [
    ...(hasData ? [{ ...rodata, bytes: data, address: 0 }] : []),
    { ...text, bytes: code, address: regionSize },
  ]
  const sections = [...loaded, ...labels(symbols, loaded.length, regionSize)]
  return writeFile({ version: 'v3', entry: regionSize + 8 * entryPc, segments, sections })
}

function writeLenient(parts: SbpfFileParts): Uint8Array {
  const { code, readOnly, entryPc, symbols, syscalls } = parts
  const strings = new StringTable()
  const names = [...new Set(syscalls.map(({ name }) => name))].sort()
  const rows = names.map((name) => {
    return { nameAt: strings.add(name), info: unknownSymbol, section: 0, value: 0 }
  })
  const indexOf = new Map(names.map((name, i) => [name, i + 1]))
  const callType = 10
  const relocations = words(
    ...syscalls.flatMap(({ slot, name }) => [
      lenientTextAt + 8 * slot,
      indexOf.get(name)! * 2 ** 32 + callType,
    ]),
  )
  const { alloc, write } = Flag
  const dynsym = { name: '.dynsym', type: SectionKind.dynsym, flags: alloc, entrySize: 24 }
  const dynstr = { name: '.dynstr', type: SectionKind.strtab, flags: alloc, align: 1 }
  const rel = { name: '.rel.dyn', type: relType, flags: alloc, entrySize: 16 }
  const dynamic = { name: '.dynamic', type: SectionKind.dynamic, flags: alloc | write }
  const tables: readonly Section[] =
    syscalls.length === 0
      ? []
      : [
          { ...dynsym, bytes: symbolTable(rows), link: '.dynstr', info: 1 },
          { ...dynstr, bytes: strings.finish() },
          { ...rel, bytes: relocations, link: '.dynsym' },
          { ...dynamic, bytes: new Uint8Array(16 * 8), link: '.dynstr', entrySize: 16 },
        ]
  const loaded: Section[] = [
    { ...text, bytes: code },
    ...(readOnly.length > 0 ? [{ ...rodata, bytes: readOnly, align: dataAlign }] : []),
    ...tables,
  ]
  // in files of this form the address of a section is its offset
  const { at, end } = offsetsOf(loaded, lenientTextAt)
  const place = (name: string): number => at[loaded.findIndex((section) => section.name === name)]!
  const addressed = loaded.map((section, i) => ({ ...section, address: at[i]! }))
  const load = SegmentKind.load
  const textEnd = lenientTextAt + code.length
  const segments: Segment[] = [
    ...[{ type: load, flags: 5, offset: lenientTextAt, address: lenientTextAt, size: code.length }],
    ...[{ type: load, flags: 4, offset: textEnd, address: textEnd, size: end - textEnd }],
  ]
  if (tables.length === 0) segments.push({ type: 0, flags: 0, offset: 0, address: 0, size: 0 })
  else {
    const [symbolsAt, stringsAt] = [place('.dynsym'), place('.dynstr')]
    const tags = [
      ...[6, symbolsAt, 11, 24, 5, stringsAt, 10, strings.finish().length],
      ...[17, place('.rel.dyn'), 18, relocations.length, 19, 16],
    ]
    const index = addressed.findIndex(({ name }) => name === '.dynamic')
    const bytes = words(...tags, 0, 0)
    addressed[index] = { ...addressed[index]!, bytes }
    const offset = place('.dynamic')
    segments.push({
      ...{ type: SegmentKind.dynamic, flags: 6, offset, address: offset },
      size: bytes.length,
    })
  }
  const sections = [...addressed, ...labels(symbols, 1, lenientTextAt)]
  return writeFile({ version: 'v0', entry: lenientTextAt + 8 * entryPc, segments, sections })
}

/**
 * Writes an executable that Agave takes for deployment, and `readSbpf` with `rejectBrokenElfs`.
 * @example readSbpf(writeSbpf({ version: 'v3', code: new Uint8Array(8), readOnly: new Uint8Array(0), entryPc: 0, syscalls: [], symbols: new Map() })).entryPc // 0
 */
export function writeSbpf(parts: SbpfFileParts): Uint8Array {
  return parts.version === 'v3' ? writeStrict(parts) : writeLenient(parts)
}
