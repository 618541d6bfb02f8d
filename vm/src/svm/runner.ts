import { VerifyError } from '../bits/errors.ts'
import type { Invoker } from '../host/solana/invoke.ts'
import type { Syscall } from '../host/solana/syscalls/call.ts'
import type { ProgramEnvironment } from '../host/solana/syscalls/table.ts'
import { readSbpf } from '../image/sbpf/read.ts'
import { type SyscallRegistry, syscallRegistry } from '../image/sbpf/registry.ts'
import { sbpfProgram } from '../image/sbpf-program.ts'
import { verifySbpf } from '../isa/sbpf/verify.ts'
import { sbpfVersions } from '../isa/sbpf/version.ts'
import type { Engine } from '../vm/machine.ts'
import type { SbpfVersion } from '../vm/program.ts'
import { type LoadedProgram, runProgram } from './run.ts'

/** What all programs of an environment share. */
interface Shared {
  readonly registry: SyscallRegistry
  /** Names by hash, in the order of the registry. */
  readonly names: ReadonlyMap<number, string>
  readonly calls: readonly Syscall[]
  readonly versions: readonly [SbpfVersion, SbpfVersion]
}

const known = new WeakMap<ProgramEnvironment, Shared>()

function sharedOf(environment: ProgramEnvironment): Shared {
  const made = known.get(environment)
  if (made !== undefined) return made
  const { syscalls, minVersion, maxVersion } = environment
  const registry = syscallRegistry([...syscalls.keys()])
  const names = new Map(
    [...registry.indexOf].map(([hash, index]) => [hash, registry.names[index]!] as const),
  )
  const shared: Shared = {
    registry,
    names,
    calls: [...syscalls.values()],
    versions: [sbpfVersions[minVersion]!, sbpfVersions[maxVersion]!],
  }
  known.set(environment, shared)
  return shared
}

/**
 * Reads and verifies an ELF.
 * @throws {SbpfElfError}
 * @throws {VerifyError} named as Agave names what is wrong with an instruction
 */
export function loadProgram(elf: Uint8Array, environment: ProgramEnvironment): LoadedProgram {
  const { registry, names, calls, versions } = sharedOf(environment)
  const { rejectBrokenElfs, stackFrameGaps } = environment
  const read = readSbpf(elf, { syscalls: registry, versions, rejectBrokenElfs })
  const { version, code } = read
  const wrong = verifySbpf(code, version)
  if (wrong !== undefined) throw new VerifyError(wrong.name, wrong.text, { offset: wrong.pc })
  const { rodata } = read
  const program = sbpfProgram(
    {
      version,
      code,
      textAddress: read.textAddress,
      entry: read.entryPc,
      ...(rodata === undefined ? {} : { readOnly: rodata }),
      syscalls: names,
      functions: read.functions,
      symbols: read.symbols,
    },
    { stackFrameGaps },
  )
  return { program, syscalls: calls }
}

/** How a bank loads and runs programs of sBPF on an engine. */
export function sbpfRunner(engine: Engine): {
  readonly load: (elf: Uint8Array, environment: ProgramEnvironment) => LoadedProgram
  readonly run: (context: Invoker<LoadedProgram>, program: LoadedProgram) => void
} {
  return { load: loadProgram, run: (context, program) => runProgram(engine, context, program) }
}
