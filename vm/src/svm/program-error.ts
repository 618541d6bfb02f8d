import type { InstructionError, InstructionErrorName } from '../host/solana/errors.ts'

/** Errors that programs name in the upper half of r0, from 1 on (solana-program-error). */
const named: readonly Exclude<InstructionErrorName, 'Custom'>[] = [
  'InvalidArgument',
  'InvalidInstructionData',
  'InvalidAccountData',
  'AccountDataTooSmall',
  'InsufficientFunds',
  'IncorrectProgramId',
  'MissingRequiredSignature',
  'AccountAlreadyInitialized',
  'UninitializedAccount',
  'NotEnoughAccountKeys',
  'AccountBorrowFailed',
  'MaxSeedLengthExceeded',
  'InvalidSeeds',
  'BorshIoError',
  'AccountNotRentExempt',
  'UnsupportedSysvar',
  'IllegalOwner',
  'MaxAccountsDataAllocationsExceeded',
  'InvalidRealloc',
  'MaxInstructionTraceLengthExceeded',
  'BuiltinProgramsMustConsumeComputeUnits',
  'InvalidAccountOwner',
  'ArithmeticOverflow',
  'Immutable',
  'IncorrectAuthority',
]

/**
 * The error that a program answered with.
 * @param status not 0
 * @example programError(6000n) // { kind: 'Custom', code: 6000 }
 */
export function programError(status: bigint): InstructionError {
  const high = status >> 32n
  if (high === 0n) return { kind: 'Custom', code: Number(status) }
  if ((status & 0xffff_ffffn) !== 0n) return { kind: 'InvalidError' }
  if (high === 1n) return { kind: 'Custom', code: 0 }
  const kind = named[Number(high) - 2]
  return { kind: kind ?? 'InvalidError' }
}
