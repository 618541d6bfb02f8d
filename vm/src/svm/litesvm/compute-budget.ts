import { asU32, asU64, asUsize } from './napi.ts'

/** Limits and prices that a `ComputeBudget` starts with: those of Agave, by litesvm's names for them. */
export const computeBudgetDefaults = {
  computeUnitLimit: 1_400_000n,
  log64Units: 100n,
  createProgramAddressUnits: 1500n,
  invokeUnits: 946n,
  maxInstructionStackDepth: 5n,
  maxInstructionTraceLength: 64n,
  sha256BaseCost: 85n,
  sha256ByteCost: 1n,
  sha256MaxSlices: 20_000n,
  maxCallDepth: 64n,
  stackFrameSize: 4096n,
  logPubkeyUnits: 100n,
  cpiBytesPerUnit: 250n,
  sysvarBaseCost: 100n,
  secp256K1RecoverCost: 25_000n,
  syscallBaseCost: 100n,
  curve25519EdwardsValidatePointCost: 159n,
  curve25519EdwardsAddCost: 473n,
  curve25519EdwardsSubtractCost: 475n,
  curve25519EdwardsMultiplyCost: 2177n,
  curve25519EdwardsMsmBaseCost: 2273n,
  curve25519EdwardsMsmIncrementalCost: 758n,
  curve25519RistrettoValidatePointCost: 169n,
  curve25519RistrettoAddCost: 521n,
  curve25519RistrettoSubtractCost: 519n,
  curve25519RistrettoMultiplyCost: 2208n,
  curve25519RistrettoMsmBaseCost: 2303n,
  curve25519RistrettoMsmIncrementalCost: 788n,
  heapSize: 32_768,
  heapCost: 8n,
  memOpBaseCost: 10n,
  altBn128AdditionCost: 334n,
  altBn128MultiplicationCost: 3840n,
  altBn128PairingOnePairCostFirst: 36_364n,
  altBn128PairingOnePairCostOther: 12_121n,
  poseidonCostCoefficientA: 61n,
  poseidonCostCoefficientC: 542n,
  getRemainingComputeUnitsCost: 100n,
  altBn128G1Compress: 30n,
  altBn128G1Decompress: 398n,
  altBn128G2Compress: 86n,
  altBn128G2Decompress: 13_610n,
} as const
type Name = keyof typeof computeBudgetDefaults
/** Compute units; `heapSize` is bytes. */
export type ComputeBudgetFields = {
  [N in Name]: (typeof computeBudgetDefaults)[N] extends bigint ? bigint : number
}

/** Those that are lengths on the machine; a wrong one is named so in errors. */
const lengths: ReadonlySet<string> = new Set<Name>([
  'maxInstructionStackDepth',
  'maxInstructionTraceLength',
  'maxCallDepth',
  'stackFrameSize',
])

function checked(name: string, value: unknown): bigint | number {
  if (name === 'heapSize') return asU32(value)
  return lengths.has(name) ? asUsize(value) : asU64(value)
}

class Fields {
  readonly #fields: Record<string, bigint | number> = { ...computeBudgetDefaults }

  static {
    for (const name of Object.keys(computeBudgetDefaults))
      Object.defineProperty(Fields.prototype, name, {
        get(this: Fields) {
          return this.#fields[name]
        },
        set(this: Fields, value: unknown) {
          this.#fields[name] = checked(name, value)
        },
        enumerable: true,
      })
  }
}
// its accessors are those that the table names
const Base = Fields as unknown as new () => ComputeBudgetFields

/** What transactions may use and what syscalls cost; each price can be set. */
export class ComputeBudget extends Base {}
