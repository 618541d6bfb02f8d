import type { Access } from '../vm/exit.ts'
import type { PageState } from '../vm/machine.ts'
import {
  type MappedRegion,
  type Memory,
  type PlannedRegion,
  type RegionsPlan,
  regionLimits,
} from '../vm/memory.ts'

interface Block {
  readonly address: bigint
  readonly writable: boolean
  readonly gap: bigint
  readonly octets: Uint8Array
}

/** The addresses a block takes end here. */
const endOf = ({ address, gap, octets }: Block): bigint =>
  address + BigInt(octets.length) * (gap === 0n ? 1n : 2n)

/** A `ReferenceMemory` of regions64, as `RegionsPlan` says it: one array of octets for each region. */
export class ReferenceRegions implements Memory {
  private readonly plan: RegionsPlan
  private blocks: Block[]

  constructor(plan: RegionsPlan) {
    this.plan = plan
    this.blocks = plan.regions.map(({ address, length, writable }) =>
      this.block(address, writable, new Uint8Array(length)),
    )
    for (const { address, bytes } of plan.segments) {
      const block = this.owner(BigInt(address))!
      block.octets.set(bytes, address - Number(block.address))
    }
  }

  private planned(address: number): PlannedRegion | undefined {
    return this.plan.regions.find((region) => region.address === address)
  }

  private block(address: number, writable: boolean, octets: Uint8Array): Block {
    const gap = BigInt(this.planned(address)?.gap ?? 0)
    return { address: BigInt(address), writable, gap, octets }
  }

  private owner(address: bigint): Block | undefined {
    return this.blocks.findLast((block) => block.address <= address)
  }

  /** The block of an access and the index of its first octet there; undefined when it is refused. */
  private find(address: bigint, length: number, access: Access) {
    const block = this.owner(address)
    if (block === undefined || (access === 'write' && !block.writable)) return undefined
    let offset = address - block.address
    if (block.gap > 0n) {
      const half = offset / block.gap
      if (half % 2n === 1n) return undefined
      offset -= (half / 2n) * block.gap
    }
    if (offset + BigInt(length) > BigInt(block.octets.length)) return undefined
    return { octets: block.octets, at: Number(offset) }
  }

  private at(address: bigint, length: number, access: Access) {
    const place = this.find(address, length, access)
    if (place === undefined) throw new Error('internal: an access that was not found allowed')
    return place
  }

  denied(address: bigint, length: number, access: Access): bigint | undefined {
    const whole = BigInt.asUintN(64, address)
    return this.find(whole, length, access) === undefined ? whole : undefined
  }

  load(address: bigint, length: number): bigint {
    const { octets, at } = this.at(BigInt.asUintN(64, address), length, 'read')
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = value * 256n + BigInt(octets[at + i]!)
    return value
  }

  store(address: bigint, length: number, value: bigint): void {
    const { octets, at } = this.at(BigInt.asUintN(64, address), length, 'write')
    for (let i = 0; i < length; i++) octets[at + i] = Number((value >> BigInt(8 * i)) & 255n)
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    if (length < 0) throw new RangeError(`no range has ${length} bytes`)
    if (length === 0) return new Uint8Array(0)
    const place = this.find(address, length, 'read')
    return place?.octets.slice(place.at, place.at + length)
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    const place = this.find(address, bytes.length, 'write')
    place?.octets.set(bytes, place.at)
    return place !== undefined
  }

  regionAt(address: bigint): MappedRegion | undefined {
    const block = address < BigInt(regionLimits.addressSpace) ? this.owner(address) : undefined
    if (block === undefined) return undefined
    const { writable, octets } = block
    return { address: Number(block.address), length: octets.length, writable }
  }

  get size(): number {
    return this.blocks.reduce((sum, { octets }) => sum + octets.length, 0)
  }

  grow(size: number): boolean {
    return size <= this.size
  }

  /** The blocks with one at `address` of `length`; undefined when a limit or a rule is against it. */
  private with(address: number, writable: boolean, octets: Uint8Array): Block[] | undefined {
    const planned = this.planned(address)
    if (planned !== undefined && octets.length > (planned.maxLength ?? -1)) return undefined
    const others = this.blocks.filter((block) => block.address !== BigInt(address))
    const blocks = [...others, this.block(address, writable, octets)]
    blocks.sort((a, b) => (a.address < b.address ? -1 : 1))
    const bytes = blocks.reduce((sum, block) => sum + block.octets.length, 0)
    const last = endOf(blocks.at(-1)!)
    if (blocks.length > regionLimits.regions || bytes > regionLimits.bytes) return undefined
    if (last > BigInt(regionLimits.addressSpace)) return undefined
    const overlap = blocks.some((block, i) => i > 0 && endOf(blocks[i - 1]!) > block.address)
    return overlap ? undefined : blocks
  }

  map(address: number, length: number, writable: boolean): void {
    const valid = Number.isInteger(address) && address >= 0 && isLength(length)
    const blocks = valid ? this.with(address, writable, new Uint8Array(length)) : undefined
    if (blocks === undefined) throw new RangeError(`no region of ${length} bytes at ${address}`)
    this.blocks = blocks
  }

  unmap(address: number, length: number): void {
    const inside = (block: Block): boolean =>
      block.address >= BigInt(address) && block.address < BigInt(address + length)
    const keeps = (block: Block): boolean => {
      const planned = this.planned(Number(block.address))
      return planned !== undefined && planned.maxLength === undefined
    }
    if (this.blocks.some((block) => inside(block) && keeps(block)))
      throw new RangeError(`a region from ${address} on stays as it is`)
    this.blocks = this.blocks.filter((block) => !inside(block))
  }

  resize(address: number, length: number, writable: boolean): boolean {
    const old = this.blocks.find((block) => block.address === BigInt(address))
    if (old === undefined || !isLength(length)) return false
    const octets = new Uint8Array(length)
    octets.set(old.octets.subarray(0, length))
    const blocks = this.with(address, writable, octets)
    if (blocks !== undefined) this.blocks = blocks
    return blocks !== undefined
  }

  pages(): PageState[] {
    return this.blocks.map(({ address, writable, octets }) => ({
      address: Number(address),
      writable,
      bytes: octets.slice(),
    }))
  }

  reset(_size: number, pages: readonly PageState[]): void {
    this.blocks = pages.map(({ address, writable, bytes }) =>
      this.block(address, writable, bytes.slice()),
    )
  }
}

function isLength(length: number): boolean {
  return Number.isInteger(length) && length >= 0 && length <= regionLimits.bytes
}
