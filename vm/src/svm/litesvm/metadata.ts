import type { InnerInstruction as Inner, ReturnData, TransactionResult } from '../result.ts'
import {
  compiledText,
  innerText,
  metadataText,
  returnDataText,
  transactionErrorDebug,
} from './debug.ts'
import { type LiteTransactionError, liteError } from './errors.ts'
import { formatLogs } from './format-logs.ts'
import { asBytes, asU8, internal, onlyInternal } from './napi.ts'

/** An instruction as messages have it: places among the transaction's accounts. */
export class CompiledInstruction {
  readonly #programIdIndex: number
  readonly #accounts: Uint8Array
  readonly #data: Uint8Array

  constructor(programIdIndex: number, accounts: Uint8Array, data: Uint8Array) {
    this.#programIdIndex = asU8(programIdIndex)
    this.#accounts = asBytes(accounts).slice()
    this.#data = asBytes(data).slice()
  }
  programIdIndex(): number {
    return this.#programIdIndex
  }
  accounts(): Uint8Array {
    return this.#accounts.slice()
  }
  data(): Uint8Array {
    return this.#data.slice()
  }
  toString(): string {
    const [programIdIndex, accounts, data] = [this.#programIdIndex, this.#accounts, this.#data]
    return `CompiledInstruction(${compiledText({ programIdIndex, accounts, data })})`
  }
}

/** An instruction that a program called. */
export class InnerInstruction {
  readonly #inner: Inner

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, inner?: Inner) {
    onlyInternal(token)
    this.#inner = inner!
  }
  instruction(): CompiledInstruction {
    const { programIdIndex, accounts, data } = this.#inner
    return new CompiledInstruction(programIdIndex, accounts, data)
  }
  /** 2 for one called by an instruction of the transaction. */
  stackHeight(): number {
    return this.#inner.stackHeight
  }
  toString(): string {
    return `InnerInstruction(${innerText(this.#inner)})`
  }
}

/** What the last program that returned bytes returned. */
export class TransactionReturnData {
  readonly #returned: ReturnData

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, returned?: ReturnData) {
    onlyInternal(token)
    this.#returned = returned!
  }
  programId(): Uint8Array {
    return this.#returned.programId.bytes.slice()
  }
  data(): Uint8Array {
    return this.#returned.data.slice()
  }
  toString(): string {
    return `TransactionReturnData(${returnDataText(this.#returned)})`
  }
}

/** What a transaction did. */
export class TransactionMetadata {
  /** All that is known of it, the diff and frames with it: not in litesvm. */
  readonly result: TransactionResult

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, found?: TransactionResult) {
    onlyInternal(token)
    this.result = found!
  }
  /** 64 bytes. */
  signature(): Uint8Array {
    return this.result.signature.slice()
  }
  logs(): string[] {
    return [...this.result.logs]
  }
  /** A list for each instruction of the transaction. */
  innerInstructions(): InnerInstruction[][] {
    return this.result.inner.map((list) =>
      list.map((inner) => new InnerInstruction(internal, inner)),
    )
  }
  computeUnitsConsumed(): bigint {
    return this.result.units
  }
  returnData(): TransactionReturnData {
    return new TransactionReturnData(internal, this.result.returnData)
  }
  /** Logs in colours for terminals. */
  prettyLogs(): string {
    return formatLogs(this.result.logs)
  }
  toString(): string {
    return `TransactionMetadata(${metadataText(this.result)})`
  }
}

/** A transaction that failed: why, and what it did until then. */
export class FailedTransactionMetadata {
  /** All that is known of it, the diff and frames with it: not in litesvm. */
  readonly result: TransactionResult

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, found?: TransactionResult) {
    onlyInternal(token)
    this.result = found!
  }
  err(): LiteTransactionError {
    return liteError(this.result.error!)
  }
  meta(): TransactionMetadata {
    return new TransactionMetadata(internal, this.result)
  }
  toString(): string {
    const found = this.result
    return `FailedTransactionMetadata(FailedTransactionMetadata { err: ${transactionErrorDebug(found.error!)}, meta: ${metadataText(found)} })`
  }
}

export function metadataOf(
  found: TransactionResult,
): TransactionMetadata | FailedTransactionMetadata {
  return found.error === undefined
    ? new TransactionMetadata(internal, found)
    : new FailedTransactionMetadata(internal, found)
}
