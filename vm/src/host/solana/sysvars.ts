import { ByteWriter, type Cursor, cursorOf, readBytes, readU8, readU64 } from '../../bits/bytes.ts'
import { DecodeError } from '../../bits/errors.ts'
import { writeU64 } from '../../bits/record.ts'
import { sysvarIds } from './ids.ts'
import type { Pubkey } from './pubkey.ts'

/** A field's form: little-endian numbers, 32 bytes of hash, rows behind a count of 64 bits. */
type Form = 'u8' | 'u64' | 'i64' | 'u128' | 'f64' | 'bool' | 'hash' | 'slotBits' | Rows
interface Rows {
  readonly rows: Layout
}
interface Layout {
  readonly [field: string]: Form
}

type FieldOf<F> = F extends 'u8' | 'f64'
  ? number
  : F extends 'u64' | 'i64' | 'u128'
    ? bigint
    : F extends 'bool'
      ? boolean
      : F extends 'hash' | 'slotBits'
        ? Uint8Array
        : F extends { readonly rows: infer L }
          ? readonly ValueOf<L>[]
          : never
type ValueOf<L> = { readonly [K in keyof L]: FieldOf<L[K]> }

/** Every sysvar whose account has a fixed form: its fields in the order of its bytes. */
export const sysvarLayouts = {
  clock: {
    slot: 'u64',
    epochStartTimestamp: 'i64',
    epoch: 'u64',
    leaderScheduleEpoch: 'u64',
    unixTimestamp: 'i64',
  },
  epochRewards: {
    distributionStartingBlockHeight: 'u64',
    numPartitions: 'u64',
    parentBlockhash: 'hash',
    totalPoints: 'u128',
    totalRewards: 'u64',
    distributedRewards: 'u64',
    active: 'bool',
  },
  epochSchedule: {
    slotsPerEpoch: 'u64',
    leaderScheduleSlotOffset: 'u64',
    warmup: 'bool',
    firstNormalEpoch: 'u64',
    firstNormalSlot: 'u64',
  },
  fees: { lamportsPerSignature: 'u64' },
  lastRestartSlot: { lastRestartSlot: 'u64' },
  /** Newest first. */
  recentBlockhashes: { entries: { rows: { blockhash: 'hash', lamportsPerSignature: 'u64' } } },
  rent: { lamportsPerByte: 'u64', exemptionThreshold: 'f64', burnPercent: 'u8' },
  /** Newest slot first. */
  slotHashes: { entries: { rows: { slot: 'u64', hash: 'hash' } } },
  /** `bits`: slot mod 2^20 as a bit, low bits first; 131072 bytes. */
  slotHistory: { bits: 'slotBits', nextSlot: 'u64' },
  /** Newest epoch first. */
  stakeHistory: {
    entries: { rows: { epoch: 'u64', effective: 'u64', activating: 'u64', deactivating: 'u64' } },
  },
} as const
export type SysvarName = keyof typeof sysvarLayouts
/** A sysvar's fields as values. */
export type Sysvar<N extends SysvarName> = ValueOf<(typeof sysvarLayouts)[N]>

/** Most entries of what is a list, by the programs that keep it. */
export const sysvarEntries = { slotHashes: 512, stakeHistory: 512, recentBlockhashes: 150 } as const

export function sysvarId(name: SysvarName): Pubkey {
  return sysvarIds[name]
}

const slotBitBytes = 131_072

const rowLeast = (layout: Layout): number =>
  Object.values(layout).reduce((sum, form) => sum + (form === 'hash' ? 32 : 8), 0)

function readU128(cursor: Cursor): bigint {
  const low = readU64(cursor)
  return low | (readU64(cursor) << 64n)
}

function readBool(cursor: Cursor): boolean {
  const offset = cursor.at
  const byte = readU8(cursor)
  if (byte > 1)
    throw new DecodeError('badBool', `a flag is 0 or 1, not ${byte}`, { offset, value: byte })
  return byte === 1
}

/** A bit vector of 2^20 bits in 64-bit blocks, as the `bv` crate writes it. */
function readSlotBits(cursor: Cursor): Uint8Array {
  const offset = cursor.at
  const some = readBool(cursor)
  const blocks = some ? readU64(cursor) : 0n
  if (blocks * 8n !== BigInt(slotBitBytes))
    throw new DecodeError('badSlotBits', `${blocks} blocks of slot bits`, { offset, value: blocks })
  const bits = new Uint8Array(readBytes(cursor, slotBitBytes))
  readU64(cursor)
  return bits
}

function readRows(cursor: Cursor, layout: Layout): unknown[] {
  const offset = cursor.at
  const count = readU64(cursor)
  const left = cursor.end - cursor.at
  if (count * BigInt(rowLeast(layout)) > BigInt(left))
    throw new DecodeError('truncated', `${count} rows cannot be in ${left} bytes`, {
      offset,
      value: count,
    })
  return Array.from({ length: Number(count) }, () => readLayout(cursor, layout))
}

const readers: { readonly [F in Extract<Form, string>]: (cursor: Cursor) => unknown } = {
  u8: readU8,
  u64: readU64,
  i64: (cursor) => BigInt.asIntN(64, readU64(cursor)),
  u128: readU128,
  f64: (cursor) => {
    const bytes = readBytes(cursor, 8)
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
  },
  bool: readBool,
  hash: (cursor) => new Uint8Array(readBytes(cursor, 32)),
  slotBits: readSlotBits,
}

function readLayout(cursor: Cursor, layout: Layout): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [field, form] of Object.entries(layout))
    out[field] = typeof form === 'string' ? readers[form](cursor) : readRows(cursor, form.rows)
  return out
}

/**
 * A sysvar from the bytes of its account; bytes behind it are ignored, as Agave ignores them.
 * @throws {DecodeError} when there are too few bytes, or a flag is neither 0 nor 1
 * @example decodeSysvar('fees', Uint8Array.of(136, 19, 0, 0, 0, 0, 0, 0)).lamportsPerSignature // 5000n
 */
export function decodeSysvar<N extends SysvarName>(name: N, bytes: Uint8Array): Sysvar<N> {
  // the table and the type are one: what is read has the fields of the layout
  return readLayout(cursorOf(bytes), sysvarLayouts[name]) as Sysvar<N>
}

const f64Bytes = (value: number): Uint8Array => new Uint8Array(Float64Array.of(value).buffer)

const writers: {
  readonly [F in Extract<Form, string>]: (writer: ByteWriter, value: never) => void
} = {
  u8: (writer, value: number) => writer.u8(value),
  u64: writeU64,
  i64: (writer, value: bigint) => writeU64(writer, BigInt.asUintN(64, value)),
  u128: (writer, value: bigint) => {
    writeU64(writer, BigInt.asUintN(64, value))
    writeU64(writer, BigInt.asUintN(64, value >> 64n))
  },
  f64: (writer, value: number) => writer.bytes(f64Bytes(value)),
  bool: (writer, value: boolean) => writer.u8(value ? 1 : 0),
  hash: (writer, value: Uint8Array) => writer.bytes(value),
  slotBits: (writer, value: Uint8Array) => {
    writer.u8(1)
    writeU64(writer, BigInt(value.length / 8))
    writer.bytes(value)
    writeU64(writer, BigInt(value.length * 8))
  },
}

function writeLayout(
  writer: ByteWriter,
  layout: Layout,
  value: Readonly<Record<string, unknown>>,
): void {
  for (const [field, form] of Object.entries(layout)) {
    if (typeof form === 'string') {
      writers[form](writer, value[field] as never)
      continue
    }
    const rows = value[field] as readonly Record<string, unknown>[]
    writeU64(writer, BigInt(rows.length))
    for (const row of rows) writeLayout(writer, form.rows, row)
  }
}

/** The bytes of a sysvar, as its account has them but for zeros behind. @example encodeSysvar('fees', { lamportsPerSignature: 5000n }) */
export function encodeSysvar<N extends SysvarName>(name: N, value: Sysvar<N>): Uint8Array {
  const writer = new ByteWriter()
  writeLayout(writer, sysvarLayouts[name], value)
  return writer.finish()
}

const sizes: Readonly<Partial<Record<string, number>>> = { u8: 1, bool: 1, u128: 16, hash: 32 }
const alignOf = (form: Form): number => (form === 'hash' ? 1 : (sizes[String(form)] ?? 8))

/**
 * A sysvar as the `repr(C)` struct that the getters `sol_get_*_sysvar` write: each field at a multiple of
 * its size, zeros between, the whole a multiple of the largest.
 * @example sysvarStruct('rent', { lamportsPerByte: 6960n, exemptionThreshold: 1, burnPercent: 50 }).length // 24
 */
export function sysvarStruct<N extends SysvarName>(name: N, value: Sysvar<N>): Uint8Array {
  const layout: Layout = sysvarLayouts[name]
  const fields: Readonly<Record<string, unknown>> = value
  const writer = new ByteWriter()
  const padTo = (unit: number): void => {
    while (writer.length % unit !== 0) writer.u8(0)
  }
  let widest = 1
  for (const [field, form] of Object.entries(layout)) {
    widest = Math.max(widest, alignOf(form))
    padTo(alignOf(form))
    writeLayout(writer, { [field]: form }, fields)
  }
  padTo(widest)
  return writer.finish()
}
