/** The largest number of 64 bits. */
export const maxU64: bigint = (1n << 64n) - 1n

const eight = new Uint8Array(8)
const number = new DataView(eight.buffer)

/** Little-endian. @throws {RangeError} when there are fewer than eight bytes */
export function u64At(bytes: Uint8Array, at: number): bigint {
  if (at + 8 > bytes.length) throw new RangeError(`no eight bytes at ${at} of ${bytes.length}`)
  for (let i = 0; i < 8; i++) eight[i] = bytes[at + i]!
  return number.getBigUint64(0, true)
}

/** Little-endian, modulo 2^64. */
export function setU64(bytes: Uint8Array, at: number, value: bigint): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).setBigUint64(at, value, true)
}

/** `a + b`, at most 2^64 - 1. */
export function saturatingAdd(a: bigint, b: bigint): bigint {
  const sum = a + b
  return sum > maxU64 ? maxU64 : sum
}

/** `a * b`, at most 2^64 - 1. */
export function saturatingMul(a: bigint, b: bigint): bigint {
  const product = a * b
  return product > maxU64 ? maxU64 : product
}
