import { alignUp } from '../bits/bytes.ts'
import { LinkError } from '../bits/errors.ts'
import { containerLimits } from '../image/container-rules.ts'
import { layoutOf } from '../image/contract.ts'
import { type LinkObject, type Piece, type Place, piecesOf } from './objects.ts'
import type { Common, Target } from './symbols.ts'

/** The parts of the program with every section copied in, not yet relocated. */
export interface Layout {
  readonly code: Uint8Array
  readonly readOnly: Uint8Array
  readonly data: Uint8Array
  readonly bssSize: number
  readonly stackSize: number
  /** Memory address of each part's first byte. */
  readonly base: { readonly [P in Exclude<Place, 'code'>]: number }
}

interface Extent {
  size: number
  align: number
}

/** Gives every piece of a place its offset, in order. */
function stack(objects: readonly LinkObject[], place: Place, least: number): Extent {
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

function addCommons(bss: Extent, commons: readonly Common[]): void {
  for (const common of commons) {
    common.offset = alignUp(bss.size, common.align)
    bss.size = common.offset + common.size
    bss.align = Math.max(bss.align, common.align)
  }
}

/** Every address is computed before anything is allocated, and the sum of sizes is bounded. */
function checkSizes(code: Extent, ...memory: readonly Extent[]): void {
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

function copy(objects: readonly LinkObject[], place: Place, size: number): Uint8Array {
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
  const code = stack(objects, 'code', 8)
  const readOnly = stack(objects, 'readOnly', 8)
  const data = stack(objects, 'data', 8)
  const bss = stack(objects, 'bss', 8)
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
    code: copy(objects, 'code', alignUp(code.size, 8)),
    readOnly: copy(
      objects,
      'readOnly',
      hasMemory ? dataAt - readOnlyAt : from - readOnlyAt + readOnly.size,
    ),
    data: copy(objects, 'data', bss.size > 0 ? bssAt - dataAt : data.size),
    bssSize: bss.size,
    stackSize,
    base: { readOnly: readOnlyAt, data: dataAt, bss: bssAt },
  }
}

/** Memory address of a target that is in memory. */
export function memoryAddress(layout: Layout, target: Target): number | undefined {
  if (target.kind === 'common') return layout.base.bss + target.common.offset
  if (target.kind !== 'piece' || target.piece.place === 'code') return undefined
  return layout.base[target.piece.place] + target.piece.offset + target.offset
}

/** Offset in the program's code of a place in a code piece. */
export function codeOffset(piece: Piece, offset: number): number {
  return piece.offset + offset
}
