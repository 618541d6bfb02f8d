import type { Account } from '#vm/host/solana/account'
import { defaultBudget, defaultCosts } from '#vm/host/solana/costs'
import { programIds } from '#vm/host/solana/ids'
import { type Environment, Invoker } from '#vm/host/solana/invoke'
import { defaultLogBytes, Log } from '#vm/host/solana/log'
import { Pubkey } from '#vm/host/solana/pubkey'
import type { Builtin, InvokeContext } from '#vm/host/solana/runtime'
import { TransactionContext } from '#vm/host/solana/transaction'

/** An address that differs for each number. */
export function address(number: number): Pubkey {
  const bytes = new Uint8Array(32).fill(7)
  bytes[0] = number
  bytes[1] = number >> 8
  return Pubkey.from(bytes)
}

export function account(fields: Partial<Account> = {}): Account {
  return {
    lamports: 1_000_000_000n,
    data: new Uint8Array(0),
    owner: programIds.system,
    executable: false,
    rentEpoch: (1n << 64n) - 1n,
    ...fields,
  }
}

/** A native program that does what the test says. */
export function native(number: number, process: (context: InvokeContext) => void): Builtin {
  return { id: address(number), name: `native ${number}`, units: 150n, process }
}

export interface Meta {
  readonly index: number
  readonly signer?: boolean
  readonly writable?: boolean
}

export interface Setup {
  /** Accounts of the transaction; the programs come behind them. */
  readonly accounts: readonly Account[]
  readonly metas: readonly Meta[]
  readonly programs: readonly Builtin[]
  readonly features?: readonly string[]
  readonly environment?: Partial<Environment<unknown>>
  /** Program of each instruction, by its place in `programs`. */
  readonly instructions?: readonly number[]
  readonly record?: boolean
  readonly data?: Uint8Array
  /** Addresses of the first accounts, in place of those of their numbers. */
  readonly keys?: readonly Pubkey[]
}

/** A transaction whose instructions all have the accounts of `metas`, and the programs. */
export function setUp(setup: Setup): { invoker: Invoker; context: TransactionContext; log: Log } {
  const { accounts, metas, programs, instructions = [0], data = new Uint8Array(0) } = setup
  const log = new Log(defaultLogBytes)
  const features = new Set(setup.features ?? [])
  const flags = new Map(metas.map((meta) => [meta.index, meta]))
  const count = accounts.length
  const context = new TransactionContext({
    accounts: [
      ...accounts.map((value, i) => ({ key: setup.keys?.[i] ?? address(i), account: value })),
      ...programs.map(({ id }) => ({
        key: id,
        account: account({ owner: programIds.nativeLoader, executable: true }),
      })),
    ],
    isSigner: (index) => flags.get(index)?.signer ?? false,
    isWritable: (index) => flags.get(index)?.writable ?? false,
    instructions: instructions.map((program) => ({
      programIndex: count + program,
      accounts: [...metas.map(({ index }) => index), ...programs.map((_, i) => count + i)],
      data,
    })),
    rent: { isExempt: (lamports, length) => lamports >= BigInt(128 + length) * 6960n },
    maxStackDepth: 5,
    maxTraceLength: 64,
    record: setup.record ?? false,
  })
  const invoker = new Invoker(context, {
    features: { has: (name) => features.has(name), activatedAt: () => undefined },
    sysvars: { bytes: () => undefined },
    budget: defaultBudget,
    costs: defaultCosts,
    log,
    blockhash: new Uint8Array(32),
    lamportsPerSignature: 5000n,
    builtins: new Map(programs.map((program) => [program.id.key, program])),
    precompiles: { has: () => false, verify: () => undefined },
    programs: { find: () => undefined, set: () => undefined },
    epochStake: () => 0n,
    run: () => undefined,
    ...setup.environment,
  })
  return { invoker, context, log }
}

/** Name of the instruction's error, or undefined. */
export function errorOf(run: () => void): string | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof Error && 'error' in error) {
      const { kind, code } = error.error as { kind: string; code?: number }
      return code === undefined ? kind : `${kind} ${code}`
    }
    throw error
  }
  return undefined
}
