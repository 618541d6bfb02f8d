import type { MemoryPlan } from '../vm/memory.ts'
import { type ArenaMemory, LinearMemory, PagedMemory, type Views } from './memory.ts'
import { RegionMemory } from './regions.ts'

/**
 * Guest memory by its plan, from Wasm address `guest` on.
 * @param views of all of it, if there are some
 * @param holds a machine of the same program had the memory, and left read-only regions as they are
 */
export function arenaMemory(
  wasm: WebAssembly.Memory,
  plan: MemoryPlan,
  guest: number,
  views?: Views,
  holds = false,
): ArenaMemory {
  switch (plan.profile) {
    case 'linear32':
      return new LinearMemory(wasm, plan, guest, views)
    case 'paged32':
      return new PagedMemory(wasm, plan, guest, views)
    case 'regions64':
      return new RegionMemory(wasm, plan, guest, views, holds)
  }
}
