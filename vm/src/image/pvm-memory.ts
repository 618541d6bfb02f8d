import { nullZone, type PagedPlan, type Region, type Segment } from '../vm/memory.ts'

/** What a program says of its memory: sizes in octets, data a prefix of its section. */
export interface PolkavmSizes {
  readonly roData: Uint8Array
  readonly roDataSize: number
  readonly rwData: Uint8Array
  readonly rwDataSize: number
  readonly stackSize: number
}

/** polkavm-common/src/abi.rs: sections lie in units of the largest page, one free unit between. */
const unit = 0x10000
/** polkavm-common/src/abi.rs: the stack ends here where no auxiliary data follows. */
export const polkavmStackTop = 0xfffe0000

/**
 * polkavm's memory: read-only data at 0x10000, read-write data after it and a free unit, heap from
 * the end of read-write data, stack down from 0xfffe0000. Sizes are at most 2^31 together.
 * Source: polkavm-common/src/abi.rs, `MemoryMap`.
 * @throws {RangeError} when they are more; sizes come from checked containers or our own text
 */
export function polkavmPlan(sizes: PolkavmSizes, pageSize = 4096): PagedPlan {
  const up = (value: number, to: number): number => Math.ceil(value / to) * to
  const { roData, roDataSize, rwData, rwDataSize, stackSize } = sizes
  if (roDataSize + rwDataSize + stackSize > 2 ** 31)
    throw new RangeError('more than 2 GiB of sections')
  const rw = nullZone + up(roDataSize, unit) + unit
  const stack = polkavmStackTop - up(stackSize, pageSize)
  const regions: Region[] = [
    { address: nullZone, length: up(roDataSize, pageSize), writable: false },
    { address: rw, length: up(rwDataSize, pageSize), writable: true },
    { address: stack, length: polkavmStackTop - stack, writable: true },
  ]
  const segments: Segment[] = [
    { address: nullZone, bytes: roData },
    { address: rw, bytes: rwData },
  ]
  return {
    profile: 'paged32',
    pageSize,
    regions: regions.filter((region) => region.length > 0),
    segments: segments.filter((segment) => segment.bytes.length > 0),
    heap: { start: rw + rwDataSize, max: stack - unit },
  }
}
