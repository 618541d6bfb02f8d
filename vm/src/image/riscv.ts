import { alignUp } from '../bits/bytes.ts'
import { DecodeError, VerifyError } from '../bits/errors.ts'
import { riscvDecoder } from '../isa/riscv/isa.ts'
import type { PagedPlan, Region, Segment } from '../vm/memory.ts'
import type { RiscvProgram } from '../vm/program.ts'
import { codeAddresses } from './riscv-addresses.ts'
import { type Loadable, readRiscvElf } from './riscv-elf.ts'

const page = 4096
const end32 = 2 ** 32

/** How much a program gets, and where. */
export const riscvLimits = {
  /** Bytes of code: as many as of a PVM blob. */
  codeBytes: 0x100_0000,
  /** Bytes of all segments in memory: a quarter of what a Wasm memory may have. */
  memoryBytes: 0x4000_0000,
  /** First address above the stack: below it nothing is mapped for a page. */
  stackTop: 0xffff_0000,
  stackBytes: 0x10_0000,
} as const

/** How to make a program of an executable. */
export interface RiscvOptions {
  /** Name of a gas schedule (`isa/riscv/gas.ts`): 'riscv-instruction' unless said otherwise. */
  readonly gas?: string
  /** A multiple of 4096; 1 MiB unless said otherwise. */
  readonly stackBytes?: number
  /** Where a position-independent executable is loaded, a multiple of 4096; 64 KiB unless said otherwise. */
  readonly base?: number
}

function pagesOf({ address, memoryBytes, writable }: Loadable): Region {
  const low = address - (address % page)
  return { address: low, length: alignUp(address + memoryBytes, page) - low, writable }
}

/** Regions in order; segments that share a page are one, as writable as either. */
function regionsOf(loads: readonly Loadable[], stackBytes: number): Region[] {
  const out: Region[] = []
  const sorted = loads.map(pagesOf).sort((a, b) => a.address - b.address)
  for (const region of sorted) {
    const last = out.at(-1)
    if (last === undefined || last.address + last.length <= region.address) {
      out.push(region)
      continue
    }
    const end = Math.max(last.address + last.length, region.address + region.length)
    const writable = last.writable || region.writable
    out[out.length - 1] = { address: last.address, length: end - last.address, writable }
  }
  const low = riscvLimits.stackTop - stackBytes
  const last = out.at(-1)
  if (last !== undefined && last.address + last.length > low)
    throw new VerifyError('overlap', 'a segment lies where the stack is', { value: last.address })
  out.push({ address: low, length: stackBytes, writable: true })
  return out
}

function checkSegments(loads: readonly Loadable[]): void {
  const sorted = [...loads].sort((a, b) => a.address - b.address)
  let end = 0
  let total = 0
  for (const { address, memoryBytes, offset } of sorted) {
    if (address < end)
      throw new DecodeError('overlap', 'segments overlap', { offset, value: address })
    end = address + memoryBytes
    total += memoryBytes
    if (end > end32) throw new DecodeError('tooLarge', 'a segment ends beyond 2^32', { offset })
  }
  if (total > riscvLimits.memoryBytes)
    throw new VerifyError('tooLarge', `segments of ${total} bytes`, { value: total })
}

/**
 * A static RISC-V executable (RV32 or RV64; soft floating point; EM_RISCV, ET_EXEC or ET_DYN without an interpreter) as a program: its
 * loadable segments at their addresses, a stack, `_start` and its global functions as exports, the names in its section
 * `.alcatraz.imports` as host calls. O(file).
 * @throws {DecodeError} with an offset: no such file, or a malformed one
 * @throws {VerifyError} what engines do not run, such as floating-point registers in calls; with what avoids it
 * @example
 * const program = loadRiscv(readFileSync('hello.elf'))
 * const machine = interpEngine.instantiate(program, { gas: 1_000_000n })
 * startRiscv(machine, '_start')
 */
export function loadRiscv(
  bytes: Uint8Array,
  {
    base = 0x10000,
    gas = 'riscv-instruction',
    stackBytes = riscvLimits.stackBytes,
  }: RiscvOptions = {},
): RiscvProgram {
  if (!Number.isSafeInteger(base) || base < 0 || base % page !== 0 || base >= end32)
    throw new RangeError(`a base of ${base}, no multiple of ${page} below 2^32`)
  const elf = readRiscvElf(bytes, base)
  const { code, codeBase, embedded, entry, imports, loads, symbols, wide } = elf
  if (code.length > riscvLimits.codeBytes)
    throw new VerifyError('tooLarge', `code of ${code.length} bytes`, { value: code.length })
  checkSegments(loads)
  const version = wide ? 'rv64' : 'rv32'
  const segments: Segment[] = loads
    .filter((load) => load.bytes.length > 0)
    .map((load) => ({ address: load.address, bytes: load.bytes }))
  const memory: PagedPlan = {
    profile: 'paged32',
    pageSize: page,
    regions: regionsOf(loads, stackBytes),
    segments,
  }
  const names = new Map<number, string>()
  const exports = new Map([['_start', entry]])
  for (const { isFunction, isGlobal, name, offset } of symbols) {
    if (!names.has(offset)) names.set(offset, name)
    if (isFunction && isGlobal && !exports.has(name)) exports.set(name, offset)
  }
  return {
    isa: 'riscv',
    version,
    embedded,
    code,
    codeBase,
    addressTaken: codeAddresses(riscvDecoder(version, embedded), code, codeBase, segments),
    exports,
    imports: ['ecall'],
    ...(imports !== undefined && { ecalls: imports }),
    memory,
    gas,
    symbols: names,
    stackTop: BigInt(riscvLimits.stackTop),
  }
}
