import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'
import { loaderStateBytes, readLoaderState, storeLoaderState } from './loader-state.ts'
import { refuse } from './refuse.ts'
import { clockOf } from './sysvar-views.ts'

/** Gives the lamports of account 0 to account 1; of a program's bytes, ends the program. */
export function closeAccount(context: InvokeContext): void {
  const { instruction } = context
  instruction.checkAccountCount(2)
  if (instruction.key(0).equals(instruction.key(1)))
    refuse(context, 'Recipient is the same as the account being closed', 'InvalidArgument')
  const account = instruction.account(0)
  const { key } = account
  const state = readLoaderState(account.data)
  account.setDataLength(loaderStateBytes.uninitialized)
  switch (state.kind) {
    case 'uninitialized':
      instruction.account(1).addLamports(account.lamports)
      account.setLamports(0n)
      context.log(`Closed Uninitialized ${key}`)
      return
    case 'buffer':
      instruction.checkAccountCount(3)
      drain(context, state.authority)
      context.log(`Closed Buffer ${key}`)
      return
    case 'programData':
      instruction.checkAccountCount(4)
      closeProgram(context, key, state)
      return
    default:
      refuse(context, 'Account does not support closing', 'InvalidArgument')
  }
}

function closeProgram(
  context: InvokeContext,
  key: Pubkey,
  state: { readonly slot: bigint; readonly authority: Pubkey | undefined },
): void {
  const { instruction } = context
  const program = instruction.account(3)
  if (!program.isWritable) refuse(context, 'Program account is not writable', 'InvalidArgument')
  if (!program.owner.equals(instruction.programId))
    refuse(context, 'Program account not owned by loader', 'IncorrectProgramId')
  if (clockOf(context).slot === state.slot)
    refuse(context, 'Program was deployed in this block already', 'InvalidArgument')
  const found = readLoaderState(program.data)
  if (found.kind !== 'program') return refuse(context, 'Invalid Program account', 'InvalidArgument')
  if (!found.programData.equals(key))
    refuse(context, 'ProgramData account does not match ProgramData account', 'InvalidArgument')
  drain(context, state.authority)
  context.programs.set(program.key, { kind: 'closed' })
  context.log(`Closed Program ${program.key}`)
}

/** Account 2, the authority, must sign. */
function drain(context: InvokeContext, authority: Pubkey | undefined): void {
  const { instruction } = context
  if (authority === undefined) return refuse(context, 'Account is immutable', 'Immutable')
  if (!authority.equals(instruction.key(2)))
    refuse(context, 'Incorrect authority provided', 'IncorrectAuthority')
  if (!instruction.isSigner(2))
    refuse(context, 'Authority did not sign', 'MissingRequiredSignature')
  const account = instruction.account(0)
  instruction.account(1).addLamports(account.lamports)
  account.setLamports(0n)
  storeLoaderState(account, { kind: 'uninitialized' })
}
