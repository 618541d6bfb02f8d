import { VerifyError } from '../bits/errors.ts'
import { type MemoryPlan, nullZone, pageSize, type Region, type Segment } from '../vm/memory.ts'

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

function outside(segment: Segment): never {
  fail('a segment is outside memory', segment.address)
}

function inside({ address, bytes }: Segment, low: number, high: number): boolean {
  return isRange(address, bytes.length) && address >= low && address + bytes.length <= high
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
