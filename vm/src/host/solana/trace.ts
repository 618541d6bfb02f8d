import type { Pubkey } from './pubkey.ts'

/** One field of one account, changed while a frame ran. `account` is its place in the transaction. */
export type AccountChange = { readonly account: number } & (
  | { readonly field: 'lamports'; readonly from: bigint; readonly to: bigint }
  | { readonly field: 'owner'; readonly from: Pubkey; readonly to: Pubkey }
  | { readonly field: 'executable'; readonly from: boolean; readonly to: boolean }
  | { readonly field: 'data'; readonly from: Uint8Array; readonly to: Uint8Array }
)

/** How an instruction had an account. */
export interface FrameAccount {
  /** Place in the transaction. */
  readonly account: number
  readonly signer: boolean
  readonly writable: boolean
  /** It signs because the caller's program derived its address from these, bump included. */
  readonly seeds?: readonly Uint8Array[]
}

/** One invocation of a program. */
export interface Frame {
  readonly programId: Pubkey
  /** Index of the caller's frame; absent: the transaction's own instruction. */
  readonly parent?: number
  /** Index of the transaction's instruction that it belongs to. */
  readonly instruction: number
  readonly accounts: readonly FrameAccount[]
  readonly data: Uint8Array
}

/**
 * What happened in one transaction, in order: frames are entered and left like brackets, and a change
 * belongs to the frame that was entered last and not left. An array of events is all of it: changes
 * of a caller that its callee can see come before the callee is entered.
 */
export type TraceEvent =
  | { readonly kind: 'enter'; readonly frame: Frame }
  | { readonly kind: 'change'; readonly change: AccountChange }
  | { readonly kind: 'leave' }

export type Trace = readonly TraceEvent[]
