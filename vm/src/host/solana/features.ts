import type { Pubkey } from './pubkey.ts'

/** Which of the cluster's features are active, asked by the names that agave-feature-set gives them. */
export interface FeatureSet {
  /** For example `increase_cpi_account_info_limit`. */
  has(name: string): boolean
  /** The slot of activation by the feature's address; undefined: inactive, or unknown. */
  activatedAt(id: Pubkey): bigint | undefined
}
