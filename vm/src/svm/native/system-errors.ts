import { fail } from '../../host/solana/errors.ts'

/** Errors of the system program; each is a custom error of its place (solana-system-interface). */
export const systemErrors = [
  'AccountAlreadyInUse',
  'ResultWithNegativeLamports',
  'InvalidProgramId',
  'InvalidAccountDataLength',
  'MaxSeedLengthExceeded',
  'AddressWithSeedMismatch',
  'NonceNoRecentBlockhashes',
  'NonceBlockhashNotExpired',
  'NonceUnexpectedBlockhashValue',
] as const
export type SystemError = (typeof systemErrors)[number]

/** @throws {InstructionFailure} always, with the error's number */
export function systemFail(error: SystemError): never {
  return fail({ kind: 'Custom', code: systemErrors.indexOf(error) })
}
