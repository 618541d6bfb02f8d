import { contractEbpf1 } from '../image/contract.ts'
import { lowerAvm } from '../lower/avm.ts'
import type { LowerReport } from '../lower/linear.ts'
import { nullZone, pageSize, type Segment } from '../vm/memory.ts'
import type { AvmProgram } from '../vm/program.ts'
import { type Translated, type TranslateOptions, translate } from './front.ts'
import type { ObjectInput } from './objects.ts'
import { avmLayout } from './riscv-layouts.ts'
import type { RiscvLinkReport } from './riscv-link.ts'

export interface AvmLinkOptions extends TranslateOptions {
  /** Name of a gas schedule; `avm-1` if not given. */
  readonly gas?: string
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

/** The parts of memory that have contents, and where all of it ends. */
function memoryOf({ linked, stackSize }: Translated): {
  readonly segments: readonly Segment[]
  readonly end: number
} {
  const segments = [linked.readOnly, linked.data].filter(({ bytes }) => bytes.length > 0)
  const last = Math.max(
    nullZone + stackSize,
    linked.bss.address + linked.bss.size,
    ...segments.map(({ address, bytes }) => address + bytes.length),
  )
  return { segments, end: Math.ceil(last / pageSize) * pageSize }
}

/**
 * Links RISC-V objects of stock compilers to a program of AVM.
 * @throws {LinkError} with what is wrong, where, and the compiler's flag that avoids it
 * @example linkAvm([{ name: 'sum.o', bytes }], { exports: ['run'] }).program.exports.get('run')
 */
export function linkAvm(
  inputs: readonly ObjectInput[],
  options: AvmLinkOptions = {},
): { readonly program: AvmProgram; readonly report: AvmLinkReport } {
  const translated = translate(inputs, avmLayout, options)
  const { linked, program, stackSize } = translated
  const lowered = lowerAvm(program)
  const { code, codeTable, functionOf, functions } = lowered
  const { end, segments } = memoryOf(translated)
  const pcOf = (index: number): number => functions[functionOf[index]!]!.pc
  const named = program.functions
    .filter((func) => func !== undefined)
    .map(({ id, name }) => ({ name, pc: pcOf(id) }))
    .sort((x, y) => x.pc - y.pc)
  return {
    program: {
      isa: 'avm',
      version: 'v1',
      code,
      exports: new Map(program.exports.map(({ func, name }) => [name, pcOf(func)])),
      imports: program.imports,
      memory: {
        profile: 'linear32',
        segments,
        size: end,
        maxSize: Math.max(end, nullZone + contractEbpf1.maxMemory),
      },
      gas: options.gas ?? 'avm-1',
      symbols: new Map(named.map(({ name, pc }) => [pc, name])),
      functions,
      codeTable,
      stack: { low: nullZone, high: nullZone + stackSize },
      maxDepth: contractEbpf1.options.maxDepth,
    },
    report: {
      link: translated.report,
      lower: lowered.report,
      functions: named.map(({ name, pc }, i) => ({
        name,
        pc,
        size: (named[i + 1]?.pc ?? code.length) - pc,
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
