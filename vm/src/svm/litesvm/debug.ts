import { toBase58 } from '../../bits/base58.ts'
import { toHex } from '../../bits/hex.ts'
import type { Account } from '../../host/solana/account.ts'
import type { InstructionError, TransactionError } from '../../host/solana/errors.ts'
import type { InnerInstruction, ReturnData, TransactionResult } from '../result.ts'

/** Rust's `{:?}` of what results are made of: what `toString` of litesvm's classes answers. */

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
}

/** A string in quotes, with Rust's escapes. @example stringText('a"b') // '"a\\"b"' */
export function stringText(text: string): string {
  const inner = text.replace(
    // what Rust does not print as it is: controls, format characters, separators, lone surrogates
    /["\\]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Grapheme_Extend}]|(?! )\p{Zs}/gu,
    (char) => escapes[char] ?? `\\u{${char.codePointAt(0)!.toString(16)}}`,
  )
  return `"${inner}"`
}

export const bytesText = (bytes: Uint8Array): string => `[${bytes.join(', ')}]`
export const listText = <T>(items: readonly T[], text: (item: T) => string): string =>
  `[${items.map(text).join(', ')}]`

/** Of the data 64 bytes at most. */
export function accountText(account: Account): string {
  const { lamports, data, owner, executable, rentEpoch } = account
  const shown = data.length > 0 ? `, data: ${toHex(data.subarray(0, 64))}` : ''
  return `Account { lamports: ${lamports}, data.len: ${data.length}, owner: ${owner}, executable: ${executable}, rent_epoch: ${rentEpoch}${shown} }`
}

export function instructionErrorDebug(error: InstructionError): string {
  return error.kind === 'Custom' ? `Custom(${error.code})` : error.kind
}

export function transactionErrorDebug(error: TransactionError): string {
  switch (error.kind) {
    case 'InstructionError':
      return `InstructionError(${error.index}, ${instructionErrorDebug(error.error)})`
    case 'DuplicateInstruction':
      return `DuplicateInstruction(${error.index})`
    case 'InsufficientFundsForRent':
    case 'ProgramExecutionTemporarilyRestricted':
      return `${error.kind} { account_index: ${error.index} }`
    default:
      return error.kind
  }
}

export function compiledText(instruction: Omit<InnerInstruction, 'stackHeight'>): string {
  const { programIdIndex, accounts, data } = instruction
  return `CompiledInstruction { program_id_index: ${programIdIndex}, accounts: ${bytesText(accounts)}, data: ${bytesText(data)} }`
}

export function innerText(inner: InnerInstruction): string {
  return `InnerInstruction { instruction: ${compiledText(inner)}, stack_height: ${inner.stackHeight} }`
}

export function returnDataText({ programId, data }: ReturnData): string {
  return `TransactionReturnData { program_id: ${programId}, data: ${bytesText(data)} }`
}

export function metadataText(result: TransactionResult): string {
  const inner = listText(result.inner, (list) => listText(list, innerText))
  return `TransactionMetadata { signature: ${toBase58(result.signature)}, logs: ${listText(result.logs, stringText)}, inner_instructions: ${inner}, compute_units_consumed: ${result.units}, return_data: ${returnDataText(result.returnData)}, fee: ${result.fee} }`
}
