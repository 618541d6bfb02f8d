import { type EngineName, engineNamed } from '../../engine/engines.ts'
import { Bank, type BankOptions } from '../../svm/bank.ts'
import type { LoadedProgram } from '../../svm/run.ts'
import { sbpfRunner } from '../../svm/runner.ts'
import type { Engine } from '../../vm/machine.ts'

/** The ledger behind a `LiteSVM`, and all that decides what transactions do to it. */
export type SvmBank = Bank<LoadedProgram>

let options: BankOptions<LoadedProgram> | undefined

/** Programs are interpreted at first, and compiled when they run long. */
export function defaultOptions(): BankOptions<LoadedProgram> {
  options ??= { runner: sbpfRunner(engineNamed('tiered')) }
  return options
}

/** The same with programs on another engine. @throws {DecodeError} `unknownEngine` */
export function optionsFor(engine: EngineName | Engine | undefined): BankOptions<LoadedProgram> {
  if (engine === undefined || engine === 'tiered') return defaultOptions()
  return { runner: sbpfRunner(typeof engine === 'string' ? engineNamed(engine) : engine) }
}

/** What `new LiteSVM()` is over. */
export function basicBank(engine?: EngineName | Engine): SvmBank {
  const bank = Bank.basic(optionsFor(engine))
  bank.addSplPrograms()
  return bank
}
