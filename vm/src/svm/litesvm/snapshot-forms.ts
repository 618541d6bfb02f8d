import {
  type ByteWriter,
  type Cursor,
  readBytes,
  readU8,
  readU32,
  readU64,
} from '../../bits/bytes.ts'
import { DecodeError } from '../../bits/errors.ts'
import { writeU32, writeU64 } from '../../bits/record.ts'
import { Pubkey } from '../../host/solana/pubkey.ts'

/** A value's bytes, both ways: what Rust's wincode and bincode write, little-endian. */
export interface Form<T> {
  read(from: Cursor): T
  write(to: ByteWriter, value: T): void
}

const form = <T>(read: Form<T>['read'], write: Form<T>['write']): Form<T> => ({ read, write })

export const byteForm: Form<number> = form(readU8, (to, value) => to.u8(value))
export const wordForm: Form<number> = form(readU32, writeU32)
export const longForm: Form<bigint> = form(readU64, writeU64)
/** A flag: 0 or 1. */
export const flagForm: Form<boolean> = form(
  (from) => {
    const value = readU8(from)
    if (value > 1) throw new DecodeError('badBool', `Invalid bool: ${value}`, { value })
    return value === 1
  },
  (to, value) => to.u8(value ? 1 : 0),
)

/** So many bytes, copied. */
export const fixedForm = (length: number): Form<Uint8Array> =>
  form(
    (from) => new Uint8Array(readBytes(from, length)),
    (to, value) => to.bytes(value),
  )

export const pubkeyForm: Form<Pubkey> = form(
  (from) => Pubkey.from(readBytes(from, 32)),
  (to, value) => to.bytes(value.bytes),
)

/** A count that cannot be: more than there are bytes. */
function readLength(from: Cursor): number {
  const count = readU64(from)
  const left = from.end - from.at
  if (count > BigInt(left))
    throw new DecodeError('truncated', `${count} items in ${left} bytes`, { value: count })
  return Number(count)
}

/** Bytes behind their number. */
export const bytesForm: Form<Uint8Array> = form(
  (from) => new Uint8Array(readBytes(from, readLength(from))),
  (to, value) => {
    writeU64(to, BigInt(value.length))
    to.bytes(value)
  },
)

/** Bytes behind their number, seven bits of it a byte. */
export const shortBytesForm: Form<Uint8Array> = form(
  (from) => {
    let count = 0
    for (let shift = 0; ; shift += 7) {
      const byte = readU8(from)
      count += (byte & 0x7f) << shift
      if (byte < 0x80) break
      if (shift === 14) throw new DecodeError('badLength', 'a length of more than 16 bits')
    }
    return new Uint8Array(readBytes(from, count))
  },
  (to, value) => {
    let left = value.length
    for (; left >= 0x80; left >>= 7) to.u8((left & 0x7f) | 0x80)
    to.u8(left)
    to.bytes(value)
  },
)

export const textForm: Form<string> = form(
  (from) => new TextDecoder('utf-8', { fatal: true }).decode(bytesForm.read(from)),
  (to, value) => bytesForm.write(to, new TextEncoder().encode(value)),
)

/** Items behind their number. */
export const listForm = <T>(item: Form<T>): Form<readonly T[]> =>
  form(
    (from) => {
      const out: T[] = []
      for (let left = readLength(from); left > 0; left--) out.push(item.read(from))
      return out
    },
    (to, value) => {
      writeU64(to, BigInt(value.length))
      for (const each of value) item.write(to, each)
    },
  )

export const pairForm = <A, B>(a: Form<A>, b: Form<B>): Form<readonly [A, B]> =>
  form(
    (from) => [a.read(from), b.read(from)],
    (to, [first, second]) => {
      a.write(to, first)
      b.write(to, second)
    },
  )

/** A flag, and the value if it is set. */
export const optionForm = <T>(some: Form<T>): Form<T | undefined> =>
  form(
    (from) => (flagForm.read(from) ? some.read(from) : undefined),
    (to, value) => {
      flagForm.write(to, value !== undefined)
      if (value !== undefined) some.write(to, value)
    },
  )

type FormsOf<T> = { readonly [K in keyof T]-?: Form<T[K]> }

/** Fields one behind the other, in the order in which they are written down. */
export function structForm<T extends object>(fields: FormsOf<T>): Form<T> {
  // the keys of an object literal are those of its type
  const names = Object.keys(fields) as (keyof T)[]
  return form(
    (from) => {
      const out: Partial<T> = {}
      for (const name of names) out[name] = fields[name].read(from)
      return out as T
    },
    (to, value) => {
      for (const name of names) fields[name].write(to, value[name])
    },
  )
}
