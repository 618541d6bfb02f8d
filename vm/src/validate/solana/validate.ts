import { equalBytes } from '../../bits/octets.ts'
import type { Account } from '../../host/solana/account.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import { maxU64 } from '../../host/solana/words.ts'
import {
  type AccountDifference,
  type Claim,
  type ClaimContext,
  type ClaimedTransaction,
  refuse,
} from './claim.ts'
import { Replay, type Replayed } from './frames.ts'

/** What accounts that pay no rent have as their epoch, and accounts of transactions get. */
const neverPays = maxU64

function sameAccount(a: Account | undefined, b: Account | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.lamports === b.lamports &&
    a.owner.equals(b.owner) &&
    a.executable === b.executable &&
    a.rentEpoch === b.rentEpoch &&
    equalBytes(a.data, b.data)
  )
}

/** Does the account stand for what the replay came to. */
function matches(to: Account | undefined, from: Account | undefined, end: Replayed): boolean {
  if (to === undefined) return end.lamports === 0n
  return (
    to.lamports === end.lamports &&
    to.owner.equals(end.owner) &&
    to.executable === end.executable &&
    (to.rentEpoch === neverPays || to.rentEpoch === from?.rentEpoch) &&
    equalBytes(to.data, end.data)
  )
}

/** The form of the diff, its old values, and which addresses it may name. */
function checkEntries(
  transaction: ClaimedTransaction,
  diff: readonly AccountDifference[],
  context: ClaimContext,
): Map<string, AccountDifference> {
  const entries = new Map<string, AccountDifference>()
  for (const entry of diff) {
    const { from, key, to } = entry
    const named = transaction.accounts.find((account) => account.key.equals(key))
    if (named === undefined) refuse('unknownAddress', undefined, key)
    if (!named.writable) refuse('readonlyAddress', undefined, key)
    if (!sameAccount(from, context.accountOf(key))) refuse('staleOld', undefined, key)
    if (sameAccount(from, to) || entries.has(key.key)) refuse('noDifference', undefined, key)
    if (to !== undefined && to.lamports === 0n) refuse('emptyKept', undefined, key)
    entries.set(key.key, entry)
  }
  return entries
}

const lamportsOf = (account: Account | undefined): bigint => account?.lamports ?? 0n

function checkSum(diff: readonly AccountDifference[], fee: bigint): void {
  let made = fee
  for (const { from, to } of diff) made += lamportsOf(to) - lamportsOf(from)
  if (made > 0n) refuse('created')
  if (made < 0n) refuse('destroyed')
}

/** A transaction that failed leaves its fee and its nonce, and nothing else. */
function checkFailed(payer: Pubkey, claim: Claim, context: ClaimContext): void {
  const { fee, nonce } = context
  for (const { from, key, to } of claim.diff) {
    if (nonce?.key.equals(key)) {
      if (to === undefined || !equalBytes(to.data, nonce.data)) refuse('wrongNonce', undefined, key)
      if (from === undefined || !to.owner.equals(from.owner) || to.executable !== from.executable)
        refuse('wrongNonce', undefined, key)
    } else if (!key.equals(payer)) refuse('failedWithChanges', undefined, key)
    const paid = lamportsOf(from) - lamportsOf(to)
    if (paid !== (key.equals(payer) ? fee : 0n)) refuse('wrongFee', undefined, key)
    if (key.equals(payer) && !nonce?.key.equals(key) && to !== undefined) {
      const same = from !== undefined && to.owner.equals(from.owner)
      if (!same || to.executable !== from.executable || !equalBytes(to.data, from.data))
        refuse('failedWithChanges', undefined, key)
    }
  }
  if (fee > 0n && !claim.diff.some(({ key }) => key.equals(payer)))
    refuse('wrongFee', undefined, payer)
}

/**
 * Holds what somebody says of a Solana transaction against the rules of the runtime, without running a
 * program: rights, owners, lamports, sizes, rent, nesting, and that the diff is what the frames lead to.
 *
 * It does not prove results. Whoever made the claim is free in what the programs that the transaction
 * invokes could have done to accounts that it writes and they own; only running it again finds that out.
 * @throws {ClaimError} with the rule that is broken; nothing is changed
 * @example
 * validateClaim(transaction, { succeeded: true, trace, diff }, context)
 */
export function validateClaim(
  transaction: ClaimedTransaction,
  claim: Claim,
  context: ClaimContext,
): void {
  const payer = transaction.accounts[0]?.key ?? refuse('badAccountIndex')
  const entries = checkEntries(transaction, claim.diff, context)
  const replay = new Replay(transaction, context)
  const charged = replay.accounts[0]!
  if (charged.lamports < context.fee) refuse('wrongFee', undefined, payer)
  charged.lamports -= context.fee
  const rented = replay.accounts.map(({ data, lamports, owner }) => ({
    lamports,
    length: data.length,
    owner,
  }))
  if (claim.succeeded) replay.run(claim)
  checkSum(claim.diff, context.fee)
  if (!claim.succeeded) return checkFailed(payer, claim, context)
  replay.accounts.forEach((end, i) => {
    const before = context.accountOf(end.key)
    const entry = entries.get(end.key.key)
    const to = entry === undefined ? before : entry.to
    if (!matches(to, before, end))
      refuse(entry === undefined ? 'missingEntry' : 'notOfTrace', undefined, end.key)
    const writable = transaction.accounts[i]!.writable
    if (to === undefined || !writable || end.key.equals(programIds.incinerator)) return
    const after = { lamports: to.lamports, length: to.data.length, owner: to.owner }
    if (!context.staysRented(rented[i]!, after)) refuse('rentPaying', undefined, end.key)
  })
}
