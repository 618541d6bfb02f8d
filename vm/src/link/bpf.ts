import { DecodeError, LinkError } from '../bits/errors.ts'
import { encodeContainer } from '../image/container.ts'
import type { Container } from '../image/container-rules.ts'
import { contractEbpf1 } from '../image/contract.ts'
import { pageSize } from '../vm/memory.ts'
import type { BpfFunction } from '../vm/program.ts'
import { type BpfInputOptions, linkBpfParts } from './bpf-parts.ts'
import { functionsOf } from './functions.ts'
import { layOut } from './layout.ts'
import { type ObjectInput, piecesOf } from './objects.ts'

export interface LinkOptions extends BpfInputOptions {
  /** Bytes of stack, a multiple of 4096; 64 KiB if not given. */
  readonly stackSize?: number
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
  const parts = linkBpfParts(inputs, options, (found, commons) => layOut(found, commons, stackSize))
  const { code, declared, dropped, entries, found, imports, layout, names, objects, starts } = parts
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
    addressTaken: [...found.taken].map((at) => at / 8).sort((a, b) => a - b),
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
