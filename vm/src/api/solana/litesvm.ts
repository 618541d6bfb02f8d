import type {
  Address,
  Blockhash,
  EncodedAccount,
  ExcludeTransactionMessageLifetime,
  Lamports,
  MaybeEncodedAccount,
  Signature,
  Transaction,
  TransactionMessage,
  TransactionMessageWithBlockhashLifetime,
  TransactionMessageWithLifetime,
} from '@solana/kit'
import { toBase58 } from '../../bits/base58.ts'
import type { Account } from '../../host/solana/account.ts'
import type { Builtin } from '../../host/solana/runtime.ts'
import type { Sysvar, SysvarName } from '../../host/solana/sysvars.ts'
import { Bank } from '../../svm/bank.ts'
import { ComputeBudget } from '../../svm/litesvm/compute-budget.ts'
import { FeatureSet } from '../../svm/litesvm/feature-set.ts'
import {
  FailedTransactionMetadata,
  metadataOf,
  type TransactionMetadata,
} from '../../svm/litesvm/metadata.ts'
import { asBool, asBytes, asInstance, asU64, asUsize, napiError } from '../../svm/litesvm/napi.ts'
import { SlotHistory } from '../../svm/litesvm/slot-history.ts'
import * as sysvars from '../../svm/litesvm/sysvars.ts'
import type { TransactionResult } from '../../svm/result.ts'
import type { LoadedProgram } from '../../svm/run.ts'
import { Time } from '../../svm/time.ts'
import { encodedAccount } from './accounts.ts'
import { executionBudget } from './budget.ts'
import { type AccountDump, accountFromDump, dumpOf } from './dumps.ts'
import { readFile, writeFile } from './files.ts'
import { base58Bytes, checkSigned, pubkeyOf, versionOf, wireOf } from './kit.ts'
import {
  basicBank,
  defaultOptions,
  type LedgerOptions,
  optionsFor,
  type SvmBank,
  type SvmSnapshot,
  withFeatures,
} from './ledger.ts'
import { addNativeMints } from './native-mints.ts'
import { SolanaRpc } from './rpc/node.ts'
import { SimulatedTransactionInfo } from './simulated.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'

/** Work whose failure litesvm reports with words before it. */
function told<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw napiError('GenericFailure', `${what}: ${(error as Error).message}`)
  }
}

/** What litesvm has no choice in. */
export interface LiteSvmOptions extends LedgerOptions {
  /** The ledger, in place of a new one. */
  readonly bank?: SvmBank
  /** Write down each program's frame and what it changed, as `result.trace`. */
  readonly record?: boolean
}

/**
 * A Solana cluster in this process, with the names, types and behaviour of litesvm 1.5.0.
 * @example new LiteSVM().latestBlockhash() // 'CmpNeggWJ4JaWJeJ8YKN1Zypmk7uvQq3PECGUCAEMbky'
 */
export class LiteSVM {
  /** The ledger: all that litesvm has no method for is reached through it. */
  readonly bank: SvmBank
  #rpc: SolanaRpc | undefined
  readonly #watchers = new Set<(result: TransactionResult) => void>()

  /** One with mainnet's features, sysvars, native programs, SPL's programs; signatures and blockhashes are checked. */
  constructor(options: LiteSvmOptions = {}) {
    this.bank = options.bank ?? basicBank(options)
    if (options.record !== undefined) this.bank.set({ record: options.record })
  }

  /** An empty one: no features, no accounts, nothing is checked. */
  static default(): LiteSVM {
    return new LiteSVM({ bank: new Bank(defaultOptions()) })
  }

  /**
   * One that lives like a cluster: 150 blockhashes are good, failed transactions use their nonces up, and
   * each transaction that is sent through `rpc` is a block.
   */
  static cluster(options: LedgerOptions = {}): LiteSVM {
    const bank = Bank.cluster(optionsFor(options))
    bank.addSplPrograms()
    return new LiteSVM({ bank })
  }

  /** @throws {Error} when it cannot be read, or is no snapshot */
  static loadFromFile(path: string): LiteSVM {
    return told('Failed to load snapshot', () => {
      const bytes = told('IO error', () => readFile(path))
      return new LiteSVM({ bank: readSnapshot(bytes, new Bank(defaultOptions())) })
    })
  }

  /** A snapshot of litesvm's, versions 1 to 4. @throws {Error} when it is none */
  static fromBytes(bytes: Uint8Array): LiteSVM {
    const found = asBytes(bytes)
    return told(
      'Failed to load snapshot',
      () => new LiteSVM({ bank: readSnapshot(found, new Bank(defaultOptions())) }),
    )
  }

  /** @throws {Error} when it cannot be written */
  saveToFile(path: string): void {
    told('Failed to save snapshot', () =>
      told('IO error', () => writeFile(path, writeSnapshot(this.bank))),
    )
  }

  /** Everything that is in it, as litesvm 1.5.0 writes it. */
  toBytes(): Uint8Array {
    return writeSnapshot(this.bank)
  }

  withComputeBudget(budget: ComputeBudget): LiteSVM {
    this.bank.set({ computeBudget: executionBudget(asInstance(budget, ComputeBudget)) })
    return this
  }
  /** Are signatures checked. */
  withSigverify(sigverify: boolean): LiteSVM {
    this.bank.set({ sigverify: asBool(sigverify) })
    return this
  }
  /** Must blockhashes be the latest one. */
  withBlockhashCheck(check: boolean): LiteSVM {
    this.bank.set({ blockhashCheck: asBool(check) })
    return this
  }
  /** Adds the sysvars of a fresh cluster. */
  withSysvars(): LiteSVM {
    this.bank.addSysvars()
    return this
  }
  /** For what is added from now on. */
  withFeatureSet(featureSet: FeatureSet): LiteSVM {
    this.bank.setFeatures(asInstance(featureSet, FeatureSet).features)
    return this
  }
  /** Adds the native programs that the features have. */
  withBuiltins(): LiteSVM {
    this.bank.addBuiltins()
    return this
  }
  /** What the account has that airdrops come from. */
  withLamports(lamports: bigint): LiteSVM {
    this.bank.setLamports(asU64(lamports))
    return this
  }
  /** Adds SPL's programs. */
  withDefaultPrograms(): LiteSVM {
    this.bank.addSplPrograms()
    return this
  }
  /** Adds the mints of wrapped SOL of those token programs that are there. */
  withNativeMints(): LiteSVM {
    addNativeMints(this.bank)
    return this
  }
  /** 0 keeps no transactions, and lets them come twice. */
  withTransactionHistory(capacity: bigint): LiteSVM {
    this.bank.setHistoryCapacity(Number(asUsize(capacity)))
    return this
  }
  /** Bytes after which logs are cut; none given: never. */
  withLogBytesLimit(limit?: bigint | null): LiteSVM {
    const logBytes = limit === undefined || limit === null ? undefined : Number(asUsize(limit))
    this.bank.set({ logBytes })
    return this
  }
  /** Adds the programs that verify signatures. */
  withPrecompiles(): LiteSVM {
    this.bank.addPrecompiles()
    return this
  }

  /** Lamports; 2^64 - 1 beyond the largest account. */
  minimumBalanceForRentExemption(dataLen: bigint): bigint {
    return this.bank.minimumBalance(Number(asUsize(dataLen)))
  }

  getAccount(address: Address): MaybeEncodedAccount {
    const pubkey = pubkeyOf(address)
    const account = this.bank.account(pubkey)
    return account === undefined
      ? { exists: false, address }
      : { exists: true, ...encodedAccount(pubkey, account) }
  }

  /** All accounts that the program owns. */
  getProgramAccounts(programAddress: Address): EncodedAccount[] {
    const found = this.bank.programAccounts(pubkeyOf(programAddress))
    return found.map(([pubkey, account]) => encodedAccount(pubkey, account))
  }

  /**
   * Sets an account, whatever rules that breaks; one without lamports is removed.
   * @throws {Error} as litesvm, for a program that does not load or a sysvar that cannot be read
   */
  setAccount(account: EncodedAccount): void {
    const address = pubkeyOf(account.address)
    const value: Account = {
      lamports: asU64(BigInt(account.lamports)),
      data: asBytes(account.data).slice(),
      owner: pubkeyOf(account.programAddress),
      executable: asBool(account.executable),
      rentEpoch: 0n,
    }
    told('Failed to set account', () => this.bank.setAccount(address, value))
  }

  /** Lamports; null: there is no such account. */
  getBalance(address: Address): Lamports | null {
    return (this.bank.balance(pubkeyOf(address)) ?? null) as Lamports | null
  }

  latestBlockhash(): Blockhash {
    return toBase58(this.bank.latestBlockhash) as Blockhash
  }

  /** The message with the latest blockhash as its lifetime. */
  setTransactionMessageLifetimeUsingLatestBlockhash<
    TTransactionMessage extends TransactionMessage & Partial<TransactionMessageWithLifetime>,
  >(
    transactionMessage: TTransactionMessage,
  ): ExcludeTransactionMessageLifetime<TTransactionMessage> &
    TransactionMessageWithBlockhashLifetime {
    const lifetimeConstraint = Object.freeze({
      blockhash: this.latestBlockhash(),
      lastValidBlockHeight: 0n,
    })
    const message: unknown = Object.freeze({ ...transactionMessage, lifetimeConstraint })
    // the message as it was but for its lifetime: what the type says
    return message as ExcludeTransactionMessageLifetime<TTransactionMessage> &
      TransactionMessageWithBlockhashLifetime
  }

  /** What became of a transaction, if it is remembered. */
  getTransaction(signature: Signature): TransactionMetadata | FailedTransactionMetadata | null {
    const bytes = base58Bytes(signature)
    if (bytes.length !== 64) throw new RangeError(`a signature has 64 bytes, not ${bytes.length}`)
    const found = this.bank.transaction(bytes)
    return found === undefined ? null : metadataOf(found)
  }

  /** Sends lamports from an account that has a million SOL. */
  airdrop(
    address: Address,
    lamports: Lamports,
  ): TransactionMetadata | FailedTransactionMetadata | null {
    const pubkey = pubkeyOf(address)
    return this.#done(this.bank.airdrop(pubkey, asU64(lamports)))
  }

  /** Needs a file system. @throws {Error} as litesvm */
  addProgramFromFile(programId: Address, path: string): void {
    const id = pubkeyOf(programId)
    told('Failed to add program', () => this.bank.addProgram(id, readFile(path)))
  }
  /** Adds a program of the upgradeable loader. @throws {Error} as litesvm, when it does not load */
  addProgram(programId: Address, programBytes: Uint8Array): void {
    const id = pubkeyOf(programId)
    told('Failed to add program', () => this.bank.addProgram(id, asBytes(programBytes)))
  }
  /** @throws {Error} as litesvm, when it does not load or there is no such loader */
  addProgramWithLoader(programId: Address, programBytes: Uint8Array, loaderId: Address): void {
    const [id, loader] = [pubkeyOf(programId), pubkeyOf(loaderId)]
    told('Failed to add program', () => this.bank.addProgram(id, asBytes(programBytes), loader))
  }

  /** @throws {Error} kit's when it is not signed; another on a version that is neither legacy nor 0 */
  sendTransaction(tx: Transaction): TransactionMetadata | FailedTransactionMetadata {
    return this.#done(this.bank.process(this.#wire(tx)))
  }

  /** Does all but keep what the transaction does. @throws {Error} as `sendTransaction` */
  simulateTransaction(tx: Transaction): FailedTransactionMetadata | SimulatedTransactionInfo {
    const found = this.bank.simulate(this.#wire(tx))
    const meta = metadataOf(found)
    return meta instanceof FailedTransactionMetadata ? meta : new SimulatedTransactionInfo(found)
  }

  /** The latest blockhash becomes another; transactions with the old one are refused. */
  expireBlockhash(): void {
    this.bank.expireBlockhash()
  }
  /** Sets the clock's slot, and nothing else: `time` moves what belongs together. */
  warpToSlot(slot: bigint): void {
    this.bank.warpToSlot(asU64(slot))
  }

  getClock(): sysvars.Clock {
    const { slot, epochStartTimestamp, epoch, leaderScheduleEpoch, unixTimestamp } =
      this.bank.sysvar('clock')
    return new sysvars.Clock(slot, epochStartTimestamp, epoch, leaderScheduleEpoch, unixTimestamp)
  }
  setClock(clock: sysvars.Clock): void {
    this.bank.setSysvar('clock', asInstance(clock, sysvars.Clock).values)
  }
  getEpochRewards(): sysvars.EpochRewards {
    const rewards = this.bank.sysvar('epochRewards')
    return new sysvars.EpochRewards(
      rewards.distributionStartingBlockHeight,
      rewards.numPartitions,
      toBase58(rewards.parentBlockhash),
      rewards.totalPoints,
      rewards.totalRewards,
      rewards.distributedRewards,
      rewards.active,
    )
  }
  setEpochRewards(rewards: sysvars.EpochRewards): void {
    this.bank.setSysvar('epochRewards', asInstance(rewards, sysvars.EpochRewards).values)
  }
  getEpochSchedule(): sysvars.EpochSchedule {
    const schedule = this.bank.sysvar('epochSchedule')
    return new sysvars.EpochSchedule(
      schedule.slotsPerEpoch,
      schedule.leaderScheduleSlotOffset,
      schedule.warmup,
      schedule.firstNormalEpoch,
      schedule.firstNormalSlot,
    )
  }
  setEpochSchedule(schedule: sysvars.EpochSchedule): void {
    this.bank.setSysvar('epochSchedule', asInstance(schedule, sysvars.EpochSchedule).values)
  }
  getLastRestartSlot(): bigint {
    return this.bank.sysvar('lastRestartSlot').lastRestartSlot
  }
  setLastRestartSlot(slot: bigint): void {
    this.bank.setSysvar('lastRestartSlot', { lastRestartSlot: asU64(slot) })
  }
  getRent(): sysvars.Rent {
    const { lamportsPerByte, exemptionThreshold, burnPercent } = this.bank.sysvar('rent')
    return new sysvars.Rent(lamportsPerByte, exemptionThreshold, burnPercent)
  }
  setRent(rent: sysvars.Rent): void {
    this.bank.setSysvar('rent', asInstance(rent, sysvars.Rent).values)
  }
  getSlotHashes(): sysvars.SlotHash[] {
    return sysvars.slotHashesOf(this.bank.sysvar('slotHashes'))
  }
  /** At most 512. */
  setSlotHashes(hashes: sysvars.SlotHashInput[]): void {
    this.bank.setSysvar('slotHashes', sysvars.slotHashRows(hashes))
  }
  getSlotHistory(): SlotHistory {
    const { bits, nextSlot } = this.bank.sysvar('slotHistory')
    const { buffer, byteOffset, byteLength } = bits
    return new SlotHistory(
      new BigUint64Array(buffer.slice(byteOffset, byteOffset + byteLength)),
      nextSlot,
    )
  }
  setSlotHistory(history: SlotHistory): void {
    this.bank.setSysvar('slotHistory', asInstance(history, SlotHistory).values)
  }
  getStakeHistory(): sysvars.StakeHistory {
    const history = new sysvars.StakeHistory()
    history.values.entries = this.bank.sysvar('stakeHistory').entries
    return history
  }
  setStakeHistory(history: sysvars.StakeHistory): void {
    this.bank.setSysvar('stakeHistory', asInstance(history, sysvars.StakeHistory).values)
  }

  /** The state as it is now, to `restore`: both take no longer when there is more of it. Not in litesvm. */
  snapshot(): SvmSnapshot {
    return this.bank.snapshot()
  }
  /** Goes back, or over, to a state. Not in litesvm. */
  restore(snapshot: SvmSnapshot): void {
    this.bank.restore(snapshot)
  }
  /** Another one in the same state; neither sees what becomes of the other. Not in litesvm. */
  fork(): LiteSVM {
    return new LiteSVM({ bank: this.bank.fork() })
  }

  /** Any sysvar by name, its fields as values. Not in litesvm. */
  sysvar<N extends SysvarName>(name: N): Sysvar<N> {
    return this.bank.sysvar(name)
  }
  /** Not in litesvm. */
  setSysvar<N extends SysvarName>(name: N, value: Sysvar<N>): void {
    this.bank.setSysvar(name, value)
  }

  /** Sets accounts from what the command `solana account --output json` prints. Not in litesvm. */
  loadAccounts(...dumps: (string | AccountDump)[]): void {
    for (const dump of dumps) this.setAccount(accountFromDump(dump))
  }
  /** An account as the command `solana account --output json` prints it; null: there is none. Not in litesvm. */
  dumpAccount(address: Address): AccountDump | null {
    const pubkey = pubkeyOf(address)
    const account = this.bank.account(pubkey)
    return account === undefined ? null : dumpOf(pubkey, account)
  }

  /**
   * What the transaction would do with each of these features, side by side, with nothing kept.
   * Not in litesvm.
   */
  simulateWith<K extends string>(
    tx: Transaction,
    sets: Readonly<Record<K, FeatureSet>>,
  ): Record<K, FailedTransactionMetadata | SimulatedTransactionInfo> {
    const names = Object.keys(sets) as K[]
    const rows = names.map((name) => {
      const other = new LiteSVM({ bank: withFeatures(this.bank, sets[name].features) })
      return [name, other.simulateTransaction(tx)] as const
    })
    // a row for each name
    return Object.fromEntries(rows) as Record<K, (typeof rows)[number][1]>
  }

  /** Calls `watch` with what became of each transaction sent here, until what is answered is called. Not in litesvm. */
  onResult(watch: (result: TransactionResult) => void): () => void {
    this.#watchers.add(watch)
    return () => {
      this.#watchers.delete(watch)
    }
  }

  /** Adds a native program of your own. Not in litesvm. */
  addBuiltin(builtin: Builtin): void {
    this.bank.addBuiltin(builtin)
  }

  /** Time that goes on as a cluster's does; not in litesvm. */
  get time(): Time<LoadedProgram> {
    return new Time(this.bank)
  }

  /** The JSON-RPC of a node over this ledger, in this process; not in litesvm. */
  get rpc(): SolanaRpc {
    this.#rpc ??= new SolanaRpc(this.bank)
    return this.#rpc
  }

  #done(result: TransactionResult): TransactionMetadata | FailedTransactionMetadata {
    for (const watch of [...this.#watchers]) watch(result)
    return metadataOf(result)
  }

  /** The transaction's bytes, looked at as litesvm looks at them. */
  #wire(tx: Transaction): Uint8Array {
    if (this.bank.settings.sigverify) checkSigned(tx)
    const version = versionOf(tx.messageBytes)
    const bytes = wireOf(tx)
    if (version === 1) throw new Error(`Unsupported transaction version: ${version}`)
    return bytes
  }
}
