import { InputError } from '../bits/errors.ts'
import { toHex } from '../bits/hex.ts'
import { equalBytes } from '../bits/octets.ts'
import { amountOf, codeHashOf, type StateReader } from './accounts.ts'
import { type Change, compareEntries, type StateDiff } from './diff.ts'
import { sameValue } from './journal.ts'
import { entryKey, Field, fieldName } from './key.ts'
import { addressLength, maxBalance, maxSlotLength, maxValueLength } from './limits.ts'

/** A diff breaks a rule of the state. `offset` is the index of the change, `value` the address. */
export class DiffError extends InputError {}

/** Who asked for the changes, as far as rules depend on it. */
export type DiffCause =
  /** The first commit: creates `minted` in balances and nothing else. */
  | { readonly kind: 'genesis'; readonly minted: bigint }
  /** A transaction of `sender` that ran (or only paid) `target`. */
  | { readonly kind: 'call'; readonly sender: Uint8Array; readonly target: Uint8Array }
  /** A transaction of `sender` that put a contract at `target`. */
  | { readonly kind: 'deploy'; readonly sender: Uint8Array; readonly target: Uint8Array }

export interface DiffRules {
  readonly cause: DiffCause
  /** Is there a container with this hash, in the store or in the same commit. */
  readonly hasCode: (hash: Uint8Array) => boolean
}

function refuse(code: string, message: string, index?: number, change?: Change): never {
  throw new DiffError(code, message, { offset: index, value: change && toHex(change.address) })
}

function checkForm(change: Change, index: number): void {
  const { address, field, slot, old, new: value } = change
  if (address.length !== addressLength)
    refuse('badAddress', `an address of ${address.length} bytes`, index, change)
  if (fieldName(field) === undefined)
    refuse('unknownField', `no account has field ${field}`, index, change)
  if (slot.length > (field === Field.storage ? maxSlotLength : 0))
    refuse('badSlot', `a slot of ${slot.length} bytes in ${fieldName(field)}`, index, change)
  if (sameValue(old, value)) refuse('noChange', 'old and new value are the same', index, change)
  for (const side of [old, value]) {
    if (side !== undefined && !wellFormed(field, side))
      refuse('badValue', `${side.length} bytes are no ${fieldName(field)}`, index, change)
  }
}

function wellFormed(field: Field, value: Uint8Array): boolean {
  switch (field) {
    case Field.balance:
    case Field.nonce:
      // Zero is written as absence, so that each state has one form.
      return value.length === 8 && value.some((octet) => octet !== 0)
    case Field.code:
      return value.length === 32
    case Field.storage:
      return value.length <= maxValueLength
  }
}

function checkNonce(change: Change, index: number, cause: DiffCause): void {
  if (cause.kind === 'genesis' || !equalBytes(change.address, cause.sender))
    refuse('notPermitted', "only the sender's nonce changes", index, change)
  if (amountOf(change.new) !== amountOf(change.old) + 1n)
    refuse('nonceStep', 'a nonce goes up by one', index, change)
}

function checkCode(change: Change, index: number, rules: DiffRules): void {
  const { cause } = rules
  if (cause.kind !== 'deploy' || !equalBytes(change.address, cause.target))
    refuse('notPermitted', 'code is set by the deployment of that address', index, change)
  if (change.old !== undefined || change.new === undefined)
    refuse('codeChanged', 'the code of a contract never changes', index, change)
  if (!rules.hasCode(change.new))
    refuse('unknownCode', `no container has hash ${toHex(change.new)}`, index, change)
}

function checkStorage(change: Change, index: number, cause: DiffCause): void {
  if (cause.kind === 'genesis' || !equalBytes(change.address, cause.target))
    refuse('notPermitted', 'a contract writes its own storage only', index, change)
}

function checkBalance(change: Change, index: number, cause: DiffCause): void {
  if (amountOf(change.new) >= amountOf(change.old)) return
  const payer =
    cause.kind !== 'genesis' &&
    (equalBytes(change.address, cause.sender) || equalBytes(change.address, cause.target))
  if (!payer) refuse('notPermitted', 'only sender and contract can pay', index, change)
}

/**
 * Refuses a diff that breaks a rule of the state, without executing anything: O(diff) reads.
 *
 * It proves that entries are well-formed, ordered and unique, that old values are `state`'s, that
 * balances are conserved, that nobody paid but the sender and the contract, that storage belongs to
 * the contract that ran and has code, that code is known and set once, and that the sender's nonce went
 * up by one. It cannot prove results: that a contract, run on this state, writes exactly these
 * values. Only running the transaction again does (`Chain.verify`).
 *
 * @throws {DiffError} `badAddress`, `unknownField`, `badSlot`, `noChange`, `badValue`, `duplicate`,
 * `unsorted`, `stale`, `notPermitted`, `nonceStep`, `nonceMissing`, `codeChanged`, `unknownCode`,
 * `unknownAddress`, `notConserved`
 * @example validateDiff(diff, store, { cause: { kind: 'call', sender, target }, hasCode: () => true })
 */
export function validateDiff(diff: StateDiff, state: StateReader, rules: DiffRules): void {
  const { cause } = rules
  let created = 0n
  let nonceChanged = false
  let codeSet = false
  let last: Change | undefined
  for (const [index, change] of diff.changes.entries()) {
    checkForm(change, index)
    if (last !== undefined) {
      const order = compareEntries(last, change)
      if (order === 0) refuse('duplicate', 'an entry is listed twice', index, change)
      if (order > 0) refuse('unsorted', 'entries are not in ascending order', index, change)
    }
    last = change
    const stored = state.get(entryKey(change.address, change.field, change.slot))
    if (!sameValue(stored, change.old))
      refuse('stale', 'the old value is not what the state has', index, change)
    switch (change.field) {
      case Field.balance:
        created += amountOf(change.new) - amountOf(change.old)
        checkBalance(change, index, cause)
        break
      case Field.nonce:
        checkNonce(change, index, cause)
        nonceChanged = true
        break
      case Field.code:
        checkCode(change, index, rules)
        codeSet = true
        break
      case Field.storage:
        checkStorage(change, index, cause)
        // `code` sorts before `storage`, so a deployment's own code has been seen.
        if (!codeSet && codeHashOf(state, change.address) === undefined)
          refuse('unknownAddress', 'storage of an address without code', index, change)
        break
    }
  }
  const minted = cause.kind === 'genesis' ? cause.minted : 0n
  if (minted < 0n || minted > maxBalance || created !== minted)
    refuse('notConserved', `balances change by ${created} in sum, not by ${minted}`)
  if (cause.kind !== 'genesis' && !nonceChanged)
    refuse('nonceMissing', "the sender's nonce did not go up")
}
