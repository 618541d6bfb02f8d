import { equalBytes, startsWith } from '../../bits/octets.ts'
import { maxAccountBytes } from './account.ts'
import { fail } from './errors.ts'
import { programIds } from './ids.ts'
import type { Frame } from './instruction.ts'
import { Pubkey } from './pubkey.ts'
import type { InstructionAccount } from './runtime.ts'
import { u64At } from './words.ts'

/** Bytes by which an account may grow in one instruction. */
export const maxGrowthPerInstruction = 10_240
/** Most accounts of an instruction. */
export const maxInstructionAccounts = 255
const notDuplicate = 0xff
const inputStart = 0x4_0000_0000

/** Where an account is in a program's input. Addresses are the program's. */
export interface SerializedAccount {
  /** Place among the instruction's accounts of the first with the same key. */
  readonly first: number
  /** Of the data, before the program ran. */
  readonly length: number
  readonly keyAddress: number
  readonly ownerAddress: number
  readonly lamportsAddress: number
  readonly dataAddress: number
}

/** A program's input: what is not zero of it, in order, each at its offset. */
export interface SerializedInput {
  readonly length: number
  readonly chunks: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  /** One for each account of the instruction, duplicates included. */
  readonly accounts: readonly SerializedAccount[]
  /** Address of the instruction's data; r2 at the entry. */
  readonly dataAddress: number
}

const pad = (length: number): number => -length & 7

/** Bytes that come before an account's data. */
const headBytes = { aligned: 88, unaligned: 51 } as const

/** Writes little-endian values at a place that moves. */
class InputWriter {
  readonly chunks: { offset: number; bytes: Uint8Array }[] = []
  at = 0

  /** Room for `length` bytes. */
  chunk(length: number): { bytes: Uint8Array; view: DataView; address: number } {
    const bytes = new Uint8Array(length)
    const offset = this.at
    this.chunks.push({ offset, bytes })
    this.at += length
    return { bytes, view: new DataView(bytes.buffer), address: inputStart + offset }
  }

  /** Bytes as they are, not copied. */
  bytes(bytes: Uint8Array): number {
    const offset = this.at
    if (bytes.length > 0) this.chunks.push({ offset, bytes })
    this.at += bytes.length
    return inputStart + offset
  }

  u64(value: bigint): void {
    this.chunk(8).view.setBigUint64(0, value, true)
  }
}

function isUnaligned(frame: Frame): boolean {
  return frame.programOwner.key === programIds.loaderV1.key
}

/**
 * The input of the instruction's program (solana-program-runtime, serialization.rs): ABI v0 for programs
 * of the first loader, ABI v1 for others.
 * @throws {InstructionFailure} MaxAccountsExceeded
 */
export function serializeInput(frame: Frame, pointers = false): SerializedInput {
  if (frame.accountCount > maxInstructionAccounts) fail('MaxAccountsExceeded')
  const unaligned = isUnaligned(frame)
  const writer = new InputWriter()
  const accounts: SerializedAccount[] = []
  const starts: number[] = []
  writer.u64(BigInt(frame.accountCount))
  for (let i = 0; i < frame.accountCount; i++) {
    const first = frame.duplicateOf(i)
    if (first !== undefined) {
      writer.chunk(unaligned ? 1 : 8).bytes[0] = first
      accounts.push(accounts[first]!)
      starts.push(starts[first]!)
      continue
    }
    starts.push(inputStart + writer.at)
    accounts.push(unaligned ? writeUnaligned(writer, frame, i) : writeAligned(writer, frame, i))
  }
  writer.u64(BigInt(frame.data.length))
  const dataAddress = writer.bytes(frame.data)
  writer.bytes(frame.programId.bytes)
  if (pointers && !unaligned) {
    writer.at += pad(writer.at)
    for (const start of starts) writer.u64(BigInt(start))
  }
  return { length: writer.at, chunks: writer.chunks, accounts, dataAddress }
}

function writeAligned(writer: InputWriter, frame: Frame, index: number): SerializedAccount {
  const account = frame.account(index)
  const { data } = account
  const { bytes, view, address } = writer.chunk(headBytes.aligned)
  bytes[0] = notDuplicate
  bytes[1] = account.isSigner ? 1 : 0
  bytes[2] = account.isWritable ? 1 : 0
  bytes[3] = account.executable ? 1 : 0
  bytes.set(account.key.bytes, 8)
  bytes.set(account.owner.bytes, 40)
  view.setBigUint64(72, account.lamports, true)
  view.setUint32(80, data.length, true)
  const dataAddress = writer.bytes(data)
  writer.at += maxGrowthPerInstruction + pad(data.length)
  writer.chunk(8).bytes.fill(0xff)
  return {
    first: index,
    length: data.length,
    keyAddress: address + 8,
    ownerAddress: address + 40,
    lamportsAddress: address + 72,
    dataAddress,
  }
}

function writeUnaligned(writer: InputWriter, frame: Frame, index: number): SerializedAccount {
  const account = frame.account(index)
  const { data } = account
  const { bytes, view, address } = writer.chunk(headBytes.unaligned)
  bytes[0] = notDuplicate
  bytes[1] = account.isSigner ? 1 : 0
  bytes[2] = account.isWritable ? 1 : 0
  bytes.set(account.key.bytes, 3)
  view.setBigUint64(35, account.lamports, true)
  view.setUint32(43, data.length, true)
  const dataAddress = writer.bytes(data)
  const tail = writer.chunk(41)
  tail.bytes.set(account.owner.bytes, 0)
  tail.bytes[32] = account.executable ? 1 : 0
  tail.bytes.fill(0xff, 33)
  return {
    first: index,
    length: data.length,
    keyAddress: address + 3,
    ownerAddress: tail.address,
    lamportsAddress: address + 35,
    dataAddress,
  }
}

/** Bytes of a program's input, as they are after the run. */
export type ReadInput = (address: number, length: number) => Uint8Array

/**
 * Takes over what a program did to the accounts in its input, by the rules of permission and in Agave's
 * order: lamports, data with its length, owner.
 * @param direct the accounts have their data already; of it, only the length may be another
 * @throws {InstructionFailure}
 */
export function deserializeInput(
  frame: Frame,
  accounts: readonly SerializedAccount[],
  read: ReadInput,
  direct = false,
): void {
  const unaligned = isUnaligned(frame)
  for (let i = 0; i < accounts.length; i++) {
    const serialized = accounts[i]!
    if (serialized.first !== i) continue
    const account = frame.account(i)
    const { length: before, dataAddress } = serialized
    if (unaligned) {
      const lamports = u64At(read(serialized.lamportsAddress, 8), 0)
      if (account.lamports !== lamports) account.setLamports(lamports)
      if (!direct) syncData(account, read(dataAddress, before))
      else if (account.data.length !== before) account.setDataLength(before)
      continue
    }
    const head = read(serialized.ownerAddress, 48)
    const lamports = u64At(head, 32)
    if (account.lamports !== lamports) account.setLamports(lamports)
    const length = u64At(head, 40)
    const increased = length > BigInt(before + maxGrowthPerInstruction)
    if (increased || length > BigInt(maxAccountBytes)) fail('InvalidRealloc')
    if (!direct) syncData(account, read(dataAddress, Number(length)))
    else if (BigInt(account.data.length) !== length) account.setDataLength(Number(length))
    if (!startsWith(head, account.owner.bytes)) account.setOwner(Pubkey.from(head))
  }
}

/** Makes `data` the account's, or is content if it is already. */
export function syncData(account: InstructionAccount, data: Uint8Array): void {
  if (!equalBytes(account.data, data)) account.setData(data)
}
