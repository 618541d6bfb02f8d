import { ProgramFault } from '../errors.ts'

/** What programs are ended with by syscalls (solana-syscalls, `SyscallError`; solana-program-runtime, `CpiError`). */
export const syscallErrors = {
  Abort: 'SBF program panicked',
  UnalignedPointer: 'Unaligned pointer',
  TooManySigners: 'Too many signers',
  CopyOverlapping: 'Overlapping copy',
  TooManySlices: 'Hashing too many sequences',
  InvalidLength: 'InvalidLength',
  InvalidAttribute: 'InvalidAttribute',
  InvalidPointer: 'Invalid pointer',
  ArithmeticOverflow: 'Arithmetic overflow',
} as const
export type SyscallErrorName = keyof typeof syscallErrors

/** @throws {ProgramFault} always */
export function failCall(error: SyscallErrorName): never {
  throw new ProgramFault(syscallErrors[error])
}

/** The same, of errors whose texts have numbers in them. */
export const syscallErrorTexts = {
  panic: (file: string, line: bigint, column: bigint): string =>
    `SBF program Panicked in ${file} at ${line}:${column}`,
  badSeeds: (reason: string): string =>
    `Could not create program address with signer seeds: ${reason}`,
  programNotSupported: (program: string): string =>
    `Program ${program} not supported by inner instructions`,
  returnDataTooLarge: (length: bigint, most: bigint): string =>
    `Return data too large (${length} > ${most})`,
  dataTooLong: (length: bigint, most: bigint): string =>
    `Invoked an instruction with data that is too large (${length} > ${most})`,
  tooManyAccounts: (count: bigint, most: bigint): string =>
    `Invoked an instruction with too many accounts (${count} > ${most})`,
  tooManyAccountInfos: (count: bigint, most: bigint): string =>
    `Invoked an instruction with too many account info's (${count} > ${most})`,
} as const

/** Why seeds give no address (solana-address, `AddressError`). */
export const seedErrors = {
  MaxSeedLengthExceeded: 'Length of the seed is too long for address generation',
  InvalidSeeds: 'Provided seeds do not result in a valid address',
  IllegalOwner: 'Provided owner is not allowed',
} as const
