import { ByteWriter } from '../../bits/bytes.ts'
import { writeU32, writeU64 } from '../../bits/record.ts'
import { fail } from '../../host/solana/errors.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InstructionAccount } from '../../host/solana/runtime.ts'
import { BincodeReader, option, u64 } from './bincode.ts'

/** A vote, and how many others confirm it. */
export interface Lockout {
  readonly slot: bigint
  readonly confirmations: number
}

/** A vote of the account: `latency` slots passed from its slot to the one it landed in; 0: not recorded. */
export interface LandedVote extends Lockout {
  readonly latency: number
}

export interface EpochCredits {
  readonly epoch: bigint
  readonly credits: bigint
  readonly previous: bigint
}

/** What a vote account holds, in its newest version (SIMD-0185). Older ones are turned into it when read. */
export interface VoteState {
  node: Pubkey
  withdrawer: Pubkey
  inflationCollector: Pubkey
  blockCollector: Pubkey
  /** Basis points. */
  inflationCommission: number
  blockCommission: number
  pendingRewards: bigint
  /** 48 bytes. */
  blsKey: Uint8Array | undefined
  /** From the oldest slot to the newest. */
  votes: LandedVote[]
  root: bigint | undefined
  /** Who votes, by the epoch it begins with. */
  voters: Map<bigint, Pubkey>
  credits: EpochCredits[]
  timestamp: { readonly slot: bigint; readonly timestamp: bigint }
}

/** Versions as accounts number them. */
const Version = { uninitialized: 0, v1_14_11: 1, v3: 2, v4: 3 } as const

/** Bytes of a vote account. */
export const voteStateBytes = 3762

/** Votes that an account holds at most; also the most confirmations of one. */
export const maxLockouts = 31
/** Bytes that versions before the fourth keep of past voters: 32 of them, a place and a flag. */
const priorVoterBytes = 32 * 48 + 8

/** The whole commission in basis points. */
const all = 10_000

function votesOf(from: BincodeReader, withLatency: boolean): LandedVote[] {
  const votes: LandedVote[] = []
  for (let left = from.length(); left > 0; left--) {
    const latency = withLatency ? from.u8() : 0
    votes.push({ latency, slot: from.u64(), confirmations: from.u32() })
  }
  return votes
}

function votersOf(from: BincodeReader): Map<bigint, Pubkey> {
  const voters = new Map<bigint, Pubkey>()
  for (let left = from.length(); left > 0; left--) voters.set(from.u64(), from.pubkey())
  return voters
}

function creditsOf(from: BincodeReader): EpochCredits[] {
  const credits: EpochCredits[] = []
  for (let left = from.length(); left > 0; left--)
    credits.push({ epoch: from.u64(), credits: from.u64(), previous: from.u64() })
  return credits
}

const optionalSlot = option(u64)

/** Fields that versions 1.14.11 and 3 begin with, as the fourth has them. */
function olderHead(from: BincodeReader, account: Pubkey) {
  const node = from.pubkey()
  return {
    node,
    withdrawer: from.pubkey(),
    inflationCollector: account,
    blockCollector: node,
    inflationCommission: from.u8() * 100,
    blockCommission: all,
    pendingRewards: 0n,
    blsKey: undefined,
  }
}

function newestHead(from: BincodeReader) {
  return {
    node: from.pubkey(),
    withdrawer: from.pubkey(),
    inflationCollector: from.pubkey(),
    blockCollector: from.pubkey(),
    inflationCommission: from.u16(),
    blockCommission: from.u16(),
    pendingRewards: from.u64(),
    blsKey: from.bool() ? from.raw(48).slice() : undefined,
  }
}

/**
 * The state at the front of an account's bytes; undefined: version 0, that of accounts never used.
 * @throws {InstructionFailure} InvalidAccountData
 */
export function readVoteState(
  bytes: Uint8Array,
  account: Pubkey,
): { readonly version: number; readonly state: VoteState } | undefined {
  const from = new BincodeReader(bytes, 'InvalidAccountData')
  const version = from.u32()
  if (version === Version.uninitialized) return undefined
  if (version > Version.v4) from.refuse()
  const newest = version === Version.v4
  const head = newest ? newestHead(from) : olderHead(from, account)
  const votes = votesOf(from, version !== Version.v1_14_11)
  const root = optionalSlot(from)
  const voters = votersOf(from)
  if (!newest) {
    from.raw(priorVoterBytes)
    from.bool()
  }
  const credits = creditsOf(from)
  const timestamp = { slot: from.u64(), timestamp: from.i64() }
  return { version, state: { ...head, votes, root, voters, credits, timestamp } }
}

/**
 * The state of an account in use.
 * @throws {InstructionFailure} InvalidAccountData, or UninitializedAccount when an older version has no voter
 */
export function voteStateOf(account: InstructionAccount): VoteState {
  const found = readVoteState(account.data, account.key)
  if (found === undefined) return fail('InvalidAccountData')
  if (!isInitialized(found)) fail('UninitializedAccount')
  return found.state
}

/** Is an account's state that of one in use. */
export function isInitialized(found: ReturnType<typeof readVoteState>): boolean {
  return found !== undefined && (found.version === Version.v4 || found.state.voters.size > 0)
}

/** As version 4 is written. */
export function voteStateToBytes(state: VoteState): Uint8Array {
  const out = new ByteWriter()
  writeU32(out, Version.v4)
  for (const key of [state.node, state.withdrawer, state.inflationCollector, state.blockCollector])
    out.bytes(key.bytes)
  for (const commission of [state.inflationCommission, state.blockCommission])
    out.u8(commission & 255).u8(commission >> 8)
  writeU64(out, state.pendingRewards)
  out.u8(state.blsKey === undefined ? 0 : 1)
  if (state.blsKey !== undefined) out.bytes(state.blsKey)
  writeU64(out, BigInt(state.votes.length))
  for (const vote of state.votes) {
    out.u8(vote.latency)
    writeU64(out, vote.slot)
    writeU32(out, vote.confirmations)
  }
  out.u8(state.root === undefined ? 0 : 1)
  if (state.root !== undefined) writeU64(out, state.root)
  writeU64(out, BigInt(state.voters.size))
  for (const [epoch, voter] of sortedVoters(state)) {
    writeU64(out, epoch)
    out.bytes(voter.bytes)
  }
  writeU64(out, BigInt(state.credits.length))
  for (const { epoch, credits, previous } of state.credits)
    for (const value of [epoch, credits, previous]) writeU64(out, value)
  writeU64(out, state.timestamp.slot)
  writeU64(out, BigInt.asUintN(64, state.timestamp.timestamp))
  return out.finish()
}

function sortedVoters({ voters }: VoteState): [bigint, Pubkey][] {
  return [...voters].sort(([a], [b]) => (a < b ? -1 : 1))
}

/**
 * Writes the state, and makes an account of an older version's size larger for it.
 * @throws {InstructionFailure} AccountNotRentExempt when that account's lamports do not suffice
 */
export function storeVoteState(account: InstructionAccount, state: VoteState): void {
  if (account.data.length < voteStateBytes) {
    if (!account.isRentExemptAt(voteStateBytes)) fail('AccountNotRentExempt')
    try {
      account.setDataLength(voteStateBytes)
    } catch {
      fail('AccountNotRentExempt')
    }
  }
  const data = account.dataToWrite()
  const bytes = voteStateToBytes(state)
  if (bytes.length > data.length) fail('AccountDataTooSmall')
  data.set(bytes)
}

/**
 * Who votes in `epoch`: the voter of the last entry up to it, which then gets an entry of its own. Entries
 * before the epoch that precedes it are forgotten.
 * @throws {InstructionFailure} InvalidAccountData when all entries are later
 */
export function voterOf(state: VoteState, epoch: bigint): Pubkey {
  let voter: Pubkey | undefined
  for (const [from, key] of sortedVoters(state)) if (from <= epoch) voter = key
  if (voter === undefined) return fail('InvalidAccountData')
  state.voters.set(epoch, voter)
  const kept = epoch === 0n ? 0n : epoch - 1n
  for (const from of state.voters.keys()) if (from < kept) state.voters.delete(from)
  return voter
}
