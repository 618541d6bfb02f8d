import { pvmPresets } from '#vm/image/pvm-options'
import type { BpfFunction, BpfProgram, PvmOptions, PvmProgram, PvmVersion } from '#vm/vm/program'

/** Guest programs with as little around the code as there can be. */

const stack = { low: 0x10000, high: 0x20000 } as const

export function bpfOf(
  code: Uint8Array,
  options: {
    readonly gas?: string
    readonly functions?: readonly BpfFunction[]
    readonly addressTaken?: readonly number[]
    readonly packet?: boolean
    readonly callxHelpers?: boolean
  } = {},
): BpfProgram {
  const { functions = [], addressTaken = [], gas = 'per-instruction' } = options
  const { packet = false, callxHelpers = false } = options
  return {
    isa: 'bpf',
    version: 'v4',
    code,
    exports: new Map(),
    imports: [],
    memory: { profile: 'linear32', segments: [], size: 0x21000, maxSize: 0x21000 },
    gas,
    symbols: new Map(),
    functions,
    codeBase: 1n << 32n,
    addressTaken,
    stack,
    options: { packet, callxHelpers, maxDepth: 64 },
  }
}

export function pvmOf(
  code: Uint8Array,
  bitmask: Uint8Array,
  options: {
    readonly jumpTable?: readonly number[]
    readonly version?: PvmVersion
    readonly options?: PvmOptions
    readonly gas?: string
  } = {},
): PvmProgram {
  return {
    isa: 'pvm',
    version: options.version ?? 'gp-0.7',
    code,
    bitmask,
    jumpTable: Uint32Array.from(options.jumpTable ?? []),
    exports: new Map(),
    imports: [],
    memory: {
      profile: 'paged32',
      pageSize: 4096,
      regions: [{ address: 0x20000, length: 0x1000, writable: true }],
      segments: [],
      heap: { start: 0x21000, max: 0x30000 },
    },
    gas: options.gas ?? 'pvm-instruction',
    symbols: new Map(),
    options: options.options ?? pvmPresets['gp-0.7'],
  }
}
