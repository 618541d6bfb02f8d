import type { Account } from '../host/solana/account.ts'
import type { KeyedAccount } from '../host/solana/accounts.ts'
import type { TransactionError } from '../host/solana/errors.ts'
import { programIds, sysvarIds } from '../host/solana/ids.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import {
  type RentRule,
  type RentState,
  rentStateOf,
  rentTransitionAllowed,
} from '../host/solana/rent.ts'
import { instructionsData } from './instructions-sysvar.ts'
import { nonceBytes, systemAccountKind } from './nonce.ts'
import { type ResolvedMessage, Role } from './resolve.ts'

/** Bytes that an account counts for beside its data, and a lookup table altogether (SIMD-0186). */
const accountBase = 64
const tableBase = 8248
const maxU64 = (1n << 64n) - 1n
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
  /** Of the message's accounts that it may write, before the fee was taken; others have none. */
  readonly rentStates: readonly (RentState | undefined)[]
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

/**
 * Takes the fee from who pays it.
 * @throws {LoadFailure} when that is nobody, may not pay, has too little, or would be left short of rent
 */
function payFee(payer: KeyedAccount, index: number, rent: RentRule, fee: bigint): Account {
  const { account, key } = payer
  const { lamports, data } = account
  if (lamports === 0n) stop({ kind: 'AccountNotFound' })
  const kind = systemAccountKind(account) ?? stop({ kind: 'InvalidAccountForFee' })
  const least = kind === 'nonce' ? rent.minimumBalance(nonceBytes) : 0n
  if (lamports < least + fee) stop({ kind: 'InsufficientFundsForFee' })
  const left = lamports - fee
  const before = rentStateOf(rent, lamports, data.length)
  const after = rentStateOf(rent, left, data.length)
  if (!rentTransitionAllowed(before, after) && key.key !== programIds.incinerator.key)
    stop({ kind: 'InsufficientFundsForRent', index: index & 0xff })
  return { ...account, lamports: left }
}

class Loader {
  readonly accounts: KeyedAccount[] = []
  readonly rentStates: (RentState | undefined)[] = []
  payer: Pubkey | undefined
  private bytesLeft: number
  private readonly resolved: ResolvedMessage
  private readonly rent: RentRule
  private readonly fee: bigint
  private readonly get: (key: Pubkey) => Account | undefined

  constructor(
    resolved: ResolvedMessage,
    rent: RentRule,
    fee: bigint,
    maxBytes: number,
    get: (key: Pubkey) => Account | undefined,
  ) {
    this.resolved = resolved
    this.rent = rent
    this.fee = fee
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
      this.rentStates.push(undefined)
      return
    }
    const found = this.get(key)
    const role = this.resolved.roles[index]!
    let account = found ?? missing
    this.rentStates.push(undefined)
    if ((role & Role.writable) !== 0) {
      const { lamports, data, rentEpoch } = account
      const state = rentStateOf(this.rent, lamports, data.length)
      this.rentStates[index] = state
      // what holds no lamports is exempt only where nothing costs any
      const exempt = state === 'exempt' || this.rent.isExempt(lamports, data.length)
      if (rentEpoch !== maxU64 && exempt) account = { ...account, rentEpoch: maxU64 }
    }
    const isOnlyInvoked = (role & (Role.invoked | Role.instructionAccount)) === Role.invoked
    if (this.payer === undefined && !isOnlyInvoked) {
      account = payFee({ key, account }, index, this.rent, this.fee)
      this.payer = key
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
  options: { readonly rent: RentRule; readonly fee: bigint; readonly maxBytes: number },
  get: (key: Pubkey) => Account | undefined,
): LoadedTransaction | TransactionError {
  try {
    const loader = new Loader(resolved, options.rent, options.fee, options.maxBytes, get)
    for (let i = 0; i < resolved.keys.length; i++) loader.load(i)
    const payer = loader.payer ?? stop({ kind: 'AccountNotFound' })
    loader.loadLoaders()
    return { accounts: loader.accounts, rentStates: loader.rentStates, payer }
  } catch (error) {
    if (error instanceof LoadFailure) return error.error
    throw error
  }
}
