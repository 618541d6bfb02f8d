import { DecodeError } from '../bits/errors.ts'
import { decodeContainer } from '../image/container.ts'
import { programOf } from '../image/contract.ts'
import { decodePvmBlob } from '../image/pvm-blob.ts'
import { decodePolkavm } from '../image/pvm-program.ts'
import { decodeSpi, type SpiVersion } from '../image/pvm-spi.ts'
import type { ContractProgram, Program, PvmProgram, PvmVersion } from '../vm/program.ts'
import { linkBpf } from './bpf.ts'

/** What a file is by its first bytes; standard programs and raw blobs have no mark of their own. */
export type FileKind = 'container' | 'elf' | 'polkavm' | 'other'

const magics: readonly (readonly [FileKind, readonly number[]])[] = [
  ['container', [0x41, 0x4c, 0x43, 0x5a]],
  ['elf', [0x7f, 0x45, 0x4c, 0x46]],
  ['polkavm', [0x50, 0x56, 0x4d, 0x00]],
]

/** @example fileKindOf(Uint8Array.of(0x50, 0x56, 0x4d, 0)) // 'polkavm' */
export function fileKindOf(bytes: Uint8Array): FileKind {
  const found = magics.find(([, magic]) => magic.every((octet, i) => bytes[i] === octet))
  return found?.[0] ?? 'other'
}

/** What a file without a mark does not say of itself. */
export type LoadOptions =
  | {
      /** `spi`: a standard program of the Gray Paper; `service`: one behind its metadata. */
      readonly format: 'spi' | 'service'
      readonly version: SpiVersion
      /** The argument. */
      readonly input?: Uint8Array
    }
  | {
      /** Code, bitmask and jump table alone; it begins with no memory. */
      readonly format: 'blob'
      readonly version: PvmVersion
    }

/**
 * A program of any file: our container, an ELF object of `clang -target bpf` (linked by itself), a
 * `.polkavm` file, and with `options` the forms that do not say what they are. Engines look at the
 * instructions when they make the first machine.
 * @throws {DecodeError} `unknownFile`, and what the reader of the file refuses
 * @throws {LinkError} when an object needs others: `linkBpf` takes several
 * @example loadProgram(bytes).exports.has('call') // true
 */
export function loadProgram(bytes: Uint8Array): ContractProgram | PvmProgram
export function loadProgram(bytes: Uint8Array, options: LoadOptions): PvmProgram
export function loadProgram(bytes: Uint8Array, options?: LoadOptions): Program {
  if (options?.format === 'blob') return decodePvmBlob(bytes, { version: options.version })
  if (options !== undefined) {
    const { format, version, input } = options
    const given = input === undefined ? {} : { input }
    return decodeSpi(bytes, { version, metadata: format === 'service', ...given })
  }
  switch (fileKindOf(bytes)) {
    case 'container':
      return programOf(decodeContainer(bytes))
    case 'elf':
      return programOf(decodeContainer(linkBpf([{ name: 'object', bytes }]).container))
    case 'polkavm':
      return decodePolkavm(bytes)
    case 'other':
      throw new DecodeError(
        'unknownFile',
        'no container, no ELF object and no polkavm file: other forms have to be named',
      )
  }
}
