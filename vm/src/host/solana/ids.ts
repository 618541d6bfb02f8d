import { Pubkey } from './pubkey.ts'

const programTexts = {
  system: '11111111111111111111111111111111',
  vote: 'Vote111111111111111111111111111111111111111',
  stake: 'Stake11111111111111111111111111111111111111',
  stakeConfig: 'StakeConfig11111111111111111111111111111111',
  config: 'Config1111111111111111111111111111111111111',
  computeBudget: 'ComputeBudget111111111111111111111111111111',
  addressLookupTable: 'AddressLookupTab1e1111111111111111111111111',
  zkTokenProof: 'ZkTokenProof1111111111111111111111111111111',
  zkElGamalProof: 'ZkE1Gama1Proof11111111111111111111111111111',
  nativeLoader: 'NativeLoader1111111111111111111111111111111',
  loaderV1: 'BPFLoader1111111111111111111111111111111111',
  loaderV2: 'BPFLoader2111111111111111111111111111111111',
  loaderV3: 'BPFLoaderUpgradeab1e11111111111111111111111',
  loaderV4: 'LoaderV411111111111111111111111111111111111',
  ed25519: 'Ed25519SigVerify111111111111111111111111111',
  secp256k1: 'KeccakSecp256k11111111111111111111111111111',
  secp256r1: 'Secp256r1SigVerify1111111111111111111111111',
  feature: 'Feature111111111111111111111111111111111111',
  incinerator: '1nc1nerator11111111111111111111111111111111',
} as const

const sysvarTexts = {
  owner: 'Sysvar1111111111111111111111111111111111111',
  clock: 'SysvarC1ock11111111111111111111111111111111',
  epochRewards: 'SysvarEpochRewards1111111111111111111111111',
  epochSchedule: 'SysvarEpochSchedu1e111111111111111111111111',
  fees: 'SysvarFees111111111111111111111111111111111',
  instructions: 'Sysvar1nstructions1111111111111111111111111',
  lastRestartSlot: 'SysvarLastRestartS1ot1111111111111111111111',
  recentBlockhashes: 'SysvarRecentB1ockHashes11111111111111111111',
  rent: 'SysvarRent111111111111111111111111111111111',
  rewards: 'SysvarRewards111111111111111111111111111111',
  slotHashes: 'SysvarS1otHashes111111111111111111111111111',
  slotHistory: 'SysvarS1otHistory11111111111111111111111111',
  stakeHistory: 'SysvarStakeHistory1111111111111111111111111',
} as const

type Ids<Name extends string> = { readonly [N in Name]: Pubkey }

function parseAll<Name extends string>(texts: Readonly<Record<Name, string>>): Ids<Name> {
  const ids: Partial<Record<Name, Pubkey>> = {}
  for (const name in texts) ids[name] = Pubkey.parse(texts[name])
  return ids as Ids<Name>
}

/** Addresses that the runtime knows by name (solana-sdk-ids). */
export const programIds: Ids<keyof typeof programTexts> = parseAll(programTexts)

/** Addresses of the sysvars; `owner` owns their accounts. */
export const sysvarIds: Ids<keyof typeof sysvarTexts> = parseAll(sysvarTexts)
