import { IrBuilder } from '../ir/builder.ts'
import { Op, temporary, zeroRegister } from '../ir/table.ts'
import { blockStartsOf, hasBit, newPvmInsn, type PvmInsn } from '../isa/pvm/decode.ts'
import { byRow, type PvmVisitor } from '../isa/pvm/table.ts'
import type { PvmIsa } from '../isa/pvm/versions.ts'
import { Trap } from '../vm/exit.ts'
import type { PvmProgram } from '../vm/program.ts'

/** A target that no row has: the branch goes to a trap. */
export const nowhere = -1

/** State while one program is lifted; `insn` is the instruction at `pc`. */
export class PvmLifter {
  readonly program: PvmProgram
  readonly isa: PvmIsa
  readonly rows: IrBuilder
  readonly starts: Uint8Array
  readonly insn: PvmInsn = newPvmInsn()
  pc = 0

  constructor(program: PvmProgram, isa: PvmIsa) {
    this.program = program
    this.isa = isa
    const { code, bitmask } = program
    this.starts = blockStartsOf(code, bitmask, isa)
    // an instruction takes 3.1-3.4 octets and about 1.3 rows in compiled programs
    this.rows = new IrBuilder(code.length + 1, (code.length >> 1) + 16, true)
  }

  isStart(pc: number): boolean {
    return hasBit(this.starts, pc)
  }

  target(pc: number): number {
    return this.isStart(pc) ? pc : nowhere
  }

  trap(kind: Trap): void {
    this.rows.row(Op.trap, 0, 0, 0, kind, 0, 0)
  }

  jump(target: number): void {
    if (this.isStart(target)) this.rows.row(Op.jump, 0, 0, 0, 0, 0, target)
    else this.trap(Trap.invalidJump)
  }

  /** Gray Paper 0.8, A.4: a branch panics when target or fall-through is no block start. */
  refusesBranch(target: number): boolean {
    if (!this.program.options.bothBranchTargets) return false
    return !this.isStart(target) || !this.isStart(this.pc + this.insn.length)
  }
}

type Lift = (l: PvmLifter, i: PvmInsn) => void

/** rD = rA op rB */
const rrr =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.rD, i.rA, i.rB, 0, 0, 0)
/** The same with another op where registers have 32 bits. */
const rrrByWidth =
  (wide: number, narrow: number): Lift =>
  (l, i) =>
    l.rows.row(l.isa.features.width === 64 ? wide : narrow, i.rD, i.rA, i.rB, 0, 0, 0)
/** rD = op rA */
const rr =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.rD, i.rA, 0, 0, 0, 0)
/** rA = rB op immX, or immX op rB by the op's form */
const rri =
  (op: number): Lift =>
  (l, i) =>
    l.rows.abi(op, i.rA, i.rB, i.immX)
/** rA = [rB + immX] */
const loadInd =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.rA, i.rB, 0, 0, 0, i.immX)
/** [rB + immX] = rA; the IR's load and store share their register fields */
const storeInd: (op: number) => Lift = loadInd
/** rA = [immX], [immX] = rA */
const absolute =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.rA, zeroRegister, 0, 0, 0, i.immX)
/** [immX] = immY */
const storeImm =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, 0, zeroRegister, 0, i.immY, i.immY >> 31, i.immX)
/** [rA + immX] = immY */
const storeImmInd =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, 0, i.rA, 0, i.immY, i.immY >> 31, i.immX)
/** if (rA ? immX) goto target */
const branchImm =
  (op: number): Lift =>
  (l, i) => {
    if (l.refusesBranch(i.target)) l.trap(Trap.invalidJump)
    else l.rows.row(op, 0, i.rA, 0, i.immX, i.immX >> 31, l.target(i.target))
  }
/** if (rA ? rB) goto target */
const branch =
  (op: number): Lift =>
  (l, i) => {
    if (l.refusesBranch(i.target)) l.trap(Trap.invalidJump)
    else l.rows.row(op, 0, i.rA, i.rB, 0, 0, l.target(i.target))
  }
const loadImm: Lift = (l, i) => l.rows.row(Op.li, i.rA, 0, 0, i.immX, i.immX >> 31, 0)

const nop: Lift = (l) => l.rows.row(Op.nop, 0, 0, 0, 0, 0, 0)

const lifts: PvmVisitor<Lift> = {
  trap: (l) => l.trap(Trap.panic),
  fallthrough: nop,
  memset: (l) => l.rows.row(Op.memset, 7, 8, 9, 0, 0, 0),
  unlikely: nop,
  ecalli: (l, i) => l.rows.row(Op.host, 0, 0, 0, i.immX, 0, 0),
  load_imm_64: (l, i) => l.rows.row(Op.li, i.rA, 0, 0, i.imm64Low, i.imm64High, 0),
  store_imm_u8: storeImm(Op.store8i),
  store_imm_u16: storeImm(Op.store16i),
  store_imm_u32: storeImm(Op.store32i),
  store_imm_u64: storeImm(Op.store64i),
  jump: (l, i) => l.jump(i.target),
  jump_ind: (l, i) => l.rows.row(Op.jump32, 0, i.rA, 0, 0, 0, i.immX),
  load_imm: loadImm,
  load_u8: absolute(Op.load8u),
  load_i8: absolute(Op.load8s),
  load_u16: absolute(Op.load16u),
  load_i16: absolute(Op.load16s),
  load_u32: absolute(Op.load32u),
  load_i32: absolute(Op.load32s),
  load_u64: absolute(Op.load64),
  store_u8: absolute(Op.store8),
  store_u16: absolute(Op.store16),
  store_u32: absolute(Op.store32),
  store_u64: absolute(Op.store64),
  store_imm_ind_u8: storeImmInd(Op.store8i),
  store_imm_ind_u16: storeImmInd(Op.store16i),
  store_imm_ind_u32: storeImmInd(Op.store32i),
  store_imm_ind_u64: storeImmInd(Op.store64i),
  load_imm_jump: (l, i) => {
    loadImm(l, i)
    l.jump(i.target)
  },
  branch_eq_imm: branchImm(Op.beq64i),
  branch_ne_imm: branchImm(Op.bne64i),
  branch_lt_u_imm: branchImm(Op.bltu64i),
  branch_le_u_imm: branchImm(Op.bleu64i),
  branch_ge_u_imm: branchImm(Op.bgeu64i),
  branch_gt_u_imm: branchImm(Op.bgtu64i),
  branch_lt_s_imm: branchImm(Op.blts64i),
  branch_le_s_imm: branchImm(Op.bles64i),
  branch_ge_s_imm: branchImm(Op.bges64i),
  branch_gt_s_imm: branchImm(Op.bgts64i),
  move_reg: rr(Op.mov),
  sbrk: (l, i) => {
    if (l.program.options.sbrk === 'forbidden') l.trap(Trap.invalidInstruction)
    else l.rows.row(Op.sbrk, i.rD, i.rA, 0, 0, 0, 0)
  },
  count_set_bits_64: rr(Op.popcnt64),
  count_set_bits_32: rr(Op.popcnt32),
  leading_zero_bits_64: rr(Op.clz64),
  leading_zero_bits_32: rr(Op.clz32),
  trailing_zero_bits_64: rr(Op.ctz64),
  trailing_zero_bits_32: rr(Op.ctz32),
  sign_extend_8: rr(Op.sext8),
  sign_extend_16: rr(Op.sext16),
  zero_extend_16: rr(Op.zext16),
  reverse_bytes: (l, i) => {
    const op = l.isa.features.width === 64 ? Op.bswap64 : Op.bswap32s
    l.rows.row(op, i.rD, i.rA, 0, 0, 0, 0)
  },
  store_ind_u8: storeInd(Op.store8),
  store_ind_u16: storeInd(Op.store16),
  store_ind_u32: storeInd(Op.store32),
  store_ind_u64: storeInd(Op.store64),
  load_ind_u8: loadInd(Op.load8u),
  load_ind_i8: loadInd(Op.load8s),
  load_ind_u16: loadInd(Op.load16u),
  load_ind_i16: loadInd(Op.load16s),
  load_ind_u32: loadInd(Op.load32u),
  load_ind_i32: loadInd(Op.load32s),
  load_ind_u64: loadInd(Op.load64),
  add_imm_32: rri(Op.add32si),
  and_imm: rri(Op.and64i),
  xor_imm: rri(Op.xor64i),
  or_imm: rri(Op.or64i),
  mul_imm_32: rri(Op.mul32si),
  set_lt_u_imm: rri(Op.ltu64i),
  set_lt_s_imm: rri(Op.lts64i),
  shlo_l_imm_32: rri(Op.shl32si),
  shlo_r_imm_32: rri(Op.shru32si),
  shar_r_imm_32: rri(Op.shrs32si),
  neg_add_imm_32: rri(Op.sub32sr),
  set_gt_u_imm: rri(Op.gtu64i),
  set_gt_s_imm: rri(Op.gts64i),
  shlo_l_imm_alt_32: rri(Op.shl32sr),
  shlo_r_imm_alt_32: rri(Op.shru32sr),
  shar_r_imm_alt_32: rri(Op.shrs32sr),
  cmov_iz_imm: rri(Op.cmovzi),
  cmov_nz_imm: rri(Op.cmovnzi),
  add_imm_64: rri(Op.add64i),
  mul_imm_64: rri(Op.mul64i),
  shlo_l_imm_64: rri(Op.shl64i),
  shlo_r_imm_64: rri(Op.shru64i),
  shar_r_imm_64: rri(Op.shrs64i),
  neg_add_imm_64: rri(Op.sub64r),
  shlo_l_imm_alt_64: rri(Op.shl64r),
  shlo_r_imm_alt_64: rri(Op.shru64r),
  shar_r_imm_alt_64: rri(Op.shrs64r),
  rot_r_64_imm: rri(Op.rotr64i),
  rot_r_64_imm_alt: rri(Op.rotr64r),
  rot_r_32_imm: rri(Op.rotr32si),
  rot_r_32_imm_alt: rri(Op.rotr32sr),
  branch_eq: branch(Op.beq64),
  branch_ne: branch(Op.bne64),
  branch_lt_u: branch(Op.bltu64),
  branch_lt_s: branch(Op.blts64),
  branch_ge_u: branch(Op.bgeu64),
  branch_ge_s: branch(Op.bges64),
  load_imm_jump_ind: (l, i) => {
    // the target comes from the old rB, and rA is written even when the jump panics
    const from = i.rA === i.rB ? temporary : i.rB
    if (from === temporary) l.rows.row(Op.mov, from, i.rB, 0, 0, 0, 0)
    loadImm(l, i)
    l.rows.row(Op.jump32, 0, from, 0, 0, 0, i.immY)
  },
  add_32: rrr(Op.add32s),
  sub_32: rrr(Op.sub32s),
  mul_32: rrr(Op.mul32s),
  div_u_32: rrr(Op.div1u32s),
  div_s_32: rrr(Op.div1s32s),
  rem_u_32: rrr(Op.remu32s),
  rem_s_32: rrr(Op.rems32s),
  shlo_l_32: rrr(Op.shl32s),
  shlo_r_32: rrr(Op.shru32s),
  shar_r_32: rrr(Op.shrs32s),
  add_64: rrr(Op.add64),
  sub_64: rrr(Op.sub64),
  mul_64: rrr(Op.mul64),
  div_u_64: rrr(Op.div1u64),
  div_s_64: rrr(Op.div1s64),
  rem_u_64: rrr(Op.remu64),
  rem_s_64: rrr(Op.rems64),
  shlo_l_64: rrr(Op.shl64),
  shlo_r_64: rrr(Op.shru64),
  shar_r_64: rrr(Op.shrs64),
  and: rrr(Op.and64),
  xor: rrr(Op.xor64),
  or: rrr(Op.or64),
  mul_upper_s_s: rrrByWidth(Op.mulhs64, Op.mulhs32s),
  mul_upper_u_u: rrrByWidth(Op.mulhu64, Op.mulhu32s),
  mul_upper_s_u: rrrByWidth(Op.mulhsu64, Op.mulhsu32s),
  set_lt_u: rrr(Op.ltu64),
  set_lt_s: rrr(Op.lts64),
  cmov_iz: rrr(Op.cmovz),
  cmov_nz: rrr(Op.cmovnz),
  rot_l_64: rrr(Op.rotl64),
  rot_l_32: rrr(Op.rotl32s),
  rot_r_64: rrr(Op.rotr64),
  rot_r_32: rrr(Op.rotr32s),
  and_inv: rrr(Op.andn64),
  or_inv: rrr(Op.orn64),
  xnor: rrr(Op.xnor64),
  max: rrr(Op.maxs64),
  max_u: rrr(Op.maxu64),
  min: rrr(Op.mins64),
  min_u: rrr(Op.minu64),
}
/** Appends the rows of `lifter.insn`, by row of the instruction table. */
export const pvmLifts: readonly Lift[] = byRow(lifts)
