import type { PvmName } from '../isa/pvm/table.ts'
import type { Target } from './machine.ts'
import { isPvmImmediate } from './pvm-immediates.ts'

const wide = (op: string, name: string): [string, string][] => [
  [`${op}64`, `${name}_64`],
  [`${op}32s`, `${name}_32`],
]

/** Instructions of two and three registers by the op that they are. */
const ofRegisters: Readonly<Record<string, string>> = {
  ...{ mov: 'move_reg', sext8: 'sign_extend_8', sext16: 'sign_extend_16' },
  ...{ zext16: 'zero_extend_16', bswap64: 'reverse_bytes' },
  ...{ popcnt64: 'count_set_bits_64', popcnt32: 'count_set_bits_32' },
  ...{ clz64: 'leading_zero_bits_64', clz32: 'leading_zero_bits_32' },
  ...{ ctz64: 'trailing_zero_bits_64', ctz32: 'trailing_zero_bits_32' },
  ...Object.fromEntries([
    ...wide('add', 'add'),
    ...wide('sub', 'sub'),
    ...wide('mul', 'mul'),
    ...wide('div1u', 'div_u'),
    ...wide('div1s', 'div_s'),
    ...wide('remu', 'rem_u'),
    ...wide('rems', 'rem_s'),
    ...wide('shl', 'shlo_l'),
    ...wide('shru', 'shlo_r'),
    ...wide('shrs', 'shar_r'),
    ...wide('rotl', 'rot_l'),
    ...wide('rotr', 'rot_r'),
  ]),
  ...{ and64: 'and', or64: 'or', xor64: 'xor', andn64: 'and_inv', orn64: 'or_inv', xnor64: 'xnor' },
  ...{ mulhs64: 'mul_upper_s_s', mulhu64: 'mul_upper_u_u', mulhsu64: 'mul_upper_s_u' },
  ...{ ltu64: 'set_lt_u', lts64: 'set_lt_s', cmovz: 'cmov_iz', cmovnz: 'cmov_nz' },
  ...{ mins64: 'min', minu64: 'min_u', maxs64: 'max', maxu64: 'max_u' },
}

/** Instructions of two registers and an immediate. */
const ofImmediate: Readonly<Record<string, string>> = {
  ...{ add64i: 'add_imm_64', mul64i: 'mul_imm_64', and64i: 'and_imm', or64i: 'or_imm' },
  ...{ xor64i: 'xor_imm', shl64i: 'shlo_l_imm_64', shru64i: 'shlo_r_imm_64' },
  ...{ shrs64i: 'shar_r_imm_64', rotr64i: 'rot_r_64_imm', sub64r: 'neg_add_imm_64' },
  ...{ ltu64i: 'set_lt_u_imm', lts64i: 'set_lt_s_imm' },
  ...{ gtu64i: 'set_gt_u_imm', gts64i: 'set_gt_s_imm' },
  ...{ cmovzi: 'cmov_iz_imm', cmovnzi: 'cmov_nz_imm' },
  ...{ shl64r: 'shlo_l_imm_alt_64', shru64r: 'shlo_r_imm_alt_64', shrs64r: 'shar_r_imm_alt_64' },
  ...{ rotr64r: 'rot_r_64_imm_alt', rotr32sr: 'rot_r_32_imm_alt' },
  ...{ add32si: 'add_imm_32', mul32si: 'mul_imm_32', shl32si: 'shlo_l_imm_32' },
  ...{ shru32si: 'shlo_r_imm_32', shrs32si: 'shar_r_imm_32', rotr32si: 'rot_r_32_imm' },
  ...{ sub32sr: 'neg_add_imm_32', shl32sr: 'shlo_l_imm_alt_32' },
  ...{ shru32sr: 'shlo_r_imm_alt_32', shrs32sr: 'shar_r_imm_alt_32' },
}

const ofBranch: Readonly<Record<string, string>> = {
  ...{ beq64: 'branch_eq', bne64: 'branch_ne', bltu64: 'branch_lt_u', blts64: 'branch_lt_s' },
  ...{ bgeu64: 'branch_ge_u', bges64: 'branch_ge_s' },
  ...{ beq64i: 'branch_eq_imm', bne64i: 'branch_ne_imm' },
  ...{ bltu64i: 'branch_lt_u_imm', bleu64i: 'branch_le_u_imm' },
  ...{ bgeu64i: 'branch_ge_u_imm', bgtu64i: 'branch_gt_u_imm' },
  ...{ blts64i: 'branch_lt_s_imm', bles64i: 'branch_le_s_imm' },
  ...{ bges64i: 'branch_ge_s_imm', bgts64i: 'branch_gt_s_imm' },
}

/** Accesses, without `_ind` or `_imm`. */
const ofAccess: Readonly<Record<string, string>> = {
  ...{ load8u: 'load_u8', load8s: 'load_i8', load16u: 'load_u16', load16s: 'load_i16' },
  ...{ load32u: 'load_u32', load32s: 'load_i32', load64: 'load_u64' },
  ...{ store8: 'store_u8', store16: 'store_u16', store32: 'store_u32', store64: 'store_u64' },
  ...{ store8i: 'u8', store16i: 'u16', store32i: 'u32', store64i: 'u64' },
}

/** PVM's name of an op without addresses. */
export function pvmNameOf(op: string): PvmName | undefined {
  return (ofRegisters[op] ?? ofImmediate[op] ?? ofBranch[op]) as PvmName | undefined
}

/** PVM's name of an access: by a register or by an address alone. */
export function pvmAccessOf(op: string, byRegister: boolean): PvmName {
  const name = ofAccess[op]!
  if (op.startsWith('store') && op.endsWith('i'))
    return `${byRegister ? 'store_imm_ind' : 'store_imm'}_${name}` as PvmName
  return (byRegister ? name.replace('_', '_ind_') : name) as PvmName
}

/** Registers by name: ra, sp, t0 to t2, s0, s1, a0 to a5. */
export const pvmRegister = { ra: 0, sp: 1, t0: 2, t1: 3, t2: 4, s0: 5, s1: 6, a0: 7 } as const

/**
 * PVM. Functions keep t0 to t2, s0 and s1 for their callers, who hold five values over a call in registers then; only the
 * program itself sees that. Arguments beyond the six of the ABI are in t0 and t1, which no host passes.
 */
export const pvmTarget: Target = {
  name: 'pvm',
  registers: 13,
  slots: 0,
  allocatable: [7, 8, 9, 10, 11, 12, 0, 2, 3, 4, 5, 6],
  argumentPlaces: [7, 8, 9, 10, 11, 12, 2, 3],
  resultPlaces: [7, 8],
  callClobbers: [0, 7, 8, 9, 10, 11, 12],
  hostClobbers: [7, 8],
  kept: [2, 3, 4, 5, 6],
  link: pvmRegister.ra,
  ops: new Set(['li', ...[ofRegisters, ofImmediate, ofBranch, ofAccess].flatMap(Object.keys)]),
  fits: (_op, imm) => isPvmImmediate(imm),
}
