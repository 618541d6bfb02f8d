import type { Features } from '../host/solana/feature-set.ts'
import type { Invoker } from '../host/solana/invoke.ts'
import type { Builtin } from '../host/solana/runtime.ts'
import type { ExecutionBudget } from './execute.ts'
import type { TransactionHistory } from './history.ts'
import type { Ledger } from './ledger.ts'

/** What of a bank is small, and copied with it. */
export interface Settings {
  readonly features: Features
  readonly sigverify: boolean
  readonly blockhashCheck: boolean
  /** Bytes of log lines; undefined: any number. */
  readonly logBytes: number | undefined
  /** In place of what transactions ask for. */
  readonly computeBudget: ExecutionBudget | undefined
  readonly latestBlockhash: Uint8Array
  /** Blockhashes before the latest that transactions may still have, newest first. */
  readonly olderBlockhashes: readonly Uint8Array[]
  /** How many blockhashes transactions may have: 1 as in litesvm, 150 as in clusters. */
  readonly blockhashWindow: number
  /** As in clusters and not in litesvm: a transaction that fails still advances the nonce it used. */
  readonly keepNonces: boolean
  /** Milliseconds since the second that the clock shows. */
  readonly clockMillis: number
  /** Programs of the runtime, by `Pubkey.key`. */
  readonly builtins: ReadonlyMap<string, Builtin>
  /** Stake of vote accounts, by `Pubkey.key`. */
  readonly epochStakes: ReadonlyMap<string, bigint>
  readonly epochTotalStake: bigint
  /** Secret of the account that airdrops come from, 32 bytes. */
  readonly airdropSeed: Uint8Array
  /** Write down frames and what each changed. */
  readonly record: boolean
}

/** All that decides what a transaction does. */
export interface BankState<Program> {
  readonly ledger: Ledger<Program>
  readonly settings: Settings
  readonly history: TransactionHistory
  /** Runs a loaded program for the running instruction. @throws {InstructionFailure} */
  readonly runner: (context: Invoker<Program>, program: Program) => void
}
