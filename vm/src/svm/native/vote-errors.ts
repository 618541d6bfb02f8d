import { fail } from '../../host/solana/errors.ts'

/** Errors of the vote program; each is a custom error of its place (solana-vote-interface). */
export const voteErrors = [
  'VoteTooOld',
  'SlotsMismatch',
  'SlotHashMismatch',
  'EmptySlots',
  'TimestampTooOld',
  'TooSoonToReauthorize',
  'LockoutConflict',
  'NewVoteStateLockoutMismatch',
  'SlotsNotOrdered',
  'ConfirmationsNotOrdered',
  'ZeroConfirmations',
  'ConfirmationTooLarge',
  'RootRollBack',
  'ConfirmationRollBack',
  'SlotSmallerThanRoot',
  'TooManyVotes',
  'VotesTooOldAllFiltered',
  'RootOnDifferentFork',
  'ActiveVoteAccountClose',
  'CommissionUpdateTooLate',
  'AssertionFailed',
] as const
export type VoteError = (typeof voteErrors)[number]

/** @throws {InstructionFailure} always, with the error's number */
export function voteFail(error: VoteError): never {
  return fail({ kind: 'Custom', code: voteErrors.indexOf(error) })
}
