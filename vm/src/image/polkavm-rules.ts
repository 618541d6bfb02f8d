import { DecodeError } from '../bits/errors.ts'
import type { PvmVersion } from '../vm/program.ts'
import type { PvmBlob } from './pvm-blob.ts'
import { mappedBytes, type PolkavmSizes } from './pvm-memory.ts'

/** The instruction sets that the crate has a version octet for. */
export type PolkavmVersion = Exclude<PvmVersion, 'gp-0.7'>

export interface PolkavmExport {
  readonly name: string
  /** Where an instruction starts. */
  readonly pc: number
}

/** What a file of the polkavm crate says, and nothing else (docs/container-pvm.md). */
export interface PolkavmBlob extends PvmBlob, PolkavmSizes {
  readonly version: PolkavmVersion
  /** Host calls by index, as `ecalli` names them; a hole between them is an empty name. */
  readonly imports: readonly string[]
  readonly exports: readonly PolkavmExport[]
  /** Sections with ids from 0x80 on, as they are: debug strings, line programs, metadata hash. */
  readonly optional: readonly { readonly id: number; readonly bytes: Uint8Array }[]
}

/** Bounds of a file beyond `pvmLimits`, each with what it protects. */
export const polkavmLimits = {
  /** polkavm-common/src/abi.rs, `VM_MAXIMUM_IMPORT_COUNT`. */
  imports: 1024,
  /** Far more than programs have; bounds the cost of resolving names. */
  exports: 65536,
  /** Names of Rust functions in full are some hundred octets; longer ones only fill storage. */
  nameBytes: 4096,
  /** The crate knows four. */
  optionalSections: 64,
  /** Pages mapped at start and by `sbrk` together: engines allocate them before they are used. */
  memoryBytes: 0x1000_0000,
} as const

/** Sections as `checkPolkavm` names them. */
const Section = { memory: 1, roData: 2, rwData: 3, imports: 4, exports: 5, code: 6 } as const

function isStart({ code, bitmask }: PvmBlob, pc: number): boolean {
  return pc < code.length && ((bitmask[pc >>> 3]! >> (pc & 7)) & 1) === 1
}

/**
 * The rules of the format that concern more than one section.
 * @param placeOf offset of a section in the file, for errors
 * @throws {DecodeError} `noCode`, `dataTooLong`, `memoryTooLarge`, `countTooLarge`, `exportTarget`,
 *   `duplicateExport`, `optionalSection`
 */
export function checkPolkavm(blob: PolkavmBlob, placeOf: (id: number) => number = () => 0): void {
  const fail = (code: string, what: string, id: number, value: number | string): never => {
    throw new DecodeError(code, what, { offset: placeOf(id), value })
  }
  if (blob.code.length === 0) fail('noCode', 'there is no code', Section.code, 0)
  if (blob.roData.length > blob.roDataSize)
    fail('dataTooLong', 'more data than read-only memory', Section.roData, blob.roData.length)
  if (blob.rwData.length > blob.rwDataSize)
    fail('dataTooLong', 'more data than read-write memory', Section.rwData, blob.rwData.length)
  const bytes = mappedBytes(blob, 0x10000)
  if (bytes > polkavmLimits.memoryBytes)
    fail('memoryTooLarge', `over ${polkavmLimits.memoryBytes} octets`, Section.memory, bytes)
  if (blob.imports.length > polkavmLimits.imports)
    fail('countTooLarge', 'too many imports', Section.imports, blob.imports.length)
  if (blob.exports.length > polkavmLimits.exports)
    fail('countTooLarge', 'too many exports', Section.exports, blob.exports.length)
  const seen = new Set<string>()
  for (const { name, pc } of blob.exports) {
    if (!isStart(blob, pc))
      fail('exportTarget', 'an export that is no instruction', Section.exports, pc)
    if (seen.has(name)) fail('duplicateExport', `export '${name}' again`, Section.exports, name)
    seen.add(name)
  }
  for (const { id, bytes: contents } of blob.optional)
    if (!(id >= 0x80 && id <= 0xff) || contents.length === 0)
      fail('optionalSection', 'an optional section is named 128 to 255 and not empty', id, id)
}
