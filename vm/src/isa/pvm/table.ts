import type { InsnRow } from '../codec.ts'
import type { PipelineClass } from './costs.ts'

/**
 * Argument forms. Names of fields are those of the Gray Paper (A.5): in the two-register form the
 * low nibble is `rD` and the high one `rA`; everywhere else the low nibble is `rA`, the high one
 * `rB`, and a third register is `rD`. A nibble over 12 counts as 12.
 *
 * `args` lists the fields in the order of their octets; `l` is the number of octets after the
 * opcode (the skip), `b0` the first and `b1` the second of them. An immediate is little-endian, at
 * most four octets, sign-extended; one of no octets is 0.
 */
export const pvmForms = {
  none: { args: [], layout: '' },
  imm: { args: ['immX'], layout: 'immX: min(4, l)' },
  regImm64: { args: ['rA', 'imm64'], layout: 'rA: b0 & 15; imm64: 8' },
  immImm: { args: ['immX', 'immY'], layout: 'immX: min(4, b0 & 7); immY: min(4, l - lX - 1)' },
  offset: { args: ['target'], layout: 'target - pc: min(4, l)' },
  regImm: { args: ['rA', 'immX'], layout: 'rA: b0 & 15; immX: min(4, l - 1)' },
  regImmImm: {
    args: ['rA', 'immX', 'immY'],
    layout: 'rA: b0 & 15; immX: min(4, b0 >> 4 & 7); immY: min(4, l - lX - 1)',
  },
  regImmOffset: {
    args: ['rA', 'immX', 'target'],
    layout: 'rA: b0 & 15; immX: min(4, b0 >> 4 & 7); target - pc: min(4, l - lX - 1)',
  },
  regReg: { args: ['rD', 'rA'], layout: 'rD: b0 & 15; rA: b0 >> 4' },
  regRegImm: {
    args: ['rA', 'rB', 'immX'],
    layout: 'rA: b0 & 15; rB: b0 >> 4; immX: min(4, l - 1)',
  },
  regRegOffset: {
    args: ['rA', 'rB', 'target'],
    layout: 'rA: b0 & 15; rB: b0 >> 4; target - pc: min(4, l - 1)',
  },
  regRegImmImm: {
    args: ['rA', 'rB', 'immX', 'immY'],
    layout: 'rA: b0 & 15; rB: b0 >> 4; immX: min(4, b1 & 7); immY: min(4, l - lX - 2)',
  },
  regRegReg: { args: ['rA', 'rB', 'rD'], layout: 'rA: b0 & 15; rB: b0 >> 4; rD: b1' },
} as const
export type PvmForm = keyof typeof pvmForms

/** Names of the registers in assembly text, by number. */
export const pvmRegisters = [
  'ra',
  'sp',
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
] as const

/** One instruction, for all versions; `code` is its opcode in `latest64`. */
export interface PvmRow extends InsnRow {
  readonly form: PvmForm
  /** Class of the pipeline gas model. */
  readonly gas: PipelineClass
  /** Exists only where registers have 64 bits. */
  readonly wide?: boolean
}

/**
 * All instructions of all versions. Opcodes are those of Gray Paper 0.7 (A.5) and polkavm's
 * `latest64`, names those of the Gray Paper. Registers hold 64 bits; results "in 32 bits" are
 * computed from the low halves. In 32-bit versions the register width is 32 and values are kept
 * sign-extended in 64-bit cells. Division by zero gives all ones, remainder the dividend; the
 * lowest number divided by -1 gives itself, remainder 0. Shift amounts count modulo the width.
 */
// biome-ignore format: a row is two or three lines
export const pvmRows = [
  // Gray Paper A.5.1: no arguments.
  { name: 'trap', code: 0, form: 'none', gas: 'trap',
    syntax: 'trap', does: 'exit: panic' },
  { name: 'fallthrough', code: 1, form: 'none', gas: 'trap',
    syntax: 'fallthrough', does: 'goto next; ends a block' },
  { name: 'memset', code: 2, form: 'none', gas: 'ecalli',
    syntax: '[a0..a0 + a2] = u8 a1', 
    does: 'while (a2 != 0) u8[a0] = a1, a0 += 1, a2 -= 1, gas -= 1' },
  { name: 'unlikely', code: 3, form: 'none', gas: 'unlikely',
    syntax: 'unlikely', does: 'nothing: marks its block as seldom reached' },
  // Gray Paper A.5.2: one immediate.
  { name: 'ecalli', code: 10, form: 'imm', gas: 'ecalli',
    syntax: 'ecalli {immX}', does: 'exit: host call immX' },
  // Gray Paper A.5.3: one register and one 64-bit immediate.
  { name: 'load_imm_64', code: 20, form: 'regImm64', gas: 'loadImm64', wide: true,
    syntax: '{rA} = i64 {imm64}', does: 'rA = imm64' },
  // Gray Paper A.5.4: two immediates.
  { name: 'store_imm_u8', code: 30, form: 'immImm', gas: 'store',
    syntax: 'u8 [{immX}] = {immY}', does: 'u8[immX] = immY' },
  { name: 'store_imm_u16', code: 31, form: 'immImm', gas: 'store',
    syntax: 'u16 [{immX}] = {immY}', does: 'u16[immX] = immY' },
  { name: 'store_imm_u32', code: 32, form: 'immImm', gas: 'store',
    syntax: 'u32 [{immX}] = {immY}', does: 'u32[immX] = immY' },
  { name: 'store_imm_u64', code: 33, form: 'immImm', gas: 'store', wide: true,
    syntax: 'u64 [{immX}] = {immY}', does: 'u64[immX] = immY' },
  // Gray Paper A.5.5: one offset.
  { name: 'jump', code: 40, form: 'offset', gas: 'jump',
    syntax: 'jump {target}', does: 'goto target' },
  // Gray Paper A.5.6: one register and one immediate.
  { name: 'jump_ind', code: 50, form: 'regImm', gas: 'jumpInd',
    syntax: 'jump [{rA} + {immX}]', does: 'goto jumpTable[(rA + immX) mod 2^32]' },
  { name: 'load_imm', code: 51, form: 'regImm', gas: 'loadImm',
    syntax: '{rA} = {immX}', does: 'rA = immX' },
  { name: 'load_u8', code: 52, form: 'regImm', gas: 'load',
    syntax: '{rA} = u8 [{immX}]', does: 'rA = u8[immX]' },
  { name: 'load_i8', code: 53, form: 'regImm', gas: 'load',
    syntax: '{rA} = i8 [{immX}]', does: 'rA = i8[immX]' },
  { name: 'load_u16', code: 54, form: 'regImm', gas: 'load',
    syntax: '{rA} = u16 [{immX}]', does: 'rA = u16[immX]' },
  { name: 'load_i16', code: 55, form: 'regImm', gas: 'load',
    syntax: '{rA} = i16 [{immX}]', does: 'rA = i16[immX]' },
  { name: 'load_u32', code: 56, form: 'regImm', gas: 'load', wide: true,
    syntax: '{rA} = u32 [{immX}]', does: 'rA = u32[immX]' },
  { name: 'load_i32', code: 57, form: 'regImm', gas: 'load',
    syntax: '{rA} = i32 [{immX}]', does: 'rA = i32[immX]' },
  { name: 'load_u64', code: 58, form: 'regImm', gas: 'load', wide: true,
    syntax: '{rA} = u64 [{immX}]', does: 'rA = u64[immX]' },
  { name: 'store_u8', code: 59, form: 'regImm', gas: 'store',
    syntax: 'u8 [{immX}] = {rA}', does: 'u8[immX] = rA' },
  { name: 'store_u16', code: 60, form: 'regImm', gas: 'store',
    syntax: 'u16 [{immX}] = {rA}', does: 'u16[immX] = rA' },
  { name: 'store_u32', code: 61, form: 'regImm', gas: 'store',
    syntax: 'u32 [{immX}] = {rA}', does: 'u32[immX] = rA' },
  { name: 'store_u64', code: 62, form: 'regImm', gas: 'store', wide: true,
    syntax: 'u64 [{immX}] = {rA}', does: 'u64[immX] = rA' },
  // Gray Paper A.5.7: one register and two immediates.
  { name: 'store_imm_ind_u8', code: 70, form: 'regImmImm', gas: 'store',
    syntax: 'u8 [{rA} + {immX}] = {immY}', does: 'u8[rA + immX] = immY' },
  { name: 'store_imm_ind_u16', code: 71, form: 'regImmImm', gas: 'store',
    syntax: 'u16 [{rA} + {immX}] = {immY}', does: 'u16[rA + immX] = immY' },
  { name: 'store_imm_ind_u32', code: 72, form: 'regImmImm', gas: 'store',
    syntax: 'u32 [{rA} + {immX}] = {immY}', does: 'u32[rA + immX] = immY' },
  { name: 'store_imm_ind_u64', code: 73, form: 'regImmImm', gas: 'store', wide: true,
    syntax: 'u64 [{rA} + {immX}] = {immY}', does: 'u64[rA + immX] = immY' },
  // Gray Paper A.5.8: one register, one immediate and one offset.
  { name: 'load_imm_jump', code: 80, form: 'regImmOffset', gas: 'jump',
    syntax: '{rA} = {immX}, jump {target}', does: 'rA = immX; goto target' },
  { name: 'branch_eq_imm', code: 81, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} == {immX}', does: 'if (rA == immX) goto target' },
  { name: 'branch_ne_imm', code: 82, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} != {immX}', does: 'if (rA != immX) goto target' },
  { name: 'branch_lt_u_imm', code: 83, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} <u {immX}', does: 'if (rA <u immX) goto target' },
  { name: 'branch_le_u_imm', code: 84, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} <=u {immX}', does: 'if (rA <=u immX) goto target' },
  { name: 'branch_ge_u_imm', code: 85, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} >=u {immX}', does: 'if (rA >=u immX) goto target' },
  { name: 'branch_gt_u_imm', code: 86, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} >u {immX}', does: 'if (rA >u immX) goto target' },
  { name: 'branch_lt_s_imm', code: 87, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} <s {immX}', does: 'if (rA <s immX) goto target' },
  { name: 'branch_le_s_imm', code: 88, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} <=s {immX}', does: 'if (rA <=s immX) goto target' },
  { name: 'branch_ge_s_imm', code: 89, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} >=s {immX}', does: 'if (rA >=s immX) goto target' },
  { name: 'branch_gt_s_imm', code: 90, form: 'regImmOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} >s {immX}', does: 'if (rA >s immX) goto target' },
  // Gray Paper A.5.9: two registers.
  { name: 'move_reg', code: 100, form: 'regReg', gas: 'move',
    syntax: '{rD} = {rA}', does: 'rD = rA' },
  { name: 'sbrk', code: 101, form: 'regReg', gas: 'ecalli',
    syntax: '{rD} = sbrk {rA}', does: 'rD = end of the heap after growing it by rA octets' },
  { name: 'count_set_bits_64', code: 102, form: 'regReg', gas: 'bits', wide: true,
    syntax: '{rD} = cpop {rA}', does: 'rD = number of ones in rA' },
  { name: 'count_set_bits_32', code: 103, form: 'regReg', gas: 'bits',
    syntax: 'i32 {rD} = cpop {rA}', does: 'rD = number of ones in low 32 of rA' },
  { name: 'leading_zero_bits_64', code: 104, form: 'regReg', gas: 'bits', wide: true,
    syntax: '{rD} = clz {rA}', does: 'rD = number of leading zeros in rA' },
  { name: 'leading_zero_bits_32', code: 105, form: 'regReg', gas: 'bits',
    syntax: 'i32 {rD} = clz {rA}', does: 'rD = number of leading zeros in low 32 of rA' },
  { name: 'trailing_zero_bits_64', code: 106, form: 'regReg', gas: 'ctz', wide: true,
    syntax: '{rD} = ctz {rA}', does: 'rD = number of trailing zeros in rA' },
  { name: 'trailing_zero_bits_32', code: 107, form: 'regReg', gas: 'ctz',
    syntax: 'i32 {rD} = ctz {rA}', does: 'rD = number of trailing zeros in low 32 of rA' },
  { name: 'sign_extend_8', code: 108, form: 'regReg', gas: 'bits',
    syntax: '{rD} = sext8 {rA}', does: 'rD = low 8 of rA, sign-extended' },
  { name: 'sign_extend_16', code: 109, form: 'regReg', gas: 'bits',
    syntax: '{rD} = sext16 {rA}', does: 'rD = low 16 of rA, sign-extended' },
  { name: 'zero_extend_16', code: 110, form: 'regReg', gas: 'bits',
    syntax: '{rD} = zext16 {rA}', does: 'rD = low 16 of rA' },
  { name: 'reverse_bytes', code: 111, form: 'regReg', gas: 'alu',
    syntax: '{rD} = reverse {rA}', does: 'rD = octets of rA in reverse order' },
  // Gray Paper A.5.10: two registers and one immediate.
  { name: 'store_ind_u8', code: 120, form: 'regRegImm', gas: 'store',
    syntax: 'u8 [{rB} + {immX}] = {rA}', does: 'u8[rB + immX] = rA' },
  { name: 'store_ind_u16', code: 121, form: 'regRegImm', gas: 'store',
    syntax: 'u16 [{rB} + {immX}] = {rA}', does: 'u16[rB + immX] = rA' },
  { name: 'store_ind_u32', code: 122, form: 'regRegImm', gas: 'store',
    syntax: 'u32 [{rB} + {immX}] = {rA}', does: 'u32[rB + immX] = rA' },
  { name: 'store_ind_u64', code: 123, form: 'regRegImm', gas: 'store', wide: true,
    syntax: 'u64 [{rB} + {immX}] = {rA}', does: 'u64[rB + immX] = rA' },
  { name: 'load_ind_u8', code: 124, form: 'regRegImm', gas: 'load',
    syntax: '{rA} = u8 [{rB} + {immX}]', does: 'rA = u8[rB + immX]' },
  { name: 'load_ind_i8', code: 125, form: 'regRegImm', gas: 'load',
    syntax: '{rA} = i8 [{rB} + {immX}]', does: 'rA = i8[rB + immX]' },
  { name: 'load_ind_u16', code: 126, form: 'regRegImm', gas: 'load',
    syntax: '{rA} = u16 [{rB} + {immX}]', does: 'rA = u16[rB + immX]' },
  { name: 'load_ind_i16', code: 127, form: 'regRegImm', gas: 'load',
    syntax: '{rA} = i16 [{rB} + {immX}]', does: 'rA = i16[rB + immX]' },
  { name: 'load_ind_u32', code: 128, form: 'regRegImm', gas: 'load', wide: true,
    syntax: '{rA} = u32 [{rB} + {immX}]', does: 'rA = u32[rB + immX]' },
  { name: 'load_ind_i32', code: 129, form: 'regRegImm', gas: 'load',
    syntax: '{rA} = i32 [{rB} + {immX}]', does: 'rA = i32[rB + immX]' },
  { name: 'load_ind_u64', code: 130, form: 'regRegImm', gas: 'load', wide: true,
    syntax: '{rA} = u64 [{rB} + {immX}]', does: 'rA = u64[rB + immX]' },
  { name: 'add_imm_32', code: 131, form: 'regRegImm', gas: 'alu32',
    syntax: 'i32 {rA} = {rB} + {immX}', does: 'rA = rB + immX in 32 bits, sign-extended' },
  { name: 'and_imm', code: 132, form: 'regRegImm', gas: 'alu',
    syntax: '{rA} = {rB} & {immX}', does: 'rA = rB & immX' },
  { name: 'xor_imm', code: 133, form: 'regRegImm', gas: 'alu',
    syntax: '{rA} = {rB} ^ {immX}', does: 'rA = rB ^ immX' },
  { name: 'or_imm', code: 134, form: 'regRegImm', gas: 'alu',
    syntax: '{rA} = {rB} | {immX}', does: 'rA = rB | immX' },
  { name: 'mul_imm_32', code: 135, form: 'regRegImm', gas: 'mul32',
    syntax: 'i32 {rA} = {rB} * {immX}', does: 'rA = rB * immX in 32 bits, sign-extended' },
  { name: 'set_lt_u_imm', code: 136, form: 'regRegImm', gas: 'set',
    syntax: '{rA} = {rB} <u {immX}', does: 'rA = rB <u immX' },
  { name: 'set_lt_s_imm', code: 137, form: 'regRegImm', gas: 'set',
    syntax: '{rA} = {rB} <s {immX}', does: 'rA = rB <s immX' },
  { name: 'shlo_l_imm_32', code: 138, form: 'regRegImm', gas: 'alu32',
    syntax: 'i32 {rA} = {rB} << {immX}', does: 'rA = rB << immX in 32 bits, sign-extended' },
  { name: 'shlo_r_imm_32', code: 139, form: 'regRegImm', gas: 'alu32',
    syntax: 'i32 {rA} = {rB} >> {immX}', does: 'rA = rB >> immX in 32 bits, sign-extended' },
  { name: 'shar_r_imm_32', code: 140, form: 'regRegImm', gas: 'alu32',
    syntax: 'i32 {rA} = {rB} >>a {immX}', does: 'rA = rB >>a immX in 32 bits, sign-extended' },
  { name: 'neg_add_imm_32', code: 141, form: 'regRegImm', gas: 'negAdd32',
    syntax: 'i32 {rA} = {immX} - {rB}', does: 'rA = immX - rB in 32 bits, sign-extended' },
  { name: 'set_gt_u_imm', code: 142, form: 'regRegImm', gas: 'set',
    syntax: '{rA} = {rB} >u {immX}', does: 'rA = rB >u immX' },
  { name: 'set_gt_s_imm', code: 143, form: 'regRegImm', gas: 'set',
    syntax: '{rA} = {rB} >s {immX}', does: 'rA = rB >s immX' },
  { name: 'shlo_l_imm_alt_32', code: 144, form: 'regRegImm', gas: 'shiftAlt32',
    syntax: 'i32 {rA} = {immX} << {rB}', does: 'rA = immX << rB in 32 bits, sign-extended' },
  { name: 'shlo_r_imm_alt_32', code: 145, form: 'regRegImm', gas: 'shiftAlt32',
    syntax: 'i32 {rA} = {immX} >> {rB}', does: 'rA = immX >> rB in 32 bits, sign-extended' },
  { name: 'shar_r_imm_alt_32', code: 146, form: 'regRegImm', gas: 'shiftAlt32',
    syntax: 'i32 {rA} = {immX} >>a {rB}', does: 'rA = immX >>a rB in 32 bits, sign-extended' },
  { name: 'cmov_iz_imm', code: 147, form: 'regRegImm', gas: 'cmovImm',
    syntax: '{rA} = {immX} if {rB} == 0', does: 'if (rB == 0) rA = immX' },
  { name: 'cmov_nz_imm', code: 148, form: 'regRegImm', gas: 'cmovImm',
    syntax: '{rA} = {immX} if {rB} != 0', does: 'if (rB != 0) rA = immX' },
  { name: 'add_imm_64', code: 149, form: 'regRegImm', gas: 'alu', wide: true,
    syntax: '{rA} = {rB} + {immX}', does: 'rA = rB + immX' },
  { name: 'mul_imm_64', code: 150, form: 'regRegImm', gas: 'mul', wide: true,
    syntax: '{rA} = {rB} * {immX}', does: 'rA = rB * immX' },
  { name: 'shlo_l_imm_64', code: 151, form: 'regRegImm', gas: 'alu', wide: true,
    syntax: '{rA} = {rB} << {immX}', does: 'rA = rB << immX' },
  { name: 'shlo_r_imm_64', code: 152, form: 'regRegImm', gas: 'alu', wide: true,
    syntax: '{rA} = {rB} >> {immX}', does: 'rA = rB >> immX' },
  { name: 'shar_r_imm_64', code: 153, form: 'regRegImm', gas: 'alu', wide: true,
    syntax: '{rA} = {rB} >>a {immX}', does: 'rA = rB >>a immX' },
  { name: 'neg_add_imm_64', code: 154, form: 'regRegImm', gas: 'negAdd', wide: true,
    syntax: '{rA} = {immX} - {rB}', does: 'rA = immX - rB' },
  { name: 'shlo_l_imm_alt_64', code: 155, form: 'regRegImm', gas: 'shiftAlt', wide: true,
    syntax: '{rA} = {immX} << {rB}', does: 'rA = immX << rB' },
  { name: 'shlo_r_imm_alt_64', code: 156, form: 'regRegImm', gas: 'shiftAlt', wide: true,
    syntax: '{rA} = {immX} >> {rB}', does: 'rA = immX >> rB' },
  { name: 'shar_r_imm_alt_64', code: 157, form: 'regRegImm', gas: 'shiftAlt', wide: true,
    syntax: '{rA} = {immX} >>a {rB}', does: 'rA = immX >>a rB' },
  { name: 'rot_r_64_imm', code: 158, form: 'regRegImm', gas: 'alu', wide: true,
    syntax: '{rA} = {rB} >>r {immX}', does: 'rA = rB >>r immX' },
  { name: 'rot_r_64_imm_alt', code: 159, form: 'regRegImm', gas: 'shiftAlt', wide: true,
    syntax: '{rA} = {immX} >>r {rB}', does: 'rA = immX >>r rB' },
  { name: 'rot_r_32_imm', code: 160, form: 'regRegImm', gas: 'alu32',
    syntax: 'i32 {rA} = {rB} >>r {immX}', does: 'rA = rB >>r immX in 32 bits, sign-extended' },
  { name: 'rot_r_32_imm_alt', code: 161, form: 'regRegImm', gas: 'shiftAlt32',
    syntax: 'i32 {rA} = {immX} >>r {rB}', does: 'rA = immX >>r rB in 32 bits, sign-extended' },
  // Gray Paper A.5.11: two registers and one offset.
  { name: 'branch_eq', code: 170, form: 'regRegOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} == {rB}', does: 'if (rA == rB) goto target' },
  { name: 'branch_ne', code: 171, form: 'regRegOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} != {rB}', does: 'if (rA != rB) goto target' },
  { name: 'branch_lt_u', code: 172, form: 'regRegOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} <u {rB}', does: 'if (rA <u rB) goto target' },
  { name: 'branch_lt_s', code: 173, form: 'regRegOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} <s {rB}', does: 'if (rA <s rB) goto target' },
  { name: 'branch_ge_u', code: 174, form: 'regRegOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} >=u {rB}', does: 'if (rA >=u rB) goto target' },
  { name: 'branch_ge_s', code: 175, form: 'regRegOffset', gas: 'branch',
    syntax: 'jump {target} if {rA} >=s {rB}', does: 'if (rA >=s rB) goto target' },
  // Gray Paper A.5.12: two registers and two immediates.
  { name: 'load_imm_jump_ind', code: 180, form: 'regRegImmImm', gas: 'jumpInd',
    syntax: 'tmp = {rB}, {rA} = {immX}, jump [tmp + {immY}]',
    does: 't = rB; rA = immX; goto jumpTable[(t + immY) mod 2^32]' },
  // Gray Paper A.5.13: three registers.
  { name: 'add_32', code: 190, form: 'regRegReg', gas: 'alu32',
    syntax: 'i32 {rD} = {rA} + {rB}', does: 'rD = rA + rB in 32 bits, sign-extended' },
  { name: 'sub_32', code: 191, form: 'regRegReg', gas: 'alu32',
    syntax: 'i32 {rD} = {rA} - {rB}', does: 'rD = rA - rB in 32 bits, sign-extended' },
  { name: 'mul_32', code: 192, form: 'regRegReg', gas: 'mul32',
    syntax: 'i32 {rD} = {rA} * {rB}', does: 'rD = rA * rB in 32 bits, sign-extended' },
  { name: 'div_u_32', code: 193, form: 'regRegReg', gas: 'div',
    syntax: 'i32 {rD} = {rA} /u {rB}', does: 'rD = rA /u rB in 32 bits, sign-extended' },
  { name: 'div_s_32', code: 194, form: 'regRegReg', gas: 'div',
    syntax: 'i32 {rD} = {rA} /s {rB}', does: 'rD = rA /s rB in 32 bits, sign-extended' },
  { name: 'rem_u_32', code: 195, form: 'regRegReg', gas: 'div',
    syntax: 'i32 {rD} = {rA} %u {rB}', does: 'rD = rA %u rB in 32 bits, sign-extended' },
  { name: 'rem_s_32', code: 196, form: 'regRegReg', gas: 'div',
    syntax: 'i32 {rD} = {rA} %s {rB}', does: 'rD = rA %s rB in 32 bits, sign-extended' },
  { name: 'shlo_l_32', code: 197, form: 'regRegReg', gas: 'shift32',
    syntax: 'i32 {rD} = {rA} << {rB}', does: 'rD = rA << rB in 32 bits, sign-extended' },
  { name: 'shlo_r_32', code: 198, form: 'regRegReg', gas: 'shift32',
    syntax: 'i32 {rD} = {rA} >> {rB}', does: 'rD = rA >> rB in 32 bits, sign-extended' },
  { name: 'shar_r_32', code: 199, form: 'regRegReg', gas: 'shift32',
    syntax: 'i32 {rD} = {rA} >>a {rB}', does: 'rD = rA >>a rB in 32 bits, sign-extended' },
  { name: 'add_64', code: 200, form: 'regRegReg', gas: 'alu', wide: true,
    syntax: '{rD} = {rA} + {rB}', does: 'rD = rA + rB' },
  { name: 'sub_64', code: 201, form: 'regRegReg', gas: 'alu', wide: true,
    syntax: '{rD} = {rA} - {rB}', does: 'rD = rA - rB' },
  { name: 'mul_64', code: 202, form: 'regRegReg', gas: 'mul', wide: true,
    syntax: '{rD} = {rA} * {rB}', does: 'rD = rA * rB' },
  { name: 'div_u_64', code: 203, form: 'regRegReg', gas: 'div', wide: true,
    syntax: '{rD} = {rA} /u {rB}', does: 'rD = rA /u rB' },
  { name: 'div_s_64', code: 204, form: 'regRegReg', gas: 'div', wide: true,
    syntax: '{rD} = {rA} /s {rB}', does: 'rD = rA /s rB' },
  { name: 'rem_u_64', code: 205, form: 'regRegReg', gas: 'div', wide: true,
    syntax: '{rD} = {rA} %u {rB}', does: 'rD = rA %u rB' },
  { name: 'rem_s_64', code: 206, form: 'regRegReg', gas: 'div', wide: true,
    syntax: '{rD} = {rA} %s {rB}', does: 'rD = rA %s rB' },
  { name: 'shlo_l_64', code: 207, form: 'regRegReg', gas: 'shift', wide: true,
    syntax: '{rD} = {rA} << {rB}', does: 'rD = rA << rB' },
  { name: 'shlo_r_64', code: 208, form: 'regRegReg', gas: 'shift', wide: true,
    syntax: '{rD} = {rA} >> {rB}', does: 'rD = rA >> rB' },
  { name: 'shar_r_64', code: 209, form: 'regRegReg', gas: 'shift', wide: true,
    syntax: '{rD} = {rA} >>a {rB}', does: 'rD = rA >>a rB' },
  { name: 'and', code: 210, form: 'regRegReg', gas: 'alu',
    syntax: '{rD} = {rA} & {rB}', does: 'rD = rA & rB' },
  { name: 'xor', code: 211, form: 'regRegReg', gas: 'alu',
    syntax: '{rD} = {rA} ^ {rB}', does: 'rD = rA ^ rB' },
  { name: 'or', code: 212, form: 'regRegReg', gas: 'alu',
    syntax: '{rD} = {rA} | {rB}', does: 'rD = rA | rB' },
  { name: 'mul_upper_s_s', code: 213, form: 'regRegReg', gas: 'mulUpper',
    syntax: '{rD} = {rA} mulh {rB}', does: 'rD = high half of signed rA * signed rB' },
  { name: 'mul_upper_u_u', code: 214, form: 'regRegReg', gas: 'mulUpper',
    syntax: '{rD} = {rA} mulhu {rB}', does: 'rD = high half of unsigned rA * unsigned rB' },
  { name: 'mul_upper_s_u', code: 215, form: 'regRegReg', gas: 'mulUpperSU',
    syntax: '{rD} = {rA} mulhsu {rB}', does: 'rD = high half of signed rA * unsigned rB' },
  { name: 'set_lt_u', code: 216, form: 'regRegReg', gas: 'set',
    syntax: '{rD} = {rA} <u {rB}', does: 'rD = rA <u rB' },
  { name: 'set_lt_s', code: 217, form: 'regRegReg', gas: 'set',
    syntax: '{rD} = {rA} <s {rB}', does: 'rD = rA <s rB' },
  { name: 'cmov_iz', code: 218, form: 'regRegReg', gas: 'cmov',
    syntax: '{rD} = {rA} if {rB} == 0', does: 'if (rB == 0) rD = rA' },
  { name: 'cmov_nz', code: 219, form: 'regRegReg', gas: 'cmov',
    syntax: '{rD} = {rA} if {rB} != 0', does: 'if (rB != 0) rD = rA' },
  { name: 'rot_l_64', code: 220, form: 'regRegReg', gas: 'shift', wide: true,
    syntax: '{rD} = {rA} <<r {rB}', does: 'rD = rA <<r rB' },
  { name: 'rot_l_32', code: 221, form: 'regRegReg', gas: 'shift32',
    syntax: 'i32 {rD} = {rA} <<r {rB}', does: 'rD = rA <<r rB in 32 bits, sign-extended' },
  { name: 'rot_r_64', code: 222, form: 'regRegReg', gas: 'shift', wide: true,
    syntax: '{rD} = {rA} >>r {rB}', does: 'rD = rA >>r rB' },
  { name: 'rot_r_32', code: 223, form: 'regRegReg', gas: 'shift32',
    syntax: 'i32 {rD} = {rA} >>r {rB}', does: 'rD = rA >>r rB in 32 bits, sign-extended' },
  { name: 'and_inv', code: 224, form: 'regRegReg', gas: 'andInv',
    syntax: '{rD} = {rA} & ~{rB}', does: 'rD = rA & ~rB' },
  { name: 'or_inv', code: 225, form: 'regRegReg', gas: 'andInv',
    syntax: '{rD} = {rA} | ~{rB}', does: 'rD = rA | ~rB' },
  { name: 'xnor', code: 226, form: 'regRegReg', gas: 'xnor',
    syntax: '{rD} = ~({rA} ^ {rB})', does: 'rD = ~(rA ^ rB)' },
  { name: 'max', code: 227, form: 'regRegReg', gas: 'minMax',
    syntax: '{rD} = maxs({rA}, {rB})', does: 'rD = signed maximum of rA and rB' },
  { name: 'max_u', code: 228, form: 'regRegReg', gas: 'minMax',
    syntax: '{rD} = maxu({rA}, {rB})', does: 'rD = unsigned maximum of rA and rB' },
  { name: 'min', code: 229, form: 'regRegReg', gas: 'minMax',
    syntax: '{rD} = mins({rA}, {rB})', does: 'rD = signed minimum of rA and rB' },
  { name: 'min_u', code: 230, form: 'regRegReg', gas: 'minMax',
    syntax: '{rD} = minu({rA}, {rB})', does: 'rD = unsigned minimum of rA and rB' },
] as const
pvmRows satisfies readonly PvmRow[]

export type PvmName = (typeof pvmRows)[number]['name']

/** One member per instruction: whatever handles all of them is complete by type. */
export type PvmVisitor<T> = { readonly [N in PvmName]: T }

/** Row index by name. @example pvmRows[rowOf.trap].code // 0 */
export const rowOf: PvmVisitor<number> = Object.fromEntries(
  pvmRows.map((row, index) => [row.name, index]),
) as unknown as PvmVisitor<number>

/** A visitor's members in row order, to be indexed by `insn.row`. */
export function byRow<T>(visitor: PvmVisitor<T>): T[] {
  return pvmRows.map((row) => visitor[row.name])
}

/** Instructions that end a basic block (Gray Paper A.3); `ecalli` and `unlikely` do not. */
const terminators: Uint8Array = Uint8Array.from(pvmRows, (row) =>
  /^(trap|fallthrough|jump|jump_ind|load_imm_jump|load_imm_jump_ind|branch_.*)$/.test(row.name)
    ? 1
    : 0,
)

/** Does this row end its basic block? An invalid instruction (row -1) acts as `trap`: yes. */
export function isTerminator(row: number): boolean {
  return row < 0 || terminators[row] === 1
}

/** A register field of `PvmInsn`, as a number for hot code: 0 none, 1 rA, 2 rB, 3 rD. */
export type RegisterField = 0 | 1 | 2 | 3
const fieldNumbers: { readonly [F in string]?: RegisterField } = { rA: 1, rB: 2, rD: 3 }

/**
 * Register fields that a row's text assigns and reads, left to right. A conditional move also keeps
 * what it may write; `memset` writes a0 and a2, which are no fields.
 * @example registerFields(rowOf.add_64) // { written: 3, read: [1, 2] }
 */
export function registerFields(row: number): {
  readonly written: RegisterField
  readonly read: readonly RegisterField[]
} {
  let written: RegisterField = 0
  const read: RegisterField[] = []
  const { syntax } = pvmRows[row]!
  for (const match of syntax.matchAll(/(?<=^|, )(?:i32 )?\{(r[ABD])\} = |\{(r[ABD])\}/g)) {
    if (match[1] !== undefined) written = fieldNumbers[match[1]]!
    else read.push(fieldNumbers[match[2]!]!)
  }
  return { written, read }
}
