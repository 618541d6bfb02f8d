/** A number of any length, big-endian. @example numberOf(Uint8Array.of(1, 0)) // 256n */
export function numberOf(bytes: Uint8Array): bigint {
  let out = 0n
  let at = 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (; at < bytes.length % 8; at++) out = (out << 8n) | BigInt(bytes[at]!)
  for (; at < bytes.length; at += 8) out = (out << 64n) | view.getBigUint64(at)
  return out
}

/** Bytes in the opposite order. @example reversed(Uint8Array.of(1, 2)) // Uint8Array.of(2, 1) */
export function reversed(bytes: Uint8Array): Uint8Array {
  return bytes.slice().reverse()
}

/** Big-endian, `length` bytes; the number must fit. @example bytesOfNumber(256n, 2) // Uint8Array.of(1, 0) */
export function bytesOfNumber(value: bigint, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let rest = value
  for (let at = length - 1; at >= 0; at--) {
    out[at] = Number(rest & 255n)
    rest >>= 8n
  }
  return out
}

/** Most inputs of one Poseidon hash. */
export const maxPoseidonInputs = 12
