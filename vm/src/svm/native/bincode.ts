import { fail, type InstructionErrorName } from '../../host/solana/errors.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'

/** Most bytes of instruction data that native programs read (solana-packet, `PACKET_DATA_SIZE`). */
export const packetBytes = 1232

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads bincode with fixed integers, little-endian. What does not fit, and no other byte than 0 and 1
 * where a choice of two stands, ends the instruction with `failure`; bytes left at the end are allowed.
 */
export class BincodeReader {
  at = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly end: number
  private readonly failure: Exclude<InstructionErrorName, 'Custom'>

  constructor(
    bytes: Uint8Array,
    failure: Exclude<InstructionErrorName, 'Custom'>,
    limit: number = bytes.length,
  ) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = Math.min(bytes.length, limit)
    this.failure = failure
  }

  /** Ends the instruction. @throws {InstructionFailure} `failure`, always */
  refuse(): never {
    return fail(this.failure)
  }

  private take(count: number): number {
    const at = this.at
    if (count > this.end - at) this.refuse()
    this.at = at + count
    return at
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true)
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true)
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8), true)
  }

  i64(): bigint {
    return this.view.getBigInt64(this.take(8), true)
  }

  bool(): boolean {
    const byte = this.u8()
    if (byte > 1) this.refuse()
    return byte === 1
  }

  /** A view, not a copy. */
  raw(count: number): Uint8Array {
    const at = this.take(count)
    return this.bytes.subarray(at, at + count)
  }

  pubkey(): Pubkey {
    return Pubkey.from(this.bytes, this.take(32))
  }

  /** How many things follow, of which each takes at least one byte. */
  length(): number {
    const count = this.u64()
    if (count > BigInt(this.end - this.at)) this.refuse()
    return Number(count)
  }

  text(): string {
    const bytes = this.raw(this.length())
    try {
      return utf8.decode(bytes)
    } catch {
      return this.refuse()
    }
  }
}

/** How one value of instruction data is written. */
export type Field<T> = (from: BincodeReader) => T

export const u8: Field<number> = (from) => from.u8()
export const u16: Field<number> = (from) => from.u16()
export const u32: Field<number> = (from) => from.u32()
export const u64: Field<bigint> = (from) => from.u64()
export const i64: Field<bigint> = (from) => from.i64()
export const bool: Field<boolean> = (from) => from.bool()
export const pubkey: Field<Pubkey> = (from) => from.pubkey()
export const text: Field<string> = (from) => from.text()
/** Length and bytes; a view, not a copy. */
export const blob: Field<Uint8Array> = (from) => from.raw(from.length())
export const hash: Field<Uint8Array> = (from) => from.raw(32)

/** @example bytesOf(48)(new BincodeReader(new Uint8Array(48), 'InvalidArgument')).length // 48 */
export function bytesOf(count: number): Field<Uint8Array> {
  return (from) => from.raw(count)
}

/** One byte says whether a value follows. */
export function option<T>(field: Field<T>): Field<T | undefined> {
  return (from) => (from.bool() ? field(from) : undefined)
}

/** Length and values. */
export function listOf<T>(field: Field<T>): Field<T[]> {
  return (from) => {
    const count = from.length()
    const out: T[] = []
    for (let i = 0; i < count; i++) out.push(field(from))
    return out
  }
}

/** A variant without values, as its number below `count`. */
export function variant(count: number): Field<number> {
  return (from) => {
    const index = from.u32()
    return index < count ? index : from.refuse()
  }
}

/** Fields by name, in the order of the bytes. */
export type Fields = Readonly<Record<string, Field<unknown>>>
export type Values<F extends Fields> = { readonly [N in keyof F]: ReturnType<F[N]> }

/** Fields one after the other. */
export function record<F extends Fields>(fields: F): Field<Values<F>> {
  const entries = Object.entries(fields)
  return (from) => {
    const out: Record<string, unknown> = {}
    for (const [name, field] of entries) out[name] = field(from)
    return out as Values<F>
  }
}

/** A u64 in groups of seven bits, lowest first, in as few bytes as it needs. */
export const varint: Field<bigint> = (from) => {
  let value = 0n
  for (let shift = 0n; shift < 64n; shift += 7n) {
    const byte = from.u8()
    value |= BigInt(byte & 0x7f) << shift
    if (byte >= 0x80) continue
    if (value >= 1n << 64n || (byte === 0 && shift > 0n)) from.refuse()
    return value
  }
  return from.refuse()
}

/** A u16 in groups of seven bits, lowest first, in as few bytes as it needs. */
export const shortLength: Field<number> = (from) => {
  let value = 0
  for (let n = 0; n < 3; n++) {
    const byte = from.u8()
    if (byte === 0 && n > 0) from.refuse()
    value |= (byte & 0x7f) << (7 * n)
    if (value > 0xffff) from.refuse()
    if (byte < 0x80) return value
  }
  return from.refuse()
}

/** A u16 length of few bytes, and values. */
export function shortListOf<T>(field: Field<T>): Field<T[]> {
  return (from) => {
    const count = shortLength(from)
    const out: T[] = []
    for (let i = 0; i < count; i++) out.push(field(from))
    return out
  }
}
