import { type InstructionError, instructionErrorText } from '../host/solana/errors.ts'
import type { SysvarName } from '../host/solana/sysvars.ts'

/** Sysvars whose accounts are looked at when they are set, by the names that errors have for them. */
export const checkedSysvars = {
  clock: 'Clock',
  epochRewards: 'EpochRewards',
  epochSchedule: 'EpochSchedule',
  fees: 'Fees',
  lastRestartSlot: 'LastRestartSlot',
  recentBlockhashes: 'RecentBlockhashes',
  rent: 'Rent',
  slotHashes: 'SlotHashes',
  stakeHistory: 'StakeHistory',
} as const
checkedSysvars satisfies Partial<Record<SysvarName, string>>

export type BankErrorKind =
  | 'invalidSysvarData'
  | 'instruction'
  | 'invalidLoader'
  | 'programLoad'
  | 'epochStakeOverflow'
  | 'noSysvar'

/** What a bank was asked to take in is not what it must be; messages are litesvm's. */
export class BankError extends Error {
  readonly kind: BankErrorKind

  constructor(kind: BankErrorKind, message: string) {
    super(message)
    this.name = 'BankError'
    this.kind = kind
  }

  static instruction(error: InstructionError): BankError {
    return new BankError('instruction', instructionErrorText(error))
  }
}
