import type { TransactionAccounts } from './accounts.ts'
import { fail } from './errors.ts'
import type { Pubkey } from './pubkey.ts'
import type { TraceRecorder } from './recorder.ts'
import type { HeldAccount, InstructionAccount, InstructionContext, Rent } from './runtime.ts'

/** What frames share: their transaction. */
export interface FrameOwner {
  readonly accounts: TransactionAccounts
  readonly rent: Rent
  readonly recorder: TraceRecorder | undefined
}

const maxLamports = (1n << 64n) - 1n

function isZeroed(data: Uint8Array): boolean {
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) return false
  return true
}

/** solana-transaction-context, `BorrowedInstructionAccount`: checks in the same order. */
class FrameAccount implements HeldAccount {
  readonly key: Pubkey
  readonly indexInTransaction: number
  readonly isSigner: boolean
  readonly isWritable: boolean
  private readonly frame: Frame
  private readonly transaction: FrameOwner

  constructor(frame: Frame, index: number) {
    this.frame = frame
    this.transaction = frame.transaction
    this.indexInTransaction = frame.places[index]!
    this.key = frame.transaction.accounts.key(this.indexInTransaction)
    this.isSigner = frame.signs[index]!
    this.isWritable = frame.writes[index]!
  }

  get lamports(): bigint {
    return this.transaction.accounts.lamports[this.indexInTransaction]!
  }

  get owner(): Pubkey {
    return this.transaction.accounts.owners[this.indexInTransaction]!
  }

  get executable(): boolean {
    return this.transaction.accounts.executable[this.indexInTransaction]!
  }

  get rentEpoch(): bigint {
    return this.transaction.accounts.loaded[this.indexInTransaction]!.account.rentEpoch
  }

  get data(): Uint8Array {
    return this.transaction.accounts.data(this.indexInTransaction)
  }

  isOwnedByCurrentProgram(): boolean {
    return this.owner.key === this.frame.programId.key
  }

  setOwner(owner: Pubkey): void {
    if (!this.isOwnedByCurrentProgram()) fail('ModifiedProgramId')
    if (!this.isWritable) fail('ModifiedProgramId')
    if (!isZeroed(this.data)) fail('ModifiedProgramId')
    const before = this.owner
    if (before.key === owner.key) return
    const { indexInTransaction: index, transaction } = this
    transaction.recorder?.change({ account: index, field: 'owner', from: before, to: owner })
    transaction.accounts.owners[index] = owner
  }

  setLamports(lamports: bigint): void {
    const before = this.lamports
    if (!this.isOwnedByCurrentProgram() && lamports < before) fail('ExternalAccountLamportSpend')
    if (!this.isWritable) fail('ReadonlyLamportChange')
    if (before === lamports) return
    const { indexInTransaction: index, transaction } = this
    transaction.recorder?.change({ account: index, field: 'lamports', from: before, to: lamports })
    transaction.accounts.lamportsDelta += lamports - before
    transaction.accounts.lamports[index] = lamports
  }

  addLamports(lamports: bigint): void {
    const sum = this.lamports + lamports
    if (sum > maxLamports) fail('ArithmeticOverflow')
    this.setLamports(sum)
  }

  subLamports(lamports: bigint): void {
    const rest = this.lamports - lamports
    if (rest < 0n) fail('ArithmeticOverflow')
    this.setLamports(rest)
  }

  setExecutable(executable: boolean): void {
    if (!this.isRentExemptAt(this.data.length)) fail('ExecutableAccountNotRentExempt')
    if (!this.isOwnedByCurrentProgram()) fail('ExecutableModified')
    if (!this.isWritable) fail('ExecutableModified')
    const before = this.executable
    if (before === executable) return
    const { indexInTransaction: index, transaction } = this
    transaction.recorder?.change({
      account: index,
      field: 'executable',
      from: before,
      to: executable,
    })
    transaction.accounts.executable[index] = executable
  }

  checkDataCanBeChanged(): void {
    if (!this.isWritable) fail('ReadonlyDataModified')
    if (!this.isOwnedByCurrentProgram()) fail('ExternalAccountDataModified')
  }

  checkDataCanBeResized(length: number): void {
    this.transaction.accounts.checkResize(this.data.length, length)
    this.checkDataCanBeChanged()
  }

  setData(data: Uint8Array): void {
    this.checkDataCanBeResized(data.length)
    this.replace(data.slice())
  }

  setDataLength(length: number): void {
    this.checkDataCanBeResized(length)
    const { data } = this
    if (data.length === length) return
    const resized = new Uint8Array(length)
    resized.set(data.length > length ? data.subarray(0, length) : data)
    this.replace(resized)
  }

  dataToWrite(): Uint8Array {
    this.checkDataCanBeChanged()
    this.transaction.recorder?.beforeWrite(this.indexInTransaction)
    return this.transaction.accounts.dataToWrite(this.indexInTransaction)
  }

  isRentExemptAt(length: number): boolean {
    return this.transaction.rent.isExempt(this.lamports, length)
  }

  release(): void {
    this.frame.release(this.indexInTransaction)
  }

  private replace(data: Uint8Array): void {
    this.transaction.recorder?.beforeWrite(this.indexInTransaction)
    this.transaction.accounts.replaceData(this.indexInTransaction, data)
  }
}

/** What a frame is made of; accounts are named by their places in the transaction. */
export interface FrameParts {
  readonly programIndex: number
  readonly places: readonly number[]
  readonly signs: readonly boolean[]
  readonly writes: readonly boolean[]
  readonly data: Uint8Array
  /** Place in the trace of the instruction that called it; -1: the transaction did. */
  readonly caller: number
}

/** One instruction of the trace (solana-transaction-context, `InstructionContext`). */
export class Frame implements InstructionContext {
  readonly transaction: FrameOwner
  readonly programIndex: number
  readonly programId: Pubkey
  readonly places: readonly number[]
  readonly signs: readonly boolean[]
  readonly writes: readonly boolean[]
  readonly data: Uint8Array
  readonly caller: number
  /** Set when it is pushed. */
  stackHeight = 1
  private readonly views: (FrameAccount | undefined)[] = []
  /** Places of accounts that it holds. */
  private readonly held: number[] = []

  constructor(transaction: FrameOwner, parts: FrameParts) {
    this.transaction = transaction
    this.programIndex = parts.programIndex
    this.programId = transaction.accounts.key(parts.programIndex)
    this.places = parts.places
    this.signs = parts.signs
    this.writes = parts.writes
    this.data = parts.data
    this.caller = parts.caller
  }

  get programOwner(): Pubkey {
    return this.transaction.accounts.owners[this.programIndex]!
  }

  get accountCount(): number {
    return this.places.length
  }

  account(index: number): InstructionAccount {
    const place = this.place(index)
    this.transaction.accounts.checkFree(place)
    return this.view(index)
  }

  hold(index: number): HeldAccount {
    const place = this.place(index)
    this.transaction.accounts.hold(place)
    this.held.push(place)
    return this.view(index)
  }

  /** What it holds is free again. */
  releaseAll(): void {
    for (const place of this.held) this.transaction.accounts.release(place)
    this.held.length = 0
  }

  release(place: number): void {
    const at = this.held.indexOf(place)
    if (at < 0) return
    this.held.splice(at, 1)
    this.transaction.accounts.release(place)
  }

  private view(index: number): FrameAccount {
    const made = this.views[index]
    if (made !== undefined) return made
    const view = new FrameAccount(this, index)
    this.views[index] = view
    return view
  }

  duplicateOf(index: number): number | undefined {
    const first = this.places.indexOf(this.place(index))
    return first === index ? undefined : first
  }

  /** Place in the transaction. */
  place(index: number): number {
    return this.places[index] ?? fail('MissingAccount')
  }

  /** The first account of this instruction that has a place in the transaction, or -1. */
  indexOf(place: number): number {
    return this.places.indexOf(place)
  }

  key(index: number): Pubkey {
    return this.transaction.accounts.key(this.place(index))
  }

  isSigner(index: number): boolean {
    return this.signs[index] ?? fail('MissingAccount')
  }

  isWritable(index: number): boolean {
    return this.writes[index] ?? fail('MissingAccount')
  }

  checkAccountCount(least: number): void {
    if (this.places.length < least) fail('MissingAccount')
  }

  signers(): ReadonlySet<string> {
    const keys = new Set<string>()
    for (let i = 0; i < this.places.length; i++) if (this.signs[i]) keys.add(this.key(i).key)
    return keys
  }
}
