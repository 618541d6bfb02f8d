import type { SbpfProgram, SbpfVersion } from 'alcatraz-vm'
import { assembleSbpf, sbpfAddresses, sbpfProgram } from 'alcatraz-vm/sbpf'

/** Names of the syscalls that tests may call, in the order of their numbers. */
export const testSyscalls: readonly string[] = ['first', 'second', 'third']

/** Any number that is not a slot: `call` of V0 finds syscalls first. */
export function testHash(name: string): number {
  const index = testSyscalls.indexOf(name)
  return 0x5000_0000 + (index < 0 ? 99 : index)
}

export const syscallsByHash: ReadonlyMap<number, string> = new Map(
  testSyscalls.map((name) => [testHash(name), name]),
)

/** A program of one text; its functions are its labels that a call names. */
export function sbpfOf(
  source: string,
  version: SbpfVersion,
  more: { readonly maxCallDepth?: number; readonly stackFrameGaps?: boolean } = {},
): SbpfProgram {
  const { code, functions, labels } = assembleSbpf(source, { version, hashOf: testHash })
  return sbpfProgram(
    {
      version,
      code,
      textAddress: sbpfAddresses.program,
      entry: labels.get('entrypoint') ?? 0,
      functions,
      syscalls: syscallsByHash,
    },
    more,
  )
}
