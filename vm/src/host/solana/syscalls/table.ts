import type { FeatureSet } from '../features.ts'
import { altBn128Syscalls } from './alt-bn128.ts'
import type { Syscall } from './call.ts'
import { cpiSyscalls } from './cpi.ts'
import { curveSyscalls } from './curves.ts'
import { hashSyscalls } from './hashes.ts'
import { instructionSyscalls } from './instructions.ts'
import { memorySyscalls } from './memory.ts'
import { pdaSyscalls } from './pda.ts'
import { returnDataSyscalls } from './return-data.ts'
import { sysvarSyscalls } from './sysvars.ts'
import { textSyscalls } from './text.ts'

/** Every function of the runtime that programs call. */
export const syscalls: readonly Syscall[] = [
  ...textSyscalls,
  ...memorySyscalls,
  ...returnDataSyscalls,
  ...sysvarSyscalls,
  ...instructionSyscalls,
  ...pdaSyscalls,
  ...cpiSyscalls,
  ...hashSyscalls,
  ...curveSyscalls,
  ...altBn128Syscalls,
]

/** What programs are loaded with (solana-syscalls, `create_program_runtime_environment`). */
export interface ProgramEnvironment {
  /** By name. */
  readonly syscalls: ReadonlyMap<string, Syscall>
  /** sBPF versions that run: 0..3. */
  readonly minVersion: number
  readonly maxVersion: number
  /** Frames of the oldest version have gaps between them. */
  readonly stackFrameGaps: boolean
  /** Names that nothing has are refused: programs that are deployed now. */
  readonly rejectBrokenElfs: boolean
}

/** What runs without a feature, since Agave 4.3. */
const maxVersion = 3

/**
 * @param deploying for programs that are deployed now, which may do less than those that were
 * @param more calls of the user's own; one with a name of the runtime's replaces it
 */
export function programEnvironment(
  features: FeatureSet,
  deploying: boolean,
  more: readonly Syscall[] = [],
): ProgramEnvironment {
  const table = new Map<string, Syscall>()
  for (const syscall of [...syscalls, ...more]) {
    const { name, feature, until, onlyDeployed } = syscall
    if (feature !== undefined && !features.has(feature)) continue
    if (until !== undefined && features.has(until)) continue
    if (onlyDeployed && deploying) continue
    table.set(name, syscall)
  }
  const old =
    !features.has('disable_sbpf_v0_execution') || features.has('reenable_sbpf_v0_execution')
  return {
    syscalls: table,
    minVersion: old ? 0 : 3,
    maxVersion,
    stackFrameGaps: !features.has('virtual_address_space_adjustments'),
    rejectBrokenElfs: deploying,
  }
}
