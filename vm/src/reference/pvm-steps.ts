/** What each PVM instruction does (Gray Paper A.5; polkavm/src/interpreter.rs). */
import type { PvmInsn } from '../isa/pvm/decode.ts'
import { byRow, type PvmVisitor } from '../isa/pvm/table.ts'
import type { PvmState } from './pvm-state.ts'

type Step = (m: PvmState, i: PvmInsn) => void
type Binary = (a: bigint, b: bigint) => bigint
type Compare = (a: bigint, b: bigint) => boolean

const s64 = (value: bigint): bigint => BigInt.asIntN(64, value)
const s32 = (value: bigint): bigint => BigInt.asIntN(32, value)
const u32 = (value: bigint): bigint => BigInt.asUintN(32, value)
const bit = (value: boolean): bigint => (value ? 1n : 0n)
/** Immediates are sign-extended to the register. */
const imm = (value: number): bigint => BigInt.asUintN(64, BigInt(value))

// rD = rA op rB; rA = rB op X; rA = X op rB. Register values are unsigned.
const three =
  (op: Binary): Step =>
  (m, i) =>
    m.set(i.rD, op(m.get(i.rA), m.get(i.rB)))
const withImm =
  (op: Binary): Step =>
  (m, i) =>
    m.set(i.rA, op(m.get(i.rB), imm(i.immX)))
const immWith =
  (op: Binary): Step =>
  (m, i) =>
    m.set(i.rA, op(imm(i.immX), m.get(i.rB)))
const one =
  (op: (a: bigint) => bigint): Step =>
  (m, i) =>
    m.set(i.rD, op(m.get(i.rA)))

/** The operation on the low halves, read as unsigned, its result sign-extended. */
const in32 =
  (op: Binary): Binary =>
  (a, b) =>
    s32(op(u32(a), u32(b)))
/** The operation on signed values of `width` bits. */
const signed =
  (width: number, op: Binary): Binary =>
  (a, b) =>
    op(BigInt.asIntN(width, a), BigInt.asIntN(width, b))

const eq: Compare = (a, b) => a === b
const ne: Compare = (a, b) => a !== b
const lt: Compare = (a, b) => a < b
const le: Compare = (a, b) => a <= b
const gt: Compare = (a, b) => a > b
const ge: Compare = (a, b) => a >= b

const add: Binary = (a, b) => a + b
const sub: Binary = (a, b) => a - b
const mul: Binary = (a, b) => a * b
const and: Binary = (a, b) => a & b
const or: Binary = (a, b) => a | b
const xor: Binary = (a, b) => a ^ b
const less: Binary = (a, b) => bit(a < b)
const greater: Binary = (a, b) => bit(a > b)
const either =
  (test: Compare): Binary =>
  (a, b) =>
    test(a, b) ? a : b
// BigInt division truncates, so the lowest number over -1 is 2^(width-1), which wraps to itself.
const divide: Binary = (a, b) => (b === 0n ? -1n : a / b)
const remainder: Binary = (a, b) => (b === 0n ? a : a % b)

const shl =
  (width: bigint): Binary =>
  (a, b) =>
    a << (b % width)
const shr =
  (width: bigint): Binary =>
  (a, b) =>
    a >> (b % width)
const sar =
  (width: bigint): Binary =>
  (a, b) =>
    BigInt.asIntN(Number(width), a) >> (b % width)
const rotl =
  (width: bigint): Binary =>
  (a, b) =>
    (a << (b % width)) | (a >> (width - (b % width)))
const rotr =
  (width: bigint): Binary =>
  (a, b) =>
    rotl(width)(a, width - (b % width))

function ones(value: bigint): bigint {
  let count = 0n
  for (let rest = value; rest > 0n; rest >>= 1n) count += rest & 1n
  return count
}
const bitLength = (value: bigint): bigint => (value === 0n ? 0n : BigInt(value.toString(2).length))
const leadingZeros = (width: bigint, value: bigint): bigint => width - bitLength(value)
const trailingZeros = (width: bigint, value: bigint): bigint =>
  value === 0n ? width : bitLength(value & -value) - 1n

function reverse(octets: number, value: bigint): bigint {
  let out = 0n
  for (let i = 0; i < octets; i++) out = (out << 8n) | ((value >> BigInt(8 * i)) & 0xffn)
  return out
}

/** The high half of a product, in the program's register width. */
function upper(aSigned: boolean, bSigned: boolean): Step {
  return (m, i) => {
    const { width } = m.isa.features
    const read = (register: number, isSigned: boolean): bigint =>
      isSigned ? BigInt.asIntN(width, m.get(register)) : BigInt.asUintN(width, m.get(register))
    m.set(i.rD, (read(i.rA, aSigned) * read(i.rB, bSigned)) >> BigInt(width))
  }
}

function conditional(zero: boolean): Step {
  return (m, i) => {
    if ((m.get(i.rB) === 0n) === zero) m.set(i.rD, m.get(i.rA))
  }
}
function conditionalImm(zero: boolean): Step {
  return (m, i) => {
    if ((m.get(i.rB) === 0n) === zero) m.set(i.rA, imm(i.immX))
  }
}

// Memory: absolute addresses are the immediate alone; `base` gives the register's value.
type Base = (m: PvmState, i: PvmInsn) => bigint
const absolute: Base = (_, i) => imm(i.immX)
const fromA: Base = (m, i) => m.get(i.rA) + imm(i.immX)
const fromB: Base = (m, i) => m.get(i.rB) + imm(i.immX)

function load(size: number, isSigned: boolean, address: Base): Step {
  return (m, i) => {
    const value = m.load(address(m, i), size)
    if (value !== undefined) m.set(i.rA, isSigned ? BigInt.asIntN(8 * size, value) : value)
  }
}
const store =
  (size: number, address: Base): Step =>
  (m, i) => {
    m.store(address(m, i), size, m.get(i.rA))
  }
const storeImm =
  (size: number, address: Base): Step =>
  (m, i) => {
    m.store(address(m, i), size, imm(i.immY))
  }

const branch =
  (test: Compare): Step =>
  (m, i) =>
    m.branch(test(m.get(i.rA), m.get(i.rB)), i.target)
const branchImm =
  (test: Compare): Step =>
  (m, i) =>
    m.branch(test(m.get(i.rA), imm(i.immX)), i.target)
const asSigned =
  (test: Compare): Compare =>
  (a, b) =>
    test(s64(a), s64(b))
const a0 = 7
const a1 = 8
const a2 = 9

/**
 * polkavm/src/interpreter.rs, `memset`: octet by octet, each for 1 gas taken after it is written;
 * whatever stops it leaves a0 and a2 where it stopped, and it goes on from there. Counts in 32 bits.
 */
function memset(m: PvmState): void {
  const metered = m.schedule.kind === 'block' || m.schedule.cost > 0
  let count = u32(m.get(a2))
  while (count > 0n) {
    if (metered && m.gas === 0n) {
      m.outOfGas()
      break
    }
    if (!m.store(m.get(a0), 1, m.get(a1))) break
    if (metered) m.gas -= 1n
    m.set(a0, m.get(a0) + 1n)
    count -= 1n
  }
  m.set(a2, count)
}

/** polkavm/src/interpreter.rs, `sbrk`: 0 when refused. An amount over 32 bits counts as 0. */
function sbrk(m: PvmState, i: PvmInsn): void {
  const asked = m.isa.features.width === 32 ? u32(m.get(i.rA)) : m.get(i.rA)
  const amount = asked > 0xffffffffn ? 0n : asked
  const { heap } = m.plan
  const before = BigInt(m.memory.size)
  const after = before + amount
  if (heap === undefined || after > BigInt(heap.max) || !m.memory.grow(Number(after)))
    m.set(i.rD, 0n)
  else m.set(i.rD, s32(m.program.options.sbrk === 'oldTop' ? before : after))
}

const visitor: PvmVisitor<Step> = {
  trap: (m) => m.trap('panic'),
  fallthrough: () => {},
  memset,
  unlikely: () => {},
  ecalli: (m, i) => {
    m.exit = { kind: 'host', id: i.immX >>> 0, pc: m.pc }
  },
  load_imm_64: (m, i) => m.set(i.rA, (BigInt(i.imm64High) << 32n) | BigInt(i.imm64Low >>> 0)),
  store_imm_u8: storeImm(1, absolute),
  store_imm_u16: storeImm(2, absolute),
  store_imm_u32: storeImm(4, absolute),
  store_imm_u64: storeImm(8, absolute),
  jump: (m, i) => m.jump(i.target),
  jump_ind: (m, i) => m.dynamicJump(m.get(i.rA) + imm(i.immX)),
  load_imm: (m, i) => m.set(i.rA, imm(i.immX)),
  load_u8: load(1, false, absolute),
  load_i8: load(1, true, absolute),
  load_u16: load(2, false, absolute),
  load_i16: load(2, true, absolute),
  load_u32: load(4, false, absolute),
  load_i32: load(4, true, absolute),
  load_u64: load(8, false, absolute),
  store_u8: store(1, absolute),
  store_u16: store(2, absolute),
  store_u32: store(4, absolute),
  store_u64: store(8, absolute),
  store_imm_ind_u8: storeImm(1, fromA),
  store_imm_ind_u16: storeImm(2, fromA),
  store_imm_ind_u32: storeImm(4, fromA),
  store_imm_ind_u64: storeImm(8, fromA),
  load_imm_jump: (m, i) => {
    m.set(i.rA, imm(i.immX))
    m.jump(i.target)
  },
  branch_eq_imm: branchImm(eq),
  branch_ne_imm: branchImm(ne),
  branch_lt_u_imm: branchImm(lt),
  branch_le_u_imm: branchImm(le),
  branch_ge_u_imm: branchImm(ge),
  branch_gt_u_imm: branchImm(gt),
  branch_lt_s_imm: branchImm(asSigned(lt)),
  branch_le_s_imm: branchImm(asSigned(le)),
  branch_ge_s_imm: branchImm(asSigned(ge)),
  branch_gt_s_imm: branchImm(asSigned(gt)),
  move_reg: one((a) => a),
  sbrk,
  count_set_bits_64: one(ones),
  count_set_bits_32: one((a) => ones(u32(a))),
  leading_zero_bits_64: one((a) => leadingZeros(64n, a)),
  leading_zero_bits_32: one((a) => leadingZeros(32n, u32(a))),
  trailing_zero_bits_64: one((a) => trailingZeros(64n, a)),
  trailing_zero_bits_32: one((a) => trailingZeros(32n, u32(a))),
  sign_extend_8: one((a) => BigInt.asIntN(8, a)),
  sign_extend_16: one((a) => BigInt.asIntN(16, a)),
  zero_extend_16: one((a) => a & 0xffffn),
  reverse_bytes: (m, i) => m.set(i.rD, reverse(m.isa.features.width / 8, m.get(i.rA))),
  store_ind_u8: store(1, fromB),
  store_ind_u16: store(2, fromB),
  store_ind_u32: store(4, fromB),
  store_ind_u64: store(8, fromB),
  load_ind_u8: load(1, false, fromB),
  load_ind_i8: load(1, true, fromB),
  load_ind_u16: load(2, false, fromB),
  load_ind_i16: load(2, true, fromB),
  load_ind_u32: load(4, false, fromB),
  load_ind_i32: load(4, true, fromB),
  load_ind_u64: load(8, false, fromB),
  add_imm_32: withImm(in32(add)),
  and_imm: withImm(and),
  xor_imm: withImm(xor),
  or_imm: withImm(or),
  mul_imm_32: withImm(in32(mul)),
  set_lt_u_imm: withImm(less),
  set_lt_s_imm: withImm(signed(64, less)),
  shlo_l_imm_32: withImm(in32(shl(32n))),
  shlo_r_imm_32: withImm(in32(shr(32n))),
  shar_r_imm_32: withImm(in32(sar(32n))),
  neg_add_imm_32: immWith(in32(sub)),
  set_gt_u_imm: withImm(greater),
  set_gt_s_imm: withImm(signed(64, greater)),
  shlo_l_imm_alt_32: immWith(in32(shl(32n))),
  shlo_r_imm_alt_32: immWith(in32(shr(32n))),
  shar_r_imm_alt_32: immWith(in32(sar(32n))),
  cmov_iz_imm: conditionalImm(true),
  cmov_nz_imm: conditionalImm(false),
  add_imm_64: withImm(add),
  mul_imm_64: withImm(mul),
  shlo_l_imm_64: withImm(shl(64n)),
  shlo_r_imm_64: withImm(shr(64n)),
  shar_r_imm_64: withImm(sar(64n)),
  neg_add_imm_64: immWith(sub),
  shlo_l_imm_alt_64: immWith(shl(64n)),
  shlo_r_imm_alt_64: immWith(shr(64n)),
  shar_r_imm_alt_64: immWith(sar(64n)),
  rot_r_64_imm: withImm(rotr(64n)),
  rot_r_64_imm_alt: immWith(rotr(64n)),
  rot_r_32_imm: withImm(in32(rotr(32n))),
  rot_r_32_imm_alt: immWith(in32(rotr(32n))),
  branch_eq: branch(eq),
  branch_ne: branch(ne),
  branch_lt_u: branch(lt),
  branch_lt_s: branch(asSigned(lt)),
  branch_ge_u: branch(ge),
  branch_ge_s: branch(asSigned(ge)),
  load_imm_jump_ind: (m, i) => {
    // The address is taken before rA is written: they may be the same register.
    const address = m.get(i.rB) + imm(i.immY)
    m.set(i.rA, imm(i.immX))
    m.dynamicJump(address)
  },
  add_32: three(in32(add)),
  sub_32: three(in32(sub)),
  mul_32: three(in32(mul)),
  div_u_32: three(in32(divide)),
  div_s_32: three(in32(signed(32, divide))),
  rem_u_32: three(in32(remainder)),
  rem_s_32: three(in32(signed(32, remainder))),
  shlo_l_32: three(in32(shl(32n))),
  shlo_r_32: three(in32(shr(32n))),
  shar_r_32: three(in32(sar(32n))),
  add_64: three(add),
  sub_64: three(sub),
  mul_64: three(mul),
  div_u_64: three(divide),
  div_s_64: three(signed(64, divide)),
  rem_u_64: three(remainder),
  rem_s_64: three(signed(64, remainder)),
  shlo_l_64: three(shl(64n)),
  shlo_r_64: three(shr(64n)),
  shar_r_64: three(sar(64n)),
  and: three(and),
  xor: three(xor),
  or: three(or),
  mul_upper_s_s: upper(true, true),
  mul_upper_u_u: upper(false, false),
  mul_upper_s_u: upper(true, false),
  set_lt_u: three(less),
  set_lt_s: three(signed(64, less)),
  cmov_iz: conditional(true),
  cmov_nz: conditional(false),
  rot_l_64: three(rotl(64n)),
  rot_l_32: three(in32(rotl(32n))),
  rot_r_64: three(rotr(64n)),
  rot_r_32: three(in32(rotr(32n))),
  and_inv: three((a, b) => a & ~b),
  or_inv: three((a, b) => a | ~b),
  xnor: three((a, b) => ~(a ^ b)),
  max: three(signed(64, either(gt))),
  max_u: three(either(gt)),
  min: three(signed(64, either(lt))),
  min_u: three(either(lt)),
}

/** By row. */
export const steps: readonly Step[] = byRow(visitor)
