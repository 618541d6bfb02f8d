import type { Trial } from './compare.ts'
import { memoryTrial } from './memory-programs.ts'
import { shapeTrial } from './shapes/trial.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

/** Programs of every generator; most are made of shapes, which are hot. The same for the same seed. */
export function fuzzTrial(seed: number): Trial {
  switch (seed % 25) {
    case 0:
      return bpfTrial(seed)
    case 1:
      return pvmTrial(seed)
    case 2:
      return memoryTrial(Math.floor(seed / 25))
    default:
      return shapeTrial(seed)
  }
}
