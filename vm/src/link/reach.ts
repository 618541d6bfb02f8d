import { type LinkObject, type Piece, piecesOf, symbolOf } from './objects.ts'
import type { Symbols } from './symbols.ts'

/**
 * Leaves out every section that no relocation reaches from `roots`. Calls inside a section need no
 * relocation, so a section is kept or left out as a whole (`-ffunction-sections` makes them small).
 * @returns the sections left out; their objects no longer have them as pieces
 */
export function dropUnreached(
  objects: readonly LinkObject[],
  symbols: Symbols,
  roots: Iterable<Piece>,
): Piece[] {
  const reached = new Set<Piece>(roots)
  // A Set's iteration also visits what is added to it meanwhile.
  for (const piece of reached) {
    for (const relocation of piece.object.relocations.get(piece.section.index) ?? []) {
      const target = symbols.resolve(piece.object, symbolOf(piece.object, relocation))
      if (target.kind === 'piece') reached.add(target.piece)
    }
  }
  const dropped = [...piecesOf(objects)].filter((piece) => !reached.has(piece))
  for (const piece of dropped) piece.object.pieces[piece.section.index] = undefined
  return dropped
}

/** The piece is still part of the program. */
export function isKept(piece: Piece): boolean {
  return piece.object.pieces[piece.section.index] === piece
}
