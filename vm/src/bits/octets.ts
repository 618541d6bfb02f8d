/** Are both the same bytes. @example equalBytes(Uint8Array.of(1), Uint8Array.of(1)) // true */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * Lexicographic order of unsigned bytes; a prefix sorts first. Negative, zero or positive.
 * @example compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0 // true
 */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/** @example startsWith(Uint8Array.of(1, 2), Uint8Array.of(1)) // true */
export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false
  return true
}

/** @example concatBytes(Uint8Array.of(1), Uint8Array.of(2)) // Uint8Array.of(1, 2) */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/**
 * Bytes as a string of one unit a byte, for a Map, which compares strings by what they are.
 * @example bytesId(Uint8Array.of(97, 98)) // 'ab'
 */
export function bytesId(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[])
}

/**
 * As `bytesId`, of 32 bytes. Written out: V8 compiles a call with so many arguments straight, and walks
 * through an array that is spread.
 * @example id32(new Uint8Array(40).fill(97), 8) // 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
 */
export function id32(b: Uint8Array, at = 0): string {
  return String.fromCharCode(
    b[at]!,
    b[at + 1]!,
    b[at + 2]!,
    b[at + 3]!,
    b[at + 4]!,
    b[at + 5]!,
    b[at + 6]!,
    b[at + 7]!,
    b[at + 8]!,
    b[at + 9]!,
    b[at + 10]!,
    b[at + 11]!,
    b[at + 12]!,
    b[at + 13]!,
    b[at + 14]!,
    b[at + 15]!,
    b[at + 16]!,
    b[at + 17]!,
    b[at + 18]!,
    b[at + 19]!,
    b[at + 20]!,
    b[at + 21]!,
    b[at + 22]!,
    b[at + 23]!,
    b[at + 24]!,
    b[at + 25]!,
    b[at + 26]!,
    b[at + 27]!,
    b[at + 28]!,
    b[at + 29]!,
    b[at + 30]!,
    b[at + 31]!,
  )
}
