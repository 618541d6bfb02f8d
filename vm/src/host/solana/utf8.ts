const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The text of UTF-8 bytes, or what Rust's `Utf8Error` says of them.
 * @example decodeUtf8(Uint8Array.of(0x61, 0xff)).error // 'invalid utf-8 sequence of 1 bytes from index 1'
 */
export function decodeUtf8(
  bytes: Uint8Array,
): { readonly text: string; readonly error?: never } | { readonly error: string } {
  try {
    return { text: fatal.decode(bytes) }
  } catch {
    return { error: describe(bytes) }
  }
}

/** Bytes of the sequence that begins with `lead`, and what its second byte may be (Unicode, table 3-7). */
function sequence(lead: number): readonly [length: number, low: number, high: number] | undefined {
  if (lead >= 0xc2 && lead <= 0xdf) return [2, 0x80, 0xbf]
  if (lead === 0xe0) return [3, 0xa0, 0xbf]
  if (lead === 0xed) return [3, 0x80, 0x9f]
  if (lead >= 0xe1 && lead <= 0xef) return [3, 0x80, 0xbf]
  if (lead === 0xf0) return [4, 0x90, 0xbf]
  if (lead >= 0xf1 && lead <= 0xf3) return [4, 0x80, 0xbf]
  if (lead === 0xf4) return [4, 0x80, 0x8f]
  return undefined
}

/** Rust, `core::str::validations::run_utf8_validation`: what is wrong, of the first wrong sequence. */
function describe(bytes: Uint8Array): string {
  let at = 0
  while (at < bytes.length) {
    const lead = bytes[at]!
    if (lead < 0x80) {
      at += 1
      continue
    }
    const invalid = (count: number): string =>
      `invalid utf-8 sequence of ${count} bytes from index ${at}`
    const shape = sequence(lead)
    if (shape === undefined) return invalid(1)
    const [length, low, high] = shape
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i]
      if (next === undefined) return `incomplete utf-8 byte sequence from index ${at}`
      const fits = i === 1 ? next >= low && next <= high : next >= 0x80 && next <= 0xbf
      if (!fits) return invalid(i)
    }
    at += length
  }
  return `incomplete utf-8 byte sequence from index ${at}`
}
