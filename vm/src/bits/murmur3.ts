/** MurmurHash3_x86_32 of one block, before it is added to the state. */
function mixed(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

function added(state: number, block: number): number {
  const h = state ^ mixed(block)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

function finished(state: number, length: number): number {
  let h = state ^ length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/**
 * MurmurHash3_x86_32 with seed 0, as a u32: what sBPF calls its syscalls by.
 * @example murmur3(new TextEncoder().encode('entrypoint')) // 0x71e3cf81
 */
export function murmur3(bytes: Uint8Array): number {
  const whole = bytes.length & ~3
  let state = 0
  for (let i = 0; i < whole; i += 4) {
    const low = bytes[i]! | (bytes[i + 1]! << 8)
    state = added(state, low | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
  }
  let tail = 0
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8) | bytes[i]!
  if (whole < bytes.length) state ^= mixed(tail)
  return finished(state, bytes.length)
}

/**
 * `murmur3` of a whole number below 2^32 as eight bytes, little-endian: what sBPF V0..V2 call
 * functions by.
 * @example murmur3OfPc(0) // 0x63852afc
 */
export function murmur3OfPc(pc: number): number {
  return finished(added(added(0, pc), 0), 8)
}
