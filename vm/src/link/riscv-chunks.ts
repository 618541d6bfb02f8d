import { SymbolType } from '../image/elf.ts'
import type { RiscvDecoder } from '../isa/riscv/decode.ts'
import { newRiscvInsn } from '../isa/riscv/decode.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import { type LinkObject, type Piece, piecesOf } from './objects.ts'
import type { NamedCode } from './symbols.ts'

/** The smallest part of a section that is kept or dropped: a function, a variable, or what no symbol names. */
export interface Chunk {
  readonly piece: Piece
  /** Offsets in the section. */
  readonly start: number
  readonly end: number
  /** A power of two. */
  readonly align: number
  /** Nops between functions. */
  readonly isPadding: boolean
  /** Its first octet's offset within its place; set by the layout. */
  offset: number
}

interface Interval {
  readonly start: number
  /** 0: up to the next one. */
  readonly size: number
}

/** Offsets that no interval has inside, with the ends of the section. */
function cutsOf(intervals: readonly Interval[], size: number): number[] {
  const sorted = intervals
    .filter(({ start }) => start < size)
    .sort((a, b) => a.start - b.start || b.size - a.size)
  const cuts = new Set([0])
  let end = 0
  for (const interval of sorted) {
    if (interval.start >= end) {
      if (end > 0) cuts.add(end)
      cuts.add(interval.start)
    }
    end = Math.max(end, Math.min(size, interval.start + interval.size))
  }
  if (end > 0) cuts.add(end)
  cuts.add(size)
  return [...cuts].sort((a, b) => a - b)
}

/** The largest power of two that divides both. */
function alignAt(align: number, offset: number): number {
  return offset === 0 ? align : Math.min(align, offset & -offset)
}

function chunksOf(piece: Piece, cuts: readonly number[]): Chunk[] {
  const chunks: Chunk[] = []
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [start, end] = [cuts[i]!, cuts[i + 1]!]
    const align = alignAt(piece.section.align, start)
    chunks.push({ piece, start, end, align, isPadding: false, offset: 0 })
  }
  if (chunks.length === 0)
    chunks.push({
      piece,
      start: 0,
      end: 0,
      align: piece.section.align,
      isPadding: false,
      offset: 0,
    })
  return chunks
}

const isRow = (...names: readonly string[]): Uint8Array =>
  Uint8Array.from(riscvRows, ({ name }) => (names.includes(name) ? 1 : 0))
const isNop = isRow('addi')
const isJump = isRow('jal', 'jalr')
const isEnd = isRow('ebreak')

/** How a chunk of code ends. */
type Ending = 'padding' | 'closed' | 'call' | 'open'

/** What the last instruction does; all of them nops: padding. O(octets). */
function endingOf(decoder: RiscvDecoder, { piece, start, end }: Chunk): Ending {
  const insn = newRiscvInsn()
  const { bytes } = piece.section
  let padding = true
  let ending: Ending = 'open'
  for (let pc = start; pc < end; pc += insn.length) {
    decoder.decode(bytes, pc, insn)
    const isFill = insn.row < 0 && bytes[pc] === 0 && bytes[pc + 1] === 0
    if (!isFill && !(insn.row >= 0 && isNop[insn.row] === 1 && insn.rd === 0)) padding = false
    if (insn.row < 0 || isEnd[insn.row] === 1) ending = 'closed'
    else if (isJump[insn.row] === 1) ending = insn.rd === 0 ? 'closed' : 'call'
    else ending = 'open'
  }
  return padding ? 'padding' : ending
}

/**
 * Code that control runs out of stays with what follows it.
 * @param named where functions start -> their size, 0 if unknown
 */
function joinCode(
  decoder: RiscvDecoder,
  piece: Piece,
  cuts: readonly number[],
  named: ReadonlyMap<number, number>,
): Chunk[] {
  const joined: Chunk[] = []
  let open = -1
  for (const chunk of chunksOf(piece, cuts)) {
    const found = endingOf(decoder, chunk)
    const ending = found === 'padding' && named.has(chunk.start) ? 'open' : found
    const start = open >= 0 ? open : chunk.start
    // A compiler's function that ends in a call ends there: what it calls does not return.
    const runsOn = ending === 'open' || (ending === 'call' && (named.get(chunk.start) ?? 0) === 0)
    const isLast = chunk.end === piece.section.size
    open = -1
    if (ending === 'padding' && start === chunk.start) joined.push({ ...chunk, isPadding: true })
    else if ((runsOn || ending === 'padding') && !isLast) open = start
    else joined.push({ ...chunk, start, align: alignAt(piece.section.align, start) })
  }
  return joined
}

/** Chunks of all loaded sections, in order. */
export class Chunks {
  readonly all: readonly Chunk[]
  readonly #byPiece: ReadonlyMap<Piece, readonly Chunk[]>

  constructor(
    objects: readonly LinkObject[],
    code: readonly NamedCode[],
    anchored: ReadonlySet<Piece>,
    decoder: RiscvDecoder,
  ) {
    const intervals = new Map<Piece, Interval[]>()
    const add = (piece: Piece, start: number, size: number): void => {
      const list = intervals.get(piece)
      if (list === undefined) intervals.set(piece, [{ start, size }])
      else list.push({ start, size })
    }
    for (const { isFunction, offset, piece, size } of code) if (isFunction) add(piece, offset, size)
    for (const object of objects)
      for (const { section, size, type, value } of object.elf.symbols) {
        const piece = object.pieces[section]
        if (piece === undefined || piece.place === 'code' || anchored.has(piece)) continue
        if (type !== SymbolType.object || size === 0n || size > 0xffff_ffffn) continue
        if (value >= 0n && value < BigInt(piece.section.size))
          add(piece, Number(value), Number(size))
      }
    const byPiece = new Map<Piece, readonly Chunk[]>()
    for (const piece of piecesOf(objects)) {
      const own = intervals.get(piece) ?? []
      const { size } = piece.section
      if (piece.place === 'code') {
        const even = own.map((i) => ({ start: i.start, size: i.size + (i.size & 1) }))
        const named = new Map<number, number>()
        for (const i of own) named.set(i.start, Math.max(i.size, named.get(i.start) ?? 0))
        byPiece.set(piece, joinCode(decoder, piece, cutsOf(even, size), named))
      } else byPiece.set(piece, chunksOf(piece, cutsOf(own, size)))
    }
    this.#byPiece = byPiece
    this.all = [...byPiece.values()].flat()
  }

  of(piece: Piece): readonly Chunk[] {
    return this.#byPiece.get(piece) ?? []
  }

  /** The one that has the offset, or that ends there with the section. */
  at(piece: Piece, offset: number): Chunk {
    const chunks = this.of(piece)
    let low = 0
    let high = chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (chunks[middle]!.start <= offset) low = middle
      else high = middle - 1
    }
    return chunks[low]!
  }
}
