import { VerifyError } from '../bits/errors.ts'
import {
  type MemoryPlan,
  nullZone,
  type PlannedRegion,
  pageSize,
  type Region,
  type RegionsPlan,
  regionLimits,
  type Segment,
} from '../vm/memory.ts'

const addressSpace = 2 ** 32

function fail(message: string, value: number): never {
  throw new VerifyError('memory', message, { value })
}

function isRange(address: number, length: number): boolean {
  if (!Number.isInteger(address) || !Number.isInteger(length)) return false
  return address >= 0 && length >= 0 && address + length <= addressSpace
}

/**
 * What engines rely on about a memory's layout: alignment, range, regions that do not overlap,
 * segments inside mapped memory. O(n log n) in regions and segments.
 * @throws {VerifyError} `memory`, with the offending number
 * @example verifyMemoryPlan({ profile: 'linear32', segments: [], size: 0x20000, maxSize: 0x20000 })
 */
export function verifyMemoryPlan(plan: MemoryPlan): void {
  if (plan.profile === 'regions64') return verifyRegions(plan)
  if (plan.profile === 'linear32') {
    const { size, maxSize } = plan
    if (!isRange(size, 0) || size % pageSize !== 0) fail('size is no multiple of 4096', size)
    if (!isRange(maxSize, 0) || maxSize % pageSize !== 0)
      fail('maxSize is no multiple of 4096', maxSize)
    if (size < nullZone) fail('memory ends below 64 KiB', size)
    if (maxSize < size || maxSize > addressSpace - nullZone)
      fail('maxSize is out of range', maxSize)
    for (const segment of plan.segments)
      if (!inside(segment, nullZone, size)) fail('a segment is outside memory', segment.address)
    return
  }
  const { heap } = plan
  const page = plan.pageSize
  if (!Number.isInteger(page) || page < 4096 || page > 65536 || (page & (page - 1)) !== 0)
    fail('the page size is no power of two in 4096..65536', page)
  const spans = spansOf(plan.regions, page)
  for (const segment of plan.segments) if (!covered(segment, spans)) outside(segment)
  if (heap === undefined) return
  if (!isRange(heap.start, 0) || !isRange(heap.max, 0) || heap.max < heap.start)
    fail('the heap is out of range', heap.start)
}

/** Frames of V0's stack are 4096 bytes; ranges that are checked at once are no longer. */
const gaps = { least: 4096, most: 0x100_0000 } as const

/** Addresses that a region may take. */
function reach({ length, maxLength, gap }: PlannedRegion): number {
  return gap === undefined ? (maxLength ?? length) : 2 * length
}

function verifyRegions({ regions, segments }: RegionsPlan): void {
  if (regions.length > regionLimits.regions) fail('too many regions', regions.length)
  let end = 0
  let bytes = 0
  for (const region of regions) {
    const { address, length, maxLength, gap } = region
    if (!isLength(length)) fail('a region has no such length', length)
    if (maxLength !== undefined && (!isLength(maxLength) || maxLength < length))
      fail('a region is longer than its maximum', maxLength)
    if (gap !== undefined) checkGap(gap, region)
    if (!Number.isInteger(address) || address < 0 || address > regionLimits.addressSpace)
      fail('a region is out of range', address)
    if (address + reach(region) > regionLimits.addressSpace)
      fail('a region is out of range', address)
    if (address < end) fail('regions are out of order or overlap', address)
    // two empty regions at one address would not be told apart
    end = address + Math.max(1, reach(region))
    bytes += maxLength ?? length
    if (bytes > regionLimits.bytes) fail('regions have too many bytes', bytes)
  }
  const plain = regions.filter(({ gap }) => gap === undefined)
  const spans = plain.map(({ address, length }) => ({ low: address, high: address + length }))
  for (const segment of segments) if (!covered(segment, spans)) outside(segment)
}

function isLength(length: number): boolean {
  return Number.isInteger(length) && length >= 0 && length <= regionLimits.bytes
}

function checkGap(gap: number, { length, maxLength }: PlannedRegion): void {
  if (!Number.isInteger(gap) || gap < gaps.least || gap > gaps.most || (gap & (gap - 1)) !== 0)
    fail('a gap is no power of two in 2^12..2^24', gap)
  if (length % gap !== 0) fail('a region is no whole number of frames', length)
  if (maxLength !== undefined) fail('a region with gaps keeps its length', maxLength)
}

function outside(segment: Segment): never {
  fail('a segment is outside memory', segment.address)
}

function inside({ address, bytes }: Segment, low: number, high: number): boolean {
  return Number.isInteger(address) && address >= low && address + bytes.length <= high
}

interface Span {
  readonly low: number
  readonly high: number
}

/** Regions in order, adjacent ones joined. */
function spansOf(regions: readonly Region[], page: number): Span[] {
  const sorted = [...regions].sort((x, y) => x.address - y.address)
  const spans: { low: number; high: number }[] = []
  for (const { address, length } of sorted) {
    if (!isRange(address, length)) fail('a region is no 32-bit range', address)
    if (address % page !== 0 || length % page !== 0) fail('a region is not page-aligned', address)
    const last = spans.at(-1)
    if (last !== undefined && address < last.high) fail('regions overlap', address)
    if (last !== undefined && address === last.high) last.high = address + length
    else spans.push({ low: address, high: address + length })
  }
  return spans
}

/** Is the segment in one span: the last that starts at or below it. */
function covered(segment: Segment, spans: readonly Span[]): boolean {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (spans[middle]!.low <= segment.address) low = middle + 1
    else high = middle
  }
  const span = spans[low - 1]
  return span !== undefined && inside(segment, span.low, span.high)
}
