import type { InvokeContext } from '../../host/solana/runtime.ts'
import { programEnvironment } from '../../host/solana/syscalls/table.ts'
import { SbpfElfError } from '../../image/sbpf/errors.ts'
import { readSbpf, type SbpfElf, sbpfVersionOf } from '../../image/sbpf/read.ts'
import { syscallRegistry } from '../../image/sbpf/registry.ts'
import { verifySbpf } from '../../isa/sbpf/verify.ts'
import { sbpfVersions } from '../../isa/sbpf/version.ts'
import { refuse } from './refuse.ts'

/** The first version that may be deployed once older ones may not (SIMD-0500). */
const firstNew = sbpfVersions.indexOf('v3')

/**
 * May these bytes be deployed as a program: all that they call exists, and every instruction is valid.
 * @throws {InstructionFailure} InvalidAccountData, with the reason in the log
 */
export function verifyDeployment(
  context: InvokeContext,
  bytes: Uint8Array,
  options: { readonly oldVersions?: boolean } = {},
): void {
  const { features, programs } = context
  const { syscalls, minVersion, maxVersion } = programs.rules ?? programEnvironment(features, false)
  const onlyNew = !options.oldVersions && features.has('disable_sbpf_v0_v1_v2_deployment')
  const names = [...syscalls].filter(([, { onlyDeployed }]) => !onlyDeployed).map(([name]) => name)
  let program: SbpfElf
  try {
    program = readSbpf(bytes, {
      syscalls: syscallRegistry(names),
      versions: [sbpfVersions[onlyNew ? firstNew : minVersion]!, sbpfVersions[maxVersion]!],
      rejectBrokenElfs: true,
    })
  } catch (error) {
    if (!(error instanceof SbpfElfError)) throw error
    return refuse(context, error.what, 'InvalidAccountData')
  }
  const invalid = verifySbpf(program.code, program.version)
  if (invalid !== undefined)
    refuse(context, `Verifier error: ${invalid.text}`, 'InvalidAccountData')
}

/** Is this a program of a version that may no longer be deployed once only new ones may. */
export function versionIsOld(bytes: Uint8Array): boolean {
  try {
    const version = sbpfVersionOf(bytes)
    return version !== undefined && sbpfVersions.indexOf(version) < firstNew
  } catch {
    return false
  }
}
