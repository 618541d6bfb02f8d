import { alignUp } from '../bits/bytes.ts'
import { VerifyError } from '../bits/errors.ts'
import { type MemoryPlan, nullZone, pageSize } from './memory.ts'
import type { Program } from './program.ts'

/** Bytes that a memory begins with, stack and data included. */
function atStart(plan: MemoryPlan): number {
  if (plan.profile === 'linear32') return plan.size - nullZone
  return plan.regions.reduce((sum, { length }) => sum + length, 0)
}

function limited(plan: MemoryPlan, bytes: number): MemoryPlan {
  const free = bytes - atStart(plan)
  if (plan.profile === 'linear32') {
    const most = plan.size + free - (free % pageSize)
    return { ...plan, maxSize: Math.min(plan.maxSize, most) }
  }
  if (plan.profile === 'regions64' || plan.heap === undefined) return plan
  const { start, max } = plan.heap
  // the page that the heap starts in is there already
  const most = alignUp(start, plan.pageSize) + free - (free % plan.pageSize)
  return { ...plan, heap: { start, max: Math.min(max, most) } }
}

/**
 * The program with no more than `bytes` of memory: what it begins with, and what it adds by itself. To
 * pages and regions that a host maps it sets no limit.
 * @throws {VerifyError} `memoryLimit` when it begins with more
 * @throws {RangeError} when `bytes` is no whole number
 * @example limitMemory(program, 1 << 20).memory.maxSize // 0x110000
 */
export function limitMemory<P extends Program>(program: P, bytes: number): P {
  if (!Number.isInteger(bytes) || bytes < 0) throw new RangeError(`no memory has ${bytes} bytes`)
  const least = atStart(program.memory)
  if (least > bytes)
    throw new VerifyError('memoryLimit', `the program begins with ${least} bytes of memory`, {
      value: least,
    })
  return { ...program, memory: limited(program.memory, bytes) }
}
