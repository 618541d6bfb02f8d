import { sha256 } from '@noble/hashes/sha2.js'
import { assert, InputError, VerifyError } from '../bits/errors.ts'
import { bytesId } from '../bits/octets.ts'
import type { Account } from '../host/solana/account.ts'
import { Features, mainnetDefaultSlot } from '../host/solana/feature-set.ts'
import { programIds } from '../host/solana/ids.ts'
import type { Invoker } from '../host/solana/invoke.ts'
import { defaultLogBytes } from '../host/solana/log.ts'
import { Pubkey } from '../host/solana/pubkey.ts'
import type { Builtin } from '../host/solana/runtime.ts'
import type { Syscall } from '../host/solana/syscalls/call.ts'
import { programEnvironment } from '../host/solana/syscalls/table.ts'
import { decodeSysvar, type Sysvar, type SysvarName, sysvarId } from '../host/solana/sysvars.ts'
import { maxU64 } from '../host/solana/words.ts'
import {
  airdropFund,
  builtinAccount,
  defaultSysvars,
  featureAccount,
  lamportsPerSignature,
  precompileIds,
  stakeConfigAccount,
  sysvarAccount,
} from './defaults.ts'
import { BankError } from './errors.ts'
import { TransactionHistory } from './history.ts'
import { Keypair } from './keypair.ts'
import { Ledger, type LedgerSnapshot } from './ledger.ts'
import { decodeTransaction, encodeMessage, type Message, type Transaction } from './message.ts'
import { activeBuiltins, builtins } from './native/builtins.ts'
import { programDataAddress as programDataAddressOf } from './native/loader-deploy.ts'
import { processTransaction } from './process.ts'
import {
  type ElfPlace,
  LoadedPrograms,
  type ProgramRunner,
  programDataHead,
  programDataState,
  programState,
} from './programs.ts'
import type { TransactionResult } from './result.ts'
import type { BankState, Settings } from './settings.ts'
import { splAccounts, splProgramsOf } from './spl-accounts.ts'

export interface BankOptions<Program> {
  /** Loads and runs programs of sBPF: made of an engine. */
  readonly runner: ProgramRunner<Program>
  /** Calls of the user's own, that programs may name. */
  readonly syscalls?: readonly Syscall[]
}

/** A state of a bank; taking one and going back to it takes the same time however much is in it. */
export interface BankSnapshot<Program> {
  readonly ledger: LedgerSnapshot<Program>
  readonly settings: Settings
  readonly history: TransactionHistory
}

/** The account that airdrops come from has the same key in every bank: results do not depend on chance. */
const airdropSeed = sha256(new TextEncoder().encode('airdrop'))
/** The address of that seed: the curve is first needed when something is signed. */
const airdropAddress = Pubkey.parse('7h3ft5WmvoNF9wa7vuL6BAgsANv2epLfKxbvT5tneQgr')
const keypairs = new Map<string, Keypair>()
/** Of the few seeds that banks have; a key is some milliseconds of work. */
function keypairOf(seed: Uint8Array): Keypair {
  const id = bytesId(seed)
  const made = keypairs.get(id) ?? new Keypair(seed)
  keypairs.set(id, made)
  return made
}

/** Number of the system program's Transfer. */
const transfer = 2

/**
 * A ledger with all that decides what transactions do to it, behaving as litesvm does. A new one is empty:
 * `Bank.basic` has what a fresh cluster has but for programs of sBPF.
 */
export class Bank<Program> implements BankState<Program> {
  readonly ledger: Ledger<Program>
  history: TransactionHistory = new TransactionHistory()
  settings: Settings
  readonly runner: (context: Invoker<Program>, program: Program) => void
  private readonly options: BankOptions<Program>

  constructor(options: BankOptions<Program>) {
    this.options = options
    this.runner = (context, program) => options.runner.run(context, program)
    const features = Features.none()
    this.ledger = new Ledger(
      new LoadedPrograms(options.runner),
      programEnvironment(features, false, options.syscalls),
    )
    this.settings = {
      features,
      sigverify: false,
      blockhashCheck: false,
      logBytes: defaultLogBytes,
      computeBudget: undefined,
      latestBlockhash: sha256(new TextEncoder().encode('genesis')),
      olderBlockhashes: [],
      blockhashWindow: 1,
      keepNonces: false,
      clockMillis: 0,
      builtins: new Map(),
      epochStakes: new Map(),
      epochTotalStake: 0n,
      airdropSeed,
      record: false,
    }
  }

  /** Mainnet-beta's features, sysvars, the runtime's programs, an airdrop fund; signatures and blockhashes are checked. */
  static basic<Program>(options: BankOptions<Program>): Bank<Program> {
    const bank = new Bank(options)
    bank.setFeatures(Features.mainnet())
    bank.addBuiltins()
    bank.setLamports(airdropFund)
    bank.addSysvars()
    bank.addFeatureAccounts()
    bank.set({ sigverify: true, blockhashCheck: true })
    bank.addPrecompiles()
    return bank
  }

  /** As `basic`, but with a cluster's 150 blockhashes, and nonces that transactions use up even if they fail. */
  static cluster<Program>(options: BankOptions<Program>): Bank<Program> {
    const bank = Bank.basic(options)
    bank.set({ blockhashWindow: 150, keepNonces: true })
    return bank
  }

  set(settings: Partial<Settings>): void {
    this.settings = { ...this.settings, ...settings }
  }

  /** Programs that were loaded keep what they were loaded with; `addBuiltins` lets later ones see the new features. */
  setFeatures(features: Features): void {
    this.set({ features: features.copy() })
  }

  addBuiltins(): void {
    const { features } = this.settings
    for (const { id, name, feature } of builtins)
      if (feature === undefined || features.has(feature)) this.ledger.put(id, builtinAccount(name))
    this.set({ builtins: new Map([...this.settings.builtins, ...activeBuiltins(features)]) })
    this.ledger.environment = programEnvironment(features, false, this.options.syscalls)
  }

  /** Adds a program of the user's own, which runs outside of any virtual machine. */
  addBuiltin(builtin: Builtin): void {
    this.set({ builtins: new Map([...this.settings.builtins, [builtin.id.key, builtin]]) })
    this.ledger.put(builtin.id, { ...builtinAccount(''), data: new Uint8Array(1) })
  }

  addPrecompiles(): void {
    for (const id of precompileIds) this.ledger.put(id, builtinAccount(''))
  }

  addSysvars(): void {
    const { features, latestBlockhash } = this.settings
    const values = defaultSysvars(features, mainnetDefaultSlot(), latestBlockhash)
    this.setSysvar('clock', values.clock)
    this.setSysvar('epochRewards', values.epochRewards)
    this.setSysvar('epochSchedule', values.epochSchedule)
    this.setSysvar('fees', values.fees)
    this.setSysvar('lastRestartSlot', values.lastRestartSlot)
    this.setSysvar('recentBlockhashes', values.recentBlockhashes)
    this.setSysvar('rent', values.rent)
    this.setSysvar('slotHashes', values.slotHashes)
    this.setSysvar('slotHistory', values.slotHistory)
    this.setSysvar('stakeHistory', values.stakeHistory)
    this.ledger.put(programIds.stakeConfig, stakeConfigAccount())
  }

  addFeatureAccounts(): void {
    const lamports = this.minimumBalance(featureAccount(0n, 0n).data.length)
    for (const { id, slot } of this.settings.features.active())
      this.ledger.put(id, featureAccount(slot, lamports))
  }

  /** Sets what the account of airdrops holds. */
  setLamports(lamports: bigint): void {
    this.ledger.put(this.airdropAddress, {
      lamports,
      data: new Uint8Array(0),
      owner: programIds.system,
      executable: false,
      rentEpoch: 0n,
    })
  }

  /** See `TransactionHistory`: 0 switches it off, and transactions may come twice. */
  setHistoryCapacity(capacity: number): void {
    this.history.setCapacity(capacity)
  }

  get airdropAddress(): Pubkey {
    const seed = this.settings.airdropSeed
    return seed === airdropSeed ? airdropAddress : keypairOf(seed).pubkey
  }

  get latestBlockhash(): Uint8Array {
    return this.settings.latestBlockhash
  }

  /** Least lamports of an account with so many bytes of data; 2^64 - 1 where no balance is enough. */
  minimumBalance(length: number): bigint {
    const { rent } = this.ledger.sysvars
    const least = rent === undefined ? BigInt(128 + length) * 6960n : rent.tryMinimumBalance(length)
    return least === undefined ? maxU64 : least > 1n ? least : 1n
  }

  account(address: Pubkey): Account | undefined {
    return this.ledger.get(address)
  }

  balance(address: Pubkey): bigint | undefined {
    return this.ledger.get(address)?.lamports
  }

  /**
   * Sets an account, whatever rules it breaks; without lamports it is removed.
   * @throws {BankError} for a program that cannot be loaded, or a sysvar that cannot be read
   */
  setAccount(address: Pubkey, account: Account): void {
    this.ledger.set(address, account)
  }

  programAccounts(owner: Pubkey): (readonly [Pubkey, Account])[] {
    return this.ledger.ownedBy(owner)
  }

  sysvar<N extends SysvarName>(name: N): Sysvar<N> {
    const account = this.ledger.get(sysvarId(name))
    if (account === undefined) throw new BankError('noSysvar', `there is no sysvar ${name}`)
    return decodeSysvar(name, account.data)
  }

  setSysvar<N extends SysvarName>(name: N, value: Sysvar<N>): void {
    this.ledger.set(sysvarId(name), sysvarAccount(name, value))
  }

  /**
   * Adds a program as its loader would have left it.
   * @throws {BankError} when it does not load: the accounts are there all the same, as litesvm leaves them
   */
  addProgram(id: Pubkey, elf: Uint8Array, loader: Pubkey = programIds.loaderV3): void {
    const place = this.addProgramAccounts(id, new Uint8Array(elf), loader)
    try {
      this.ledger.putLoaded(id, place)
    } catch (error) {
      const text = error instanceof InputError ? error.what : String(error)
      if (error instanceof VerifyError)
        throw new BankError('programLoad', `Verifier error: ${text}`)
      throw new BankError('programLoad', text)
    }
  }

  /**
   * Adds the programs that clusters have from the start, as far as the package was built with them; each is
   * unpacked and loaded when it is first needed.
   */
  addSplPrograms(): void {
    const { ledger, clockSlot } = this
    for (const program of splProgramsOf(this.settings.features)) {
      const { accounts, code } = splAccounts(program, clockSlot, (n) => this.minimumBalance(n))
      for (const [address, account] of accounts) ledger.put(address, account)
      ledger.putUnloaded(Pubkey.parse(program.address), code)
    }
  }

  private get clockSlot(): bigint {
    return this.ledger.sysvars.get('clock')?.slot ?? 0n
  }

  /** Makes a program's accounts, and says where its code is. */
  private addProgramAccounts(id: Pubkey, elf: Uint8Array, loader: Pubkey): ElfPlace {
    const program = (data: Uint8Array, executable = true): Account => ({
      lamports: this.minimumBalance(data.length),
      data,
      owner: loader,
      executable,
      rentEpoch: 0n,
    })
    switch (loader.key) {
      case programIds.loaderV3.key: {
        const data = programDataState(this.clockSlot, elf)
        const address = programDataAddressOf(id)
        assert(address !== undefined, 'one of 255 bumps leaves the curve')
        this.ledger.put(address, program(data, false))
        this.ledger.put(id, program(programState(address)))
        return { data, start: programDataHead }
      }
      case programIds.loaderV1.key:
      case programIds.loaderV2.key:
        this.ledger.put(id, program(elf))
        return { data: elf, start: 0 }
      default:
        throw new BankError('invalidLoader', `Unsupported loader: ${loader}`)
    }
  }

  /** Executes a transaction and keeps what it did. @param transaction or its bytes @throws {DecodeError} */
  process(transaction: Uint8Array | Transaction): TransactionResult {
    return processTransaction(this, decoded(transaction), true)
  }

  /** Executes a transaction and keeps nothing. @param transaction or its bytes @throws {DecodeError} */
  simulate(transaction: Uint8Array | Transaction): TransactionResult {
    return processTransaction(this, decoded(transaction), false)
  }

  /** Sends lamports from the bank's own account, by a transaction like any other. */
  airdrop(address: Pubkey, lamports: bigint): TransactionResult {
    return this.process(this.airdropTransaction(address, lamports))
  }

  /** The transaction of an airdrop, signed. */
  airdropTransaction(address: Pubkey, lamports: bigint): Transaction {
    const keys = keypairOf(this.settings.airdropSeed)
    const data = new Uint8Array(12)
    data[0] = transfer
    new DataView(data.buffer).setBigUint64(4, lamports, true)
    const same = address.equals(keys.pubkey)
    const toSystem = address.equals(programIds.system)
    const others = same ? [] : toSystem ? [] : [address]
    const message: Message = {
      version: 'legacy',
      requiredSignatures: 1,
      readonlySigned: 0,
      readonlyUnsigned: toSystem ? 0 : 1,
      keys: [keys.pubkey, ...others, programIds.system],
      blockhash: this.latestBlockhash,
      instructions: [
        {
          programIdIndex: 1 + others.length,
          accounts: Uint8Array.of(0, same ? 0 : 1),
          data,
        },
      ],
      lookups: [],
      config: {},
    }
    const messageBytes = encodeMessage(message)
    return { signatures: [keys.sign(messageBytes)], message, messageBytes }
  }

  transaction(signature: Uint8Array): TransactionResult | undefined {
    return this.history.get(signature)
  }

  /** A new blockhash: the old one's hash. Of the old ones as many stay as the window says. */
  expireBlockhash(): void {
    const { latestBlockhash: last, olderBlockhashes: older, blockhashWindow } = this.settings
    const latestBlockhash = sha256(last)
    const olderBlockhashes = [last, ...older].slice(0, blockhashWindow - 1)
    this.set({ latestBlockhash, olderBlockhashes })
    this.setSysvar('recentBlockhashes', {
      entries: [latestBlockhash, ...olderBlockhashes].map((blockhash) => ({
        blockhash,
        lamportsPerSignature,
      })),
    })
  }

  /** Sets the clock's slot and nothing else. */
  warpToSlot(slot: bigint): void {
    this.setSysvar('clock', { ...this.sysvar('clock'), slot })
  }

  get epochTotalStake(): bigint {
    return this.settings.epochTotalStake
  }

  epochStake(vote: Pubkey): bigint {
    return this.settings.epochStakes.get(vote.key) ?? 0n
  }

  /** @throws {BankError} when the sum of all is beyond 64 bits */
  setEpochStake(vote: Pubkey, stake: bigint): void {
    this.setEpochStakeMap(new Map([...this.settings.epochStakes, [vote.key, stake]]))
  }

  /** In place of all that were set. @throws {BankError} when their sum is beyond 64 bits */
  setEpochStakes(stakes: Iterable<readonly [Pubkey, bigint]>): void {
    this.setEpochStakeMap(new Map([...stakes].map(([vote, stake]) => [vote.key, stake])))
  }

  private setEpochStakeMap(stakes: Map<string, bigint>): void {
    let total = 0n
    for (const [vote, stake] of stakes) {
      if (stake === 0n) stakes.delete(vote)
      total += stake
    }
    if (total > maxU64) throw new BankError('epochStakeOverflow', 'Epoch stake arithmetic overflow')
    this.set({ epochStakes: stakes, epochTotalStake: total })
  }

  snapshot(): BankSnapshot<Program> {
    return {
      ledger: this.ledger.snapshot(),
      settings: this.settings,
      history: this.history.fork(),
    }
  }

  restore(snapshot: BankSnapshot<Program>): void {
    this.ledger.restore(snapshot.ledger)
    this.settings = snapshot.settings
    this.history = snapshot.history.fork()
  }

  /** Another bank in the same state; neither sees what becomes of the other. */
  fork(): Bank<Program> {
    const out = new Bank<Program>(this.options)
    out.restore(this.snapshot())
    return out
  }
}

const decoded = (transaction: Uint8Array | Transaction): Transaction =>
  transaction instanceof Uint8Array ? decodeTransaction(transaction) : transaction
