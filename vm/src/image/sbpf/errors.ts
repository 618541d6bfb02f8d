import { DecodeError } from '../../bits/errors.ts'

const hex = (value: bigint | number): string => `0x${value.toString(16)}`

/** `ElfError` of solana-sbpf: names and texts, which logs repeat and tools parse. */
export const elfErrors = {
  FailedToParse: (reason: string) => `Failed to parse ELF file: ${reason}`,
  EntrypointOutOfBounds: () => 'Entrypoint out of bounds',
  InvalidEntrypoint: () => 'Invalid entrypoint',
  UnresolvedSymbol: (name: string, slot: bigint, offset: bigint) =>
    `Unresolved symbol (${name}) at instruction #${slot} (ELF file offset ${hex(offset)})`,
  SectionNotFound: (name: string) => `Section not found: ${name}`,
  RelativeJumpOutOfBounds: (slot: number) => `Relative jump out of bounds at instruction #${slot}`,
  SymbolHashCollision: (hash: number) => `Symbol hash collision ${hex(hash)}`,
  WrongAbi: () => 'Incompatible ELF: wrong ABI',
  WrongMachine: () => 'Incompatible ELF: wrong machine',
  WrongType: () => 'Incompatible ELF: wrong type',
  NotOneTextSection: () =>
    'Multiple or no text sections, consider removing llc option: -function-sections',
  WritableSectionNotSupported: (name: string) =>
    `Found writable section (${name}) in ELF, read-write data not supported`,
  InvalidVirtualAddress: (address: number) =>
    `Relocation failed, invalid referenced virtual address ${hex(address)}`,
  UnknownRelocation: (type: number) => `Relocation failed, unknown type ${type}`,
  UnknownSymbol: (index: number) => `Unknown symbol with index ${index}`,
  ValueOutOfBounds: () => 'Offset or value is out of bounds',
  UnsupportedSBPFVersion: () =>
    'Detected sbpf_version required by the executable which are not enabled',
  InvalidProgramHeader: () => 'Invalid ELF program header',
} as const
export type ElfErrorName = keyof typeof elfErrors

/** `ElfParserError` of solana-sbpf, as far as `FailedToParse` carries its text. */
export const parseReasons = {
  InvalidFileHeader: 'invalid file header',
  InvalidSectionHeader: 'invalid section header',
  InvalidSize: 'invalid size',
  Overlap: 'values overlap',
  SectionNotInOrder: 'sections not in ascending order',
  NoSectionNameStringTable: 'no section name string table found',
  InvalidDynamicSectionTable: 'invalid dynamic section table',
  InvalidAlignment: 'invalid alignment',
} as const
export type ParseReason = keyof typeof parseReasons

/**
 * An sBPF executable was refused. `kind` is the name of Agave's `ElfError`, `what` its exact text.
 * @example new SbpfElfError('WrongMachine', elfErrors.WrongMachine(), 18).code // 'wrongMachine'
 */
export class SbpfElfError extends DecodeError {
  readonly kind: ElfErrorName

  constructor(kind: ElfErrorName, text: string, offset: number, value?: bigint | number | string) {
    super(kind[0]!.toLowerCase() + kind.slice(1), text, { offset, value })
    this.kind = kind
  }
}

/** @param offset of the offending field in the file */
export function refuse<N extends ElfErrorName>(
  name: N,
  offset: number,
  ...parts: Parameters<(typeof elfErrors)[N]>
): never {
  const text = elfErrors[name] as (...parts: Parameters<(typeof elfErrors)[N]>) => string
  throw new SbpfElfError(name, text(...parts), offset, parts[0])
}

export function refuseParse(reason: ParseReason, offset: number): never {
  return refuse('FailedToParse', offset, parseReasons[reason])
}
