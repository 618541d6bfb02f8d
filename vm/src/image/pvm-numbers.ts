import { type ByteWriter, type Cursor, readU8 } from '../bits/bytes.ts'
import { DecodeError } from '../bits/errors.ts'

/**
 * A natural number below 2^32 (Gray Paper C, `E`; polkavm-common/src/varint.rs): the first octet has
 * as many leading ones as octets follow, at most four here.
 * @param minimal refuse numbers that are longer than needed
 * @throws {DecodeError} `truncated`, `numberTooLarge`, `numberNotMinimal`
 */
export function readNatural(cursor: Cursor, what: string, minimal: boolean): number {
  const start = cursor.at
  const { bytes, end } = cursor
  if (start >= end)
    throw new DecodeError('truncated', `${what}: the blob ends here`, { offset: start })
  const first = bytes[start]!
  const more = Math.clz32(~(first << 24))
  if (more > 4)
    throw new DecodeError('numberTooLarge', `${what} is over 2^32 - 1`, {
      offset: start,
      value: first,
    })
  if (start + 1 + more > end)
    throw new DecodeError('truncated', `${what}: the blob ends inside`, { offset: end })
  let value = (first & (0x7f >> more)) * 2 ** (8 * more)
  for (let i = 0; i < more; i++) value += bytes[start + 1 + i]! * 2 ** (8 * i)
  if (value > 0xffffffff)
    throw new DecodeError('numberTooLarge', `${what} is over 2^32 - 1`, { offset: start, value })
  if (minimal && more > 0 && value < 2 ** (7 * more))
    throw new DecodeError('numberNotMinimal', `${what} is longer than needed`, {
      offset: start,
      value,
    })
  cursor.at = start + 1 + more
  return value
}

/** The shortest form of a natural number below 2^32. */
export function writeNatural(out: ByteWriter, value: number): void {
  for (let more = 0; more < 4; more++) {
    if (value >= 2 ** (7 * (more + 1))) continue
    out.u8(((0xff00 >> more) & 0xff) | Math.floor(value / 2 ** (8 * more)))
    writeOctets(out, value, more)
    return
  }
  out.u8(0xf0)
  writeOctets(out, value, 4)
}

/** `E_n`: `count` octets, little-endian, of a number below 2^32. */
export function writeOctets(out: ByteWriter, value: number, count: number): void {
  for (let i = 0; i < count; i++) out.u8(Math.floor(value / 2 ** (8 * i)) & 0xff)
}

/** `E_n`: a number of `count` octets, at most four, little-endian. @throws {DecodeError} `truncated` */
export function readOctets(cursor: Cursor, count: number): number {
  let value = 0
  for (let i = 0; i < count; i++) value += readU8(cursor) * 2 ** (8 * i)
  return value
}
