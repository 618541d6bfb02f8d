import { DecodeError, LinkError } from '../bits/errors.ts'
import { encodeContainer } from '../image/container.ts'
import type { Container } from '../image/container-rules.ts'
import { contractEbpf1 } from '../image/contract.ts'
import { pageSize } from '../vm/memory.ts'
import type { BpfFunction } from '../vm/program.ts'
import { addStubs, bpfExports, checkImports } from './bpf-entries.ts'
import { checkCode } from './check-code.ts'
import { declaredFrames, functionStarts, functionsOf, namesOf } from './functions.ts'
import { fillJumpTables } from './jump-tables.ts'
import { type Layout, layOut } from './layout.ts'
import { type ObjectInput, piecesOf, readObjects } from './objects.ts'
import { dropUnreached, isKept } from './reach.ts'
import { hostCallBinder, importsOf, relocate } from './relocate.ts'
import { resolveSymbols } from './symbols.ts'

export interface LinkOptions {
  /** Bytes of stack, a multiple of 4096; 64 KiB if not given. */
  readonly stackSize?: number
  /** Entry points by name; all visible global functions if not given. */
  readonly exports?: readonly string[]
  /** Every host call there is: other undefined functions are errors. Any name if not given. */
  readonly hostCalls?: readonly string[]
  /** Keep sections that no entry point reaches; false if not given. */
  readonly keepAll?: boolean
  /** Keep names for people in the container; true if not given. The identity is the same. */
  readonly symbols?: boolean
}

/** What linking did, for people and tools. */
export interface LinkReport {
  readonly sections: readonly {
    readonly object: string
    readonly name: string
    readonly place: string
    /** Byte offset in code, or memory address. */
    readonly address: number
    readonly size: number
  }[]
  /** Sections left out because no entry point reaches them. */
  readonly dropped: readonly {
    readonly object: string
    readonly name: string
    readonly size: number
  }[]
  readonly relocations: number
  readonly imports: readonly string[]
  readonly exports: readonly { readonly name: string; readonly pc: number }[]
  /** Functions whose frame size `.stack_sizes` says; those of the others were scanned. */
  readonly declaredFrames: number
  readonly functions: readonly BpfFunction[]
  /** Weak functions that nothing defines: calling them traps. */
  readonly traps: readonly string[]
  readonly bytes: { readonly [K in 'code' | 'readOnly' | 'data' | 'bss']: number }
}

/** What the format cannot hold (too many exports, a name inside an instruction) is the objects' fault. */
function encode(container: Container): Uint8Array {
  try {
    return encodeContainer(container)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new LinkError(error.code, error.what, { value: error.value })
  }
}

/**
 * Links relocatable eBPF objects, as stock `clang -target bpf` writes them, into a container:
 * no relocation is left, undefined functions are host calls by name (docs/contract-ebpf.md).
 * @throws {DecodeError} an object is malformed; the message names it
 * @throws {LinkError} the objects do not fit together or hold what no contract can have
 * @example linkBpf([{ name: 'token.o', bytes }]).container
 */
export function linkBpf(
  inputs: readonly ObjectInput[],
  options: LinkOptions = {},
): { readonly container: Uint8Array; readonly report: LinkReport } {
  const stackSize = options.stackSize ?? contractEbpf1.stackSize
  if (!Number.isSafeInteger(stackSize) || stackSize <= 0 || stackSize % pageSize !== 0) {
    throw new LinkError('stackSize', 'stack must be a multiple of 4096', { value: stackSize })
  }
  const objects = readObjects(inputs)
  const symbols = resolveSymbols(objects)
  const entries = bpfExports(symbols.code, options.exports)
  const roots = options.keepAll === true ? piecesOf(objects) : entries.map(({ piece }) => piece)
  const dropped = dropUnreached(objects, symbols, roots)
  const named = symbols.code.filter(({ piece }) => isKept(piece))
  const layout: Layout = layOut(objects, symbols.commons, stackSize)
  const imports = importsOf(objects, symbols, options.hostCalls ?? [])
  checkImports(imports.keys(), options.hostCalls)
  const found = relocate(objects, symbols, layout, hostCallBinder(imports))
  fillJumpTables(objects, symbols, layout, found)
  const calls = checkCode(objects, layout.code, found.bound, found.taken)
  const { code, starts: stubs } = addStubs(layout, imports, found)
  const names = namesOf(named)
  for (const { name, at } of stubs) names.set(at / 8, name)
  const declared = declaredFrames(objects, symbols)
  for (const { at } of stubs) declared.set(at, 0)
  const starts = [...functionStarts(named, calls, found.taken), ...stubs.map(({ at }) => at / 8)]
  const functions = functionsOf(starts, code, declared, stackSize, names)
  const container: Container = {
    kind: 'bpf',
    profile: contractEbpf1.name,
    gas: contractEbpf1.gas,
    stackSize,
    bssSize: layout.bssSize,
    imports: [...imports.keys()],
    exports: entries.map(({ name, piece, offset }) => ({
      name,
      pc: (piece.offset + offset) / 8,
    })),
    functions,
    addressTaken: [...found.taken, ...stubs.map(({ at }) => at)]
      .map((at) => at / 8)
      .sort((a, b) => a - b),
    code,
    readOnly: layout.readOnly,
    data: layout.data,
    symbols:
      options.symbols === false
        ? []
        : [...names].map(([pc, name]) => ({ pc, name })).sort((a, b) => a.pc - b.pc),
  }
  const report: LinkReport = {
    sections: [...piecesOf(objects)].map(({ object, section, place, offset }) => ({
      object: object.name,
      name: section.name,
      place,
      address: place === 'code' ? offset : layout.base[place] + offset,
      size: section.size,
    })),
    dropped: dropped
      .filter(({ section }) => section.size > 0)
      .map(({ object, section }) => ({
        object: object.name,
        name: section.name,
        size: section.size,
      })),
    relocations: found.count,
    imports: container.imports,
    exports: container.exports,
    declaredFrames: functions.filter(({ pc }) => declared.has(pc * 8)).length,
    functions,
    traps: [...found.traps].sort(),
    bytes: {
      code: code.length,
      readOnly: layout.readOnly.length,
      data: layout.data.length,
      bss: layout.bssSize,
    },
  }
  return { container: encode(container), report }
}
