import { DecodeError, LinkError } from '../bits/errors.ts'
import {
  type ElfFile,
  type ElfRelocation,
  type ElfSection,
  type ElfSymbol,
  readElf,
  SectionFlag,
  SectionType,
} from '../image/elf.ts'
import {
  constructorSections,
  ignoredSections,
  jumpTableSection,
  kernelSections,
  linkLimits,
  machineBpf,
} from './limits.ts'

export interface ObjectInput {
  /** For messages and the report; need not be unique. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Does a file say that it is an ELF object of eBPF. @example isBpfObject(Uint8Array.of()) // false */
export function isBpfObject(bytes: Uint8Array): boolean {
  const magic = [0x7f, 0x45, 0x4c, 0x46]
  return (
    magic.every((octet, i) => bytes[i] === octet) && bytes[18] === machineBpf && bytes[19] === 0
  )
}

/** The part of the program a section goes to. */
export type Place = 'code' | 'readOnly' | 'data' | 'bss'

/** A section of an object that becomes part of the program. */
export interface Piece {
  readonly object: LinkObject
  readonly section: ElfSection
  readonly place: Place
  /** Its first byte's offset within the place; set by `layOut`. */
  offset: number
}

export interface LinkObject {
  readonly name: string
  readonly elf: ElfFile
  /** By section index; undefined for what is not loaded. */
  readonly pieces: (Piece | undefined)[]
  /** Section index -> its relocations. */
  readonly relocations: ReadonlyMap<number, readonly ElfRelocation[]>
}

/** Where in the input something is refused. */
export interface LinkPlace {
  readonly object: string
  readonly section?: string
  /** Bytes from the start of the section. */
  readonly offset?: number | undefined
  readonly value?: bigint | number | string | undefined
}

/** @throws {LinkError} always; the message names object, section and offset */
export function linkFail(code: string, message: string, place: LinkPlace): never {
  const section = place.section === undefined ? '' : `(${place.section})`
  throw new LinkError(code, `${place.object}${section}: ${message}`, {
    offset: place.offset,
    value: place.value,
  })
}

/** @throws {DecodeError} that names the object */
export function parseObject(input: ObjectInput, narrow = false): ElfFile {
  try {
    return readElf(input.bytes, { narrow })
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const { offset, value } = error
    throw new DecodeError(error.code, `${input.name}: ${error.what}`, { offset, value })
  }
}

/** The place of a section, or undefined when it is not loaded. */
function placeOf(object: string, section: ElfSection): Place | undefined {
  const { name, flags, type, size } = section
  const refuse = (code: string, message: string): never =>
    linkFail(code, message, { object, section: name, value: name })
  if (name === jumpTableSection) return type === SectionType.progbits ? 'readOnly' : undefined
  if (kernelSections.has(name)) refuse('kernelSection', 'only the Linux kernel has these')
  if (constructorSections.has(name) && size > 0) {
    refuse('constructors', 'contracts run no constructors; initialise in an entry point')
  }
  if ((flags & SectionFlag.alloc) === 0 || type === SectionType.group) return undefined
  if (ignoredSections.has(name) || type === SectionType.note) return undefined
  if (name.startsWith('.addr_space.')) refuse('addressSpace', 'arena memory has no meaning here')
  if ((flags & SectionFlag.tls) !== 0) refuse('threadLocal', 'contracts have no threads')
  if ((flags & SectionFlag.compressed) !== 0) refuse('compressed', 'a loaded section is compressed')
  if (type >= SectionType.initArray && type <= SectionType.preinitArray) {
    refuse('constructors', 'contracts run no constructors; initialise in an entry point')
  }
  const zero = type === SectionType.nobits
  if (!zero && type !== SectionType.progbits) refuse('sectionType', `section type ${type}`)
  if ((flags & SectionFlag.exec) !== 0) {
    if (zero || size % 8 !== 0) refuse('codeSize', `code of ${size} bytes is no whole slots`)
    return 'code'
  }
  if (zero) return 'bss'
  return (flags & SectionFlag.write) !== 0 ? 'data' : 'readOnly'
}

const groupComdat = 1

/** Section indices that a COMDAT group of the same signature before this object replaces. */
export function replacedSections(elf: ElfFile, seen: Set<string>): Set<number> {
  const replaced = new Set<number>()
  for (const section of elf.sections) {
    if (section.type !== SectionType.group || section.size < 4 || section.size % 4 !== 0) continue
    const { bytes } = section
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if ((words.getUint32(0, true) & groupComdat) === 0) continue
    const signature = elf.symbols[section.info]?.name ?? ''
    if (!seen.has(signature)) {
      seen.add(signature)
      continue
    }
    for (let at = 4; at < bytes.length; at += 4) replaced.add(words.getUint32(at, true))
  }
  return replaced
}

function readObject(input: ObjectInput, groups: Set<string>): LinkObject {
  const elf = parseObject(input)
  const { name } = input
  if (elf.machine !== machineBpf) {
    linkFail('notBpf', `machine ${elf.machine} is not eBPF (247); compile with -target bpf`, {
      object: name,
      offset: 18,
      value: elf.machine,
    })
  }
  if (elf.type !== 1) {
    linkFail('notObject', 'not a relocatable object', { object: name, offset: 16, value: elf.type })
  }
  const replaced = replacedSections(elf, groups)
  const relocations = new Map<number, readonly ElfRelocation[]>()
  for (const { target, entries } of elf.relocations) {
    if (relocations.has(target)) {
      linkFail('relocationTable', 'a section is relocated twice', { object: name, value: target })
    }
    relocations.set(target, entries)
  }
  const object: LinkObject = { name, elf, pieces: [], relocations }
  for (const section of elf.sections) {
    const place = replaced.has(section.index) ? undefined : placeOf(name, section)
    object.pieces.push(place === undefined ? undefined : { object, section, place, offset: 0 })
  }
  return object
}

/**
 * Reads the objects and decides for each section whether and where it is loaded.
 * @throws {DecodeError} for malformed ELF, {LinkError} for what no contract can have
 */
export function readObjects(inputs: readonly ObjectInput[]): LinkObject[] {
  checkInputs(inputs)
  const groups = new Set<string>()
  return inputs.map((input) => readObject(input, groups))
}

/** @throws {LinkError} there are none, or too many or too large ones */
export function checkInputs(inputs: readonly ObjectInput[]): void {
  if (inputs.length === 0) throw new LinkError('noObjects', 'nothing to link')
  if (inputs.length > linkLimits.objects) {
    throw new LinkError('tooManyObjects', `over ${linkLimits.objects} objects`, {
      value: inputs.length,
    })
  }
  const total = inputs.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (total > linkLimits.inputBytes) {
    throw new LinkError('tooLarge', `over ${linkLimits.inputBytes} bytes`, { value: total })
  }
}

/** All loaded sections, in the order of objects and of sections in them. */
export function* piecesOf(objects: readonly LinkObject[], place?: Place): Generator<Piece> {
  for (const object of objects) {
    for (const piece of object.pieces) {
      if (piece !== undefined && (place === undefined || piece.place === place)) yield piece
    }
  }
}

/** @throws {LinkError} */
export function symbolOf(object: LinkObject, relocation: ElfRelocation): ElfSymbol {
  const symbol = object.elf.symbols[relocation.symbol]
  if (symbol !== undefined) return symbol
  return linkFail('relocationSymbol', 'relocation names no symbol', {
    object: object.name,
    value: relocation.symbol,
  })
}
