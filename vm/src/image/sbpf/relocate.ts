import { murmur3, murmur3OfPc } from '../../bits/murmur3.ts'
import { refuse } from './errors.ts'
import {
  type ElfBytes,
  fileRange,
  inAddresses,
  latin1,
  nameIn,
  regionSize,
  relocationBytes,
  type SectionHeader,
  saturatingAdd,
  shown,
  symbolBytes,
  type Table,
} from './file.ts'
import { type LenientElf, nameLimits, symbolsOf } from './parse.ts'
import type { SyscallRegistry } from './registry.ts'

const slotBytes = 8
const callImm = 0x85
/** The numbers of x86-64, which sBPF's LLVM used. */
const RelocationKind = { abs64: 1, relative: 8, call: 10 } as const
const functionSymbol = 2

/** Hash of `entrypoint`, by which the entry is called whatever its pc. */
export const entryHash: number = murmur3(new TextEncoder().encode('entrypoint'))

/** Functions by what `call` names them. */
export class FunctionRegistry {
  readonly #syscalls: SyscallRegistry
  readonly functions: Map<number, number> = new Map()

  constructor(syscalls: SyscallRegistry) {
    this.#syscalls = syscalls
  }

  /**
   * `register_function_hashed_legacy`: answers the hash of the function at `pc`.
   * @throws {SbpfElfError} `SymbolHashCollision`
   */
  add(pc: number, isEntry: boolean, place: number): number {
    const hash = isEntry ? entryHash : murmur3OfPc(pc)
    const known = this.functions.get(hash)
    if (this.#syscalls.indexOf.has(hash) || (known !== undefined && known !== pc))
      refuse('SymbolHashCollision', place, hash)
    this.functions.set(hash, pc)
    return hash
  }

  /** The entry of the header takes the place of any function that has its hash. */
  addEntry(pc: number): void {
    this.functions.delete(entryHash)
    this.add(pc, true, 24)
  }
}

export interface RelocationJob {
  readonly elf: LenientElf
  readonly file: ElfBytes
  readonly text: SectionHeader
  /** What is relocated: a copy of the file. */
  readonly copy: Uint8Array
  readonly registry: FunctionRegistry
  readonly syscalls: SyscallRegistry
  readonly rejectBrokenElfs: boolean
  readonly labels: boolean
}

/** Relocates the copy of a file in place; headers and tables are read from the file as it was. */
export class Relocator {
  readonly #elf: LenientElf
  readonly #file: ElfBytes
  readonly #text: SectionHeader
  readonly #registry: FunctionRegistry
  readonly #view: DataView
  readonly #job: RelocationJob
  readonly #syscallHashes: Map<number, number> = new Map()

  constructor(job: RelocationJob) {
    this.#elf = job.elf
    this.#file = job.file
    this.#text = job.text
    this.#registry = job.registry
    const { buffer, byteOffset, byteLength } = job.copy
    this.#view = new DataView(buffer, byteOffset, byteLength)
    this.#job = job
  }

  run(): void {
    this.#hashRelativeCalls()
    const { at, count } = this.#elf.relocations
    for (let i = 0; i < count; i++) this.#relocate(at + relocationBytes * i)
    if (this.#job.labels) this.#registerLabels()
  }

  /** Every `call imm` but -1 is relative at first: its immediate becomes the hash of its target. */
  #hashRelativeCalls(): void {
    const range = fileRange(this.#text)
    const start = Number(range.from)
    const count = Math.floor((Number(range.to) - start) / slotBytes)
    for (let slot = 0; slot < count; slot++) {
      const at = start + slotBytes * slot
      if (this.#view.getUint8(at) !== callImm) continue
      const imm = this.#view.getInt32(at + 4, true)
      if (imm === -1) continue
      const target = slot + 1 + imm
      if (target < 0 || target >= count) refuse('RelativeJumpOutOfBounds', at, slot)
      this.#view.setUint32(at + 4, this.#registry.add(target, false, at), true)
    }
  }

  /** @param place of the entry, `r_offset | r_info` */
  #relocate(place: number): void {
    const { view } = this.#file
    // beyond 2^53 it is rounded, and out of bounds all the same
    const offset = view.getUint32(place, true) + view.getUint32(place + 4, true) * 2 ** 32
    const type = view.getUint32(place + 8, true)
    const symbol = view.getUint32(place + 12, true)
    if (type === RelocationKind.abs64) this.#relocateAddress(offset, symbol, place)
    else if (type === RelocationKind.relative) this.#relocateRelative(offset, place)
    else if (type === RelocationKind.call) this.#relocateCall(offset, symbol, place)
    else refuse('UnknownRelocation', place + 8, type)
  }

  /** Offset of `length` bytes that a relocation reads or writes. */
  #at(offset: number, length: number, place: number): number {
    if (offset + length > this.#view.byteLength) refuse('ValueOutOfBounds', place)
    return offset
  }

  #writeHalves(offset: number, low: number, high: number, place: number): void {
    this.#view.setUint32(this.#at(offset + 4, 4, place), low, true)
    this.#view.setUint32(this.#at(offset + 12, 4, place), high, true)
  }

  #symbolAt(index: number, place: number): number {
    const { at, count } = this.#elf.dynamicSymbols
    if (index >= count) refuse('UnknownSymbol', place + 12, index)
    return at + symbolBytes * index
  }

  /** `lddw` of a symbol's address plus what its low half holds. */
  #relocateAddress(offset: number, index: number, place: number): void {
    const addend = this.#view.getUint32(this.#at(offset + 4, 4, place), true)
    const symbol = this.#symbolAt(index, place)
    const value = this.#file.view.getBigUint64(symbol + 8, true)
    let address = saturatingAdd(value, BigInt(addend))
    if (address < regionSize) address += BigInt(regionSize)
    const low = Number(address & 0xffff_ffffn)
    this.#writeHalves(offset, low, Number(address >> 32n), place)
  }

  #relocateRelative(offset: number, place: number): void {
    const text = fileRange(this.#text)
    if (offset >= Number(text.from) && offset < Number(text.to)) {
      const low = this.#view.getUint32(this.#at(offset + 4, 4, place), true)
      const high = this.#view.getUint32(this.#at(offset + 12, 4, place), true)
      if (low === 0 && high === 0) refuse('InvalidVirtualAddress', offset, 0)
      this.#writeHalves(offset, low, high || 1, place)
      return
    }
    // 64-bit data of old toolchains has its address in the upper half
    const low = this.#view.getUint32(this.#at(offset + 4, 4, place), true)
    this.#at(offset, 8, place)
    this.#view.setUint32(offset, low, true)
    this.#view.setUint32(offset + 4, 1, true)
  }

  #relocateCall(offset: number, index: number, place: number): void {
    const symbol = this.#symbolAt(index, place)
    const { view } = this.#file
    const nameAt = view.getUint32(symbol, true)
    const value = view.getBigUint64(symbol + 8, true)
    const isFunction = (view.getUint8(symbol + 4) & 15) === functionSymbol
    const name = this.#dynamicName(nameAt, symbol)
    let hash: number
    if (isFunction && value !== 0n) {
      if (!inAddresses(this.#text, value)) refuse('ValueOutOfBounds', symbol + 8)
      const pc = Math.floor(Number(value - this.#text.address) / slotBytes)
      hash = this.#registry.add(pc, latin1(name) === 'entrypoint', place)
    } else hash = this.#syscallHash(nameAt, name, place)
    this.#view.setUint32(this.#at(offset + 4, 4, place), hash, true)
  }

  #dynamicName(nameAt: number, symbol: number): Uint8Array {
    const { dynstr } = this.#elf
    try {
      if (dynstr !== undefined) return nameIn(this.#file, dynstr, nameAt, nameLimits.symbol, symbol)
    } catch {
      // whatever is wrong with a name has one error
    }
    return refuse('UnknownSymbol', symbol, nameAt)
  }

  #syscallHash(nameAt: number, name: Uint8Array, place: number): number {
    let hash = this.#syscallHashes.get(nameAt)
    if (hash === undefined) {
      hash = murmur3(name)
      this.#syscallHashes.set(nameAt, hash)
    }
    if (this.#job.rejectBrokenElfs && !this.#job.syscalls.indexOf.has(hash)) {
      const offset = this.#file.view.getBigUint64(place, true)
      refuse('UnresolvedSymbol', place, shown(name), offset / 8n, offset)
    }
    return hash
  }

  /** `enable_symbol_and_section_labels`: functions of `.symtab` are registered, and may collide. */
  #registerLabels(): void {
    const { symtab, strtab } = this.#elf
    let table: Table = { at: 0, count: 0 }
    try {
      if (symtab !== undefined) table = symbolsOf(this.#file, symtab)
    } catch {
      // labels are for people: a bad table counts as none
    }
    const { view } = this.#file
    for (let i = 0; i < table.count; i++) {
      const symbol = table.at + symbolBytes * i
      if ((view.getUint8(symbol + 4) & 0xef) !== functionSymbol) continue
      const value = view.getBigUint64(symbol + 8, true)
      if (!inAddresses(this.#text, value)) refuse('ValueOutOfBounds', symbol + 8)
      const nameAt = view.getUint32(symbol, true)
      let name: string | undefined
      try {
        if (strtab !== undefined)
          name = latin1(nameIn(this.#file, strtab, nameAt, nameLimits.symbol, symbol))
      } catch {
        // as above
      }
      if (name === undefined) return refuse('UnknownSymbol', symbol, nameAt)
      const pc = Math.floor(Number(value - this.#text.address) / slotBytes)
      this.#registry.add(pc, name === 'entrypoint', symbol)
    }
  }
}
