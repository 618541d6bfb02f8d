/** Bytes placed in guest memory before the first instruction. */
export interface Segment {
  readonly address: number
  readonly bytes: Uint8Array
}

/** One flat memory from 0x10000 up to `size`, all of it writable; below 0x10000 nothing is mapped. */
export interface LinearPlan {
  readonly profile: 'linear32'
  readonly segments: readonly Segment[]
  /** First address that is not mapped at start; a multiple of 4096. */
  readonly size: number
  /** Growth may raise `size` up to here; a multiple of 4096, at most 2^32 - 65536. */
  readonly maxSize: number
}

export interface Region {
  /** Multiples of `pageSize`. */
  readonly address: number
  readonly length: number
  readonly writable: boolean
}

/** Pages with permissions (PVM). Addresses wrap at 2^32. */
export interface PagedPlan {
  readonly profile: 'paged32'
  /** A power of two in 4096..65536. A fault reports its page's first address. */
  readonly pageSize: number
  readonly regions: readonly Region[]
  readonly segments: readonly Segment[]
  /** Where `sbrk` starts and may reach; `start` need not be page aligned. */
  readonly heap?: { readonly start: number; readonly max: number }
}
export type MemoryPlan = LinearPlan | PagedPlan

/** Guest memory as a host may touch it: every access is checked, nothing aliases. */
export interface Memory {
  /** Copies `length` bytes, or undefined when any of them is not readable. */
  read(address: bigint, length: number): Uint8Array | undefined
  /** Writes all of `bytes` or, when any target byte is not writable, nothing (false). */
  write(address: bigint, bytes: Uint8Array): boolean
  /** paged32: maps zeroed pages; linear32: unsupported. Page-aligned. */
  map(address: number, length: number, writable: boolean): void
  /** paged32: makes pages inaccessible and drops their bytes. */
  unmap(address: number, length: number): void
  /** linear32: mapped bytes end here. paged32: the heap's end (program break). */
  readonly size: number
  /** Raises `size` to at least `size` (rounded up to 4096); false when over the plan's maximum. */
  grow(size: number): boolean
}

/** 4096: granularity of growth, of memory's price, and of PVM pages unless a program says otherwise. */
export const pageSize = 4096
/** linear32 and PVM leave the first 64 KiB unmapped, so a null pointer with an offset is caught. */
export const nullZone = 0x10000
