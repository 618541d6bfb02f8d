import { alignUp } from '../bits/bytes.ts'
import { LinkError } from '../bits/errors.ts'
import { sbpfPlaces } from '../image/sbpf/write.ts'
import { copyPieces, type PlacedBytes, stackPieces } from './layout.ts'
import { type LinkObject, linkFail, piecesOf } from './objects.ts'
import type { MadeFunction } from './sbpf-runtime.ts'
import type { Common } from './symbols.ts'

/** 10 MiB: an account holds no more, a program neither. */
export const maxSbpfBytes: number = 10 * 1024 * 1024

/** Tables of addresses, writable only until they are relocated, which the linker does. */
const relocatedOnce = '.data.rel.ro'

/** Data that only relocation writes is read-only. To be done before symbols are resolved. */
export function freezeRelocatedData(objects: readonly LinkObject[]): void {
  for (const piece of piecesOf(objects, 'data')) {
    const { object, section } = piece
    if (section.name.startsWith(relocatedOnce))
      object.pieces[section.index] = { ...piece, place: 'readOnly' }
  }
}

/**
 * Programs have no memory of their own that they could write.
 * @throws {LinkError} `writableData`
 */
export function refuseWritableData(
  objects: readonly LinkObject[],
  commons: readonly Common[],
): void {
  const message = 'Solana programs have no writable data: make it const, or keep it in an account'
  for (const place of ['data', 'bss'] as const)
    for (const { object, section } of piecesOf(objects, place))
      if (section.size > 0)
        linkFail('writableData', message, { object: object.name, section: section.name })
  if (commons.length > 0) throw new LinkError('writableData', `a common symbol: ${message}`)
}

export interface SbpfLayout extends PlacedBytes {
  /** Byte offset in code of each made function. */
  readonly madeAt: ReadonlyMap<string, number>
}

/**
 * Code, then the functions that the linker makes; and read-only data, which from V3 on starts at
 * address 8, so that nothing is at the null address.
 * @throws {LinkError} `tooLarge`
 */
export function layOutSbpf(
  objects: readonly LinkObject[],
  functions: readonly MadeFunction[],
  version: 'v0' | 'v3',
): SbpfLayout {
  const pieces = stackPieces(objects, 'code', 8)
  const madeAt = new Map<string, number>()
  let size = alignUp(pieces.size, 8)
  for (const { name, code } of functions) {
    madeAt.set(name, size)
    size += code.length
  }
  const extent = stackPieces(objects, 'readOnly', 8)
  const isEmpty = extent.size === 0
  const guard = version === 'v3' && !isEmpty ? Math.max(8, extent.align) : 0
  const dataSize = guard + extent.size
  if (size + dataSize > maxSbpfBytes)
    throw new LinkError('tooLarge', `a program of ${size + dataSize} bytes`, {
      value: size + dataSize,
    })
  for (const piece of piecesOf(objects, 'readOnly')) piece.offset += guard
  const code = copyPieces(objects, 'code', size)
  for (const made of functions) code.set(made.code, madeAt.get(made.name)!)
  const { code: codeBase, readOnly } = sbpfPlaces(version, size)
  return {
    ...{ code, madeAt, data: new Uint8Array(0), codeBase: BigInt(codeBase) },
    readOnly: copyPieces(objects, 'readOnly', dataSize),
    base: { readOnly, data: 0, bss: 0 },
  }
}
