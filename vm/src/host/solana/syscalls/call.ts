import type { Access } from '../../../vm/exit.ts'
import type { Machine } from '../../../vm/machine.ts'
import type { AccountRegions } from '../account-regions.ts'
import type { ComputeCosts } from '../costs.ts'
import { programIds } from '../ids.ts'
import type { Invoker } from '../invoke.ts'
import { Pubkey } from '../pubkey.ts'
import type { SerializedAccount } from '../serialize.ts'
import { saturatingMul, setU64, u64At } from '../words.ts'
import { failCall } from './errors.ts'

/** First address of a program's input; syscalls may not be given some structures from there on. */
export const inputStart = 0x4_0000_0000n
export const heapStart = 0x3_0000_0000n

/** A function of the runtime that programs call. */
export interface Syscall {
  readonly name: string
  /** Feature that brings it, by its name in agave-feature-set. Absent: always there. */
  readonly feature?: string
  /** Feature that takes it away. */
  readonly until?: string
  /** Programs that are deployed now may not use it. */
  readonly onlyDeployed?: boolean
  /** Compute units that are taken first; `run` takes what depends on what it finds. Absent: none. */
  readonly cost?: (costs: ComputeCosts, call: SyscallCall) => bigint
  /**
   * Answers what the program finds in r0.
   * @throws {InstructionFailure} which becomes the instruction's error
   * @throws {ProgramFault} which the log tells
   */
  readonly run: (call: SyscallCall) => bigint
}

/** A slice as programs give it: address and number of elements. */
export interface VmSlice {
  readonly address: bigint
  readonly length: bigint
}

/** A range that a syscall is going to write. */
export interface VmRange extends VmSlice {
  /** Bytes of an element; absent: 1. */
  readonly size?: number
  /** Absent: 1. */
  readonly align?: number
}

/** What a run of a program has beside its machine. */
export interface ProgramRun {
  readonly context: Invoker
  readonly machine: Machine
  /** Where each account of the instruction is in the input. */
  readonly accounts: readonly SerializedAccount[]
  /** Where data of accounts has regions of its own. */
  readonly regions?: AccountRegions | undefined
  /** What a refused access ends the program with. */
  violation(access: Access, address: bigint, length: bigint): Error
}

const maxIsize = (1n << 63n) - 1n
/** No region is longer, so a longer access is refused in any case. */
const maxAccess = 0x1_0000_0000n

/**
 * A call of the runtime by a program that runs: arguments, and the program's memory as syscalls see it
 * (solana-program-runtime, memory.rs). What it refuses ends the program.
 */
export class SyscallCall {
  readonly context: Invoker
  readonly machine: Machine
  readonly accounts: readonly SerializedAccount[]
  readonly regions: AccountRegions | undefined
  /** Pointers to integers and structures must be aligned, except for programs of the first loader. */
  readonly checkAligned: boolean
  /** Bytes of heap that `sol_alloc_free_` has given away. */
  allocated = 0n
  /** See `ProgramRun`. */
  readonly violation: ProgramRun['violation']

  constructor(run: ProgramRun) {
    this.context = run.context
    this.machine = run.machine
    this.accounts = run.accounts
    this.regions = run.regions
    this.violation = run.violation
    this.checkAligned = run.context.instruction.programOwner.key !== programIds.loaderV1.key
  }

  get costs(): ComputeCosts {
    return this.context.costs
  }

  /** Argument 1..5. */
  arg(index: number): bigint {
    return this.machine.registers.get(index)
  }

  consume(units: bigint): void {
    this.context.consume(units)
  }

  /** Copies `length` bytes. */
  bytes(address: bigint, length: bigint): Uint8Array {
    return this.array(address, length, 1, 1)
  }

  /** The same, or undefined where `bytes` would end the program. */
  tryBytes(address: bigint, length: bigint): Uint8Array | undefined {
    if (length > maxAccess) return undefined
    return this.machine.memory.read(address, Number(length))
  }

  /** Copies `count` elements of `size` bytes each; of none, the address does not matter. */
  array(address: bigint, count: bigint, size: number, align: number): Uint8Array {
    if (count === 0n) return new Uint8Array(0)
    const length = count * BigInt(size)
    if (length > maxIsize) failCall('InvalidLength')
    return this.aligned(address, this.read(address, length), align)
  }

  /** Copies one structure. */
  struct(address: bigint, size: number, align: number): Uint8Array {
    return this.aligned(address, this.read(address, BigInt(size)), align)
  }

  pubkey(address: bigint): Pubkey {
    return Pubkey.from(this.read(address, 32n))
  }

  u64(address: bigint): bigint {
    return u64At(this.struct(address, 8, 8), 0)
  }

  /** `count` slices that lie at an address. */
  slices(address: bigint, count: bigint): VmSlice[] {
    const bytes = this.array(address, count, 16, 8)
    const slices: VmSlice[] = []
    for (let at = 0; at < bytes.length; at += 16)
      slices.push({ address: u64At(bytes, at), length: u64At(bytes, at + 8) })
    return slices
  }

  /** Copies the bytes of a slice. */
  sliceBytes({ address, length }: VmSlice): Uint8Array {
    return this.bytes(address, length)
  }

  /** All ranges can be written, and none overlaps another (solana-syscalls, `translate_mut`). */
  checkWrites(...ranges: readonly VmRange[]): void {
    for (const { address, length, size = 1 } of ranges)
      if (length !== 0n) this.checkWrite(address, saturatingMul(length, BigInt(size)))
    for (const { address, length, align = 1 } of ranges)
      if (length !== 0n && this.checkAligned && address % BigInt(align) !== 0n)
        failCall('UnalignedPointer')
    for (let i = 0; i < ranges.length; i++)
      for (let j = i + 1; j < ranges.length; j++)
        if (!isSeparate(ranges[i]!, ranges[j]!)) failCall('CopyOverlapping')
  }

  /** Writes bytes. */
  write(address: bigint, bytes: Uint8Array): void {
    const { memory } = this.machine
    if (memory.write(address, bytes)) return
    const length = BigInt(bytes.length)
    if (!(this.regions?.grow(address, length) && memory.write(address, bytes)))
      throw this.violation('write', address, length)
  }

  writeU64(address: bigint, value: bigint): void {
    const bytes = new Uint8Array(8)
    setU64(bytes, 0, value)
    this.write(address, bytes)
  }

  /** Refuses what a store of so many bytes would be refused. */
  checkWrite(address: bigint, length: bigint): void {
    if (!this.isWritable(address, length) && !this.regions?.grow(address, length))
      throw this.violation('write', address, length)
  }

  private isWritable(address: bigint, length: bigint): boolean {
    const { memory } = this.machine
    if (address >= heapStart) {
      // From here on no region has gaps.
      const region = memory.regionAt(address)
      return region?.writable === true && address + length <= BigInt(region.address + region.length)
    }
    const bytes = length > maxAccess ? undefined : memory.read(address, Number(length))
    return bytes !== undefined && memory.write(address, bytes)
  }

  /** Refuses to store more bytes than are left in the region at the address, before they are made. */
  checkLength(address: bigint, length: bigint): void {
    const region = this.machine.memory.regionAt(address)
    const fits = region !== undefined && length <= BigInt(region.length)
    if (length !== 0n && !fits && !this.regions?.grow(address, length))
      throw this.violation('write', address, length)
  }

  private read(address: bigint, length: bigint): Uint8Array {
    const bytes = length > maxAccess ? undefined : this.machine.memory.read(address, Number(length))
    if (bytes === undefined) throw this.violation('read', address, length)
    return bytes
  }

  private aligned(address: bigint, bytes: Uint8Array, align: number): Uint8Array {
    if (align > 1 && this.checkAligned && address % BigInt(align) !== 0n)
      failCall('UnalignedPointer')
    return bytes
  }
}

function isSeparate(a: VmRange, b: VmRange): boolean {
  const aLength = a.length * BigInt(a.size ?? 1)
  const bLength = b.length * BigInt(b.size ?? 1)
  if (aLength === 0n || bLength === 0n) return true
  return a.address > b.address ? a.address - b.address >= bLength : b.address - a.address >= aLength
}
