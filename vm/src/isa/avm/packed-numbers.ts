/** What counters and mixer of packed code calculate with (docs/avm-packed.md, "Numbers"). */

/** By 2048 + x, -2047 <= x <= 2047: 4096 / (1 + e^(-x / 256)), rounded, between 1 and 4095. */
export const squash: Int16Array = Int16Array.from({ length: 4096 }, (_, i) =>
  Math.max(1, Math.min(4095, Math.round(squashed(i)))),
)

/** `squash` before it is rounded: nowhere so near to a half that an engine's `Math.exp` matters. */
export function squashed(index: number): number {
  return 4096 / (1 + Math.exp((2048 - index) / 256))
}

/** By probability p in 4096ths: 256 ln(p / (4096 - p)), rounded, between -2047 and 2047. */
export const stretch: Int16Array = Int16Array.from({ length: 4096 }, (_, p) =>
  Math.max(-2047, Math.min(2047, Math.round(stretched(p)))),
)

/** `stretch` before it is rounded. */
export function stretched(p: number): number {
  return p === 0 ? -2047 : 256 * Math.log(p / (4096 - p))
}

/** By how often a counter has learnt: what part of the difference it learns, in 65536ths. */
export const changes: Int32Array = Int32Array.from({ length: 16 }, (_, times) =>
  Math.round(65536 / (times + 1.5)),
)

/** Of tables for so much code: four counters and two runs for each octet, within limits. */
export function tableBits(length: number): {
  readonly countBits: number
  readonly runBits: number
} {
  const bits = Math.max(8, Math.min(16, 32 - Math.clz32(length - 1)))
  return { countBits: bits + 2, runBits: bits + 1 }
}
