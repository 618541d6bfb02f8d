import { InputError } from '../../bits/errors.ts'
import type { Account } from '../../host/solana/account.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { RentedAccount } from '../../host/solana/rent.ts'
import type { FrameAccount, Trace } from '../../host/solana/trace.ts'
import { type ClaimRule, claimRules } from './rules.ts'

/**
 * A claim about a transaction breaks a rule: `code` is the rule, `offset` the index of the event of the trace,
 * `value` an address. The message is the rule's sentence.
 */
export class ClaimError extends InputError {
  protected static override readonly unit: string = 'at event'
  declare readonly code: ClaimRule
}

/** @throws {ClaimError} always */
export function refuse(rule: ClaimRule, event?: number, key?: Pubkey): never {
  throw new ClaimError(rule, `refused: ${claimRules[rule]}`, {
    offset: event,
    value: key?.toString(),
  })
}

/** The transaction itself: its signatures are checked, its addresses are looked up in tables. */
export interface ClaimedTransaction {
  /** Fee payer first; loaded addresses at the end. */
  readonly accounts: readonly {
    readonly key: Pubkey
    readonly signer: boolean
    readonly writable: boolean
  }[]
  readonly instructions: readonly {
    readonly programId: Pubkey
    readonly accounts: readonly FrameAccount[]
    readonly data: Uint8Array
  }[]
}

/** One account before and after; absent: there is none. */
export interface AccountDifference {
  readonly key: Pubkey
  readonly from?: Account
  readonly to?: Account
}

/** What somebody says that executing the transaction came to. */
export interface Claim {
  readonly succeeded: boolean
  /** Of a transaction that failed it says nothing that is left, and is not looked at. */
  readonly trace: Trace
  /** One entry for each account that changed. */
  readonly diff: readonly AccountDifference[]
}

/** What whoever validates knows, and need not be told. */
export interface ClaimContext {
  readonly accountOf: (key: Pubkey) => Account | undefined
  /** Lamports, by the validator's own count of signatures and price. */
  readonly fee: bigint
  /** Least balance of an account with so many bytes of data that pays no rent. */
  readonly rentExempt: (length: number) => bigint
  /** May an account be so after a transaction that was so before it, its fee paid: what rent says. */
  readonly staysRented: (before: RentedAccount, after: RentedAccount) => boolean
  /** A transaction with a durable nonce: the account, and its data once the nonce has been used. */
  readonly nonce?: { readonly key: Pubkey; readonly data: Uint8Array }
  /** Programs of the runtime: they have no account that is executable, or grow accounts without bound. */
  readonly isNative: (program: Pubkey) => boolean
  /** The address that `program` derives from the seeds; undefined: none. */
  readonly derive: (seeds: readonly Uint8Array[], program: Pubkey) => Pubkey | undefined
  /** Where the upgradeable loader keeps a program's code. */
  readonly programDataOf: (program: Pubkey) => Pubkey
  /** Most calls open at one time: 5, or 9. */
  readonly maxDepth: number
}
