import { LinkError } from '../bits/errors.ts'
import { writeSbpf } from '../image/sbpf/write.ts'
import type { BpfFunction } from '../vm/program.ts'
import { declaredFrames, functionStarts, functionsOf, namesOf } from './functions.ts'
import { Reloc } from './limits.ts'
import {
  type LinkObject,
  linkFail,
  type ObjectInput,
  piecesOf,
  readObjects,
  symbolOf,
} from './objects.ts'
import { dropUnreached, isKept } from './reach.ts'
import { type CallBinder, relocate } from './relocate.ts'
import { checkSbpfCode, moveCallxRegisters, type SbpfCode } from './sbpf-code.ts'
import {
  freezeRelocatedData,
  layOutSbpf,
  refuseWritableData,
  type SbpfLayout,
} from './sbpf-layout.ts'
import {
  abortSyscall,
  type MadeFunction,
  memoryFunctions,
  syscallHash,
  syscallStub,
} from './sbpf-runtime.ts'
import { type NamedCode, resolveSymbols, type Symbols } from './symbols.ts'

/** Longest name in a file of V0, where relocations carry names. */
const longestSyscall = 63
/** One frame of the stack. */
const frameBytes = 4096

export interface SbpfLinkOptions {
  /** `v3`: the strict form of mainnet today; `v0`: the form with relocations, for older clusters. */
  readonly version: 'v0' | 'v3'
  /** The function that Solana calls; `entrypoint` if not given. */
  readonly entry?: string
  /** Every syscall there is: other undefined functions are errors. Any name if not given. */
  readonly syscalls?: readonly string[]
  /** Keep names of functions in the file, for people; true if not given. Deploying costs by the byte. */
  readonly symbols?: boolean
}

/** What linking did, for people and tools. */
export interface SbpfLinkReport {
  readonly sections: readonly {
    readonly object: string
    readonly name: string
    readonly place: string
    readonly address: number
    readonly size: number
  }[]
  readonly dropped: readonly {
    readonly object: string
    readonly name: string
    readonly size: number
  }[]
  readonly relocations: number
  readonly syscalls: readonly string[]
  /** Functions that the linker made: `memcpy` and the like. */
  readonly made: readonly string[]
  readonly entryPc: number
  readonly functions: readonly BpfFunction[]
  readonly bytes: { readonly code: number; readonly readOnly: number }
}

/** The functions to be made: memory functions that are missing, syscalls whose address is taken. */
function missingFunctions(objects: readonly LinkObject[], symbols: Symbols): MadeFunction[] {
  const made = new Map<string, MadeFunction>()
  for (const piece of piecesOf(objects)) {
    for (const relocation of piece.object.relocations.get(piece.section.index) ?? []) {
      if (relocation.type === Reloc.nodyld32) continue
      const symbol = symbolOf(piece.object, relocation)
      const target = symbols.resolve(piece.object, symbol)
      if (target.kind !== 'undefined') continue
      const isCall = piece.place === 'code' && relocation.type !== Reloc.bpf64_64
      const known = memoryFunctions.get(target.name)
      if (known !== undefined) made.set(target.name, known)
      else if (!isCall) made.set(target.name, syscallStub(target.name))
    }
  }
  return [...made.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Calls of syscalls by slot, until all are found. */
class Syscalls {
  readonly calls: Map<number, string> = new Map()
  readonly #known: ReadonlyMap<number, string> | undefined
  readonly #version: 'v0' | 'v3'

  constructor(names: readonly string[] | undefined, version: 'v0' | 'v3') {
    this.#known = names && new Map(names.map((name) => [syscallHash(name), name]))
    this.#version = version
  }

  has(name: string): boolean {
    return this.#known === undefined || this.#known.get(syscallHash(name)) === name
  }

  /** Calls by number, which the SDKs of static syscalls make. */
  addHashed({ hashed }: SbpfCode): void {
    for (const { piece, slot, hash } of hashed) {
      const name = this.#known?.get(hash)
      const place = {
        object: piece.object.name,
        section: piece.section.name,
        offset: slot * 8 - piece.offset,
        value: hash,
      }
      if (name !== undefined) this.calls.set(slot, name)
      else if (this.#known !== undefined || this.#version === 'v0')
        linkFail('unknownSyscall', `call of number 0x${hash.toString(16)}, no syscall's`, place)
    }
  }

  /** Writes every call as the version has it. */
  encode(code: Uint8Array): void {
    const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
    for (const [slot, name] of this.calls) {
      view.setUint8(8 * slot + 1, this.#version === 'v3' ? 0 : 0x10)
      view.setUint32(8 * slot + 4, this.#version === 'v3' ? syscallHash(name) : 0xffff_ffff, true)
    }
  }
}

function binderOf(syscalls: Syscalls, madeAt: ReadonlyMap<string, number>): CallBinder {
  const bind = (code: DataView, at: number, name: string): void => {
    const made = madeAt.get(name)
    if (made !== undefined && memoryFunctions.has(name)) {
      code.setUint8(at + 1, 0x10)
      code.setInt32(at + 4, (made - at) / 8 - 1, true)
      return
    }
    code.setUint8(at + 1, 0)
    syscalls.calls.set(at / 8, name)
  }
  return {
    what: 'syscall',
    names: { has: (name) => memoryFunctions.has(name) || syscalls.has(name) },
    undefinedCall: bind,
    noneCall: (code, at) => bind(code, at, abortSyscall),
  }
}

function entryOf(code: readonly NamedCode[], name: string): NamedCode {
  const entry = code.find((item) => item.isExported && item.name === name)
  if (entry !== undefined) return entry
  throw new LinkError('missingExport', `no global function ${name}: the program has no entry`, {
    value: name,
  })
}

function completeStubs(stubs: ReturnType<typeof relocate>['stubs'], layout: SbpfLayout): number[] {
  const taken: number[] = []
  for (const [name, uses] of stubs) {
    const at = layout.madeAt.get(name)!
    taken.push(at)
    for (const { put, addend } of uses) {
      if (addend !== 0n)
        throw new LinkError('codeAddress', `address inside ${name}`, { value: addend })
      put(layout.codeBase + BigInt(at))
    }
  }
  return taken
}

function checkNames(syscalls: Syscalls): void {
  for (const name of syscalls.calls.values())
    if (new TextEncoder().encode(name).length > longestSyscall)
      throw new LinkError('badName', `syscall ${name}: over ${longestSyscall} bytes`, {
        value: name,
      })
}

/**
 * Links relocatable objects, as stock `clang -target bpf -mcpu=v2` and rustc's llc write them, into an
 * executable that Solana deploys (docs/host/solana-building.md).
 * @throws {DecodeError} an object is malformed; the message names it
 * @throws {LinkError} the objects do not fit together or hold what no Solana program can have
 * @example linkSbpf([{ name: 'counter.o', bytes }], { version: 'v3' }).report.entryPc // 0
 */
export function linkSbpf(
  inputs: readonly ObjectInput[],
  options: SbpfLinkOptions,
): { readonly elf: Uint8Array; readonly report: SbpfLinkReport } {
  const { version } = options
  const objects = readObjects(inputs)
  freezeRelocatedData(objects)
  const symbols = resolveSymbols(objects)
  const entry = entryOf(symbols.code, options.entry ?? 'entrypoint')
  const dropped = dropUnreached(objects, symbols, [entry.piece])
  refuseWritableData(objects, symbols.commons)
  const named = symbols.code.filter(({ piece }) => isKept(piece))
  const made = missingFunctions(objects, symbols)
  const layout = layOutSbpf(objects, made, version)
  const syscalls = new Syscalls(options.syscalls, version)
  const found = relocate(objects, symbols, layout, binderOf(syscalls, layout.madeAt))
  const { code } = layout
  const checked = checkSbpfCode(objects, code, found.bound, found.taken)
  syscalls.addHashed(checked)
  for (const { name, calls } of made)
    for (const call of calls)
      syscalls.calls.set(layout.madeAt.get(name)! / 8 + call.slot, call.name)
  const names = namesOf(named)
  const declared = declaredFrames(objects, symbols)
  for (const { name, frameSize } of made) {
    names.set(layout.madeAt.get(name)! / 8, name)
    declared.set(layout.madeAt.get(name)!, frameSize)
  }
  const taken = [...found.taken, ...completeStubs(found.stubs, layout)]
  const madeStarts = [...layout.madeAt.values()].map((at) => at / 8)
  const starts = [...functionStarts(named, checked.targets, taken), ...madeStarts]
  const functions = functionsOf(starts, code, declared, frameBytes, names)
  if (version === 'v0') checkNames(syscalls)
  moveCallxRegisters(code, version)
  syscalls.encode(code)
  const entryPc = (entry.piece.offset + entry.offset) / 8
  const elf = writeSbpf({
    ...{ version, code, readOnly: layout.readOnly, entryPc },
    syscalls: [...syscalls.calls].map(([slot, name]) => ({ slot, name })).sort(bySlot),
    symbols: options.symbols === false ? new Map() : names,
  })
  const report: SbpfLinkReport = {
    sections: [...piecesOf(objects)].map(({ object, section, place, offset }) => ({
      object: object.name,
      name: section.name,
      place,
      address: (place === 'code' ? Number(layout.codeBase) : layout.base.readOnly) + offset,
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
    syscalls: [...new Set(syscalls.calls.values())].sort(),
    made: made.map(({ name }) => name),
    entryPc,
    functions,
    bytes: { code: code.length, readOnly: layout.readOnly.length },
  }
  return { elf, report }
}

function bySlot(a: { readonly slot: number }, b: { readonly slot: number }): number {
  return a.slot - b.slot
}
