import { alignUp } from '../bits/bytes.ts'
import { nullZone, type PagedPlan, type Region, type Segment } from '../vm/memory.ts'

/** What a program says of its memory: sizes in octets, data a prefix of its section. */
export interface PolkavmSizes {
  readonly roData: Uint8Array
  readonly roDataSize: number
  readonly rwData: Uint8Array
  readonly rwDataSize: number
  readonly stackSize: number
}

/** What the host adds to a program's memory. */
export interface PolkavmMemoryOptions {
  /** A power of two in 4096..65536; by default 4096. */
  readonly pageSize?: number
  /** Read-only octets above the stack, the crate's auxiliary data; by default none. */
  readonly input?: Uint8Array
  /** Octets that sections and heap may take together; by default 2^31. */
  readonly maxBytes?: number
}

/** polkavm-common/src/abi.rs: sections lie in units of the largest page, one free unit between. */
const unit = 0x10000
/** polkavm-common/src/abi.rs, `VM_ADDRESS_SPACE_TOP`. */
const top = 0xffff0000
/** polkavm-common/src/abi.rs: the stack ends here where no auxiliary data follows. */
export const polkavmStackTop: number = top - unit

/** Octets of all sections, each in whole `pageSize`s. */
export function mappedBytes(sizes: Omit<PolkavmSizes, 'roData' | 'rwData'>, page: number): number {
  const { roDataSize, rwDataSize, stackSize } = sizes
  return alignUp(roDataSize, page) + alignUp(rwDataSize, page) + alignUp(stackSize, page)
}

/** Where auxiliary data of so many octets lies, and the stack ends one unit below it. */
export function polkavmInputAddress(length: number): number {
  return top - alignUp(length, unit)
}

/**
 * polkavm's memory: read-only data at 0x10000, read-write data after it and a free unit, heap from
 * the end of read-write data, stack down from 0xfffe0000, or from below the input and a free unit.
 * Sizes are at most 2^31 together.
 * Source: polkavm-common/src/abi.rs, `MemoryMap`.
 * @throws {RangeError} when they are more; sizes come from checked containers or our own text
 * @example polkavmPlan({ ...sizes, stackSize: 4096 }).regions.at(-1)?.address // 0xfffdf000
 */
export function polkavmPlan(sizes: PolkavmSizes, options: PolkavmMemoryOptions = {}): PagedPlan {
  const { pageSize = 4096, input = new Uint8Array(0), maxBytes = 2 ** 31 } = options
  const { roData, roDataSize, rwData, rwDataSize, stackSize } = sizes
  const mapped = mappedBytes(sizes, pageSize)
  if (mapped + input.length > maxBytes)
    throw new RangeError(`more than ${maxBytes} octets of memory`)
  const rw = nullZone + alignUp(roDataSize, unit) + unit
  const inputAt = polkavmInputAddress(input.length)
  const stackTop = inputAt - unit
  const stackLength = alignUp(stackSize, pageSize)
  const regions: Region[] = [
    { address: nullZone, length: alignUp(roDataSize, pageSize), writable: false },
    { address: rw, length: alignUp(rwDataSize, pageSize), writable: true },
    { address: stackTop - stackLength, length: stackLength, writable: true },
    { address: inputAt, length: alignUp(input.length, pageSize), writable: false },
  ]
  const segments: Segment[] = [
    { address: nullZone, bytes: roData },
    { address: rw, bytes: rwData },
    { address: inputAt, bytes: input },
  ]
  const start = rw + rwDataSize
  const free = maxBytes - mapped - input.length
  return {
    profile: 'paged32',
    pageSize,
    regions: regions.filter((region) => region.length > 0),
    segments: segments.filter((segment) => segment.bytes.length > 0),
    // a unit stays free below the units of the stack
    heap: { start, max: Math.min(stackTop - alignUp(stackSize, unit) - unit, start + free) },
  }
}
