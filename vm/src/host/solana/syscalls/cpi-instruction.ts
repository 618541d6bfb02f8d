import { createProgramAddress } from '../crypto/pda.ts'
import { fail, ProgramFault } from '../errors.ts'
import { programIds } from '../ids.ts'
import { Pubkey } from '../pubkey.ts'
import type { AccountMeta, Instruction } from '../runtime.ts'
import { maxInstructionAccounts } from '../serialize.ts'
import { u64At } from '../words.ts'
import type { SyscallCall } from './call.ts'
import { failCall, seedErrors, syscallErrorTexts } from './errors.ts'

/** Most bytes of an instruction's data. */
const maxDataBytes = 10_240
const maxSigners = 16
const maxSeeds = 16
/** `AccountMeta` of Rust is what both ABIs pay for. */
const rustMetaBytes = 34
const cMetaBytes = 16

function checkSize(accounts: bigint, data: number): void {
  const most = BigInt(maxInstructionAccounts)
  if (accounts > most) throw new ProgramFault(syscallErrorTexts.tooManyAccounts(accounts, most))
  if (data > maxDataBytes)
    throw new ProgramFault(syscallErrorTexts.dataTooLong(BigInt(data), BigInt(maxDataBytes)))
}

function pay(call: SyscallCall, accounts: bigint, data: number): void {
  const { cpiBytesPerUnit } = call.costs
  call.consume(
    BigInt(data) / cpiBytesPerUnit + (accounts * BigInt(rustMetaBytes)) / cpiBytesPerUnit,
  )
}

function flag(byte: number): boolean {
  if (byte > 1) fail('InvalidArgument')
  return byte === 1
}

/** `StableInstruction`: vectors of metas and data, each address, capacity and length; program. */
export function rustInstruction(call: SyscallCall, address: bigint): Instruction {
  const head = call.struct(address, 80, 8)
  const count = u64At(head, 16)
  const metas = call.array(u64At(head, 0), count, rustMetaBytes, 1)
  const data = call.bytes(u64At(head, 24), u64At(head, 40))
  checkSize(count, data.length)
  pay(call, count, data.length)
  const accounts: AccountMeta[] = []
  for (let at = 0; at < metas.length; at += rustMetaBytes) {
    const isSigner = flag(metas[at + 32]!)
    const isWritable = flag(metas[at + 33]!)
    accounts.push({ pubkey: Pubkey.from(metas, at), isSigner, isWritable })
  }
  return { programId: Pubkey.from(head, 48), accounts, data }
}

/** `SolInstruction`: addresses of program, metas and data. */
export function cInstruction(call: SyscallCall, address: bigint): Instruction {
  const head = call.struct(address, 40, 8)
  const programId = call.pubkey(u64At(head, 0))
  const count = u64At(head, 16)
  const metas = call.array(u64At(head, 8), count, cMetaBytes, 8)
  const data = call.bytes(u64At(head, 24), u64At(head, 32))
  checkSize(count, data.length)
  pay(call, count, data.length)
  const accounts: AccountMeta[] = []
  for (let at = 0; at < metas.length; at += cMetaBytes) {
    const isWritable = flag(metas[at + 8]!)
    const isSigner = flag(metas[at + 9]!)
    accounts.push({ pubkey: call.pubkey(u64At(metas, at)), isSigner, isWritable })
  }
  return { programId, accounts, data }
}

/** Addresses that the caller signs for: derived from its own and seeds. */
export function translateSigners(call: SyscallCall, address: bigint, count: bigint): Pubkey[] {
  const lists = call.slices(address, count)
  if (lists.length > maxSigners) failCall('TooManySigners')
  const { programId } = call.context.instruction
  return lists.map((list) => {
    const slices = call.slices(list.address, list.length)
    if (slices.length > maxSeeds) fail('MaxSeedLengthExceeded')
    const seeds = slices.map((slice) => call.sliceBytes(slice))
    const derived = createProgramAddress(seeds, programId.bytes)
    if (typeof derived === 'string')
      throw new ProgramFault(syscallErrorTexts.badSeeds(seedErrors[derived]))
    const key = Pubkey.from(derived)
    call.context.transaction.recorder?.derived(key, seeds)
    return key
  })
}

/** Instructions of the upgradeable loader that programs may call; the last one with a feature. */
const callable = { upgrade: 3, setAuthority: 4, close: 5, setAuthorityChecked: 7 } as const

function isCallable(call: SyscallCall, data: Uint8Array): boolean {
  switch (data[0]) {
    case callable.upgrade:
    case callable.setAuthority:
    case callable.close:
      return true
    case callable.setAuthorityChecked:
      return call.context.features.has('enable_bpf_loader_set_authority_checked_ix')
    default:
      return false
  }
}

/** Loaders and precompiles are for transactions alone. */
export function checkAuthorized(call: SyscallCall, { programId, data }: Instruction): void {
  const { key } = programId
  const refused =
    key === programIds.nativeLoader.key ||
    key === programIds.loaderV2.key ||
    key === programIds.loaderV1.key ||
    (key === programIds.loaderV3.key && !isCallable(call, data)) ||
    call.context.environment.precompiles.has(programId)
  if (refused) throw new ProgramFault(syscallErrorTexts.programNotSupported(programId.toString()))
}
