import {
  type InstructionError,
  instructionErrors,
  type TransactionError,
  transactionErrors,
} from '../../host/solana/errors.ts'
import { internal, onlyInternal } from './napi.ts'

type InstructionKind = InstructionError['kind']
type TransactionKind = TransactionError['kind']
type Numbered<K extends string> = { readonly [N in K]: number }

/** Errors that carry nothing, numbered in Agave's order; those in `last` come behind, in that order. */
function numbered<K extends string>(
  names: readonly K[],
  without: ReadonlySet<string>,
  last: readonly K[],
): Numbered<K> {
  const first = names.filter((name) => !without.has(name) && !last.includes(name))
  const rows = [...first, ...last].map((name, i) => [name, i] as const)
  return Object.fromEntries(rows) as Numbered<K>
}

/** Numbers of instruction errors without fields, as `TransactionErrorInstructionError.err()` answers them. */
export const InstructionErrorFieldless: Numbered<Exclude<InstructionKind, 'Custom'>> = numbered(
  instructionErrors.map(([name]) => name as Exclude<InstructionKind, 'Custom'>),
  new Set(['Custom']),
  ['BorshIoError'],
)
export type InstructionErrorFieldless = number

type Fields =
  | 'InstructionError'
  | 'DuplicateInstruction'
  | 'InsufficientFundsForRent'
  | 'ProgramExecutionTemporarilyRestricted'
type Fieldless = Exclude<TransactionKind, Fields>

/** Numbers of transaction errors without fields, as `FailedTransactionMetadata.err()` answers them. */
export const TransactionErrorFieldless: Numbered<Fieldless> = numbered(
  transactionErrors.map(([name]) => name as Fieldless),
  new Set<string>([
    'InstructionError',
    'DuplicateInstruction',
    'InsufficientFundsForRent',
    'ProgramExecutionTemporarilyRestricted',
  ]),
  // litesvm numbers these two the other way round than Agave
  [
    'ResanitizationNeeded',
    'InvalidLoadedAccountsDataSizeLimit',
    'UnbalancedTransaction',
    'ProgramCacheHitMaxLimit',
    'CommitCancelled',
  ],
)
export type TransactionErrorFieldless = number

/** A program's own error. */
export class InstructionErrorCustom {
  readonly #code: number

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, code = 0) {
    onlyInternal(token)
    this.#code = code
  }
  get code(): number {
    return this.#code
  }
  toString(): string {
    return `InstructionErrorCustom { code: ${this.#code} }`
  }
}

function instructionErrorOf(error: InstructionError): number | InstructionErrorCustom {
  return error.kind === 'Custom'
    ? new InstructionErrorCustom(internal, error.code)
    : InstructionErrorFieldless[error.kind]
}

/** An instruction of the transaction failed; `index` is its place. */
export class TransactionErrorInstructionError {
  readonly #index: number
  readonly #error: InstructionError

  /** Not to be called: LiteSVM makes them. */
  constructor(
    token?: typeof internal,
    index = 0,
    error: InstructionError = { kind: 'GenericError' },
  ) {
    onlyInternal(token)
    this.#index = index
    this.#error = error
  }
  get index(): number {
    return this.#index
  }
  /** A number of `InstructionErrorFieldless`, or the program's own. */
  err(): InstructionErrorFieldless | InstructionErrorCustom {
    return instructionErrorOf(this.#error)
  }
  toString(): string {
    const inner = this.#error.kind === 'Custom' ? String(this.err()) : this.#error.kind
    return `TransactionErrorInstructionError { index: ${this.#index}, error: ${inner} }`
  }
}

/** Two compute-budget instructions of one kind; `index` is the second's place. */
export class TransactionErrorDuplicateInstruction {
  readonly #index: number

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, index = 0) {
    onlyInternal(token)
    this.#index = index
  }
  get index(): number {
    return this.#index
  }
  toString(): string {
    return `TransactionErrorDuplicateInstruction { index: ${this.#index} }`
  }
}

/** An account would be left with less than rent asks for. */
export class TransactionErrorInsufficientFundsForRent {
  readonly #accountIndex: number

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, accountIndex = 0) {
    onlyInternal(token)
    this.#accountIndex = accountIndex
  }
  get accountIndex(): number {
    return this.#accountIndex
  }
  toString(): string {
    return `TransactionErrorInsufficientFundsForRent { account_index: ${this.#accountIndex} }`
  }
}

/** A program that may not be run now. */
export class TransactionErrorProgramExecutionTemporarilyRestricted {
  readonly #accountIndex: number

  /** Not to be called: LiteSVM makes them. */
  constructor(token?: typeof internal, accountIndex = 0) {
    onlyInternal(token)
    this.#accountIndex = accountIndex
  }
  get accountIndex(): number {
    return this.#accountIndex
  }
  toString(): string {
    return `TransactionErrorProgramExecutionTemporarilyRestricted { account_index: ${this.#accountIndex} }`
  }
}

/** What `FailedTransactionMetadata.err()` answers; a number is one of `TransactionErrorFieldless`. */
export type LiteTransactionError =
  | TransactionErrorFieldless
  | TransactionErrorInstructionError
  | TransactionErrorDuplicateInstruction
  | TransactionErrorInsufficientFundsForRent
  | TransactionErrorProgramExecutionTemporarilyRestricted

export function liteError(error: TransactionError): LiteTransactionError {
  switch (error.kind) {
    case 'InstructionError':
      return new TransactionErrorInstructionError(internal, error.index, error.error)
    case 'DuplicateInstruction':
      return new TransactionErrorDuplicateInstruction(internal, error.index)
    case 'InsufficientFundsForRent':
      return new TransactionErrorInsufficientFundsForRent(internal, error.index)
    case 'ProgramExecutionTemporarilyRestricted':
      return new TransactionErrorProgramExecutionTemporarilyRestricted(internal, error.index)
    default:
      return TransactionErrorFieldless[error.kind]
  }
}
