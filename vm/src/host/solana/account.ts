import type { Pubkey } from './pubkey.ts'

/** An account as it is stored. A value: whoever changes one makes another, `data` included. */
export interface Account {
  /** 0..2^64 - 1. */
  readonly lamports: bigint
  readonly data: Uint8Array
  readonly owner: Pubkey
  readonly executable: boolean
  readonly rentEpoch: bigint
}

/** Most bytes of an account's data (solana-system-interface, `MAX_PERMITTED_DATA_LENGTH`). */
export const maxAccountBytes: number = 10 * 1024 * 1024
