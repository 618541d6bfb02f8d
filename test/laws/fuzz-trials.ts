import { callTrial } from './call-programs.ts'
import type { Trial } from './compare.ts'
import { bulkTrial, loopTrial, paceTrial } from './loop-programs.ts'
import { memoryTrial } from './memory-programs.ts'
import { pageTrial } from './page-programs.ts'
import { sbpfTrial } from './sbpf-programs.ts'
import { shapeTrial } from './shapes/trial.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

/** What is checked, filled or expected before a loop. */
const boundedTrials = [loopTrial, bulkTrial, paceTrial, pageTrial, callTrial] as const

/** Programs of every generator; most are made of shapes, which are hot. The same for the same seed. */
export function fuzzTrial(seed: number): Trial {
  switch (seed % 25) {
    case 0:
      return bpfTrial(seed)
    case 1:
      return pvmTrial(seed)
    case 2:
      return memoryTrial(Math.floor(seed / 25))
    case 3: {
      const made = Math.floor(seed / 25)
      return boundedTrials[made % boundedTrials.length]!(made)
    }
    case 4:
    case 5:
    case 6:
      return sbpfTrial(seed)
    default:
      return shapeTrial(seed)
  }
}
