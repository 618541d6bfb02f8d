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

/** A range of a regions64 memory. Its bytes lie behind each other: no access covers two regions. */
export interface PlannedRegion {
  /** Below 2^48; no two regions overlap, at their greatest lengths either. */
  readonly address: number
  /** Bytes at start, any number of them, none included. */
  readonly length: number
  readonly writable: boolean
  /** A host may resize the region up to here, map and unmap it; absent: it stays as it is. */
  readonly maxLength?: number
  /**
   * Power of two, at least 4096: frames of so many bytes with gaps as long between them, so that a region of `length`
   * bytes takes `2 * length` of addresses. Address `a` of it means byte `o = a - address - n * gap`
   * where n is the number of gaps below `a`. Only in regions that stay as they are.
   */
  readonly gap?: number
}

/**
 * A list of regions at 64-bit addresses (sBPF: program, stack, heap, input, or one for each account).
 *
 * An access of `n` bytes at `a`, 0 <= a < 2^64, belongs to the last region that starts at or below `a`.
 * It is granted if the region is writable or the access a read, if `a` is in no gap, and if its last
 * byte `o + n - 1` is below the region's length; else the run faults at `a` itself and nothing is written.
 * As in solana-sbpf (`MemoryRegion`), only the first byte is held against gaps: a wide access at the
 * end of a frame goes on in the first bytes of the next one. Addresses do not wrap within an access.
 */
export interface RegionsPlan {
  readonly profile: 'regions64'
  /** In order of their addresses. */
  readonly regions: readonly PlannedRegion[]
  /** Each inside a region without gaps. */
  readonly segments: readonly Segment[]
}
export type MemoryPlan = LinearPlan | PagedPlan | RegionsPlan

/** What a regions64 memory may not exceed, in a plan or by its host's doing. */
export const regionLimits = {
  /** An instruction of Solana has at most 255 accounts: up to four regions for each. */
  regions: 1024,
  /** Addresses of regions end here: a number holds them exactly, with room for sums. */
  addressSpace: 0x1_0000_0000_0000,
  /** Bytes of all regions at their greatest lengths: a transaction of Solana loads 64 MiB of accounts. */
  bytes: 0x1000_0000,
} as const

/** A region as it is now. */
export interface MappedRegion {
  readonly address: number
  readonly length: number
  readonly writable: boolean
}

/** @throws {RangeError} unless these are whole pages of 4096 bytes below 2^32 */
export function checkPages(address: number, length: number): void {
  const fits = address >= 0 && length >= 0 && address + length <= 2 ** 32
  if (!fits || address % pageSize !== 0 || length % pageSize !== 0)
    throw new RangeError(`${length} bytes at ${address} are no whole pages`)
}

/** Guest memory as a host may touch it: every access is checked, nothing aliases. */
export interface Memory {
  /**
   * Copies `length` bytes, or undefined when any of them is not readable.
   * @throws {RangeError} when the length is no whole number, or negative
   */
  read(address: bigint, length: number): Uint8Array | undefined
  /** Writes all of `bytes` or, when any target byte is not writable, nothing (false). */
  write(address: bigint, bytes: Uint8Array): boolean
  /**
   * paged32: maps zeroed pages. regions64: adds a zeroed region, in place of one that
   * starts at `address`. linear32: unsupported.
   * @throws {RangeError} paged32: address or length is no multiple of 4096, or the end is over 2^32;
   * regions64: the region overlaps another, is one that stays as it is, or is over a limit
   */
  map(address: number, length: number, writable: boolean): void
  /**
   * paged32: makes pages inaccessible and drops their bytes. regions64: removes the regions that start
   * in the range.
   * @throws {RangeError} paged32: as `map`; regions64: one of them stays as it is
   */
  unmap(address: number, length: number): void
  /** linear32: mapped bytes end here. paged32: the heap's end (program break). regions64: bytes of all regions. */
  readonly size: number
  /** Raises `size` to at least `size` (rounded up to 4096); false when over the plan's maximum. regions64: see `resize`. */
  grow(size: number): boolean
  /** regions64: the last region that starts at or below `address`, or undefined; other profiles: undefined. */
  regionAt(address: bigint): MappedRegion | undefined
  /**
   * regions64: gives the region that starts at `address` another length and permission. Its bytes stay,
   * new ones are zero. False when there is none, when it stays as it is, or would be over a limit or
   * run into the next region; in other profiles always.
   */
  resize(address: number, length: number, writable: boolean): boolean
}

/** 4096: granularity of growth, of memory's price, and of PVM pages unless a program says otherwise. */
export const pageSize = 4096
/** linear32 and PVM leave the first 64 KiB unmapped, so a null pointer with an offset is caught. */
export const nullZone = 0x10000
