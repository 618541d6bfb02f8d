import { IrBuilder } from '../ir/builder.ts'
import { Op, temporary } from '../ir/table.ts'
import { visitorList } from '../isa/codec.ts'
import { newSbpfInsn, type SbpfInsn, type SbpfVisitor } from '../isa/sbpf/decode.ts'
import { sbpfRows } from '../isa/sbpf/table.ts'
import { Trap } from '../vm/exit.ts'
import type { SbpfProgram } from '../vm/program.ts'
import {
  conditions,
  load,
  move,
  nop,
  own,
  ri,
  rr,
  shift,
  store,
  storei,
  subtract,
} from './slot-insns.ts'

const t0 = temporary
/** A target that no row has: the branch goes to a trap. */
const nowhere = -1

/** What a slot is, found by one sweep over the code. */
export const Slot = { start: 1, leader: 2 } as const

/** State while one program is lifted; `insn` is the instruction at `pc`. */
export class SbpfLifter {
  readonly program: SbpfProgram
  readonly slots: number
  readonly kinds: Uint8Array
  readonly rows: IrBuilder
  readonly insn: SbpfInsn = newSbpfInsn()
  pc = 0
  usesCallx = false

  constructor(program: SbpfProgram) {
    this.program = program
    this.slots = program.code.length >> 3
    this.kinds = new Uint8Array(this.slots + 1)
    this.rows = new IrBuilder(this.slots + 1, this.slots + (this.slots >> 1) + 16, true)
  }

  trap(kind: Trap): void {
    this.rows.row(Op.trap, 0, 0, 0, kind, 0, 0)
  }

  /** The slot `offset` slots after the next instruction, where a jump may go, else `nowhere`. */
  target(offset: number): number {
    const to = this.pc + 1 + offset
    return this.isStart(to) ? to : nowhere
  }

  private isStart(slot: number): boolean {
    return slot >= 0 && slot < this.slots && (this.kinds[slot]! & Slot.start) !== 0
  }

  /** A call of a slot of the code, be it in the middle of `lddw`, where only `callr` goes. */
  callSlot(slot: number): void {
    if (this.isStart(slot)) {
      this.rows.row(Op.call, 0, 0, 0, 0, 0, slot)
      return
    }
    const address = BigInt.asUintN(64, this.program.textAddress + 8n * BigInt(slot))
    const word = (shift: bigint): number => Number(BigInt.asIntN(32, address >> shift))
    this.rows.row(Op.li, t0, 0, 0, word(0n), word(32n), 0)
    this.callRegister(t0)
  }

  callRegister(register: number): void {
    this.usesCallx = true
    this.rows.row(Op.callr, 0, register, 0, 0, 0, 0)
  }
}

type Lift = (l: SbpfLifter, i: SbpfInsn) => void

/** dst = dst op src; no division by zero */
const divide =
  (check: number, op: number): Lift =>
  (l, i) => {
    l.rows.row(check, 0, i.src, 0, Trap.divideByZero, 0, 0)
    l.rows.row(op, i.dst, i.dst, i.src, 0, 0, 0)
  }
/** The same, signed: nor an overflow. */
const divideSigned =
  (check: number, overflow: number, op: number): Lift =>
  (l, i) => {
    l.rows.row(check, 0, i.src, 0, Trap.divideByZero, 0, 0)
    l.rows.row(overflow, 0, i.dst, i.src, 0, 0, 0)
    l.rows.row(op, i.dst, i.dst, i.src, 0, 0, 0)
  }
/** dst = dst op imm; verified code has no imm of 0 here. `unsigned`: its high half is zero. */
const dividei =
  (op: number, unsigned = false): Lift =>
  (l, i) => {
    if (i.imm === 0) l.trap(Trap.divideByZero)
    else l.rows.row(op, i.dst, i.dst, 0, i.imm, unsigned ? 0 : i.imm >> 31, 0)
  }
const divideSignedi =
  (overflow: number, op: number): Lift =>
  (l, i) => {
    if (i.imm === -1) {
      l.rows.row(Op.li, t0, 0, 0, -1, -1, 0)
      l.rows.row(overflow, 0, i.dst, t0, 0, 0, 0)
    }
    dividei(op)(l, i)
  }
/** dst = dst op the immediate in a register */
const wide =
  (op: number, unsigned: boolean): Lift =>
  (l, i) => {
    l.rows.row(Op.li, t0, 0, 0, i.imm, unsigned ? 0 : i.imm >> 31, 0)
    l.rows.row(op, i.dst, i.dst, t0, 0, 0, 0)
  }
/** The syscall that has this hash, or a trap. */
const syscall: Lift = (l, i) => {
  const id = l.program.syscalls.get(i.imm >>> 0)
  if (id === undefined) l.trap(Trap.invalidInstruction)
  else l.rows.row(Op.host, 0, 0, 0, id, 0, 0)
}

const lifts: SbpfVisitor<void, [l: SbpfLifter, i: SbpfInsn]> = {
  add64: rr(Op.add64),
  add64i: ri(Op.add64i),
  sub64: rr(Op.sub64),
  sub64i: subtract(Op.add64i),
  rsub64i: ri(Op.sub64r),
  mul64: rr(Op.mul64),
  mul64i: ri(Op.mul64i),
  div64: divide(Op.trapz64, Op.div0u64),
  div64i: dividei(Op.divu64i),
  or64: rr(Op.or64),
  or64i: ri(Op.or64i),
  and64: rr(Op.and64),
  and64i: ri(Op.and64i),
  lsh64: rr(Op.shl64),
  lsh64i: shift(Op.shl64i, 64),
  rsh64: rr(Op.shru64),
  rsh64i: shift(Op.shru64i, 64),
  neg64: (l, i) => l.rows.abi(Op.sub64r, i.dst, i.dst, 0),
  mod64: divide(Op.trapz64, Op.remu64),
  mod64i: dividei(Op.remu64i),
  xor64: rr(Op.xor64),
  xor64i: ri(Op.xor64i),
  mov64: move(Op.mov),
  mov64i: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, i.imm >> 31, 0),
  arsh64: rr(Op.shrs64),
  arsh64i: shift(Op.shrs64i, 64),
  hor64i: (l, i) => l.rows.row(Op.or64i, i.dst, i.dst, 0, 0, i.imm, 0),
  add32: rr(Op.add32s),
  add32i: ri(Op.add32si),
  add32z: rr(Op.add32z),
  add32zi: ri(Op.add32zi),
  sub32: rr(Op.sub32s),
  sub32i: subtract(Op.add32si),
  sub32z: rr(Op.sub32z),
  rsub32zi: ri(Op.sub32zr),
  mul32: rr(Op.mul32s),
  mul32i: ri(Op.mul32si),
  div32: divide(Op.trapz32, Op.div0u32z),
  div32i: dividei(Op.divu32zi),
  or32: rr(Op.or32z),
  or32i: ri(Op.or32zi),
  and32: rr(Op.and32z),
  and32i: ri(Op.and32zi),
  lsh32: rr(Op.shl32z),
  lsh32i: shift(Op.shl32zi, 32),
  rsh32: rr(Op.shru32z),
  rsh32i: shift(Op.shru32zi, 32),
  neg32: (l, i) => l.rows.abi(Op.sub32zr, i.dst, i.dst, 0),
  mod32: divide(Op.trapz32, Op.remu32z),
  mod32i: dividei(Op.remu32zi),
  xor32: rr(Op.xor32z),
  xor32i: ri(Op.xor32zi),
  mov32: move(Op.zext32),
  mov32s: move(Op.sext32),
  mov32i: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, 0, 0),
  arsh32: rr(Op.shrs32z),
  arsh32i: shift(Op.shrs32zi, 32),
  le16: own(Op.zext16),
  le32: own(Op.zext32),
  le64: nop,
  be16: own(Op.bswap16),
  be32: own(Op.bswap32),
  be64: own(Op.bswap64),
  uhmul64: rr(Op.mulhu64),
  uhmul64i: wide(Op.mulhu64, true),
  udiv32: divide(Op.trapz32, Op.div0u32z),
  udiv32i: dividei(Op.divu32zi),
  udiv64: divide(Op.trapz64, Op.div0u64),
  udiv64i: dividei(Op.divu64i, true),
  urem32: divide(Op.trapz32, Op.remu32z),
  urem32i: dividei(Op.remu32zi),
  urem64: divide(Op.trapz64, Op.remu64),
  urem64i: dividei(Op.remu64i, true),
  lmul32: rr(Op.mul32z),
  lmul32i: ri(Op.mul32zi),
  lmul64: rr(Op.mul64),
  lmul64i: ri(Op.mul64i),
  shmul64: rr(Op.mulhs64),
  shmul64i: wide(Op.mulhs64, false),
  sdiv32: divideSigned(Op.trapz32, Op.trapo32, Op.div0s32z),
  sdiv32i: divideSignedi(Op.trapo32, Op.divs32zi),
  sdiv64: divideSigned(Op.trapz64, Op.trapo64, Op.div0s64),
  sdiv64i: divideSignedi(Op.trapo64, Op.divs64i),
  srem32: divideSigned(Op.trapz32, Op.trapo32, Op.rems32z),
  srem32i: divideSignedi(Op.trapo32, Op.rems32zi),
  srem64: divideSigned(Op.trapz64, Op.trapo64, Op.rems64),
  srem64i: divideSignedi(Op.trapo64, Op.rems64i),
  ja: (l, i) => {
    const to = l.target(i.off)
    if (to === nowhere) l.trap(Trap.invalidJump)
    else l.rows.row(Op.jump, 0, 0, 0, 0, 0, to)
  },
  ...conditions,
  call: (l, i) => {
    const { functions, syscalls } = l.program
    const slot = functions.get(i.imm >>> 0)
    if (slot === undefined || syscalls.has(i.imm >>> 0)) syscall(l, i)
    else if (slot >= 0 && slot < l.slots) l.callSlot(slot)
    else l.trap(Trap.invalidCall)
  },
  syscall,
  call_local: (l, i) => {
    const slot = l.pc + 1 + i.imm
    if (slot >= 0 && slot < l.slots) l.callSlot(slot)
    else l.trap(Trap.invalidInstruction)
  },
  callx_imm: (l, i) => l.callRegister(i.imm),
  callx_src: (l, i) => l.callRegister(i.src),
  callx: (l, i) => l.callRegister(i.dst),
  exit: (l) => l.rows.row(Op.ret, 0, 0, 0, 0, 0, 0),
  lddw: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, i.immHigh, 0),
  ldxb: load(Op.load8u),
  ldxh: load(Op.load16u),
  ldxw: load(Op.load32u),
  ldxdw: load(Op.load64),
  stb: storei(Op.store8i),
  sth: storei(Op.store16i),
  stw: storei(Op.store32i),
  stdw: storei(Op.store64i),
  stxb: store(Op.store8),
  stxh: store(Op.store16),
  stxw: store(Op.store32),
  stxdw: store(Op.store64),
}

/** Appends the rows of `lifter.insn`, by row of the instruction table. */
export const sbpfLifts: readonly Lift[] = visitorList(
  sbpfRows.map((row) => row.name),
  lifts,
)
