import { compressedRows, riscvRowOf, type Source } from './compressed.ts'
import { immediateOf, type RegisterPlace, type RiscvPattern } from './pattern.ts'
import { type RiscvExtension, riscvRows } from './table.ts'

/** What a program's instructions may be. */
export interface RiscvIsa {
  /** RV64, else RV32. */
  readonly wide: boolean
  /** Registers x16 to x31 do not exist (RV32E, RV64E). */
  readonly embedded: boolean
  readonly extensions: ReadonlySet<RiscvExtension>
}

/** All extensions that the engines know. */
export const allExtensions: ReadonlySet<RiscvExtension> = new Set<RiscvExtension>([
  ...(['I', 'M', 'A', 'C', 'Zba', 'Zbb', 'Zbs', 'Zicond'] as const),
])

/** One decoded instruction; fields that its row does not have are 0. */
export interface RiscvInsn {
  /** Row of the table; -1: no instruction that the program may have. */
  row: number
  /** Bytes: 2 or 4. */
  length: number
  rd: number
  rs1: number
  rs2: number
  imm: number
  /** Row of the table of compressed instructions, or -1. */
  compressed: number
}

export function newRiscvInsn(): RiscvInsn {
  return { row: -1, length: 4, rd: 0, rs1: 0, rs2: 0, imm: 0, compressed: -1 }
}

interface Candidate {
  readonly index: number
  readonly pattern: RiscvPattern
}
/** Rows that may match, in the order of the table, by a few bits of the instruction. */
type Index = readonly (readonly Candidate[])[]

/** Opcode and funct3 of an instruction of 32 bits. */
const fullKey = (word: number): number => ((word >>> 2) & 31) | ((word >>> 7) & 0xe0)
/** Quadrant and funct3 of one of 16. */
const shortKey = (word: number): number => (word & 3) | ((word >>> 11) & 0x1c)

function indexOf(
  patterns: readonly (RiscvPattern | undefined)[],
  keys: number,
  keyOf: (word: number) => number,
): Index {
  const index: Candidate[][] = Array.from({ length: keys }, () => [])
  for (let key = 0; key < keys; key++)
    patterns.forEach((pattern, i) => {
      if (pattern === undefined) return
      const known = keyOf(pattern.mask)
      if ((key & known) === (keyOf(pattern.value) & known)) index[key]!.push({ index: i, pattern })
    })
  return index
}

const widthFits = (width: string, wide: boolean): boolean =>
  width === 'both' || (width === 'rv64') === wide

/** A decoder of one kind of RISC-V. */
export class RiscvDecoder {
  readonly isa: RiscvIsa
  private readonly full: Index
  private readonly short: Index
  /** Row of each compressed instruction's expansion. */
  private readonly expansions: readonly number[]

  constructor(isa: RiscvIsa) {
    this.isa = isa
    const { extensions, wide } = isa
    this.full = indexOf(
      riscvRows.map((row) =>
        widthFits(row.width, wide) && extensions.has(row.extension) ? row.pattern : undefined,
      ),
      256,
      fullKey,
    )
    this.short = indexOf(
      compressedRows.map((row) =>
        widthFits(row.width, wide) && extensions.has('C') ? row.pattern : undefined,
      ),
      32,
      shortKey,
    )
    this.expansions = compressedRows.map(({ expansion }) => riscvRowOf(expansion, wide))
  }

  /** Reads the instruction at `at`; what is past the end of the code reads as zero, which is none. */
  decode(code: Uint8Array, at: number, insn: RiscvInsn): void {
    const low = (code[at] ?? 0) | ((code[at + 1] ?? 0) << 8)
    insn.rd = 0
    insn.rs1 = 0
    insn.rs2 = 0
    insn.imm = 0
    insn.compressed = -1
    if ((low & 3) === 3) {
      insn.length = 4
      const cut = at + 4 > code.length
      insn.row = cut ? -1 : this.wide(low | (code[at + 2]! << 16) | (code[at + 3]! << 24), insn)
    } else {
      insn.length = 2
      insn.row = at + 2 > code.length ? -1 : this.compressed(low, insn)
    }
    if (insn.row >= 0 && this.isa.embedded && (insn.rd | insn.rs1 | insn.rs2) > 15) insn.row = -1
  }

  private wide(word: number, insn: RiscvInsn): number {
    for (const { index, pattern } of this.full[fullKey(word)]!) {
      if ((word & pattern.mask) !== pattern.value) continue
      const imm = immediateOf(pattern, word)
      // shifts of RV32 have five bits
      if (!this.isa.wide && pattern.pieces[0]?.width === 6 && imm > 31) return -1
      for (const place of pattern.registers) insn[place.name] = (word >>> place.bit) & 31
      insn.imm = imm
      return index
    }
    return -1
  }

  private compressed(word: number, insn: RiscvInsn): number {
    for (const { index, pattern } of this.short[shortKey(word)]!) {
      if ((word & pattern.mask) !== pattern.value) continue
      const imm = immediateOf(pattern, word)
      if (pattern.nonZero && imm === 0) continue
      if (pattern.registers.some((place) => place.not.includes(registerAt(place, word)))) continue
      const row = compressedRows[index]!
      if (!this.isa.wide && imm > 31 && /^c\.s[rl][la]i$/.test(row.name)) return -1
      const source = (from: Source): number => sourceOf(from, pattern, word)
      insn.rd = source(row.rd)
      insn.rs1 = source(row.rs1)
      insn.rs2 = source(row.rs2)
      insn.imm = imm
      insn.compressed = index
      return this.expansions[index]!
    }
    return -1
  }
}

function registerAt({ bit, short }: RegisterPlace, word: number): number {
  return short ? ((word >>> bit) & 7) + 8 : (word >>> bit) & 31
}

function sourceOf(from: Source, { registers }: RiscvPattern, word: number): number {
  if (typeof from === 'number') return from
  const place = registers.find(({ name }) => name === from)
  return place === undefined ? 0 : registerAt(place, word)
}
