import { DecodeError } from '../bits/errors.ts'
import { type LineRow, readLines } from '../image/dwarf-lines.ts'
import type { ElfSection } from '../image/elf.ts'
import { type LinkObject, type Piece, symbolOf } from './objects.ts'
import type { Chunk, Chunks } from './riscv-chunks.ts'
import type { SourceLine } from './riscv-linked.ts'
import { RiscvReloc as R } from './riscv-reloc.ts'

/** Where code was in its object. */
interface Origin {
  readonly piece: Piece
  readonly offset: number
}

/** Relocations of `.debug_line`: words to complete, and addresses of code by their place. */
const sizes: ReadonlyMap<number, readonly [size: number, sign: 1 | -1 | 0]> = new Map([
  [R.abs32, [4, 0]],
  [R.abs64, [8, 0]],
  [R.set8, [1, 0]],
  [R.set16, [2, 0]],
  [R.set32, [4, 0]],
  [R.add8, [1, 1]],
  [R.add16, [2, 1]],
  [R.add32, [4, 1]],
  [R.add64, [8, 1]],
  [R.sub8, [1, -1]],
  [R.sub16, [2, -1]],
  [R.sub32, [4, -1]],
  [R.sub64, [8, -1]],
])

function read(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0)
  return value
}

function write(bytes: Uint8Array, at: number, size: number, value: bigint): void {
  let rest = BigInt.asUintN(64, value)
  for (let i = 0; i < size; i++, rest >>= 8n) bytes[at + i] = Number(rest & 0xffn)
}

/** The section with offsets into other sections in place; addresses of code are told apart. */
function relocated(
  object: LinkObject,
  section: ElfSection,
): { readonly bytes: Uint8Array; readonly origins: ReadonlyMap<number, Origin> } {
  const bytes = section.bytes.slice()
  const origins = new Map<number, Origin>()
  for (const entry of object.relocations.get(section.index) ?? []) {
    const { addend = 0n, offset, type } = entry
    const found = sizes.get(type)
    if (found === undefined || offset < 0) continue
    const symbol = symbolOf(object, entry)
    const [size, sign] = found
    // Code does not change within a function: distances in the section are distances in the program.
    const value = symbol.value + addend
    const piece = object.pieces[symbol.section]
    if (sign === 0 && piece?.place === 'code') origins.set(offset, { piece, offset: Number(value) })
    const old = sign === 0 ? 0n : read(bytes, offset, size)
    write(bytes, offset, size, sign < 0 ? old - value : old + value)
  }
  return { bytes, origins }
}

function rowsOf(object: LinkObject, section: ElfSection, bytes: Uint8Array): LineRow[] {
  const find = (name: string): Uint8Array =>
    object.elf.sections.find((other) => other.name === name)?.bytes ?? new Uint8Array(0)
  try {
    return readLines({
      lines: bytes,
      lineStrings: find('.debug_line_str'),
      strings: find('.debug_str'),
    })
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new DecodeError(error.code, `${object.name}(${section.name}): ${error.what}`, {
      ...{ offset: error.offset, value: error.value },
    })
  }
}

/**
 * Lines of source of the kept code, from what compilers write with -g.
 * @throws {DecodeError} `dwarf`, naming object, section and offset
 */
export function sourceLines(
  objects: readonly LinkObject[],
  chunks: Chunks,
  kept: ReadonlySet<Chunk>,
): { readonly lines: readonly SourceLine[]; readonly sources: readonly string[] } {
  const numbers = new Map<string, number>()
  const byPc = new Map<number, SourceLine>()
  for (const object of objects)
    for (const section of object.elf.sections) {
      if (section.name !== '.debug_line') continue
      const { bytes, origins } = relocated(object, section)
      for (const { delta, isEnd, line, place, source } of rowsOf(object, section, bytes)) {
        const origin = isEnd ? undefined : origins.get(place)
        if (origin === undefined) continue
        const at = origin.offset + delta
        const chunk = chunks.at(origin.piece, at)
        if (!kept.has(chunk) || at < chunk.start || at >= chunk.end) continue
        const number = numbers.get(source) ?? numbers.size
        numbers.set(source, number)
        const pc = chunk.offset + at - chunk.start
        byPc.set(pc, { pc, source: number, line })
      }
    }
  const sorted = [...byPc.values()].sort((a, b) => a.pc - b.pc)
  const lines = sorted.filter(({ line, source }, i) => {
    const before = sorted[i - 1]
    return before === undefined || before.line !== line || before.source !== source
  })
  return { lines, sources: [...numbers.keys()] }
}
