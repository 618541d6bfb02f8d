import { DecodeError, VerifyError } from '../bits/errors.ts'
import {
  maxElfBytes,
  maxNameBytes,
  maxSections,
  SectionFlag,
  SectionType,
  SymbolBinding,
  SymbolType,
} from './elf.ts'

/** A segment that is loaded. */
export interface Loadable {
  readonly address: number
  /** A view into the file. */
  readonly bytes: Uint8Array
  /** At least as many as `bytes`; the rest is zero. */
  readonly memoryBytes: number
  readonly writable: boolean
  readonly executable: boolean
  /** File offset of its header, for messages. */
  readonly offset: number
}

/** A name of a place in the code. */
export interface CodeSymbol {
  readonly name: string
  /** From the first octet of code. */
  readonly offset: number
  readonly isFunction: boolean
  readonly isGlobal: boolean
}

export interface RiscvElf {
  readonly wide: boolean
  readonly embedded: boolean
  /** From the first to the last executable section, an even number of octets. */
  readonly code: Uint8Array
  readonly codeBase: number
  /** From the first octet of code. */
  readonly entry: number
  readonly loads: readonly Loadable[]
  readonly symbols: readonly CodeSymbol[]
  /** Names of host calls in the order of their numbers; absent without a section of them. */
  readonly imports: readonly string[] | undefined
}

/** Holds the names of host calls, each with a zero behind it. Nothing of it is in memory. */
export const importSection = '.alcatraz.imports'
/** As many as an `ecall` can be told in one instruction behind the first (`firstEcallImport`). */
const maxImports = 2048

/** e_flags of RISC-V (psABI, "ELF Object Files"). */
const Flag = { floatAbi: 0x6, embedded: 0x8 } as const
const machine = 243
const FileType = { executable: 2, shared: 3 } as const
const loadable = 1
const dynamic = 2
const needsInterpreter = 3
const Permission = { execute: 1, write: 2 } as const

/** Names of symbols are cut short here: a table of n names of n bytes each would be n * n. */
const nameBudget = 4

function fail(code: string, message: string, offset: number, value?: number | bigint): never {
  throw new DecodeError(code, message, { offset, value })
}

function isRiscv(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes
  const isElf = a === 0x7f && b === 0x45 && c === 0x4c && d === 0x46
  return isElf && bytes[18] === machine && bytes[19] === 0
}

/** Is it an ELF file of RISC-V that is no object file. @example isRiscvExecutable(new Uint8Array(0)) // false */
export function isRiscvExecutable(bytes: Uint8Array): boolean {
  return isRiscv(bytes) && bytes[16] !== 1
}

/** Is it an object file of RISC-V. @example isRiscvObject(new Uint8Array(0)) // false */
export function isRiscvObject(bytes: Uint8Array): boolean {
  return isRiscv(bytes) && bytes[16] === 1
}

/** Fields of both word sizes. */
class Reader {
  readonly wide: boolean
  readonly size: number
  /** What is added to the file's addresses. */
  base = 0
  /** The file is for any base. */
  moves = false
  private readonly view: DataView
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array, wide: boolean) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.wide = wide
    this.size = bytes.length
  }

  private check(at: number, length: number): void {
    if (at < 0 || at + length > this.size) fail('truncated', 'the file ends before this field', at)
  }

  u16(at: number): number {
    this.check(at, 2)
    return this.view.getUint16(at, true)
  }

  u32(at: number): number {
    this.check(at, 4)
    return this.view.getUint32(at, true)
  }

  /** A word of the class, 4 or 8 octets, below 2^53. */
  word(at: number): number {
    if (!this.wide) return this.u32(at)
    this.check(at, 8)
    const value = this.view.getBigUint64(at, true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) fail('tooLarge', 'a number beyond 2^53', at, value)
    return Number(value)
  }

  part(at: number, length: number, where: number): Uint8Array {
    if (at + length > this.size) fail('truncated', 'contents end after the file', where, at)
    return this.bytes.subarray(at, at + length)
  }
}

/** Addresses of RV64 are sign-extended from 32 bits where the code model has it so. */
function addressAt(r: Reader, at: number): number {
  if (!r.wide) return r.u32(at) + r.base
  const [low, high] = [r.u32(at), r.u32(at + 4)]
  if (high !== 0 && !(high === 0xffff_ffff && low >= 0x8000_0000))
    fail('tooLarge', 'an address beyond 32 bits: link below 2^32', at)
  return low + r.base
}

function readerOf(bytes: Uint8Array): Reader {
  if (bytes.length > maxElfBytes)
    fail('tooLarge', `ELF file over ${maxElfBytes} bytes`, 0, bytes.length)
  if (bytes.length < 52) fail('truncated', 'no whole ELF header', 0, bytes.length)
  const magic = bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)
  if (magic !== 0x464c457f) fail('notElf', 'no ELF magic', 0, magic)
  const wordSize = bytes[4]!
  if (wordSize !== 1 && wordSize !== 2)
    fail('elfClass', 'neither a 32-bit nor a 64-bit ELF file', 4, wordSize)
  if (bytes[5] !== 1) fail('notLittleEndian', 'not a little-endian ELF file', 5, bytes[5]!)
  return new Reader(bytes, wordSize === 2)
}

/** Checks the header; a position-independent file gets `base`. */
function checkKind(r: Reader, base: number): { readonly embedded: boolean } {
  const kind = r.u16(16)
  const isa = r.u16(18)
  if (isa !== machine) fail('notRiscv', 'not an ELF file of RISC-V', 18, isa)
  if (kind !== FileType.executable && kind !== FileType.shared)
    throw new VerifyError('notExecutable', 'no static executable: link it with -static', {
      offset: 16,
      value: kind,
    })
  if (kind === FileType.shared) [r.base, r.moves] = [base, true]
  const flagsAt = r.wide ? 48 : 36
  const flags = r.u32(flagsAt)
  if ((flags & Flag.floatAbi) !== 0)
    throw new VerifyError(
      'floatAbi',
      'calls pass floating-point registers: compile for -mabi=lp64 or ilp32 and -march without f and d',
      { offset: flagsAt, value: flags },
    )
  return { embedded: (flags & Flag.embedded) !== 0 }
}

interface Segments {
  readonly loads: Loadable[]
  /** File offset and octets of what a loader would need. */
  readonly dynamic: { readonly at: number; readonly size: number } | undefined
}

function readSegments(r: Reader): Segments {
  const at = r.word(r.wide ? 32 : 28)
  const count = r.u16(r.wide ? 56 : 44)
  const size = r.wide ? 56 : 32
  if (count > 0 && r.u16(r.wide ? 54 : 42) !== size)
    fail('headerSize', `program headers are not of ${size} bytes`, r.wide ? 54 : 42)
  const loads: Loadable[] = []
  let found: Segments['dynamic']
  for (let i = 0; i < count; i++) {
    const h = at + i * size
    const type = r.u32(h)
    if (type === needsInterpreter)
      throw new VerifyError('notStatic', 'dynamically linked: link it with -static', { offset: h })
    const fileBytes = r.word(h + (r.wide ? 32 : 16))
    if (type === dynamic) found = { at: r.word(h + (r.wide ? 8 : 4)), size: fileBytes }
    if (type !== loadable) continue
    const flags = r.u32(h + (r.wide ? 4 : 24))
    const memoryBytes = r.word(h + (r.wide ? 40 : 20))
    if (memoryBytes < fileBytes) fail('segmentSize', 'a segment has more bytes than memory', h)
    if (memoryBytes === 0) continue
    const bytes = r.part(r.word(h + (r.wide ? 8 : 4)), fileBytes, h)
    const address = addressAt(r, h + (r.wide ? 16 : 8))
    const writable = (flags & Permission.write) !== 0
    const isCode = (flags & Permission.execute) !== 0
    loads.push({ address, bytes, memoryBytes, writable, executable: isCode, offset: h })
  }
  return { loads, dynamic: found }
}

/** Tags of the dynamic section (gABI, "Dynamic Section"). */
const Tag = { end: 0, rela: 7, relaSize: 8, rel: 17, pltRelocations: 23, relr: 36 } as const
const relative = 3

/** Applies what moves the file to its base: R_RISCV_RELATIVE and nothing else. O(file). */
function moveLoads(r: Reader, { dynamic: section, loads }: Segments): Loadable[] {
  if (section === undefined || !r.moves) return loads
  const step = r.wide ? 8 : 4
  const tags = new Map<number, number>()
  for (let at = section.at; at + 2 * step <= section.at + section.size; at += 2 * step) {
    const tag = r.u32(at)
    if (tag === Tag.end) break
    tags.set(tag, r.u32(at + step))
  }
  for (const tag of [Tag.rel, Tag.relr, Tag.pltRelocations])
    if (tags.has(tag))
      throw new VerifyError(
        'dynamic',
        'relocations of a dynamic linker: link it with -static -no-pie',
        {
          ...{ offset: section.at, value: tag },
        },
      )
  const moved = loads.map((load) => ({ ...load, bytes: load.bytes.slice() }))
  const placeOf = (address: number, size: number): [Uint8Array, number] | undefined => {
    const load = moved.find(
      (l) => address >= l.address && address + size <= l.address + l.bytes.length,
    )
    return load && [load.bytes, address - load.address]
  }
  const [table, size] = [(tags.get(Tag.rela) ?? 0) + r.base, tags.get(Tag.relaSize) ?? 0]
  const from = loads.find((l) => table >= l.address && table + size <= l.address + l.bytes.length)
  if (size > 0 && from === undefined)
    fail('dynamic', 'relocations outside the file', section.at, table)
  for (let at = 0; from !== undefined && at + 3 * step <= size; at += 3 * step) {
    const entry = new DataView(from.bytes.buffer, from.bytes.byteOffset + table - from.address + at)
    const type = entry.getUint32(step, true) & 0xff
    const place = placeOf(entry.getUint32(0, true) + r.base, step)
    if (type !== relative || place === undefined)
      throw new VerifyError(
        'dynamic',
        'a relocation of a dynamic linker: link it with -static -no-pie',
        {
          ...{ offset: section.at, value: type },
        },
      )
    const [bytes, offset] = place
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const value = entry.getInt32(2 * step, true) + r.base
    view.setUint32(offset, value >>> 0, true)
    if (r.wide) view.setUint32(offset + 4, 0, true)
  }
  return moved
}

interface SectionHeader {
  /** Offset in the section of names. */
  readonly name: number
  readonly type: number
  readonly flags: number
  readonly address: number
  readonly offset: number
  readonly size: number
  readonly link: number
  readonly at: number
}

function readSections(r: Reader): SectionHeader[] {
  const at = r.word(r.wide ? 40 : 32)
  const count = r.u16(r.wide ? 60 : 48)
  const size = r.wide ? 64 : 40
  if (at === 0 || count === 0) return []
  if (r.u16(r.wide ? 58 : 46) !== size || count > maxSections)
    fail('headerSize', `section headers are not of ${size} bytes`, r.wide ? 58 : 46)
  return Array.from({ length: count }, (_, i) => {
    const h = at + i * size
    const allocated = (r.word(h + 8) & SectionFlag.alloc) !== 0
    return {
      name: r.u32(h),
      type: r.u32(h + 4),
      flags: r.word(h + 8),
      address: allocated ? addressAt(r, h + (r.wide ? 16 : 12)) : 0,
      offset: r.word(h + (r.wide ? 24 : 16)),
      size: r.word(h + (r.wide ? 32 : 20)),
      link: r.u32(h + (r.wide ? 40 : 24)),
      at: h,
    }
  })
}

/** From the first to the last executable section; without sections the executable segment. */
function codeRange(load: Loadable, sections: readonly SectionHeader[]): [number, number] {
  const flags = SectionFlag.alloc | SectionFlag.exec
  const end = load.address + load.bytes.length
  const inside = sections.filter(
    (s) =>
      (s.flags & flags) === flags &&
      s.size > 0 &&
      s.address >= load.address &&
      s.address + s.size <= end,
  )
  if (inside.length === 0) return [load.address, end]
  const low = Math.min(...inside.map((s) => s.address))
  return [low, Math.max(...inside.map((s) => s.address + s.size))]
}

function readSymbols(
  r: Reader,
  sections: readonly SectionHeader[],
  low: number,
  high: number,
): CodeSymbol[] {
  const table = sections.find(({ type }) => type === SectionType.symtab)
  const strings = table && sections[table.link]
  if (table === undefined || strings === undefined) return []
  const entry = r.wide ? 24 : 16
  const names = r.part(strings.offset, strings.size, strings.at)
  r.part(table.offset, table.size, table.at)
  const out: CodeSymbol[] = []
  let budget = nameBudget * r.size
  for (let at = table.offset; at + entry <= table.offset + table.size; at += entry) {
    const nameAt = r.u32(at)
    const info = r.u16(at + (r.wide ? 4 : 12)) & 0xff
    const [type, binding] = [info & 15, info >> 4]
    if (type !== SymbolType.func && type !== SymbolType.none) continue
    const value = r.u32(at + (r.wide ? 8 : 4)) + r.base
    if (nameAt === 0 || value < low || value >= high) continue
    const end = names.indexOf(0, nameAt)
    const length = (end < 0 ? names.length : end) - nameAt
    budget -= length
    if (length <= 0 || length > maxNameBytes || budget < 0) continue
    const name = new TextDecoder().decode(names.subarray(nameAt, nameAt + length))
    if (name.startsWith('$') || name.startsWith('.L')) continue
    const isGlobal = binding !== SymbolBinding.local
    out.push({ name, offset: value - low, isFunction: type === SymbolType.func, isGlobal })
  }
  return out
}

/** Where a text that a zero ends is in a part of the file. */
function textAt(part: Uint8Array, at: number): string | undefined {
  const end = part.indexOf(0, at)
  return end < 0 || end - at > maxNameBytes
    ? undefined
    : new TextDecoder().decode(part.subarray(at, end))
}

/** The names in the section of imports, if there is one. O(file). */
function readImports(r: Reader, sections: readonly SectionHeader[]): string[] | undefined {
  const strings = sections[r.u16(r.wide ? 62 : 50)]
  if (strings === undefined) return undefined
  const names = r.part(strings.offset, strings.size, strings.at)
  const found = sections.find(
    ({ name, type }) => type === SectionType.progbits && textAt(names, name) === importSection,
  )
  if (found === undefined) return undefined
  const part = r.part(found.offset, found.size, found.at)
  const out: string[] = []
  for (let at = 0; at < part.length; ) {
    const end = part.indexOf(0, at)
    const name = textAt(part, at)
    if (name === undefined || name === '')
      fail('imports', 'no name of a host call with a zero behind it', found.offset + at)
    if (out.length === maxImports)
      fail('imports', `over ${maxImports} host calls`, found.offset + at)
    out.push(name)
    at = end + 1
  }
  return out
}

/**
 * @param base where a position-independent file goes, a multiple of 4096
 * @throws {DecodeError} malformed @throws {VerifyError} not what engines run
 */
export function readRiscvElf(bytes: Uint8Array, base: number): RiscvElf {
  const r = readerOf(bytes)
  const { embedded } = checkKind(r, base)
  const loads = moveLoads(r, readSegments(r))
  const sections = readSections(r)
  const codes = loads.filter((load) => load.executable && load.bytes.length > 0)
  const start = addressAt(r, 24)
  const load = codes.find((l) => start >= l.address && start < l.address + l.bytes.length)
  if (load === undefined) fail('badEntry', 'the entry lies in no executable segment', 24, start)
  const [low, high] = codeRange(load, sections)
  if (low % 2 !== 0) fail('misaligned', 'code at an odd address', load.offset, low)
  const part = load.bytes.subarray(low - load.address, high - load.address)
  const code = new Uint8Array(part.length + (part.length & 1))
  code.set(part)
  const symbols = readSymbols(r, sections, low, high)
  const imports = readImports(r, sections)
  return {
    wide: r.wide,
    embedded,
    code,
    codeBase: low,
    entry: start - low,
    loads,
    symbols,
    imports,
  }
}
