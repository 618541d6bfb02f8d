import { cursorOf, readU32 } from '../bits/bytes.ts'
import type { Account } from '../host/solana/account.ts'
import { programIds } from '../host/solana/ids.ts'
import type { Invoker } from '../host/solana/invoke.ts'
import { Pubkey, pubkeyBytes } from '../host/solana/pubkey.ts'
import type { ProgramEntry } from '../host/solana/runtime.ts'
import type { ProgramEnvironment } from '../host/solana/syscalls/table.ts'
import { BankError } from './errors.ts'

/** How a bank loads and runs programs of sBPF. */
export interface ProgramRunner<Program> {
  /**
   * Reads and verifies an ELF.
   * @throws {Error} whose message is what Agave prints, when it may not run
   */
  load(elf: Uint8Array, environment: ProgramEnvironment): Program
  /** Runs the program for the running instruction. @throws {InstructionFailure} */
  run(context: Invoker<Program>, program: Program): void
}

/** Bytes before the ELF in a ProgramData account of the upgradeable loader. */
export const programDataHead = 45
/** Bytes before the ELF in a program account of loader v4. */
const loaderV4Head = 48
/** Numbers of the upgradeable loader's account states. */
export const UpgradeableState = { buffer: 1, program: 2, programData: 3 } as const

/** Where a Program account of the upgradeable loader says its code is; undefined: it is no such account. */
export function programDataAddress(data: Uint8Array): Pubkey | undefined {
  if (data.length < 4 + pubkeyBytes || readU32(cursorOf(data)) !== UpgradeableState.program)
    return undefined
  return Pubkey.from(data, 4)
}

/** The data of a Program account. */
export function programState(programData: Pubkey): Uint8Array {
  const out = new Uint8Array(4 + pubkeyBytes)
  out[0] = UpgradeableState.program
  out.set(programData.bytes, 4)
  return out
}

/** What stands before the ELF of a program that nobody may upgrade. */
export function programDataState(slot: bigint, elf: Uint8Array): Uint8Array {
  const out = new Uint8Array(programDataHead + elf.length)
  out[0] = UpgradeableState.programData
  new DataView(out.buffer).setBigUint64(4, slot, true)
  out.set(elf, programDataHead)
  return out
}

/** Where the ELF of an executable account is: bytes of an account's data, from an offset. */
export interface ElfPlace {
  readonly data: Uint8Array
  readonly start: number
}

const broken = (): BankError => BankError.instruction({ kind: 'InvalidAccountData' })

/**
 * Finds the code of an executable account, by its loader.
 * @returns `closed` when the account of its code is not there
 * @throws {BankError} when the account is not what its loader makes
 */
export function elfOf(
  program: Account,
  account: (key: Pubkey) => Account | undefined,
): ElfPlace | 'closed' {
  const { owner, data } = program
  switch (owner.key) {
    case programIds.loaderV1.key:
    case programIds.loaderV2.key:
      return { data, start: 0 }
    case programIds.loaderV3.key: {
      const address = programDataAddress(data)
      if (address === undefined) throw broken()
      const code = account(address)
      if (code === undefined) return 'closed'
      if (code.data.length < programDataHead) throw broken()
      return { data: code.data, start: programDataHead }
    }
    case programIds.loaderV4.key:
      if (data.length < loaderV4Head) throw broken()
      return { data, start: loaderV4Head }
    default:
      throw BankError.instruction({ kind: 'IncorrectProgramId' })
  }
}

/** A program that runs. */
export type LoadedEntry<Program> = Extract<ProgramEntry<Program>, { kind: 'loaded' }>

/** Programs loaded from bytes, remembered as long as the bytes are. */
export class LoadedPrograms<Program> {
  readonly runner: ProgramRunner<Program>
  private byData = new WeakMap<
    Uint8Array,
    { environment: ProgramEnvironment; entry: LoadedEntry<Program> }
  >()

  constructor(runner: ProgramRunner<Program>) {
    this.runner = runner
  }

  /** @throws {Error} as `ProgramRunner.load` */
  load({ data, start }: ElfPlace, environment: ProgramEnvironment): LoadedEntry<Program> {
    const known = this.byData.get(data)
    if (known?.environment === environment) return known.entry
    const program = this.runner.load(data.subarray(start), environment)
    const entry: LoadedEntry<Program> = { kind: 'loaded', program }
    this.byData.set(data, { environment, entry })
    return entry
  }
}
