import type { MemoryPlan } from '../vm/memory.ts'
import { type ArenaMemory, LinearMemory, PagedMemory, type Views } from './memory.ts'
import { RegionMemory } from './regions.ts'

/** Guest memory by its plan, from Wasm address `guest` on; `views`, if there are some of all of it. */
export function arenaMemory(
  wasm: WebAssembly.Memory,
  plan: MemoryPlan,
  guest: number,
  views?: Views,
): ArenaMemory {
  switch (plan.profile) {
    case 'linear32':
      return new LinearMemory(wasm, plan, guest, views)
    case 'paged32':
      return new PagedMemory(wasm, plan, guest, views)
    case 'regions64':
      return new RegionMemory(wasm, plan, guest)
  }
}
