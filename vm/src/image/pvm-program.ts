import type { PvmOptions, PvmProgram } from '../vm/program.ts'
import { pvmHaltAddress } from '../vm/start.ts'
import { splitPolkavm } from './polkavm.ts'
import { polkavmLimits } from './polkavm-rules.ts'
import { polkavmInputAddress, polkavmPlan } from './pvm-memory.ts'
import { type PvmPreset, pvmDefaults, pvmPresets } from './pvm-options.ts'

/** What a file of the crate does not say. */
export interface PolkavmRules {
  /** `polkavm` unless another is named: a bad access traps; `polkavm-paging`: it is a fault. */
  readonly preset?: PvmPreset
  /** Differences from the preset; `jam-v1` validates all code first, as the crate's interpreter. */
  readonly options?: Partial<PvmOptions>
  /** Name of a gas schedule; by default the version's. */
  readonly gas?: string
  /** A power of two in 4096..65536; by default 4096. */
  readonly pageSize?: number
  /** Read-only octets above the stack (auxiliary data), at `polkavmInputAddress` of their length. */
  readonly input?: Uint8Array
  /** Refuses programs, and stops heaps, over so many octets of pages; by default 256 MiB. */
  readonly maxBytes?: number
}

/**
 * A `.polkavm` file as a program: memory as the crate lays it out, imports and exports by name.
 * Start it with `startPvm`.
 * @throws {DecodeError} as `splitPolkavm`
 * @throws {RangeError} when memory with the input is over `maxBytes`
 * @example
 * const { version, code, bitmask, jumpTable } = assemblePvm('a0 = 7\n ret', { version: 'revive-v1' })
 * const none = new Uint8Array(0)
 * const sizes = { roData: none, roDataSize: 0, rwData: none, rwDataSize: 0, stackSize: 4096 }
 * const exports = [{ name: 'main', pc: 0 }]
 * const parts = { version, code, bitmask, jumpTable, imports: [], exports, optional: [] }
 * decodePolkavm(encodePolkavm({ ...parts, ...sizes })).exports.get('main') // 0
 */
export function decodePolkavm(bytes: Uint8Array, rules: PolkavmRules = {}): PvmProgram {
  const blob = splitPolkavm(bytes)
  const { version, code, bitmask, jumpTable, imports } = blob
  const { input = new Uint8Array(0), maxBytes = polkavmLimits.memoryBytes } = rules
  const given = rules.pageSize === undefined ? {} : { pageSize: rules.pageSize }
  const inputAt = polkavmInputAddress(input.length)
  return {
    isa: 'pvm',
    version,
    ...{ code, bitmask, jumpTable, imports },
    options: {
      ...pvmPresets[rules.preset ?? 'polkavm'],
      ...(version === 'jam-v1' && { validateWhole: true }),
      ...rules.options,
    },
    memory: polkavmPlan(blob, { ...given, input, maxBytes }),
    gas: rules.gas ?? pvmDefaults[version].gas,
    exports: new Map(blob.exports.map(({ name, pc }) => [name, pc])),
    symbols: new Map(),
    start: [pvmHaltAddress, BigInt(inputAt - 0x10000)],
  }
}
