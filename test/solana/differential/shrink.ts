import type { Native } from './litesvm.ts'
import type { Difference } from './pair.ts'
import { replay } from './run.ts'
import type { Op, Subject } from './subject.ts'

/**
 * Leaves out operations as long as the two sides still differ in the same thing: halves, then ever
 * smaller runs. The last operation, which showed it, stays.
 */
export function shrink(
  native: Native,
  ours: () => Subject,
  ops: readonly Op[],
  what: string,
): { readonly ops: readonly Op[]; readonly difference: Difference } | undefined {
  const differs = (some: readonly Op[]): Difference | undefined => {
    const found = replay(native, ours, some)
    return found?.what === what && found.at === some.length - 1 ? found : undefined
  }
  let difference = differs(ops)
  if (difference === undefined) return undefined
  let kept = [...ops]
  for (let run = Math.ceil(kept.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < kept.length - 1; ) {
      const end = Math.min(at + run, kept.length - 1)
      const fewer = [...kept.slice(0, at), ...kept.slice(end)]
      const found = differs(fewer)
      if (found === undefined) at = end
      else {
        kept = fewer
        difference = found
      }
    }
  }
  return { ops: kept, difference }
}
