import { maxAccountBytes } from '../../host/solana/account.ts'
import { findProgramAddress } from '../../host/solana/crypto/pda.ts'
import { programIds, sysvarIds } from '../../host/solana/ids.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'
import type { InvokeContext } from '../../host/solana/runtime.ts'
import { loaderStateBytes, readLoaderState, storeLoaderState } from './loader-state.ts'
import { verifyDeployment } from './loader-verify.ts'
import { refuse } from './refuse.ts'
import { createAccountInstruction, writable } from './system-calls.ts'
import { checkSysvarAccount, clockOf, type RentView, rentOf } from './sysvar-views.ts'

const head = loaderStateBytes
const u64Max = 2n ** 64n - 1n

/**
 * The buffer to be deployed: its authority signs, and it holds a program.
 * @returns bytes of the program
 */
function checkBuffer(context: InvokeContext, at: number, authorityAt: number): number {
  const { instruction } = context
  const buffer = instruction.account(at)
  if (!buffer.isWritable) refuse(context, 'Buffer account not writeable', 'InvalidArgument')
  if (!buffer.owner.equals(instruction.programId))
    refuse(context, 'Buffer account not owned by loader', 'IncorrectProgramId')
  const state = readLoaderState(buffer.data)
  if (state.kind !== 'buffer') return refuse(context, 'Invalid Buffer account', 'InvalidArgument')
  if (!state.authority?.equals(instruction.key(authorityAt)))
    refuse(context, "Buffer and upgrade authority don't match", 'IncorrectAuthority')
  if (!instruction.isSigner(authorityAt))
    refuse(context, 'Upgrade authority did not sign', 'MissingRequiredSignature')
  const length = buffer.data.length - head.buffer
  if (length <= 0) refuse(context, 'Buffer account too small', 'InvalidAccountData')
  return length
}

function checkSysvars(context: InvokeContext): { rent: RentView; slot: bigint } {
  checkSysvarAccount(context, 4, sysvarIds.rent)
  const rent = rentOf(context)
  checkSysvarAccount(context, 5, sysvarIds.clock)
  return { rent, slot: clockOf(context).slot }
}

function atLeastOne(lamports: bigint): bigint {
  return lamports > 1n ? lamports : 1n
}

/** Accounts: payer, program data, program, buffer, rent, clock, system program, authority. */
export function deployWithMaxDataLen(context: InvokeContext, maxDataLen: bigint): void {
  const { instruction } = context
  instruction.checkAccountCount(4)
  const { rent, slot } = checkSysvars(context)
  instruction.checkAccountCount(8)
  const programKey = checkNewProgram(context, rent)
  const length = checkBuffer(context, 3, 7)
  if (maxDataLen < BigInt(length))
    refuse(context, 'Max data length is too small to hold Buffer data', 'AccountDataTooSmall')
  const space = maxDataLen + BigInt(head.programData)
  if (space > BigInt(maxAccountBytes))
    refuse(context, 'Max data length is too large', 'InvalidArgument')
  const address = programDataAddress(programKey)
  if (!address?.equals(instruction.key(1)))
    return refuse(context, 'ProgramData address is not derived', 'InvalidArgument')

  drainBuffer(context)
  const lamports = atLeastOne(rent.minimumBalance(Number(space)))
  const creation = { lamports, space, owner: instruction.programId }
  // the buffer is named so that its drained lamports are in the sum of the called instruction
  const more = [writable(instruction.key(3))]
  context.invokeSigned(createAccountInstruction(instruction.key(0), address, creation, more), [
    address,
  ])

  const bytes = instruction.account(3).data.slice(head.buffer)
  verifyDeployment(context, bytes)
  context.programs.set(programKey, { kind: 'delayed' })
  const programData = instruction.hold(1)
  storeLoaderState(programData, { kind: 'programData', slot, authority: instruction.key(7) })
  programData.dataToWrite().set(bytes, head.programData)
  instruction.account(3).setDataLength(head.buffer)
  programData.release()
  const program = instruction.account(2)
  storeLoaderState(program, { kind: 'program', programData: address })
  program.setExecutable(true)
  context.log(`Deployed program ${programKey}`)
}

/** Account 2: not in use, large enough, and rent-exempt. */
function checkNewProgram(context: InvokeContext, rent: RentView): Pubkey {
  const program = context.instruction.account(2)
  if (readLoaderState(program.data).kind !== 'uninitialized')
    refuse(context, 'Program account already initialized', 'AccountAlreadyInitialized')
  if (program.data.length < head.program)
    refuse(context, 'Program account too small', 'AccountDataTooSmall')
  if (program.lamports < rent.minimumBalance(program.data.length))
    refuse(context, 'Program account not rent-exempt', 'ExecutableAccountNotRentExempt')
  return program.key
}

/** Where the bytes of an upgradeable program lie. */
export function programDataAddress(program: Pubkey): Pubkey | undefined {
  const { address } = findProgramAddress([program.bytes], programIds.loaderV3.bytes)
  return address === undefined ? undefined : Pubkey.from(address)
}

/** The buffer's lamports help to pay for the program. */
function drainBuffer({ instruction }: InvokeContext): void {
  const buffer = instruction.hold(3)
  instruction.account(0).addLamports(buffer.lamports)
  buffer.setLamports(0n)
  buffer.release()
}

/** Accounts: program data, program, buffer, spill, rent, clock, authority. */
export function upgrade(context: InvokeContext): void {
  const { instruction } = context
  instruction.checkAccountCount(3)
  const { rent, slot } = checkSysvars(context)
  instruction.checkAccountCount(7)
  const programKey = checkUpgraded(context)
  const length = checkBuffer(context, 2, 6)
  const needed = checkProgramData(context, { rent, slot, length })

  const bytes = instruction.account(2).data.slice(head.buffer)
  verifyDeployment(context, bytes)
  context.programs.set(programKey, { kind: 'delayed' })
  const programData = instruction.hold(0)
  storeLoaderState(programData, { kind: 'programData', slot, authority: instruction.key(6) })
  const data = programData.dataToWrite()
  const buffer = instruction.hold(2)
  data.set(bytes, head.programData)
  data.fill(0, head.programData + length)

  const spill = instruction.account(3)
  const sum = programData.lamports + buffer.lamports
  spill.addLamports((sum > u64Max ? u64Max : sum) - needed)
  buffer.setLamports(0n)
  programData.setLamports(needed)
  buffer.setDataLength(head.buffer)
  context.log(`Upgraded program ${programKey}`)
}

/** Account 1. */
function checkUpgraded(context: InvokeContext): Pubkey {
  const { instruction } = context
  const program = instruction.account(1)
  if (!program.isWritable) refuse(context, 'Program account not writeable', 'InvalidArgument')
  if (!program.owner.equals(instruction.programId))
    refuse(context, 'Program account not owned by loader', 'IncorrectProgramId')
  const state = readLoaderState(program.data)
  if (state.kind !== 'program')
    return refuse(context, 'Invalid Program account', 'InvalidAccountData')
  if (!state.programData.equals(instruction.key(0)))
    refuse(context, 'Program and ProgramData account mismatch', 'InvalidArgument')
  return program.key
}

/** Account 0. @returns lamports that it keeps */
function checkProgramData(
  context: InvokeContext,
  { rent, slot, length }: { rent: RentView; slot: bigint; length: number },
): bigint {
  const { instruction } = context
  const programData = instruction.account(0)
  const needed = atLeastOne(rent.minimumBalance(programData.data.length))
  if (programData.data.length < head.programData + length)
    refuse(context, 'ProgramData account not large enough', 'AccountDataTooSmall')
  if (programData.lamports + instruction.account(2).lamports < needed)
    refuse(context, 'Buffer account balance too low to fund upgrade', 'InsufficientFunds')
  const state = readLoaderState(programData.data)
  if (state.kind !== 'programData')
    return refuse(context, 'Invalid ProgramData account', 'InvalidAccountData')
  if (slot === state.slot)
    refuse(context, 'Program was deployed in this block already', 'InvalidArgument')
  if (state.authority === undefined) return refuse(context, 'Program not upgradeable', 'Immutable')
  if (!state.authority.equals(instruction.key(6)))
    refuse(context, 'Incorrect upgrade authority provided', 'IncorrectAuthority')
  if (!instruction.isSigner(6))
    refuse(context, 'Upgrade authority did not sign', 'MissingRequiredSignature')
  return needed
}
