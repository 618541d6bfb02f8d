import { toBase58 } from '../../../bits/base58.ts'
import { DecodeError } from '../../../bits/errors.ts'
import { bytesId, equalBytes } from '../../../bits/octets.ts'
import { transactionErrorText } from '../../../host/solana/errors.ts'
import type { Pubkey } from '../../../host/solana/pubkey.ts'
import { lamportsPerSignature, reservedKeys } from '../../../svm/defaults.ts'
import { epochOf } from '../../../svm/epochs.ts'
import { feeOf, limitsOf } from '../../../svm/limits.ts'
import { decodeMessage, decodeTransaction, type Transaction } from '../../../svm/message.ts'
import { resolveMessage } from '../../../svm/resolve.ts'
import type { TransactionResult } from '../../../svm/result.ts'
import type { SvmBank } from '../ledger.ts'
import { invalidParams, type Json, RpcCode, RpcError } from './json.ts'
import {
  bigAt,
  bytesIn,
  listAt,
  type Options,
  optionsAt,
  type Params,
  pubkeyAt,
  pubkeyIn,
  signatureIn,
  textAt,
} from './params.ts'
import { type Records, type Sent, send, sentJson } from './records.ts'
import { amountJson, mintOf, tokenAccountOf, tokenPrograms } from './tokens.ts'
import {
  accountJson,
  errorJson,
  innerJson,
  keyedJson,
  returnDataJson,
  statusJson,
} from './values.ts'

/** What the methods of a node answer from. */
export interface NodeState {
  readonly bank: SvmBank
  readonly records: Records
  /** Called with what was sent, before the answer. */
  readonly sent: (sent: Sent) => void
}

type Method = (node: NodeState, params: Params) => Json

/** Agave's version that the ledger behaves like. */
const version = '4.3.0'
/** Blocks for which a blockhash is said to be good. */
const blockhashBlocks = 150n
const maxAccounts = 100

const slotOf = ({ bank }: NodeState): bigint => bank.sysvar('clock').slot
const withContext = (node: NodeState, value: Json): Json => ({
  context: { apiVersion: version, slot: slotOf(node) },
  value,
})

function transactionIn(params: Params, index: number, fallback: Json): Transaction {
  const bytes = bytesIn(textAt(params, index), optionsAt(params, index + 1)['encoding'] ?? fallback)
  try {
    return decodeTransaction(bytes)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw invalidParams(
      `failed to deserialize solana_transaction::versioned::VersionedTransaction: ${error.message}`,
    )
  }
}

function simulated(result: TransactionResult): { readonly [name: string]: Json } {
  return {
    err: errorJson(result.error),
    logs: result.logs,
    unitsConsumed: result.units,
    returnData: returnDataJson(result.returnData),
    fee: result.fee,
  }
}

function isRecent({ settings }: SvmBank, blockhash: Uint8Array): boolean {
  const { latestBlockhash, olderBlockhashes } = settings
  return [latestBlockhash, ...olderBlockhashes].some((known) => equalBytes(known, blockhash))
}

const hashAt = (params: Params, index: number): Uint8Array => pubkeyAt(params, index).bytes

/** Runs a ledger's transaction without looking at signatures or the blockhash, if so told. */
function lenient<T>(bank: SvmBank, settings: Partial<SvmBank['settings']>, work: () => T): T {
  const before = bank.settings
  bank.set(settings)
  try {
    return work()
  } finally {
    bank.set(before)
  }
}

function sendTransaction(node: NodeState, params: Params): Json {
  const transaction = transactionIn(params, 0, 'base58')
  const { skipPreflight } = optionsAt(params, 1)
  if (skipPreflight !== true) {
    const result = node.bank.simulate(transaction)
    if (result.error?.kind === 'SignatureFailure')
      throw new RpcError(
        RpcCode.signatureVerification,
        'Transaction signature verification failure',
      )
    if (result.error !== undefined)
      throw new RpcError(
        RpcCode.preflightFailure,
        `Transaction simulation failed: ${transactionErrorText(result.error)}`,
        {
          ...simulated(result),
          accounts: null,
          innerInstructions: null,
          replacementBlockhash: null,
        },
      )
  }
  const sent = send(node.bank, transaction)
  // what a block could not hold leaves no trace, as on a cluster
  if (sent.result.included) {
    node.records.add(sent)
    node.sent(sent)
  }
  return toBase58(transaction.signatures[0]!)
}

function simulateTransaction(node: NodeState, params: Params): Json {
  const { bank } = node
  const options = optionsAt(params, 1)
  const { sigVerify, replaceRecentBlockhash, innerInstructions } = options
  if (sigVerify === true && replaceRecentBlockhash === true)
    throw invalidParams('sigVerify may not be used with replaceRecentBlockhash')
  const transaction = transactionIn(params, 0, 'base58')
  const replaced = replaceRecentBlockhash === true
  const settings = {
    sigverify: sigVerify === true,
    blockhashCheck: replaced ? false : bank.settings.blockhashCheck,
  }
  const result = lenient(bank, settings, () => bank.simulate(transaction))
  const wanted = options['accounts'] as
    | { readonly addresses: readonly Json[]; readonly encoding?: Json }
    | null
    | undefined
  const after = new Map(result.postAccounts.map(([key, account]) => [key.key, account]))
  const accounts =
    wanted === undefined || wanted === null
      ? null
      : wanted.addresses.map((text) => {
          const key = pubkeyIn(text)
          const account = after.get(key.key) ?? bank.account(key)
          return account === undefined
            ? null
            : accountJson(account, { encoding: wanted.encoding ?? 'base64' })
        })
  return withContext(node, {
    ...simulated(result),
    accounts,
    innerInstructions: innerInstructions === true ? innerJson(result.inner) : null,
    replacementBlockhash: replaced
      ? {
          blockhash: toBase58(bank.latestBlockhash),
          lastValidBlockHeight: slotOf(node) + blockhashBlocks,
        }
      : null,
  })
}

function signatureStatus({ records }: NodeState, value: Json): Json {
  const sent = records.get(signatureIn(value))
  if (sent === undefined) return null
  const { error } = sent.result
  return {
    slot: sent.slot,
    confirmations: null,
    err: errorJson(error),
    status: statusJson(error),
    confirmationStatus: 'finalized',
  }
}

function accounts(node: NodeState, params: Params): Json {
  const keys = listAt(params, 0)
  if (keys.length > maxAccounts) throw invalidParams(`Too many inputs provided; max ${maxAccounts}`)
  // a node answers several accounts in base64 unless told otherwise
  const options = { encoding: 'base64', ...optionsAt(params, 1) }
  const found = keys.map((key) => {
    const account = node.bank.account(pubkeyIn(key))
    return account === undefined ? null : accountJson(account, options)
  })
  return withContext(node, found)
}

type Filter = (data: Uint8Array) => boolean

function filterOf(filter: Json): Filter {
  const { dataSize, memcmp, tokenAccountState } = filter as Options
  if (dataSize !== undefined && dataSize !== null)
    return (data) => BigInt(data.length) === BigInt(dataSize as number | bigint)
  if (tokenAccountState !== undefined) return (data) => data.length >= 165 && data[108] !== 0
  if (memcmp === undefined || memcmp === null) throw invalidParams('unknown filter')
  const { offset, bytes, encoding } = memcmp as { offset: number; bytes: Json; encoding?: Json }
  const wanted =
    typeof bytes === 'string'
      ? bytesIn(bytes, encoding ?? 'base58')
      : Uint8Array.from(bytes as readonly number[])
  const from = Number(offset)
  return (data) => equalBytes(data.subarray(from, from + wanted.length), wanted)
}

function programAccounts(node: NodeState, params: Params): Json {
  const options = optionsAt(params, 1)
  const filters = ((options['filters'] ?? []) as readonly Json[]).map(filterOf)
  const found = node.bank
    .programAccounts(pubkeyAt(params, 0))
    .filter(([, { data }]) => filters.every((accepts) => accepts(data)))
    .map(([key, account]) => keyedJson(key, account, options))
  return options['withContext'] === true ? withContext(node, found) : found
}

function tokenAccounts(node: NodeState, params: Params, field: 'owner' | 'delegate'): Json {
  const whose = pubkeyAt(params, 0)
  const { mint, programId } = optionsAt(params, 1)
  if ((mint === undefined) === (programId === undefined))
    throw invalidParams('expected a mint or a program id')
  const wanted = pubkeyIn(mint ?? programId)
  const options = optionsAt(params, 2)
  const found = tokenPrograms.flatMap((program) =>
    node.bank.programAccounts(program).filter(([, account]) => {
      const token = tokenAccountOf(account)
      if (token === undefined || token[field]?.equals(whose) !== true) return false
      return mint === undefined ? program.equals(wanted) : token.mint.equals(wanted)
    }),
  )
  return withContext(
    node,
    found.map(([key, account]) => keyedJson(key, account, options)),
  )
}

function signaturesFor({ records }: NodeState, params: Params): Json {
  const { limit, before, until } = optionsAt(params, 1)
  let found = records.of(pubkeyAt(params, 0))
  const placeOf = (text: Json): number => {
    const id = bytesId(signatureIn(text))
    return found.findIndex(({ transaction }) => bytesId(transaction.signatures[0]!) === id)
  }
  if (until !== undefined && until !== null) {
    const at = placeOf(until)
    if (at >= 0) found = found.slice(0, at)
  }
  if (before !== undefined && before !== null) found = found.slice(placeOf(before) + 1)
  return found.slice(0, Number(limit ?? 1000)).map(({ transaction, result, slot, time }) => ({
    signature: toBase58(transaction.signatures[0]!),
    slot,
    err: errorJson(result.error),
    memo: null,
    blockTime: time,
    confirmationStatus: 'finalized',
  }))
}

function feeForMessage(node: NodeState, params: Params): Json {
  const { bank } = node
  let message: ReturnType<typeof decodeMessage>
  try {
    message = decodeMessage(bytesIn(textAt(params, 0), 'base64'))
  } catch (error) {
    if (error instanceof DecodeError) throw invalidParams(error.message)
    throw error
  }
  if (bank.settings.blockhashCheck && !isRecent(bank, message.blockhash))
    return withContext(node, null)
  const resolved = resolveMessage(message, undefined, reservedKeys)
  const limits = limitsOf(resolved, bank.settings.features)
  if ('kind' in limits) return withContext(node, null)
  return withContext(node, feeOf(resolved, limits, lamportsPerSignature))
}

function supplyOf({ bank }: NodeState, key: Pubkey): Json {
  const mint = mintOf(bank.account(key))
  if (mint === undefined) throw invalidParams('not a Token mint')
  return amountJson(mint.supply, mint.decimals)
}

function tokenBalance({ bank }: NodeState, key: Pubkey): Json {
  const token = tokenAccountOf(bank.account(key))
  const mint = token === undefined ? undefined : mintOf(bank.account(token.mint))
  if (token === undefined || mint === undefined) throw invalidParams('not a Token account')
  return amountJson(token.amount, mint.decimals)
}

function epochInfo(node: NodeState): Json {
  const slot = slotOf(node)
  const schedule = node.bank.sysvar('epochSchedule')
  const { epoch, slotIndex } = epochOf(schedule, slot)
  const slotsInEpoch = slot < schedule.firstNormalSlot ? 32n << epoch : schedule.slotsPerEpoch
  return {
    absoluteSlot: slot,
    blockHeight: slot,
    epoch,
    slotIndex,
    slotsInEpoch,
    transactionCount: node.records.count,
  }
}

function requestAirdrop(node: NodeState, params: Params): Json {
  const transaction = node.bank.airdropTransaction(pubkeyAt(params, 0), bigAt(params, 1))
  const sent = send(node.bank, transaction)
  const { error } = sent.result
  if (error !== undefined)
    throw new RpcError(RpcCode.internal, `airdrop failed: ${transactionErrorText(error)}`)
  node.records.add(sent)
  node.sent(sent)
  return toBase58(transaction.signatures[0]!)
}

/** Every method, by name. */
export const methods: Readonly<Record<string, Method>> = {
  getAccountInfo: (node, params) => {
    const account = node.bank.account(pubkeyAt(params, 0))
    const options = optionsAt(params, 1)
    return withContext(node, account === undefined ? null : accountJson(account, options))
  },
  getBalance: (node, params) => withContext(node, node.bank.balance(pubkeyAt(params, 0)) ?? 0n),
  getBlockHeight: slotOf,
  getBlockTime: ({ bank }) => bank.sysvar('clock').unixTimestamp,
  getClusterNodes: () => [],
  getEpochInfo: epochInfo,
  getEpochSchedule: ({ bank }) => ({ ...bank.sysvar('epochSchedule') }),
  getFeeForMessage: feeForMessage,
  getFirstAvailableBlock: () => 0,
  getGenesisHash: () => toBase58(new Uint8Array(32)),
  getHealth: () => 'ok',
  getIdentity: ({ bank }) => ({ identity: bank.airdropAddress.toString() }),
  getLatestBlockhash: (node) =>
    withContext(node, {
      blockhash: toBase58(node.bank.latestBlockhash),
      lastValidBlockHeight: slotOf(node) + blockhashBlocks,
    }),
  getMinimumBalanceForRentExemption: ({ bank }, params) =>
    bank.minimumBalance(Number(bigAt(params, 0))),
  getMultipleAccounts: accounts,
  getProgramAccounts: programAccounts,
  getRecentPerformanceSamples: () => [],
  getRecentPrioritizationFees: (node) => [{ slot: slotOf(node), prioritizationFee: 0 }],
  getSignaturesForAddress: signaturesFor,
  getSignatureStatuses: (node, params) =>
    withContext(
      node,
      listAt(params, 0).map((text) => signatureStatus(node, text)),
    ),
  getSlot: slotOf,
  getSlotLeader: ({ bank }) => bank.airdropAddress.toString(),
  getTokenAccountBalance: (node, params) =>
    withContext(node, tokenBalance(node, pubkeyAt(params, 0))),
  getTokenAccountsByDelegate: (node, params) => tokenAccounts(node, params, 'delegate'),
  getTokenAccountsByOwner: (node, params) => tokenAccounts(node, params, 'owner'),
  getTokenSupply: (node, params) => withContext(node, supplyOf(node, pubkeyAt(params, 0))),
  getTransaction: ({ records }, params) => {
    const sent = records.get(signatureIn(params[0]))
    const options = params[1]
    const encoding = typeof options === 'string' ? options : optionsAt(params, 1)['encoding']
    return sent === undefined ? null : sentJson(sent, encoding)
  },
  getTransactionCount: ({ records }) => records.count,
  getVersion: () => ({ 'solana-core': version, 'feature-set': 0 }),
  isBlockhashValid: (node, params) => withContext(node, isRecent(node.bank, hashAt(params, 0))),
  minimumLedgerSlot: () => 0,
  requestAirdrop,
  sendTransaction,
  simulateTransaction,
}
