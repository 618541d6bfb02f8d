/**
 * Patterns of RISC-V instructions as the specification's tables print them: from the highest bit to the lowest,
 * literal bits, register fields and pieces of one immediate.
 *
 *     simm[11:5] rs2 rs1 000 simm[4:0] 0100011
 *
 * `rd rs1 rs2 rs3` are five bits; with `'` three bits that stand for x8 to x15; `rd!0` excludes x0, `rd!2` x0 and x2.
 * `simm[..]` is sign-extended from its highest bit, `imm[..]` is not; `nzimm`/`nzsimm` must not be 0. What is in
 * brackets names bits of the immediate, from left to right. `aq` and `rl` are one bit each and mean nothing here.
 */

/** Bits of the immediate that lie in one run of the instruction: `(word >>> from & mask) << to`. */
export interface Piece {
  readonly from: number
  readonly width: number
  readonly to: number
}

export type RegisterField = 'rd' | 'rs1' | 'rs2'

/** Where a register is. */
export interface RegisterPlace {
  readonly name: RegisterField
  readonly bit: number
  /** Three bits for x8 to x15, or five. */
  readonly short: boolean
  /** Registers that it may not be. */
  readonly not: readonly number[]
}

export interface RiscvPattern {
  /** Literal bits: `(word & mask) === value`. */
  readonly mask: number
  readonly value: number
  readonly registers: readonly RegisterPlace[]
  readonly pieces: readonly Piece[]
  /** Width of the immediate when it is signed, else 0. */
  readonly signBits: number
  readonly nonZero: boolean
}

const registerToken = /^(rd|rs1|rs2)('?)(?:!(\d))?$/
const immediateToken = /^(nz)?(s?)imm\[([\d:|]+)\]$/

function piecesOf(list: string, top: number): { pieces: Piece[]; bits: number; high: number } {
  const pieces: Piece[] = []
  let bits = 0
  let high = 0
  for (const part of list.split('|')) {
    const [first, last = first] = part.split(':').map(Number) as [number, number?]
    const width = first - last + 1
    bits += width
    pieces.push({ from: top - bits, width, to: last })
    high = Math.max(high, first)
  }
  return { pieces, bits, high }
}

/** @throws {Error} when the text does not add up to `bits` bits: tables are ours */
export function parsePattern(text: string, bits: 16 | 32): RiscvPattern {
  let top: number = bits
  let mask = 0
  let value = 0
  let signBits = 0
  let nonZero = false
  const registers: RegisterPlace[] = []
  const pieces: Piece[] = []
  for (const token of text.split(' ')) {
    const register = registerToken.exec(token)
    const immediate = immediateToken.exec(token)
    if (register !== null) {
      const short = register[2] === "'"
      top -= short ? 3 : 5
      const not = register[3] === undefined ? [] : [0, Number(register[3])]
      registers.push({ name: register[1] as RegisterField, bit: top, short, not })
    } else if (immediate !== null) {
      const found = piecesOf(immediate[3]!, top)
      pieces.push(...found.pieces)
      top -= found.bits
      if (immediate[2] === 's') signBits = Math.max(signBits, found.high + 1)
      if (immediate[1] === 'nz') nonZero = true
    } else if (/^[01]+$/.test(token)) {
      for (const bit of token) {
        top--
        mask |= 1 << top
        if (bit === '1') value |= 1 << top
      }
    } else if (token === 'aq' || token === 'rl') top--
    else if (/^fence\d+$/.test(token)) top -= Number(token.slice(5))
    else throw new Error(`riscv: what is ${token} in ${text}`)
  }
  if (top !== 0) throw new Error(`riscv: ${text} has ${bits - top} bits`)
  return { mask, value, registers, pieces, signBits, nonZero }
}

/** The immediate of `word`. */
export function immediateOf({ pieces, signBits }: RiscvPattern, word: number): number {
  let imm = 0
  for (let i = 0; i < pieces.length; i++) {
    const { from, to, width } = pieces[i]!
    imm |= ((word >>> from) & ((1 << width) - 1)) << to
  }
  return signBits === 0 || signBits === 32 ? imm : (imm << (32 - signBits)) >> (32 - signBits)
}

/** `word` with the bits of `imm` put in their places. */
export function putImmediate({ pieces }: RiscvPattern, word: number, imm: number): number {
  let out = word
  for (const { from, to, width } of pieces) {
    const ones = (1 << width) - 1
    out = (out & ~(ones << from)) | (((imm >> to) & ones) << from)
  }
  return out
}
