/** What each eBPF instruction does to a machine: the formulas of `isa/bpf/table.ts` on BigInts. */

import type { BpfInsn, BpfVisitor } from '../isa/bpf/decode.ts'
import { bpfConstant } from '../isa/bpf/disasm.ts'
import { type BpfName, bpfRows } from '../isa/bpf/table.ts'
import type { BpfState } from './bpf-state.ts'

type Step = (m: BpfState, i: BpfInsn) => void
type Width = 32 | 64
type Suffix = '' | 'i'

const u = (width: Width, value: bigint): bigint => BigInt.asUintN(width, value)
const s = (width: number, value: bigint): bigint => BigInt.asIntN(width, value)

/** RFC 9669, 4.1: the result of two unsigned operands; cut to the width afterwards. */
const arithmetic = {
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  mul: (a: bigint, b: bigint) => a * b,
  div: (a: bigint, b: bigint) => (b === 0n ? 0n : a / b),
  sdiv: (a: bigint, b: bigint, w: Width) => (b === 0n ? 0n : s(w, a) / s(w, b)),
  or: (a: bigint, b: bigint) => a | b,
  and: (a: bigint, b: bigint) => a & b,
  lsh: (a: bigint, b: bigint, w: Width) => a << (b % BigInt(w)),
  rsh: (a: bigint, b: bigint, w: Width) => a >> (b % BigInt(w)),
  mod: (a: bigint, b: bigint) => (b === 0n ? a : a % b),
  smod: (a: bigint, b: bigint, w: Width) => (b === 0n ? a : s(w, a) % s(w, b)),
  xor: (a: bigint, b: bigint) => a ^ b,
  mov: (_a: bigint, b: bigint) => b,
  arsh: (a: bigint, b: bigint, w: Width) => s(w, a) >> (b % BigInt(w)),
}
type Arithmetic = keyof typeof arithmetic

/** RFC 9669, 4.3: the condition on two unsigned operands. */
const conditions = {
  jeq: (a: bigint, b: bigint) => a === b,
  jgt: (a: bigint, b: bigint) => a > b,
  jge: (a: bigint, b: bigint) => a >= b,
  jset: (a: bigint, b: bigint) => (a & b) !== 0n,
  jne: (a: bigint, b: bigint) => a !== b,
  jsgt: (a: bigint, b: bigint, w: Width) => s(w, a) > s(w, b),
  jsge: (a: bigint, b: bigint, w: Width) => s(w, a) >= s(w, b),
  jlt: (a: bigint, b: bigint) => a < b,
  jle: (a: bigint, b: bigint) => a <= b,
  jslt: (a: bigint, b: bigint, w: Width) => s(w, a) < s(w, b),
  jsle: (a: bigint, b: bigint, w: Width) => s(w, a) <= s(w, b),
}
type Condition = keyof typeof conditions

/** The second operand: src, or imm sign-extended. */
function operand(m: BpfState, i: BpfInsn, immediate: boolean, w: Width): bigint {
  return u(w, immediate ? BigInt(i.imm) : m.r[i.src]!)
}

/** `make(value, width, immediate)` for every entry, named as the table names its four rows. */
function fourOf<T, Name extends string>(
  entries: Readonly<Record<string, T>>,
  nameOf: (name: string, w: Width) => string,
  make: (entry: T, w: Width, immediate: boolean) => Step,
): Record<Name, Step> {
  const steps: Record<string, Step> = {}
  for (const [name, entry] of Object.entries(entries)) {
    for (const w of [32, 64] as const) {
      steps[nameOf(name, w)] = make(entry, w, false)
      steps[`${nameOf(name, w)}i`] = make(entry, w, true)
    }
  }
  return steps as Record<Name, Step>
}

const arithmeticSteps = fourOf<(typeof arithmetic)[Arithmetic], `${Arithmetic}${Width}${Suffix}`>(
  arithmetic,
  (name, w) => `${name}${w}`,
  (op, w, immediate) => (m, i) => {
    m.r[i.dst] = u(w, op(u(w, m.r[i.dst]!), operand(m, i, immediate, w), w))
  },
)

const branchSteps = fourOf<(typeof conditions)[Condition], `${Condition}${'' | 32}${Suffix}`>(
  conditions,
  (name, w) => (w === 64 ? name : `${name}32`),
  (holds, w, immediate) => (m, i) => {
    if (holds(u(w, m.r[i.dst]!), operand(m, i, immediate, w), w)) m.jump(m.pc + 1 + i.off)
  },
)

/** dst = f(dst) */
const own =
  (f: (value: bigint) => bigint): Step =>
  (m, i) => {
    m.r[i.dst] = f(m.r[i.dst]!)
  }
/** dst = the low bits of src sign-extended to the width */
const signExtend =
  (from: number, w: Width): Step =>
  (m, i) => {
    m.r[i.dst] = u(w, s(from, m.r[i.src]!))
  }
/** The low octets in reverse order. */
const reverse =
  (octets: number): Step =>
  (m, i) => {
    let out = 0n
    for (let k = 0; k < octets; k++) out = (out << 8n) | ((m.r[i.dst]! >> BigInt(8 * k)) & 255n)
    m.r[i.dst] = out
  }

const address = (m: BpfState, register: number, off: number): bigint =>
  BigInt.asUintN(64, m.r[register]! + BigInt(off))

const load =
  (octets: number, signed = false): Step =>
  (m, i) => {
    const at = address(m, i.src, i.off)
    if (!m.may(at, octets, 'read')) return
    const value = m.memory.load(at, octets)
    m.r[i.dst] = signed ? u(64, s(8 * octets, value)) : value
  }
const store =
  (octets: number, value: (m: BpfState, i: BpfInsn) => bigint): Step =>
  (m, i) => {
    const at = address(m, i.dst, i.off)
    if (m.may(at, octets, 'write')) m.memory.store(at, octets, value(m, i))
  }
const src = (m: BpfState, i: BpfInsn): bigint => m.r[i.src]!
const imm = (_m: BpfState, i: BpfInsn): bigint => BigInt(i.imm)

/** [dst + off] = update(old); then `after(old)`. */
const atomic =
  (
    w: Width,
    update: (old: bigint, m: BpfState, i: BpfInsn) => bigint,
    after: (old: bigint, m: BpfState, i: BpfInsn) => void,
  ): Step =>
  (m, i) => {
    const at = address(m, i.dst, i.off)
    if (!m.may(at, w / 8, 'read') || !m.may(at, w / 8, 'write')) return
    const old = m.memory.load(at, w / 8)
    m.memory.store(at, w / 8, update(old, m, i))
    after(old, m, i)
  }
const keep = (): void => {}
const fetch = (old: bigint, m: BpfState, i: BpfInsn): void => {
  m.r[i.src] = old
}
const add = (old: bigint, m: BpfState, i: BpfInsn): bigint => old + m.r[i.src]!
const or = (old: bigint, m: BpfState, i: BpfInsn): bigint => old | m.r[i.src]!
const and = (old: bigint, m: BpfState, i: BpfInsn): bigint => old & m.r[i.src]!
const xor = (old: bigint, m: BpfState, i: BpfInsn): bigint => old ^ m.r[i.src]!
const exchange = (_old: bigint, m: BpfState, i: BpfInsn): bigint => m.r[i.src]!
const compareExchange = (w: Width): Step =>
  atomic(
    w,
    (old, m, i) => (old === u(w, m.r[0]!) ? m.r[i.src]! : old),
    (old, m) => {
      m.r[0] = old
    },
  )

/** r0 = big-endian octets of the input; outside of it, or of memory, the program halts with r0 = 0. */
const packet =
  (octets: number, base: (m: BpfState, i: BpfInsn) => bigint): Step =>
  (m, i) => {
    const { address: start, length } = m.program.input ?? { address: 0, length: 0 }
    const at = BigInt.asUintN(32, base(m, i) + BigInt(i.imm))
    m.r[0] = 0n
    const from = BigInt(start) + at
    const inside = at + BigInt(octets) <= BigInt(length)
    if (!inside || m.memory.denied(from, octets, 'read') !== undefined) return m.halt()
    for (let k = 0; k < octets; k++) m.r[0] = (m.r[0]! << 8n) | m.memory.load(from + BigInt(k), 1)
  }
const absolute = (): bigint => 0n

const visitor: BpfVisitor<void, [m: BpfState, i: BpfInsn]> = {
  ...arithmeticSteps,
  ...branchSteps,
  neg64: own((value) => u(64, -value)),
  neg32: own((value) => u(32, -value)),
  movsx8_64: signExtend(8, 64),
  movsx16_64: signExtend(16, 64),
  movsx32_64: signExtend(32, 64),
  movsx8_32: signExtend(8, 32),
  movsx16_32: signExtend(16, 32),
  le16: own((value) => BigInt.asUintN(16, value)),
  le32: own((value) => BigInt.asUintN(32, value)),
  le64: own((value) => value),
  be16: reverse(2),
  be32: reverse(4),
  be64: reverse(8),
  bswap16: reverse(2),
  bswap32: reverse(4),
  bswap64: reverse(8),
  ja: (m, i) => m.jump(m.pc + 1 + i.off),
  gotol: (m, i) => m.jump(m.pc + 1 + i.imm),
  may_goto: () => {},
  gotox: (m, i) => m.jumpTo(m.r[i.dst]!),
  call: (m, i) => m.host(i.imm >>> 0),
  call_local: (m, i) => m.call(m.pc + 1 + i.imm),
  callx: (m, i) => m.callTo(m.r[i.dst]!),
  callx_imm: (m, i) => m.callTo(m.r[i.imm]!),
  exit: (m) => m.return(),
  lddw: (m, i) => {
    m.r[i.dst] = bpfConstant(i)
  },
  ldxb: load(1),
  ldxh: load(2),
  ldxw: load(4),
  ldxdw: load(8),
  ldxsb: load(1, true),
  ldxsh: load(2, true),
  ldxsw: load(4, true),
  stb: store(1, imm),
  sth: store(2, imm),
  stw: store(4, imm),
  stdw: store(8, imm),
  stxb: store(1, src),
  stxh: store(2, src),
  stxw: store(4, src),
  stxdw: store(8, src),
  lock_add64: atomic(64, add, keep),
  lock_or64: atomic(64, or, keep),
  lock_and64: atomic(64, and, keep),
  lock_xor64: atomic(64, xor, keep),
  lock_fetch_add64: atomic(64, add, fetch),
  lock_fetch_or64: atomic(64, or, fetch),
  lock_fetch_and64: atomic(64, and, fetch),
  lock_fetch_xor64: atomic(64, xor, fetch),
  xchg64: atomic(64, exchange, fetch),
  cmpxchg64: compareExchange(64),
  lock_add32: atomic(32, add, keep),
  lock_or32: atomic(32, or, keep),
  lock_and32: atomic(32, and, keep),
  lock_xor32: atomic(32, xor, keep),
  lock_fetch_add32: atomic(32, add, fetch),
  lock_fetch_or32: atomic(32, or, fetch),
  lock_fetch_and32: atomic(32, and, fetch),
  lock_fetch_xor32: atomic(32, xor, fetch),
  xchg32: atomic(32, exchange, fetch),
  cmpxchg32: compareExchange(32),
  load_acquire8: load(1),
  load_acquire16: load(2),
  load_acquire32: load(4),
  load_acquire64: load(8),
  store_release8: store(1, src),
  store_release16: store(2, src),
  store_release32: store(4, src),
  store_release64: store(8, src),
  ldabsb: packet(1, absolute),
  ldabsh: packet(2, absolute),
  ldabsw: packet(4, absolute),
  ldindb: packet(1, src),
  ldindh: packet(2, src),
  ldindw: packet(4, src),
}

/** The steps in the order of `bpfRows`. */
export const bpfSteps: readonly Step[] = bpfRows.map((row) => visitor[row.name as BpfName])
