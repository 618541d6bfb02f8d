/**
 * What the command `alcatraz` is made of: a chain of one operator, its store on disk, and runners of
 * others' test vectors.
 * @packageDocumentation
 */
export { type Applied, TransactionError } from './chain/apply.ts'
export {
  type BlockResult,
  Chain,
  type ChainOptions,
  type CommittedBlock,
  type SentTransaction,
} from './chain/chain.ts'
export {
  type Answered,
  type Arguments,
  Contract,
  ContractError,
  type ContractFiles,
  type Terms,
} from './chain/contract.ts'
export type { Committed, Executed, Refused } from './chain/produce.ts'
export type { ProgramLimits } from './chain/programs.ts'
export type { VerifyOptions, VerifyProblem, VerifyReport } from './chain/verify.ts'
export { type FolderOptions, LmdbStore, openLmdbStore } from './store/lmdb.ts'
export { openStore, type StoreKind, storeKindOf, storeKinds } from './store/open.ts'
export { openSqliteStore, SqliteStore } from './store/sqlite.ts'
export { type BpfOutcome, runBpfCode, runBpfVector } from './vectors/bpf.ts'
export { type PvmVectorSet, parsePvmVectors, pvmVectorSets, runPvmVector } from './vectors/pvm.ts'
