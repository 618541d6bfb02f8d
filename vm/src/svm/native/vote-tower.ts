import { equalBytes } from '../../bits/octets.ts'
import type { SlotHashesView } from './sysvar-views.ts'
import { voteFail } from './vote-errors.ts'
import { type LandedVote, type Lockout, maxLockouts, type VoteState } from './vote-state.ts'

/** What a validator says its votes are. */
export interface Tower {
  /** From the oldest slot to the newest. */
  readonly lockouts: readonly Lockout[]
  readonly root: bigint | undefined
  /** Of the bank of the newest slot. */
  readonly hash: Uint8Array
  /** Seconds since 1970, of the newest slot. */
  readonly timestamp: bigint | undefined
}

/** Votes on slots, from the oldest to the newest: the form before towers. */
export interface Vote {
  readonly slots: readonly bigint[]
  readonly hash: Uint8Array
  readonly timestamp: bigint | undefined
}

/** When a vote is cast. */
export interface Now {
  readonly epoch: bigint
  readonly slot: bigint
}

const u64Max = 2n ** 64n - 1n
const graceSlots = 2
const mostCredits = 16
const maxEpochs = 64

function saturatingAdd(a: bigint, b: bigint): bigint {
  return a + b > u64Max ? u64Max : a + b
}

/** The last slot in which the vote forbids another fork: 2 to the power of its confirmations later. */
function lastLockedSlot({ slot, confirmations }: Lockout): bigint {
  return saturatingAdd(slot, 1n << BigInt(Math.min(confirmations, maxLockouts)))
}

/** Slots from the vote's to the one it landed in, at most 255. */
function latencyOf(slot: bigint, now: Now): number {
  const passed = now.slot > slot ? now.slot - slot : 0n
  return passed > 255n ? 255 : Number(passed)
}

/** What a vote earns when it becomes a root: less the later it landed. */
function creditsFor(vote: LandedVote | undefined): bigint {
  const latency = vote?.latency ?? 0
  if (latency === 0) return 1n
  const late = Math.max(latency - graceSlots, 0)
  return BigInt(Math.max(mostCredits - late, 1))
}

function earn(state: VoteState, epoch: bigint, earned: bigint): void {
  const last = state.credits.at(-1)
  if (last === undefined) {
    state.credits.push({ epoch, credits: 0n, previous: 0n })
  } else if (epoch !== last.epoch) {
    const { credits, previous } = last
    if (credits === previous) state.credits[state.credits.length - 1] = { ...last, epoch }
    else state.credits.push({ epoch, credits, previous: credits })
    if (state.credits.length > maxEpochs) state.credits.shift()
  }
  const open = state.credits.at(-1)!
  state.credits[state.credits.length - 1] = {
    ...open,
    credits: saturatingAdd(open.credits, earned),
  }
}

/** @throws {InstructionFailure} TimestampTooOld when it goes back, or differs for the same slot */
export function setTimestamp(state: VoteState, slot: bigint, timestamp: bigint): void {
  const last = state.timestamp
  if (slot < last.slot || timestamp < last.timestamp) voteFail('TimestampTooOld')
  if (slot === last.slot && timestamp !== last.timestamp && last.slot !== 0n)
    voteFail('TimestampTooOld')
  state.timestamp = { slot, timestamp }
}

/** Votes one slot after the other. @throws {InstructionFailure} errors of votes */
export function applyVote(state: VoteState, vote: Vote, hashes: SlotHashesView, now: Now): void {
  if (vote.slots.length === 0) voteFail('EmptySlots')
  const earliest = hashes.count === 0 ? 0n : hashes.slot(hashes.count - 1)
  const slots = vote.slots.filter((slot) => slot >= earliest)
  if (slots.length === 0) voteFail('VotesTooOldAllFiltered')
  checkSlots(state, slots, vote.hash, hashes)
  for (const slot of slots) voteForSlot(state, slot, now)
}

/** All slots that are newer than the last vote must be on this fork. */
function checkSlots(
  state: VoteState,
  slots: readonly bigint[],
  hash: Uint8Array,
  hashes: SlotHashesView,
): void {
  const last = state.votes.at(-1)?.slot
  let i = 0
  // hashes go from the newest slot to the oldest
  let j = hashes.count
  while (i < slots.length && j > 0) {
    if (last !== undefined && slots[i]! <= last) i++
    else if (slots[i] !== hashes.slot(j - 1)) j--
    else {
      i++
      j--
    }
  }
  if (j === hashes.count) voteFail('VoteTooOld')
  if (i !== slots.length) voteFail('SlotsMismatch')
  if (!equalBytes(hashes.hash(j), hash)) voteFail('SlotHashMismatch')
}

function voteForSlot(state: VoteState, slot: bigint, now: Now): void {
  const { votes } = state
  const last = votes.at(-1)
  if (last !== undefined && slot <= last.slot) return
  while (votes.length > 0 && lastLockedSlot(votes.at(-1)!) < slot) votes.pop()
  if (votes.length === maxLockouts) {
    const rooted = votes.shift()!
    state.root = rooted.slot
    earn(state, now.epoch, creditsFor(rooted))
  }
  votes.push({ latency: latencyOf(slot, now), slot, confirmations: 1 })
  for (const [i, vote] of votes.entries())
    if (votes.length > i + vote.confirmations)
      votes[i] = { ...vote, confirmations: vote.confirmations + 1 }
}

/** Replaces the account's votes by a tower. @throws {InstructionFailure} errors of votes */
export function applyTower(state: VoteState, tower: Tower, hashes: SlotHashesView, now: Now): void {
  const { lockouts, root } = onThisFork(state, tower, hashes)
  replaceVotes(state, lockouts, root, tower.timestamp, now)
}

/**
 * The tower without votes that are too old to be checked, and with a root that can be.
 * A vote or root that is on another fork refuses it.
 */
function onThisFork(
  state: VoteState,
  tower: Tower,
  hashes: SlotHashesView,
): { readonly lockouts: Lockout[]; readonly root: bigint | undefined } {
  const { lockouts } = tower
  const newest = lockouts.at(-1)
  if (newest === undefined) return voteFail('EmptySlots')
  const lastVote = state.votes.at(-1)
  if (lastVote !== undefined && newest.slot <= lastVote.slot) voteFail('VoteTooOld')
  if (hashes.count === 0) voteFail('SlotsMismatch')
  const earliest = hashes.slot(hashes.count - 1)
  if (newest.slot < earliest) voteFail('VoteTooOld')

  const root = checkableRoot(state, tower.root, earliest)
  let rootToCheck = root
  const tooOld = new Set<number>()
  let i = 0
  // hashes go from the newest slot to the oldest
  let j = hashes.count
  while (i < lockouts.length && j > 0) {
    const slot = rootToCheck ?? lockouts[i]!.slot
    if (rootToCheck === undefined && i > 0 && slot <= lockouts[i - 1]!.slot)
      voteFail('SlotsNotOrdered')
    const ancestor = hashes.slot(j - 1)
    if (slot > ancestor) j--
    else if (slot === ancestor) {
      if (rootToCheck === undefined) {
        i++
        j--
      } else rootToCheck = undefined
    } else if (j < hashes.count) {
      voteFail(rootToCheck === undefined ? 'SlotsMismatch' : 'RootOnDifferentFork')
    } else if (rootToCheck === undefined) {
      if (!state.votes.some((vote) => vote.slot === slot)) tooOld.add(i)
      i++
    } else rootToCheck = undefined
  }
  if (i !== lockouts.length) voteFail('SlotsMismatch')
  if (!equalBytes(hashes.hash(j), tower.hash)) voteFail('SlotHashMismatch')
  return { lockouts: lockouts.filter((_, at) => !tooOld.has(at)), root }
}

/** A root from before the history becomes the account's newest vote up to it, or else the account's root. */
function checkableRoot(
  state: VoteState,
  root: bigint | undefined,
  earliest: bigint,
): bigint | undefined {
  if (root === undefined || root >= earliest) return root
  return state.votes.findLast((vote) => vote.slot <= root)?.slot ?? state.root
}

function replaceVotes(
  state: VoteState,
  lockouts: readonly Lockout[],
  root: bigint | undefined,
  timestamp: bigint | undefined,
  now: Now,
): void {
  if (lockouts.length > maxLockouts) voteFail('TooManyVotes')
  if (state.root !== undefined && (root === undefined || root < state.root))
    voteFail('RootRollBack')
  checkTower(lockouts, root)

  let earned = 0n
  let current = 0
  if (root !== undefined)
    for (; current < state.votes.length && state.votes[current]!.slot <= root; current++)
      earned += creditsFor(state.votes[current])

  // votes that are gone must have expired; those that stay may not lose confirmations
  const votes: LandedVote[] = lockouts.map((lockout) => ({ ...lockout, latency: 0 }))
  let next = 0
  while (current < state.votes.length && next < votes.length) {
    const old = state.votes[current]!
    const vote = votes[next]!
    if (old.slot < vote.slot) {
      if (lastLockedSlot(old) >= vote.slot) voteFail('LockoutConflict')
      current++
    } else if (old.slot > vote.slot) next++
    else {
      if (vote.confirmations < old.confirmations) voteFail('ConfirmationRollBack')
      votes[next] = { ...vote, latency: old.latency }
      current++
      next++
    }
  }
  for (const [i, vote] of votes.entries())
    if (vote.latency === 0) votes[i] = { ...vote, latency: latencyOf(vote.slot, now) }

  if (state.root !== root) earn(state, now.epoch, earned)
  if (timestamp !== undefined) setTimestamp(state, votes.at(-1)!.slot, timestamp)
  state.root = root
  state.votes = votes
}

/** Slots must rise and confirmations fall, and no vote may have expired by the next. */
function checkTower(lockouts: readonly Lockout[], root: bigint | undefined): void {
  let previous: Lockout | undefined
  for (const vote of lockouts) {
    if (vote.confirmations === 0) voteFail('ZeroConfirmations')
    if (vote.confirmations > maxLockouts) voteFail('ConfirmationTooLarge')
    if (root !== undefined && vote.slot <= root && root !== 0n) voteFail('SlotSmallerThanRoot')
    if (previous !== undefined) {
      if (previous.slot >= vote.slot) voteFail('SlotsNotOrdered')
      if (previous.confirmations <= vote.confirmations) voteFail('ConfirmationsNotOrdered')
      if (vote.slot > lastLockedSlot(previous)) voteFail('NewVoteStateLockoutMismatch')
    }
    previous = vote
  }
}
