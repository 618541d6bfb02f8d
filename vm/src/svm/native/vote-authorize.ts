import { fail } from '../../host/solana/errors.ts'
import { sysvarIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'
import { addressWithSeed } from './program.ts'
import { type ClockView, checkSysvarAccount, clockOf } from './sysvar-views.ts'
import { checkPossession } from './vote-bls.ts'
import type { VoteAuthorize } from './vote-data.ts'
import { voteFail } from './vote-errors.ts'
import { storeVoteState, type VoteState, voterOf, voteStateOf } from './vote-state.ts'

/** @throws {InstructionFailure} MissingRequiredSignature */
export function checkSigner(context: InvokeContext, authority: Pubkey): void {
  if (!context.instruction.signers().has(authority.key)) fail('MissingRequiredSignature')
}

/** Gives an authority of the vote account to another key; `signers` are those that may allow it. */
export function authorize(
  context: InvokeContext,
  to: Pubkey,
  what: VoteAuthorize,
  signers: ReadonlySet<string>,
  clock: ClockView,
): void {
  const withBls = context.features.has('bls_pubkey_management_in_vote_account')
  const me = context.instruction.account(0)
  const state = voteStateOf(me)
  const byWithdrawer = signers.has(state.withdrawer.key)
  switch (what.kind) {
    case 'voter':
      if (withBls && state.blsKey !== undefined) fail('InvalidInstructionData')
      setVoter(state, to, clock, signers)
      break
    case 'withdrawer':
      if (!byWithdrawer) fail('MissingRequiredSignature')
      state.withdrawer = to
      break
    case 'voterWithBls':
      if (!withBls) fail('InvalidInstructionData')
      checkPossession(context, me.key, what.key, what.proof)
      setVoter(state, to, clock, signers)
      state.blsKey = what.key.slice()
      break
  }
  storeVoteState(me, state)
}

/** From the epoch after those whose leaders are known. The voter or the withdrawer must sign. */
function setVoter(
  state: VoteState,
  to: Pubkey,
  clock: ClockView,
  signers: ReadonlySet<string>,
): void {
  const from = clock.leaderScheduleEpoch + 1n
  if (from >= 1n << 64n) fail('InvalidAccountData')
  const voter = voterOf(state, clock.epoch)
  if (!signers.has(state.withdrawer.key) && !signers.has(voter.key))
    fail('MissingRequiredSignature')
  if (state.voters.has(from)) voteFail('TooSoonToReauthorize')
  state.voters.set(from, to)
}

/** The authority that allows it is derived from account 2, if that signs. */
export function authorizeDerived(
  context: InvokeContext,
  to: Pubkey,
  args: { readonly authorize: VoteAuthorize; readonly owner: Pubkey; readonly seed: string },
): void {
  const { instruction } = context
  checkSysvarAccount(context, 1, sysvarIds.clock)
  const clock = clockOf(context)
  const signers = new Set<string>()
  if (instruction.isSigner(2))
    signers.add(addressWithSeed(instruction.key(2), args.seed, args.owner).key)
  authorize(context, to, args.authorize, signers, clock)
}
