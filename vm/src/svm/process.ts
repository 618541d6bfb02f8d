import { equalBytes } from '../bits/octets.ts'
import { defaultBudget, defaultCosts, raisedInstructionStackDepth } from '../host/solana/costs.ts'
import {
  isPrecompile,
  precompileErrorCode,
  verifyPrecompile,
} from '../host/solana/crypto/precompiles.ts'
import { verifySignature } from '../host/solana/crypto/signatures.ts'
import { fail, type TransactionError } from '../host/solana/errors.ts'
import type { Precompiles } from '../host/solana/invoke.ts'
import { Log } from '../host/solana/log.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import { type RentRule, relaxedRent } from '../host/solana/rent.ts'
import { lamportsPerSignature, reservedKeys } from './defaults.ts'
import { BankError } from './errors.ts'
import {
  type Execution,
  type ExecutionBudget,
  execute,
  innerInstructionsOf,
  traceOf,
  writtenAccounts,
} from './execute.ts'
import type { Ledger } from './ledger.ts'
import { feeOf, limitsOf, type TransactionLimits } from './limits.ts'
import { type LoadedTransaction, loadTransaction } from './load.ts'
import { type LookupClock, loadAddresses } from './lookup.ts'
import type { Transaction } from './message.ts'
import {
  advancedNonce,
  durableNonceOf,
  nonceAccountOf,
  nonceBytes,
  systemAccountKind,
  usesNonce,
} from './nonce.ts'
import { hasDuplicates, type ResolvedMessage, resolveMessage } from './resolve.ts'
import { type AccountChange, refused, type TransactionResult } from './result.ts'
import { isSane } from './sanitize.ts'
import type { BankState, Settings } from './settings.ts'

/** Accounts that one transaction may lock, and with the feature that raises it. */
const maxLocks = 64
const raisedMaxLocks = 128

const precompiles: Precompiles = {
  has: isPrecompile,
  verify(id, data, all) {
    const error = verifyPrecompile(id, data, all)
    if (error !== undefined) fail({ kind: 'Custom', code: precompileErrorCode(error) })
  },
}

function lookupClock<Program>({ sysvars }: Ledger<Program>): LookupClock {
  const clock = sysvars.get('clock')
  const hashes = sysvars.get('slotHashes')
  if (clock === undefined || hashes === undefined)
    throw new BankError('noSysvar', 'lookup tables need the sysvars Clock and SlotHashes')
  return {
    slot: clock.slot,
    isRecent: (slot) => hashes.entries.some((entry) => entry.slot === slot),
  }
}

/** Looks at a transaction by itself, finds the addresses of its lookups, and looks for what it may not lock. */
export function resolveTransaction<Program>(
  { message, ...transaction }: Transaction,
  { ledger, settings }: BankState<Program>,
): ResolvedMessage | TransactionError {
  if (!isSane({ message, ...transaction })) return { kind: 'SanitizeFailure' }
  const loaded =
    message.lookups.length === 0
      ? undefined
      : loadAddresses(message.lookups, (key) => ledger.get(key), lookupClock(ledger))
  if (loaded !== undefined && 'kind' in loaded) return loaded
  const resolved = resolveMessage(message, loaded, reservedKeys)
  if (hasDuplicates(resolved.keys)) return { kind: 'AccountLoadedTwice' }
  const locks = settings.features.has('increase_tx_account_lock_limit') ? raisedMaxLocks : maxLocks
  if (resolved.keys.length > locks) return { kind: 'TooManyAccountLocks' }
  return resolved
}

function isSigned({ signatures, message, messageBytes }: Transaction): boolean {
  return signatures.every((signature, i) =>
    verifySignature(signature, messageBytes, message.keys[i]!.bytes),
  )
}

/** What says that a transaction is not too old: a blockhash that is, or the nonce of an account. */
function lifetimeOf<Program>(
  resolved: ResolvedMessage,
  { ledger, settings }: BankState<Program>,
): 'blockhash' | 'nonce' | undefined {
  const { blockhash } = resolved.message
  const { latestBlockhash, olderBlockhashes } = settings
  if (equalBytes(blockhash, latestBlockhash)) return 'blockhash'
  if (olderBlockhashes.some((older) => equalBytes(blockhash, older))) return 'blockhash'
  // a nonce that was set in this block cannot be advanced in it
  if (equalBytes(blockhash, durableNonceOf(latestBlockhash))) return undefined
  return usesNonce(resolved, (key) => ledger.get(key)) ? 'nonce' : undefined
}

function budgetOf(
  { features, computeBudget }: Settings,
  limits: TransactionLimits,
): ExecutionBudget {
  if (computeBudget !== undefined) return computeBudget
  const raised = features.has('raise_cpi_nesting_limit_to_8')
  const { maxInstructionStackDepth } = defaultBudget
  const budget = {
    ...defaultBudget,
    computeUnitLimit: BigInt(limits.units),
    heapSize: limits.heapBytes,
    maxInstructionStackDepth: raised ? raisedInstructionStackDepth : maxInstructionStackDepth,
  }
  return { budget, costs: defaultCosts }
}

function run<Program>(
  resolved: ResolvedMessage,
  loaded: LoadedTransaction,
  rent: RentRule,
  limits: TransactionLimits,
  bank: BankState<Program>,
  log: Log,
): Execution {
  const { ledger, settings } = bank
  const environment = {
    features: settings.features,
    sysvars: ledger.sysvars,
    ...budgetOf(settings, limits),
    log,
    blockhash: settings.keepNonces ? settings.latestBlockhash : resolved.message.blockhash,
    lamportsPerSignature,
    builtins: settings.builtins,
    precompiles,
    programs: ledger.transactionPrograms(),
    epochStake: (vote?: Pubkey) =>
      vote === undefined ? settings.epochTotalStake : (settings.epochStakes.get(vote.key) ?? 0n),
    run: bank.runner,
  }
  return execute(resolved, loaded, rent, environment, settings.record)
}

/** Takes the fee of a transaction that failed from its payer, or says why that cannot be. */
function withdraw<Program>(
  ledger: Ledger<Program>,
  payer: Pubkey,
  fee: bigint,
  rent: RentRule,
): TransactionError | undefined {
  const old = ledger.get(payer)
  if (old === undefined) return { kind: 'AccountNotFound' }
  const least = systemAccountKind(old) === 'nonce' ? rent.minimumBalance(nonceBytes) : 0n
  if (fee + least > old.lamports) return { kind: 'InsufficientFundsForFee' }
  ledger.put(payer, { ...old, lamports: old.lamports - fee })
  return undefined
}

/** Sets the nonce that a transaction used to what a block with this hash sets it to. */
function advanceNonce<Program>(ledger: Ledger<Program>, address: Pubkey, hash: Uint8Array): void {
  const old = ledger.get(address)
  if (old !== undefined) ledger.put(address, { ...old, data: advancedNonce(old.data, hash) })
}

/** What is left of a transaction that failed: its fee is gone, and its nonce if it had one. */
function keepFailed<Program>(
  { ledger, settings }: BankState<Program>,
  { keys }: ResolvedMessage,
  { payer, rent, fee, nonce }: FailedParts,
): { readonly error: TransactionError | undefined; readonly diff: AccountChange[] } {
  const places = new Set([payer, ...(nonce === undefined ? [] : [keys[nonce]!])])
  const before = [...places].map((address) => ({ address, old: ledger.get(address) }))
  const error = withdraw(ledger, payer, fee, rent)
  if (nonce !== undefined) advanceNonce(ledger, keys[nonce]!, settings.latestBlockhash)
  const diff: AccountChange[] = []
  for (const { address, old } of before) {
    const now = ledger.get(address)
    if (now !== old) diff.push({ address, old, new: now })
  }
  return { error, diff }
}

interface FailedParts {
  readonly payer: Pubkey
  readonly rent: RentRule
  readonly fee: bigint
  /** Place of the account whose nonce it used, where that is advanced all the same. */
  readonly nonce: number | undefined
}

/**
 * Does with a transaction what litesvm does, in its order: what is wrong first decides the error.
 * @param keep keep what it did, and its result
 */
export function processTransaction<Program>(
  bank: BankState<Program>,
  transaction: Transaction,
  keep: boolean,
): TransactionResult {
  const { ledger, settings, history } = bank
  const resolved = resolveTransaction(transaction, bank)
  if ('kind' in resolved) return refused(resolved)
  if (settings.sigverify && !isSigned(transaction)) return refused({ kind: 'SignatureFailure' })
  const { blockhashCheck, keepNonces } = settings
  const lifetime = blockhashCheck || keepNonces ? lifetimeOf(resolved, bank) : undefined
  if (blockhashCheck && lifetime === undefined) return refused({ kind: 'BlockhashNotFound' })
  const limits = limitsOf(resolved, settings.features)
  if ('kind' in limits) return refused(limits)
  const signature = transaction.signatures[0]!
  if (settings.sigverify && history.has(signature)) return refused({ kind: 'AlreadyProcessed' })
  const { rent } = ledger.sysvars
  if (rent === undefined) throw new BankError('noSysvar', 'transactions need the sysvar Rent')
  const fee = feeOf(resolved, limits, lamportsPerSignature)
  const relaxed = settings.features.has(relaxedRent)
  const rules = { rent, fee, relaxed, maxBytes: limits.loadedBytes }
  const loaded = loadTransaction(resolved, rules, (key) => ledger.get(key))
  if ('kind' in loaded) return refused(loaded, fee)
  const log = new Log(settings.logBytes)
  const { context, error, units } = run(resolved, loaded, rent, limits, bank, log)
  const postAccounts = writtenAccounts(resolved, context)
  const nonce = keepNonces && lifetime === 'nonce' ? nonceAccountOf(resolved) : undefined
  const kept = !keep
    ? undefined
    : error === undefined
      ? { error, diff: ledger.commit(postAccounts) }
      : keepFailed(bank, resolved, { payer: loaded.payer, rent, fee, nonce })
  const result: TransactionResult = {
    signature,
    error: kept?.error ?? error,
    logs: log.lines,
    units,
    returnData: context.returnData,
    inner: innerInstructionsOf(context),
    fee,
    included: true,
    postAccounts,
    diff: kept?.diff ?? [],
    trace: traceOf(context),
  }
  if (keep) history.add(signature, result)
  return result
}
