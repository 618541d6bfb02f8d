import { type KeyedAccount, TransactionAccounts } from './accounts.ts'
import { fail, type InstructionError } from './errors.ts'
import { programIds, sysvarIds } from './ids.ts'
import { Frame, type FrameParts } from './instruction.ts'
import type { Pubkey } from './pubkey.ts'
import { TraceRecorder } from './recorder.ts'
import type { Rent } from './runtime.ts'

/** An instruction of a transaction: places among its accounts. */
export interface TopLevelInstruction {
  readonly programIndex: number
  readonly accounts: readonly number[]
  readonly data: Uint8Array
}

export interface TransactionParts {
  /** Those of the message first, in its order; then any others that its programs need, such as loaders. */
  readonly accounts: readonly KeyedAccount[]
  /** By place in `accounts`, as the message says; none beyond the message's. */
  readonly isSigner: (index: number) => boolean
  readonly isWritable: (index: number) => boolean
  readonly instructions: readonly TopLevelInstruction[]
  readonly rent: Rent
  /** See `ComputeBudget`. */
  readonly maxStackDepth: number
  readonly maxTraceLength: number
  /** Write down what each frame changes, in `recorder`. */
  readonly record?: boolean
}

/**
 * What the instructions of one transaction share (solana-transaction-context): accounts, the instructions
 * that were run, the ones that run, and return data.
 */
export class TransactionContext {
  readonly accounts: TransactionAccounts
  readonly rent: Rent
  readonly recorder: TraceRecorder | undefined
  /** The transaction's own instructions, then those that programs called, in order of the calls. */
  readonly trace: Frame[]
  readonly topLevelCount: number
  returnData: { readonly programId: Pubkey; readonly data: Uint8Array }
  /** The next of the transaction's own instructions. */
  nextTopLevel = 0
  /** Calls by programs so far. */
  callCount = 0
  private readonly stack: Frame[] = []
  private readonly maxStackDepth: number
  private readonly maxTraceLength: number
  private readonly instructionsSysvar: number
  private prepared: Frame | undefined

  constructor(parts: TransactionParts) {
    const { accounts, isSigner, isWritable } = parts
    this.accounts = new TransactionAccounts(accounts)
    this.rent = parts.rent
    this.recorder = parts.record
      ? new TraceRecorder((index) => this.accounts.data(index))
      : undefined
    this.maxStackDepth = parts.maxStackDepth
    this.maxTraceLength = parts.maxTraceLength
    this.instructionsSysvar = this.accounts.find(sysvarIds.instructions)
    this.returnData = { programId: programIds.system, data: noBytes }
    this.topLevelCount = parts.instructions.length
    this.trace = parts.instructions.map(
      ({ programIndex, accounts: places, data }) =>
        new Frame(this, {
          programIndex,
          places,
          signs: places.map(isSigner),
          writes: places.map(isWritable),
          data,
          caller: -1,
        }),
    )
  }

  /** Instructions that run. */
  get stackHeight(): number {
    return this.stack.length
  }

  /** @throws {InstructionFailure} CallDepth when none runs */
  get current(): Frame {
    return this.stack.at(-1) ?? fail('CallDepth')
  }

  /** The running instructions, outermost first. */
  get running(): readonly Frame[] {
    return this.stack
  }

  /** The instruction that `push` is going to run: the prepared one, or the transaction's next. */
  get next(): Frame {
    const next = this.stack.length === 0 ? this.trace[this.nextTopLevel] : this.prepared
    return next ?? fail('CallDepth')
  }

  /** Makes an instruction the next one that a program calls. */
  prepare(parts: Omit<FrameParts, 'caller'>): void {
    this.prepared = new Frame(this, { ...parts, caller: this.trace.indexOf(this.current) })
  }

  push(): void {
    const { next, stack } = this
    if (stack.length > 0 && this.accounts.lamportsDelta !== 0n) fail('UnbalancedInstruction')
    if (this.nextTopLevel + this.callCount >= this.maxTraceLength)
      fail('MaxInstructionTraceLengthExceeded')
    next.stackHeight = stack.length + 1
    if (stack.length === 0) this.nextTopLevel += 1
    else {
      this.callCount += 1
      this.trace.push(next)
      this.prepared = undefined
    }
    if (stack.length >= this.maxStackDepth) fail('CallDepth')
    stack.push(next)
    if (this.recorder !== undefined) this.record(this.recorder, next)
    this.storeInstructionIndex()
  }

  private record(recorder: TraceRecorder, { data, places, programId, signs, writes }: Frame): void {
    const accounts = places.map((account, i) => {
      const seeds = signs[i]! ? recorder.seedsOf(this.accounts.key(account)) : undefined
      return { account, signer: signs[i]!, writable: writes[i]!, ...(seeds && { seeds }) }
    })
    recorder.enter({ programId, instruction: this.nextTopLevel - 1, accounts, data })
  }

  /** The sysvar Instructions ends in the number of the transaction's instruction that runs. */
  private storeInstructionIndex(): void {
    const { accounts, instructionsSysvar: index } = this
    if (index < 0) return
    accounts.checkFree(index)
    if (accounts.owners[index]!.key !== sysvarIds.owner.key) fail('InvalidAccountOwner')
    const { length } = accounts.data(index)
    if (length < 2) fail('AccountDataTooSmall')
    const data = accounts.dataToWrite(index)
    data[length - 2] = (this.nextTopLevel - 1) & 0xff
    data[length - 1] = (this.nextTopLevel - 1) >> 8
  }

  /**
   * Ends the running instruction, in any case.
   * @throws {InstructionFailure} `error`, or if there is none and lamports came or went: UnbalancedInstruction
   */
  pop(error?: InstructionError): void {
    const { current, accounts } = this
    current.releaseAll()
    const failure: InstructionError | undefined =
      error ??
      (accounts.isHeld(current.programIndex)
        ? { kind: 'AccountBorrowOutstanding' }
        : accounts.lamportsDelta !== 0n
          ? { kind: 'UnbalancedInstruction' }
          : undefined)
    this.recorder?.leave()
    this.stack.pop()
    if (failure !== undefined) fail(failure)
  }
}

const noBytes = new Uint8Array(0)
