import { parsePattern, type RiscvPattern } from './pattern.ts'
import { type RiscvName, riscvRows, type Width } from './table.ts'

/** Where an operand of the expansion comes from: a field of the pattern, or a fixed register. */
export type Source = 'rd' | 'rs1' | 'rs2' | number

/** One instruction of 16 bits and the instruction of 32 bits that it stands for. */
export interface CompressedRow {
  readonly name: string
  /** The pattern as the specification prints it. */
  readonly bits: string
  readonly pattern: RiscvPattern
  readonly width: Width
  readonly expansion: RiscvName
  readonly rd: Source
  readonly rs1: Source
  readonly rs2: Source
}

type Line = readonly [
  name: string,
  bits: string,
  width: Width,
  expansion: RiscvName,
  rd: Source,
  rs1: Source,
  rs2: Source,
]

/**
 * Extension C without floating point (The RISC-V Instruction Set Manual, Volume I, chapter "C"). Where two patterns
 * match, the first one counts; what the specification calls a hint is what it expands to, and does nothing.
 */
// biome-ignore format: a row is a line
const lines = [
  ['c.addi4spn', "000 nzimm[5:4|9:6|2|3] rd' 00", 'both', 'addi', 'rd', 2, 0],
  ['c.lw', "010 imm[5:3] rs1' imm[2|6] rd' 00", 'both', 'lw', 'rd', 'rs1', 0],
  ['c.ld', "011 imm[5:3] rs1' imm[7:6] rd' 00", 'rv64', 'ld', 'rd', 'rs1', 0],
  ['c.sw', "110 imm[5:3] rs1' imm[2|6] rs2' 00", 'both', 'sw', 0, 'rs1', 'rs2'],
  ['c.sd', "111 imm[5:3] rs1' imm[7:6] rs2' 00", 'rv64', 'sd', 0, 'rs1', 'rs2'],
  ['c.addi', '000 simm[5] rd simm[4:0] 01', 'both', 'addi', 'rd', 'rd', 0],
  ['c.jal', '001 simm[11|4|9:8|10|6|7|3:1|5] 01', 'rv32', 'jal', 1, 0, 0],
  ['c.addiw', '001 simm[5] rd!0 simm[4:0] 01', 'rv64', 'addiw', 'rd', 'rd', 0],
  ['c.li', '010 simm[5] rd simm[4:0] 01', 'both', 'addi', 'rd', 0, 0],
  ['c.addi16sp', '011 nzsimm[9] 00010 nzsimm[4|6|8:7|5] 01', 'both', 'addi', 2, 2, 0],
  ['c.lui', '011 nzsimm[17] rd!2 nzsimm[16:12] 01', 'both', 'lui', 'rd', 0, 0],
  ['c.srli', "100 imm[5] 00 rd' imm[4:0] 01", 'both', 'srli', 'rd', 'rd', 0],
  ['c.srai', "100 imm[5] 01 rd' imm[4:0] 01", 'both', 'srai', 'rd', 'rd', 0],
  ['c.andi', "100 simm[5] 10 rd' simm[4:0] 01", 'both', 'andi', 'rd', 'rd', 0],
  ['c.sub', "100 0 11 rd' 00 rs2' 01", 'both', 'sub', 'rd', 'rd', 'rs2'],
  ['c.xor', "100 0 11 rd' 01 rs2' 01", 'both', 'xor', 'rd', 'rd', 'rs2'],
  ['c.or', "100 0 11 rd' 10 rs2' 01", 'both', 'or', 'rd', 'rd', 'rs2'],
  ['c.and', "100 0 11 rd' 11 rs2' 01", 'both', 'and', 'rd', 'rd', 'rs2'],
  ['c.subw', "100 1 11 rd' 00 rs2' 01", 'rv64', 'subw', 'rd', 'rd', 'rs2'],
  ['c.addw', "100 1 11 rd' 01 rs2' 01", 'rv64', 'addw', 'rd', 'rd', 'rs2'],
  ['c.j', '101 simm[11|4|9:8|10|6|7|3:1|5] 01', 'both', 'jal', 0, 0, 0],
  ['c.beqz', "110 simm[8|4:3] rs1' simm[7:6|2:1|5] 01", 'both', 'beq', 0, 'rs1', 0],
  ['c.bnez', "111 simm[8|4:3] rs1' simm[7:6|2:1|5] 01", 'both', 'bne', 0, 'rs1', 0],
  ['c.slli', '000 imm[5] rd imm[4:0] 10', 'both', 'slli', 'rd', 'rd', 0],
  ['c.lwsp', '010 imm[5] rd!0 imm[4:2|7:6] 10', 'both', 'lw', 'rd', 2, 0],
  ['c.ldsp', '011 imm[5] rd!0 imm[4:3|8:6] 10', 'rv64', 'ld', 'rd', 2, 0],
  ['c.jr', '100 0 rs1!0 00000 10', 'both', 'jalr', 0, 'rs1', 0],
  ['c.mv', '100 0 rd rs2!0 10', 'both', 'add', 'rd', 0, 'rs2'],
  ['c.ebreak', '1001000000000010', 'both', 'ebreak', 0, 0, 0],
  ['c.jalr', '100 1 rs1!0 00000 10', 'both', 'jalr', 1, 'rs1', 0],
  ['c.add', '100 1 rd rs2!0 10', 'both', 'add', 'rd', 'rd', 'rs2'],
  ['c.swsp', '110 imm[5:2|7:6] rs2 10', 'both', 'sw', 0, 2, 'rs2'],
  ['c.sdsp', '111 imm[5:3|8:6] rs2 10', 'rv64', 'sd', 0, 2, 'rs2'],
] as const satisfies readonly Line[]

export const compressedRows: readonly CompressedRow[] = (lines as readonly Line[]).map(
  ([name, bits, width, expansion, rd, rs1, rs2]) => {
    let pattern: RiscvPattern | undefined
    return {
      name,
      bits,
      width,
      expansion,
      rd,
      rs1,
      rs2,
      get pattern() {
        pattern ??= parsePattern(bits, 16)
        return pattern
      },
    }
  },
)

/** Row of the table of 32-bit instructions by name and register width. */
export function riscvRowOf(name: RiscvName, wide: boolean): number {
  return riscvRows.findIndex(
    (row) => row.name === name && (row.width === 'both' || row.width === (wide ? 'rv64' : 'rv32')),
  )
}
