/**
 * A Solana cluster in this process. Everything that litesvm 1.5.0 has, by the same names and types: replace
 * `from 'litesvm'` by `from 'alcatraz-vm/solana'`. What is beyond it has names of its own.
 */

export { Pubkey } from '../host/solana/pubkey.ts'
export type { Builtin, InvokeContext } from '../host/solana/runtime.ts'
export type { Syscall, SyscallCall } from '../host/solana/syscalls/call.ts'
export type { Sysvar, SysvarName } from '../host/solana/sysvars.ts'
export type {
  AccountChange as FrameChange,
  Frame,
  Trace,
  TraceEvent,
} from '../host/solana/trace.ts'
export { Account } from '../svm/litesvm/account.ts'
export { ComputeBudget } from '../svm/litesvm/compute-budget.ts'
export {
  InstructionErrorCustom,
  InstructionErrorFieldless,
  TransactionErrorDuplicateInstruction,
  TransactionErrorFieldless,
  TransactionErrorInstructionError,
  TransactionErrorInsufficientFundsForRent,
  TransactionErrorProgramExecutionTemporarilyRestricted,
} from '../svm/litesvm/errors.ts'
export { FeatureSet } from '../svm/litesvm/feature-set.ts'
export {
  CompiledInstruction,
  FailedTransactionMetadata,
  InnerInstruction,
  TransactionMetadata,
  TransactionReturnData,
} from '../svm/litesvm/metadata.ts'
export { SlotHistory, SlotHistoryCheck } from '../svm/litesvm/slot-history.ts'
export {
  Clock,
  EpochRewards,
  EpochSchedule,
  Rent,
  SlotHash,
  type SlotHashInput,
  StakeHistory,
  StakeHistoryEntry,
} from '../svm/litesvm/sysvars.ts'
export type { AccountChange, TransactionResult } from '../svm/result.ts'
export { hasSplPrograms } from '../svm/spl-programs.ts'
export type {
  AccountDifference,
  Claim,
  ClaimContext,
  ClaimedTransaction,
} from '../validate/solana/claim.ts'
export { ClaimError } from '../validate/solana/claim.ts'
export { type ClaimRule, claimRules } from '../validate/solana/rules.ts'
export { validateClaim } from '../validate/solana/validate.ts'
export { type AccountCheck, type Check, check, expectResult } from './solana/checks.ts'
export { type ClaimParts, claimOf } from './solana/claim.ts'
export { type AccountDump, accountFromDump } from './solana/dumps.ts'
export type { SvmBank, SvmSnapshot } from './solana/ledger.ts'
export { LiteSVM, type LiteSvmOptions } from './solana/litesvm.ts'
export { diffText, type HasResult, type UnitRows, unitsTable } from './solana/report.ts'
export { SolanaRpc } from './solana/rpc/node.ts'
export { SimulatedTransactionInfo } from './solana/simulated.ts'
