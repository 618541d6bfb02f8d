import { type EngineName, engineNamed } from '../../engine/engines.ts'
import type { Account } from '../../host/solana/account.ts'
import type { Features } from '../../host/solana/feature-set.ts'
import { programIds } from '../../host/solana/ids.ts'
import type { Pubkey } from '../../host/solana/pubkey.ts'
import type { Syscall } from '../../host/solana/syscalls/call.ts'
import { Bank, type BankOptions, type BankSnapshot } from '../../svm/bank.ts'
import { BankError } from '../../svm/errors.ts'
import type { LoadedProgram } from '../../svm/run.ts'
import { sbpfRunner } from '../../svm/runner.ts'
import type { Engine } from '../../vm/machine.ts'

/** A state of a `LiteSVM`. */
export type SvmSnapshot = BankSnapshot<LoadedProgram>
/** The ledger behind a `LiteSVM`, and all that decides what transactions do to it. */
export type SvmBank = Bank<LoadedProgram>

let options: BankOptions<LoadedProgram> | undefined

/** Programs are interpreted at first, and compiled when they run long. */
export function defaultOptions(): BankOptions<LoadedProgram> {
  options ??= { runner: sbpfRunner(engineNamed('tiered')) }
  return options
}

/** What a ledger is made with. */
export interface LedgerOptions {
  /** Engine that programs run on: 'tiered' unless another one is named or given. */
  readonly engine?: EngineName | Engine
  /** Calls beside the runtime's that programs may make, by name; one with a name of the runtime's replaces it. */
  readonly syscalls?: readonly Syscall[]
}

/** @throws {DecodeError} `unknownEngine` */
export function optionsFor({ engine, syscalls }: LedgerOptions): BankOptions<LoadedProgram> {
  const { runner } =
    engine === undefined || engine === 'tiered'
      ? defaultOptions()
      : { runner: sbpfRunner(typeof engine === 'string' ? engineNamed(engine) : engine) }
  if (syscalls !== undefined) return { runner, syscalls }
  return runner === defaultOptions().runner ? defaultOptions() : { runner }
}

/** What `new LiteSVM()` is over. */
export function basicBank(options: LedgerOptions): SvmBank {
  const bank = Bank.basic(optionsFor(options))
  bank.addSplPrograms()
  return bank
}

const loaders: ReadonlySet<string> = new Set(
  [programIds.loaderV1, programIds.loaderV2, programIds.loaderV3].map(({ key }) => key),
)

/** The same ledger with other features: its programs are loaded as these have it. */
export function withFeatures(bank: SvmBank, features: Features): SvmBank {
  const other = bank.fork()
  other.setFeatures(features)
  other.addBuiltins()
  for (const [key, account] of [...other.ledger.entries()])
    if (account.executable && loaders.has(account.owner.key)) reload(other, key, account)
  return other
}

/** A program that these features do not take stays as it was loaded. */
function reload(bank: SvmBank, key: Pubkey, account: Account): void {
  try {
    bank.ledger.set(key, account)
  } catch (error) {
    if (!(error instanceof BankError)) throw error
  }
}
