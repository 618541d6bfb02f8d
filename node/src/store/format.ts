import type { Head } from 'alcatraz-vm/state'
import { corrupt } from './problems.ts'

/** Format of what is in the tables, whatever keeps them; any change of it is a new number. */
export const storeFormat = 'alcatraz-store 3'
export const formatName = 'alcatraz-store '

/** `height (u32, little-endian) | root (32)`. */
export function encodeStoredHead({ height, root }: Head): Buffer {
  const bytes = Buffer.alloc(36)
  bytes.writeUInt32LE(height)
  bytes.set(root, 4)
  return bytes
}

/** The inverse of `encodeStoredHead`. @throws {StoreError} `corrupt` */
export function decodeStoredHead(path: string, bytes: Uint8Array): Head {
  if (bytes.length !== 36) throw corrupt(path, `a head of ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { height: view.getUint32(0, true), root: new Uint8Array(bytes.subarray(4)) }
}
