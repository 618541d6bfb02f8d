import { LinkError } from '../bits/errors.ts'
import type { Place } from './objects.ts'
import type { Chunk, Chunks } from './riscv-chunks.ts'
import { type Fixup, pieceTarget } from './riscv-fixups.ts'
import type { DataAddresses, TargetLayout } from './riscv-linked.ts'
import type { Common } from './symbols.ts'

/** What a fixup's target is in the linked program. */
export type Resolved =
  /** An offset in the code. */
  | { readonly kind: 'code'; readonly pc: number }
  /** A memory address, or a number. */
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'import'; readonly name: string }
  | { readonly kind: 'none'; readonly name: string }
  | { readonly kind: 'dropped'; readonly name: string }

export interface PartSizes {
  readonly code: number
  readonly readOnly: number
  readonly data: number
  readonly bss: number
}

/** Gives each kept chunk of a place its offset, in order; answers the size and alignment of all. */
export function stackChunks(kept: readonly Chunk[], place: Place): { size: number; align: number } {
  const extent = { size: 0, align: place === 'code' ? 4 : 8 }
  for (const chunk of kept) {
    if (chunk.piece.place !== place) continue
    const { align } = chunk
    chunk.offset = Math.ceil(extent.size / align) * align
    extent.size = chunk.offset + chunk.end - chunk.start
    extent.align = Math.max(extent.align, align)
  }
  return extent
}

/** Names that linkers define (as GNU ld and lld do) -> their place, if nothing else defines them. */
const linkerNames: Readonly<Record<string, (places: Places) => number>> = {
  __bss_start: (p) => p.at.bss,
  _edata: (p) => p.at.data + p.sizes.data,
  edata: (p) => p.at.data + p.sizes.data,
  _end: (p) => p.at.bss + p.sizes.bss,
  end: (p) => p.at.bss + p.sizes.bss,
  // Only code that a linker has relaxed uses it.
  __global_pointer$: () => 0,
  __dso_handle: () => 0,
}

/** @example isLinkerName('_end') // true */
export function isLinkerName(name: string): boolean {
  return Object.hasOwn(linkerNames, name)
}

/** Where everything is. */
export class Places {
  readonly at: DataAddresses
  readonly sizes: PartSizes
  readonly layout: TargetLayout
  /** Code that stands for a host call whose address is taken, by name. */
  readonly stubs: ReadonlyMap<string, number>
  readonly #chunks: Chunks
  readonly #kept: ReadonlySet<Chunk>
  #values: ReadonlyMap<number, number> = new Map()

  constructor(
    chunks: Chunks,
    kept: ReadonlySet<Chunk>,
    layout: TargetLayout,
    parts: { readonly at: DataAddresses; readonly sizes: PartSizes },
    stubs: ReadonlyMap<string, number>,
  ) {
    this.at = parts.at
    this.sizes = parts.sizes
    this.layout = layout
    this.stubs = stubs
    this.#chunks = chunks
    this.#kept = kept
  }

  commonAddress({ offset }: Common): number {
    return this.at.bss + offset
  }

  resolve(fixup: Fixup): Resolved {
    const { addend, target } = fixup
    switch (target.kind) {
      case 'piece': {
        const to = pieceTarget(fixup)!
        const chunk = this.#chunks.at(to.piece, to.offset)
        if (!this.#kept.has(chunk)) return { kind: 'dropped', name: fixup.name }
        const at = chunk.offset + to.offset - chunk.start + to.addend
        const { place } = to.piece
        if (place === 'code') return { kind: 'code', pc: at }
        return { kind: 'value', value: this.at[place] + at }
      }
      case 'absolute':
        return { kind: 'value', value: Number(BigInt.asIntN(64, target.value)) + addend }
      case 'common':
        return { kind: 'value', value: this.commonAddress(target.common) + addend }
      case 'undefined':
      case 'none': {
        const { name } = target
        const defined = Object.hasOwn(linkerNames, name) ? linkerNames[name] : undefined
        if (defined !== undefined) return { kind: 'value', value: defined(this) + addend }
        return { kind: target.kind === 'none' ? 'none' : 'import', name }
      }
      case 'dropped':
        return { kind: 'dropped', name: target.name }
    }
  }

  /** Fixes what addresses of code are as values; `taken` ascending. @throws {LinkError} `codeAddress` */
  setTaken(taken: readonly number[]): void {
    const { codeAddress, codeValues } = this.layout
    this.#values = new Map(
      taken.map((pc, i) => [
        pc,
        codeValues === 'address' ? codeAddress + pc : codeValues.base + codeValues.step * i,
      ]),
    )
    const most = codeValues === 'address' ? 0 : codeValues.base + codeValues.step * taken.length
    if (most > 0x7fff_ffff)
      throw new LinkError('codeAddress', 'more addresses of code than the target has')
  }

  /** The value of a place in code whose address is taken. */
  codeValue(pc: number): number {
    return this.#values.get(pc) ?? 0
  }
}
