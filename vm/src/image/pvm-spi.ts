import { alignUp, ByteWriter, type Cursor, cursorOf } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'
import { readCopy } from '../bits/record.ts'
import { nullZone, type PagedPlan, pageSize } from '../vm/memory.ts'
import type { PvmOptions, PvmProgram } from '../vm/program.ts'
import { pvmHaltAddress } from '../vm/start.ts'
import { decodePvmBlob } from './pvm-blob.ts'
import { readNatural, readOctets, writeNatural, writeOctets } from './pvm-numbers.ts'
import { pvmDefaults } from './pvm-options.ts'

/** Versions of the Gray Paper that have the standard program: same layout, other code and rules. */
export type SpiVersion = 'gp-0.7' | 'jam-v1'

/** Gray Paper A.7, all in octets. */
export const spiLimits = {
  /** Z_Z: zones are whole multiples of it, and one is free between them. */
  zone: 0x10000,
  /** Z_I: arguments. */
  input: 0x1000000,
  /** `E_3`: read-only data, read-write data, stack. */
  section: 0xffffff,
  /** `E_2`: pages of heap. */
  heapPages: 0xffff,
  /** Pages mapped at start and by `sbrk` together: engines allocate them before they are used. */
  memoryBytes: 0x1400_0000,
} as const

/** 2^32 - 2 Z_Z - Z_I: the stack ends here. */
const stackTop = 2 ** 32 - 2 * spiLimits.zone - spiLimits.input
/** 2^32 - Z_Z - Z_I: arguments begin here. */
export const spiInputAddress: number = 2 ** 32 - spiLimits.zone - spiLimits.input

/** A standard program: `E_3(|o|) E_3(|w|) E_2(z) E_3(s) o w E_4(|c|) c` (Gray Paper A.7). */
export interface SpiParts {
  /** `o` and `w`. */
  readonly roData: Uint8Array
  readonly rwData: Uint8Array
  /** `z`: zeroed pages behind read-write data. */
  readonly heapPages: number
  /** `s`, in octets. */
  readonly stackSize: number
  /** `c`: a program blob, as `decodePvmBlob` reads it. */
  readonly blob: Uint8Array
  /** What a service's code begins with, where the image is one: not part of the program. */
  readonly metadata?: Uint8Array
}

function checkZones(parts: SpiParts): void {
  const { roData, rwData, heapPages, stackSize } = parts
  const { zone, input } = spiLimits
  const heap = alignUp(rwData.length + heapPages * pageSize, zone)
  const all = 5 * zone + alignUp(roData.length, zone) + heap + alignUp(stackSize, zone) + input
  if (all > 2 ** 32)
    throw new DecodeError('memoryTooLarge', 'zones do not fit in 2^32', { offset: 0, value: all })
}

function readLong(c: Cursor, count: number): Uint8Array {
  if (count > c.end - c.at)
    throw new DecodeError('truncated', `${count} octets expected, ${c.end - c.at} left`, {
      offset: c.at,
      value: count,
    })
  return readCopy(c, count)
}

/**
 * Splits a standard program image; the blob in it is not looked at. O(length).
 * @param options `metadata`: the image is a service's code, metadata before the program
 * @throws {DecodeError} `truncated`, `trailingBytes`, `memoryTooLarge`, and for the length of
 *   metadata `numberTooLarge`, `numberNotMinimal`
 * @example splitSpi(encodeSpi(parts)).heapPages // 3
 */
export function splitSpi(
  bytes: Uint8Array,
  options: { readonly metadata?: boolean } = {},
): SpiParts {
  const c = cursorOf(bytes)
  const metadata = options.metadata
    ? readLong(c, readNatural(c, 'length of metadata', true))
    : undefined
  const roLength = readOctets(c, 3)
  const rwLength = readOctets(c, 3)
  const heapPages = readOctets(c, 2)
  const stackSize = readOctets(c, 3)
  const roData = readLong(c, roLength)
  const rwData = readLong(c, rwLength)
  const blob = readLong(c, readOctets(c, 4))
  if (c.at < c.end)
    throw new DecodeError('trailingBytes', 'octets follow the program', {
      offset: c.at,
      value: c.end - c.at,
    })
  const parts = { roData, rwData, heapPages, stackSize, blob, ...(metadata && { metadata }) }
  checkZones(parts)
  return parts
}

/**
 * The inverse of `splitSpi`.
 * @throws {DecodeError} `memoryTooLarge`, `partTooLarge`
 * @example encodeSpi(parts).length // 15
 */
export function encodeSpi(parts: SpiParts): Uint8Array {
  const { roData, rwData, heapPages, stackSize, blob, metadata } = parts
  const { section } = spiLimits
  if (
    Math.max(roData.length, rwData.length, stackSize) > section ||
    heapPages > spiLimits.heapPages
  )
    throw new DecodeError('partTooLarge', 'a part is longer than its number', { value: section })
  checkZones(parts)
  const out = new ByteWriter()
  if (metadata !== undefined) {
    writeNatural(out, metadata.length)
    out.bytes(metadata)
  }
  writeOctets(out, roData.length, 3)
  writeOctets(out, rwData.length, 3)
  writeOctets(out, heapPages, 2)
  writeOctets(out, stackSize, 3)
  out.bytes(roData).bytes(rwData)
  writeOctets(out, blob.length, 4)
  return out.bytes(blob).finish()
}

function planOf(parts: SpiParts, input: Uint8Array, maxBytes: number): PagedPlan {
  const { roData, rwData, heapPages, stackSize } = parts
  const { zone } = spiLimits
  const rw = 2 * zone + alignUp(roData.length, zone)
  const rwLength = alignUp(rwData.length, pageSize) + heapPages * pageSize
  const stackLength = alignUp(stackSize, pageSize)
  const regions = [
    { address: nullZone, length: alignUp(roData.length, pageSize), writable: false },
    { address: rw, length: rwLength, writable: true },
    { address: stackTop - stackLength, length: stackLength, writable: true },
    { address: spiInputAddress, length: alignUp(input.length, pageSize), writable: false },
  ].filter(({ length }) => length > 0)
  const segments = [
    { address: nullZone, bytes: roData },
    { address: rw, bytes: rwData },
    { address: spiInputAddress, bytes: input },
  ].filter(({ bytes }) => bytes.length > 0)
  const mapped = regions.reduce((sum, { length }) => sum + length, 0)
  if (mapped > maxBytes)
    throw new DecodeError('memoryTooLarge', `over ${maxBytes} octets of pages`, {
      offset: 0,
      value: mapped,
    })
  const start = rw + rwLength
  const bottom = stackTop - alignUp(stackSize, zone) - zone
  const heap = { start, max: Math.max(start, Math.min(bottom, start + maxBytes - mapped)) }
  return { profile: 'paged32', pageSize, regions, segments, heap }
}

/** What a standard program image does not say. */
export interface SpiRules {
  /** The version of the code, which no octet of the image tells. */
  readonly version: SpiVersion
  /** The argument, at 0xfeff0000; at most 16 MiB. */
  readonly input?: Uint8Array
  /** The image is a service's code: metadata comes first. */
  readonly metadata?: boolean
  readonly options?: Partial<PvmOptions>
  readonly gas?: string
  readonly exports?: ReadonlyMap<string, number>
  /** Refuses images, and stops heaps, over so many octets of pages; by default 320 MiB. */
  readonly maxBytes?: number
}

/**
 * A standard program image with its argument, as `Y` of the Gray Paper (A.7) initialises it. Start it
 * with `startPvm`: at pc 0 `refine` or `is_authorized`, at pc 5 `accumulate`.
 * @throws {DecodeError} as `splitSpi` and `decodePvmBlob`; `inputTooLarge`, `memoryTooLarge`
 * @example
 * const blob = Uint8Array.of(0, 0, 1, 0, 1) // trap
 * const none = new Uint8Array(0)
 * const image = encodeSpi({ roData: none, rwData: none, heapPages: 1, stackSize: 4096, blob })
 * decodeSpi(image, { version: 'jam-v1' }).memory.profile // 'paged32'
 */
export function decodeSpi(bytes: Uint8Array, rules: SpiRules): PvmProgram {
  const { version, input = new Uint8Array(0), maxBytes = spiLimits.memoryBytes } = rules
  if (input.length > spiLimits.input)
    throw new DecodeError('inputTooLarge', `over ${spiLimits.input} octets of argument`, {
      value: input.length,
    })
  const parts = splitSpi(bytes, { metadata: rules.metadata ?? false })
  const memory = planOf(parts, input, maxBytes)
  const shift = bytes.length - parts.blob.length
  try {
    const { options, exports } = rules
    const gas = rules.gas ?? pvmDefaults[version].gas
    const program = decodePvmBlob(parts.blob, {
      ...{ version, memory, gas },
      ...(options && { options }),
      ...(exports && { exports }),
    })
    const start = Array.from({ length: 9 }, () => 0n)
    start[0] = pvmHaltAddress
    start[1] = BigInt(stackTop)
    start[7] = BigInt(spiInputAddress)
    start[8] = BigInt(input.length)
    return { ...program, start }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const { code, what, offset = 0, value } = error
    throw new DecodeError(code, what, { offset: shift + offset, value })
  }
}
