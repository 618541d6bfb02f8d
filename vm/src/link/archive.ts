import { DecodeError } from '../bits/errors.ts'
import { type ElfFile, SpecialSection, SymbolBinding } from '../image/elf.ts'
import { linkLimits } from './limits.ts'
import { type ObjectInput, parseObject } from './objects.ts'

/** `!<arch>\n`: files of `ar`, which .a and .rlib are. */
const magic = [0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e, 0x0a]
const headerBytes = 60
const nameBytes = 16

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
const isElf = (b: Uint8Array): boolean =>
  b[0] === 0x7f && b[1] === 0x45 && b[2] === 0x4c && b[3] === 0x46

/** Is it a file of `ar`. @example isArchive(new Uint8Array(0)) // false */
export function isArchive(bytes: Uint8Array): boolean {
  return magic.every((octet, i) => bytes[i] === octet)
}

/** The name of a member: in its header, or at an offset in the member `//`. */
function nameOf(field: string, long: Uint8Array): string {
  const match = /^\/(\d+) *$/.exec(field)
  if (match === null) return field.replace(/\/? *$/, '')
  const from = Number(match[1])
  const end = long.indexOf(0x0a, from)
  return text(long.subarray(from, Math.min(end < 0 ? long.length : end, from + 256))).replace(
    /\/$/,
    '',
  )
}

/**
 * Members of an archive that are ELF files, by name, in order; others (indices, metadata of Rust) are left out.
 * @throws {DecodeError} malformed
 */
export function archiveMembers({ name, bytes }: ObjectInput): ObjectInput[] {
  const out: ObjectInput[] = []
  let long = bytes.subarray(0, 0)
  let at = magic.length
  while (at + headerBytes <= bytes.length) {
    const field = text(bytes.subarray(at, at + nameBytes))
    const size = Number(text(bytes.subarray(at + 48, at + 58)).trim())
    const from = at + headerBytes
    if (!/^[0-9]+ *$/.test(text(bytes.subarray(at + 48, at + 58))) || from + size > bytes.length)
      throw new DecodeError('archive', `${name}: a member of no size that fits`, {
        offset: at + 48,
      })
    const content = bytes.subarray(from, from + size)
    if (field.startsWith('//')) long = content
    else if (isElf(content) && !nameOf(field, long).endsWith('.rmeta'))
      out.push({ name: `${name}(${nameOf(field, long)})`, bytes: content })
    if (out.length > linkLimits.objects)
      throw new DecodeError('archive', `${name}: over ${linkLimits.objects} members`)
    at = from + size + (size & 1)
  }
  return out
}

/** Global names that a file defines, and those it needs. */
function namesOf(elf: ElfFile): { readonly defined: string[]; readonly needed: string[] } {
  const defined: string[] = []
  const needed: string[] = []
  for (const { binding, name, section } of elf.symbols) {
    if (binding === SymbolBinding.local || name === '') continue
    if (section !== SpecialSection.undefined) defined.push(name)
    else if (binding !== SymbolBinding.weak) needed.push(name)
  }
  return { defined, needed }
}

/**
 * The inputs with each archive replaced by those of its members that define what is needed and defined nowhere before: members in
 * order, again and again until none is needed. Nothing but archives, and no name wanted: all members.
 * @param names wanted apart from what the inputs need
 */
export function readArchives(
  inputs: readonly ObjectInput[],
  names: readonly string[] = [],
): ObjectInput[] {
  if (!inputs.some(({ bytes }) => isArchive(bytes))) return [...inputs]
  const defined = new Set<string>()
  const wanted = new Set<string>(names)
  const add = (elf: ElfFile): void => {
    const names = namesOf(elf)
    for (const name of names.defined) defined.add(name)
    for (const name of names.needed) wanted.add(name)
  }
  const out: ObjectInput[] = []
  const members: ObjectInput[] = []
  for (const input of inputs) {
    if (isArchive(input.bytes)) {
      members.push(...archiveMembers(input))
      continue
    }
    out.push(input)
    add(parseObject(input, true))
  }
  if (out.length === 0 && wanted.size === 0) return members
  const files = members.map((member) => ({ member, elf: parseObject(member, true) }))
  const definer = new Map<string, number>()
  for (const [i, { elf }] of files.entries())
    for (const name of namesOf(elf).defined) if (!definer.has(name)) definer.set(name, i)
  const taken = new Set<number>()
  // A Set's iteration also visits what is added to it meanwhile.
  for (const name of wanted) {
    const i = defined.has(name) ? undefined : definer.get(name)
    if (i === undefined || taken.has(i)) continue
    taken.add(i)
    add(files[i]!.elf)
  }
  const chosen = [...taken].sort((a, b) => a - b).map((i) => files[i]!.member)
  return [...out, ...chosen]
}
