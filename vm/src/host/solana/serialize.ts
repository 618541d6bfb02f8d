import { equalBytes, startsWith } from '../../bits/octets.ts'
import { maxAccountBytes } from './account.ts'
import { fail } from './errors.ts'
import { programIds } from './ids.ts'
import type { Frame } from './instruction.ts'
import { Pubkey } from './pubkey.ts'
import type { InstructionAccount } from './runtime.ts'
import { maxU64, u64At } from './words.ts'

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

/** What features make of inputs. */
export interface InputOptions {
  /** Name the accounts' places behind all else. */
  readonly pointers?: boolean
  /** The data of each account are a chunk of their own: they go to regions of their own. */
  readonly apart?: boolean
}

const pad = (length: number): number => -length & 7

/** Bytes that come before an account's data. */
const headBytes = { aligned: 88, unaligned: 51 } as const

/** Longer data are not copied together with what stands around them. */
const longestCopied = 512
/** Most bytes of an account beside its data that is not copied. */
const ownBytes = 96

/** Writes little-endian values at a place that moves; bytes that touch become one chunk. */
class InputWriter {
  readonly chunks: { offset: number; bytes: Uint8Array }[] = []
  /** Where the next byte goes. */
  at = 0
  readonly own: Uint8Array
  readonly view: DataView
  /** Of `own`: taken, and from where on no chunk has it yet. */
  private taken = 0
  private begun = 0

  private readonly apart: boolean

  /** @param room most bytes that are written here, and not only named @param apart copy no data */
  constructor(room: number, apart: boolean) {
    this.apart = apart
    this.own = new Uint8Array(room)
    this.view = new DataView(this.own.buffer)
  }

  /** Takes the next bytes, which are zero; answers where they are in `own`. */
  take(length: number): number {
    const start = this.taken
    this.taken += length
    this.at += length
    return start
  }

  private end(): void {
    const { begun, taken } = this
    if (taken === begun) return
    this.chunks.push({ offset: this.at - (taken - begun), bytes: this.own.subarray(begun, taken) })
    this.begun = taken
  }

  skip(length: number): void {
    this.end()
    this.at += length
  }

  /** Answers the program's address of the bytes. */
  bytes(bytes: Uint8Array): number {
    const address = inputStart + this.at
    this.own.set(bytes, this.take(bytes.length))
    return address
  }

  /** As `bytes`, of what may be long. */
  data(bytes: Uint8Array): number {
    if (bytes.length <= longestCopied && !this.apart) return this.bytes(bytes)
    const address = inputStart + this.at
    this.end()
    if (bytes.length > 0) this.chunks.push({ offset: this.at, bytes })
    this.at += bytes.length
    return address
  }

  u64(value: bigint): void {
    this.view.setBigUint64(this.take(8), value, true)
  }

  finish(): void {
    this.end()
  }
}

/** Most bytes that are written for a frame, data of accounts included where they are copied. */
function roomFor(frame: Frame): number {
  let room = 64 + Math.min(frame.data.length, longestCopied)
  for (const place of frame.places) {
    const { length } = frame.transaction.accounts.data(place)
    room += 8 + ownBytes + (length <= longestCopied ? length : 0)
  }
  return room
}

function isUnaligned(frame: Frame): boolean {
  return frame.programOwner.key === programIds.loaderV1.key
}

/**
 * The input of the instruction's program (solana-program-runtime, serialization.rs): ABI v0 for programs
 * of the first loader, ABI v1 for others.
 * @throws {InstructionFailure} MaxAccountsExceeded
 */
export function serializeInput(
  frame: Frame,
  { pointers = false, apart = false }: InputOptions = {},
): SerializedInput {
  if (frame.accountCount > maxInstructionAccounts) fail('MaxAccountsExceeded')
  const unaligned = isUnaligned(frame)
  const writer = new InputWriter(roomFor(frame), apart)
  const accounts: SerializedAccount[] = []
  const starts: number[] = []
  writer.u64(BigInt(frame.accountCount))
  for (let i = 0; i < frame.accountCount; i++) {
    const first = frame.duplicateOf(i)
    if (first !== undefined) {
      writer.own[writer.take(unaligned ? 1 : 8)] = first
      accounts.push(accounts[first]!)
      starts.push(starts[first]!)
      continue
    }
    starts.push(inputStart + writer.at)
    accounts.push(unaligned ? writeUnaligned(writer, frame, i) : writeAligned(writer, frame, i))
  }
  writer.u64(BigInt(frame.data.length))
  const dataAddress = writer.data(frame.data)
  writer.bytes(frame.programId.bytes)
  if (pointers && !unaligned) {
    writer.skip(pad(writer.at))
    for (const start of starts) writer.u64(BigInt(start))
  }
  writer.finish()
  return { length: writer.at, chunks: writer.chunks, accounts, dataAddress }
}

function writeAligned(writer: InputWriter, frame: Frame, index: number): SerializedAccount {
  const account = frame.account(index)
  const { data } = account
  const address = inputStart + writer.at
  const { own, view } = writer
  const at = writer.take(headBytes.aligned)
  own[at] = notDuplicate
  own[at + 1] = account.isSigner ? 1 : 0
  own[at + 2] = account.isWritable ? 1 : 0
  own[at + 3] = account.executable ? 1 : 0
  own.set(account.key.bytes, at + 8)
  own.set(account.owner.bytes, at + 40)
  view.setBigUint64(at + 72, account.lamports, true)
  view.setUint32(at + 80, data.length, true)
  const dataAddress = writer.data(data)
  writer.skip(maxGrowthPerInstruction + pad(data.length))
  writer.u64(maxU64)
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
  const address = inputStart + writer.at
  const { own, view } = writer
  const at = writer.take(headBytes.unaligned)
  own[at] = notDuplicate
  own[at + 1] = account.isSigner ? 1 : 0
  own[at + 2] = account.isWritable ? 1 : 0
  own.set(account.key.bytes, at + 3)
  view.setBigUint64(at + 35, account.lamports, true)
  view.setUint32(at + 43, data.length, true)
  const dataAddress = writer.data(data)
  const ownerAddress = writer.bytes(account.owner.bytes)
  own[writer.take(1)] = account.executable ? 1 : 0
  writer.u64(maxU64)
  return {
    first: index,
    length: data.length,
    keyAddress: address + 3,
    ownerAddress,
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
