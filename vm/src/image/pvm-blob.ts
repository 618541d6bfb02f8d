import { ByteWriter, type Cursor, cursorOf } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import type { MemoryPlan } from '../vm/memory.ts'
import type { PvmOptions, PvmProgram, PvmVersion } from '../vm/program.ts'
import { readNatural, writeNatural, writeOctets } from './pvm-numbers.ts'
import { pvmDefaults, pvmPresets } from './pvm-options.ts'

/** What a program blob may hold. */
export const pvmLimits = {
  /** Octets of code: polkavm-common/src/abi.rs, `VM_MAXIMUM_CODE_SIZE`. */
  code: 0x2000000,
  /** Entries: polkavm-common/src/abi.rs, `VM_MAXIMUM_JUMP_TABLE_ENTRIES`. */
  jumpTable: 0x1000000,
  /** Entries of no octets: a few octets must not ask for 64 MiB. */
  emptyJumpEntries: 65536,
} as const

/** The parts of a raw program blob, `E(|j|) z E(|c|) E_z(j) c E(k)` (Gray Paper A.2, `deblob`). */
export interface PvmBlob {
  readonly code: Uint8Array
  /** One bit per octet of code, least significant first: set where an instruction starts. */
  readonly bitmask: Uint8Array
  /** Entries over 2^32 - 1 are 2^32 - 1, which is no place in any code. */
  readonly jumpTable: Uint32Array
}

/** What the blob does not say. */
export interface PvmBlobRules {
  readonly version: PvmVersion
  /** Differences from the version's preset. */
  readonly options?: Partial<PvmOptions>
  /** By default nothing is mapped. */
  readonly memory?: MemoryPlan
  /** Name of a gas schedule; by default the version's. */
  readonly gas?: string
  readonly exports?: ReadonlyMap<string, number>
  readonly imports?: readonly string[]
  readonly symbols?: ReadonlyMap<number, string>
}

function readJumpTable(cursor: Cursor, count: number, size: number): Uint32Array {
  const table = new Uint32Array(count)
  const { bytes } = cursor
  for (let i = 0; i < count; i++, cursor.at += size) {
    let value = 0
    for (let k = Math.min(size, 4) - 1; k >= 0; k--) value = value * 256 + bytes[cursor.at + k]!
    for (let k = 4; k < size; k++) if (bytes[cursor.at + k] !== 0) value = 0xffffffff
    table[i] = value
  }
  return table
}

/**
 * Splits a raw program blob. Takes time linear in its length.
 * @throws {DecodeError} `truncated`, `trailingBytes`, `numberTooLarge`, `numberNotMinimal`,
 *   `jumpTableTooLarge`, `jumpEntrySize`, `codeTooLarge`, `bitmaskPadding`
 */
export function splitPvmBlob(
  bytes: Uint8Array,
  options: Pick<PvmOptions, 'nonMinimalVarints' | 'maxJumpEntrySize'>,
): PvmBlob {
  const cursor = cursorOf(bytes)
  const minimal = !options.nonMinimalVarints
  const entries = readNatural(cursor, 'jump table length', minimal)
  const sizeAt = cursor.at
  if (sizeAt >= bytes.length)
    throw new DecodeError('truncated', 'jump entry size: the blob ends here', { offset: sizeAt })
  const size = bytes[cursor.at++]!
  if (entries > (size === 0 ? pvmLimits.emptyJumpEntries : pvmLimits.jumpTable))
    throw new DecodeError('jumpTableTooLarge', 'too many jump table entries', {
      offset: 0,
      value: entries,
    })
  if (size > options.maxJumpEntrySize)
    throw new DecodeError('jumpEntrySize', 'jump table entries are too wide', {
      offset: sizeAt,
      value: size,
    })
  const lengthAt = cursor.at
  const length = readNatural(cursor, 'code length', minimal)
  if (length > pvmLimits.code)
    throw new DecodeError('codeTooLarge', 'too much code', { offset: lengthAt, value: length })
  const maskLength = (length + 7) >>> 3
  const end = cursor.at + entries * size + length + maskLength
  if (end > bytes.length)
    throw new DecodeError('truncated', 'the blob ends before its bitmask does', {
      offset: bytes.length,
      value: end,
    })
  if (end < bytes.length)
    throw new DecodeError('trailingBytes', 'octets follow the bitmask', {
      offset: end,
      value: bytes.length - end,
    })
  const jumpTable = readJumpTable(cursor, entries, size)
  // copies: `slice` of a Node buffer would share its memory
  const code = new Uint8Array(bytes.subarray(cursor.at, cursor.at + length))
  const bitmask = new Uint8Array(bytes.subarray(cursor.at + length, end))
  const padding = (length & 7) === 0 ? 0 : bitmask[maskLength - 1]! >> (length & 7)
  if (padding !== 0)
    throw new DecodeError('bitmaskPadding', 'bits past the code are set', {
      offset: end - 1,
      value: bitmask[maskLength - 1]!,
    })
  return { code, bitmask, jumpTable }
}

/**
 * A raw Gray Paper program blob as a program. Its instructions are not looked at: engines refuse
 * what `options.validateWhole` rules out.
 * @throws {DecodeError} as `splitPvmBlob`
 * @example decodePvmBlob(Uint8Array.of(0, 0, 1, 0, 1), { version: 'jam-v1' }).code // trap
 */
export function decodePvmBlob(bytes: Uint8Array, rules: PvmBlobRules): PvmProgram {
  const { version } = rules
  const options = { ...pvmPresets[pvmDefaults[version].preset], ...rules.options }
  const blob = splitPvmBlob(bytes, options)
  return {
    isa: 'pvm',
    version,
    ...blob,
    options,
    memory: rules.memory ?? { profile: 'paged32', pageSize: 4096, regions: [], segments: [] },
    gas: rules.gas ?? pvmDefaults[version].gas,
    exports: rules.exports ?? new Map(),
    imports: rules.imports ?? [],
    symbols: rules.symbols ?? new Map(),
  }
}

/** The blob of these parts, in its one shortest form. */
export function encodePvmBlob(blob: PvmBlob): Uint8Array {
  const { code, bitmask, jumpTable } = blob
  const largest = jumpTable.reduce((a, b) => Math.max(a, b), 0)
  const size = jumpTable.length === 0 ? 0 : Math.max(1, Math.ceil((32 - Math.clz32(largest)) / 8))
  const out = new ByteWriter()
  writeNatural(out, jumpTable.length)
  out.u8(size)
  writeNatural(out, code.length)
  for (const entry of jumpTable) writeOctets(out, entry, size)
  return out.bytes(code).bytes(bitmask).finish()
}
