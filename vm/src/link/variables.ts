import { SymbolType } from '../image/elf.ts'
import type { LinkObject, Piece, Place } from './objects.ts'
import type { LinkedCode } from './riscv-linked.ts'

/** Place of a variable. */
type DataPiece = Piece & { readonly place: Exclude<Place, 'code'> }

/**
 * Variables that are kept, by address.
 * @param addressOf of an offset in a piece; undefined where it is dropped
 */
export function variablesOf(
  objects: readonly LinkObject[],
  addressOf: (piece: DataPiece, offset: number) => number | undefined,
): LinkedCode['objects'] {
  return objects
    .flatMap((object) =>
      object.elf.symbols.flatMap(({ name, section, size, type, value }) => {
        const piece = object.pieces[section]
        if (piece === undefined || !isData(piece) || type !== SymbolType.object) return []
        if (value > BigInt(piece.section.size)) return []
        const address = addressOf(piece, Number(value))
        return address === undefined ? [] : [{ name, address, size: Number(size) }]
      }),
    )
    .sort((a, b) => a.address - b.address)
}

function isData(piece: Piece): piece is DataPiece {
  return piece.place !== 'code'
}
