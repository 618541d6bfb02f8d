import type { FeatureSet } from '../../host/solana/features.ts'
import type { Builtin } from '../../host/solana/runtime.ts'
import { computeBudgetProgram } from './compute-budget.ts'
import { loaderV1, loaderV2 } from './loader-old.ts'
import { loaderV3 } from './loader-v3.ts'
import { systemProgram } from './system.ts'
import { voteProgram } from './vote.ts'
import { zkElGamalProgram } from './zk-elgamal.ts'

/** The runtime's own programs, in Agave's order; some need a feature (solana-builtins). */
export const builtins: readonly Builtin[] = [
  systemProgram,
  voteProgram,
  loaderV1,
  loaderV2,
  loaderV3,
  computeBudgetProgram,
  zkElGamalProgram,
]

/** Those that are there with these features, by `Pubkey.key`. */
export function activeBuiltins(features: FeatureSet): ReadonlyMap<string, Builtin> {
  const active = new Map<string, Builtin>()
  for (const builtin of builtins)
    if (builtin.feature === undefined || features.has(builtin.feature))
      active.set(builtin.id.key, builtin)
  return active
}
