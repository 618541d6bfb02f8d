import { concatBytes } from '../../../bits/octets.ts'

/** Most bytes of a block (RFC 8878, 3.1.1.2). */
const maxBlock = 128 * 1024

/**
 * A Zstandard frame (RFC 8878) whose blocks are the bytes as they are: every reader of zstd reads it.
 * @example rawZstd(Uint8Array.of(7)).length // 13
 */
export function rawZstd(bytes: Uint8Array): Uint8Array {
  // magic, then: one segment, its length in four bytes
  const head = new Uint8Array(9)
  const view = new DataView(head.buffer)
  view.setUint32(0, 0xfd2fb528, true)
  head[4] = 0xa0
  view.setUint32(5, bytes.length, true)
  const parts: Uint8Array[] = [head]
  let at = 0
  do {
    const block = bytes.subarray(at, at + maxBlock)
    at += block.length
    const last = at >= bytes.length ? 1 : 0
    const size = (block.length << 3) | last
    parts.push(Uint8Array.of(size & 0xff, (size >> 8) & 0xff, size >> 16), block)
  } while (at < bytes.length)
  return concatBytes(...parts)
}
