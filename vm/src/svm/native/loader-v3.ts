import { fail } from '../../host/solana/errors.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { Builtin, InvokeContext } from '../../host/solana/runtime.ts'
import { blob, u32, u64 } from './bincode.ts'
import { closeAccount } from './loader-close.ts'
import { deployWithMaxDataLen, upgrade } from './loader-deploy.ts'
import { extendProgram } from './loader-extend.ts'
import { loaderStateBytes, readLoaderState, storeLoaderState } from './loader-state.ts'
import { versionIsOld } from './loader-verify.ts'
import { dispatch, type InstructionRow, row } from './program.ts'
import { refuse } from './refuse.ts'

function write(context: InvokeContext, offset: number, bytes: Uint8Array): void {
  const { instruction } = context
  instruction.checkAccountCount(2)
  const state = readLoaderState(instruction.account(0).data)
  if (state.kind !== 'buffer') refuse(context, 'Invalid Buffer account', 'InvalidAccountData')
  checkAuthority(context, state.authority, bufferAuthority)
  const data = instruction.account(0).dataToWrite()
  const start = loaderStateBytes.buffer + offset
  const end = start + bytes.length
  if (data.length < end)
    refuse(context, `Write overflow: ${data.length} < ${end}`, 'AccountDataTooSmall')
  data.set(bytes, start)
}

interface AuthorityTexts {
  readonly none: string
  readonly other: string
  readonly unsigned: string
}
const bufferAuthority: AuthorityTexts = {
  none: 'Buffer is immutable',
  other: 'Incorrect buffer authority provided',
  unsigned: 'Buffer authority did not sign',
}
const upgradeAuthority: AuthorityTexts = {
  none: 'Program not upgradeable',
  other: 'Incorrect upgrade authority provided',
  unsigned: 'Upgrade authority did not sign',
}

/** Account 1 must be the authority, and sign. */
function checkAuthority(
  context: InvokeContext,
  authority: Pubkey | undefined,
  texts: AuthorityTexts,
): void {
  const { instruction } = context
  if (authority === undefined) return refuse(context, texts.none, 'Immutable')
  if (!authority.equals(instruction.key(1))) refuse(context, texts.other, 'IncorrectAuthority')
  if (!instruction.isSigner(1)) refuse(context, texts.unsigned, 'MissingRequiredSignature')
}

/** Whether account 2 is there decides whether anyone may change account 0 from now on. */
function setAuthority(context: InvokeContext): void {
  const { instruction } = context
  instruction.checkAccountCount(2)
  const account = instruction.account(0)
  const to = instruction.accountCount > 2 ? instruction.key(2) : undefined
  const state = readLoaderState(account.data)
  switch (state.kind) {
    case 'buffer':
      if (to === undefined)
        refuse(context, 'Buffer authority is not optional', 'IncorrectAuthority')
      checkAuthority(context, state.authority, bufferAuthority)
      break
    case 'programData':
      checkAuthority(context, state.authority, upgradeAuthority)
      if (
        to === undefined &&
        context.features.has('disable_sbpf_v0_v1_v2_deployment') &&
        versionIsOld(account.data.subarray(loaderStateBytes.programData))
      )
        fail('InvalidAccountData')
      break
    default:
      return refuse(context, 'Account does not support authorities', 'InvalidArgument')
  }
  storeLoaderState(account, { ...state, authority: to })
  context.log(`New authority ${to === undefined ? 'None' : `Some(${to})`}`)
}

/** Account 2 must sign. */
function setAuthorityChecked(context: InvokeContext): void {
  if (!context.features.has('enable_bpf_loader_set_authority_checked_ix'))
    fail('InvalidInstructionData')
  const { instruction } = context
  instruction.checkAccountCount(3)
  const account = instruction.account(0)
  const to = instruction.key(2)
  const state = readLoaderState(account.data)
  if (state.kind !== 'buffer' && state.kind !== 'programData')
    return refuse(context, 'Account does not support authorities', 'InvalidArgument')
  const texts = state.kind === 'buffer' ? bufferAuthority : upgradeAuthority
  checkAuthority(context, state.authority, texts)
  if (!instruction.isSigner(2))
    refuse(context, 'New authority did not sign', 'MissingRequiredSignature')
  storeLoaderState(account, { ...state, authority: to })
  context.log(`New authority ${to}`)
}

/** Instructions by their numbers (solana-loader-v3-interface 7.0.0, `UpgradeableLoaderInstruction`). */
export const loaderV3Instructions: readonly InstructionRow[] = [
  row('InitializeBuffer', {}, (context) => {
    const { instruction } = context
    instruction.checkAccountCount(2)
    const buffer = instruction.account(0)
    if (readLoaderState(buffer.data).kind !== 'uninitialized')
      refuse(context, 'Buffer account already initialized', 'AccountAlreadyInitialized')
    storeLoaderState(buffer, { kind: 'buffer', authority: instruction.key(1) })
  }),
  row('Write', { offset: u32, bytes: blob }, (context, { offset, bytes }) =>
    write(context, offset, bytes),
  ),
  row('DeployWithMaxDataLen', { maxDataLen: u64 }, (context, { maxDataLen }) =>
    deployWithMaxDataLen(context, maxDataLen),
  ),
  row('Upgrade', {}, upgrade),
  row('SetAuthority', {}, setAuthority),
  row('Close', {}, closeAccount),
  row('ExtendProgram', { bytes: u32 }, (context, { bytes }) => extendProgram(context, bytes)),
  row('SetAuthorityChecked', {}, setAuthorityChecked),
]

/** Units that managing programs costs; programs that it runs cost what they execute. */
const managementUnits = 2370n

/** Deploys programs, changes them, and runs them. */
export const loaderV3: Builtin = {
  id: programIds.loaderV3,
  name: 'solana_bpf_loader_upgradeable_program',
  units: 0n,
  process(context) {
    if (!context.instruction.programOwner.equals(programIds.nativeLoader))
      return context.runProgram()
    context.consume(managementUnits)
    dispatch(loaderV3Instructions, context)
  },
}
