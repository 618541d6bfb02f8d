import type { RowWriter } from '../ir/builder.ts'
import { Op } from '../ir/table.ts'

/** What lifting the instructions that eBPF and sBPF share needs of either lifter. */
export interface SlotLifter {
  readonly rows: RowWriter
  /** The slot `offset` slots after the next instruction, where a jump may go, else one that no row has. */
  target(offset: number): number
}

/** Fields of an instruction of either set. */
export interface SlotInsn {
  readonly dst: number
  readonly src: number
  readonly off: number
  readonly imm: number
}

export type Lift = (l: SlotLifter, i: SlotInsn) => void

/** dst = dst op src */
export const rr =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.dst, i.dst, i.src, 0, 0, 0)
/** dst = dst op imm */
export const ri =
  (op: number): Lift =>
  (l, i) =>
    l.rows.abi(op, i.dst, i.dst, i.imm)
/** dst = dst - imm, as an addition; imm - imm wraps the same in both widths */
export const subtract =
  (op: number): Lift =>
  (l, i) => {
    // -(-2^31) does not fit the word, its sign extension does
    const high = i.imm > 0 ? -1 : 0
    l.rows.row(op, i.dst, i.dst, 0, -i.imm | 0, high, 0)
  }
/** dst = dst shifted by imm */
export const shift =
  (op: number, width: 32 | 64): Lift =>
  (l, i) =>
    l.rows.abi(op, i.dst, i.dst, i.imm & (width - 1))
/** dst = op src */
export const move =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.dst, i.src, 0, 0, 0, 0)
/** dst = op dst */
export const own =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.dst, i.dst, 0, 0, 0, 0)
export const nop: Lift = (l) => l.rows.row(Op.nop, 0, 0, 0, 0, 0, 0)
/** dst = [src + off] */
export const load =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.dst, i.src, 0, 0, 0, i.off)
/** [dst + off] = src */
export const store =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.src, i.dst, 0, 0, 0, i.off)
/** [dst + off] = imm */
export const storei =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, 0, i.dst, 0, i.imm, i.imm >> 31, i.off)
/** if (dst ? src) goto off */
const branch =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, 0, i.dst, i.src, 0, 0, l.target(i.off))
/** if (src ? dst) goto off */
const branchSwapped =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, 0, i.src, i.dst, 0, 0, l.target(i.off))
/** if (dst ? imm) goto off */
const branchi =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, 0, i.dst, 0, i.imm, i.imm >> 31, l.target(i.off))

type Comparison =
  | ('jeq' | 'jgt' | 'jge' | 'jset' | 'jne' | 'jsgt')
  | ('jsge' | 'jlt' | 'jle' | 'jslt' | 'jsle')

/** Conditional jumps, on 64 bits or the low halves, with a register or an immediate. */
export const conditions: Readonly<Record<`${Comparison}${'' | '32'}${'' | 'i'}`, Lift>> = {
  jeq: branch(Op.beq64),
  jeqi: branchi(Op.beq64i),
  jgt: branchSwapped(Op.bltu64),
  jgti: branchi(Op.bgtu64i),
  jge: branch(Op.bgeu64),
  jgei: branchi(Op.bgeu64i),
  jset: branch(Op.bset64),
  jseti: branchi(Op.bset64i),
  jne: branch(Op.bne64),
  jnei: branchi(Op.bne64i),
  jsgt: branchSwapped(Op.blts64),
  jsgti: branchi(Op.bgts64i),
  jsge: branch(Op.bges64),
  jsgei: branchi(Op.bges64i),
  jlt: branch(Op.bltu64),
  jlti: branchi(Op.bltu64i),
  jle: branchSwapped(Op.bgeu64),
  jlei: branchi(Op.bleu64i),
  jslt: branch(Op.blts64),
  jslti: branchi(Op.blts64i),
  jsle: branchSwapped(Op.bges64),
  jslei: branchi(Op.bles64i),
  jeq32: branch(Op.beq32),
  jeq32i: branchi(Op.beq32i),
  jgt32: branchSwapped(Op.bltu32),
  jgt32i: branchi(Op.bgtu32i),
  jge32: branch(Op.bgeu32),
  jge32i: branchi(Op.bgeu32i),
  jset32: branch(Op.bset32),
  jset32i: branchi(Op.bset32i),
  jne32: branch(Op.bne32),
  jne32i: branchi(Op.bne32i),
  jsgt32: branchSwapped(Op.blts32),
  jsgt32i: branchi(Op.bgts32i),
  jsge32: branch(Op.bges32),
  jsge32i: branchi(Op.bges32i),
  jlt32: branch(Op.bltu32),
  jlt32i: branchi(Op.bltu32i),
  jle32: branchSwapped(Op.bgeu32),
  jle32i: branchi(Op.bleu32i),
  jslt32: branch(Op.blts32),
  jslt32i: branchi(Op.blts32i),
  jsle32: branchSwapped(Op.bges32),
  jsle32i: branchi(Op.bles32i),
}
