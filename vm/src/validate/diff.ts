import { InputError } from '../bits/errors.ts'
import { toHex } from '../bits/hex.ts'
import { equalBytes } from '../bits/octets.ts'
import { amountOf, codeHashOf, ownerOf, type StateReader } from '../state/accounts.ts'
import { type Change, compareEntries, type StateDiff } from '../state/diff.ts'
import { sameValue } from '../state/journal.ts'
import { entryKey, Field, fieldName } from '../state/key.ts'
import {
  addressLength,
  maxBalance,
  maxChanges,
  maxSlotLength,
  maxValueLength,
} from '../state/limits.ts'
import { type DiffRule, diffRules } from './rules.ts'

/**
 * A diff breaks a rule of the state: `code` is the rule, `offset` the index of the change, `value` the
 * address. The message is the rule's sentence.
 */
export class DiffError extends InputError {
  protected static override readonly unit: string = 'at change'
  declare readonly code: DiffRule
}

/** Who asked for the changes, as far as rules depend on it. */
export type DiffCause =
  /** The first commit: creates `minted` in balances and nothing else. */
  | { readonly kind: 'genesis'; readonly minted: bigint }
  /** A transaction of `sender` that ran (or only paid) `target`. */
  | (Sent & { readonly kind: 'call' })
  /** A transaction of `sender` that put a contract at `target`. */
  | (Sent & { readonly kind: 'deploy' })
  /** A transaction of `sender`, the owner, that replaced the code of `target`. */
  | (Sent & { readonly kind: 'upgrade' })

interface Sent {
  readonly sender: Uint8Array
  readonly target: Uint8Array
  /** Contracts that messages were run for besides `target`: only they may have changed, too. */
  readonly ran?: readonly Uint8Array[]
}

export interface DiffContext {
  readonly cause: DiffCause
  /** Is there a container with this hash, in the store or in the same commit. */
  readonly hasCode: (hash: Uint8Array) => boolean
}

function refuse(rule: DiffRule, index?: number, change?: Change): never {
  const value = change && `0x${toHex(change.address)}`
  throw new DiffError(rule, `refused: ${diffRules[rule]}`, { offset: index, value })
}

/** The rule that a value of `field` breaks. Zero amounts are absent, so that each state has one form. */
function valueRule(field: Field, value: Uint8Array): DiffRule | undefined {
  switch (field) {
    case Field.balance:
      if (value.length !== 8) return 'badBalance'
      return isZero(value) ? 'zeroBalance' : undefined
    case Field.nonce:
      if (value.length !== 8) return 'badNonce'
      return isZero(value) ? 'zeroNonce' : undefined
    case Field.code:
      return value.length === 32 ? undefined : 'badCodeHash'
    case Field.storage:
      return value.length <= maxValueLength ? undefined : 'valueTooLong'
    case Field.owner:
      return value.length === addressLength && !isZero(value) ? undefined : 'badOwner'
  }
}

function isZero(value: Uint8Array): boolean {
  return value.every((octet) => octet === 0)
}

/** The rule that a change breaks by itself, whatever the state is. */
function formRule({ address, field, slot, old, new: value }: Change): DiffRule | undefined {
  if (address.length !== addressLength) return 'badAddress'
  if (fieldName(field) === undefined) return 'unknownField'
  if (field !== Field.storage && slot.length > 0) return 'straySlot'
  if (slot.length > maxSlotLength) return 'slotTooLong'
  if (sameValue(old, value)) return 'noChange'
  return value === undefined ? undefined : valueRule(field, value)
}

function orderRule(last: Change | undefined, change: Change): DiffRule | undefined {
  const order = last === undefined ? -1 : compareEntries(last, change)
  if (order === 0) return 'duplicate'
  return order > 0 ? 'unsorted' : undefined
}

function oldRule({ field, old }: Change, stored: Uint8Array | undefined): DiffRule | undefined {
  if (sameValue(stored, old))
    return old !== undefined && valueRule(field, old) !== undefined ? 'damagedState' : undefined
  if (stored === undefined) return 'inventedOld'
  return old === undefined ? 'deniedOld' : 'stale'
}

/** Genesis funds accounts that have nothing, and writes nothing else. */
function genesisRule({ field, old }: Change): DiffRule | undefined {
  switch (field) {
    case Field.balance:
      return old === undefined ? undefined : 'genesisNotEmpty'
    case Field.nonce:
      return 'genesisNonce'
    case Field.code:
      return 'genesisCode'
    case Field.storage:
      return 'genesisStorage'
    case Field.owner:
      return 'genesisOwner'
  }
}

type SentCause = Exclude<DiffCause, { readonly kind: 'genesis' }>

/** Did a message run for the contract. */
function hasRun(address: Uint8Array, { ran = [], target }: SentCause): boolean {
  return equalBytes(address, target) || ran.some((other) => equalBytes(address, other))
}

function balanceRule({ address, old, new: value }: Change, cause: SentCause): DiffRule | undefined {
  if (amountOf(value) >= amountOf(old)) return undefined
  const pays = equalBytes(address, cause.sender) || hasRun(address, cause)
  return pays ? undefined : 'foreignPayment'
}

function nonceRule({ address, old, new: value }: Change, cause: SentCause): DiffRule | undefined {
  if (!equalBytes(address, cause.sender)) return 'foreignNonce'
  if (value === undefined) return 'nonceRemoved'
  const step = amountOf(value) - amountOf(old)
  if (step < 0n) return 'nonceLowered'
  return step > 1n ? 'nonceSkipped' : undefined
}

/** Code is new at a new contract, which then belongs to whoever deployed it, or replaced by its owner. */
function codeRule(
  { address, new: value, old }: Change,
  { cause, hasCode }: DiffContext,
  state: StateReader,
): DiffRule | undefined {
  if (value === undefined) return 'codeRemoved'
  const sent = cause as SentCause
  if (old !== undefined) {
    if (sent.kind !== 'upgrade' || !equalBytes(address, sent.target)) return 'codeReplaced'
    const owner = ownerOf(state, address)
    if (owner === undefined || !equalBytes(owner, sent.sender)) return 'upgradeByStranger'
  } else if (sent.kind !== 'deploy' && (sent.ran ?? []).length === 0) return 'codeWithoutDeployment'
  else if (!hasRun(address, sent)) return 'codeElsewhere'
  return hasCode(value) ? undefined : 'unknownCode'
}

function sentRule(
  change: Change,
  context: DiffContext,
  cause: SentCause,
  state: StateReader,
): DiffRule | undefined {
  switch (change.field) {
    case Field.balance:
      return balanceRule(change, cause)
    case Field.nonce:
      return nonceRule(change, cause)
    case Field.code:
      return codeRule(change, context, state)
    case Field.storage:
      return hasRun(change.address, cause) ? undefined : 'foreignStorage'
    case Field.owner:
      return hasRun(change.address, cause) ? undefined : 'foreignOwner'
  }
}

/** What the changes are together. */
interface Totals {
  /** Balances afterwards less balances before. */
  created: bigint
  nonceRaised: boolean
  /** The address whose code was set last: entries of one address are neighbours. */
  codeAt: Uint8Array | undefined
  targetCodeSet: boolean
}

function totalRule(totals: Totals, count: number, cause: DiffCause): DiffRule | undefined {
  const { created, nonceRaised, targetCodeSet } = totals
  if (cause.kind === 'genesis') {
    if (cause.minted < 0n || cause.minted > maxBalance) return 'mintTooLarge'
    return created === cause.minted ? undefined : 'mintMismatch'
  }
  if (created !== 0n) return created > 0n ? 'created' : 'destroyed'
  if (!nonceRaised) return 'nonceMissing'
  return cause.kind === 'deploy' && count > 1 && !targetCodeSet
    ? 'deploymentWithoutCode'
    : undefined
}

/**
 * Refuses a diff that breaks a rule of the state (`diffRules`), without executing anything: a function of the
 * diff, the state and its cause; one read of the state per change, and for storage one more.
 *
 * It proves that entries are well-formed, ordered and unique, that old values are `state`'s, that
 * balances are conserved, that nobody paid but the sender and the contract, that storage belongs to
 * the contract that ran and has code, that code is known and set once, and that the sender's nonce went
 * up by one. It cannot prove results: that a contract, run on this state, writes exactly these
 * values. Only running the transaction again does (`Chain.verify`).
 *
 * @throws {DiffError} by the first rule that is broken
 * @example validateDiff(diff, store, { cause: { kind: 'call', sender, target }, hasCode: () => true })
 */
export function validateDiff(diff: StateDiff, state: StateReader, context: DiffContext): void {
  const { changes } = diff
  const { cause } = context
  if (changes.length > maxChanges) refuse('tooManyChanges')
  const totals: Totals = {
    created: 0n,
    nonceRaised: false,
    codeAt: undefined,
    targetCodeSet: false,
  }
  let last: Change | undefined
  /** Contracts that were found to have code: entries of one address are neighbours. */
  let withCode: Uint8Array | undefined
  for (let index = 0; index < changes.length; index++) {
    const change = changes[index]!
    const { address, field, old, new: value } = change
    const rule =
      formRule(change) ??
      orderRule(last, change) ??
      oldRule(change, state.get(entryKey(address, field, change.slot))) ??
      (cause.kind === 'genesis' ? genesisRule(change) : sentRule(change, context, cause, state))
    if (rule !== undefined) refuse(rule, index, change)
    if (field === Field.balance) totals.created += amountOf(value) - amountOf(old)
    if (field === Field.nonce) totals.nonceRaised = true
    // Code sorts before storage and owner, so a deployment's own code has been seen.
    if (field === Field.code) {
      totals.codeAt = address
      totals.targetCodeSet ||= cause.kind !== 'genesis' && equalBytes(address, cause.target)
    }
    const contracts = field === Field.storage || field === Field.owner
    if (contracts && !sameValue(totals.codeAt, address) && !sameValue(withCode, address)) {
      if (codeHashOf(state, address) === undefined) refuse('storageWithoutCode', index, change)
      withCode = address
    }
    last = change
  }
  const rule = totalRule(totals, changes.length, cause)
  if (rule !== undefined) refuse(rule)
}
