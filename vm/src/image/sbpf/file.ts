import { refuse, refuseParse } from './errors.ts'

/** Reads fields of a file that is at least as long as what is asked for; offsets are checked before. */
export interface ElfBytes {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export function elfBytesOf(bytes: Uint8Array): ElfBytes {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

/** gABI "ELF Header". 64-bit fields stay whole: hostile ones overflow, and what they do then is a rule. */
export interface FileHeader {
  readonly osAbi: number
  readonly type: number
  readonly machine: number
  readonly version: number
  readonly entry: bigint
  readonly programsAt: bigint
  readonly sectionsAt: bigint
  readonly size: number
  readonly programSize: number
  readonly programCount: number
  readonly sectionSize: number
  readonly sectionCount: number
  readonly namesIndex: number
}

export interface ProgramHeader {
  readonly at: number
  readonly type: number
  readonly flags: number
  readonly offset: bigint
  readonly address: bigint
  readonly physical: bigint
  readonly fileSize: bigint
  readonly memorySize: bigint
}

export interface SectionHeader {
  readonly at: number
  readonly nameAt: number
  readonly type: number
  readonly flags: bigint
  readonly address: bigint
  readonly offset: bigint
  readonly size: bigint
}

export const elfMagic = 0x464c457f
export const headerBytes = 64
export const programHeaderBytes = 56
export const sectionHeaderBytes = 64
export const symbolBytes = 24
export const relocationBytes = 16

export const SectionKind = { null: 0, symtab: 2, strtab: 3, dynamic: 6, nobits: 8, dynsym: 11 }
export const SegmentKind = { load: 1, dynamic: 2 }
/** EM_BPF and EM_SBPF. */
export const machines: readonly number[] = [247, 263]
export const sharedObject = 3

/** Of 64-bit addition. */
const overflow = 1n << 64n
/** 2^32: what one region of the sBPF address space covers. */
export const regionSize = 0x1_0000_0000

/** `a + b`, or `ValueOutOfBounds` from 2^64 on. */
export function checkedAdd(a: bigint, b: bigint, at: number): bigint {
  const sum = a + b
  return sum < overflow ? sum : refuse('ValueOutOfBounds', at)
}

/** `a + b`, at most 2^64 - 1. */
export function saturatingAdd(a: bigint, b: bigint): bigint {
  const sum = a + b
  return sum < overflow ? sum : overflow - 1n
}

export function readFileHeader({ bytes, view }: ElfBytes): FileHeader {
  if (bytes.length < headerBytes) refuse('ValueOutOfBounds', bytes.length)
  return {
    osAbi: view.getUint8(7),
    type: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    version: view.getUint32(20, true),
    entry: view.getBigUint64(24, true),
    programsAt: view.getBigUint64(32, true),
    sectionsAt: view.getBigUint64(40, true),
    size: view.getUint16(52, true),
    programSize: view.getUint16(54, true),
    programCount: view.getUint16(56, true),
    sectionSize: view.getUint16(58, true),
    sectionCount: view.getUint16(60, true),
    namesIndex: view.getUint16(62, true),
  }
}

/** ELF magic, 64 bits, little-endian, version 1; both loaders ask for it. */
export function hasIdent({ view }: ElfBytes, header: FileHeader): boolean {
  const magic = view.getUint32(0, true) === elfMagic
  const kind = view.getUint8(4) === 2 && view.getUint8(5) === 1
  return magic && kind && view.getUint8(6) === 1 && header.version === 1
}

/** `count` entries of `size` bytes from `at` on, which a slice of the file was checked to hold. */
export interface Table {
  readonly at: number
  readonly count: number
}

/**
 * The rules of `slice_from_bytes`: whole entries, inside the file, on a multiple of eight.
 * @param place offset of the field that says where the table is
 */
export function tableOf(
  file: ElfBytes,
  start: bigint,
  end: bigint,
  size: number,
  place: number,
): Table {
  const length = end > start ? end - start : 0n
  if (length % BigInt(size) !== 0n) refuseParse('InvalidSize', place)
  if (start > end || end > BigInt(file.bytes.length)) refuse('ValueOutOfBounds', place)
  if (start % 8n !== 0n) refuseParse('InvalidAlignment', place)
  return { at: Number(start), count: Number(length) / size }
}

export function readProgramHeader({ view }: ElfBytes, at: number): ProgramHeader {
  return {
    at,
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: view.getBigUint64(at + 8, true),
    address: view.getBigUint64(at + 16, true),
    physical: view.getBigUint64(at + 24, true),
    fileSize: view.getBigUint64(at + 32, true),
    memorySize: view.getBigUint64(at + 40, true),
  }
}

export function readSectionHeader({ view }: ElfBytes, at: number): SectionHeader {
  return {
    at,
    nameAt: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getBigUint64(at + 8, true),
    address: view.getBigUint64(at + 16, true),
    offset: view.getBigUint64(at + 24, true),
    size: view.getBigUint64(at + 32, true),
  }
}

/** Bytes of the file that a section is in: none for `nobits`. */
export function fileRange(section: SectionHeader): { readonly from: bigint; readonly to: bigint } {
  if (section.type === SectionKind.nobits) return { from: 0n, to: 0n }
  return { from: section.offset, to: saturatingAdd(section.offset, section.size) }
}

export function inAddresses(section: SectionHeader, address: bigint): boolean {
  return address >= section.address && address < saturatingAdd(section.address, section.size)
}

const lossy = new TextDecoder('utf-8', { ignoreBOM: true })

/** A name for people: what is no UTF-8 shows as U+FFFD. */
export function shown(bytes: Uint8Array): string {
  return lossy.decode(bytes)
}

/**
 * A name of at most `limit - 1` bytes in a string table, as a view.
 * @throws {SbpfElfError} as `get_string_in_section`
 */
export function nameIn(
  file: ElfBytes,
  table: SectionHeader,
  nameAt: number,
  limit: number,
  place: number,
): Uint8Array {
  if (table.type !== SectionKind.strtab) refuseParse('InvalidSectionHeader', table.at + 4)
  const start = checkedAdd(table.offset, BigInt(nameAt), place)
  const tableEnd = checkedAdd(table.offset, table.size, table.at + 32)
  const most = checkedAdd(start, BigInt(limit), place)
  const end = tableEnd < most ? tableEnd : most
  if (start > end || end > BigInt(file.bytes.length)) refuse('ValueOutOfBounds', place)
  const open = file.bytes.subarray(Number(start), Number(end))
  const length = open.indexOf(0)
  if (length < 0) {
    const text = `Section or symbol name \`${shown(open)}\` is longer than \`${limit}\` bytes`
    refuse('FailedToParse', place, text)
  }
  return open.subarray(0, length)
}

/** One character a byte: names are compared as bytes. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
