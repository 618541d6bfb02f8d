import type { Account } from '../host/solana/account.ts'
import type { KeyedAccount } from '../host/solana/accounts.ts'
import type { TransactionError } from '../host/solana/errors.ts'
import { programIds, sysvarIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import { type RentedAccount, type RentRule, staysRented } from '../host/solana/rent.ts'
import { maxU64 } from '../host/solana/words.ts'
import { instructionsData } from './instructions-sysvar.ts'
import { nonceBytes, systemAccountKind } from './nonce.ts'
import { type ResolvedMessage, Role } from './resolve.ts'

/** Bytes that an account counts for beside its data, and a lookup table altogether (SIMD-0186). */
const accountBase = 64
const tableBase = 8248
const noData = new Uint8Array(0)

/** What stands where the ledger has no account. */
const missing: Account = {
  lamports: 0n,
  data: noData,
  owner: programIds.system,
  executable: false,
  rentEpoch: maxU64,
}

/** The accounts of a transaction whose fee its payer can pay. */
export interface LoadedTransaction {
  /** Those of the message, its fee taken from the payer; then the loaders of programs that it calls. */
  readonly accounts: readonly KeyedAccount[]
  /** Of the message's accounts that it may write, after the fee was taken; others have none. */
  readonly rented: readonly (RentedAccount | undefined)[]
  readonly payer: Pubkey
}

/** Ends loading; caught in `loadTransaction`. */
class LoadFailure extends Error {
  readonly error: TransactionError

  constructor(error: TransactionError) {
    super(error.kind)
    this.error = error
  }
}

function stop(error: TransactionError): never {
  throw new LoadFailure(error)
}

/** What a fee is taken by. */
export interface FeeRules {
  readonly rent: RentRule
  /** Lamports. */
  readonly fee: bigint
  /** See `staysRented`. */
  readonly relaxed: boolean
}

/**
 * Takes the fee from who pays it.
 * @throws {LoadFailure} when that is nobody, may not pay, has too little, or would be left short of rent
 */
function payFee(payer: KeyedAccount, index: number, { rent, fee, relaxed }: FeeRules): Account {
  const { account, key } = payer
  const { lamports, data } = account
  if (lamports === 0n) stop({ kind: 'AccountNotFound' })
  const kind = systemAccountKind(account) ?? stop({ kind: 'InvalidAccountForFee' })
  const least = kind === 'nonce' ? rent.minimumBalance(nonceBytes) : 0n
  if (lamports < least + fee) stop({ kind: 'InsufficientFundsForFee' })
  const left = lamports - fee
  const before = { lamports, length: data.length, owner: account.owner }
  const stays = staysRented(rent, before, { ...before, lamports: left }, relaxed)
  if (!stays && key.key !== programIds.incinerator.key)
    stop({ kind: 'InsufficientFundsForRent', index: index & 0xff })
  return { ...account, lamports: left }
}

class Loader {
  readonly accounts: KeyedAccount[] = []
  readonly rented: (RentedAccount | undefined)[] = []
  payer: Pubkey | undefined
  private bytesLeft: number
  private readonly resolved: ResolvedMessage
  private readonly rules: FeeRules
  private readonly get: (key: Pubkey) => Account | undefined

  constructor(
    resolved: ResolvedMessage,
    rules: FeeRules,
    maxBytes: number,
    get: (key: Pubkey) => Account | undefined,
  ) {
    this.resolved = resolved
    this.rules = rules
    this.get = get
    this.bytesLeft = maxBytes
    this.count(resolved.message.lookups.length * tableBase)
  }

  private count(bytes: number): void {
    this.bytesLeft -= bytes
    if (this.bytesLeft < 0) stop({ kind: 'MaxLoadedAccountsDataSizeExceeded' })
  }

  load(index: number): void {
    const key = this.resolved.keys[index]!
    if (key.key === sysvarIds.instructions.key) {
      const data = instructionsData(this.resolved) ?? stop({ kind: 'SanitizeFailure' })
      const account = { ...missing, data, owner: sysvarIds.owner, rentEpoch: 0n }
      this.accounts.push({ key, account })
      this.rented.push(undefined)
      return
    }
    const found = this.get(key)
    const role = this.resolved.roles[index]!
    let account = found ?? missing
    this.rented.push(undefined)
    if ((role & Role.writable) !== 0) {
      const { lamports, data, rentEpoch } = account
      const exempt = this.rules.rent.isExempt(lamports, data.length)
      if (rentEpoch !== maxU64 && exempt) account = { ...account, rentEpoch: maxU64 }
    }
    const isOnlyInvoked = (role & (Role.invoked | Role.instructionAccount)) === Role.invoked
    if (this.payer === undefined && !isOnlyInvoked) {
      account = payFee({ key, account }, index, this.rules)
      this.payer = key
    }
    if ((role & Role.writable) !== 0) {
      const { lamports, data, owner } = account
      this.rented[index] = { lamports, length: data.length, owner }
    }
    if (found !== undefined) this.count(accountBase + found.data.length)
    this.accounts.push({ key, account })
  }

  /** Programs must be executable, and their loaders be programs of the runtime; these join the accounts. */
  loadLoaders(): void {
    const { message, keys } = this.resolved
    for (const { programIdIndex } of message.instructions) {
      if (keys[programIdIndex]!.key === programIds.nativeLoader.key) continue
      const { executable, owner } = this.accounts[programIdIndex]!.account
      if (!executable) stop({ kind: 'InvalidProgramForExecution' })
      if (owner.key === programIds.nativeLoader.key) continue
      if (this.accounts.slice(keys.length).some(({ key }) => key.key === owner.key)) continue
      const account = this.get(owner)
      if (account?.owner.key !== programIds.nativeLoader.key || !account.executable)
        return stop({ kind: 'InvalidProgramForExecution' })
      this.accounts.push({ key: owner, account })
    }
  }
}

/**
 * Loads the accounts of a message and takes its fee, or says what the transaction fails with: nothing is
 * then taken from anybody.
 * @param maxBytes data that all accounts may have together
 */
export function loadTransaction(
  resolved: ResolvedMessage,
  options: FeeRules & { readonly maxBytes: number },
  get: (key: Pubkey) => Account | undefined,
): LoadedTransaction | TransactionError {
  try {
    const loader = new Loader(resolved, options, options.maxBytes, get)
    for (let i = 0; i < resolved.keys.length; i++) loader.load(i)
    const payer = loader.payer ?? stop({ kind: 'AccountNotFound' })
    loader.loadLoaders()
    return { accounts: loader.accounts, rented: loader.rented, payer }
  } catch (error) {
    if (error instanceof LoadFailure) return error.error
    throw error
  }
}
