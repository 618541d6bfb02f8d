/**
 * What the command `alcatraz` is made of: a chain of one operator, its store on disk, and runners of
 * others' test vectors.
 * @packageDocumentation
 */
export { type Applied, TransactionError } from './chain/apply.ts'
export { Chain, type ChainOptions, type Committed, type Executed } from './chain/chain.ts'
export type { VerifyOptions, VerifyProblem, VerifyReport } from './chain/verify.ts'
export { type LmdbOptions, LmdbStore, openLmdbStore } from './store/lmdb.ts'
export { type BpfOutcome, runBpfCode, runBpfVector } from './vectors/bpf.ts'
export { type PvmVectorSet, parsePvmVectors, pvmVectorSets, runPvmVector } from './vectors/pvm.ts'
