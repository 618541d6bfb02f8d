import { VerifyError } from '../bits/errors.ts'
import type { Frame, MachineState, PageState } from './machine.ts'
import {
  type LinearPlan,
  type MemoryPlan,
  nullZone,
  type PagedPlan,
  type PlannedRegion,
  pageSize,
  type RegionsPlan,
  regionLimits,
} from './memory.ts'

/** What the states of a program's machines have in common. */
export interface StateParts {
  readonly memory: MemoryPlan
  readonly registers: number
  /** Absent: no frames. */
  readonly frames?: { readonly maxDepth: number; readonly saved: number }
  /** How many slots the function at a pc has; absent: none anywhere. */
  readonly slotsAt?: (pc: number) => number
  /** Is there a call of the program's own right before a pc. */
  readonly isBehindCall: (pc: number) => boolean
}

function fail(message: string, value: number | bigint): never {
  throw new VerifyError('badState', `saved state: ${message}`, { value })
}

const end32 = 2 ** 32

function isWhole(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end
}

function checkValues(values: readonly bigint[], count: number, what: string): void {
  if (values.length !== count) fail(`${values.length} ${what} instead of ${count}`, values.length)
  for (const value of values)
    if (typeof value !== 'bigint' || value < 0n || value >= 1n << 64n)
      fail(`one of the ${what} is no 64-bit value`, value)
}

/** As `save` has slots: none where there are none. */
function checkSlots(
  slots: readonly bigint[] | undefined,
  pc: number,
  { slotsAt }: StateParts,
): void {
  const count = slotsAt?.(pc) ?? 0
  if (count > 0 || slots !== undefined) checkValues(slots ?? [], Math.max(1, count), 'slots')
}

function checkFrames(frames: readonly Frame[], parts: StateParts): void {
  const { frames: rule, isBehindCall } = parts
  const { maxDepth, saved: count } = rule ?? { maxDepth: 0, saved: 0 }
  if (frames.length > maxDepth) fail('more calls are open than the program may have', frames.length)
  for (const { returnPc, saved, slots } of frames) {
    checkValues(saved, count, 'registers of a frame')
    if (!isWhole(returnPc, end32) || !isBehindCall(returnPc))
      fail('a frame returns to where no call was', returnPc)
    checkSlots(slots, returnPc, parts)
  }
}

/** Pages of 4096 bytes, each above the one before, in low <= address < high. */
function checkPages(pages: readonly PageState[], low: number, high: number): void {
  let from = low
  for (const { address, bytes } of pages) {
    if (bytes.length !== pageSize) fail('a page has other than 4096 bytes', bytes.length)
    if (!isWhole(address, end32) || address % pageSize !== 0) fail('no page is at', address)
    if (address < from || address + pageSize > high)
      fail('a page is out of order, or outside memory', address)
    from = address + pageSize
  }
}

function checkLinear({ size, maxSize }: LinearPlan, { memorySize, pages }: MachineState): void {
  if (!isWhole(memorySize, end32) || memorySize % pageSize !== 0)
    fail('the size of memory is no multiple of 4096', memorySize)
  if (memorySize < size || memorySize > maxSize)
    fail(`memory is not ${size} to ${maxSize} bytes`, memorySize)
  checkPages(pages, nullZone, memorySize)
}

function checkPaged({ heap }: PagedPlan, { memorySize, pages }: MachineState): void {
  const { start, max } = heap ?? { start: 0, max: 0 }
  if (!isWhole(memorySize, end32 + 1) || memorySize < start || memorySize > max)
    fail("the heap's end is out of its range", memorySize)
  checkPages(pages, 0, end32)
}

/** Addresses that a region of a saved state takes. */
const reach = (page: PageState, planned: PlannedRegion | undefined): number =>
  page.bytes.length * (planned?.gap === undefined ? 1 : 2)

function checkRegions({ regions }: RegionsPlan, { memorySize, pages }: MachineState): void {
  const planned = new Map(regions.map((region) => [region.address, region]))
  const kept = regions.filter(({ maxLength }) => maxLength === undefined)
  if (pages.length > regionLimits.regions) fail('too many regions', pages.length)
  let end = 0
  let total = 0
  let found = 0
  for (const page of pages) {
    const { address, bytes, writable } = page
    const plan = planned.get(address)
    if (!isWhole(address, regionLimits.addressSpace)) fail('no region is at', address)
    if (address < end) fail('a region is out of order, or overlaps another', address)
    if (plan !== undefined && bytes.length > (plan.maxLength ?? plan.length))
      fail('a region is longer than its maximum', address)
    if (plan !== undefined && plan.maxLength === undefined) {
      found++
      if (bytes.length !== plan.length || writable !== plan.writable)
        fail('a region that stays as it is has changed', address)
    }
    // two empty regions at one address would not be told apart
    end = address + Math.max(1, reach(page, plan))
    total += bytes.length
  }
  if (end > regionLimits.addressSpace || total > regionLimits.bytes)
    fail('regions have too many bytes', total)
  if (found !== kept.length) fail('a region that stays as it is is missing', found)
  if (total !== memorySize) fail('the size of memory is not that of its regions', memorySize)
}

function checkMemory(plan: MemoryPlan, state: MachineState): void {
  switch (plan.profile) {
    case 'linear32':
      return checkLinear(plan, state)
    case 'paged32':
      return checkPaged(plan, state)
    case 'regions64':
      return checkRegions(plan, state)
  }
}

/**
 * What engines rely on in a saved state, which may have been kept where anybody could change it.
 * @throws {VerifyError} `badState` when `save` of no such machine gives it
 */
export function checkState(state: MachineState, parts: StateParts): void {
  const { pc, gas, registers, frames } = state
  if (typeof pc !== 'number') fail('pc is no number', pc)
  if (typeof gas !== 'bigint' || gas < 0n || gas >= 1n << 63n) fail('gas is out of range', gas)
  checkValues(registers, parts.registers, 'registers')
  checkFrames(frames, parts)
  checkSlots(state.slots, pc, parts)
  checkMemory(parts.memory, state)
}
