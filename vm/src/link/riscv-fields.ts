/** Immediates of RISC-V instructions that linkers fill in (The RISC-V Instruction Set Manual, Volume I, "Base Instruction Formats"). */

const bits = (value: number, high: number, low: number): number =>
  (value >> low) & ((1 << (high - low + 1)) - 1)

/** The parts of v: (hi << 12) + lo = v, lo in -2048..2047, hi of 20 bits. */
export const highPart = (value: number): number => ((value + 0x800) >> 12) & 0xfffff
export const lowPart = (value: number): number => (value << 20) >> 20

export const putUpper = (word: number, high: number): number => (word & 0xfff) | (high << 12)
export const putI = (word: number, low: number): number => (word & 0xfffff) | (low << 20)
export const putS = (word: number, low: number): number =>
  (word & 0x1fff07f) | (bits(low, 11, 5) << 25) | (bits(low, 4, 0) << 7)
export const putBranch = (word: number, by: number): number =>
  (word & 0x1fff07f) |
  (bits(by, 12, 12) << 31) |
  (bits(by, 10, 5) << 25) |
  (bits(by, 4, 1) << 8) |
  (bits(by, 11, 11) << 7)
export const putJal = (word: number, by: number): number =>
  (word & 0xfff) |
  (bits(by, 20, 20) << 31) |
  (bits(by, 10, 1) << 21) |
  (bits(by, 11, 11) << 20) |
  (bits(by, 19, 12) << 12)
/** CB: imm[8|4:3] at 12, imm[7:6|2:1|5] at 2. */
export const putShortBranch = (half: number, by: number): number =>
  (half & 0xe383) |
  (bits(by, 8, 8) << 12) |
  (bits(by, 4, 3) << 10) |
  (bits(by, 7, 6) << 5) |
  (bits(by, 2, 1) << 3) |
  (bits(by, 5, 5) << 2)
/** CJ: imm[11|4|9:8|10|6|7|3:1|5] at 2. */
export const putShortJump = (half: number, by: number): number =>
  (half & 0xe003) |
  (bits(by, 11, 11) << 12) |
  (bits(by, 4, 4) << 11) |
  (bits(by, 9, 8) << 9) |
  (bits(by, 10, 10) << 8) |
  (bits(by, 6, 6) << 7) |
  (bits(by, 7, 7) << 6) |
  (bits(by, 3, 1) << 3) |
  (bits(by, 5, 5) << 2)
