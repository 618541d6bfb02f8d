import type { Account } from '../host/solana/account.ts'
import type { ComputeBudget, ComputeCosts } from '../host/solana/costs.ts'
import { InstructionFailure, type TransactionError } from '../host/solana/errors.ts'
import { programIds } from '../host/solana/ids.ts'
import { type Environment, Invoker } from '../host/solana/invoke.ts'
import type { Pubkey } from '../host/solana/pubkey.ts'
import { type RentRule, relaxedRent, staysRented } from '../host/solana/rent.ts'
import type { Trace } from '../host/solana/trace.ts'
import { TransactionContext } from '../host/solana/transaction.ts'
import type { LoadedTransaction } from './load.ts'
import { type ResolvedMessage, Role } from './resolve.ts'
import type { InnerInstruction } from './result.ts'

/** What a transaction is executed with: limits that it may be given instead of its own. */
export interface ExecutionBudget {
  readonly budget: ComputeBudget
  readonly costs: ComputeCosts
}

/** What its instructions made of a transaction. */
export interface Execution {
  readonly context: TransactionContext
  readonly error: TransactionError | undefined
  readonly units: bigint
}

function runInstructions<Program>(
  invoker: Invoker<Program>,
  count: number,
): TransactionError | undefined {
  for (let index = 0; index < count; index++) {
    try {
      invoker.processTopLevel()
    } catch (error) {
      if (error instanceof InstructionFailure)
        return { kind: 'InstructionError', index: index & 0xff, error: error.error }
      throw error
    }
  }
  return undefined
}

/** No writable account may have come to be short of rent. */
function rentError(
  { keys, roles }: ResolvedMessage,
  loaded: LoadedTransaction,
  context: TransactionContext,
  rent: RentRule,
  relaxed: boolean,
): TransactionError | undefined {
  const { accounts } = context
  for (let i = 0; i < keys.length; i++) {
    const before = loaded.rented[i]
    if ((roles[i]! & Role.writable) === 0 || before === undefined) continue
    const after = {
      lamports: accounts.lamports[i]!,
      length: accounts.data(i).length,
      owner: accounts.owners[i]!,
    }
    const stays = staysRented(rent, before, after, relaxed)
    if (!stays && keys[i]!.key !== programIds.incinerator.key)
      return { kind: 'InsufficientFundsForRent', index: i & 0xff }
  }
  return undefined
}

/** Runs a message's instructions over its accounts, and looks at what they did to rent. */
export function execute<Program>(
  resolved: ResolvedMessage,
  loaded: LoadedTransaction,
  rent: RentRule,
  environment: Environment<Program>,
  record: boolean,
): Execution {
  const { message, roles } = resolved
  const { budget } = environment
  const context = new TransactionContext({
    accounts: loaded.accounts,
    isSigner: (i) => (roles[i]! & Role.signer) !== 0,
    isWritable: (i) => (roles[i]! & Role.writable) !== 0,
    instructions: message.instructions.map(({ programIdIndex, accounts, data }) => ({
      programIndex: programIdIndex,
      accounts: Array.from(accounts),
      data,
    })),
    rent,
    maxStackDepth: budget.maxInstructionStackDepth,
    maxTraceLength: budget.maxInstructionTraceLength,
    record,
  })
  const invoker = new Invoker(context, environment)
  const error =
    runInstructions(invoker, message.instructions.length) ??
    rentError(resolved, loaded, context, rent, environment.features.has(relaxedRent))
  return { context, error, units: budget.computeUnitLimit - invoker.remaining }
}

/** What programs called, under the instruction of the message that it was called within. */
export function innerInstructionsOf({
  trace,
  topLevelCount,
}: TransactionContext): InnerInstruction[][] {
  const inner: InnerInstruction[][] = Array.from({ length: topLevelCount }, () => [])
  const outermost = new Int32Array(trace.length)
  for (let i = 0; i < trace.length; i++) {
    const { caller, programIndex, places, data, stackHeight } = trace[i]!
    outermost[i] = i < topLevelCount ? i : outermost[caller]!
    if (i < topLevelCount) continue
    inner[outermost[i]!]!.push({
      programIdIndex: programIndex & 0xff,
      accounts: Uint8Array.from(places),
      data,
      stackHeight: Math.min(stackHeight, 0xff),
    })
  }
  return inner
}

/** The message's writable accounts as they are now, in its order. */
export function writtenAccounts(
  { keys, roles }: ResolvedMessage,
  { accounts }: TransactionContext,
): (readonly [Pubkey, Account])[] {
  const out: (readonly [Pubkey, Account])[] = []
  for (let i = 0; i < keys.length; i++)
    if ((roles[i]! & Role.writable) !== 0) out.push([keys[i]!, accounts.account(i)])
  return out
}

/** Frames and what each changed, if that was asked for. */
export function traceOf({ recorder }: TransactionContext): Trace {
  return recorder?.trace ?? []
}
