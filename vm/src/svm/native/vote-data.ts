import type { Pubkey } from '../../host/solana/pubkey.ts'
import {
  bytesOf,
  type Field,
  hash,
  i64,
  listOf,
  option,
  pubkey,
  record,
  shortListOf,
  text,
  u8,
  u16,
  u32,
  u64,
  variant,
  varint,
} from './bincode.ts'
import type { Tower, Vote } from './vote-tower.ts'

/** Data of vote instructions (solana-vote-interface 6.0.3). */

/** What an authority is for; votes of Alpenglow are signed with a BLS key of their own. */
export type VoteAuthorize =
  | { readonly kind: 'voter' }
  | { readonly kind: 'withdrawer' }
  | { readonly kind: 'voterWithBls'; readonly key: Uint8Array; readonly proof: Uint8Array }

export const voteAuthorize: Field<VoteAuthorize> = (from) => {
  switch (from.u32()) {
    case 0:
      return { kind: 'voter' }
    case 1:
      return { kind: 'withdrawer' }
    case 2:
      return { kind: 'voterWithBls', key: from.raw(48), proof: from.raw(96) }
    default:
      return from.refuse()
  }
}

export const voteInit: {
  readonly node: Field<Pubkey>
  readonly voter: Field<Pubkey>
  readonly withdrawer: Field<Pubkey>
  readonly commission: Field<number>
} = { node: pubkey, voter: pubkey, withdrawer: pubkey, commission: u8 }
export const voteInitV2: {
  readonly node: Field<Pubkey>
  readonly voter: Field<Pubkey>
  readonly blsKey: Field<Uint8Array>
  readonly blsProof: Field<Uint8Array>
  readonly withdrawer: Field<Pubkey>
  readonly inflationCommission: Field<number>
  readonly blockCommission: Field<number>
} = {
  node: pubkey,
  voter: pubkey,
  blsKey: bytesOf(48),
  blsProof: bytesOf(96),
  withdrawer: pubkey,
  inflationCommission: u16,
  blockCommission: u16,
}

/** An authority that is derived from a seed. */
export const seededAuthority: {
  readonly authorize: Field<VoteAuthorize>
  readonly owner: Field<Pubkey>
  readonly seed: Field<string>
} = { authorize: voteAuthorize, owner: pubkey, seed: text }

export const vote: Field<Vote> = record({
  slots: listOf(u64),
  hash,
  timestamp: option(i64),
})

const lockout = record({ slot: u64, confirmations: u32 })
export const voteStateUpdate: Field<Tower> = record({
  lockouts: listOf(lockout),
  root: option(u64),
  hash,
  timestamp: option(i64),
})

const compactTower = record({
  root: u64,
  offsets: shortListOf(record({ offset: varint, confirmations: u8 })),
  hash,
  timestamp: option(i64),
})
const noRoot = 2n ** 64n - 1n

/** Slots as distances from the one before, the first from the root. */
export const compactVoteStateUpdate: Field<Tower> = (from) => {
  const { offsets, ...compact } = compactTower(from)
  const root = compact.root === noRoot ? undefined : compact.root
  return { ...compact, root, lockouts: lockoutsOf(offsets, root) ?? from.refuse() }
}

function lockoutsOf(
  offsets: readonly { readonly offset: bigint; readonly confirmations: number }[],
  root: bigint | undefined,
): Tower['lockouts'] | undefined {
  let slot = root ?? 0n
  const lockouts = []
  for (const { offset, confirmations } of offsets) {
    slot += offset
    lockouts.push({ slot, confirmations })
  }
  return slot > noRoot ? undefined : lockouts
}

/** The same and the block's identifier, which the program does not look at. */
export const towerSync: Field<Tower> = (from) => {
  const tower = compactVoteStateUpdate(from)
  hash(from)
  return tower
}

export const CommissionKind = { inflationRewards: 0, blockRevenue: 1 } as const
export const commissionKind: Field<number> = variant(2)
