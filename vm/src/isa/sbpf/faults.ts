/** Why a run of sBPF stopped, in the words of Solana's runtime (solana-sbpf, `error.rs`). */
import { decodeSbpf, newSbpfInsn, sbpfIsa } from './decode.ts'
import { sbpfRows } from './table.ts'
import { type SbpfVersionName, sbpfFeatures } from './version.ts'

/** Texts by name of error; tools parse them. */
export const sbpfErrors = {
  CallDepthExceeded: 'exceeded max BPF to BPF call depth',
  DivideByZero: 'divide by zero at BPF instruction',
  DivideOverflow: 'division overflow at BPF instruction',
  ExecutionOverrun: 'attempted to execute past the end of the text segment at BPF instruction',
  CallOutsideTextSegment: 'callx attempted to call outside of the text segment',
  ExceededMaxInstructions: 'exceeded CUs meter at BPF instruction',
  UnsupportedInstruction: 'unsupported BPF instruction',
} as const

export interface SbpfError {
  /** The variant of solana-sbpf's `EbpfError`. */
  readonly name: keyof typeof sbpfErrors | 'AccessViolation' | 'StackAccessViolation'
  readonly text: string
}

/** What of a machine an error is told from: `Machine` has it. */
export interface SbpfPlace {
  readonly program: {
    readonly version: SbpfVersionName
    readonly code: Uint8Array
    readonly frames: { readonly maxDepth: number }
    readonly memory: {
      readonly regions: readonly { readonly address: number; readonly gap?: number }[]
    }
  }
  readonly memory: {
    regionAt(address: bigint): { readonly address: number; readonly length: number } | undefined
  }
}

const traps: Readonly<Record<string, keyof typeof sbpfErrors>> = {
  callDepth: 'CallDepthExceeded',
  divideByZero: 'DivideByZero',
  divideOverflow: 'DivideOverflow',
  overrun: 'ExecutionOverrun',
  invalidCall: 'CallOutsideTextSegment',
  invalidInstruction: 'UnsupportedInstruction',
}

const stackStart = 0x2_0000_0000n
const frameBytes = 4096n
/** By the upper half of an address, where something is mapped. */
const regionNames = ['allocated', 'program', 'stack', 'heap', 'input'] as const

/**
 * The error of an access that was refused. Frames are counted as solana-sbpf counts them: without gaps,
 * rounded towards zero.
 * @param length octets, as many as the access has
 * @example sbpfAccessError(machine, 'read', 0n, 8).text // 'Access violation reading 8 bytes at address 0x0 (in unallocated region)'
 */
export function sbpfAccessError(
  { memory, program }: SbpfPlace,
  access: 'read' | 'write',
  address: bigint,
  length: number | bigint,
): SbpfError {
  const { frames, memory: plan, version } = program
  const at = `0x${address.toString(16)}`
  const distance = BigInt.asIntN(64, address) - stackStart
  const frame = distance / frameBytes
  const depth = BigInt(frames.maxDepth + 1)
  if (!sbpfFeatures[version].manualStackFrames && frame >= -1n && frame < depth + 1n)
    return {
      name: 'StackAccessViolation',
      text: `Access violation in stack frame ${frame} at address ${at} of size ${length}`,
    }
  const region = memory.regionAt(address)
  const gap = plan.regions.find((planned) => planned.address === region?.address)?.gap
  const end =
    region === undefined ? 0 : region.address + region.length * (gap === undefined ? 1 : 2)
  const name = address < BigInt(end) ? regionNames[Number(address >> 32n)] : 'unallocated'
  const does = access === 'read' ? 'reading' : 'writing'
  return {
    name: 'AccessViolation',
    text: `Access violation ${does} ${length} bytes at address ${at} (in ${name ?? 'allocated'} region)`,
  }
}

/** Octets that the load or store at a slot accesses. */
export function sbpfWidthAt(program: SbpfPlace['program'], pc: number): number {
  const insn = newSbpfInsn()
  decodeSbpf(sbpfIsa(program.version), program.code, pc, insn)
  const name = insn.row < 0 ? '' : sbpfRows[insn.row]!.name
  if (name.endsWith('dw')) return 8
  if (name.endsWith('w')) return 4
  return name.endsWith('h') ? 2 : 1
}

/** An exit, as `Machine.run` answers it. */
export interface SbpfExit {
  readonly kind: string
  readonly pc: number
  readonly trap?: string
  readonly address?: bigint
  readonly access?: 'read' | 'write'
}

/**
 * The error of an exit; undefined for a halt, a host call, and a trap that a host asked for.
 * @param machine as the run left it
 * @example sbpfError(machine, { kind: 'trap', trap: 'divideByZero', pc: 3 })?.name // 'DivideByZero'
 */
export function sbpfError(machine: SbpfPlace, exit: SbpfExit): SbpfError | undefined {
  const { access, address, kind, pc, trap } = exit
  if (kind === 'fault' && address !== undefined && access !== undefined)
    return sbpfAccessError(machine, access, address, sbpfWidthAt(machine.program, pc))
  const name = kind === 'outOfGas' ? 'ExceededMaxInstructions' : traps[trap ?? '']
  return name === undefined ? undefined : { name, text: sbpfErrors[name] }
}
