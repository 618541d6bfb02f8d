import { toBase58 } from '../../../bits/base58.ts'
import { toBase64 } from '../../../bits/base64.ts'
import { bytesId } from '../../../bits/octets.ts'
import { Pubkey } from '../../../host/solana/pubkey.ts'
import { encodeTransaction, type Message, type Transaction } from '../../../svm/message.ts'
import type { CompiledInstruction, TransactionResult } from '../../../svm/result.ts'
import type { SvmBank } from '../ledger.ts'
import { invalidParams, type Json } from './json.ts'
import { tokenBalances } from './tokens.ts'
import { errorJson, innerJson, returnDataJson, statusJson } from './values.ts'

/** A transaction that was sent to the node. */
export interface Sent {
  readonly transaction: Transaction
  readonly result: TransactionResult
  readonly slot: bigint
  /** Seconds since 1970, by the ledger's clock. */
  readonly time: bigint
  readonly keys: readonly Pubkey[]
  readonly loaded: LoadedKeys
  readonly before: Balances
  readonly after: Balances
}

interface LoadedKeys {
  readonly writable: readonly Pubkey[]
  readonly readonly: readonly Pubkey[]
}

interface Balances {
  readonly lamports: readonly bigint[]
  readonly tokens: readonly Json[]
}

/** Where the addresses begin in the data of a lookup table. */
const tableHead = 56

function loadedKeys(bank: SvmBank, { lookups }: Message): LoadedKeys {
  const take = (which: 'writable' | 'readonly'): Pubkey[] =>
    lookups.flatMap((lookup) => {
      const data = bank.account(lookup.table)?.data ?? new Uint8Array(0)
      return [...lookup[which]]
        .map((place) => tableHead + 32 * place)
        .filter((at) => at + 32 <= data.length)
        .map((at) => Pubkey.from(data, at))
    })
  return { writable: take('writable'), readonly: take('readonly') }
}

function balancesOf(bank: SvmBank, keys: readonly Pubkey[]): Balances {
  return {
    lamports: keys.map((key) => bank.balance(key) ?? 0n),
    tokens: tokenBalances(bank, keys),
  }
}

/** Executes a transaction and keeps what a node tells of it later. */
export function send(bank: SvmBank, transaction: Transaction): Sent {
  const { message } = transaction
  const loaded = loadedKeys(bank, message)
  const keys = [...message.keys, ...loaded.writable, ...loaded.readonly]
  const before = balancesOf(bank, keys)
  const { slot, unixTimestamp } = bank.sysvar('clock')
  const result = bank.process(transaction)
  const after = balancesOf(bank, keys)
  return { transaction, result, slot, time: unixTimestamp, keys, loaded, before, after }
}

const texts = (keys: readonly Pubkey[]): string[] => keys.map((key) => key.toString())

function metaJson({ result, before, after, loaded, transaction }: Sent): Json {
  const addresses = { writable: texts(loaded.writable), readonly: texts(loaded.readonly) }
  return {
    err: errorJson(result.error),
    status: statusJson(result.error),
    fee: result.fee,
    preBalances: before.lamports,
    postBalances: after.lamports,
    preTokenBalances: before.tokens,
    postTokenBalances: after.tokens,
    innerInstructions: innerJson(result.inner),
    logMessages: result.logs,
    computeUnitsConsumed: result.units,
    rewards: [],
    ...(transaction.message.version === 'legacy' ? {} : { loadedAddresses: addresses }),
    ...(result.returnData.data.length === 0
      ? {}
      : { returnData: returnDataJson(result.returnData) }),
  }
}

function instructionJson({ programIdIndex, accounts, data }: CompiledInstruction): Json {
  return { programIdIndex, accounts: [...accounts], data: toBase58(data), stackHeight: 1 }
}

function messageJson(message: Message): Json {
  return {
    accountKeys: texts(message.keys),
    header: {
      numRequiredSignatures: message.requiredSignatures,
      numReadonlySignedAccounts: message.readonlySigned,
      numReadonlyUnsignedAccounts: message.readonlyUnsigned,
    },
    recentBlockhash: toBase58(message.blockhash),
    instructions: message.instructions.map(instructionJson),
    ...(message.version === 'legacy'
      ? {}
      : {
          addressTableLookups: message.lookups.map(({ table, writable, readonly }) => ({
            accountKey: table.toString(),
            writableIndexes: [...writable],
            readonlyIndexes: [...readonly],
          })),
        }),
  }
}

/** The message with its accounts spelled out; programs' data are not parsed. */
function spelledJson({ transaction: { message }, keys, loaded }: Sent): Json {
  const writable = (i: number): boolean => {
    const { requiredSignatures, readonlySigned, readonlyUnsigned } = message
    const named = message.keys.length
    if (i >= named) return i < named + loaded.writable.length
    return i < requiredSignatures
      ? i < requiredSignatures - readonlySigned
      : i < named - readonlyUnsigned
  }
  return {
    accountKeys: keys.map((key, i) => ({
      pubkey: key.toString(),
      signer: i < message.requiredSignatures,
      source: i < message.keys.length ? 'transaction' : 'lookupTable',
      writable: writable(i),
    })),
    recentBlockhash: toBase58(message.blockhash),
    instructions: message.instructions.map(({ programIdIndex, accounts, data }) => ({
      programId: keys[programIdIndex]?.toString() ?? null,
      accounts: [...accounts].map((place) => keys[place]?.toString() ?? null),
      data: toBase58(data),
      stackHeight: 1,
    })),
  }
}

const wireOf = ({ message, signatures }: Transaction): Uint8Array =>
  encodeTransaction(message, signatures)

/** A transaction with what became of it, in the encoding that was asked for. */
export function sentJson(sent: Sent, encoding: Json | undefined): Json {
  const { transaction, slot, time } = sent
  const signatures = transaction.signatures.map(toBase58)
  const body = (): Json => {
    switch (encoding) {
      case 'base64':
        return [toBase64(wireOf(transaction)), 'base64']
      case 'base58':
        return [toBase58(wireOf(transaction)), 'base58']
      case 'jsonParsed':
        return { signatures, message: spelledJson(sent) }
      case undefined:
      case null:
      case 'json':
        return { signatures, message: messageJson(transaction.message) }
      default:
        throw invalidParams(`unknown variant \`${String(encoding)}\``)
    }
  }
  return {
    slot,
    blockTime: time,
    transaction: body(),
    meta: metaJson(sent),
    version: transaction.message.version,
  }
}

/** What was sent, by signature and by the addresses in it, the newest first. */
export class Records {
  private readonly bySignature = new Map<string, Sent>()
  private readonly byAddress = new Map<string, Sent[]>()

  get count(): number {
    return this.bySignature.size
  }

  add(sent: Sent): void {
    const id = bytesId(sent.transaction.signatures[0]!)
    if (this.bySignature.has(id)) return
    this.bySignature.set(id, sent)
    for (const { key } of sent.keys) {
      const list = this.byAddress.get(key)
      if (list === undefined) this.byAddress.set(key, [sent])
      else list.unshift(sent)
    }
  }

  get(signature: Uint8Array): Sent | undefined {
    return this.bySignature.get(bytesId(signature))
  }

  of(address: Pubkey): readonly Sent[] {
    return this.byAddress.get(address.key) ?? []
  }
}
