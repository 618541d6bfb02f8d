import type { InsnRow } from '../codec.ts'
import { parsePattern, type RiscvPattern } from './pattern.ts'

/** Extensions, by the letters of the specification. */
export type RiscvExtension = 'I' | 'M' | 'A' | 'C' | 'Zba' | 'Zbb' | 'Zbs' | 'Zicond'
/** Register width for which an instruction exists. */
export type Width = 'both' | 'rv32' | 'rv64'

/** Operands of an instruction in assembly text. */
export const riscvForms = {
  none: '',
  rrr: '{rd}, {rs1}, {rs2}',
  rr: '{rd}, {rs1}',
  rri: '{rd}, {rs1}, {imm}',
  upper: '{rd}, {upper}',
  load: '{rd}, {imm}({rs1})',
  store: '{rs2}, {imm}({rs1})',
  branch: '{rs1}, {rs2}, {target}',
  jump: '{rd}, {target}',
  jumpr: '{rd}, {imm}({rs1})',
  reserve: '{rd}, ({rs1})',
  atomic: '{rd}, {rs2}, ({rs1})',
} as const
export type RiscvForm = keyof typeof riscvForms

/** One instruction of 32 bits. */
export interface RiscvRow extends InsnRow {
  readonly form: RiscvForm
  readonly pattern: RiscvPattern
  /** The pattern as the specification prints it. */
  readonly bits: string
  readonly extension: RiscvExtension
  readonly width: Width
}

type Line = readonly [
  name: string,
  form: RiscvForm,
  bits: string,
  extension: RiscvExtension,
  width: Width,
  does: string,
]

/**
 * The unprivileged instructions (The RISC-V Instruction Set Manual, Volume I) that compilers of integer code
 * emit. In `does`, XLEN is 32 or 64; `s`, `u` read a value as signed or unsigned, `s32(x)` sign-extends the low
 * half; `[x]n` are n octets at x mod 2^32. Division by zero gives all ones, remainder the dividend; the smallest number
 * divided by -1 gives itself, remainder 0. Writes to x0 are dropped.
 */
// biome-ignore format: a row is a line
export const riscvTable = [
  ['lui', 'upper', 'simm[31:12] rd 0110111', 'I', 'both', 'rd = s32(imm)'],
  ['auipc', 'upper', 'simm[31:12] rd 0010111', 'I', 'both', 'rd = pc + s32(imm)'],
  ['jal', 'jump', 'simm[20|10:1|11|19:12] rd 1101111', 'I', 'both', 'rd = next; goto pc + imm'],
  ['jalr', 'jumpr', 'simm[11:0] rs1 000 rd 1100111', 'I', 'both', 'to = (rs1 + imm) & ~1; rd = next; goto to'],
  ['beq', 'branch', 'simm[12|10:5] rs2 rs1 000 simm[4:1|11] 1100011', 'I', 'both', 'if (rs1 = rs2) goto pc + imm'],
  ['bne', 'branch', 'simm[12|10:5] rs2 rs1 001 simm[4:1|11] 1100011', 'I', 'both', 'if (rs1 != rs2) goto pc + imm'],
  ['blt', 'branch', 'simm[12|10:5] rs2 rs1 100 simm[4:1|11] 1100011', 'I', 'both', 'if (rs1 <s rs2) goto pc + imm'],
  ['bge', 'branch', 'simm[12|10:5] rs2 rs1 101 simm[4:1|11] 1100011', 'I', 'both', 'if (rs1 >=s rs2) goto pc + imm'],
  ['bltu', 'branch', 'simm[12|10:5] rs2 rs1 110 simm[4:1|11] 1100011', 'I', 'both', 'if (rs1 <u rs2) goto pc + imm'],
  ['bgeu', 'branch', 'simm[12|10:5] rs2 rs1 111 simm[4:1|11] 1100011', 'I', 'both', 'if (rs1 >=u rs2) goto pc + imm'],
  ['lb', 'load', 'simm[11:0] rs1 000 rd 0000011', 'I', 'both', 'rd = s8([rs1 + imm]1)'],
  ['lh', 'load', 'simm[11:0] rs1 001 rd 0000011', 'I', 'both', 'rd = s16([rs1 + imm]2)'],
  ['lw', 'load', 'simm[11:0] rs1 010 rd 0000011', 'I', 'both', 'rd = s32([rs1 + imm]4)'],
  ['ld', 'load', 'simm[11:0] rs1 011 rd 0000011', 'I', 'rv64', 'rd = [rs1 + imm]8'],
  ['lbu', 'load', 'simm[11:0] rs1 100 rd 0000011', 'I', 'both', 'rd = u8([rs1 + imm]1)'],
  ['lhu', 'load', 'simm[11:0] rs1 101 rd 0000011', 'I', 'both', 'rd = u16([rs1 + imm]2)'],
  ['lwu', 'load', 'simm[11:0] rs1 110 rd 0000011', 'I', 'rv64', 'rd = u32([rs1 + imm]4)'],
  ['sb', 'store', 'simm[11:5] rs2 rs1 000 simm[4:0] 0100011', 'I', 'both', '[rs1 + imm]1 = rs2'],
  ['sh', 'store', 'simm[11:5] rs2 rs1 001 simm[4:0] 0100011', 'I', 'both', '[rs1 + imm]2 = rs2'],
  ['sw', 'store', 'simm[11:5] rs2 rs1 010 simm[4:0] 0100011', 'I', 'both', '[rs1 + imm]4 = rs2'],
  ['sd', 'store', 'simm[11:5] rs2 rs1 011 simm[4:0] 0100011', 'I', 'rv64', '[rs1 + imm]8 = rs2'],
  ['addi', 'rri', 'simm[11:0] rs1 000 rd 0010011', 'I', 'both', 'rd = rs1 + imm'],
  ['slti', 'rri', 'simm[11:0] rs1 010 rd 0010011', 'I', 'both', 'rd = rs1 <s imm ? 1 : 0'],
  ['sltiu', 'rri', 'simm[11:0] rs1 011 rd 0010011', 'I', 'both', 'rd = rs1 <u imm ? 1 : 0'],
  ['xori', 'rri', 'simm[11:0] rs1 100 rd 0010011', 'I', 'both', 'rd = rs1 ^ imm'],
  ['ori', 'rri', 'simm[11:0] rs1 110 rd 0010011', 'I', 'both', 'rd = rs1 | imm'],
  ['andi', 'rri', 'simm[11:0] rs1 111 rd 0010011', 'I', 'both', 'rd = rs1 & imm'],
  ['slli', 'rri', '000000 imm[5:0] rs1 001 rd 0010011', 'I', 'both', 'rd = rs1 << imm'],
  ['srli', 'rri', '000000 imm[5:0] rs1 101 rd 0010011', 'I', 'both', 'rd = rs1 >>u imm'],
  ['srai', 'rri', '010000 imm[5:0] rs1 101 rd 0010011', 'I', 'both', 'rd = rs1 >>s imm'],
  ['add', 'rrr', '0000000 rs2 rs1 000 rd 0110011', 'I', 'both', 'rd = rs1 + rs2'],
  ['sub', 'rrr', '0100000 rs2 rs1 000 rd 0110011', 'I', 'both', 'rd = rs1 - rs2'],
  ['sll', 'rrr', '0000000 rs2 rs1 001 rd 0110011', 'I', 'both', 'rd = rs1 << (rs2 mod XLEN)'],
  ['slt', 'rrr', '0000000 rs2 rs1 010 rd 0110011', 'I', 'both', 'rd = rs1 <s rs2 ? 1 : 0'],
  ['sltu', 'rrr', '0000000 rs2 rs1 011 rd 0110011', 'I', 'both', 'rd = rs1 <u rs2 ? 1 : 0'],
  ['xor', 'rrr', '0000000 rs2 rs1 100 rd 0110011', 'I', 'both', 'rd = rs1 ^ rs2'],
  ['srl', 'rrr', '0000000 rs2 rs1 101 rd 0110011', 'I', 'both', 'rd = rs1 >>u (rs2 mod XLEN)'],
  ['sra', 'rrr', '0100000 rs2 rs1 101 rd 0110011', 'I', 'both', 'rd = rs1 >>s (rs2 mod XLEN)'],
  ['or', 'rrr', '0000000 rs2 rs1 110 rd 0110011', 'I', 'both', 'rd = rs1 | rs2'],
  ['and', 'rrr', '0000000 rs2 rs1 111 rd 0110011', 'I', 'both', 'rd = rs1 & rs2'],
  ['fence', 'none', 'fence12 rs1 000 rd 0001111', 'I', 'both', 'nothing: there is one hart'],
  ['fence.i', 'none', 'fence12 rs1 001 rd 0001111', 'I', 'both', 'nothing: code does not change'],
  ['ecall', 'none', '00000000000000000000000001110011', 'I', 'both', 'exit: host call'],
  ['ebreak', 'none', '00000000000100000000000001110011', 'I', 'both', 'exit: trap panic'],
  ['addiw', 'rri', 'simm[11:0] rs1 000 rd 0011011', 'I', 'rv64', 'rd = s32(rs1 + imm)'],
  ['slliw', 'rri', '0000000 imm[4:0] rs1 001 rd 0011011', 'I', 'rv64', 'rd = s32(rs1 << imm)'],
  ['srliw', 'rri', '0000000 imm[4:0] rs1 101 rd 0011011', 'I', 'rv64', 'rd = s32(u32(rs1) >>u imm)'],
  ['sraiw', 'rri', '0100000 imm[4:0] rs1 101 rd 0011011', 'I', 'rv64', 'rd = s32(rs1) >>s imm'],
  ['addw', 'rrr', '0000000 rs2 rs1 000 rd 0111011', 'I', 'rv64', 'rd = s32(rs1 + rs2)'],
  ['subw', 'rrr', '0100000 rs2 rs1 000 rd 0111011', 'I', 'rv64', 'rd = s32(rs1 - rs2)'],
  ['sllw', 'rrr', '0000000 rs2 rs1 001 rd 0111011', 'I', 'rv64', 'rd = s32(rs1 << (rs2 mod 32))'],
  ['srlw', 'rrr', '0000000 rs2 rs1 101 rd 0111011', 'I', 'rv64', 'rd = s32(u32(rs1) >>u (rs2 mod 32))'],
  ['sraw', 'rrr', '0100000 rs2 rs1 101 rd 0111011', 'I', 'rv64', 'rd = s32(rs1) >>s (rs2 mod 32)'],

  ['mul', 'rrr', '0000001 rs2 rs1 000 rd 0110011', 'M', 'both', 'rd = rs1 * rs2'],
  ['mulh', 'rrr', '0000001 rs2 rs1 001 rd 0110011', 'M', 'both', 'rd = (s(rs1) * s(rs2)) >> XLEN'],
  ['mulhsu', 'rrr', '0000001 rs2 rs1 010 rd 0110011', 'M', 'both', 'rd = (s(rs1) * u(rs2)) >> XLEN'],
  ['mulhu', 'rrr', '0000001 rs2 rs1 011 rd 0110011', 'M', 'both', 'rd = (u(rs1) * u(rs2)) >> XLEN'],
  ['div', 'rrr', '0000001 rs2 rs1 100 rd 0110011', 'M', 'both', 'rd = rs1 /s rs2'],
  ['divu', 'rrr', '0000001 rs2 rs1 101 rd 0110011', 'M', 'both', 'rd = rs1 /u rs2'],
  ['rem', 'rrr', '0000001 rs2 rs1 110 rd 0110011', 'M', 'both', 'rd = rs1 %s rs2'],
  ['remu', 'rrr', '0000001 rs2 rs1 111 rd 0110011', 'M', 'both', 'rd = rs1 %u rs2'],
  ['mulw', 'rrr', '0000001 rs2 rs1 000 rd 0111011', 'M', 'rv64', 'rd = s32(rs1 * rs2)'],
  ['divw', 'rrr', '0000001 rs2 rs1 100 rd 0111011', 'M', 'rv64', 'rd = s32(s32(rs1) /s s32(rs2))'],
  ['divuw', 'rrr', '0000001 rs2 rs1 101 rd 0111011', 'M', 'rv64', 'rd = s32(u32(rs1) /u u32(rs2))'],
  ['remw', 'rrr', '0000001 rs2 rs1 110 rd 0111011', 'M', 'rv64', 'rd = s32(s32(rs1) %s s32(rs2))'],
  ['remuw', 'rrr', '0000001 rs2 rs1 111 rd 0111011', 'M', 'rv64', 'rd = s32(u32(rs1) %u u32(rs2))'],

  ['lr.w', 'reserve', '00010 aq rl 00000 rs1 010 rd 0101111', 'A', 'both', 'rd = s32([rs1]4); reserve rs1'],
  ['sc.w', 'atomic', '00011 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'if (rs1 is reserved) [rs1]4 = rs2, rd = 0, else rd = 1; reserve nothing'],
  ['amoswap.w', 'atomic', '00001 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = rs2; rd = old'],
  ['amoadd.w', 'atomic', '00000 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = old + rs2; rd = old'],
  ['amoxor.w', 'atomic', '00100 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = old ^ rs2; rd = old'],
  ['amoand.w', 'atomic', '01100 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = old & rs2; rd = old'],
  ['amoor.w', 'atomic', '01000 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = old | rs2; rd = old'],
  ['amomin.w', 'atomic', '10000 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = min_s(old, rs2); rd = old'],
  ['amomax.w', 'atomic', '10100 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = max_s(old, rs2); rd = old'],
  ['amominu.w', 'atomic', '11000 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = min_u(old, rs2); rd = old'],
  ['amomaxu.w', 'atomic', '11100 aq rl rs2 rs1 010 rd 0101111', 'A', 'both', 'old = s32([rs1]4); [rs1]4 = max_u(old, rs2); rd = old'],
  ['lr.d', 'reserve', '00010 aq rl 00000 rs1 011 rd 0101111', 'A', 'rv64', 'rd = [rs1]8; reserve rs1'],
  ['sc.d', 'atomic', '00011 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'if (rs1 is reserved) [rs1]8 = rs2, rd = 0, else rd = 1; reserve nothing'],
  ['amoswap.d', 'atomic', '00001 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = rs2; rd = old'],
  ['amoadd.d', 'atomic', '00000 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = old + rs2; rd = old'],
  ['amoxor.d', 'atomic', '00100 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = old ^ rs2; rd = old'],
  ['amoand.d', 'atomic', '01100 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = old & rs2; rd = old'],
  ['amoor.d', 'atomic', '01000 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = old | rs2; rd = old'],
  ['amomin.d', 'atomic', '10000 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = min_s(old, rs2); rd = old'],
  ['amomax.d', 'atomic', '10100 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = max_s(old, rs2); rd = old'],
  ['amominu.d', 'atomic', '11000 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = min_u(old, rs2); rd = old'],
  ['amomaxu.d', 'atomic', '11100 aq rl rs2 rs1 011 rd 0101111', 'A', 'rv64', 'old = [rs1]8; [rs1]8 = max_u(old, rs2); rd = old'],

  ['sh1add', 'rrr', '0010000 rs2 rs1 010 rd 0110011', 'Zba', 'both', 'rd = rs2 + (rs1 << 1)'],
  ['sh2add', 'rrr', '0010000 rs2 rs1 100 rd 0110011', 'Zba', 'both', 'rd = rs2 + (rs1 << 2)'],
  ['sh3add', 'rrr', '0010000 rs2 rs1 110 rd 0110011', 'Zba', 'both', 'rd = rs2 + (rs1 << 3)'],
  ['add.uw', 'rrr', '0000100 rs2 rs1 000 rd 0111011', 'Zba', 'rv64', 'rd = rs2 + u32(rs1)'],
  ['sh1add.uw', 'rrr', '0010000 rs2 rs1 010 rd 0111011', 'Zba', 'rv64', 'rd = rs2 + (u32(rs1) << 1)'],
  ['sh2add.uw', 'rrr', '0010000 rs2 rs1 100 rd 0111011', 'Zba', 'rv64', 'rd = rs2 + (u32(rs1) << 2)'],
  ['sh3add.uw', 'rrr', '0010000 rs2 rs1 110 rd 0111011', 'Zba', 'rv64', 'rd = rs2 + (u32(rs1) << 3)'],
  ['slli.uw', 'rri', '000010 imm[5:0] rs1 001 rd 0011011', 'Zba', 'rv64', 'rd = u32(rs1) << imm'],

  ['andn', 'rrr', '0100000 rs2 rs1 111 rd 0110011', 'Zbb', 'both', 'rd = rs1 & ~rs2'],
  ['orn', 'rrr', '0100000 rs2 rs1 110 rd 0110011', 'Zbb', 'both', 'rd = rs1 | ~rs2'],
  ['xnor', 'rrr', '0100000 rs2 rs1 100 rd 0110011', 'Zbb', 'both', 'rd = ~(rs1 ^ rs2)'],
  ['clz', 'rr', '011000000000 rs1 001 rd 0010011', 'Zbb', 'both', 'rd = leading zero bits of rs1, XLEN for 0'],
  ['ctz', 'rr', '011000000001 rs1 001 rd 0010011', 'Zbb', 'both', 'rd = trailing zero bits of rs1, XLEN for 0'],
  ['cpop', 'rr', '011000000010 rs1 001 rd 0010011', 'Zbb', 'both', 'rd = number of set bits of rs1'],
  ['clzw', 'rr', '011000000000 rs1 001 rd 0011011', 'Zbb', 'rv64', 'rd = leading zero bits of the low half'],
  ['ctzw', 'rr', '011000000001 rs1 001 rd 0011011', 'Zbb', 'rv64', 'rd = trailing zero bits of the low half'],
  ['cpopw', 'rr', '011000000010 rs1 001 rd 0011011', 'Zbb', 'rv64', 'rd = number of set bits of the low half'],
  ['max', 'rrr', '0000101 rs2 rs1 110 rd 0110011', 'Zbb', 'both', 'rd = max_s(rs1, rs2)'],
  ['maxu', 'rrr', '0000101 rs2 rs1 111 rd 0110011', 'Zbb', 'both', 'rd = max_u(rs1, rs2)'],
  ['min', 'rrr', '0000101 rs2 rs1 100 rd 0110011', 'Zbb', 'both', 'rd = min_s(rs1, rs2)'],
  ['minu', 'rrr', '0000101 rs2 rs1 101 rd 0110011', 'Zbb', 'both', 'rd = min_u(rs1, rs2)'],
  ['sext.b', 'rr', '011000000100 rs1 001 rd 0010011', 'Zbb', 'both', 'rd = s8(rs1)'],
  ['sext.h', 'rr', '011000000101 rs1 001 rd 0010011', 'Zbb', 'both', 'rd = s16(rs1)'],
  ['zext.h', 'rr', '000010000000 rs1 100 rd 0110011', 'Zbb', 'rv32', 'rd = u16(rs1)'],
  ['zext.h', 'rr', '000010000000 rs1 100 rd 0111011', 'Zbb', 'rv64', 'rd = u16(rs1)'],
  ['rol', 'rrr', '0110000 rs2 rs1 001 rd 0110011', 'Zbb', 'both', 'rd = rs1 rotated left by rs2 mod XLEN'],
  ['ror', 'rrr', '0110000 rs2 rs1 101 rd 0110011', 'Zbb', 'both', 'rd = rs1 rotated right by rs2 mod XLEN'],
  ['rori', 'rri', '011000 imm[5:0] rs1 101 rd 0010011', 'Zbb', 'both', 'rd = rs1 rotated right by imm'],
  ['rolw', 'rrr', '0110000 rs2 rs1 001 rd 0111011', 'Zbb', 'rv64', 'rd = s32(the low half rotated left by rs2 mod 32)'],
  ['rorw', 'rrr', '0110000 rs2 rs1 101 rd 0111011', 'Zbb', 'rv64', 'rd = s32(the low half rotated right by rs2 mod 32)'],
  ['roriw', 'rri', '0110000 imm[4:0] rs1 101 rd 0011011', 'Zbb', 'rv64', 'rd = s32(the low half rotated right by imm)'],
  ['orc.b', 'rr', '001010000111 rs1 101 rd 0010011', 'Zbb', 'both', 'rd = each octet of rs1: 0xff, or 0 where it is 0'],
  ['rev8', 'rr', '011010011000 rs1 101 rd 0010011', 'Zbb', 'rv32', 'rd = the octets of rs1 reversed'],
  ['rev8', 'rr', '011010111000 rs1 101 rd 0010011', 'Zbb', 'rv64', 'rd = the octets of rs1 reversed'],

  ['bclr', 'rrr', '0100100 rs2 rs1 001 rd 0110011', 'Zbs', 'both', 'rd = rs1 & ~(1 << (rs2 mod XLEN))'],
  ['bclri', 'rri', '010010 imm[5:0] rs1 001 rd 0010011', 'Zbs', 'both', 'rd = rs1 & ~(1 << imm)'],
  ['bext', 'rrr', '0100100 rs2 rs1 101 rd 0110011', 'Zbs', 'both', 'rd = (rs1 >>u (rs2 mod XLEN)) & 1'],
  ['bexti', 'rri', '010010 imm[5:0] rs1 101 rd 0010011', 'Zbs', 'both', 'rd = (rs1 >>u imm) & 1'],
  ['binv', 'rrr', '0110100 rs2 rs1 001 rd 0110011', 'Zbs', 'both', 'rd = rs1 ^ (1 << (rs2 mod XLEN))'],
  ['binvi', 'rri', '011010 imm[5:0] rs1 001 rd 0010011', 'Zbs', 'both', 'rd = rs1 ^ (1 << imm)'],
  ['bset', 'rrr', '0010100 rs2 rs1 001 rd 0110011', 'Zbs', 'both', 'rd = rs1 | (1 << (rs2 mod XLEN))'],
  ['bseti', 'rri', '001010 imm[5:0] rs1 001 rd 0010011', 'Zbs', 'both', 'rd = rs1 | (1 << imm)'],

  ['czero.eqz', 'rrr', '0000111 rs2 rs1 101 rd 0110011', 'Zicond', 'both', 'rd = rs2 = 0 ? 0 : rs1'],
  ['czero.nez', 'rrr', '0000111 rs2 rs1 111 rd 0110011', 'Zicond', 'both', 'rd = rs2 != 0 ? 0 : rs1'],
] as const
riscvTable satisfies readonly Line[]

const gasOf = (form: RiscvForm): string =>
  form === 'branch' || form === 'jump' || form === 'jumpr' ? 'jump' : 'plain'

export type RiscvName = (typeof riscvTable)[number][0]

/** A row whose pattern is parsed when it is first needed: most programs are of other sets. */
class Row implements RiscvRow {
  readonly name: string
  readonly form: RiscvForm
  readonly bits: string
  readonly extension: RiscvExtension
  readonly width: Width
  readonly does: string
  readonly syntax: string
  readonly code: number
  readonly gas: string
  private parsed: RiscvPattern | undefined

  constructor([name, form, bits, extension, width, does]: Line) {
    this.name = name
    this.form = form
    this.bits = bits
    this.extension = extension
    this.width = width
    this.does = does
    this.syntax = `${name} ${riscvForms[form]}`.trim()
    // every pattern ends in its opcode
    this.code = Number.parseInt(bits.slice(-7), 2)
    this.gas = gasOf(form)
  }

  get pattern(): RiscvPattern {
    this.parsed ??= parsePattern(this.bits, 32)
    return this.parsed
  }
}

/** All instructions; a row's number is its index. Two rows of one name never exist for the same width. */
export const riscvRows: readonly RiscvRow[] = (riscvTable as readonly Line[]).map(
  (line) => new Row(line),
)

/** Names of registers in assembly text, by number (RISC-V calling convention). */
export const riscvRegisters = [
  'zero',
  'ra',
  'sp',
  'gp',
  'tp',
  't0',
  't1',
  't2',
  's0',
  's1',
  'a0',
  'a1',
  'a2',
  'a3',
  'a4',
  'a5',
  'a6',
  'a7',
  's2',
  's3',
  's4',
  's5',
  's6',
  's7',
  's8',
  's9',
  's10',
  's11',
  't3',
  't4',
  't5',
  't6',
] as const
