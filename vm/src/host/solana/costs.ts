/** What one transaction may do at most (solana-program-runtime, execution_budget.rs). */
export interface ComputeBudget {
  /** Compute units of the whole transaction. */
  readonly computeUnitLimit: bigint
  /** Instructions within each other, that of the transaction included. */
  readonly maxInstructionStackDepth: number
  /** Instructions of the transaction and those called by programs. */
  readonly maxInstructionTraceLength: number
  /** Slices that one call of a hash function takes. */
  readonly sha256MaxSlices: bigint
  /** Calls within a program, the entry included. */
  readonly maxCallDepth: number
  /** Bytes. */
  readonly stackFrameSize: number
  /** Bytes. */
  readonly heapSize: number
}

export const computeLimits = {
  maxComputeUnitLimit: 1_400_000,
  defaultInstructionComputeUnitLimit: 200_000,
  maxBuiltinAllocationComputeUnitLimit: 3_000,
  minHeapFrameBytes: 0x8000,
  maxHeapFrameBytes: 0x4_0000,
  maxLoadedAccountsDataSizeBytes: 0x400_0000,
} as const

/** The budget of a transaction that asks for nothing else. */
export const defaultBudget: ComputeBudget = {
  computeUnitLimit: BigInt(computeLimits.maxComputeUnitLimit),
  maxInstructionStackDepth: 5,
  maxInstructionTraceLength: 64,
  sha256MaxSlices: 20_000n,
  maxCallDepth: 64,
  stackFrameSize: 4096,
  heapSize: computeLimits.minHeapFrameBytes,
}

/** `maxInstructionStackDepth` with the feature raise_cpi_nesting_limit_to_8. */
export const raisedInstructionStackDepth = 9

/** Compute units of what programs ask of the runtime (execution_budget.rs, `SVMTransactionExecutionCost`). */
export const defaultCosts = {
  log64Units: 100n,
  createProgramAddressUnits: 1500n,
  invokeUnits: 946n,
  sha256BaseCost: 85n,
  sha256ByteCost: 1n,
  logPubkeyUnits: 100n,
  /** Bytes for one unit. */
  cpiBytesPerUnit: 250n,
  sysvarBaseCost: 100n,
  secp256k1RecoverCost: 25_000n,
  syscallBaseCost: 100n,
  curve25519EdwardsValidatePointCost: 159n,
  curve25519EdwardsAddCost: 473n,
  curve25519EdwardsSubtractCost: 475n,
  curve25519EdwardsMultiplyCost: 2_177n,
  curve25519EdwardsMsmBaseCost: 2_273n,
  curve25519EdwardsMsmIncrementalCost: 758n,
  curve25519RistrettoValidatePointCost: 169n,
  curve25519RistrettoAddCost: 521n,
  curve25519RistrettoSubtractCost: 519n,
  curve25519RistrettoMultiplyCost: 2_208n,
  curve25519RistrettoMsmBaseCost: 2_303n,
  curve25519RistrettoMsmIncrementalCost: 788n,
  /** For each further 32 KiB of heap. */
  heapCost: 8n,
  memOpBaseCost: 10n,
  altBn128G1AdditionCost: 334n,
  altBn128G2AdditionCost: 535n,
  altBn128G1MultiplicationCost: 3_840n,
  altBn128G2MultiplicationCost: 15_670n,
  altBn128PairingOnePairCostFirst: 36_364n,
  altBn128PairingOnePairCostOther: 12_121n,
  /** Of SIMD-0529. */
  bigModularExponentiationBaseCost: 422n,
  bigModularExponentiationCostDivisor: 189n,
  poseidonCostCoefficientA: 61n,
  poseidonCostCoefficientC: 542n,
  getRemainingComputeUnitsCost: 100n,
  altBn128G1Compress: 30n,
  altBn128G1Decompress: 398n,
  altBn128G2Compress: 86n,
  altBn128G2Decompress: 13_610n,
  bls12381G1AddCost: 128n,
  bls12381G2AddCost: 203n,
  bls12381G1SubtractCost: 129n,
  bls12381G2SubtractCost: 204n,
  bls12381G1MultiplyCost: 4_627n,
  bls12381G2MultiplyCost: 8_255n,
  bls12381G1DecompressCost: 2_100n,
  bls12381G2DecompressCost: 3_050n,
  bls12381G1ValidateCost: 1_565n,
  bls12381G2ValidateCost: 1_968n,
  bls12381OnePairCost: 25_445n,
  bls12381AdditionalPairCost: 13_023n,
} as const
defaultCosts satisfies Record<string, bigint>

/** Each price, in compute units, by its name. */
export type ComputeCosts = { readonly [Name in keyof typeof defaultCosts]: bigint }
