import type { ElfRelocation } from '../image/elf.ts'
import { memoryAddress, type PlacedBytes } from './layout.ts'
import { Reloc } from './limits.ts'
import { type LinkObject, linkFail, type Piece, piecesOf, symbolOf } from './objects.ts'
import type { Symbols, Target } from './symbols.ts'

/** What relocating found out about the code. */
export interface Relocated {
  /** Byte offsets in code whose address is taken. */
  readonly taken: Set<number>
  /** Slots of calls that name a host call or trap: final, not local calls. */
  readonly bound: Set<number>
  /** Where those addresses went. */
  readonly uses: CodeUse[]
  /** Host calls whose address is taken -> where their stub is wanted. */
  readonly stubs: Map<string, StubUse[]>
  /** Weak functions that are called though nothing defines them. */
  readonly traps: Set<string>
  count: number
}

/** Writes the address of code; may be done again. */
export type PutAddress = (value: bigint) => void

/** A word of data. */
export interface WordPlace {
  readonly address: number
  /** Octets. */
  readonly size: 4 | 8
}

/** An instruction or a word that has the address of a place in code. */
export interface CodeUse {
  /** Offset in the code. */
  readonly at: number
  readonly put: PutAddress
  /** Undefined: an instruction. */
  readonly word: WordPlace | undefined
}

/** A 64-bit value to be completed with a stub's code address. */
export interface StubUse {
  readonly put: PutAddress
  readonly addend: bigint
  readonly word: WordPlace | undefined
}

const opLddw = 0x18
const opCall = 0x85

/**
 * The trap instruction: eight zero bytes. Opcode 0 is no instruction of RFC 9669, so that
 * reaching it is the trap `invalidInstruction` on every engine.
 */
export const trapSlot: Uint8Array = new Uint8Array(8)

/** What calls of functions that no object defines become. */
export interface CallBinder {
  /** What such a function is called in messages. */
  readonly what: string
  /** Names that `undefinedCall` answers for. */
  readonly names: { has(name: string): boolean }
  /** Writes the slot at byte offset `at` of the code. */
  undefinedCall(code: DataView, at: number, name: string): void
  /** Of a weak function, which traps. */
  noneCall(code: DataView, at: number, name: string): void
}

/** Host calls by index, and a trap: the contract profile's. */
export function hostCallBinder(imports: ReadonlyMap<string, number>): CallBinder {
  return {
    what: 'host call',
    names: imports,
    undefinedCall(code, at, name) {
      code.setUint8(at + 1, 0)
      code.setUint32(at + 4, imports.get(name) ?? 0, true)
    },
    noneCall(code, at) {
      new Uint8Array(code.buffer, code.byteOffset + at, 8).set(trapSlot)
    },
  }
}

interface Job {
  readonly layout: PlacedBytes
  readonly symbols: Symbols
  readonly binder: CallBinder
  readonly code: DataView
  readonly readOnly: DataView
  readonly data: DataView
  readonly out: Relocated
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function refuse(
  piece: Piece,
  relocation: ElfRelocation,
  code: string,
  message: string,
  value: bigint | number | string,
): never {
  return linkFail(code, message, {
    object: piece.object.name,
    section: piece.section.name,
    offset: relocation.offset,
    value,
  })
}

/** Byte offset in code of `target + addend`; it must start a slot of the target's section. */
function codePlace(
  piece: Piece,
  relocation: ElfRelocation,
  target: Target,
  addend: bigint,
): number {
  if (target.kind !== 'piece') refuse(piece, relocation, 'codeAddress', 'no code', addend)
  const at = BigInt(target.offset) + addend
  if (at < 0n || at >= BigInt(target.piece.section.size) || at % 8n !== 0n) {
    refuse(piece, relocation, 'codeAddress', 'address of no instruction', at)
  }
  return target.piece.offset + Number(at)
}

/** Stores S + A, or leaves it to the stub of a host call. */
function resolveAddress(
  job: Job,
  piece: Piece,
  relocation: ElfRelocation,
  addend: bigint,
  put: PutAddress,
  word?: WordPlace,
): void {
  const symbol = symbolOf(piece.object, relocation)
  const target = job.symbols.resolve(piece.object, symbol)
  const address = memoryAddress(job.layout, target)
  if (address !== undefined) {
    put(BigInt(address) + addend)
    return
  }
  switch (target.kind) {
    case 'piece': {
      const at = codePlace(piece, relocation, target, addend)
      job.out.taken.add(at)
      job.out.uses.push({ at, put, word })
      put(job.layout.codeBase + BigInt(at))
      return
    }
    case 'absolute':
      put(target.value + addend)
      return
    case 'none':
      put(addend)
      return
    case 'undefined': {
      if (!job.binder.names.has(target.name)) {
        refuse(
          piece,
          relocation,
          'undefinedSymbol',
          `${target.name} is defined nowhere; only a function that is called can be a ${job.binder.what}`,
          target.name,
        )
      }
      const uses = job.out.stubs.get(target.name) ?? []
      uses.push({ put, addend, word })
      job.out.stubs.set(target.name, uses)
      return
    }
    default:
      refuse(piece, relocation, 'droppedSection', 'symbol in a section not loaded', symbol.name)
  }
}

function relocateLddw(job: Job, piece: Piece, relocation: ElfRelocation): void {
  const at = piece.offset + relocation.offset
  const view = job.code
  if (relocation.offset + 16 > piece.section.size) {
    refuse(piece, relocation, 'relocationPlace', 'half a lddw', relocation.offset)
  }
  const lo = BigInt(view.getUint32(at + 4, true))
  const hi = BigInt(view.getUint32(at + 12, true))
  const addend = relocation.addend ?? BigInt.asIntN(64, (hi << 32n) | lo)
  resolveAddress(job, piece, relocation, addend, (value) => {
    view.setUint32(at + 4, Number(BigInt.asUintN(32, value)), true)
    view.setUint32(at + 12, Number(BigInt.asUintN(32, value >> 32n)), true)
  })
}

function relocateCall(job: Job, piece: Piece, relocation: ElfRelocation): void {
  const at = piece.offset + relocation.offset
  const view = job.code
  const source = view.getUint8(at + 1) >> 4
  if (source > 1) refuse(piece, relocation, 'kfunc', 'call by BTF id', source)
  const symbol = symbolOf(piece.object, relocation)
  const target = job.symbols.resolve(piece.object, symbol)
  switch (target.kind) {
    case 'piece': {
      if (target.piece.place !== 'code') {
        refuse(piece, relocation, 'callTarget', `${symbol.name} is no function`, symbol.name)
      }
      const addend = relocation.addend ?? (BigInt(view.getInt32(at + 4, true)) + 1n) * 8n
      const to = codePlace(piece, relocation, target, addend)
      view.setUint8(at + 1, 0x10)
      view.setInt32(at + 4, (to - at) / 8 - 1, true)
      return
    }
    case 'undefined': {
      if (!job.binder.names.has(target.name)) {
        refuse(
          piece,
          relocation,
          'undefinedSymbol',
          `${target.name} is no ${job.binder.what}`,
          target.name,
        )
      }
      job.binder.undefinedCall(view, at, target.name)
      job.out.bound.add(at / 8)
      return
    }
    case 'none':
      job.binder.noneCall(view, at, target.name)
      job.out.bound.add(at / 8)
      job.out.traps.add(target.name)
      return
    default:
      refuse(piece, relocation, 'callTarget', `${symbol.name} is no function`, symbol.name)
  }
}

function relocateCode(job: Job, piece: Piece, relocation: ElfRelocation): void {
  const { offset, type } = relocation
  if (type === Reloc.nodyld32) return
  if (offset % 8 !== 0 || offset + 8 > piece.section.size) {
    refuse(piece, relocation, 'relocationPlace', 'relocation of no instruction', offset)
  }
  const opcode = job.code.getUint8(piece.offset + offset)
  if (type === Reloc.bpf64_64 && opcode === opLddw) relocateLddw(job, piece, relocation)
  else if ((type === Reloc.bpf64_32 || type === Reloc.abs64) && opcode === opCall) {
    relocateCall(job, piece, relocation)
  } else refuse(piece, relocation, 'relocation', `type ${type} at opcode ${opcode}`, type)
}

function relocateData(job: Job, piece: Piece, relocation: ElfRelocation): void {
  const { offset, type } = relocation
  if (type === Reloc.nodyld32) return
  const wide = type === Reloc.abs64 || type === Reloc.bpf64_64
  if (!wide && type !== Reloc.abs32 && type !== Reloc.bpf64_32) {
    refuse(piece, relocation, 'relocation', `type ${type} in data`, type)
  }
  const width = wide ? 8 : 4
  if (piece.place === 'bss' || offset + width > piece.section.size) {
    refuse(piece, relocation, 'relocationPlace', 'relocation outside its section', offset)
  }
  const view = piece.place === 'data' ? job.data : job.readOnly
  const at = piece.offset + offset
  const stored = wide ? view.getBigInt64(at, true) : BigInt(view.getInt32(at, true))
  const put = (value: bigint): void => {
    if (wide) {
      view.setBigUint64(at, BigInt.asUintN(64, value), true)
    } else if (value === BigInt.asUintN(32, value)) {
      view.setUint32(at, Number(value), true)
    } else {
      refuse(piece, relocation, 'relocationOverflow', 'address does not fit 32 bits', value)
    }
  }
  const { place } = piece
  const base = place === 'data' ? job.layout.base.data : job.layout.base.readOnly
  const word: WordPlace = { address: base + at, size: width }
  resolveAddress(job, piece, relocation, relocation.addend ?? stored, put, word)
}

/**
 * Host calls by name, sorted, with their indices: undefined functions that some call names.
 * @throws {LinkError}
 */
export function importsOf(
  objects: readonly LinkObject[],
  symbols: Symbols,
  known: Iterable<string>,
): Map<string, number> {
  const called = new Set<string>()
  const named = new Set(known)
  for (const piece of piecesOf(objects)) {
    for (const relocation of piece.object.relocations.get(piece.section.index) ?? []) {
      const target = symbols.resolve(piece.object, symbolOf(piece.object, relocation))
      if (target.kind !== 'undefined') continue
      if (relocation.type !== Reloc.bpf64_64 && piece.place === 'code') called.add(target.name)
      else if (named.has(target.name)) called.add(target.name)
    }
  }
  return new Map([...called].sort().map((name, index) => [name, index]))
}

/**
 * Applies every relocation of every loaded section to the laid-out bytes.
 * @throws {LinkError} naming object, section and offset
 */
export function relocate(
  objects: readonly LinkObject[],
  symbols: Symbols,
  layout: PlacedBytes,
  binder: CallBinder,
): Relocated {
  const out: Relocated = {
    taken: new Set(),
    uses: [],
    bound: new Set(),
    stubs: new Map(),
    traps: new Set(),
    count: 0,
  }
  const { code, readOnly, data } = layout
  const views = { code: viewOf(code), readOnly: viewOf(readOnly), data: viewOf(data) }
  const job: Job = { layout, symbols, binder, ...views, out }
  for (const piece of piecesOf(objects)) {
    const entries = piece.object.relocations.get(piece.section.index) ?? []
    out.count += entries.length
    for (const relocation of entries) {
      if (piece.place === 'code') relocateCode(job, piece, relocation)
      else relocateData(job, piece, relocation)
    }
  }
  return out
}
