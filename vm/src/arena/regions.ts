import { alignUp } from '../bits/bytes.ts'
import { assert } from '../bits/errors.ts'
import type { PageState } from '../vm/machine.ts'
import { type MappedRegion, type RegionsPlan, regionLimits } from '../vm/memory.ts'
import { RegionSlots, RegionTable } from './layout.ts'
import { ArenaMemory, type Views } from './memory.ts'
import { regionAlignment, regionPlaces } from './places.ts'

/** Room for a region's bytes. */
interface Place {
  readonly at: number
  readonly room: number
}

/** A region of the plan: where its bytes are whenever it is mapped. */
interface Planned extends Place {
  readonly gap: number
  readonly kept: boolean
  /** Nothing writes it but `load`. */
  readonly readOnly: boolean
}

interface Live extends MappedRegion {
  readonly place: Place
  readonly gap: number
  readonly kept: boolean
}

/** Addresses that a region takes. */
const reach = ({ length, gap }: Live): number => (gap === 0 ? length : 2 * length)

/** regions64: the bytes of each region behind each other, and the table that generated code reads. */
export class RegionMemory extends ArenaMemory {
  private readonly planned = new Map<number, Planned>()
  /** Most bytes that each region of the plan has had: behind them its room is as it was, all zero. */
  private readonly used = new Map<number, number>()
  /** Sorted by address. */
  private readonly live: Live[] = []
  /** Rooms of regions that were mapped by the host and are gone, all zero. */
  private free: Place[] = []
  /** Where the plan's rooms end, and where those of the host's regions do. */
  private readonly bottom: number
  private top: number
  private readonly plan: RegionsPlan
  /** Most regions there were at a time: entries behind theirs are zero. */
  private most = 0
  /** What is read-only may be another's, from a saved state. */
  private loaded = false

  /**
   * @param views of all of the memory, if there are some
   * @param holds the plan's read-only bytes are there: a machine of the same program had the memory
   */
  constructor(
    wasm: WebAssembly.Memory,
    plan: RegionsPlan,
    guest: number,
    views?: Views,
    holds = false,
  ) {
    super(wasm, views)
    this.plan = plan
    const { at, bytes } = regionPlaces(plan)
    this.bottom = guest + bytes
    this.top = this.bottom
    plan.regions.forEach(({ address, length, writable, maxLength, gap = 0 }, i) => {
      const place = { at: guest + at[i]!, room: maxLength ?? length }
      const kept = maxLength === undefined
      this.planned.set(address, { ...place, gap, kept, readOnly: kept && !writable })
      this.used.set(address, length)
      this.live.push({ address, length, writable, place, gap, kept })
    })
    this.publish()
    this.fill((readOnly) => !readOnly || !holds)
  }

  /** Writes the plan's segments into those of its regions that are wanted. */
  private fill(wanted: (readOnly: boolean) => boolean): void {
    for (const { address, bytes } of this.plan.segments) {
      const start = this.plan.regions.findLast((region) => region.address <= address)!.address
      const { at, readOnly } = this.planned.get(start)!
      if (wanted(readOnly)) this.bytes.set(bytes, at + address - start)
    }
  }

  /** The last region that starts at or below `address`, by index; -1: none. */
  private find(address: number): number {
    let low = 0
    let high = this.live.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.live[middle]!.address <= address) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** Writes the table anew; the directory names the first region of each stripe. */
  private publish(): void {
    const { directory, stripes, entries, entryBytes } = RegionTable
    const { live, words } = this
    this.most = Math.max(this.most, live.length)
    words.fill(entries, directory >> 2, (directory >> 2) + stripes)
    words.fill(0, RegionSlots.at >> 2, entries >> 2)
    for (let i = live.length - 1; i >= 0; i--) {
      const { address, length, writable, gap, place } = live[i]!
      const entry = entries + (i + 1) * entryBytes
      words[entry >> 2] = address | 0
      words[(entry >> 2) + 1] = address / 2 ** 32
      words[(entry + RegionTable.read) >> 2] = length
      words[(entry + RegionTable.write) >> 2] = writable ? length : 0
      words[(entry + RegionTable.gap) >> 2] = gap
      words[(entry + RegionTable.bytes) >> 2] = place.at
      this.learn(i)
    }
  }

  /** The region is the first that accesses in its stripe are held against. */
  private learn(index: number): void {
    const { directory, stripes, entries, entryBytes } = RegionTable
    const stripe = Math.floor(this.live[index]!.address / 2 ** 32) % stripes
    this.words[(directory >> 2) + stripe] = entries + (index + 1) * entryBytes
  }

  /** Wasm address of an access to at least one byte, or -1 if it is refused. */
  locate(address: bigint, length: number, write: boolean): number {
    if (address < 0n || address >= BigInt(regionLimits.addressSpace)) return -1
    const index = this.find(Number(address))
    const region = this.live[index]
    if (region === undefined || (write && !region.writable)) return -1
    const { gap } = region
    let offset = Number(address) - region.address
    if (gap !== 0) {
      if (Math.floor(offset / gap) % 2 === 1) return -1
      offset -= Math.floor(offset / (2 * gap)) * gap
    }
    if (offset + length > region.length) return -1
    this.learn(index)
    return region.place.at + offset
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    if (length < 0) throw new RangeError(`no range has ${length} bytes`)
    if (length === 0) return new Uint8Array(0)
    const at = this.locate(address, length, false)
    return at < 0 ? undefined : this.bytes.slice(at, at + length)
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    const at = this.locate(address, bytes.length, true)
    if (at < 0) return false
    this.bytes.set(bytes, at)
    return true
  }

  override regionAt(address: bigint): MappedRegion | undefined {
    if (address < 0n || address >= BigInt(regionLimits.addressSpace)) return undefined
    const region = this.live[this.find(Number(address))]
    if (region === undefined) return undefined
    return { address: region.address, length: region.length, writable: region.writable }
  }

  get size(): number {
    return this.live.reduce((sum, { length }) => sum + length, 0)
  }

  grow(size: number): boolean {
    return size <= this.size
  }

  /** May there be a region of `length` bytes at `address`, in place of `index` if that is one. */
  private fits(address: number, length: number, index: number): boolean {
    const { live } = this
    const before = live[index >= 0 ? index - 1 : this.find(address)]
    const after = live[index >= 0 ? index + 1 : this.find(address) + 1]
    const rest = this.size - (live[index]?.length ?? 0)
    return (
      length + rest <= regionLimits.bytes &&
      address + length <= (after?.address ?? regionLimits.addressSpace) &&
      (before === undefined || before.address + reach(before) <= address)
    )
  }

  /** The region that starts at `address`, by index, or -1. */
  private startingAt(address: number): number {
    const index = this.find(address)
    return this.live[index]?.address === address ? index : -1
  }

  map(address: number, length: number, writable: boolean): void {
    const planned = this.planned.get(address)
    const index = this.startingAt(address)
    const count = this.live.length + (index < 0 ? 1 : 0)
    const valid = Number.isInteger(address) && address >= 0 && Number.isInteger(length)
    if (!valid || length < 0 || count > regionLimits.regions || !this.fits(address, length, index))
      throw new RangeError(`no region of ${length} bytes fits at ${address}`)
    if (planned !== undefined && (planned.kept || length > planned.room))
      throw new RangeError(`the plan's region at ${address} has other lengths than ${length}`)
    if (index >= 0) this.remove(index)
    const place = planned ?? this.take(length)
    assert(place !== undefined, 'memory for a region')
    this.insert({ address, length, writable, place, gap: 0, kept: false })
    this.use(address, length)
    this.publish()
  }

  unmap(address: number, length: number): void {
    const gone = this.live.filter((r) => r.address >= address && r.address < address + length)
    if (gone.some(({ kept }) => kept)) throw new RangeError(`a region at ${address} stays`)
    for (const region of gone) this.remove(this.startingAt(region.address))
    this.publish()
  }

  override resize(address: number, length: number, writable: boolean): boolean {
    const index = this.startingAt(address)
    const region = this.live[index]
    if (region === undefined || region.kept || !Number.isInteger(length) || length < 0) return false
    if (!this.fits(address, length, index)) return false
    let { place } = region
    if (length > place.room) {
      if (this.planned.has(address)) return false
      const larger = this.take(length)
      if (larger === undefined) return false
      this.bytes.copyWithin(larger.at, place.at, place.at + region.length)
      this.release(place, region.length)
      place = larger
    } else if (length < region.length)
      this.bytes.fill(0, place.at + length, place.at + region.length)
    this.live[index] = { ...region, length, writable, place }
    this.use(address, length)
    this.publish()
    return true
  }

  private use(address: number, length: number): void {
    const most = this.used.get(address)
    if (most !== undefined && length > most) this.used.set(address, length)
  }

  private insert(region: Live): void {
    this.live.splice(this.find(region.address) + 1, 0, region)
  }

  private remove(index: number): void {
    const [region] = this.live.splice(index, 1)
    const { address, length, place } = region!
    if (this.planned.has(address)) this.bytes.fill(0, place.at, place.at + length)
    else this.release(place, length)
  }

  /** Clears a room of the host's regions and keeps it for another. */
  private release(place: Place, length: number): void {
    this.bytes.fill(0, place.at, place.at + length)
    this.free.push(place)
  }

  private take(length: number): Place | undefined {
    const index = this.free.findIndex(({ room }) => room >= length)
    if (index >= 0) return this.free.splice(index, 1)[0]
    const room = alignUp(length, regionAlignment)
    if (!this.ensure(this.top + room)) return undefined
    const place = { at: this.top, room }
    this.top += room
    return place
  }

  pages(): PageState[] {
    return this.live.map(({ address, length, writable, place }) => ({
      address,
      writable,
      bytes: this.bytes.slice(place.at, place.at + length),
    }))
  }

  load(_size: number, pages: readonly PageState[]): void {
    for (const { place, length } of this.live) this.bytes.fill(0, place.at, place.at + length)
    this.loaded = true
    this.live.length = 0
    this.free = []
    this.top = this.bottom
    for (const { address, writable, bytes } of pages) {
      const planned = this.planned.get(address)
      const place = planned ?? this.take(bytes.length)
      assert(place !== undefined && place.room >= bytes.length, 'memory of a saved state fits')
      this.bytes.set(bytes, place.at)
      const { gap = 0, kept = false } = planned ?? {}
      this.live.push({ address, length: bytes.length, writable, place, gap, kept })
      this.use(address, bytes.length)
    }
    this.publish()
  }

  override detach(): void {
    super.detach()
    this.live.length = 0
  }

  /** The table, and all rooms there ever were, but for what is read-only: the program's next machine has it. */
  clear(most: number): boolean {
    const { entries, entryBytes } = RegionTable
    const places = [...this.planned].filter(([, { readOnly }]) => !readOnly || this.loaded)
    const bytes = places.reduce((sum, [address]) => sum + this.used.get(address)!, 0)
    if (bytes + this.top - this.bottom > most) return false
    this.bytes.fill(0, entries, entries + entryBytes * (this.most + 1))
    for (const [address, { at }] of places) this.bytes.fill(0, at, at + this.used.get(address)!)
    this.bytes.fill(0, this.bottom, this.top)
    if (this.loaded) this.fill((readOnly) => readOnly)
    return true
  }
}
