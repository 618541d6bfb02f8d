import type { MemoryPlan } from '../vm/memory.ts'
import { type ArenaMemory, LinearMemory, PagedMemory } from './memory.ts'
import { RegionMemory } from './regions.ts'

/** Guest memory by its plan, from Wasm address `guest` on. */
export function arenaMemory(
  wasm: WebAssembly.Memory,
  plan: MemoryPlan,
  guest: number,
): ArenaMemory {
  switch (plan.profile) {
    case 'linear32':
      return new LinearMemory(wasm, plan, guest)
    case 'paged32':
      return new PagedMemory(wasm, plan, guest)
    case 'regions64':
      return new RegionMemory(wasm, plan, guest)
  }
}
