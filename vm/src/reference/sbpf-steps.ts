/** What each instruction of sBPF does to a machine: the formulas of `isa/sbpf/table.ts` on BigInts. */

import type { SbpfInsn, SbpfVisitor } from '../isa/sbpf/decode.ts'
import { type SbpfName, sbpfRows } from '../isa/sbpf/table.ts'
import type { SbpfState } from './sbpf-state.ts'

type Step = (m: SbpfState, i: SbpfInsn) => void
type Width = 32 | 64
/** How a result fills 64 bits, and how an immediate does. */
type Extend = 'zero' | 'sign'

const u = (width: Width, value: bigint): bigint => BigInt.asUintN(width, value)
const s = (width: number, value: bigint): bigint => BigInt.asIntN(width, value)

type Binary = (a: bigint, b: bigint, w: Width) => bigint

const add: Binary = (a, b) => a + b
const sub: Binary = (a, b) => a - b
const rsub: Binary = (a, b) => b - a
const mul: Binary = (a, b) => a * b
const or: Binary = (a, b) => a | b
const and: Binary = (a, b) => a & b
const xor: Binary = (a, b) => a ^ b
const lsh: Binary = (a, b, w) => a << (b % BigInt(w))
const rsh: Binary = (a, b, w) => a >> (b % BigInt(w))
const arsh: Binary = (a, b, w) => s(w, a) >> (b % BigInt(w))
const mov: Binary = (_a, b) => b
const hor: Binary = (a, b) => a | (b << 32n)
const div: Binary = (a, b) => a / b
const mod: Binary = (a, b) => a % b
const sdiv: Binary = (a, b, w) => s(w, a) / s(w, b)
const smod: Binary = (a, b, w) => s(w, a) % s(w, b)
const uhmul: Binary = (a, b) => (a * b) >> 64n
const shmul: Binary = (a, b) => (s(64, a) * s(64, b)) >> 64n

const register = (m: SbpfState, i: SbpfInsn): bigint => m.r[i.src]!
const immediate = (_m: SbpfState, i: SbpfInsn): bigint => BigInt(i.imm)
/** SIMD-0174: immediates of unsigned 64-bit operations are unsigned. */
const unsigned = (_m: SbpfState, i: SbpfInsn): bigint => BigInt(i.imm >>> 0)
type Source = typeof register

/** dst = dst op source, both cut to the width; the result is extended from it. */
const alu =
  (w: Width, op: Binary, source: Source, extend: Extend = 'zero'): Step =>
  (m, i) => {
    const result = op(u(w, m.r[i.dst]!), u(w, source(m, i)), w)
    m.r[i.dst] = u(64, extend === 'sign' ? s(w, result) : u(w, result))
  }
/** The same where a divisor of 0 traps, and in signed division an overflow. */
const division =
  (w: Width, op: Binary, source: Source): Step =>
  (m, i) => {
    const divisor = u(w, source(m, i))
    if (divisor === 0n) return m.trap('divideByZero')
    const signed = op === sdiv || op === smod
    const smallest = 1n << BigInt(w - 1)
    if (signed && s(w, divisor) === -1n && u(w, m.r[i.dst]!) === smallest)
      return m.trap('divideOverflow')
    alu(w, op, source)(m, i)
  }

type Condition = (a: bigint, b: bigint, w: Width) => boolean
const jeq: Condition = (a, b) => a === b
const jgt: Condition = (a, b) => a > b
const jge: Condition = (a, b) => a >= b
const jset: Condition = (a, b) => (a & b) !== 0n
const jne: Condition = (a, b) => a !== b
const jsgt: Condition = (a, b, w) => s(w, a) > s(w, b)
const jsge: Condition = (a, b, w) => s(w, a) >= s(w, b)
const jlt: Condition = (a, b) => a < b
const jle: Condition = (a, b) => a <= b
const jslt: Condition = (a, b, w) => s(w, a) < s(w, b)
const jsle: Condition = (a, b, w) => s(w, a) <= s(w, b)

const branch =
  (w: Width, holds: Condition, source: Source): Step =>
  (m, i) => {
    if (holds(u(w, m.r[i.dst]!), u(w, source(m, i)), w)) m.jump(m.pc + 1 + i.off)
  }

/** dst = f(dst) */
const own =
  (f: (value: bigint) => bigint): Step =>
  (m, i) => {
    m.r[i.dst] = f(m.r[i.dst]!)
  }
/** The low octets in reverse order. */
const reverse =
  (octets: number): Step =>
  (m, i) => {
    let out = 0n
    for (let k = 0; k < octets; k++) out = (out << 8n) | ((m.r[i.dst]! >> BigInt(8 * k)) & 255n)
    m.r[i.dst] = out
  }

const load =
  (octets: number): Step =>
  (m, i) => {
    const at = u(64, m.r[i.src]! + BigInt(i.off))
    if (m.may(at, octets, 'read')) m.r[i.dst] = m.memory.load(at, octets)
  }
const store =
  (octets: number, source: Source): Step =>
  (m, i) => {
    const at = u(64, m.r[i.dst]! + BigInt(i.off))
    if (m.may(at, octets, 'write')) m.memory.store(at, octets, source(m, i))
  }

const visitor: SbpfVisitor<void, [m: SbpfState, i: SbpfInsn]> = {
  add64: alu(64, add, register),
  add64i: alu(64, add, immediate),
  sub64: alu(64, sub, register),
  sub64i: alu(64, sub, immediate),
  rsub64i: alu(64, rsub, immediate),
  mul64: alu(64, mul, register),
  mul64i: alu(64, mul, immediate),
  div64: division(64, div, register),
  div64i: division(64, div, immediate),
  or64: alu(64, or, register),
  or64i: alu(64, or, immediate),
  and64: alu(64, and, register),
  and64i: alu(64, and, immediate),
  lsh64: alu(64, lsh, register),
  lsh64i: alu(64, lsh, immediate),
  rsh64: alu(64, rsh, register),
  rsh64i: alu(64, rsh, immediate),
  neg64: own((value) => u(64, -value)),
  mod64: division(64, mod, register),
  mod64i: division(64, mod, immediate),
  xor64: alu(64, xor, register),
  xor64i: alu(64, xor, immediate),
  mov64: alu(64, mov, register),
  mov64i: alu(64, mov, immediate),
  arsh64: alu(64, arsh, register),
  arsh64i: alu(64, arsh, immediate),
  hor64i: alu(64, hor, unsigned),
  add32: alu(32, add, register, 'sign'),
  add32i: alu(32, add, immediate, 'sign'),
  add32z: alu(32, add, register),
  add32zi: alu(32, add, immediate),
  sub32: alu(32, sub, register, 'sign'),
  sub32i: alu(32, sub, immediate, 'sign'),
  sub32z: alu(32, sub, register),
  rsub32zi: alu(32, rsub, immediate),
  mul32: alu(32, mul, register, 'sign'),
  mul32i: alu(32, mul, immediate, 'sign'),
  div32: division(32, div, register),
  div32i: division(32, div, immediate),
  or32: alu(32, or, register),
  or32i: alu(32, or, immediate),
  and32: alu(32, and, register),
  and32i: alu(32, and, immediate),
  lsh32: alu(32, lsh, register),
  lsh32i: alu(32, lsh, immediate),
  rsh32: alu(32, rsh, register),
  rsh32i: alu(32, rsh, immediate),
  neg32: own((value) => u(32, -value)),
  mod32: division(32, mod, register),
  mod32i: division(32, mod, immediate),
  xor32: alu(32, xor, register),
  xor32i: alu(32, xor, immediate),
  mov32: alu(32, mov, register),
  mov32s: alu(32, mov, register, 'sign'),
  mov32i: alu(32, mov, immediate),
  arsh32: alu(32, arsh, register),
  arsh32i: alu(32, arsh, immediate),
  le16: own((value) => BigInt.asUintN(16, value)),
  le32: own((value) => BigInt.asUintN(32, value)),
  le64: own((value) => value),
  be16: reverse(2),
  be32: reverse(4),
  be64: reverse(8),
  uhmul64: alu(64, uhmul, register),
  uhmul64i: alu(64, uhmul, unsigned),
  udiv32: division(32, div, register),
  udiv32i: division(32, div, immediate),
  udiv64: division(64, div, register),
  udiv64i: division(64, div, unsigned),
  urem32: division(32, mod, register),
  urem32i: division(32, mod, immediate),
  urem64: division(64, mod, register),
  urem64i: division(64, mod, unsigned),
  lmul32: alu(32, mul, register),
  lmul32i: alu(32, mul, immediate),
  lmul64: alu(64, mul, register),
  lmul64i: alu(64, mul, immediate),
  shmul64: alu(64, shmul, register),
  shmul64i: alu(64, shmul, immediate),
  sdiv32: division(32, sdiv, register),
  sdiv32i: division(32, sdiv, immediate),
  sdiv64: division(64, sdiv, register),
  sdiv64i: division(64, sdiv, immediate),
  srem32: division(32, smod, register),
  srem32i: division(32, smod, immediate),
  srem64: division(64, smod, register),
  srem64i: division(64, smod, immediate),
  ja: (m, i) => m.jump(m.pc + 1 + i.off),
  jeq: branch(64, jeq, register),
  jeqi: branch(64, jeq, immediate),
  jgt: branch(64, jgt, register),
  jgti: branch(64, jgt, immediate),
  jge: branch(64, jge, register),
  jgei: branch(64, jge, immediate),
  jset: branch(64, jset, register),
  jseti: branch(64, jset, immediate),
  jne: branch(64, jne, register),
  jnei: branch(64, jne, immediate),
  jsgt: branch(64, jsgt, register),
  jsgti: branch(64, jsgt, immediate),
  jsge: branch(64, jsge, register),
  jsgei: branch(64, jsge, immediate),
  jlt: branch(64, jlt, register),
  jlti: branch(64, jlt, immediate),
  jle: branch(64, jle, register),
  jlei: branch(64, jle, immediate),
  jslt: branch(64, jslt, register),
  jslti: branch(64, jslt, immediate),
  jsle: branch(64, jsle, register),
  jslei: branch(64, jsle, immediate),
  jeq32: branch(32, jeq, register),
  jeq32i: branch(32, jeq, immediate),
  jgt32: branch(32, jgt, register),
  jgt32i: branch(32, jgt, immediate),
  jge32: branch(32, jge, register),
  jge32i: branch(32, jge, immediate),
  jset32: branch(32, jset, register),
  jset32i: branch(32, jset, immediate),
  jne32: branch(32, jne, register),
  jne32i: branch(32, jne, immediate),
  jsgt32: branch(32, jsgt, register),
  jsgt32i: branch(32, jsgt, immediate),
  jsge32: branch(32, jsge, register),
  jsge32i: branch(32, jsge, immediate),
  jlt32: branch(32, jlt, register),
  jlt32i: branch(32, jlt, immediate),
  jle32: branch(32, jle, register),
  jle32i: branch(32, jle, immediate),
  jslt32: branch(32, jslt, register),
  jslt32i: branch(32, jslt, immediate),
  jsle32: branch(32, jsle, register),
  jsle32i: branch(32, jsle, immediate),
  call: (m, i) => m.callHash(i.imm >>> 0),
  syscall: (m, i) => m.syscall(i.imm >>> 0),
  call_local: (m, i) => m.callRelative(m.pc + 1 + i.imm),
  callx_imm: (m, i) => m.callTo(m.r[i.imm]!),
  callx_src: (m, i) => m.callTo(m.r[i.src]!),
  callx: (m, i) => m.callTo(m.r[i.dst]!),
  exit: (m) => m.return(),
  lddw: (m, i) => {
    m.r[i.dst] = (BigInt(i.immHigh >>> 0) << 32n) | BigInt(i.imm >>> 0)
  },
  ldxb: load(1),
  ldxh: load(2),
  ldxw: load(4),
  ldxdw: load(8),
  stb: store(1, immediate),
  sth: store(2, immediate),
  stw: store(4, immediate),
  stdw: store(8, immediate),
  stxb: store(1, register),
  stxh: store(2, register),
  stxw: store(4, register),
  stxdw: store(8, register),
}

/** The steps in the order of `sbpfRows`. */
export const sbpfSteps: readonly Step[] = sbpfRows.map((row) => visitor[row.name as SbpfName])
