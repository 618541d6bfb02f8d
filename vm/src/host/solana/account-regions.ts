import { equalBytes } from '../../bits/octets.ts'
import type { Memory } from '../../vm/memory.ts'
import { maxAccountBytes } from './account.ts'
import { maxGrowthPerTransaction } from './accounts.ts'
import { programIds } from './ids.ts'
import type { Frame } from './instruction.ts'
import type { InstructionAccount } from './runtime.ts'
import type { SerializedInput } from './serialize.ts'
import { maxGrowthPerInstruction } from './serialize.ts'

const inputStart = 0x4_0000_0000

/** Addresses that belong to an account in an input. */
interface Place {
  /** Among the instruction's accounts. */
  readonly index: number
  readonly address: number
  /** Of addresses; its region has fewer bytes until the account grows. */
  readonly reserved: number
}

function isChangeable(account: InstructionAccount): boolean {
  return account.isWritable && account.isOwnedByCurrentProgram()
}

/**
 * An input in which the data of each account is a region of its own (SIMD-0460): writable where the program may
 * change it, and no longer than the data is. A store behind its end lets the account grow.
 */
export class AccountRegions {
  private readonly memory: Memory
  private readonly frame: Frame
  private readonly places: readonly Place[]

  /** Maps the input, of which nothing is written yet. */
  constructor(memory: Memory, frame: Frame, input: SerializedInput) {
    this.memory = memory
    this.frame = frame
    const aligned = frame.programOwner.key !== programIds.loaderV1.key
    const growth = aligned ? maxGrowthPerInstruction : 0
    const places: Place[] = []
    let from = inputStart
    for (const [index, { first, length, dataAddress }] of input.accounts.entries()) {
      if (first !== index) continue
      // What is before the data ends there, also if the account has none and cannot get any.
      memory.map(from, dataAddress - from, true)
      const reserved = length + growth
      if (reserved > 0) {
        memory.map(dataAddress, length, true)
        places.push({ index, address: dataAddress, reserved })
      }
      from = dataAddress + reserved
    }
    memory.map(from, inputStart + input.length - from, true)
    this.places = places
  }

  /** Makes regions of accounts that may not be changed read-only, once the input is written. */
  protect(): void {
    for (const place of this.places) {
      const account = this.frame.account(place.index)
      if (!isChangeable(account)) this.memory.resize(place.address, account.data.length, false)
    }
  }

  /** The accounts get what the program has written. */
  pull(): void {
    const { accounts, recorder } = this.frame.transaction
    for (const { index, address } of this.places) {
      const region = this.memory.regionAt(BigInt(address))
      if (region === undefined || !region.writable) continue
      const place = this.frame.place(index)
      const bytes = this.memory.read(BigInt(address), region.length)!
      if (equalBytes(accounts.data(place), bytes)) continue
      recorder?.beforeWrite(place)
      accounts.replaceData(place, bytes)
    }
  }

  /** The program gets what became of an account: its bytes, their number, and who may change them. */
  push(index: number): void {
    const found = this.places.find((place) => place.index === index)
    if (found === undefined) return
    const account = this.frame.account(index)
    this.memory.resize(found.address, account.data.length, true)
    this.memory.write(BigInt(found.address), account.data)
    if (!isChangeable(account)) this.memory.resize(found.address, account.data.length, false)
  }

  /** Lets the account grow that a store goes behind the end of, or answers false. */
  grow(address: bigint, length: bigint): boolean {
    const found = this.placeOf(address)
    if (found === undefined) return false
    const region = this.memory.regionAt(address)
    if (region?.address !== found.address || !region.writable) return false
    const asked = address + length - BigInt(found.address)
    if (asked > BigInt(found.reserved) || asked <= BigInt(region.length)) return false
    const { accounts, recorder } = this.frame.transaction
    const place = this.frame.place(found.index)
    const left = Math.max(0, maxGrowthPerTransaction - accounts.resizeDelta)
    const grown = Math.min(found.reserved, maxAccountBytes, region.length + left)
    if (asked > BigInt(grown)) return false
    recorder?.beforeWrite(place)
    this.memory.resize(found.address, grown, true)
    accounts.replaceData(place, this.memory.read(BigInt(found.address), grown)!)
    return true
  }

  /** The first account whose addresses an access within them begins at, by index; undefined: none. */
  accountAt(address: bigint, length: bigint): number | undefined {
    const found = this.placeOf(address)
    if (found === undefined) return undefined
    return address + length <= BigInt(found.address + found.reserved) ? found.index : undefined
  }

  private placeOf(address: bigint): Place | undefined {
    return this.places.find(
      (place) =>
        address >= BigInt(place.address) && address < BigInt(place.address + place.reserved),
    )
  }
}
