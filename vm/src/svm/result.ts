import type { Account } from '../host/solana/account.ts'
import type { TransactionError } from '../host/solana/errors.ts'
import { programIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import type { Trace } from '../host/solana/trace.ts'

/** An instruction as messages have it: places among the transaction's accounts. */
export interface CompiledInstruction {
  readonly programIdIndex: number
  /** One byte for each account. */
  readonly accounts: Uint8Array
  readonly data: Uint8Array
}

/** An instruction that a program called; `stackHeight` is 2 for one called by an instruction of the message. */
export interface InnerInstruction extends CompiledInstruction {
  readonly stackHeight: number
}

export interface ReturnData {
  readonly programId: Pubkey
  readonly data: Uint8Array
}

/** One account before and after; undefined: it is not there. */
export interface AccountChange {
  readonly address: Pubkey
  readonly old: Account | undefined
  readonly new: Account | undefined
}

/** What became of a transaction. */
export interface TransactionResult {
  /** The first signature; 64 zeros when the transaction failed before it was executed. */
  readonly signature: Uint8Array
  /** Absent: it succeeded. */
  readonly error: TransactionError | undefined
  readonly logs: readonly string[]
  /** Compute units that its instructions consumed. */
  readonly units: bigint
  readonly returnData: ReturnData
  /** For each instruction of the message, what was called within it, in order. */
  readonly inner: readonly (readonly InnerInstruction[])[]
  /** Lamports that were, or would have been, taken from the fee payer; 0 when it failed before that was known. */
  readonly fee: bigint
  /** Its instructions were executed, so that a block could hold it, failed or not. */
  readonly included: boolean
  /** Accounts that the message may write, as they are after execution, in the message's order; empty unless executed. */
  readonly postAccounts: readonly (readonly [Pubkey, Account])[]
  /** What the transaction changed in the ledger, one entry for each account that is not as before. */
  readonly diff: readonly AccountChange[]
  /** Frames and what each changed; empty unless the bank was told to write them down. */
  readonly trace: Trace
}

const noSignature: Uint8Array = new Uint8Array(64)
const noReturnData: ReturnData = { programId: programIds.system, data: new Uint8Array(0) }

/** The result of a transaction that failed before its instructions were executed. */
export function refused(error: TransactionError, fee = 0n): TransactionResult {
  return {
    signature: noSignature,
    error,
    logs: [],
    units: 0n,
    returnData: noReturnData,
    inner: [],
    fee,
    included: false,
    postAccounts: [],
    diff: [],
    trace: [],
  }
}
