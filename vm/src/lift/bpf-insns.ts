import type { RowWriter } from '../ir/builder.ts'
import { Op, temporary, zeroRegister } from '../ir/table.ts'
import { type BpfInsn, type BpfVisitor, newBpfInsn } from '../isa/bpf/decode.ts'
import { bpfRows } from '../isa/bpf/table.ts'
import { visitorList } from '../isa/codec.ts'
import { Trap } from '../vm/exit.ts'
import type { BpfProgram } from '../vm/program.ts'
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
const t1 = temporary + 1
const t2 = temporary + 2
/** A target that no row has: the branch goes to a trap. */
export const nowhere = -1

/** What a slot is, found by one sweep over the code. */
export const Slot = { start: 1, leader: 2, wide: 4 } as const

/** Code, and what is needed to lift instructions of it. */
export type BpfCode = Pick<BpfProgram, 'code' | 'options'>

/** State while one program is lifted; `insn` is the instruction at `pc`. */
export class BpfLifter {
  readonly program: BpfCode
  readonly slots: number
  readonly kinds: Uint8Array
  readonly rows: RowWriter
  readonly insn: BpfInsn = newBpfInsn()
  /** Frame size by function start, -1 elsewhere. */
  readonly frames: Int32Array
  pc = 0
  /** Frame size of the function that contains `pc`. */
  frame = 0
  usesCallx = false
  usesGotox = false

  constructor(program: BpfCode, rows: RowWriter) {
    this.program = program
    this.rows = rows
    this.slots = program.code.length >> 3
    this.kinds = new Uint8Array(this.slots + 1)
    this.frames = new Int32Array(this.slots + 1).fill(-1)
  }

  trap(kind: Trap): void {
    this.rows.row(Op.trap, 0, 0, 0, kind, 0, 0)
  }

  /** The slot `offset` slots after the next instruction, where a jump may go, else `nowhere`. */
  target(offset: number): number {
    const to = this.pc + 1 + offset
    return to >= 0 && to < this.slots && (this.kinds[to]! & Slot.start) !== 0 ? to : nowhere
  }

  jump(offset: number): void {
    const to = this.target(offset)
    if (to === nowhere) this.trap(Trap.invalidJump)
    else this.rows.row(Op.jump, 0, 0, 0, 0, 0, to)
  }
}

type Lift = (l: BpfLifter, i: BpfInsn) => void

/** Division by a constant; by 0 it is another op, or nothing (RFC 9669, 4.1). */
const divide =
  (op: number, byZero: Lift): Lift =>
  (l, i) =>
    i.imm === 0 ? byZero(l, i) : l.rows.abi(op, i.dst, i.dst, i.imm)
const zero: Lift = (l, i) => l.rows.row(Op.li, i.dst, 0, 0, 0, 0, 0)
/** The ops of one access width. */
interface Width {
  readonly load: number
  readonly store: number
  readonly xor: number
}
const wide: Width = { load: Op.load64, store: Op.store64, xor: Op.xor64 }
const narrow: Width = { load: Op.load32u, store: Op.store32, xor: Op.xor32z }

/** [dst + off] = [dst + off] op src; with `fetch` src = the old value. */
const atomic =
  (w: Width, op: number, fetch: boolean): Lift =>
  (l, i) => {
    l.rows.row(w.load, t0, i.dst, 0, 0, 0, i.off)
    l.rows.row(op, t1, t0, i.src, 0, 0, 0)
    l.rows.row(w.store, t1, i.dst, 0, 0, 0, i.off)
    if (fetch) l.rows.row(Op.mov, i.src, t0, 0, 0, 0, 0)
  }
const exchange =
  (w: Width): Lift =>
  (l, i) => {
    l.rows.row(w.load, t0, i.dst, 0, 0, 0, i.off)
    l.rows.row(w.store, i.src, i.dst, 0, 0, 0, i.off)
    l.rows.row(Op.mov, i.src, t0, 0, 0, 0, 0)
  }
/** t2 = old = r0 ? src : old; [dst + off] = t2; r0 = old */
const compareExchange =
  (w: Width): Lift =>
  (l, i) => {
    l.rows.row(w.load, t0, i.dst, 0, 0, 0, i.off)
    l.rows.row(w.xor, t1, t0, 0, 0, 0, 0)
    l.rows.row(Op.mov, t2, t0, 0, 0, 0, 0)
    l.rows.row(Op.cmovz, t2, i.src, t1, 0, 0, 0)
    l.rows.row(w.store, t2, i.dst, 0, 0, 0, i.off)
    l.rows.row(Op.mov, 0, t0, 0, 0, 0, 0)
  }
/** r0 = big-endian bytes at input offset u32(src + imm) */
const packet =
  (bytes: number, register: (i: BpfInsn) => number): Lift =>
  (l, i) => {
    if (l.program.options.packet) l.rows.row(Op.packet, 0, register(i), 0, bytes, 0, i.imm)
    else l.trap(Trap.invalidInstruction)
  }
const absolute = (): number => zeroRegister
const indirect = (i: BpfInsn): number => i.src

const callRegister = (l: BpfLifter, register: number): void => {
  l.usesCallx = true
  const op = l.program.options.callxHelpers ? Op.callrh : Op.callr
  l.rows.row(op, 0, register, 0, l.frame, 0, 0)
}

const lifts: BpfVisitor<void, [l: BpfLifter, i: BpfInsn]> = {
  add64: rr(Op.add64),
  add64i: ri(Op.add64i),
  sub64: rr(Op.sub64),
  sub64i: subtract(Op.add64i),
  mul64: rr(Op.mul64),
  mul64i: ri(Op.mul64i),
  div64: rr(Op.div0u64),
  div64i: divide(Op.divu64i, zero),
  sdiv64: rr(Op.div0s64),
  sdiv64i: divide(Op.divs64i, zero),
  or64: rr(Op.or64),
  or64i: ri(Op.or64i),
  and64: rr(Op.and64),
  and64i: ri(Op.and64i),
  lsh64: rr(Op.shl64),
  lsh64i: shift(Op.shl64i, 64),
  rsh64: rr(Op.shru64),
  rsh64i: shift(Op.shru64i, 64),
  mod64: rr(Op.remu64),
  mod64i: divide(Op.remu64i, nop),
  smod64: rr(Op.rems64),
  smod64i: divide(Op.rems64i, nop),
  xor64: rr(Op.xor64),
  xor64i: ri(Op.xor64i),
  mov64: move(Op.mov),
  mov64i: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, i.imm >> 31, 0),
  arsh64: rr(Op.shrs64),
  arsh64i: shift(Op.shrs64i, 64),
  neg64: (l, i) => l.rows.abi(Op.sub64r, i.dst, i.dst, 0),
  movsx8_64: move(Op.sext8),
  movsx16_64: move(Op.sext16),
  movsx32_64: move(Op.sext32),
  add32: rr(Op.add32z),
  add32i: ri(Op.add32zi),
  sub32: rr(Op.sub32z),
  sub32i: subtract(Op.add32zi),
  mul32: rr(Op.mul32z),
  mul32i: ri(Op.mul32zi),
  div32: rr(Op.div0u32z),
  div32i: divide(Op.divu32zi, zero),
  sdiv32: rr(Op.div0s32z),
  sdiv32i: divide(Op.divs32zi, zero),
  or32: rr(Op.or32z),
  or32i: ri(Op.or32zi),
  and32: rr(Op.and32z),
  and32i: ri(Op.and32zi),
  lsh32: rr(Op.shl32z),
  lsh32i: shift(Op.shl32zi, 32),
  rsh32: rr(Op.shru32z),
  rsh32i: shift(Op.shru32zi, 32),
  mod32: rr(Op.remu32z),
  mod32i: divide(Op.remu32zi, own(Op.zext32)),
  smod32: rr(Op.rems32z),
  smod32i: divide(Op.rems32zi, own(Op.zext32)),
  xor32: rr(Op.xor32z),
  xor32i: ri(Op.xor32zi),
  mov32: move(Op.zext32),
  mov32i: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, 0, 0),
  arsh32: rr(Op.shrs32z),
  arsh32i: shift(Op.shrs32zi, 32),
  neg32: (l, i) => l.rows.abi(Op.sub32zr, i.dst, i.dst, 0),
  movsx8_32: move(Op.sext8z),
  movsx16_32: move(Op.sext16z),
  le16: own(Op.zext16),
  le32: own(Op.zext32),
  le64: nop,
  be16: own(Op.bswap16),
  be32: own(Op.bswap32),
  be64: own(Op.bswap64),
  bswap16: own(Op.bswap16),
  bswap32: own(Op.bswap32),
  bswap64: own(Op.bswap64),
  ja: (l, i) => l.jump(i.off),
  gotol: (l, i) => l.jump(i.imm),
  ...conditions,
  may_goto: nop,
  gotox: (l, i) => {
    l.usesGotox = true
    l.rows.row(Op.jump64, 0, i.dst, 0, 0, 0, 0)
  },
  call: (l, i) => l.rows.row(Op.host, 0, 0, 0, i.imm, 0, 0),
  call_local: (l, i) => {
    const to = l.target(i.imm)
    const frame = to === nowhere ? -1 : l.frames[to]!
    if (frame < 0) l.trap(Trap.invalidCall)
    else l.rows.row(Op.call, 0, 0, 0, l.frame, frame, to)
  },
  callx: (l, i) => callRegister(l, i.dst),
  callx_imm: (l, i) => callRegister(l, i.imm),
  exit: (l) => l.rows.row(Op.ret, 0, 0, 0, 0, 0, 0),
  lddw: (l, i) => l.rows.row(Op.li, i.dst, 0, 0, i.imm, i.immHigh, 0),
  ldxb: load(Op.load8u),
  ldxh: load(Op.load16u),
  ldxw: load(Op.load32u),
  ldxdw: load(Op.load64),
  ldxsb: load(Op.load8s),
  ldxsh: load(Op.load16s),
  ldxsw: load(Op.load32s),
  stb: storei(Op.store8i),
  sth: storei(Op.store16i),
  stw: storei(Op.store32i),
  stdw: storei(Op.store64i),
  stxb: store(Op.store8),
  stxh: store(Op.store16),
  stxw: store(Op.store32),
  stxdw: store(Op.store64),
  lock_add64: atomic(wide, Op.add64, false),
  lock_or64: atomic(wide, Op.or64, false),
  lock_and64: atomic(wide, Op.and64, false),
  lock_xor64: atomic(wide, Op.xor64, false),
  lock_fetch_add64: atomic(wide, Op.add64, true),
  lock_fetch_or64: atomic(wide, Op.or64, true),
  lock_fetch_and64: atomic(wide, Op.and64, true),
  lock_fetch_xor64: atomic(wide, Op.xor64, true),
  xchg64: exchange(wide),
  cmpxchg64: compareExchange(wide),
  lock_add32: atomic(narrow, Op.add32z, false),
  lock_or32: atomic(narrow, Op.or32z, false),
  lock_and32: atomic(narrow, Op.and32z, false),
  lock_xor32: atomic(narrow, Op.xor32z, false),
  lock_fetch_add32: atomic(narrow, Op.add32z, true),
  lock_fetch_or32: atomic(narrow, Op.or32z, true),
  lock_fetch_and32: atomic(narrow, Op.and32z, true),
  lock_fetch_xor32: atomic(narrow, Op.xor32z, true),
  xchg32: exchange(narrow),
  cmpxchg32: compareExchange(narrow),
  load_acquire8: load(Op.load8u),
  load_acquire16: load(Op.load16u),
  load_acquire32: load(Op.load32u),
  load_acquire64: load(Op.load64),
  store_release8: store(Op.store8),
  store_release16: store(Op.store16),
  store_release32: store(Op.store32),
  store_release64: store(Op.store64),
  ldabsb: packet(1, absolute),
  ldabsh: packet(2, absolute),
  ldabsw: packet(4, absolute),
  ldindb: packet(1, indirect),
  ldindh: packet(2, indirect),
  ldindw: packet(4, indirect),
}

/** Appends the rows of `lifter.insn`, by row of the instruction table. */
export const bpfLifts: readonly Lift[] = visitorList(
  bpfRows.map((row) => row.name),
  lifts,
)
