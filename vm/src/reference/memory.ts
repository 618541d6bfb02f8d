import { alignUp } from '../bits/bytes.ts'
import type { Access } from '../vm/exit.ts'
import type { PageState } from '../vm/machine.ts'
import {
  checkPages,
  type LinearPlan,
  type MappedRegion,
  type Memory,
  type MemoryPlan,
  nullZone,
  type PagedPlan,
  pageSize,
} from '../vm/memory.ts'
import { ReferenceRegions } from './regions.ts'

/** Guest memory of the reference interpreters: pages made when written, numbers as BigInt. */
export interface ReferenceMemory extends Memory {
  /**
   * Lowest octet of the access that is refused, or undefined when it is allowed.
   * linear32: the access is refused as a whole, at `address`. paged32: `address` is taken modulo
   * 2^32 and so is each octet's (Gray Paper A.4: the lowest of the refused addresses counts).
   * regions64: `address` is taken modulo 2^64; the access is refused as a whole, at `address`.
   */
  denied(address: bigint, length: number, access: Access): bigint | undefined
  /** Little-endian number of `length` octets; the access was found allowed. */
  load(address: bigint, length: number): bigint
  /** Stores the low `length` octets of `value`, little-endian; the access was found allowed. */
  store(address: bigint, length: number, value: bigint): void
  /** What a saved state keeps (`MachineState.pages`). */
  pages(): PageState[]
  /** Makes memory what a saved state says. */
  reset(size: number, pages: readonly PageState[]): void
}

/** @example referenceMemory(program.memory) */
export function referenceMemory(plan: MemoryPlan): ReferenceMemory {
  switch (plan.profile) {
    case 'linear32':
      return new Linear(plan)
    case 'paged32':
      return new Paged(plan)
    case 'regions64':
      return new ReferenceRegions(plan)
  }
}

/** Pages of 4096 octets by number. A page that is absent reads as zero. */
class PageStore {
  readonly bytes = new Map<number, Uint8Array>()

  get(address: number): number {
    return this.bytes.get(Math.floor(address / pageSize))?.[address % pageSize] ?? 0
  }

  set(address: number, octet: number): void {
    const number = Math.floor(address / pageSize)
    if (octet === 0 && !this.bytes.has(number)) return
    this.page(number)[address % pageSize] = octet
  }

  /** Sets all of `octets`, page by page. */
  copy(address: number, octets: Uint8Array): void {
    for (let done = 0; done < octets.length; ) {
      const at = address + done
      const end = Math.min(octets.length, done + pageSize - (at % pageSize))
      this.page(Math.floor(at / pageSize)).set(octets.subarray(done, end), at % pageSize)
      done = end
    }
  }

  private page(number: number): Uint8Array {
    let page = this.bytes.get(number)
    if (page === undefined) {
      page = new Uint8Array(pageSize)
      this.bytes.set(number, page)
    }
    return page
  }
}

/** What both profiles share, over the number of each octet's place. */
abstract class Octets implements ReferenceMemory {
  protected readonly octets = new PageStore()

  /** Where octet `index` of an access at `address` is. */
  protected abstract place(address: bigint, index: number): number
  abstract denied(address: bigint, length: number, access: Access): bigint | undefined
  /** May a host name this address at all. */
  protected abstract inRange(address: bigint, length: number): boolean
  abstract readonly size: number
  abstract grow(size: number): boolean
  abstract map(address: number, length: number, writable: boolean): void
  abstract unmap(address: number, length: number): void
  regionAt(_address: bigint): MappedRegion | undefined {
    return undefined
  }

  resize(_address: number, _length: number, _writable: boolean): boolean {
    return false
  }

  abstract pages(): PageState[]
  abstract reset(size: number, pages: readonly PageState[]): void

  load(address: bigint, length: number): bigint {
    let value = 0n
    for (let i = length - 1; i >= 0; i--)
      value = value * 256n + BigInt(this.octets.get(this.place(address, i)))
    return value
  }

  store(address: bigint, length: number, value: bigint): void {
    for (let i = 0; i < length; i++)
      this.octets.set(this.place(address, i), Number((value >> BigInt(8 * i)) & 255n))
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    if (length < 0) throw new RangeError(`no range has ${length} bytes`)
    if (!this.inRange(address, length)) return undefined
    if (this.denied(address, length, 'read') !== undefined) return undefined
    return this.copy(Number(address), length)
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    if (!this.inRange(address, bytes.length)) return false
    if (this.denied(address, bytes.length, 'write') !== undefined) return false
    this.put(Number(address), bytes)
    return true
  }

  protected copy(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) out[i] = this.octets.get(address + i)
    return out
  }

  /** Stores without a check. */
  protected put(address: number, bytes: Uint8Array): void {
    this.octets.copy(address, bytes)
  }
}

class Linear extends Octets {
  private readonly plan: LinearPlan
  private end: number

  constructor(plan: LinearPlan) {
    super()
    this.plan = plan
    this.end = plan.size
    for (const { address, bytes } of plan.segments) this.put(address, bytes)
  }

  protected place(address: bigint, index: number): number {
    return Number(address) + index
  }

  protected inRange(): boolean {
    return true
  }

  denied(address: bigint, length: number): bigint | undefined {
    const mapped = address >= BigInt(nullZone) && address + BigInt(length) <= BigInt(this.end)
    return mapped ? undefined : address
  }

  get size(): number {
    return this.end
  }

  grow(size: number): boolean {
    const end = alignUp(size, pageSize)
    if (end <= this.end) return true
    if (!(end <= this.plan.maxSize)) return false
    this.end = end
    return true
  }

  map(): void {
    throw new Error('linear32 memory has no pages to map')
  }

  unmap(): void {
    throw new Error('linear32 memory has no pages to unmap')
  }

  pages(): PageState[] {
    const out: PageState[] = []
    for (const [number, bytes] of this.octets.bytes) {
      if (bytes.some((octet) => octet !== 0))
        out.push({ address: number * pageSize, writable: true, bytes: bytes.slice() })
    }
    return out.sort((a, b) => a.address - b.address)
  }

  reset(size: number, pages: readonly PageState[]): void {
    this.octets.bytes.clear()
    this.end = size
    for (const { address, bytes } of pages) this.put(address, bytes)
  }
}

class Paged extends Octets {
  private readonly plan: PagedPlan
  /** Mapped pages of 4096 octets by number: may they be written. */
  private readonly access = new Map<number, boolean>()
  private end: number

  constructor(plan: PagedPlan) {
    super()
    this.plan = plan
    this.end = plan.heap?.start ?? 0
    for (const { address, length, writable } of plan.regions) this.map(address, length, writable)
    for (const { address, bytes } of plan.segments) this.put(address, bytes)
  }

  protected place(address: bigint, index: number): number {
    return Number(BigInt.asUintN(32, address + BigInt(index)))
  }

  protected inRange(address: bigint, length: number): boolean {
    return address >= 0n && address + BigInt(length) <= 0x1_0000_0000n
  }

  denied(address: bigint, length: number, access: Access): bigint | undefined {
    let lowest: number | undefined
    for (let i = 0; i < length; ) {
      const at = this.place(address, i)
      const writable = this.access.get(Math.floor(at / pageSize))
      const allowed = access === 'write' ? writable === true : writable !== undefined
      if (!allowed && (lowest === undefined || at < lowest)) lowest = at
      i += pageSize - (at % pageSize)
    }
    return lowest === undefined ? undefined : BigInt(lowest)
  }

  get size(): number {
    return this.end
  }

  /** Raises the program break to `size`; pages it newly covers become writable. */
  grow(size: number): boolean {
    const { heap, pageSize: unit } = this.plan
    if (size <= this.end) return true
    if (heap === undefined || !(size <= heap.max)) return false
    for (let at = alignUp(this.end, unit); at < size; at += unit) {
      if (!this.access.has(at / pageSize)) this.map(at, unit, true)
    }
    this.end = size
    return true
  }

  map(address: number, length: number, writable: boolean): void {
    checkPages(address, length)
    for (let at = address; at < address + length; at += pageSize) {
      this.octets.bytes.delete(at / pageSize)
      this.access.set(at / pageSize, writable)
    }
  }

  unmap(address: number, length: number): void {
    checkPages(address, length)
    for (let at = address; at < address + length; at += pageSize) {
      this.octets.bytes.delete(at / pageSize)
      this.access.delete(at / pageSize)
    }
  }

  pages(): PageState[] {
    return [...this.access]
      .sort(([a], [b]) => a - b)
      .map(([number, writable]) => ({
        address: number * pageSize,
        writable,
        bytes: this.octets.bytes.get(number)?.slice() ?? new Uint8Array(pageSize),
      }))
  }

  reset(size: number, pages: readonly PageState[]): void {
    this.octets.bytes.clear()
    this.access.clear()
    this.end = size
    for (const { address, writable, bytes } of pages) {
      this.map(address, pageSize, writable)
      this.put(address, bytes)
    }
  }
}
