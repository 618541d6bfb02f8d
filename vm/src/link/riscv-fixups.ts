import { type ElfSymbol, SymbolType } from '../image/elf.ts'
import { newRiscvInsn, type RiscvDecoder } from '../isa/riscv/decode.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import { type LinkObject, linkFail, type Piece, piecesOf, symbolOf } from './objects.ts'
import type { Chunk, Chunks } from './riscv-chunks.ts'
import { idleTypes, lowTypes, RiscvReloc, riscvRelocName } from './riscv-reloc.ts'
import type { Symbols, Target } from './symbols.ts'

/** A relocation with what its symbol stands for, or one that an assembler has resolved and that is found again. */
export interface Fixup {
  /** In the section. */
  readonly offset: number
  readonly type: number
  readonly target: Target
  readonly addend: number
  /** For messages. */
  readonly name: string
  /** The target is a section and the addend the place in it. */
  readonly isSection: boolean
}

/** Where a fixup's target is: `offset` in `piece` names the chunk, `addend` is added to its address. */
export interface PieceTarget {
  readonly piece: Piece
  readonly offset: number
  readonly addend: number
}

/** Section symbols and code: the sum says the chunk; variables: the symbol does, and the addend may leave it. */
export function pieceTarget({ target, addend, isSection }: Fixup): PieceTarget | undefined {
  if (target.kind !== 'piece') return undefined
  const { offset, piece } = target
  if (piece.place === 'code' || isSection) return { piece, offset: offset + addend, addend: 0 }
  return { piece, offset, addend }
}

function fixupOf(
  object: LinkObject,
  piece: Piece,
  symbols: Symbols,
  symbol: ElfSymbol,
  entry: { readonly offset: number; readonly type: number; readonly addend?: bigint },
): Fixup {
  const { addend, offset, type } = entry
  const place = { object: object.name, section: piece.section.name, offset }
  if (addend === undefined)
    linkFail('noAddend', 'relocations without addends: RISC-V has RELA sections', place)
  if (
    offset < 0 ||
    offset >= Math.max(piece.section.size, 1) ||
    addend > 2n ** 40n ||
    addend < -(2n ** 40n)
  )
    linkFail('relocationPlace', `${riscvRelocName(type)} outside its section`, {
      ...place,
      // of an executable it may be before the section
      offset: offset < 0 ? undefined : offset,
      value: addend,
    })
  const isIdle = idleTypes.has(type)
  const target: Target = isIdle
    ? { kind: 'absolute', value: 0n }
    : symbol.index === 0
      ? { kind: 'absolute', value: 0n }
      : symbols.resolve(object, symbol)
  const isSection = symbol.type === SymbolType.section
  if (target.kind === 'piece' && target.piece.place === 'code') {
    const to = target.offset + Number(addend)
    if (to < 0 || to > target.piece.section.size || to % 2 !== 0)
      linkFail('codeAddress', `${riscvRelocName(type)} of ${symbol.name}: no place in its code`, {
        ...{ ...place, value: to },
      })
  }
  return { offset, type, target, addend: Number(addend), name: symbol.name, isSection }
}

/** Relocations of every loaded section, sorted by offset. @throws {LinkError} */
export function fixupsOf(objects: readonly LinkObject[], symbols: Symbols): Map<Piece, Fixup[]> {
  const out = new Map<Piece, Fixup[]>()
  for (const piece of piecesOf(objects)) {
    const { object } = piece
    const entries = object.relocations.get(piece.section.index) ?? []
    out.set(
      piece,
      entries.map((entry) => fixupOf(object, piece, symbols, symbolOf(object, entry), entry)),
    )
  }
  return out
}

/** Sections of data that are addressed by their own symbol: moving parts of them apart could break an offset. */
export function anchoredPieces(fixups: ReadonlyMap<Piece, readonly Fixup[]>): Set<Piece> {
  const anchored = new Set<Piece>()
  for (const list of fixups.values())
    for (const { isSection, target } of list)
      if (isSection && target.kind === 'piece') anchored.add(target.piece)
  return anchored
}

const row = (name: string): number => riscvRows.findIndex((r) => r.name === name)
const [auipc, jal, jalr] = [row('auipc'), row('jal'), row('jalr')]
const isBranch: Uint8Array = Uint8Array.from(riscvRows, ({ form }) => (form === 'branch' ? 1 : 0))
const addsLow: Uint8Array = Uint8Array.from(riscvRows, ({ form, name }) =>
  form === 'store' ? 2 : form === 'load' || name === 'addi' || name === 'jalr' ? 1 : 0,
)
/** Instructions that an auipc's register is followed for: assemblers write its users at once. */
const window = 16

interface Scan {
  readonly decoder: RiscvDecoder
  readonly piece: Piece
  /** Places that a relocation speaks of. */
  readonly known: ReadonlySet<number>
  readonly found: Fixup[]
}

function addFound(scan: Scan, offset: number, type: number, to: number, addend = 0): void {
  const { piece } = scan
  const { name, size } = piece.section
  const place = { object: piece.object.name, section: name, offset }
  if (to < 0 || to > size || to % 2 !== 0)
    linkFail(
      'jumpOutside',
      'an instruction that leaves its section without a relocation: compile with -mrelax, link with -Wl,--emit-relocs',
      {
        ...place,
        value: to,
      },
    )
  const target: Target = { kind: 'piece', piece, offset: to }
  scan.found.push({ offset, type, target, addend, name: `${name}+${to}`, isSection: false })
}

/** An auipc without a relocation: the instructions that complete it say what it means. */
function scanUpper(scan: Scan, at: number, end: number, rd: number, high: number): void {
  const { decoder, found, known, piece } = scan
  const insn = newRiscvInsn()
  const { bytes } = piece.section
  let to = -1
  let pc = at + 4
  for (let i = 0; i < window && pc < end; i++, pc += insn.length) {
    decoder.decode(bytes, pc, insn)
    if (insn.row < 0) break
    const uses = addsLow[insn.row]!
    if (uses !== 0 && insn.rs1 === rd && rd !== 0 && !known.has(pc)) {
      const place = at + high + insn.imm
      if (insn.row === jalr && pc === at + 4) {
        addFound(scan, at, RiscvReloc.call, place)
        return
      }
      if (to < 0) addFound(scan, at, RiscvReloc.pcrelHi20, place)
      else if (to !== place) addFound(scan, at, RiscvReloc.pcrelHi20, -1)
      to = place
      const low = uses === 2 ? RiscvReloc.pcrelLo12S : RiscvReloc.pcrelLo12I
      const target: Target = { kind: 'piece', piece, offset: at }
      found.push({ offset: pc, type: low, target, addend: 0, name: '', isSection: false })
    }
    if (insn.rd === rd && uses !== 2 && isBranch[insn.row] === 0) break
    if (insn.row === jal || insn.row === jalr) break
  }
  if (to < 0) addFound(scan, at, RiscvReloc.pcrelHi20, -1)
}

/** Jumps and addresses that leave a chunk and have no relocation: an assembler resolves those within a section. */
function scanChunk(scan: Scan, { start, end }: Chunk): void {
  const insn = newRiscvInsn()
  const { decoder, known, piece } = scan
  for (let pc = start; pc < end; pc += insn.length) {
    decoder.decode(piece.section.bytes, pc, insn)
    if (insn.row < 0 || known.has(pc)) continue
    const isShort = insn.length === 2
    if (insn.row === auipc) scanUpper(scan, pc, end, insn.rd, insn.imm)
    else if (insn.row === jal || isBranch[insn.row] === 1) {
      const to = pc + insn.imm
      if (to >= start && to < end) continue
      const wide = insn.row === jal ? RiscvReloc.jal : RiscvReloc.branch
      const short = insn.row === jal ? RiscvReloc.rvcJump : RiscvReloc.rvcBranch
      addFound(scan, pc, isShort ? short : wide, to)
    }
  }
}

/** Adds to the fixups of code what has no relocation and needs one once chunks move. O(code). */
export function addImplicit(
  fixups: Map<Piece, Fixup[]>,
  chunks: Chunks,
  decoder: RiscvDecoder,
): void {
  for (const [piece, list] of fixups) {
    if (piece.place !== 'code') continue
    const known = new Set<number>()
    for (const { offset, type } of list) if (!idleTypes.has(type)) known.add(offset)
    const scan: Scan = { decoder, piece, known, found: [] }
    for (const chunk of chunks.of(piece)) scanChunk(scan, chunk)
    if (scan.found.length === 0) continue
    list.push(...scan.found)
    list.sort((a, b) => a.offset - b.offset)
  }
}

/** Fixups of a chunk. */
export function fixupsIn(list: readonly Fixup[], { start, end }: Chunk): readonly Fixup[] {
  const from = (offset: number): number => {
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (list[middle]!.offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
  return list.slice(from(start), from(end))
}

/** Chunks that `roots` reach. */
export function reachedChunks(
  chunks: Chunks,
  fixups: ReadonlyMap<Piece, readonly Fixup[]>,
  roots: Iterable<Chunk>,
): Set<Chunk> {
  const reached = new Set<Chunk>(roots)
  // A Set's iteration also visits what is added to it meanwhile.
  for (const chunk of reached)
    for (const fixup of fixupsIn(fixups.get(chunk.piece) ?? [], chunk)) {
      const to = lowTypes.has(fixup.type) ? undefined : pieceTarget(fixup)
      if (to !== undefined) reached.add(chunks.at(to.piece, to.offset))
    }
  return reached
}
