import type { Account } from '../host/solana/account.ts'
import type { Features } from '../host/solana/feature-set.ts'
import { programIds, sysvarIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import { encodeSysvar, type Sysvar, type SysvarName } from '../host/solana/sysvars.ts'

/** What a fresh cluster has, as litesvm makes one. */

export const lamportsPerSignature = 5000n
/** Lamports of the account that airdrops come from. */
export const airdropFund: bigint = 1_000_000n * 1_000_000_000n

/** A program of the runtime, as an account: its name is its data. */
export function builtinAccount(name: string): Account {
  return {
    lamports: 1n,
    data: new TextEncoder().encode(name),
    owner: programIds.nativeLoader,
    executable: true,
    rentEpoch: 0n,
  }
}

/** Programs that check signatures, in the order in which their accounts are made. */
export const precompileIds: readonly Pubkey[] = [
  programIds.secp256k1,
  programIds.ed25519,
  programIds.secp256r1,
]

const emptyHash = new Uint8Array(32)

function rentOf(features: Features): Sysvar<'rent'> {
  return features.has('deprecate_rent_exemption_threshold')
    ? { lamportsPerByte: 6960n, exemptionThreshold: 1, burnPercent: 50 }
    : { lamportsPerByte: 3480n, exemptionThreshold: 2, burnPercent: 50 }
}

/** Bit 0: slot 0 was; the next is 1. */
function slotHistory(): Sysvar<'slotHistory'> {
  const bits = new Uint8Array(131_072)
  bits[0] = 1
  return { bits, nextSlot: 1n }
}

/** Sysvars of a fresh cluster at a slot, in the order in which they are set. */
export function defaultSysvars(
  features: Features,
  slot: bigint,
  blockhash: Uint8Array,
): { readonly [N in SysvarName]: Sysvar<N> } {
  return {
    clock: {
      slot,
      epochStartTimestamp: 0n,
      epoch: 0n,
      leaderScheduleEpoch: 0n,
      unixTimestamp: 0n,
    },
    epochRewards: {
      distributionStartingBlockHeight: 0n,
      numPartitions: 0n,
      parentBlockhash: emptyHash,
      totalPoints: 0n,
      totalRewards: 0n,
      distributedRewards: 0n,
      active: false,
    },
    epochSchedule: {
      slotsPerEpoch: 432_000n,
      leaderScheduleSlotOffset: 432_000n,
      warmup: true,
      firstNormalEpoch: 14n,
      firstNormalSlot: 524_256n,
    },
    fees: { lamportsPerSignature: 0n },
    lastRestartSlot: { lastRestartSlot: 0n },
    recentBlockhashes: { entries: [{ blockhash, lamportsPerSignature: 0n }] },
    rent: rentOf(features),
    slotHashes: { entries: [{ slot, hash: blockhash }] },
    slotHistory: slotHistory(),
    stakeHistory: { entries: [] },
  }
}

/** Bytes of the account of SlotHashes, however many it holds. */
const slotHashesBytes = 20_488

/** A sysvar's account. */
export function sysvarAccount<N extends SysvarName>(name: N, value: Sysvar<N>): Account {
  const bytes = encodeSysvar(name, value)
  let data = bytes
  if (name === 'slotHashes' && bytes.length < slotHashesBytes) {
    data = new Uint8Array(slotHashesBytes)
    data.set(bytes)
  }
  return { lamports: 1n, data, owner: sysvarIds.owner, executable: false, rentEpoch: 0n }
}

/** The account of the stake program's old settings: none of them set, its warm-up rate and slash penalty. */
export function stakeConfigAccount(): Account {
  const data = new Uint8Array(17)
  new DataView(data.buffer).setFloat64(8, 0.25, true)
  data[16] = 12
  return { lamports: 1n, data, owner: programIds.config, executable: false, rentEpoch: 0n }
}

/** The account of an active feature: some slot. */
export function featureAccount(slot: bigint, lamports: bigint): Account {
  const data = new Uint8Array(9)
  data[0] = 1
  new DataView(data.buffer).setBigUint64(1, slot, true)
  return { lamports, data, owner: programIds.feature, executable: false, rentEpoch: 0n }
}

/** Addresses that no transaction may write (agave-reserved-account-keys), by `Pubkey.key`. */
export const reservedKeys: ReadonlySet<string> = new Set(
  [
    programIds.addressLookupTable,
    programIds.loaderV2,
    programIds.loaderV1,
    programIds.loaderV3,
    programIds.computeBudget,
    programIds.config,
    programIds.ed25519,
    programIds.feature,
    programIds.loaderV4,
    programIds.secp256k1,
    programIds.secp256r1,
    programIds.stakeConfig,
    programIds.stake,
    programIds.system,
    programIds.vote,
    programIds.zkElGamalProof,
    programIds.zkTokenProof,
    programIds.nativeLoader,
    ...Object.values(sysvarIds),
  ].map(({ key }) => key),
)
