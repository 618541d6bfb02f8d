import { cursorOf, readU64 } from '../bits/bytes.ts'
import { LinkError } from '../bits/errors.ts'
import { readLooseLeb } from '../bits/leb128.ts'
import { containerLimits, isName } from '../image/container-rules.ts'
import type { ElfSection } from '../image/elf.ts'
import { bpfFunctions } from '../isa/bpf/frames.ts'
import type { BpfFunction } from '../vm/program.ts'
import { stackSizesSection } from './limits.ts'
import { type LinkObject, linkFail, type Piece, symbolOf } from './objects.ts'
import { isKept } from './reach.ts'
import type { NamedCode, Symbols } from './symbols.ts'

/** Byte offset in code, or undefined for a function whose section was dropped. */
function frameOwner(
  object: LinkObject,
  section: ElfSection,
  symbols: Symbols,
  entry: { readonly offset: number; readonly stored: bigint },
  relocationAt: ReadonlyMap<number, number>,
): number | undefined {
  const relocations = object.relocations.get(section.index) ?? []
  const relocation = relocations[relocationAt.get(entry.offset) ?? -1]
  let piece: Piece | undefined = object.pieces[section.link]
  let at = entry.stored
  if (relocation !== undefined) {
    const target = symbols.resolve(object, symbolOf(object, relocation))
    if (target.kind !== 'piece') return undefined
    piece = target.piece
    at = BigInt(target.offset) + (relocation.addend ?? entry.stored)
  }
  if (piece?.place !== 'code' || !isKept(piece)) return undefined
  if (at < 0n || at >= BigInt(piece.section.size) || at % 8n !== 0n) {
    const place = { object: object.name, section: section.name, offset: entry.offset, value: at }
    linkFail('stackSizes', 'frame of no function', place)
  }
  return piece.offset + Number(at)
}

/**
 * Frame sizes by byte offset in code, from `.stack_sizes` (`-fstack-size-section`): pairs of a
 * relocated u64 address and a LEB128 size in bytes. Rounded up to 8.
 * @throws {DecodeError} for a malformed section, {LinkError} for one that fits no code
 */
export function declaredFrames(
  objects: readonly LinkObject[],
  symbols: Symbols,
): Map<number, number> {
  const frames = new Map<number, number>()
  for (const object of objects) {
    for (const section of object.elf.sections) {
      if (section.name !== stackSizesSection) continue
      const relocationAt = new Map<number, number>()
      for (const [i, { offset }] of (object.relocations.get(section.index) ?? []).entries()) {
        relocationAt.set(offset, i)
      }
      const cursor = cursorOf(section.bytes)
      while (cursor.at < cursor.end) {
        const offset = cursor.at
        const stored = BigInt.asIntN(64, readU64(cursor))
        const size = readLooseLeb(cursor)
        if (size > containerLimits.frameBytes) {
          const place = { object: object.name, section: section.name, offset, value: size }
          linkFail('frameTooLarge', `frame of ${size} bytes`, place)
        }
        const owner = frameOwner(object, section, symbols, { offset, stored }, relocationAt)
        if (owner !== undefined) frames.set(owner, Math.ceil(size / 8) * 8)
      }
    }
  }
  return frames
}

/**
 * Slots where functions start, ascending: named functions, call targets, slot 0, and taken
 * addresses outside every function of known size (those inside are labels of jump tables).
 */
export function functionStarts(
  named: readonly NamedCode[],
  callTargets: Iterable<number>,
  taken: Iterable<number>,
): number[] {
  const starts = new Set<number>([0])
  const ranges: { start: number; end: number }[] = []
  for (const { piece, offset, size, isFunction } of named) {
    if (!isFunction) continue
    const start = piece.offset + offset
    starts.add(start / 8)
    // A size that leaves the section is a mistake or an attack; the name is still a function's.
    if (size > 0)
      ranges.push({ start, end: piece.offset + Math.min(offset + size, piece.section.size) })
  }
  for (const slot of callTargets) starts.add(slot)
  ranges.sort((a, b) => a.start - b.start)
  const offsets = [...taken].sort((a, b) => a - b)
  let next = 0
  let coveredTo = 0
  for (const offset of offsets) {
    for (; next < ranges.length && ranges[next]!.start <= offset; next++) {
      coveredTo = Math.max(coveredTo, ranges[next]!.end)
    }
    if (offset >= coveredTo) starts.add(offset / 8)
  }
  return [...starts].sort((a, b) => a - b)
}

/**
 * Functions with their frames: what `.stack_sizes` says, or what their code names.
 * @throws {LinkError} `frameTooLarge` when one needs more than `most` bytes
 */
export function functionsOf(
  starts: readonly number[],
  code: Uint8Array,
  declared: ReadonlyMap<number, number>,
  most: number,
  names: ReadonlyMap<number, string>,
): BpfFunction[] {
  return bpfFunctions(code, starts).map((found) => {
    const { pc } = found
    const frameSize = declared.get(pc * 8) ?? found.frameSize
    if (frameSize > most) {
      const name = names.get(pc) ?? `the function at slot ${pc}`
      throw new LinkError('frameTooLarge', `${name} needs ${frameSize} of ${most} bytes`, {
        offset: pc * 8,
        value: frameSize,
      })
    }
    return { pc, frameSize }
  })
}

/** One name per slot: the exported before other functions before labels. */
export function namesOf(named: readonly NamedCode[]): Map<number, string> {
  const names = new Map<number, string>()
  const weight = (item: NamedCode): number => (item.isExported ? 2 : item.isFunction ? 1 : 0)
  for (const wanted of [2, 1]) {
    for (const item of named) {
      const pc = (item.piece.offset + item.offset) / 8
      if (weight(item) === wanted && !names.has(pc) && isName(item.name)) names.set(pc, item.name)
    }
  }
  return names
}
