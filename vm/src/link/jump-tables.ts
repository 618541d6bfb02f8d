import type { PlacedBytes } from './layout.ts'
import { jumpTableSection, Reloc } from './limits.ts'
import { type LinkObject, linkFail, type Piece, piecesOf, symbolOf } from './objects.ts'
import type { Relocated } from './relocate.ts'
import type { Symbols } from './symbols.ts'

/** One table: a range of a `.jumptables` section, and the code its entries count from. */
interface Table {
  readonly start: number
  readonly end: number
  owner: Piece | undefined
}

type FoundCode = Pick<Relocated, 'taken' | 'uses'>

/** The tables of an object by their symbols, sorted; without symbols, whole sections. */
function tablesOf(object: LinkObject): Map<Piece, Table[]> {
  const byPiece = new Map<Piece, Table[]>()
  for (const piece of piecesOf([object], 'readOnly')) {
    const { name, index } = piece.section
    if (name === jumpTableSection && !object.relocations.has(index)) byPiece.set(piece, [])
  }
  if (byPiece.size === 0) return byPiece
  for (const { section, value, size } of object.elf.symbols) {
    const piece = object.pieces[section]
    const tables = piece && byPiece.get(piece)
    if (tables === undefined || size === 0n) continue
    tables.push({ start: Number(value), end: Number(value + size), owner: undefined })
  }
  for (const [piece, tables] of byPiece) {
    tables.sort((a, b) => a.start - b.start)
    if (tables.length === 0) tables.push({ start: 0, end: piece.section.size, owner: undefined })
  }
  return byPiece
}

/** The last table that starts at or before `offset`. */
function tableAt(tables: readonly Table[], offset: number): Table | undefined {
  let low = 0
  let high = tables.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (tables[middle]!.start <= offset) low = middle + 1
    else high = middle
  }
  const table = tables[low - 1]
  return table !== undefined && offset < table.end ? table : undefined
}

function findOwners(object: LinkObject, symbols: Symbols, byPiece: Map<Piece, Table[]>): void {
  for (const piece of object.pieces) {
    if (piece?.place !== 'code') continue
    for (const relocation of object.relocations.get(piece.section.index) ?? []) {
      if (relocation.type !== Reloc.bpf64_64) continue
      const target = symbols.resolve(object, symbolOf(object, relocation))
      if (target.kind !== 'piece') continue
      const tables = byPiece.get(target.piece)
      if (tables === undefined) continue
      // The addend of a section symbol is in the two immediates of the lddw.
      const { bytes } = piece.section
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const place = { object: object.name, section: piece.section.name, offset: relocation.offset }
      if (relocation.offset + 16 > bytes.length) {
        linkFail('relocationPlace', 'half a lddw', { ...place, value: relocation.offset })
      }
      const addend = relocation.addend ?? BigInt(view.getInt32(relocation.offset + 4, true))
      const table = tableAt(tables, target.offset + Number(addend))
      if (table === undefined) {
        linkFail('jumpTable', 'address of no jump table', { ...place, value: addend })
      }
      if (table.owner !== undefined && table.owner !== piece) {
        linkFail('jumpTable', 'a jump table of two sections', { ...place, value: addend })
      }
      table.owner = piece
    }
  }
}

function rewrite(piece: Piece, table: Table, layout: PlacedBytes, found: FoundCode): void {
  const { owner, start, end } = table
  if (owner === undefined) return
  const view = new DataView(layout.readOnly.buffer, layout.readOnly.byteOffset)
  const place = { object: piece.object.name, section: piece.section.name }
  if (end > piece.section.size || (end - start) % 8 !== 0) {
    linkFail('jumpTable', 'jump table outside its section', { ...place, offset: start, value: end })
  }
  for (let at = start; at < end; at += 8) {
    const entry = view.getBigUint64(piece.offset + at, true)
    if (entry >= BigInt(owner.section.size) || entry % 8n !== 0n) {
      linkFail('jumpTable', 'entry is no instruction', { ...place, offset: at, value: entry })
    }
    const target = owner.offset + Number(entry)
    const put = (value: bigint): void => view.setBigUint64(piece.offset + at, value, true)
    const word = { address: layout.base.readOnly + piece.offset + at, size: 8 } as const
    found.taken.add(target)
    found.uses.push({ at: target, put, word })
    put(layout.codeBase + BigInt(target))
  }
}

/**
 * Turns the entries of `.jumptables` into code addresses. LLVM 22 writes them as byte offsets
 * from the start of the section of the code that uses them, without relocations.
 * @param found receives the byte offsets in code that the tables name
 * @throws {LinkError} `jumpTable`
 */
export function fillJumpTables(
  objects: readonly LinkObject[],
  symbols: Symbols,
  layout: PlacedBytes,
  found: FoundCode,
): void {
  for (const object of objects) {
    const byPiece = tablesOf(object)
    if (byPiece.size === 0) continue
    findOwners(object, symbols, byPiece)
    for (const [piece, tables] of byPiece) {
      let end = 0
      for (const table of tables) {
        if (table.start < end) {
          linkFail('jumpTable', 'jump tables overlap', {
            object: object.name,
            section: piece.section.name,
            offset: table.start,
          })
        }
        end = table.end
        rewrite(piece, table, layout, found)
      }
    }
  }
}
