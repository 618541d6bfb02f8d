import { toBase58 } from '../../../bits/base58.ts'
import { toBase64 } from '../../../bits/base64.ts'
import type { Account } from '../../../host/solana/account.ts'
import type { InstructionError, TransactionError } from '../../../host/solana/errors.ts'
import type { Pubkey } from '../../../host/solana/pubkey.ts'
import type { InnerInstruction, ReturnData } from '../../../svm/result.ts'
import { invalidParams, type Json } from './json.ts'
import type { Options } from './params.ts'
import { rawZstd } from './zstd.ts'

/** Longest data that are answered in base58. */
const maxBase58 = 128

function instructionErrorJson(error: InstructionError): Json {
  return error.kind === 'Custom' ? { Custom: error.code } : error.kind
}

/** An error as Agave's JSON has it. @example errorJson({ kind: 'AccountInUse' }) // 'AccountInUse' */
export function errorJson(error: TransactionError | undefined): Json {
  if (error === undefined) return null
  switch (error.kind) {
    case 'InstructionError':
      return { InstructionError: [error.index, instructionErrorJson(error.error)] }
    case 'DuplicateInstruction':
      return { DuplicateInstruction: error.index }
    case 'InsufficientFundsForRent':
    case 'ProgramExecutionTemporarilyRestricted':
      return { [error.kind]: { account_index: error.index } }
    default:
      return error.kind
  }
}

export const statusJson = (error: TransactionError | undefined): Json =>
  error === undefined ? { Ok: null } : { Err: errorJson(error) }

function dataJson(data: Uint8Array, encoding: Json | undefined): Json {
  switch (encoding) {
    case undefined:
    case null:
    case 'binary':
    case 'base58':
      if (data.length > maxBase58)
        throw invalidParams(
          'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.',
        )
      return encoding === 'base58' ? [toBase58(data), 'base58'] : toBase58(data)
    case 'base64+zstd':
      return [toBase64(rawZstd(data)), 'base64+zstd']
    case 'base64':
    // programs are not parsed here: a node that cannot parse answers base64 as well
    case 'jsonParsed':
      return [toBase64(data), 'base64']
    default:
      throw invalidParams(`unknown variant \`${String(encoding)}\``)
  }
}

/** An account, its data in the encoding and of the slice that were asked for. */
export function accountJson(account: Account, { encoding, dataSlice }: Options): Json {
  const { data, executable, lamports, owner } = account
  let shown = data
  if (dataSlice !== undefined && dataSlice !== null) {
    const { offset, length } = dataSlice as { offset: number | bigint; length: number | bigint }
    shown = data.subarray(Number(offset), Number(offset) + Number(length))
  }
  return {
    data: dataJson(shown, encoding),
    executable,
    lamports,
    owner: owner.toString(),
    // what every account has that is rent exempt
    rentEpoch: 18_446_744_073_709_551_615n,
    space: data.length,
  }
}

export function returnDataJson({ programId, data }: ReturnData): Json {
  if (data.length === 0) return null
  return { programId: programId.toString(), data: [toBase64(data), 'base64'] }
}

/** Calls of programs, under the instruction that they were made within. */
export function innerJson(inner: readonly (readonly InnerInstruction[])[]): Json {
  return inner.flatMap((calls, index) => {
    if (calls.length === 0) return []
    const instructions = calls.map(({ programIdIndex, accounts, data, stackHeight }) => ({
      programIdIndex,
      accounts: [...accounts],
      data: toBase58(data),
      stackHeight,
    }))
    return [{ index, instructions }]
  })
}

/** An account with its address, in lists. */
export const keyedJson = (pubkey: Pubkey, account: Account, options: Options): Json => ({
  pubkey: pubkey.toString(),
  account: accountJson(account, options),
})
