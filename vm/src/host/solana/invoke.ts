import type { ComputeBudget, ComputeCosts } from './costs.ts'
import { fail, type InstructionError, InstructionFailure, ProgramFault } from './errors.ts'
import type { FeatureSet } from './features.ts'
import { programIds } from './ids.ts'
import type { Frame } from './instruction.ts'
import { type Log, stableLog } from './log.ts'
import type { Pubkey } from './pubkey.ts'
import type {
  Builtin,
  Instruction,
  InvokeContext,
  ProgramCache,
  ProgramEntry,
  SysvarCache,
} from './runtime.ts'
import type { TransactionContext } from './transaction.ts'

/** Programs without code of their own: signatures that are checked when their instruction is reached. */
export interface Precompiles {
  has(id: Pubkey): boolean
  /**
   * @param all data of all instructions of the transaction
   * @throws {InstructionFailure}
   */
  verify(id: Pubkey, data: Uint8Array, all: readonly Uint8Array[]): void
}

/** What a transaction runs in. */
export interface Environment<Program> {
  readonly features: FeatureSet
  readonly sysvars: SysvarCache
  readonly budget: ComputeBudget
  readonly costs: ComputeCosts
  readonly log: Log
  readonly blockhash: Uint8Array
  readonly lamportsPerSignature: bigint
  /** By `Pubkey.key`; only those whose feature is active. */
  readonly builtins: ReadonlyMap<string, Builtin>
  readonly precompiles: Precompiles
  readonly programs: ProgramCache
  epochStake(vote?: Pubkey): bigint
  /** Runs a program that a loader loaded, for the running instruction. */
  run(context: Invoker<Program>, program: Program): void
}

const loaders = new Set([
  programIds.loaderV1.key,
  programIds.loaderV2.key,
  programIds.loaderV3.key,
  programIds.loaderV4.key,
])
const noBytes = new Uint8Array(0)

/** What becomes of an error that ended a program. Others than these are our own mistakes, and pass. */
function instructionErrorOf(error: unknown): InstructionError {
  if (error instanceof InstructionFailure) return error.error
  if (error instanceof ProgramFault) return { kind: 'ProgramFailedToComplete' }
  throw error
}

/** Runs the instructions of one transaction (solana-program-runtime, `InvokeContext`). */
export class Invoker<Program = unknown> implements InvokeContext {
  readonly transaction: TransactionContext
  readonly environment: Environment<Program>
  readonly features: FeatureSet
  readonly sysvars: SysvarCache
  readonly budget: ComputeBudget
  readonly costs: ComputeCosts
  readonly programs: ProgramCache
  readonly blockhash: Uint8Array
  readonly lamportsPerSignature: bigint
  remaining: bigint

  constructor(transaction: TransactionContext, environment: Environment<Program>) {
    this.transaction = transaction
    this.environment = environment
    this.features = environment.features
    this.sysvars = environment.sysvars
    this.budget = environment.budget
    this.costs = environment.costs
    this.programs = environment.programs
    this.blockhash = environment.blockhash
    this.lamportsPerSignature = environment.lamportsPerSignature
    this.remaining = environment.budget.computeUnitLimit
  }

  get instruction(): Frame {
    return this.transaction.current
  }

  get returnData(): { readonly programId: Pubkey; readonly data: Uint8Array } {
    return this.transaction.returnData
  }

  set returnData(value: { readonly programId: Pubkey; readonly data: Uint8Array }) {
    this.transaction.returnData = value
  }

  consume(units: bigint): void {
    if (this.remaining < units) {
      this.remaining = 0n
      fail('ComputationalBudgetExceeded')
    }
    this.remaining -= units
  }

  log(line: string): void {
    this.environment.log.add(line)
  }

  epochStake(vote?: Pubkey): bigint {
    return this.environment.epochStake(vote)
  }

  /**
   * Runs the transaction's next instruction.
   * @throws {InstructionFailure}
   */
  processTopLevel(): void {
    const { transaction } = this
    const { programId, data } = transaction.next
    const { precompiles } = this.environment
    if (!precompiles.has(programId)) return this.process()
    this.push()
    const all = transaction.trace.slice(0, transaction.topLevelCount).map((frame) => frame.data)
    this.finish(() => precompiles.verify(programId, data, all))
  }

  /** Runs the instruction that was prepared. */
  process(): void {
    this.push()
    this.finish(() => this.execute())
  }

  /** Pops what was pushed, whatever becomes of it. */
  private finish(run: () => void): void {
    let error: InstructionError | undefined
    try {
      run()
    } catch (thrown) {
      error = instructionErrorOf(thrown)
    }
    this.transaction.pop(error)
  }

  private push(): void {
    const { transaction } = this
    const { running } = transaction
    if (running.length > 0) {
      const id = transaction.next.programId.key
      const contains = running.some(({ programId }) => programId.key === id)
      if (contains && transaction.current.programId.key !== id) fail('ReentrancyNotAllowed')
    }
    transaction.push()
  }

  /** solana-program-runtime, `process_executable_chain`. */
  private execute(): void {
    const { instruction, environment } = this
    const { programId, programOwner } = instruction
    const isNative = programOwner.key === programIds.nativeLoader.key
    if (!isNative && !loaders.has(programOwner.key)) fail('UnsupportedProgramId')
    const builtin =
      environment.builtins.get((isNative ? programId : programOwner).key) ??
      fail('UnsupportedProgramId')
    this.returnData = { programId, data: noBytes }
    this.log(stableLog.invoke(programId, instruction.stackHeight))
    const before = this.remaining
    try {
      if (builtin.units > 0n) this.consume(builtin.units)
      builtin.process(this)
    } catch (error) {
      const known = error instanceof InstructionFailure || error instanceof ProgramFault
      if (known) this.log(stableLog.failure(programId, error.message))
      throw error
    }
    this.log(stableLog.success(programId))
    if (isNative && this.remaining === before) fail('BuiltinProgramsMustConsumeComputeUnits')
  }

  runProgram(): void {
    const { programId } = this.instruction
    const entry = this.programs.find(programId) as ProgramEntry<Program> | undefined
    if (entry === undefined) {
      this.log('Program is not cached')
      fail('UnsupportedProgramId')
    }
    if (entry.kind !== 'loaded') {
      this.log('Program is not deployed')
      fail('UnsupportedProgramId')
    }
    this.environment.run(this, entry.program)
  }

  invokeSigned(instruction: Instruction, signers: readonly Pubkey[]): void {
    this.prepare(instruction, signers)
    this.process()
  }

  /**
   * Checks privileges and makes the instruction the next one (solana-program-runtime,
   * `prepare_next_cpi_instruction`).
   */
  prepare(instruction: Instruction, signers: readonly Pubkey[]): void {
    const { transaction, instruction: caller } = this
    const { accounts } = transaction
    const places: number[] = []
    const signs: boolean[] = []
    const writes: boolean[] = []
    for (const { pubkey, isSigner, isWritable } of instruction.accounts) {
      const place = accounts.find(pubkey)
      if (place < 0) {
        this.log(`Instruction references an unknown account ${pubkey}`)
        fail('MissingAccount')
      }
      const first = places.indexOf(place)
      places.push(place)
      signs.push(isSigner)
      writes.push(isWritable)
      if (first < 0) continue
      signs[first] ||= isSigner
      writes[first] ||= isWritable
    }
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!
      const first = places.indexOf(place)
      if (first !== i) {
        signs[i] = signs[first]!
        writes[i] = writes[first]!
        continue
      }
      const inCaller = caller.indexOf(place)
      if (inCaller < 0) fail('MissingAccount')
      const key = accounts.key(place)
      if (writes[i] && !caller.writes[inCaller]) {
        this.log(`${key}'s writable privilege escalated`)
        fail('PrivilegeEscalation')
      }
      const signed = caller.signs[inCaller] || signers.some((signer) => signer.key === key.key)
      if (signs[i] && !signed) {
        this.log(`${key}'s signer privilege escalated`)
        fail('PrivilegeEscalation')
      }
    }
    const programIndex = accounts.find(instruction.programId)
    if (programIndex < 0 || caller.indexOf(programIndex) < 0) {
      this.log(`Unknown program ${instruction.programId}`)
      fail('MissingAccount')
    }
    transaction.prepare({ programIndex, places, signs, writes, data: instruction.data })
  }
}
