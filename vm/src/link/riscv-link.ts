import { LinkError } from '../bits/errors.ts'
import { containerLimits, isName } from '../image/container-rules.ts'
import type { RiscvDecoder } from '../isa/riscv/decode.ts'
import { riscvDecoder } from '../isa/riscv/isa.ts'
import type { LinkObject, ObjectInput, Piece } from './objects.ts'
import { applyFixups, type FoundWord, type Job, takenPlaces } from './riscv-apply.ts'
import { type Chunk, Chunks } from './riscv-chunks.ts'
import {
  addImplicit,
  anchoredPieces,
  type Fixup,
  fixupsIn,
  fixupsOf,
  reachedChunks,
} from './riscv-fixups.ts'
import { type CodeRange, functionsOfCode } from './riscv-functions.ts'
import { sourceLines } from './riscv-lines.ts'
import type { CallTarget, CodePlace, CodeWord, LinkedCode, TargetLayout } from './riscv-linked.ts'
import { readRiscvObjects } from './riscv-objects.ts'
import { isLinkerName, type PartSizes, Places, stackChunks } from './riscv-places.ts'
import { jumpTypes, RiscvReloc } from './riscv-reloc.ts'
import { type NamedCode, resolveSymbols, type Symbols } from './symbols.ts'
import { variablesOf } from './variables.ts'

export interface RiscvLinkOptions {
  /** Where the target wants data, and what addresses of code are there. */
  readonly layout: TargetLayout
  /** Entry points by name; all visible global functions if not given. */
  readonly exports?: readonly string[]
  /** Every host call there is: other undefined functions are errors. Any name if not given. */
  readonly hostCalls?: readonly string[]
  /** Keep what no entry point reaches; false if not given. */
  readonly keepAll?: boolean
  /** Read lines of source from `.debug_line`; false if not given. */
  readonly lines?: boolean
  /**
   * Code of a host call by its index, an even number of octets: calls of it go there. If not given, `calls` says which sites are
   * host calls, and one whose address is taken is a jump to itself that `calls` has.
   */
  readonly stub?: (index: number, embedded: boolean) => Uint8Array
}

/** What linking did, for people and tools. */
export interface RiscvLinkReport {
  readonly kept: readonly {
    readonly object: string
    readonly section: string
    readonly place: string
    /** Offset in the code, or memory address. */
    readonly address: number
    readonly size: number
  }[]
  readonly dropped: readonly {
    readonly object: string
    readonly section: string
    /** In the section. */
    readonly offset: number
    readonly size: number
  }[]
  readonly relocations: number
  /** Names of host calls, sorted. */
  readonly imports: readonly string[]
  /** Names of entry points, sorted. */
  readonly exports: readonly string[]
  /** Weak functions that nothing defines: calling them traps. */
  readonly traps: readonly string[]
}

/** `jal x0, 0`. */
const hereStub = Uint8Array.of(0x6f, 0, 0, 0)

function exportsOf(code: readonly NamedCode[], wanted: readonly string[] | undefined): NamedCode[] {
  const found = new Map<string, NamedCode>()
  for (const item of code) if (item.isExported && item.isFunction) found.set(item.name, item)
  const names = [...new Set(wanted ?? found.keys())].sort()
  return names.map((name) => {
    const item = found.get(name)
    if (item === undefined)
      throw new LinkError('missingExport', `no global function ${name}`, { value: name })
    if (!isName(name)) throw new LinkError('badName', `export ${name}`, { value: name })
    return item
  })
}

/** The section and offset of the header's entry of an executable. */
function entryOf(objects: readonly LinkObject[]): { piece: Piece; offset: number } | undefined {
  for (const { elf, pieces } of objects) {
    if (elf.type === 1) continue
    for (const piece of pieces) {
      if (piece?.place !== 'code') continue
      const offset = elf.entry - piece.section.address
      if (offset >= 0n && offset < BigInt(piece.section.size))
        return { piece, offset: Number(offset) }
    }
  }
  return undefined
}

/** Host calls, sorted, with their indices, and those whose address is taken. */
function importsOf(
  kept: readonly Chunk[],
  fixups: ReadonlyMap<Piece, readonly Fixup[]>,
  known: readonly string[] | undefined,
): { readonly imports: Map<string, number>; readonly addressed: string[] } {
  const called = new Set<string>()
  const addressed = new Set<string>()
  for (const chunk of kept)
    for (const { target, type } of fixupsIn(fixups.get(chunk.piece) ?? [], chunk)) {
      if (target.kind !== 'undefined' || isLinkerName(target.name)) continue
      if (jumpTypes.has(type)) called.add(target.name)
      else addressed.add(target.name)
    }
  const allowed = known === undefined ? undefined : new Set(known)
  for (const name of called) {
    if (!isName(name)) throw new LinkError('badName', `host call ${name}`, { value: name })
    if (allowed !== undefined && !allowed.has(name))
      throw new LinkError('undefinedSymbol', `${name} is neither defined nor a host call`, {
        value: name,
      })
  }
  for (const name of addressed) if (allowed?.has(name)) called.add(name)
  const names = [...called].sort()
  return {
    imports: new Map(names.map((name, index) => [name, index])),
    addressed: names.filter((name) => addressed.has(name)),
  }
}

function copyChunks(kept: readonly Chunk[], place: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (const { end, offset, piece, start } of kept)
    if (piece.place === place) bytes.set(piece.section.bytes.subarray(start, end), offset)
  return bytes
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer)

/** One name per place: the exported before other functions. */
function namesOf(
  code: readonly NamedCode[],
  pcOf: (item: NamedCode) => number | undefined,
): Map<number, string> {
  const names = new Map<number, string>()
  for (const wanted of [true, false])
    for (const item of code) {
      const pc = item.isFunction && item.isExported === wanted ? pcOf(item) : undefined
      if (pc !== undefined && !names.has(pc)) names.set(pc, item.name)
    }
  return names
}

interface Linking {
  readonly objects: readonly LinkObject[]
  readonly symbols: Symbols
  readonly decoder: RiscvDecoder
  readonly chunks: Chunks
  readonly fixups: ReadonlyMap<Piece, readonly Fixup[]>
}

function prepare(objects: readonly LinkObject[], decoder: RiscvDecoder): Linking {
  const symbols = resolveSymbols(objects, 2)
  const fixups = fixupsOf(objects, symbols)
  const chunks = new Chunks(objects, symbols.code, anchoredPieces(fixups), decoder)
  addImplicit(fixups, chunks, decoder)
  return { objects, symbols, decoder, chunks, fixups }
}

function highsOf(fixups: ReadonlyMap<Piece, readonly Fixup[]>): Map<Piece, Map<number, Fixup>> {
  const highs = new Map<Piece, Map<number, Fixup>>()
  for (const [piece, list] of fixups) {
    if (piece.place !== 'code') continue
    const { gotHi20, pcrelHi20 } = RiscvReloc
    const found = list.filter(({ type }) => type === pcrelHi20 || type === gotHi20)
    highs.set(piece, new Map(found.map((fixup) => [fixup.offset, fixup])))
  }
  return highs
}

function wordsOf(
  words: readonly FoundWord[],
  at: { readonly readOnly: number; readonly data: number },
  table: readonly CodePlace[],
): CodeWord[] {
  const entries = new Map(table.map(({ pc }, i) => [pc, i]))
  return words
    .map(({ from, offset, pc, place, size }) => {
      return { address: at[place] + offset, size, entry: entries.get(pc)!, from }
    })
    .sort((a, b) => a.address - b.address)
}

function checkSizes(sizes: PartSizes): void {
  const { codeBytes, memoryBytes } = containerLimits
  if (sizes.code > codeBytes)
    throw new LinkError('codeTooLarge', `code of ${sizes.code} bytes, ${codeBytes} at most`, {
      value: sizes.code,
    })
  const memory = sizes.readOnly + sizes.data + sizes.bss
  if (memory > memoryBytes)
    throw new LinkError('memoryTooLarge', `data of ${memory} bytes, ${memoryBytes} at most`, {
      value: memory,
    })
}

/**
 * Links RISC-V objects, archives of them, and executables that kept their relocations to code whose addresses are final.
 * @throws {DecodeError} a file is malformed; the message names it
 * @throws {LinkError} they do not fit together or hold what no program can have; with what avoids it
 */
export function linkRiscv(
  inputs: readonly ObjectInput[],
  options: RiscvLinkOptions,
): { readonly linked: LinkedCode; readonly report: RiscvLinkReport } {
  const { embedded, objects, wide } = readRiscvObjects(inputs, options.exports)
  const version = wide ? 'rv64' : 'rv32'
  const decoder = riscvDecoder(version, embedded)
  const linking = prepare(objects, decoder)
  const { chunks, fixups, symbols } = linking
  const exports = exportsOf(symbols.code, options.exports)
  const entry = options.exports === undefined ? entryOf(objects) : undefined
  if (exports.length === 0 && entry === undefined)
    throw new LinkError('noExports', 'no global function: nothing could call this program')
  const roots = [...exports, ...(entry === undefined ? [] : [entry])]
  const reached =
    options.keepAll === true
      ? new Set(chunks.all.filter(({ isPadding }) => !isPadding))
      : reachedChunks(
          chunks,
          fixups,
          roots.map(({ piece, offset }) => chunks.at(piece, offset)),
        )
  const kept = chunks.all.filter((chunk) => reached.has(chunk))
  const { addressed, imports } = importsOf(kept, fixups, options.hostCalls)

  const code = stackChunks(kept, 'code')
  const stubs = new Map<string, number>()
  const stubCode = (index: number): Uint8Array => options.stub?.(index, embedded) ?? hereStub
  const ranges: CodeRange[] = kept
    .filter(({ piece }) => piece.place === 'code')
    .map(({ end, offset, piece, start }) => {
      const name = start === 0 ? piece.section.name : `${piece.section.name}+${start}`
      return { start: offset, end: offset + end - start, name }
    })
    .filter(({ end, start }) => end > start)
  const bound = new Map<number, CallTarget>()
  const stubNames = options.stub === undefined ? addressed : [...imports.keys()]
  for (const name of stubNames) {
    const index = imports.get(name)!
    const start = Math.ceil(code.size / 4) * 4
    code.size = start + stubCode(index).length
    stubs.set(name, start)
    ranges.push({ start, end: code.size, name })
    if (options.stub === undefined) bound.set(start, { kind: 'import', index })
  }
  const [readOnly, data, bss] = [
    stackChunks(kept, 'readOnly'),
    stackChunks(kept, 'data'),
    stackChunks(kept, 'bss'),
  ]
  for (const common of symbols.commons) {
    common.offset = Math.ceil(bss.size / common.align) * common.align
    bss.size = common.offset + common.size
    bss.align = Math.max(bss.align, common.align)
  }
  const sizes = { code: code.size, readOnly: readOnly.size, data: data.size, bss: bss.size }
  checkSizes(sizes)
  const at = options.layout.place({ code, readOnly, data, bss })
  const places = new Places(chunks, reached, options.layout, { at, sizes }, stubs)
  const bytes = {
    code: copyChunks(kept, 'code', code.size),
    readOnly: copyChunks(kept, 'readOnly', readOnly.size),
    data: copyChunks(kept, 'data', data.size),
  }
  for (const [name, start] of stubs) bytes.code.set(stubCode(imports.get(name)!), start)
  const job: Job = {
    ...{ places, fixups, wide, imports, calls: bound, words: [], pairs: new Map() },
    views: { code: viewOf(bytes.code), readOnly: viewOf(bytes.readOnly), data: viewOf(bytes.data) },
    highs: highsOf(fixups),
  }
  const taken = takenPlaces(job, kept)
  places.setTaken(taken)
  const relocations = applyFixups(job, kept)

  const pcOf = ({ offset, piece }: { piece: Piece; offset: number }): number | undefined => {
    const chunk = chunks.at(piece, offset)
    return reached.has(chunk) ? chunk.offset + offset - chunk.start : undefined
  }
  const names = namesOf(symbols.code, pcOf)
  const entryPc = entry === undefined ? undefined : pcOf(entry)
  if (entryPc !== undefined && !names.has(entryPc)) names.set(entryPc, '_start')
  const exported = new Set(exports.map((item) => pcOf(item)!))
  const functions = functionsOfCode(decoder, bytes.code, ranges, {
    ...{ names, exported, taken: new Set(taken), pairs: job.pairs, bound },
  })
  const codeTable = taken.map((pc): CodePlace => {
    const index = functions.indexOf(pc)
    return {
      pc,
      index,
      isFunction: functions.list[index]!.start === pc,
      value: places.codeValue(pc),
    }
  })
  const linked: LinkedCode = {
    ...{ isa: 'riscv', version, embedded, code: bytes.code },
    codeAddress: options.layout.codeAddress,
    functions: functions.list,
    calls: functions.calls,
    codeTable,
    readOnly: { address: at.readOnly, bytes: bytes.readOnly },
    data: { address: at.data, bytes: bytes.data },
    bss: { address: at.bss, size: bss.size },
    codeWords: wordsOf(job.words, at, codeTable),
    imports: [...imports.keys()],
    exports: exports.map((item) => ({ name: item.name, index: functions.indexOf(pcOf(item)!) })),
    entry: entryPc,
    objects: variablesOf(linking.objects, (piece, value) => {
      const chunk = linking.chunks.at(piece, value)
      if (!reached.has(chunk)) return undefined
      return places.at[piece.place] + chunk.offset + value - chunk.start
    }),
    ...(options.lines === true
      ? sourceLines(objects, chunks, reached)
      : { lines: [], sources: [] }),
  }
  return {
    linked,
    report: {
      ...reportOf(linking, reached, places, relocations, job.calls),
      ...{ imports: linked.imports, exports: exports.map(({ name }) => name) },
    },
  }
}

function reportOf(
  { chunks }: Linking,
  kept: ReadonlySet<Chunk>,
  places: Places,
  relocations: number,
  calls: ReadonlyMap<number, CallTarget>,
): Omit<RiscvLinkReport, 'imports' | 'exports'> {
  const traps = new Set<string>()
  for (const target of calls.values()) if (target.kind === 'none') traps.add(target.name)
  const real = chunks.all.filter(({ end, isPadding, start }) => !isPadding && end > start)
  return {
    kept: real
      .filter((chunk) => kept.has(chunk))
      .map(({ end, offset, piece, start }) => ({
        object: piece.object.name,
        section: piece.section.name,
        place: piece.place,
        address: piece.place === 'code' ? offset : places.at[piece.place] + offset,
        size: end - start,
      })),
    dropped: real
      .filter((chunk) => !kept.has(chunk))
      .map(({ end, piece, start }) => ({
        ...{ object: piece.object.name, section: piece.section.name, offset: start },
        size: end - start,
      })),
    relocations,
    traps: [...traps].sort(),
  }
}
