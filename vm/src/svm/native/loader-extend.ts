import { maxAccountBytes } from '../../host/solana/account.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { HeldAccount, InvokeContext } from '../../host/solana/runtime.ts'
import { loaderStateBytes, readLoaderState, storeLoaderState } from './loader-state.ts'
import { verifyDeployment } from './loader-verify.ts'
import { refuse } from './refuse.ts'
import { transferInstruction } from './system-calls.ts'
import { clockOf, rentOf } from './sysvar-views.ts'

/** Least bytes that a program grows by, unless fewer are possible (SIMD-0431). */
const leastExtension = 10_240

const at = { programData: 0, program: 1, payer: 3 } as const

/** Makes room for larger versions of a program. */
export function extendProgram(context: InvokeContext, bytes: number): void {
  const { instruction } = context
  if (bytes === 0)
    refuse(context, 'Additional bytes must be greater than 0', 'InvalidInstructionData')
  const held = instruction.hold(at.programData)
  const { authority, length } = checkExtension(context, held, bytes)
  const { slot } = clockOf(context)
  const least = rentOf(context).minimumBalance(length)
  const needed = (least > 1n ? least : 1n) - held.lamports
  held.release()
  if (needed > 0n)
    context.invokeSigned(transferInstruction(instruction.key(at.payer), held.key, needed), [])

  const programData = instruction.account(at.programData)
  programData.setDataLength(length)
  const program = programData.data.subarray(loaderStateBytes.programData)
  // old versions may still be extended where they may not be deployed
  verifyDeployment(context, program, { oldVersions: true })
  context.programs.set(instruction.key(at.program), { kind: 'delayed' })
  storeLoaderState(programData, { kind: 'programData', slot, authority })
  context.log(`Extended ProgramData account by ${bytes} bytes`)
}

/** The account's length afterwards, and who may change the program. */
function checkExtension(
  context: InvokeContext,
  programData: HeldAccount,
  bytes: number,
): { readonly length: number; readonly authority: Pubkey } {
  if (!programData.owner.equals(programIds.loaderV3))
    refuse(context, 'ProgramData owner is invalid', 'InvalidAccountOwner')
  if (!programData.isWritable) refuse(context, 'ProgramData is not writable', 'InvalidArgument')
  checkProgram(context, programData)

  const before = programData.data.length
  const length = before + bytes
  if (length > maxAccountBytes)
    refuse(
      context,
      `Extended ProgramData length of ${length} bytes exceeds max account data length of ${maxAccountBytes} bytes`,
      'InvalidRealloc',
    )
  if (
    context.features.has('loader_v3_minimum_extend_program_size') &&
    bytes < leastExtension &&
    length !== maxAccountBytes
  )
    refuse(
      context,
      `ExtendProgram requires a minimum of ${leastExtension} additional bytes or to extend to maximum size, but only ${bytes} were requested`,
      'InvalidArgument',
    )

  const { slot } = clockOf(context)
  const state = readLoaderState(programData.data)
  if (state.kind !== 'programData')
    return refuse(context, 'ProgramData state is invalid', 'InvalidAccountData')
  if (slot === state.slot)
    refuse(context, 'Program was extended in this block already', 'InvalidArgument')
  if (state.authority === undefined)
    return refuse(
      context,
      'Cannot extend ProgramData accounts that are not upgradeable',
      'Immutable',
    )
  return { authority: state.authority, length }
}

function checkProgram(context: InvokeContext, programData: HeldAccount): void {
  const program = context.instruction.account(at.program)
  if (!program.isWritable) refuse(context, 'Program account is not writable', 'InvalidArgument')
  if (!program.owner.equals(programIds.loaderV3))
    refuse(context, 'Program account not owned by loader', 'InvalidAccountOwner')
  const found = readLoaderState(program.data)
  if (found.kind !== 'program')
    return refuse(context, 'Invalid Program account', 'InvalidAccountData')
  if (!found.programData.equals(programData.key))
    refuse(context, 'Program account does not match ProgramData account', 'InvalidArgument')
}
