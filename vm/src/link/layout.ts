import { alignUp } from '../bits/bytes.ts'
import { LinkError } from '../bits/errors.ts'
import { containerLimits } from '../image/container-rules.ts'
import { contractEbpf1, layoutOf } from '../image/contract.ts'
import { type LinkObject, type Piece, type Place, piecesOf } from './objects.ts'
import type { Common, Target } from './symbols.ts'

/** Sections copied in where they will be, not yet relocated. */
export interface PlacedBytes {
  readonly code: Uint8Array
  readonly readOnly: Uint8Array
  readonly data: Uint8Array
  /** Memory address of each part's first byte. */
  readonly base: { readonly [P in Exclude<Place, 'code'>]: number }
  /** The address of code as a value. */
  readonly codeBase: bigint
}

/** The parts of a contract. */
export interface Layout extends PlacedBytes {
  readonly bssSize: number
  readonly stackSize: number
}

export interface Extent {
  size: number
  align: number
}

/** Gives every piece of a place its offset, in order. O(pieces). */
export function stackPieces(objects: readonly LinkObject[], place: Place, least: number): Extent {
  const extent = { size: 0, align: least }
  for (const piece of piecesOf(objects, place)) {
    // Jump tables are emitted with alignment 1, and hold 8-byte entries.
    const align = Math.max(piece.section.align, place === 'readOnly' ? 8 : 1)
    piece.offset = alignUp(extent.size, align)
    extent.size = piece.offset + piece.section.size
    extent.align = Math.max(extent.align, align)
  }
  return extent
}

/** Gives variables without a section their places behind `bss`. */
export function addCommons(bss: Extent, commons: readonly Common[]): void {
  for (const common of commons) {
    common.offset = alignUp(bss.size, common.align)
    bss.size = common.offset + common.size
    bss.align = Math.max(bss.align, common.align)
  }
}

/**
 * Every address is computed before anything is allocated, and the sum of sizes is bounded.
 * @throws {LinkError} `codeTooLarge`, `memoryTooLarge`
 */
export function checkSizes(code: Extent, ...memory: readonly Extent[]): void {
  const { codeBytes, memoryBytes } = containerLimits
  if (code.size > codeBytes) {
    throw new LinkError('codeTooLarge', `code of ${code.size} bytes, ${codeBytes} at most`, {
      value: code.size,
    })
  }
  const sum = memory.reduce((total, { size }) => total + size, 0)
  if (sum > memoryBytes) {
    throw new LinkError('memoryTooLarge', `data of ${sum} bytes, ${memoryBytes} at most`, {
      value: sum,
    })
  }
}

/** `size` bytes with every piece of a place at its offset. */
export function copyPieces(objects: readonly LinkObject[], place: Place, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (const { section, offset } of piecesOf(objects, place)) bytes.set(section.bytes, offset)
  return bytes
}

/**
 * Stack, read-only, data and bss follow each other without gaps but for the alignment of what
 * comes next, which is zero bytes at the end of the part before.
 * @throws {LinkError} `codeTooLarge`, `memoryTooLarge`
 */
export function layOut(
  objects: readonly LinkObject[],
  commons: readonly Common[],
  stackSize: number,
): Layout {
  const code = stackPieces(objects, 'code', 8)
  const readOnly = stackPieces(objects, 'readOnly', 8)
  const data = stackPieces(objects, 'data', 8)
  const bss = stackPieces(objects, 'bss', 8)
  addCommons(bss, commons)
  checkSizes(code, { size: stackSize, align: 1 }, readOnly, data, bss)
  const readOnlyAt = layoutOf({
    stackSize,
    readOnly: new Uint8Array(0),
    data: new Uint8Array(0),
    bssSize: 0,
  }).readOnly
  const from = alignUp(readOnlyAt, readOnly.align)
  const dataAt = alignUp(from + readOnly.size, Math.max(data.align, bss.align))
  const bssAt = alignUp(dataAt + data.size, bss.align)
  // Alignment is at most 64 KiB and the stack's end is a multiple of 4096 only.
  for (const piece of piecesOf(objects, 'readOnly')) piece.offset += from - readOnlyAt
  const hasMemory = data.size + bss.size > 0
  return {
    code: copyPieces(objects, 'code', alignUp(code.size, 8)),
    readOnly: copyPieces(
      objects,
      'readOnly',
      hasMemory ? dataAt - readOnlyAt : from - readOnlyAt + readOnly.size,
    ),
    data: copyPieces(objects, 'data', bss.size > 0 ? bssAt - dataAt : data.size),
    bssSize: bss.size,
    stackSize,
    codeBase: contractEbpf1.codeBase,
    base: { readOnly: readOnlyAt, data: dataAt, bss: bssAt },
  }
}

/** Memory address of a target that is in memory. */
export function memoryAddress(layout: PlacedBytes, target: Target): number | undefined {
  if (target.kind === 'common') return layout.base.bss + target.common.offset
  if (target.kind !== 'piece' || target.piece.place === 'code') return undefined
  return layout.base[target.piece.place] + target.piece.offset + target.offset
}

/** Offset in the program's code of a place in a code piece. */
export function codeOffset(piece: Piece, offset: number): number {
  return piece.offset + offset
}
