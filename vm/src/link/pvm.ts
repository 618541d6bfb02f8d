import { LinkError } from '../bits/errors.ts'
import { encodeContainer } from '../image/container.ts'
import { isName } from '../image/container-rules.ts'
import { contractPvm1, programOf } from '../image/contract.ts'
import { encodePolkavm } from '../image/polkavm.ts'
import type { PolkavmVersion } from '../image/polkavm-rules.ts'
import { encodePvmBlob } from '../image/pvm-blob.ts'
import { encodeSpi, type SpiVersion } from '../image/pvm-spi.ts'
import type { LowerReport } from '../lower/linear.ts'
import { lowerPvm, type PvmLowered } from '../lower/pvm.ts'
import { pageSize } from '../vm/memory.ts'
import type { PvmProgram } from '../vm/program.ts'
import { type Translated, type TranslateOptions, translate } from './front.ts'
import type { ObjectInput } from './objects.ts'
import { pvmLayout } from './riscv-layouts.ts'
import type { RiscvLinkReport } from './riscv-link.ts'
import { type SourceMap, sourceMapOf } from './source-map.ts'

export interface PvmLinkOptions extends TranslateOptions {
  /** Numbers of host calls by name, where `ecalli` has numbers and not indices of imports. */
  readonly hostNumbers?: Readonly<Record<string, number>>
}

/** What linking did, for people and tools. */
export interface PvmLinkReport {
  readonly link: RiscvLinkReport
  readonly lower: LowerReport
  readonly functions: readonly {
    readonly name: string
    /** Offset in the code. */
    readonly pc: number
  }[]
  readonly bytes: {
    readonly [K in 'source' | 'code' | 'jumpTable' | 'readOnly' | 'data' | 'bss']: number
  }
}

function reportOf(
  { linked, program, report: link }: Translated,
  { code, jumpTable, pcs, report: lower }: PvmLowered,
): PvmLinkReport {
  const functions = program.functions
    .filter((func) => func !== undefined)
    .map(({ id, name }) => ({ name, pc: pcs[id]! }))
    .sort((x, y) => x.pc - y.pc)
  return {
    link,
    lower,
    functions,
    bytes: {
      source: linked.code.length,
      code: code.length,
      jumpTable: jumpTable.length,
      readOnly: linked.readOnly.bytes.length,
      data: linked.data.bytes.length,
      bss: linked.bss.size,
    },
  }
}

/** A linked program. */
export interface PvmLinked {
  readonly bytes: Uint8Array
  readonly report: PvmLinkReport
  /** With option `lines`. */
  readonly sourceMap: SourceMap | undefined
}

function linkedOf(
  translated: Translated,
  lowered: PvmLowered,
  { lines }: PvmLinkOptions,
): Omit<PvmLinked, 'bytes'> {
  const sourceMap = lines === true ? sourceMapOf(translated.linked, lowered.sources) : undefined
  return { report: reportOf(translated, lowered), sourceMap }
}

/** Octets of read-write data, what is zero at the start included. */
function writableSize({ linked: { bss, data } }: Translated): number {
  return bss.size === 0 ? data.bytes.length : bss.address + bss.size - data.address
}

/**
 * Links RISC-V or eBPF objects of stock compilers to a file of the polkavm crate.
 * @param version of its instruction set: 'revive-v1', 'latest64' or 'jam-v1'
 * @throws {LinkError} with what is wrong, where, and the compiler's flag that avoids it
 * @example linkPolkavm([{ name: 'sum.o', bytes }], 'revive-v1', { exports: ['run'] }).bytes
 */
export function linkPolkavm(
  inputs: readonly ObjectInput[],
  version: Exclude<PolkavmVersion, 'latest32'> = 'revive-v1',
  options: PvmLinkOptions = {},
): PvmLinked {
  const translated = translate(inputs, () => pvmLayout, options)
  const { linked, program, stackSize } = translated
  const lowered = lowerPvm(program, { version })
  const { bitmask, code, jumpTable, pcs } = lowered
  const bytes = encodePolkavm({
    version,
    code,
    bitmask,
    jumpTable,
    roData: linked.readOnly.bytes,
    roDataSize: linked.readOnly.bytes.length,
    rwData: linked.data.bytes,
    rwDataSize: writableSize(translated),
    stackSize,
    imports: program.imports,
    exports: program.exports.map(({ func, name }) => ({ name, pc: pcs[func]! })),
    optional: [],
  })
  return { bytes, ...linkedOf(translated, lowered, options) }
}

export interface PvmContractOptions extends TranslateOptions {
  /** Keep names for people in the container; true if not given. The identity is the same. */
  readonly symbols?: boolean
}

/**
 * Links RISC-V objects to a contract of PVM for our own chain (docs/contract-pvm.md).
 * @throws {LinkError} as `linkPolkavm`
 * @throws {DecodeError} when the program breaks a limit of containers
 * @example linkPvm([{ name: 'sum.o', bytes }], { exports: ['run'] }).program.exports.get('run')
 */
export function linkPvm(
  inputs: readonly ObjectInput[],
  options: PvmContractOptions = {},
): Omit<PvmLinked, 'bytes'> & { readonly container: Uint8Array; readonly program: PvmProgram } {
  const translated = translate(inputs, () => pvmLayout, options)
  const { linked, program, stackSize } = translated
  const lowered = lowerPvm(program, { version: contractPvm1.version })
  const { bitmask, code, jumpTable, pcs } = lowered
  const rest = linkedOf(translated, lowered, options)
  const exports = program.exports.map(({ func, name }) => ({ name, pc: pcs[func]! }))
  const names = options.symbols === false ? [] : rest.report.functions
  const container = {
    kind: 'pvm',
    profile: contractPvm1.name,
    gas: contractPvm1.gas,
    stackSize,
    bssSize: writableSize(translated) - linked.data.bytes.length,
    imports: program.imports,
    exports: exports.sort((x, y) => (x.name < y.name ? -1 : 1)),
    functions: [],
    addressTaken: [...jumpTable],
    ...{ code, bitmask, readOnly: linked.readOnly.bytes, data: linked.data.bytes },
    symbols: names.filter(({ name }) => isName(name)),
  } as const
  const made = programOf(container)
  if (made.isa !== 'pvm') throw new Error('linkPvm: the container is another kind')
  return { container: encodeContainer(container), program: made, ...rest }
}

/** Entry points of a service in the order of their places: pc 0, pc 5. */
export interface SpiLinkOptions extends PvmLinkOptions {
  readonly exports: readonly string[]
}

/**
 * Links RISC-V or eBPF objects to a standard program of the Gray Paper: `exports` are found at pc 0, 5, ..., where jumps lead to them.
 * @throws {LinkError} as `linkPolkavm`; `hostNumber` for a host call without a number
 * @example linkSpi([{ name: 'service.o', bytes }], 'jam-v1', { exports: ['run'] }).bytes
 */
export function linkSpi(
  inputs: readonly ObjectInput[],
  version: SpiVersion,
  options: SpiLinkOptions,
): PvmLinked {
  const translated = translate(inputs, () => pvmLayout, options)
  const { linked, program, stackSize } = translated
  const funcOf = new Map(program.exports.map(({ func, name }) => [name, func]))
  const lowered = lowerPvm(program, {
    version,
    dispatch: options.exports.map((name) => funcOf.get(name)!),
    hostNumber: (index) => numberOf(program.imports[index]!, options),
  })
  const rwData = linked.data.bytes
  const zeros = writableSize(translated) - Math.ceil(rwData.length / pageSize) * pageSize
  const bytes = encodeSpi({
    roData: linked.readOnly.bytes,
    rwData,
    heapPages: Math.max(0, Math.ceil(zeros / pageSize)),
    stackSize,
    blob: encodePvmBlob(lowered),
  })
  return { bytes, ...linkedOf(translated, lowered, options) }
}

function numberOf(name: string, { hostNumbers }: PvmLinkOptions): number {
  const number = hostNumbers?.[name]
  if (number === undefined)
    throw new LinkError('hostNumber', `the host call ${name} has no number`, { value: name })
  return number
}
