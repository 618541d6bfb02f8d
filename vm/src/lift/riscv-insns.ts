import type { RowWriter } from '../ir/builder.ts'
import { Op, temporary, zeroRegister } from '../ir/table.ts'
import { newRiscvInsn, type RiscvDecoder, type RiscvInsn } from '../isa/riscv/decode.ts'
import { riscvDecoder } from '../isa/riscv/isa.ts'
import { CodeByte } from '../isa/riscv/starts.ts'
import { type RiscvName, riscvRows } from '../isa/riscv/table.ts'
import { Trap } from '../vm/exit.ts'
import type { RiscvProgram } from '../vm/program.ts'

const t0 = temporary
const t1 = temporary + 1
const t2 = temporary + 2
/** In place of x0: the address that is reserved plus 1, sign-extended from 32 bits; or 0. */
const reserved = 0
/** A target that no row has: the branch goes to a trap. */
const nowhere = -1

/** Code, and what is needed to lift instructions of it. */
export type RiscvCode = Pick<RiscvProgram, 'code' | 'codeBase' | 'embedded' | 'version'>

/** State while one program is lifted; `insn` is the instruction at `pc`. */
export class RiscvLifter {
  readonly program: RiscvCode
  readonly decoder: RiscvDecoder
  readonly wide: boolean
  readonly rows: RowWriter
  readonly insn: RiscvInsn = newRiscvInsn()
  /** By octet, and one past the end: sums of `CodeByte`. */
  readonly kinds: Uint8Array
  pc = 0

  constructor(program: RiscvCode, rows: RowWriter) {
    this.program = program
    this.decoder = riscvDecoder(program.version, program.embedded)
    this.wide = program.version === 'rv64'
    this.kinds = new Uint8Array(program.code.length + 1)
    this.rows = rows
  }

  trap(kind: Trap): void {
    this.rows.row(Op.trap, 0, 0, 0, kind, 0, 0)
  }

  target(offset: number): number {
    const pc = this.pc + offset
    return pc >= 0 && (this.kinds[pc]! & CodeByte.start) !== 0 ? pc : nowhere
  }

  /** rd = a number below 2^53 and at least -2^53, modulo the register width. */
  constant(rd: number, value: number): void {
    const whole = BigInt.asIntN(this.wide ? 64 : 32, BigInt(value))
    const word = (by: bigint): number => Number(BigInt.asIntN(32, whole >> by))
    this.rows.row(Op.li, rd, 0, 0, word(0n), word(32n), 0)
  }

  nothing(): void {
    this.rows.row(Op.nop, 0, 0, 0, 0, 0, 0)
  }

  /** rd = address of what follows, as the last row before that of a jump. */
  link(rd: number): void {
    if (rd !== 0) this.constant(rd, this.program.codeBase + this.pc + this.insn.length)
  }
}

type Lift = (l: RiscvLifter, i: RiscvInsn) => void

/** xn as an operand. */
const x = (register: number): number => (register === 0 ? zeroRegister : register)

/** What writes rd and nothing else does nothing for x0. */
const pure =
  (lift: Lift): Lift =>
  (l, i) =>
    i.rd === 0 ? l.nothing() : lift(l, i)

/** rd = rs1 op rs2, by register width. */
const rrr = (wide: number, narrow = wide): Lift =>
  pure((l, i) => l.rows.abc(l.wide ? wide : narrow, i.rd, x(i.rs1), x(i.rs2)))
/** rd = rs1 op imm */
const rri = (wide: number, narrow = wide): Lift =>
  pure((l, i) => l.rows.abi(l.wide ? wide : narrow, i.rd, x(i.rs1), i.imm))
/** rd = op rs1 */
const rr = (wide: number, narrow = wide): Lift =>
  pure((l, i) => l.rows.abc(l.wide ? wide : narrow, i.rd, x(i.rs1), 0))
const load =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, i.rd === 0 ? t0 : i.rd, x(i.rs1), 0, 0, 0, i.imm)
const store =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, x(i.rs2), x(i.rs1), 0, 0, 0, i.imm)
const branch =
  (op: number): Lift =>
  (l, i) =>
    l.rows.row(op, 0, x(i.rs1), x(i.rs2), 0, 0, l.target(i.imm))
/** rd = rs2 + (rs1 << by); `low`: of the low half of rs1. */
const scaled = (by: number, low: boolean): Lift =>
  pure((l, i) => {
    if (low) l.rows.abc(Op.zext32, t0, x(i.rs1), 0)
    const from = low ? t0 : x(i.rs1)
    if (by > 0) l.rows.abi(l.wide ? Op.shl64i : Op.shl32si, t0, from, by)
    l.rows.abc(l.wide ? Op.add64 : Op.add32s, i.rd, t0, x(i.rs2))
  })
/** t0 = 1 << rs2 */
const oneBit = (l: RiscvLifter, i: RiscvInsn): void => {
  l.rows.row(Op.li, t0, 0, 0, 1, 0, 0)
  l.rows.abc(l.wide ? Op.shl64 : Op.shl32s, t0, t0, x(i.rs2))
}
/** rd = rs1 op (1 << rs2) */
const bitOf = (op: number): Lift =>
  pure((l, i) => {
    oneBit(l, i)
    l.rows.abc(op, i.rd, x(i.rs1), t0)
  })
/** rd = rs1 op (1 << imm), or op its complement */
const bitAt = (op: number, not = false): Lift =>
  pure((l, i) => {
    const one = BigInt.asIntN(l.wide ? 64 : 32, 1n << BigInt(i.imm))
    const value = not ? ~one : one
    const word = (by: bigint): number => Number(BigInt.asIntN(32, value >> by))
    l.rows.row(op, i.rd, x(i.rs1), 0, word(0n), word(32n), 0)
  })
/** rd = (rs1 >> by) & 1 */
const extracted = (shift: Lift): Lift =>
  pure((l, i) => {
    shift(l, i)
    l.rows.abi(Op.and64i, i.rd, t0, 1)
  })
/** rd = rs1, or 0 if rs2 is (`whenZero`), or is not 0 */
const zeroIf = (whenZero: boolean): Lift =>
  pure((l, i) => {
    // the condition may be the register that is written
    l.rows.abc(Op.mov, t0, x(i.rs2), 0)
    l.rows.abc(Op.mov, i.rd, x(i.rs1), 0)
    l.rows.abi(whenZero ? Op.cmovzi : Op.cmovnzi, i.rd, t0, 0)
  })

/** Goes on where the address is a multiple of `size`. */
function aligned(l: RiscvLifter, i: RiscvInsn, size: number): void {
  l.rows.abi(Op.and64i, t0, x(i.rs1), size - 1)
  l.rows.abi(Op.ltu64i, t0, t0, 1)
  l.rows.row(Op.trapz64, 0, t0, 0, Trap.misaligned, 0, 0)
}

/** t2 = what stands for a reservation of the address. */
function reservation(l: RiscvLifter, i: RiscvInsn): void {
  l.rows.abi(Op.add32si, t2, x(i.rs1), 1)
}

interface Sized {
  readonly size: number
  readonly load: number
  readonly store: number
}
const inWord: Sized = { size: 4, load: Op.load32s, store: Op.store32 }
const inDouble: Sized = { size: 8, load: Op.load64, store: Op.store64 }

const loadReserved =
  ({ load: read, size }: Sized): Lift =>
  (l, i) => {
    aligned(l, i, size)
    l.rows.row(read, t1, x(i.rs1), 0, 0, 0, 0)
    reservation(l, i)
    l.rows.abc(Op.mov, reserved, t2, 0)
    if (i.rd !== 0) l.rows.abc(Op.mov, i.rd, t1, 0)
  }
const storeConditional =
  ({ load: read, size, store: write }: Sized): Lift =>
  (l, i) => {
    aligned(l, i, size)
    l.rows.row(read, t1, x(i.rs1), 0, 0, 0, 0)
    reservation(l, i)
    l.rows.abc(Op.xor64, t2, t2, reserved)
    l.rows.abc(Op.cmovz, t1, x(i.rs2), t2)
    l.rows.row(write, t1, x(i.rs1), 0, 0, 0, 0)
    l.rows.row(Op.li, reserved, 0, 0, 0, 0, 0)
    if (i.rd !== 0) l.rows.abc(Op.ltu64, i.rd, zeroRegister, t2)
  }
/** `op` takes t1, what was read, and rs2; without one rs2 is written. */
const atomic =
  ({ load: read, size, store: write }: Sized, op?: number): Lift =>
  (l, i) => {
    aligned(l, i, size)
    l.rows.row(read, t1, x(i.rs1), 0, 0, 0, 0)
    let operand = x(i.rs2)
    if (op !== undefined && size === 4) {
      operand = t2
      l.rows.abc(Op.sext32, t2, x(i.rs2), 0)
    }
    // sign-extended values are in the same order unsigned
    if (op !== undefined) l.rows.abc(op, t0, t1, operand)
    l.rows.row(write, op === undefined ? operand : t0, x(i.rs1), 0, 0, 0, 0)
    if (i.rd !== 0) l.rows.abc(Op.mov, i.rd, t1, 0)
  }

/** rd = each octet of rs1: 0xff, or 0 where it is 0. */
const spread: Lift = pure((l, i) => {
  const low = 0x7f7f7f7f
  // the high bit of each octet: is anything below it, or it itself, set
  l.rows.row(Op.and64i, t0, x(i.rs1), 0, low, low, 0)
  l.rows.row(Op.li, t1, 0, 0, low, low, 0)
  l.rows.abc(Op.add64, t0, t0, t1)
  l.rows.abc(Op.or64, t0, t0, x(i.rs1))
  l.rows.abc(Op.andn64, t0, t0, t1)
  l.rows.abi(Op.shru64i, t1, t0, 7)
  l.rows.abc(Op.sub64, t1, t0, t1)
  l.rows.abc(Op.or64, i.rd, t0, t1)
  if (!l.wide) l.rows.abc(Op.sext32, i.rd, i.rd, 0)
})

const lifts: { readonly [N in RiscvName]: Lift } = {
  lui: pure((l, i) => l.constant(i.rd, i.imm)),
  auipc: pure((l, i) => l.constant(i.rd, l.program.codeBase + l.pc + i.imm)),
  jal: (l, i) => {
    l.link(i.rd)
    const target = l.target(i.imm)
    if (target === nowhere) l.trap(Trap.invalidJump)
    else l.rows.row(Op.jump, 0, 0, 0, 0, 0, target)
  },
  jalr: (l, i) => {
    let from = x(i.rs1)
    if (i.rd !== 0 && i.rd === i.rs1) {
      l.rows.abc(Op.mov, t0, from, 0)
      from = t0
    }
    l.link(i.rd)
    l.rows.row(Op.jump32, 0, from, 0, 0, 0, i.imm)
  },
  beq: branch(Op.beq64),
  bne: branch(Op.bne64),
  blt: branch(Op.blts64),
  bge: branch(Op.bges64),
  bltu: branch(Op.bltu64),
  bgeu: branch(Op.bgeu64),
  lb: load(Op.load8s),
  lh: load(Op.load16s),
  lw: load(Op.load32s),
  ld: load(Op.load64),
  lbu: load(Op.load8u),
  lhu: load(Op.load16u),
  lwu: load(Op.load32u),
  sb: store(Op.store8),
  sh: store(Op.store16),
  sw: store(Op.store32),
  sd: store(Op.store64),
  addi: rri(Op.add64i, Op.add32si),
  slti: rri(Op.lts64i),
  sltiu: rri(Op.ltu64i),
  xori: rri(Op.xor64i),
  ori: rri(Op.or64i),
  andi: rri(Op.and64i),
  slli: rri(Op.shl64i, Op.shl32si),
  srli: rri(Op.shru64i, Op.shru32si),
  srai: rri(Op.shrs64i, Op.shrs32si),
  add: rrr(Op.add64, Op.add32s),
  sub: rrr(Op.sub64, Op.sub32s),
  sll: rrr(Op.shl64, Op.shl32s),
  slt: rrr(Op.lts64),
  sltu: rrr(Op.ltu64),
  xor: rrr(Op.xor64),
  srl: rrr(Op.shru64, Op.shru32s),
  sra: rrr(Op.shrs64, Op.shrs32s),
  or: rrr(Op.or64),
  and: rrr(Op.and64),
  fence: (l) => l.nothing(),
  'fence.i': (l) => l.nothing(),
  ecall: (l) => l.rows.row(Op.host, 0, 0, 0, 0, 0, 0),
  ebreak: (l) => l.trap(Trap.panic),
  addiw: rri(Op.add32si),
  slliw: rri(Op.shl32si),
  srliw: rri(Op.shru32si),
  sraiw: rri(Op.shrs32si),
  addw: rrr(Op.add32s),
  subw: rrr(Op.sub32s),
  sllw: rrr(Op.shl32s),
  srlw: rrr(Op.shru32s),
  sraw: rrr(Op.shrs32s),

  mul: rrr(Op.mul64, Op.mul32s),
  mulh: rrr(Op.mulhs64, Op.mulhs32s),
  mulhsu: rrr(Op.mulhsu64, Op.mulhsu32s),
  mulhu: rrr(Op.mulhu64, Op.mulhu32s),
  div: rrr(Op.div1s64, Op.div1s32s),
  divu: rrr(Op.div1u64, Op.div1u32s),
  rem: rrr(Op.rems64, Op.rems32s),
  remu: rrr(Op.remu64, Op.remu32s),
  mulw: rrr(Op.mul32s),
  divw: rrr(Op.div1s32s),
  divuw: rrr(Op.div1u32s),
  remw: rrr(Op.rems32s),
  remuw: rrr(Op.remu32s),

  'lr.w': loadReserved(inWord),
  'sc.w': storeConditional(inWord),
  'amoswap.w': atomic(inWord),
  'amoadd.w': atomic(inWord, Op.add64),
  'amoxor.w': atomic(inWord, Op.xor64),
  'amoand.w': atomic(inWord, Op.and64),
  'amoor.w': atomic(inWord, Op.or64),
  'amomin.w': atomic(inWord, Op.mins64),
  'amomax.w': atomic(inWord, Op.maxs64),
  'amominu.w': atomic(inWord, Op.minu64),
  'amomaxu.w': atomic(inWord, Op.maxu64),
  'lr.d': loadReserved(inDouble),
  'sc.d': storeConditional(inDouble),
  'amoswap.d': atomic(inDouble),
  'amoadd.d': atomic(inDouble, Op.add64),
  'amoxor.d': atomic(inDouble, Op.xor64),
  'amoand.d': atomic(inDouble, Op.and64),
  'amoor.d': atomic(inDouble, Op.or64),
  'amomin.d': atomic(inDouble, Op.mins64),
  'amomax.d': atomic(inDouble, Op.maxs64),
  'amominu.d': atomic(inDouble, Op.minu64),
  'amomaxu.d': atomic(inDouble, Op.maxu64),

  sh1add: scaled(1, false),
  sh2add: scaled(2, false),
  sh3add: scaled(3, false),
  'add.uw': scaled(0, true),
  'sh1add.uw': scaled(1, true),
  'sh2add.uw': scaled(2, true),
  'sh3add.uw': scaled(3, true),
  'slli.uw': pure((l, i) => {
    l.rows.abc(Op.zext32, t0, x(i.rs1), 0)
    l.rows.abi(Op.shl64i, i.rd, t0, i.imm)
  }),

  andn: rrr(Op.andn64),
  orn: rrr(Op.orn64),
  xnor: rrr(Op.xnor64),
  clz: rr(Op.clz64, Op.clz32),
  ctz: rr(Op.ctz64, Op.ctz32),
  cpop: rr(Op.popcnt64, Op.popcnt32),
  clzw: rr(Op.clz32),
  ctzw: rr(Op.ctz32),
  cpopw: rr(Op.popcnt32),
  max: rrr(Op.maxs64),
  maxu: rrr(Op.maxu64),
  min: rrr(Op.mins64),
  minu: rrr(Op.minu64),
  'sext.b': rr(Op.sext8),
  'sext.h': rr(Op.sext16),
  'zext.h': rr(Op.zext16),
  rol: rrr(Op.rotl64, Op.rotl32s),
  ror: rrr(Op.rotr64, Op.rotr32s),
  rori: rri(Op.rotr64i, Op.rotr32si),
  rolw: rrr(Op.rotl32s),
  rorw: rrr(Op.rotr32s),
  roriw: rri(Op.rotr32si),
  'orc.b': spread,
  rev8: rr(Op.bswap64, Op.bswap32s),

  bclr: bitOf(Op.andn64),
  bclri: bitAt(Op.and64i, true),
  bext: extracted((l, i) => l.rows.abc(l.wide ? Op.shru64 : Op.shru32s, t0, x(i.rs1), x(i.rs2))),
  bexti: extracted((l, i) => l.rows.abi(l.wide ? Op.shru64i : Op.shru32si, t0, x(i.rs1), i.imm)),
  binv: bitOf(Op.xor64),
  binvi: bitAt(Op.xor64i),
  bset: bitOf(Op.or64),
  bseti: bitAt(Op.or64i),

  'czero.eqz': zeroIf(true),
  'czero.nez': zeroIf(false),
}

/** Appends the rows of `lifter.insn`, by row of the instruction table. */
export const riscvLifts: readonly Lift[] = riscvRows.map((row) => lifts[row.name as RiscvName])
