import { engineNamed } from '../../engine/engines.ts'
import type { Bank, BankOptions } from '../../svm/bank.ts'
import type { LoadedProgram } from '../../svm/run.ts'
import { sbpfRunner } from '../../svm/runner.ts'

/** The ledger behind a `LiteSVM`, and all that decides what transactions do to it. */
export type SvmBank = Bank<LoadedProgram>

let options: BankOptions<LoadedProgram> | undefined

/** Programs are interpreted at first, and compiled when they run long. */
export function defaultOptions(): BankOptions<LoadedProgram> {
  options ??= { runner: sbpfRunner(engineNamed('tiered')) }
  return options
}
