import { sbpfFeatures, sbpfVersions } from '../../isa/sbpf/version.ts'
import type { SbpfProgram, SbpfVersion } from '../../vm/program.ts'
import { type SbpfRuntime, sbpfProgram } from '../sbpf-program.ts'
import { refuse } from './errors.ts'
import { elfBytesOf, elfMagic, headerBytes, machines, sharedObject } from './file.ts'
import { loadLenient } from './lenient.ts'
import { type SyscallRegistry, syscallRegistry } from './registry.ts'
import type { LoadedElf } from './rules.ts'
import { loadStrict } from './strict.ts'
import { readSymbols } from './symbols.ts'

const flagsAt = 48

export interface SbpfElf extends Omit<LoadedElf, 'symbols'> {
  readonly version: SbpfVersion
  readonly syscalls: SyscallRegistry
  /** Names of functions by slot, for people. */
  readonly symbols: ReadonlyMap<number, string>
}

/** Which files `readSbpf` takes; what is not given is as Agave 4.2 runs programs that were deployed. */
export interface SbpfReadOptions {
  /** Syscalls of the feature set. None by default. */
  readonly syscalls?: SyscallRegistry
  /** First and last version that runs; `v0` to `v3` by default. */
  readonly versions?: readonly [first: SbpfVersion, last: SbpfVersion]
  /** The stricter rules of deployment: every syscall is known, sections lie where their addresses say. */
  readonly rejectBrokenElfs?: boolean
  /** Agave's debugging features: functions of `.symtab` are registered, and may collide. */
  readonly labels?: boolean
}

const noSyscalls: SyscallRegistry = syscallRegistry([])

/**
 * The version of an sBPF file, or undefined where `e_flags` names none.
 * @throws {SbpfElfError} `ValueOutOfBounds` when the file is shorter than its header
 * @example sbpfVersionOf(bytes) // 'v3'
 */
export function sbpfVersionOf(bytes: Uint8Array): SbpfVersion | undefined {
  const { view } = elfBytesOf(bytes)
  if (bytes.length < flagsAt + 4) refuse('ValueOutOfBounds', bytes.length)
  return sbpfVersions[view.getUint32(flagsAt, true)]
}

/** Is it an ELF file for sBPF that is no object file. @example isSbpfExecutable(bytes) // true */
export function isSbpfExecutable(bytes: Uint8Array): boolean {
  const { view } = elfBytesOf(bytes)
  if (bytes.length < headerBytes || view.getUint32(0, true) !== elfMagic) return false
  return view.getUint16(16, true) === sharedObject && machines.includes(view.getUint16(18, true))
}

/**
 * Loads an sBPF file as solana-sbpf's `Executable::load` does: the lenient way with relocations for
 * V0..V2, the strict way from V3 on. It does not verify instructions. O(length).
 * @throws {SbpfElfError} `kind` is Agave's name, `what` its text
 * @example readSbpf(bytes, { syscalls: syscallRegistry(['sol_log_']) }).entryPc // 0
 */
export function readSbpf(bytes: Uint8Array, options: SbpfReadOptions = {}): SbpfElf {
  const { syscalls = noSyscalls, versions = ['v0', 'v3'] } = options
  const { rejectBrokenElfs = false, labels = false } = options
  const version = sbpfVersionOf(bytes)
  const rank = version === undefined ? -1 : sbpfVersions.indexOf(version)
  const [first, last] = versions.map((name) => sbpfVersions.indexOf(name)) as [number, number]
  if (version === undefined || rank < first || rank > last)
    return refuse('UnsupportedSBPFVersion', flagsAt)
  const file = elfBytesOf(bytes)
  const loaded = sbpfFeatures[version].strictElf
    ? loadStrict(file, labels)
    : loadLenient(file, { syscalls, rejectBrokenElfs, labels })
  const { symbols: sections, ...rest } = loaded
  const symbols = sections === undefined ? new Map<number, string>() : readSymbols(file, sections)
  return { ...rest, version, syscalls, symbols }
}

/**
 * `readSbpf` and `sbpfProgram`: a program that engines run. Deploying verifies its code besides
 * (`verifySbpf`); engines run any.
 * @throws {SbpfElfError}
 * @example loadSbpf(bytes).exports // new Map([['entrypoint', 0]])
 */
export function loadSbpf(
  bytes: Uint8Array,
  options: SbpfReadOptions & SbpfRuntime = {},
): SbpfProgram {
  const elf = readSbpf(bytes, options)
  const { code, entryPc: entry, functions, rodata, symbols, syscalls, textAddress, version } = elf
  const named = new Map(
    [...syscalls.indexOf].map(([hash, index]) => [hash, syscalls.names[index]!]),
  )
  const parts = { version, code, textAddress, entry, syscalls: named, functions, symbols }
  const readOnly = rodata.bytes.length === 0 ? {} : { readOnly: rodata }
  return sbpfProgram({ ...parts, ...readOnly }, options)
}
