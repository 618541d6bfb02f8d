import { assert } from '../bits/errors.ts'
import { DisposedError, MachineLimitError, type PageState } from '../vm/machine.ts'
import {
  checkPages,
  type LinearPlan,
  type MappedRegion,
  type Memory,
  nullZone,
  type PagedPlan,
  pageSize,
  type Region,
} from '../vm/memory.ts'
import { At, Page, PageWindows, pageTable } from './layout.ts'
import { pagePlaces, pageWord, WindowLengths } from './windows.ts'

/** A Wasm memory by octets, words and double words, until it grows. */
export interface Views {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly longs: BigUint64Array
}

export function viewsOf({ buffer }: WebAssembly.Memory): Views {
  return {
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer),
    longs: new BigUint64Array(buffer),
  }
}

const nothing: Views = {
  bytes: new Uint8Array(0),
  words: new Int32Array(0),
  longs: new BigUint64Array(0),
}

/** Guest memory inside a Wasm memory, and the views of it; growth replaces the views. */
export abstract class ArenaMemory implements Memory {
  protected readonly wasm: WebAssembly.Memory
  bytes: Uint8Array
  words: Int32Array
  longs: BigUint64Array

  constructor(wasm: WebAssembly.Memory, views: Views = viewsOf(wasm)) {
    this.wasm = wasm
    this.bytes = views.bytes
    this.words = views.words
    this.longs = views.longs
  }

  /** Makes Wasm addresses below `end` usable; false when the host has no more memory. */
  protected ensure(end: number): boolean {
    const have = this.bytes.length
    if (end <= have) return true
    // another machine may have it by now, and its views would be lost
    if (have === 0) throw new DisposedError('grow memory')
    try {
      this.wasm.grow(Math.ceil((end - have) / 65536))
    } catch {
      return false
    }
    this.bytes = new Uint8Array(this.wasm.buffer)
    this.words = new Int32Array(this.wasm.buffer)
    this.longs = new BigUint64Array(this.wasm.buffer)
    return true
  }

  abstract read(address: bigint, length: number): Uint8Array | undefined
  abstract write(address: bigint, bytes: Uint8Array): boolean
  abstract map(address: number, length: number, writable: boolean): void
  abstract unmap(address: number, length: number): void
  abstract readonly size: number
  abstract grow(size: number): boolean
  regionAt(_address: bigint): MappedRegion | undefined {
    return undefined
  }

  resize(_address: number, _length: number, _writable: boolean): boolean {
    return false
  }

  abstract pages(): PageState[]
  /** Makes memory what a saved state says. */
  abstract load(size: number, pages: readonly PageState[]): void
  /**
   * Zeroes what the guest, or the host for it, may have written, and does no more. False, and nothing
   * is zeroed, when that is more than `most` bytes.
   */
  abstract clear(most: number): boolean

  /** Lets go of the Wasm memory: no later access is granted, or reaches what another machine has by then. */
  detach(): void {
    this.bytes = nothing.bytes
    this.words = nothing.words
    this.longs = nothing.longs
  }
}

const isZero = (bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

export class LinearMemory extends ArenaMemory {
  private readonly guest: number
  private readonly plan: LinearPlan
  private end: number

  constructor(wasm: WebAssembly.Memory, plan: LinearPlan, guest: number, views?: Views) {
    super(wasm, views)
    // the interpreter subtracts an access's length from the limit
    assert(plan.size >= nullZone + pageSize, 'linear memory has at least one page')
    this.guest = guest
    this.plan = plan
    this.end = plan.size
    this.setLimit()
    for (const { address, bytes } of plan.segments)
      this.bytes.set(bytes, guest + address - nullZone)
  }

  private setLimit(): void {
    this.words[At.limit >> 2] = this.end - nullZone
    this.words[At.guest >> 2] = this.guest
  }

  private at(address: bigint, length: number): number {
    if (length < 0) throw new RangeError(`no range has ${length} bytes`)
    if (address < 0x10000n || address + BigInt(length) > BigInt(this.end)) return -1
    return this.guest + Number(address) - nullZone
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    const at = this.at(address, length)
    return at < 0 ? undefined : this.bytes.slice(at, at + length)
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    const at = this.at(address, bytes.length)
    if (at < 0) return false
    this.bytes.set(bytes, at)
    return true
  }

  map(): void {
    throw new Error('linear32 memory has no pages to map')
  }

  unmap(): void {
    throw new Error('linear32 memory has no pages to unmap')
  }

  get size(): number {
    return this.end
  }

  grow(size: number): boolean {
    const end = Math.ceil(size / pageSize) * pageSize
    if (end <= this.end) return true
    if (!(end <= this.plan.maxSize) || !this.ensure(this.guest + end - nullZone)) return false
    this.end = end
    this.setLimit()
    return true
  }

  pages(): PageState[] {
    const out: PageState[] = []
    for (let address = nullZone; address < this.end; address += pageSize) {
      const at = this.guest + address - nullZone
      const bytes = this.bytes.subarray(at, at + pageSize)
      if (!isZero(bytes)) out.push({ address, writable: true, bytes: bytes.slice() })
    }
    return out
  }

  load(size: number, pages: readonly PageState[]): void {
    this.bytes.fill(0, this.guest, this.guest + this.end - nullZone)
    if (!this.ensure(this.guest + size - nullZone))
      throw new MachineLimitError(`no memory for a saved state of ${size} bytes`)
    this.end = size
    this.setLimit()
    for (const page of pages) this.bytes.set(page.bytes, this.guest + page.address - nullZone)
  }

  override detach(): void {
    super.detach()
    this.end = 0
  }

  /** Beyond the end all is zero: memory only grows, and `load` clears. */
  clear(most: number): boolean {
    const length = this.end - nullZone
    if (length > most) return false
    this.bytes.fill(0, this.guest, this.guest + length)
    return true
  }
}

export class PagedMemory extends ArenaMemory {
  private readonly plan: PagedPlan
  private readonly bottom: number
  /** The plan's, as they are mapped at first. */
  private readonly regions: readonly Region[]
  private readonly lengths: WindowLengths
  /** Where the next frame goes; frames of one mapping lie behind each other. */
  private top: number
  private readonly mapped = new Set<number>()
  private readonly freeFrames: number[] = []
  private breakAt: number

  constructor(wasm: WebAssembly.Memory, plan: PagedPlan, guest: number, views?: Views) {
    super(wasm, views)
    this.plan = plan
    this.bottom = guest
    this.top = guest
    this.breakAt = plan.heap?.start ?? 0
    const { regions, windows } = pagePlaces(plan, guest)
    this.regions = regions
    this.lengths = new WindowLengths(windows, PageWindows.lengths >> 2)
    this.lengths.clear(this.words)
    for (const region of regions) this.map(region.address, region.length, region.writable)
    for (const { address, bytes } of plan.segments) this.place(address, bytes)
  }

  private entry(page: number): number {
    return this.words[(pageTable >> 2) + page]!
  }

  private setEntry(page: number, word: number): void {
    this.words[(pageTable >> 2) + page] = word
    this.lengths.note(this.words, page, word)
  }

  /** Wasm address of a guest address on a mapped page. */
  private wasmAddress(address: number): number {
    return (address + (this.entry(address >>> 12) & -4096)) >>> 0
  }

  map(address: number, length: number, writable: boolean): void {
    checkPages(address, length)
    if (this.freeFrames.length === 0 && !this.ensure(this.top + length))
      throw new MachineLimitError(`no memory for ${length} bytes of pages`)
    for (let at = address; at < address + length; at += pageSize) {
      const page = at / pageSize
      let frame: number
      if (this.mapped.has(page)) {
        frame = this.wasmAddress(at)
        this.bytes.fill(0, frame, frame + pageSize)
      } else {
        frame = this.freeFrames.pop() ?? this.top
        if (frame === this.top) {
          this.top += pageSize
          if (!this.ensure(this.top)) throw new MachineLimitError('no memory for a page')
        }
      }
      this.mapped.add(page)
      this.setEntry(page, pageWord(frame, at, writable))
    }
  }

  unmap(address: number, length: number): void {
    checkPages(address, length)
    for (let at = address; at < address + length; at += pageSize) {
      const page = at / pageSize
      if (!this.mapped.delete(page)) continue
      const frame = this.wasmAddress(at)
      this.bytes.fill(0, frame, frame + pageSize)
      this.freeFrames.push(frame)
      this.setEntry(page, 0)
    }
  }

  /** First of `length` octets from `address` (mod 2^32) that lacks the permission, by index; -1 if none. */
  denied(address: number, length: number, permission: number): number {
    let lowest = -1
    for (let i = 0; i < length; i++) {
      const at = (address + i) >>> 0
      if ((this.entry(at >>> 12) & permission) !== 0) continue
      if (lowest < 0 || at < lowest) lowest = at
      // the rest of this page is denied too
      const skip = pageSize - (at & (pageSize - 1)) - 1
      i += skip
    }
    return lowest
  }

  /** How many of `length` octets from `address` (mod 2^32) on are writable without a gap. */
  plainRun(address: number, length: number): number {
    for (let done = 0; done < length; ) {
      const at = (address + done) >>> 0
      if ((this.entry(at >>> 12) & Page.writable) === 0) return done
      done += pageSize - (at & (pageSize - 1))
    }
    return length
  }

  /** Fills octets from `address` (mod 2^32), permissions checked by the caller. */
  fill(address: number, length: number, octet: number): void {
    this.eachPage(address, length, (at, _from, count) => this.bytes.fill(octet, at, at + count))
  }

  private inRange(address: bigint, length: number): boolean {
    return address >= 0n && address + BigInt(length) <= 0x1_0000_0000n
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    if (!this.inRange(address, length)) return undefined
    if (this.denied(Number(address), length, Page.readable) >= 0) return undefined
    return this.take(Number(address), length)
  }

  /** Octets from `address` (mod 2^32), permissions checked by the caller. */
  take(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length)
    this.eachPage(address, length, (at, from, count) =>
      out.set(this.bytes.subarray(at, at + count), from),
    )
    return out
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    if (!this.inRange(address, bytes.length)) return false
    if (this.denied(Number(address), bytes.length, Page.writable) >= 0) return false
    this.place(Number(address), bytes)
    return true
  }

  /** Stores octets at `address` (mod 2^32), permissions checked by the caller. */
  place(address: number, bytes: Uint8Array): void {
    this.eachPage(address, bytes.length, (at, from, count) =>
      this.bytes.set(bytes.subarray(from, from + count), at),
    )
  }

  private eachPage(
    address: number,
    length: number,
    each: (at: number, from: number, count: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const at = (address + done) >>> 0
      const count = Math.min(length - done, pageSize - (at & (pageSize - 1)))
      each(this.wasmAddress(at), done, count)
      done += count
    }
  }

  get size(): number {
    return this.breakAt
  }

  /** Raises the program break; pages it newly covers become writable. */
  grow(size: number): boolean {
    const heap = this.plan.heap
    if (size <= this.breakAt) return true
    if (heap === undefined || !(size <= heap.max)) return false
    const unit = this.plan.pageSize
    const end = Math.ceil(size / unit) * unit
    for (let at = Math.ceil(this.breakAt / unit) * unit; at < end; at += unit) {
      const start = at
      while (at < end && !this.mapped.has(at / pageSize)) at += unit
      if (at > start) this.map(start, at - start, true)
    }
    this.breakAt = size
    return true
  }

  pages(): PageState[] {
    return [...this.mapped]
      .sort((x, y) => x - y)
      .map((page) => ({
        address: page * pageSize,
        writable: (this.entry(page) & Page.writable) !== 0,
        bytes: this.take(page * pageSize, pageSize),
      }))
  }

  /** Pages in the order in which a new machine has them, then what is above its last region, then the others. */
  private planned(pages: readonly PageState[]): PageState[] {
    const rest = new Map(pages.map((page) => [page.address, page]))
    const out: PageState[] = []
    for (const { address, length } of this.regions)
      for (let at = address; at < address + length; at += pageSize) {
        const page = rest.get(at)
        if (page !== undefined) out.push(page)
        rest.delete(at)
      }
    const others = [...rest.values()].sort((x, y) => x.address - y.address)
    const last = this.regions.at(-1)?.address ?? 0
    const above = others.filter(({ address }) => address >= last)
    return [...out, ...above, ...others.filter(({ address }) => address < last)]
  }

  load(size: number, pages: readonly PageState[]): void {
    for (const page of [...this.mapped]) this.unmap(page * pageSize, pageSize)
    // all frames are free: the plan's pages go where they were at first
    this.freeFrames.length = 0
    this.top = this.bottom
    for (const page of this.planned(pages)) {
      this.map(page.address, pageSize, page.writable)
      this.place(page.address, page.bytes)
    }
    this.breakAt = size
  }

  /** Unmapped pages are zero already, their words too. */
  clear(most: number): boolean {
    if (this.top - this.bottom + 4 * this.mapped.size > most) return false
    this.bytes.fill(0, this.bottom, this.top)
    this.lengths.clear(this.words)
    for (const page of this.mapped) this.words[(pageTable >> 2) + page] = 0
    return true
  }
}
