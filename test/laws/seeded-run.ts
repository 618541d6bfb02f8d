/**
 * Runs the laws against the engine this file is linked to and prints one line of JSON: how many
 * programs agreed, or the first disagreement. For `seeded-bugs.test.ts`.
 *   node seeded-run.js PROGRAMS
 */
import { interpEngine, referenceEngine } from 'alcatraz-vm'
import { Disagreement } from './compare.ts'
import { nothingSeen, oneSeed } from './law.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

export type Verdict =
  | { readonly agreed: number }
  | { readonly disagreement: string }
  | { readonly broken: string }

function verdict(programs: number): Verdict {
  const seen = nothingSeen()
  try {
    for (let seed = 1; seen.programs < programs; seed++) {
      oneSeed([referenceEngine, interpEngine], bpfTrial, seed, seen)
      if (seed % 2 === 0) oneSeed([referenceEngine, interpEngine], pvmTrial, seed, seen)
    }
    return { agreed: seen.programs }
  } catch (error) {
    if (error instanceof Disagreement) return { disagreement: error.message }
    const cause = (error as Error).cause ?? error
    return { broken: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) }
  }
}

console.log(JSON.stringify(verdict(Number(process.argv[2]))))
