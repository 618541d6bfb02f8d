import { refuse } from './errors.ts'
import {
  checkedAdd,
  type ElfBytes,
  fileRange,
  inAddresses,
  machines,
  regionSize,
  type SectionHeader,
  saturatingAdd,
  sharedObject,
  shown,
} from './file.ts'
import { type LenientElf, parseLenient } from './parse.ts'
import { FunctionRegistry, Relocator } from './relocate.ts'
import type { LoadedElf, SbpfLoadRules } from './rules.ts'

/** Sections that a program can read, its code among them. */
const readOnly: readonly string[] = ['.text', '.rodata', '.data.rel.ro', '.eh_frame']
/** SHF_WRITE and SHF_ALLOC. */
const writable = 3n
/** First address of the stack: everything else of a file is below. */
const stackStart = 2n * BigInt(regionSize)

function checkWritable(elf: LenientElf): void {
  for (const [i, section] of elf.sections.entries()) {
    const name = elf.names[i]!
    const isData = name.startsWith('.data') && !name.startsWith('.data.rel')
    const isWritable = (section.flags & writable) === writable
    if (!name.startsWith('.bss') && !(isWritable && isData)) continue
    const bytes = Uint8Array.from(name, (c) => c.charCodeAt(0))
    refuse('WritableSectionNotSupported', section.at, shown(bytes))
  }
}

/** `Executable::validate`; answers the text section. */
function validate(elf: LenientElf, file: ElfBytes): SectionHeader {
  const { header, sections, names } = elf
  if (header.osAbi !== 0) refuse('WrongAbi', 7)
  if (!machines.includes(header.machine)) refuse('WrongMachine', 18)
  if (header.type !== sharedObject) refuse('WrongType', 16)
  const text = sections[names.indexOf('.text')]
  if (text === undefined || names.indexOf('.text') !== names.lastIndexOf('.text'))
    return refuse('NotOneTextSection', 40)
  checkWritable(elf)
  for (const section of sections) {
    const end = checkedAdd(section.offset, section.size, section.at + 32)
    if (end > BigInt(file.bytes.length)) refuse('ValueOutOfBounds', section.at + 32)
  }
  if (!inAddresses(text, header.entry)) refuse('EntrypointOutOfBounds', 24)
  return text
}

interface Piece {
  readonly address: bigint
  readonly bytes: Uint8Array
}

/**
 * `parse_ro_sections` without `optimize_rodata`, as Agave has it: one buffer from 2^32 to the end of
 * the highest section, zero between them. Sections that overlap are written in the file's order.
 */
function mergeReadOnly(elf: LenientElf, copy: Uint8Array, rejectBrokenElfs: boolean): Uint8Array {
  const pieces: Piece[] = []
  let lowest = 1n << 64n
  let highest = 0n
  let filled = 0n
  let displaced = false
  for (const [i, section] of elf.sections.entries()) {
    if (!readOnly.includes(elf.names[i]!)) continue
    const { address, at } = section
    displaced ||= address !== section.offset
    const beyond = saturatingAdd(address, BigInt(regionSize)) > stackStart
    if ((rejectBrokenElfs && displaced) || beyond) refuse('ValueOutOfBounds', at + 16)
    const { from, to } = fileRange(section)
    const bytes = copy.subarray(Number(from), Number(to))
    const end = address + BigInt(bytes.length)
    if (address < lowest) lowest = address
    if (end > highest) highest = end
    filled += BigInt(bytes.length)
    pieces.push({ address, bytes })
  }
  const overlap = lowest + filled > highest
  if ((rejectBrokenElfs && overlap) || highest > BigInt(copy.length)) refuse('ValueOutOfBounds', 40)
  const merged = new Uint8Array(Number(highest))
  for (const { address, bytes } of pieces) merged.set(bytes, Number(address))
  return merged
}

/**
 * `load_with_lenient_parser`: sections, relocations, calls by hash. V0, V1 and V2.
 * @throws {SbpfElfError}
 */
export function loadLenient(file: ElfBytes, rules: SbpfLoadRules): LoadedElf {
  const { syscalls, rejectBrokenElfs, labels } = rules
  const elf = parseLenient(file)
  const text = validate(elf, file)
  const displaced = rejectBrokenElfs && text.address !== text.offset
  const textAddress = saturatingAdd(text.address, BigInt(regionSize))
  if (displaced || textAddress > stackStart) refuse('ValueOutOfBounds', text.at + 16)
  const copy = new Uint8Array(file.bytes)
  const registry = new FunctionRegistry(syscalls)
  const job = { elf, file, text, copy, registry, syscalls, rejectBrokenElfs, labels }
  new Relocator(job).run()
  const offset = elf.header.entry - text.address
  if (offset % 8n !== 0n) refuse('InvalidEntrypoint', 24)
  const entryPc = Number(offset / 8n)
  registry.addEntry(entryPc)
  const merged = mergeReadOnly(elf, copy, rejectBrokenElfs)
  const start = Number(text.address)
  const range = fileRange(text)
  const code = merged.subarray(start, start + Number(range.to - range.from))
  const { symtab, strtab } = elf
  return {
    textAddress: Number(textAddress),
    code,
    rodata: { address: regionSize, bytes: merged },
    entryPc,
    functions: registry.functions,
    ...(symtab && strtab && { symbols: { symtab, strtab, base: text.address } }),
  }
}
