import { DecodeError } from '../bits/errors.ts'
import type { MemoryPlan } from '../vm/memory.ts'
import type { PvmOptions, PvmProgram, PvmVersion } from '../vm/program.ts'
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

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** A natural number (Gray Paper C, `E`): as many leading ones as octets follow; at most four here. */
function readNumber(cursor: Cursor, what: string, minimal: boolean): number {
  const start = cursor.at
  const { bytes } = cursor
  if (start >= bytes.length)
    throw new DecodeError('truncated', `${what}: the blob ends here`, { offset: start })
  const first = bytes[start]!
  const more = Math.clz32(~(first << 24))
  if (more > 4)
    throw new DecodeError('numberTooLarge', `${what} is over 2^32 - 1`, {
      offset: start,
      value: first,
    })
  if (start + 1 + more > bytes.length)
    throw new DecodeError('truncated', `${what}: the blob ends inside`, { offset: bytes.length })
  let value = (first & (0x7f >> more)) * 2 ** (8 * more)
  for (let i = 0; i < more; i++) value += bytes[start + 1 + i]! * 2 ** (8 * i)
  if (value > 0xffffffff)
    throw new DecodeError('numberTooLarge', `${what} is over 2^32 - 1`, { offset: start, value })
  if (minimal && more > 0 && value < 2 ** (7 * more))
    throw new DecodeError('numberNotMinimal', `${what} is longer than needed`, {
      offset: start,
      value,
    })
  cursor.at = start + 1 + more
  return value
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
  const cursor: Cursor = { bytes, at: 0 }
  const minimal = !options.nonMinimalVarints
  const entries = readNumber(cursor, 'jump table length', minimal)
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
  const length = readNumber(cursor, 'code length', minimal)
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

function numberOctets(value: number): number[] {
  for (let more = 0; more < 4; more++) {
    if (value >= 2 ** (7 * (more + 1))) continue
    const out = [((0xff00 >> more) & 0xff) | Math.floor(value / 2 ** (8 * more))]
    for (let i = 0; i < more; i++) out.push((value >>> (8 * i)) & 0xff)
    return out
  }
  return [0xf0, value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]
}

/** The blob of these parts, in its one shortest form. */
export function encodePvmBlob(blob: PvmBlob): Uint8Array {
  const { code, bitmask, jumpTable } = blob
  const largest = jumpTable.reduce((a, b) => Math.max(a, b), 0)
  const size = jumpTable.length === 0 ? 0 : Math.max(1, Math.ceil((32 - Math.clz32(largest)) / 8))
  const header = [...numberOctets(jumpTable.length), size, ...numberOctets(code.length)]
  const tableLength = jumpTable.length * size
  const out = new Uint8Array(header.length + tableLength + code.length + bitmask.length)
  out.set(header)
  let at = header.length
  for (const entry of jumpTable)
    for (let k = 0; k < size; k++) out[at++] = (entry >>> (8 * k)) & 0xff
  out.set(code, at)
  out.set(bitmask, at + code.length)
  return out
}
