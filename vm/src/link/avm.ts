import { encodeContainer } from '../image/container.ts'
import { type Container, isName } from '../image/container-rules.ts'
import { contractAvm1, programOf } from '../image/contract.ts'
import { type AvmLowered, lowerAvm } from '../lower/avm.ts'
import type { LowerReport } from '../lower/linear.ts'
import { nullZone } from '../vm/memory.ts'
import type { AvmProgram } from '../vm/program.ts'
import { type Translated, type TranslateOptions, translate } from './front.ts'
import type { ObjectInput } from './objects.ts'
import { avmLayout } from './riscv-layouts.ts'
import type { RiscvLinkReport } from './riscv-link.ts'
import { type SourceMap, sourceMapOf } from './source-map.ts'

export interface AvmLinkOptions extends TranslateOptions {
  /** Name of a gas schedule; `avm-1` if not given. */
  readonly gas?: string
  /** Keep names for people in the container; true if not given. The identity is the same. */
  readonly symbols?: boolean
}

/** What linking did, for people and tools. */
export interface AvmLinkReport {
  readonly link: RiscvLinkReport
  readonly lower: LowerReport
  readonly functions: readonly {
    readonly name: string
    /** Offset in the code, and octets. */
    readonly pc: number
    readonly size: number
  }[]
  readonly bytes: { readonly [K in 'source' | 'code' | 'readOnly' | 'data' | 'bss']: number }
}

/** `length` zeros, and `bytes` at an offset among them. */
function padded(bytes: Uint8Array, length: number, at = 0): Uint8Array {
  const result = new Uint8Array(length)
  result.set(bytes, at)
  return result
}

/** Data of a container lies in a row: what alignment leaves free are zeros. */
function dataOf({
  linked,
  stackSize,
}: Translated): Pick<Container, 'readOnly' | 'data' | 'bssSize' | 'stackSize'> {
  const { bss, data, readOnly } = linked
  const start = nullZone + stackSize
  // a section aligned to more than a page begins behind zeros
  const readOnlyAt = readOnly.bytes.length === 0 ? start : readOnly.address
  const isEmpty = data.bytes.length === 0
  const dataAt = isEmpty && bss.size === 0 ? readOnlyAt + readOnly.bytes.length : data.address
  const end = bss.size === 0 ? dataAt + data.bytes.length : bss.address
  return {
    stackSize,
    readOnly: padded(readOnly.bytes, dataAt - start, readOnlyAt - start),
    data: isEmpty ? new Uint8Array(0) : padded(data.bytes, end - dataAt),
    bssSize: isEmpty ? bss.size + (end - dataAt) : bss.size,
  }
}

function containerOf(
  translated: Translated,
  lowered: AvmLowered,
  options: AvmLinkOptions,
): Container {
  const { program } = translated
  const { code, codeTable, functions } = lowered
  const exports = program.exports.map(({ func, name }) => ({ name, pc: pcOf(lowered, func) }))
  return {
    kind: 'avm',
    profile: contractAvm1.name,
    gas: options.gas ?? contractAvm1.gas,
    ...dataOf(translated),
    imports: program.imports,
    exports: exports.sort((x, y) => (x.name < y.name ? -1 : 1)),
    functions,
    addressTaken: codeTable,
    code,
    symbols:
      options.symbols === false
        ? []
        : namesOf(translated, lowered).filter(({ name }) => isName(name)),
  }
}

function pcOf({ functionOf, functions }: AvmLowered, index: number): number {
  return functions[functionOf[index]!]!.pc
}

function namesOf({ program }: Translated, lowered: AvmLowered): { name: string; pc: number }[] {
  return program.functions
    .filter((func) => func !== undefined)
    .map(({ id, name }) => ({ name, pc: pcOf(lowered, id) }))
    .sort((x, y) => x.pc - y.pc)
}

/** Pairs: pc here, pc in the linked code. */
function* originsOf({ pcs, sources }: AvmLowered): Generator<readonly [number, number]> {
  for (const [index, places] of pcs.entries())
    for (let i = 0; i < sources[index]!.length; i++) yield [places[i]!, sources[index]![i]!]
}

/**
 * Links RISC-V or eBPF objects of stock compilers to a program of AVM.
 * @throws {LinkError} with what is wrong, where, and the compiler's flag that avoids it
 * @throws {DecodeError} when the program breaks a limit of containers
 * @example linkAvm([{ name: 'sum.o', bytes }], { exports: ['run'] }).program.exports.get('run')
 */
export function linkAvm(
  inputs: readonly ObjectInput[],
  options: AvmLinkOptions = {},
): {
  readonly container: Uint8Array
  readonly program: AvmProgram
  readonly report: AvmLinkReport
  /** With option `lines`. */
  readonly sourceMap: SourceMap | undefined
} {
  const translated = translate(inputs, avmLayout, options)
  const { linked } = translated
  const lowered = lowerAvm(translated.program)
  const { code } = lowered
  const container = containerOf(translated, lowered, options)
  const program = programOf(container)
  if (program.isa !== 'avm') throw new Error('linkAvm: the container is another kind')
  const names = namesOf(translated, lowered)
  return {
    container: encodeContainer(container),
    program,
    sourceMap: options.lines === true ? sourceMapOf(linked, originsOf(lowered)) : undefined,
    report: {
      link: translated.report,
      lower: lowered.report,
      functions: names.map(({ name, pc }, i) => ({
        name,
        pc,
        size: (names[i + 1]?.pc ?? code.length) - pc,
      })),
      bytes: {
        source: linked.code.length,
        code: code.length,
        readOnly: linked.readOnly.bytes.length,
        data: linked.data.bytes.length,
        bss: linked.bss.size,
      },
    },
  }
}
