/** Errors of instructions in the order of their numbers (solana-instruction-error), and what they print. */
export const instructionErrors = [
  ['GenericError', 'generic instruction error'],
  ['InvalidArgument', 'invalid program argument'],
  ['InvalidInstructionData', 'invalid instruction data'],
  ['InvalidAccountData', 'invalid account data for instruction'],
  ['AccountDataTooSmall', 'account data too small for instruction'],
  ['InsufficientFunds', 'insufficient funds for instruction'],
  ['IncorrectProgramId', 'incorrect program id for instruction'],
  ['MissingRequiredSignature', 'missing required signature for instruction'],
  ['AccountAlreadyInitialized', 'instruction requires an uninitialized account'],
  ['UninitializedAccount', 'instruction requires an initialized account'],
  ['UnbalancedInstruction', 'sum of account balances before and after instruction do not match'],
  ['ModifiedProgramId', 'instruction illegally modified the program id of an account'],
  [
    'ExternalAccountLamportSpend',
    'instruction spent from the balance of an account it does not own',
  ],
  ['ExternalAccountDataModified', 'instruction modified data of an account it does not own'],
  ['ReadonlyLamportChange', 'instruction changed the balance of a read-only account'],
  ['ReadonlyDataModified', 'instruction modified data of a read-only account'],
  ['DuplicateAccountIndex', 'instruction contains duplicate accounts'],
  ['ExecutableModified', 'instruction changed executable bit of an account'],
  ['RentEpochModified', 'instruction modified rent epoch of an account'],
  ['NotEnoughAccountKeys', 'insufficient account keys for instruction'],
  [
    'AccountDataSizeChanged',
    "program other than the account's owner changed the size of the account data",
  ],
  ['AccountNotExecutable', 'instruction expected an executable account'],
  [
    'AccountBorrowFailed',
    'instruction tries to borrow reference for an account which is already borrowed',
  ],
  ['AccountBorrowOutstanding', 'instruction left account with an outstanding borrowed reference'],
  ['DuplicateAccountOutOfSync', 'instruction modifications of multiply-passed account differ'],
  ['Custom', 'custom program error'],
  ['InvalidError', 'program returned invalid error code'],
  ['ExecutableDataModified', 'instruction changed executable accounts data'],
  ['ExecutableLamportChange', 'instruction changed the balance of an executable account'],
  ['ExecutableAccountNotRentExempt', 'executable accounts must be rent exempt'],
  ['UnsupportedProgramId', 'Unsupported program id'],
  ['CallDepth', 'Cross-program invocation call depth too deep'],
  ['MissingAccount', 'An account required by the instruction is missing'],
  ['ReentrancyNotAllowed', 'Cross-program invocation reentrancy not allowed for this instruction'],
  ['MaxSeedLengthExceeded', 'Length of the seed is too long for address generation'],
  ['InvalidSeeds', 'Provided seeds do not result in a valid address'],
  ['InvalidRealloc', 'Failed to reallocate account data'],
  ['ComputationalBudgetExceeded', 'Computational budget exceeded'],
  ['PrivilegeEscalation', 'Cross-program invocation with unauthorized signer or writable account'],
  ['ProgramEnvironmentSetupFailure', 'Failed to create program execution environment'],
  ['ProgramFailedToComplete', 'Program failed to complete'],
  ['ProgramFailedToCompile', 'Program failed to compile'],
  ['Immutable', 'Account is immutable'],
  ['IncorrectAuthority', 'Incorrect authority provided'],
  ['BorshIoError', 'Failed to serialize or deserialize account data'],
  ['AccountNotRentExempt', 'An account does not have enough lamports to be rent-exempt'],
  ['InvalidAccountOwner', 'Invalid account owner'],
  ['ArithmeticOverflow', 'Program arithmetic overflowed'],
  ['UnsupportedSysvar', 'Unsupported sysvar'],
  ['IllegalOwner', 'Provided owner is not allowed'],
  [
    'MaxAccountsDataAllocationsExceeded',
    'Accounts data allocations exceeded the maximum allowed per transaction',
  ],
  ['MaxAccountsExceeded', 'Max accounts exceeded'],
  ['MaxInstructionTraceLengthExceeded', 'Max instruction trace length exceeded'],
  ['BuiltinProgramsMustConsumeComputeUnits', 'Builtin programs must consume compute units'],
] as const
export type InstructionErrorName = (typeof instructionErrors)[number][0]

/** An instruction's error; `Custom` carries the program's own number. */
export type InstructionError =
  | { readonly kind: Exclude<InstructionErrorName, 'Custom'> }
  | { readonly kind: 'Custom'; readonly code: number }

const instructionTexts = new Map<string, string>(instructionErrors)

/** @example instructionErrorText({ kind: 'Custom', code: 6000 }) // 'custom program error: 0x1770' */
export function instructionErrorText(error: InstructionError): string {
  if (error.kind === 'Custom') return `custom program error: 0x${error.code.toString(16)}`
  return instructionTexts.get(error.kind)!
}

/** Ends an instruction: thrown by native programs and by the runtime, caught where instructions are run. */
export class InstructionFailure extends Error {
  readonly error: InstructionError

  constructor(error: InstructionError | Exclude<InstructionErrorName, 'Custom'>) {
    const value: InstructionError = typeof error === 'string' ? { kind: error } : error
    super(instructionErrorText(value))
    this.name = 'InstructionFailure'
    this.error = value
  }
}

/** @throws {InstructionFailure} always */
export function fail(error: InstructionError | Exclude<InstructionErrorName, 'Custom'>): never {
  throw new InstructionFailure(error)
}

/**
 * Ends a program in a way that only the log tells: the instruction's error is ProgramFailedToComplete.
 * `message` is what follows `Program ID failed: `.
 */
export class ProgramFault extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'ProgramFault'
  }
}

/** Errors of transactions in the order of their numbers (solana-transaction-error), and what they print. */
export const transactionErrors = [
  ['AccountInUse', 'Account in use'],
  ['AccountLoadedTwice', 'Account loaded twice'],
  ['AccountNotFound', 'Attempt to debit an account but found no record of a prior credit.'],
  ['ProgramAccountNotFound', 'Attempt to load a program that does not exist'],
  ['InsufficientFundsForFee', 'Insufficient funds for fee'],
  ['InvalidAccountForFee', 'This account may not be used to pay transaction fees'],
  ['AlreadyProcessed', 'This transaction has already been processed'],
  ['BlockhashNotFound', 'Blockhash not found'],
  ['InstructionError', 'Error processing Instruction'],
  ['CallChainTooDeep', 'Loader call chain is too deep'],
  ['MissingSignatureForFee', 'Transaction requires a fee but has no signature present'],
  ['InvalidAccountIndex', 'Transaction contains an invalid account reference'],
  ['SignatureFailure', 'Transaction did not pass signature verification'],
  ['InvalidProgramForExecution', 'This program may not be used for executing instructions'],
  ['SanitizeFailure', 'Transaction failed to sanitize accounts offsets correctly'],
  ['ClusterMaintenance', 'Transactions are currently disabled due to cluster maintenance'],
  [
    'AccountBorrowOutstanding',
    'Transaction processing left an account with an outstanding borrowed reference',
  ],
  ['WouldExceedMaxBlockCostLimit', 'Transaction would exceed max Block Cost Limit'],
  ['UnsupportedVersion', 'Transaction version is unsupported'],
  ['InvalidWritableAccount', 'Transaction loads a writable account that cannot be written'],
  ['WouldExceedMaxAccountCostLimit', 'Transaction would exceed max account limit within the block'],
  [
    'WouldExceedAccountDataBlockLimit',
    'Transaction would exceed account data limit within the block',
  ],
  ['TooManyAccountLocks', 'Transaction locked too many accounts'],
  ['AddressLookupTableNotFound', "Transaction loads an address table account that doesn't exist"],
  [
    'InvalidAddressLookupTableOwner',
    'Transaction loads an address table account with an invalid owner',
  ],
  ['InvalidAddressLookupTableData', 'Transaction loads an address table account with invalid data'],
  ['InvalidAddressLookupTableIndex', 'Transaction address table lookup uses an invalid index'],
  [
    'InvalidRentPayingAccount',
    'Transaction leaves an account with a lower balance than rent-exempt minimum',
  ],
  ['WouldExceedMaxVoteCostLimit', 'Transaction would exceed max Vote Cost Limit'],
  ['WouldExceedAccountDataTotalLimit', 'Transaction would exceed total account data limit'],
  ['DuplicateInstruction', 'Transaction contains a duplicate instruction'],
  [
    'InsufficientFundsForRent',
    'Transaction results in an account with insufficient funds for rent',
  ],
  ['MaxLoadedAccountsDataSizeExceeded', 'Transaction exceeded max loaded accounts data size cap'],
  [
    'InvalidLoadedAccountsDataSizeLimit',
    'LoadedAccountsDataSizeLimit set for transaction must be greater than 0.',
  ],
  ['ResanitizationNeeded', 'ResanitizationNeeded'],
  ['ProgramExecutionTemporarilyRestricted', 'Execution of the program is temporarily restricted'],
  ['UnbalancedTransaction', 'Sum of account balances before and after transaction do not match'],
  ['ProgramCacheHitMaxLimit', 'Program cache hit max limit'],
  ['CommitCancelled', 'CommitCancelled'],
] as const
export type TransactionErrorName = (typeof transactionErrors)[number][0]
type Indexed =
  | 'DuplicateInstruction'
  | 'InsufficientFundsForRent'
  | 'ProgramExecutionTemporarilyRestricted'

/** A transaction's error; `index` is that of the instruction, or of the account. */
export type TransactionError =
  | { readonly kind: Exclude<TransactionErrorName, Indexed | 'InstructionError'> }
  | { readonly kind: Indexed; readonly index: number }
  | { readonly kind: 'InstructionError'; readonly index: number; readonly error: InstructionError }

const transactionTexts = new Map<string, string>(transactionErrors)

/** As Agave prints it. @example transactionErrorText({ kind: 'AccountInUse' }) // 'Account in use' */
export function transactionErrorText(error: TransactionError): string {
  switch (error.kind) {
    case 'InstructionError':
      return `Error processing Instruction ${error.index}: ${instructionErrorText(error.error)}`
    case 'DuplicateInstruction':
      return `Transaction contains a duplicate instruction (${error.index}) that is not allowed`
    case 'InsufficientFundsForRent':
      return `Transaction results in an account (${error.index}) with insufficient funds for rent`
    case 'ProgramExecutionTemporarilyRestricted':
      return `Execution of the program referenced by account at index ${error.index} is temporarily restricted.`
    default:
      return transactionTexts.get(error.kind)!
  }
}
