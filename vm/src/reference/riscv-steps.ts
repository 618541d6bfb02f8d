/** What each RISC-V instruction does (The RISC-V Instruction Set Manual, Volume I). */
import type { RiscvInsn } from '../isa/riscv/decode.ts'
import { type RiscvName, riscvRows } from '../isa/riscv/table.ts'
import type { RiscvState } from './riscv-state.ts'

type Step = (m: RiscvState, i: RiscvInsn) => void
type Binary = (a: bigint, b: bigint) => bigint

const s32 = (value: bigint): bigint => BigInt.asIntN(32, value)
const u32 = (value: bigint): bigint => BigInt.asUintN(32, value)
const bit = (value: boolean): bigint => (value ? 1n : 0n)
const big = BigInt

/** rd = rs1 op rs2, both signed. */
const signed =
  (op: Binary): Step =>
  (m, i) =>
    m.put(i.rd, op(m.s(i.rs1), m.s(i.rs2)))
/** rd = rs1 op rs2, both unsigned. */
const unsigned =
  (op: Binary): Step =>
  (m, i) =>
    m.put(i.rd, op(m.u(i.rs1), m.u(i.rs2)))
/** rd = rs1 op imm, both signed. */
const immediate =
  (op: Binary): Step =>
  (m, i) =>
    m.put(i.rd, op(m.s(i.rs1), big(i.imm)))
/** rd = s32 of an operation on the low halves, read as unsigned. */
const word =
  (op: Binary): Step =>
  (m, i) =>
    m.put(i.rd, s32(op(u32(m.x(i.rs1)), u32(m.x(i.rs2)))))
const wordImmediate =
  (op: Binary): Step =>
  (m, i) =>
    m.put(i.rd, s32(op(u32(m.x(i.rs1)), big(i.imm))))
/** rd = rs1 shifted by rs2 mod XLEN, by imm. */
const shift =
  (op: (m: RiscvState, value: bigint, by: bigint) => bigint): Step =>
  (m, i) =>
    m.put(i.rd, op(m, m.u(i.rs1), m.u(i.rs2) % big(m.xlen)))
const shiftImmediate =
  (op: (m: RiscvState, value: bigint, by: bigint) => bigint): Step =>
  (m, i) =>
    m.put(i.rd, op(m, m.u(i.rs1), big(i.imm)))
/** rd = op rs1, unsigned. */
const unary =
  (op: (value: bigint, xlen: bigint) => bigint): Step =>
  (m, i) =>
    m.put(i.rd, op(m.u(i.rs1), big(m.xlen)))
const unaryWord =
  (op: (value: bigint, xlen: bigint) => bigint): Step =>
  (m, i) =>
    m.put(i.rd, op(u32(m.x(i.rs1)), 32n))

const load =
  (size: number, isSigned: boolean): Step =>
  (m, i) => {
    const value = m.load(m.x(i.rs1) + big(i.imm), size)
    if (value !== undefined) m.put(i.rd, isSigned ? BigInt.asIntN(8 * size, value) : value)
  }
const store =
  (size: number): Step =>
  (m, i) => {
    m.store(m.x(i.rs1) + big(i.imm), size, m.x(i.rs2))
  }
const branch =
  (taken: (m: RiscvState, i: RiscvInsn) => boolean): Step =>
  (m, i) => {
    if (taken(m, i)) m.goto(m.pc + i.imm)
  }
const link = (m: RiscvState, i: RiscvInsn): bigint => big(m.program.codeBase + m.pc + i.length)

const sra =
  (xlen: number): Binary =>
  (a, b) =>
    BigInt.asIntN(xlen, a) >> b
const rotl = (xlen: bigint, a: bigint, b: bigint): bigint => (a << b) | (a >> (xlen - b))

const divide: Binary = (a, b) => (b === 0n ? -1n : a / b)
const remainder: Binary = (a, b) => (b === 0n ? a : a % b)
const min: Binary = (a, b) => (a < b ? a : b)
const max: Binary = (a, b) => (a > b ? a : b)

function bitLength(value: bigint): bigint {
  return value === 0n ? 0n : big(value.toString(2).length)
}
const leadingZeros = (value: bigint, xlen: bigint): bigint => xlen - bitLength(value)
const trailingZeros = (value: bigint, xlen: bigint): bigint =>
  value === 0n ? xlen : bitLength(value & -value) - 1n
const ones = (value: bigint): bigint =>
  big([...value.toString(2)].filter((digit) => digit === '1').length)

function octetwise(
  value: bigint,
  xlen: bigint,
  place: (octet: bigint, at: bigint) => bigint,
): bigint {
  let out = 0n
  for (let at = 0n; at < xlen; at += 8n) out |= place((value >> at) & 0xffn, at)
  return out
}
const reversed = (value: bigint, xlen: bigint): bigint =>
  octetwise(value, xlen, (octet, at) => octet << (xlen - 8n - at))
const spread = (value: bigint, xlen: bigint): bigint =>
  octetwise(value, xlen, (octet, at) => (octet === 0n ? 0n : 0xffn << at))

function high(aSigned: boolean, bSigned: boolean): Step {
  return (m, i) => {
    const a = aSigned ? m.s(i.rs1) : m.u(i.rs1)
    const b = bSigned ? m.s(i.rs2) : m.u(i.rs2)
    m.put(i.rd, (a * b) >> big(m.xlen))
  }
}

/** Does an atomic access of `size` octets go on; else the run has ended. */
function aligned(m: RiscvState, i: RiscvInsn, size: number): boolean {
  if (m.x(i.rs1) % big(size) === 0n) return true
  m.trap('misaligned')
  return false
}

const reservation = (m: RiscvState, i: RiscvInsn): bigint =>
  BigInt.asUintN(64, s32(m.x(i.rs1) + 1n))

function loadReserved(size: number): Step {
  return (m, i) => {
    if (!aligned(m, i, size)) return
    const value = m.load(m.x(i.rs1), size)
    if (value === undefined) return
    m.values[0] = reservation(m, i)
    m.put(i.rd, BigInt.asIntN(8 * size, value))
  }
}

function storeConditional(size: number): Step {
  return (m, i) => {
    if (!aligned(m, i, size)) return
    const old = m.load(m.x(i.rs1), size)
    if (old === undefined) return
    const holds = m.values[0] === reservation(m, i)
    if (!m.store(m.x(i.rs1), size, holds ? m.x(i.rs2) : old)) return
    m.values[0] = 0n
    m.put(i.rd, bit(!holds))
  }
}

/** `op` on signed values of the access's size, or on unsigned ones. */
function atomic(size: number, op: Binary, isSigned = true): Step {
  const view = isSigned ? BigInt.asIntN : BigInt.asUintN
  return (m, i) => {
    if (!aligned(m, i, size)) return
    const old = m.load(m.x(i.rs1), size)
    if (old === undefined) return
    const value = op(view(8 * size, old), view(8 * size, m.x(i.rs2)))
    if (m.store(m.x(i.rs1), size, BigInt.asUintN(8 * size, value)))
      m.put(i.rd, BigInt.asIntN(8 * size, old))
  }
}

const nothing: Step = () => undefined
/** `1 << rs2` or `1 << imm`. */
const oneBit = (m: RiscvState, i: RiscvInsn): bigint => 1n << (m.u(i.rs2) % big(m.xlen))
const oneBitOf = (i: RiscvInsn): bigint => 1n << big(i.imm)
const scaled =
  (by: bigint, low: boolean): Step =>
  (m, i) =>
    m.put(i.rd, m.x(i.rs2) + ((low ? u32(m.x(i.rs1)) : m.x(i.rs1)) << by))

const steps: { readonly [N in RiscvName]: Step } = {
  lui: (m, i) => m.put(i.rd, big(i.imm)),
  auipc: (m, i) => m.put(i.rd, big(m.program.codeBase + m.pc + i.imm)),
  jal: (m, i) => {
    m.put(i.rd, link(m, i))
    m.goto(m.pc + i.imm)
  },
  jalr: (m, i) => {
    const to = m.x(i.rs1) + big(i.imm)
    m.put(i.rd, link(m, i))
    m.gotoAddress(to)
  },
  beq: branch((m, i) => m.x(i.rs1) === m.x(i.rs2)),
  bne: branch((m, i) => m.x(i.rs1) !== m.x(i.rs2)),
  blt: branch((m, i) => m.s(i.rs1) < m.s(i.rs2)),
  bge: branch((m, i) => m.s(i.rs1) >= m.s(i.rs2)),
  bltu: branch((m, i) => m.u(i.rs1) < m.u(i.rs2)),
  bgeu: branch((m, i) => m.u(i.rs1) >= m.u(i.rs2)),
  lb: load(1, true),
  lh: load(2, true),
  lw: load(4, true),
  ld: load(8, true),
  lbu: load(1, false),
  lhu: load(2, false),
  lwu: load(4, false),
  sb: store(1),
  sh: store(2),
  sw: store(4),
  sd: store(8),
  addi: immediate((a, b) => a + b),
  slti: immediate((a, b) => bit(a < b)),
  sltiu: (m, i) => m.put(i.rd, bit(m.u(i.rs1) < BigInt.asUintN(m.xlen, big(i.imm)))),
  xori: immediate((a, b) => a ^ b),
  ori: immediate((a, b) => a | b),
  andi: immediate((a, b) => a & b),
  slli: shiftImmediate((_m, a, b) => a << b),
  srli: shiftImmediate((_m, a, b) => a >> b),
  srai: shiftImmediate((m, a, b) => sra(m.xlen)(a, b)),
  add: signed((a, b) => a + b),
  sub: signed((a, b) => a - b),
  sll: shift((_m, a, b) => a << b),
  slt: signed((a, b) => bit(a < b)),
  sltu: unsigned((a, b) => bit(a < b)),
  xor: signed((a, b) => a ^ b),
  srl: shift((_m, a, b) => a >> b),
  sra: shift((m, a, b) => sra(m.xlen)(a, b)),
  or: signed((a, b) => a | b),
  and: signed((a, b) => a & b),
  fence: nothing,
  'fence.i': nothing,
  ecall: (m) => {
    m.exit = { kind: 'host', id: 0, pc: m.pc }
  },
  ebreak: (m) => m.trap('panic'),
  addiw: wordImmediate((a, b) => a + b),
  slliw: wordImmediate((a, b) => a << b),
  srliw: wordImmediate((a, b) => a >> b),
  sraiw: wordImmediate(sra(32)),
  addw: word((a, b) => a + b),
  subw: word((a, b) => a - b),
  sllw: word((a, b) => a << (b & 31n)),
  srlw: word((a, b) => a >> (b & 31n)),
  sraw: word((a, b) => s32(a) >> (b & 31n)),

  mul: signed((a, b) => a * b),
  mulh: high(true, true),
  mulhsu: high(true, false),
  mulhu: high(false, false),
  div: signed(divide),
  divu: unsigned(divide),
  rem: signed(remainder),
  remu: unsigned(remainder),
  mulw: word((a, b) => a * b),
  divw: word((a, b) => divide(s32(a), s32(b))),
  divuw: word(divide),
  remw: word((a, b) => remainder(s32(a), s32(b))),
  remuw: word(remainder),

  'lr.w': loadReserved(4),
  'sc.w': storeConditional(4),
  'amoswap.w': atomic(4, (_a, b) => b),
  'amoadd.w': atomic(4, (a, b) => a + b),
  'amoxor.w': atomic(4, (a, b) => a ^ b),
  'amoand.w': atomic(4, (a, b) => a & b),
  'amoor.w': atomic(4, (a, b) => a | b),
  'amomin.w': atomic(4, min),
  'amomax.w': atomic(4, max),
  'amominu.w': atomic(4, min, false),
  'amomaxu.w': atomic(4, max, false),
  'lr.d': loadReserved(8),
  'sc.d': storeConditional(8),
  'amoswap.d': atomic(8, (_a, b) => b),
  'amoadd.d': atomic(8, (a, b) => a + b),
  'amoxor.d': atomic(8, (a, b) => a ^ b),
  'amoand.d': atomic(8, (a, b) => a & b),
  'amoor.d': atomic(8, (a, b) => a | b),
  'amomin.d': atomic(8, min),
  'amomax.d': atomic(8, max),
  'amominu.d': atomic(8, min, false),
  'amomaxu.d': atomic(8, max, false),

  sh1add: scaled(1n, false),
  sh2add: scaled(2n, false),
  sh3add: scaled(3n, false),
  'add.uw': scaled(0n, true),
  'sh1add.uw': scaled(1n, true),
  'sh2add.uw': scaled(2n, true),
  'sh3add.uw': scaled(3n, true),
  'slli.uw': (m, i) => m.put(i.rd, u32(m.x(i.rs1)) << big(i.imm)),

  andn: signed((a, b) => a & ~b),
  orn: signed((a, b) => a | ~b),
  xnor: signed((a, b) => ~(a ^ b)),
  clz: unary(leadingZeros),
  ctz: unary(trailingZeros),
  cpop: unary(ones),
  clzw: unaryWord(leadingZeros),
  ctzw: unaryWord(trailingZeros),
  cpopw: unaryWord(ones),
  max: signed(max),
  maxu: unsigned(max),
  min: signed(min),
  minu: unsigned(min),
  'sext.b': unary((a) => BigInt.asIntN(8, a)),
  'sext.h': unary((a) => BigInt.asIntN(16, a)),
  'zext.h': unary((a) => BigInt.asUintN(16, a)),
  rol: shift((m, a, b) => rotl(big(m.xlen), a, b)),
  ror: shift((m, a, b) => rotl(big(m.xlen), a, big(m.xlen) - b)),
  rori: shiftImmediate((m, a, b) => rotl(big(m.xlen), a, big(m.xlen) - b)),
  rolw: word((a, b) => rotl(32n, a, b & 31n)),
  rorw: word((a, b) => rotl(32n, a, 32n - (b & 31n))),
  roriw: wordImmediate((a, b) => rotl(32n, a, 32n - b)),
  'orc.b': unary(spread),
  rev8: unary(reversed),

  bclr: (m, i) => m.put(i.rd, m.x(i.rs1) & ~oneBit(m, i)),
  bclri: (m, i) => m.put(i.rd, m.x(i.rs1) & ~oneBitOf(i)),
  bext: (m, i) => m.put(i.rd, bit((m.u(i.rs1) & oneBit(m, i)) !== 0n)),
  bexti: (m, i) => m.put(i.rd, bit((m.u(i.rs1) & oneBitOf(i)) !== 0n)),
  binv: (m, i) => m.put(i.rd, m.x(i.rs1) ^ oneBit(m, i)),
  binvi: (m, i) => m.put(i.rd, m.x(i.rs1) ^ oneBitOf(i)),
  bset: (m, i) => m.put(i.rd, m.x(i.rs1) | oneBit(m, i)),
  bseti: (m, i) => m.put(i.rd, m.x(i.rs1) | oneBitOf(i)),

  'czero.eqz': (m, i) => m.put(i.rd, m.x(i.rs2) === 0n ? 0n : m.x(i.rs1)),
  'czero.nez': (m, i) => m.put(i.rd, m.x(i.rs2) === 0n ? m.x(i.rs1) : 0n),
}

/** By row of the instruction table. */
export const riscvSteps: readonly Step[] = riscvRows.map((row) => steps[row.name as RiscvName])
