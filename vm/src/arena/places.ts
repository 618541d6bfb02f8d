import { alignUp } from '../bits/bytes.ts'
import type { RegionsPlan } from '../vm/memory.ts'

/** Regions start at multiples of this, so that their aligned words are aligned. */
export const regionAlignment = 16

/**
 * Where the regions of a plan have their bytes, from the start of guest memory on: each has room for
 * its greatest length and never moves. `bytes` is all of them together.
 * @example regionPlaces({ profile: 'regions64', regions: [], segments: [] }).bytes // 0
 */
export function regionPlaces(plan: RegionsPlan): {
  readonly at: readonly number[]
  readonly bytes: number
} {
  let bytes = 0
  const at = plan.regions.map(({ length, maxLength }) => {
    const start = bytes
    bytes = alignUp(start + (maxLength ?? length), regionAlignment)
    return start
  })
  return { at, bytes }
}
