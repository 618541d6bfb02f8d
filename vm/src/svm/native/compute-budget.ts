import { programIds } from '../../host/solana/ids.ts'
import type { Builtin } from '../../host/solana/runtime.ts'

/** Its instructions are obeyed before the transaction runs; as programs they do nothing. */
export const computeBudgetProgram: Builtin = {
  id: programIds.computeBudget,
  name: 'compute_budget_program',
  units: 150n,
  process() {},
}
