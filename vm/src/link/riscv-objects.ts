import { LinkError } from '../bits/errors.ts'
import {
  type ElfFile,
  type ElfRelocation,
  type ElfSection,
  SectionFlag,
  SectionType,
  SpecialSection,
} from '../image/elf.ts'
import { readArchives } from './archive.ts'
import { constructorSections } from './limits.ts'
import {
  checkInputs,
  type LinkObject,
  linkFail,
  type ObjectInput,
  type Place,
  parseObject,
  replacedSections,
} from './objects.ts'
import { attributesSection, checkAttributes, marchAdvice } from './riscv-attributes.ts'

/** e_machine of RISC-V. */
export const machineRiscv: number = 243
/** e_flags (psABI, "ELF Object Files"). */
const Flag = { floatAbi: 0x6, embedded: 0x8 } as const
/** e_type of objects. */
const relocatable = 1

/** What is linked: objects that agree on what code is. */
export interface RiscvObjects {
  readonly objects: readonly LinkObject[]
  readonly wide: boolean
  readonly embedded: boolean
}

/** Of use to unwinders, debuggers and dynamic loaders only. */
const ignored =
  /^\.(eh_frame|eh_frame_hdr|gcc_except_table|llvm_|note|comment|stack_sizes|got|plt|dyn|rela|interp|hash|gnu)/

/** The place of a section, or undefined when it is not loaded. */
function placeOf(object: string, isObject: boolean, section: ElfSection): Place | undefined {
  const { flags, name, size, type } = section
  const refuse = (code: string, message: string): never =>
    linkFail(code, message, { object, section: name, value: name })
  if ((flags & SectionFlag.alloc) === 0 || type === SectionType.group) return undefined
  if (type === SectionType.note || ignored.test(name)) return undefined
  if ((flags & SectionFlag.tls) !== 0)
    refuse('threadLocal', 'contracts have no threads: compile without thread-local variables')
  if ((flags & SectionFlag.compressed) !== 0) refuse('compressed', 'a loaded section is compressed')
  const constructs = type >= SectionType.initArray && type <= SectionType.preinitArray
  if (isObject && size > 0 && (constructs || constructorSections.has(name)))
    refuse('constructors', 'programs run no constructors: initialise in an entry point')
  const isZero = type === SectionType.nobits
  if (!isZero && !constructs && type !== SectionType.progbits) return undefined
  if ((flags & SectionFlag.exec) !== 0) {
    if (isZero || size % 2 !== 0)
      refuse('codeSize', `code of ${size} bytes is no whole instructions`)
    return 'code'
  }
  if (isZero) return 'bss'
  // Constant but for addresses, which are final here.
  if (name.startsWith('.data.rel.ro')) return 'readOnly'
  return (flags & SectionFlag.write) !== 0 ? 'data' : 'readOnly'
}

function checkHeader(name: string, elf: ElfFile): void {
  const { flags, machine, type } = elf
  if (machine !== machineRiscv)
    linkFail('notRiscv', `machine ${machine} is not RISC-V (243): ${marchAdvice}`, {
      ...{ object: name, offset: 18, value: machine },
    })
  if (type < relocatable || type > 3)
    linkFail('notObject', 'neither an object nor an executable', { object: name, value: type })
  if ((flags & Flag.floatAbi) !== 0)
    linkFail('floatAbi', `calls pass floating-point registers: ${marchAdvice}`, {
      ...{ object: name, offset: elf.wide ? 48 : 36, value: flags },
    })
}

/** Where an address of an executable lies in its section; objects have offsets already. */
function offsetIn(section: ElfSection | undefined, value: bigint): bigint {
  return section === undefined ? value : BigInt.asIntN(64, value - section.address)
}

/** An executable as the object it was: symbols and relocations by section, not by address. */
function asObject(name: string, elf: ElfFile): ElfFile {
  if (!elf.relocations.some(({ entries }) => entries.length > 0))
    linkFail(
      'noRelocations',
      'an executable without its relocations: link it with -Wl,--emit-relocs,--no-relax',
      {
        object: name,
      },
    )
  const symbols = elf.symbols.map((symbol) => {
    if (symbol.section === SpecialSection.undefined || symbol.section >= elf.sections.length)
      return symbol
    return { ...symbol, value: offsetIn(elf.sections[symbol.section], symbol.value) }
  })
  const relocations = elf.relocations.map(({ target, entries }) => {
    const base = Number(elf.sections[target]!.address)
    return { target, entries: entries.map((entry) => ({ ...entry, offset: entry.offset - base })) }
  })
  return { ...elf, symbols, relocations }
}

function readObject(input: ObjectInput, groups: Set<string>): LinkObject {
  const { name } = input
  const file = parseObject(input, true)
  checkHeader(name, file)
  const isObject = file.type === relocatable
  const elf = isObject ? file : asObject(name, file)
  const relocations = new Map<number, readonly ElfRelocation[]>()
  for (const { target, entries } of elf.relocations) {
    if (relocations.has(target))
      linkFail('relocationTable', 'a section is relocated twice', { object: name, value: target })
    // Their order at one place matters: a sort is stable.
    relocations.set(
      target,
      [...entries].sort((a, b) => a.offset - b.offset),
    )
  }
  const replaced = isObject ? replacedSections(elf, groups) : new Set<number>()
  const object: LinkObject = { name, elf, pieces: [], relocations }
  for (const section of elf.sections) {
    if (section.name === attributesSection) checkAttributes(name, section.bytes)
    const place = replaced.has(section.index) ? undefined : placeOf(name, isObject, section)
    object.pieces.push(place === undefined ? undefined : { object, section, place, offset: 0 })
  }
  return object
}

/**
 * Reads objects, executables that kept their relocations, and those members of archives that define what is undefined.
 * @param names that are wanted of archives apart from those
 * @throws {DecodeError} for malformed files, {LinkError} for what no program can have
 */
export function readRiscvObjects(
  inputs: readonly ObjectInput[],
  names: readonly string[] = [],
): RiscvObjects {
  checkInputs(inputs)
  const groups = new Set<string>()
  const objects = readArchives(inputs, names).map((input) => readObject(input, groups))
  const first = objects[0]
  if (first === undefined) throw new LinkError('noObjects', 'nothing to link')
  const isEmbedded = (object: LinkObject): boolean => (object.elf.flags & Flag.embedded) !== 0
  const [wide, embedded] = [first.elf.wide, isEmbedded(first)]
  for (const object of objects)
    if (object.elf.wide !== wide || isEmbedded(object) !== embedded)
      linkFail('mixedAbis', `for another -mabi than ${first.name}`, { object: object.name })
  return { objects, wide, embedded }
}
