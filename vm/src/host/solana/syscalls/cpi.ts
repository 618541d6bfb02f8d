import { equalBytes } from '../../../bits/octets.ts'
import { maxAccountBytes } from '../account.ts'
import { fail, ProgramFault } from '../errors.ts'
import { Pubkey } from '../pubkey.ts'
import type { Instruction, InstructionAccount } from '../runtime.ts'
import { maxGrowthPerInstruction, type SerializedAccount, syncData } from '../serialize.ts'
import { saturatingAdd, saturatingMul, u64At } from '../words.ts'
import { inputStart, type Syscall, type SyscallCall } from './call.ts'
import {
  checkAuthorized,
  cInstruction,
  rustInstruction,
  translateSigners,
} from './cpi-instruction.ts'
import { failCall, syscallErrorTexts } from './errors.ts'

const maxAccountInfos = 255n
/** Address, owner, lamports and length: what each account info is paid for. */
const accountInfoPrice = 80n
/** From an `Rc` to what its `RefCell` holds: two counters and the borrow flag. */
const cellOffset = 24n
const mask = (1n << 64n) - 1n

/** Where the caller keeps an account that it passes on. Addresses are the caller's. */
interface CallerAccount {
  readonly serialized: SerializedAccount
  readonly lamports: bigint
  readonly owner: bigint
  readonly data: bigint
  /** Of the length of the data as the caller's account info has it. */
  readonly lengthAt: bigint
  /** Bytes of the data that are looked at. */
  length: bigint
}

/** A caller's account, by its place there, that a callee may have changed. */
interface PassedAccount {
  readonly caller: CallerAccount
  readonly index: number
  readonly isWritable: boolean
  /** The caller's region of it is not as it was. */
  isMoved: boolean
}

/** What the ABIs of C and Rust differ in. */
interface Abi {
  readonly instruction: (call: SyscallCall, address: bigint) => Instruction
  readonly infoBytes: number
  readonly account: (
    call: SyscallCall,
    address: bigint,
    info: Uint8Array,
    serialized: SerializedAccount,
  ) => CallerAccount
}

function isRestricted(call: SyscallCall): boolean {
  return call.context.features.has('syscall_parameter_address_restrictions')
}

function checkPointer(call: SyscallCall, field: string, is: bigint, expected: number): void {
  if (is === BigInt(expected)) return
  call.context.log(
    `Invalid account info pointer \`${field}': 0x${is.toString(16)} != 0x${expected.toString(16)}`,
  )
  failCall('InvalidPointer')
}

function payBytes(call: SyscallCall, bytes: bigint): void {
  call.consume(bytes / call.costs.cpiBytesPerUnit)
}

/** Addresses that belong to an account: its bytes at the start, and what it may grow by. */
function reserved(call: SyscallCall, { length }: SerializedAccount): number {
  return call.checkAligned ? length + maxGrowthPerInstruction : length
}

function checkData(call: SyscallCall, account: CallerAccount, length: bigint): void {
  if (isRestricted(call) && length > BigInt(reserved(call, account.serialized)))
    fail('InvalidRealloc')
  if (call.regions === undefined) call.checkWrites({ address: account.data, length })
}

function finish(call: SyscallCall, account: CallerAccount): CallerAccount {
  const { lengthAt } = account
  if (isRestricted(call) && lengthAt >= inputStart) failCall('InvalidPointer')
  call.checkWrite(lengthAt, 8n)
  if (isRestricted(call)) account.length = u64At(call.struct(lengthAt, 8, 1), 0)
  checkData(call, account, account.length)
  return account
}

const abis: { readonly rust: Abi; readonly c: Abi } = {
  rust: {
    instruction: rustInstruction,
    infoBytes: 48,
    account(call, _, info, serialized) {
      const owner = u64At(info, 24)
      const lamportsCell = (u64At(info, 8) + cellOffset) & mask
      const dataCell = (u64At(info, 16) + cellOffset) & mask
      const restricted = isRestricted(call)
      if (restricted) {
        checkPointer(call, 'key', u64At(info, 0), serialized.keyAddress)
        checkPointer(call, 'owner', owner, serialized.ownerAddress)
      }
      const lamports = call.u64(lamportsCell)
      if (restricted) {
        if (lamportsCell >= inputStart) failCall('InvalidPointer')
        checkPointer(call, 'lamports', lamports, serialized.lamportsAddress)
      }
      call.checkWrites({ address: lamports, length: 1n, size: 8, align: 8 })
      call.checkWrite(owner, 32n)
      if (restricted && dataCell >= inputStart) failCall('InvalidPointer')
      const slice = call.struct(dataCell, 16, 8)
      const data = u64At(slice, 0)
      const length = u64At(slice, 8)
      if (restricted) checkPointer(call, 'data', data, serialized.dataAddress)
      else payBytes(call, length)
      const lengthAt = saturatingAdd(dataCell, 8n)
      return finish(call, { serialized, lamports, owner, data, lengthAt, length })
    },
  },
  c: {
    instruction: cInstruction,
    infoBytes: 56,
    account(call, address, info, serialized) {
      const lamports = u64At(info, 8)
      const length = u64At(info, 16)
      const data = u64At(info, 24)
      const owner = u64At(info, 32)
      const restricted = isRestricted(call)
      if (restricted) {
        checkPointer(call, 'key', u64At(info, 0), serialized.keyAddress)
        checkPointer(call, 'owner', owner, serialized.ownerAddress)
        checkPointer(call, 'lamports', lamports, serialized.lamportsAddress)
        checkPointer(call, 'data', data, serialized.dataAddress)
      }
      call.checkWrites({ address: lamports, length: 1n, size: 8, align: 8 })
      call.checkWrite(owner, 32n)
      if (!restricted) payBytes(call, length)
      const lengthAt = saturatingAdd(address, 16n)
      return finish(call, { serialized, lamports, owner, data, lengthAt, length })
    },
  },
}

/** Account infos as bytes, and their addresses. */
interface Infos {
  readonly bytes: Uint8Array
  readonly keys: readonly Uint8Array[]
}

function translateInfos(call: SyscallCall, abi: Abi, address: bigint, count: bigint): Infos {
  const size = abi.infoBytes
  const end = saturatingAdd(address, saturatingMul(count, BigInt(size)))
  if (isRestricted(call) && end >= inputStart) failCall('InvalidPointer')
  const bytes = call.array(address, count, size, 8)
  if (count > maxAccountInfos)
    throw new ProgramFault(syscallErrorTexts.tooManyAccountInfos(count, maxAccountInfos))
  payBytes(call, count * accountInfoPrice)
  const keys: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) keys.push(call.struct(u64At(bytes, at), 32, 1))
  return { bytes, keys }
}

/** What the caller has of each account of the prepared instruction. */
function translateAccounts(
  call: SyscallCall,
  abi: Abi,
  address: bigint,
  count: bigint,
): PassedAccount[] {
  const { bytes, keys } = translateInfos(call, abi, address, count)
  const { transaction, instruction } = call.context
  const { next } = transaction
  const passed: PassedAccount[] = []
  for (let i = 0; i < next.accountCount; i++) {
    if (next.duplicateOf(i) !== undefined) continue
    const index = instruction.indexOf(next.place(i))
    const account = instruction.account(index)
    if (account.executable) {
      payBytes(call, BigInt(account.data.length))
      continue
    }
    const info = keys.findIndex((key) => equalBytes(key, account.key.bytes))
    if (info < 0) {
      call.context.log(`Instruction references an unknown account ${account.key}`)
      fail('MissingAccount')
    }
    const at = info * abi.infoBytes
    const caller = abi.account(
      call,
      saturatingAdd(address, BigInt(at)),
      bytes.subarray(at, at + abi.infoBytes),
      call.accounts[index]!,
    )
    if (isRestricted(call)) payBytes(call, caller.length)
    const isMoved = isRestricted(call) ? false : updateCallee(call, caller, account)
    const isWritable = next.isWritable(i)
    passed.push({ caller, index, isWritable, isMoved: isWritable || isMoved })
  }
  return passed
}

/**
 * Lets the callee see what the caller did to an account, by the caller's permissions.
 * @returns did its length or owner change, so that it may be another region for the caller
 */
function updateCallee(
  call: SyscallCall,
  caller: CallerAccount,
  account: InstructionAccount,
): boolean {
  let changed = false
  const lamports = u64At(call.struct(caller.lamports, 8, 1), 0)
  if (account.lamports !== lamports) account.setLamports(lamports)
  if (call.regions === undefined) syncData(account, call.bytes(caller.data, caller.length))
  else {
    const length = u64At(call.struct(caller.lengthAt, 8, 1), 0)
    if (length > BigInt(maxAccountBytes)) fail('InvalidRealloc')
    if (BigInt(account.data.length) !== length) {
      account.setDataLength(Number(length))
      changed = true
    }
  }
  const owner = call.struct(caller.owner, 32, 1)
  if (!equalBytes(owner, account.owner.bytes)) {
    account.setOwner(Pubkey.from(owner))
    changed = true
  }
  return changed
}

/** Lets the caller see what the callee did to an account. */
function updateCaller(call: SyscallCall, caller: CallerAccount, account: InstructionAccount): void {
  const { serialized, data, lengthAt } = caller
  call.writeU64(caller.lamports, account.lamports)
  call.write(caller.owner, account.owner.bytes)
  const restricted = isRestricted(call)
  const before = u64At(call.struct(lengthAt, 8, 1), 0)
  const after = BigInt(account.data.length)
  const most = restricted ? reserved(call, serialized) : serialized.length + maxGrowthPerInstruction
  if (after > BigInt(most) && (restricted || before !== after)) {
    const increase = most - serialized.length
    call.context.log(`Account data size realloc limited to ${increase} in inner instructions`)
    fail('InvalidRealloc')
  }
  if (before !== after) {
    if (after < before && call.regions === undefined) {
      if (after > caller.length) fail('AccountDataTooSmall')
      call.write(data + after, new Uint8Array(Number(caller.length - after)))
    }
    checkData(call, caller, after)
    caller.length = after
    call.writeU64(lengthAt, after)
    const serializedLength = data < 8n ? 0n : data - 8n
    call.checkWrites({ address: serializedLength, length: 1n, size: 8, align: 8 })
    call.writeU64(serializedLength, after)
  }
  if (call.regions !== undefined) return
  if (caller.length !== after) fail('AccountDataTooSmall')
  call.write(data, account.data)
}

/** solana-program-runtime, `cpi_common`. */
function invoke(call: SyscallCall, abi: Abi): bigint {
  const { context } = call
  const instruction = abi.instruction(call, call.arg(1))
  const signers = translateSigners(call, call.arg(4), call.arg(5))
  checkAuthorized(call, instruction)
  context.prepare(instruction, signers)
  call.regions?.pull()
  const accounts = translateAccounts(call, abi, call.arg(2), call.arg(3))
  const { instruction: frame } = context
  if (isRestricted(call))
    for (const passed of accounts) {
      const changed = updateCallee(call, passed.caller, frame.account(passed.index))
      passed.isMoved ||= changed
    }
  context.process()
  for (const { caller, index, isWritable } of accounts)
    if (isWritable) updateCaller(call, caller, frame.account(index))
  for (const { index, isMoved } of accounts) if (isMoved) call.regions?.push(index)
  return 0n
}

/** Calls of other programs, in the structures of C and of Rust (solana-program-runtime, cpi.rs). */
export const cpiSyscalls: readonly Syscall[] = [
  {
    name: 'sol_invoke_signed_c',
    cost: ({ invokeUnits }) => invokeUnits,
    run: (call) => invoke(call, abis.c),
  },
  {
    name: 'sol_invoke_signed_rust',
    cost: ({ invokeUnits }) => invokeUnits,
    run: (call) => invoke(call, abis.rust),
  },
]
