import type { ComputeBudget, ComputeCosts } from './costs.ts'
import type { FeatureSet } from './features.ts'
import type { Pubkey } from './pubkey.ts'

/** How an instruction names an account. */
export interface AccountMeta {
  readonly pubkey: Pubkey
  readonly isSigner: boolean
  readonly isWritable: boolean
}

/** An instruction as programs make them for calls of other programs. */
export interface Instruction {
  readonly programId: Pubkey
  readonly accounts: readonly AccountMeta[]
  readonly data: Uint8Array
}

/**
 * An account as the running instruction sees it (solana-transaction-context, `BorrowedInstructionAccount`).
 * What breaks a permission rule throws an `InstructionFailure` of the rule's name and changes nothing.
 */
export interface InstructionAccount {
  readonly key: Pubkey
  /** Place among the transaction's accounts. */
  readonly indexInTransaction: number
  readonly isSigner: boolean
  readonly isWritable: boolean
  readonly lamports: bigint
  readonly owner: Pubkey
  readonly executable: boolean
  readonly rentEpoch: bigint
  /** To be read only; not to be kept over a change. */
  readonly data: Uint8Array
  isOwnedByCurrentProgram(): boolean
  setLamports(lamports: bigint): void
  /** Fails with ArithmeticOverflow beyond 64 bits. */
  addLamports(lamports: bigint): void
  subLamports(lamports: bigint): void
  setOwner(owner: Pubkey): void
  setExecutable(executable: boolean): void
  /** Replaces data and length. */
  setData(data: Uint8Array): void
  setDataLength(length: number): void
  /** The data, to be written. */
  dataToWrite(): Uint8Array
  /** solana-transaction-context, `is_rent_exempt_at_data_length`. */
  isRentExemptAt(length: number): boolean
  /** Fails as `dataToWrite` would. */
  checkDataCanBeChanged(): void
  /** Fails as `setDataLength` would. */
  checkDataCanBeResized(length: number): void
}

/** An account that nobody else may look at until it is released, or its instruction ends. */
export interface HeldAccount extends InstructionAccount {
  release(): void
}

/** The running instruction (solana-transaction-context, `InstructionContext`). */
export interface InstructionContext {
  readonly programId: Pubkey
  /** Owner of the program's account: its loader, or the native loader. */
  readonly programOwner: Pubkey
  readonly data: Uint8Array
  /** Number of accounts, duplicates included. */
  readonly accountCount: number
  /** 1 for an instruction of the transaction, more for those called by programs. */
  readonly stackHeight: number
  /** Fails with MissingAccount beyond `accountCount`, with AccountBorrowFailed while somebody holds it. */
  account(index: number): InstructionAccount
  /**
   * As `account`, for who keeps an account while it uses others: with the same account twice, what comes
   * second fails with AccountBorrowFailed, as in Agave.
   */
  hold(index: number): HeldAccount
  /** Of the first account with the same key, if that is another one. */
  duplicateOf(index: number): number | undefined
  key(index: number): Pubkey
  isSigner(index: number): boolean
  isWritable(index: number): boolean
  /** Fails with MissingAccount when there are fewer. */
  checkAccountCount(least: number): void
  /** Keys of all accounts that sign. */
  signers(): ReadonlySet<string>
}

/** Sysvars as their accounts' bytes; typed views are in `sysvars.ts`. */
export interface SysvarCache {
  /** Bytes of the sysvar's account, or undefined when the cluster has none. */
  bytes(id: Pubkey): Uint8Array | undefined
}

/** What minimum a balance must have, from the sysvar Rent. */
export interface Rent {
  /** Is a balance enough for an account with so many bytes of data. */
  isExempt(lamports: bigint, length: number): boolean
}

/** A program as its loader left it; only the first kind runs. */
export type ProgramEntry<Program = unknown> =
  | { readonly kind: 'loaded'; readonly program: Program }
  /** Not loadable, closed, or not visible before the next slot. */
  | { readonly kind: 'failed' | 'closed' | 'delayed' }

/** What programs are loaded with: `ProgramEnvironment`, as far as loaders look at it. */
export interface LoadingRules {
  /** By name; some are there for programs that were deployed before only. */
  readonly syscalls: ReadonlyMap<string, { readonly onlyDeployed?: boolean }>
  /** sBPF versions that run: 0..3. */
  readonly minVersion: number
  readonly maxVersion: number
}

/** Programs by their addresses, as one transaction sees them. */
export interface ProgramCache {
  /** Absent: what the features say. */
  readonly rules?: LoadingRules
  find(id: Pubkey): ProgramEntry | undefined
  /** A loader deployed, upgraded or closed a program; seen by others only if the transaction succeeds. */
  set(id: Pubkey, entry: ProgramEntry): void
}

/** What a native program, a syscall or the runtime asks of the transaction that runs. */
export interface InvokeContext {
  readonly features: FeatureSet
  readonly budget: ComputeBudget
  readonly costs: ComputeCosts
  readonly programs: ProgramCache
  readonly sysvars: SysvarCache
  /** The running instruction. */
  readonly instruction: InstructionContext
  /** Compute units that are left. */
  readonly remaining: bigint
  /** Takes units; with too few left takes all, and fails with ComputationalBudgetExceeded. */
  consume(units: bigint): void
  /** Adds a line to the transaction's log. */
  log(line: string): void
  /** The last blockhash and the lamports per signature, as nonce instructions read them. */
  readonly blockhash: Uint8Array
  readonly lamportsPerSignature: bigint
  /** Calls another program on behalf of the running one, with signatures of its derived addresses. */
  invokeSigned(instruction: Instruction, signers: readonly Pubkey[]): void
  /**
   * Runs the program of the running instruction, which a loader owns (solana-bpf-loader-program,
   * `process_instruction_inner`, "Program Invocation").
   */
  runProgram(): void
  /** Stake of the epoch: of one vote account, or of all. */
  epochStake(vote?: Pubkey): bigint
  /** Return data of the transaction: who set it, and bytes. */
  returnData: { readonly programId: Pubkey; readonly data: Uint8Array }
}

/** A program that is part of the runtime. */
export interface Builtin {
  readonly id: Pubkey
  readonly name: string
  /** Units that are taken before it runs (Agave: DEFAULT_COMPUTE_UNITS of the program); 0 for loaders. */
  readonly units: bigint
  /** Absent: always there. */
  readonly feature?: string
  /** Runs the instruction. @throws {InstructionFailure} */
  process(context: InvokeContext): void
}
