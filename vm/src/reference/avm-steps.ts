/** What each AVM instruction does to a machine: the formulas of `isa/avm/table.ts` on BigInts. */
import type { AvmInsn } from '../isa/avm/insn.ts'
import { type AvmName, avmRows, noBase } from '../isa/avm/table.ts'
import type { Trap } from '../vm/exit.ts'
import { trapName } from '../vm/exit.ts'
import type { AvmState } from './avm-state.ts'

type Step = (m: AvmState, i: AvmInsn) => void
type Binary = (a: bigint, b: bigint) => bigint

const u32 = (value: bigint): bigint => BigInt.asUintN(32, value)
const s32 = (value: bigint): bigint => BigInt.asIntN(32, value)
const s64 = (value: bigint): bigint => BigInt.asIntN(64, value)
const bit = (value: boolean): bigint => (value ? 1n : 0n)
/** The immediate, unsigned. */
const imm = (i: AvmInsn): bigint => (BigInt(i.high >>> 0) << 32n) | BigInt(i.low >>> 0)

const unary =
  (op: (b: bigint) => bigint): Step =>
  (m, i) =>
    m.set(i.a, op(m.get(i.b)))
/** a = b op c, of unsigned numbers. */
const binary =
  (op: Binary): Step =>
  (m, i) =>
    m.set(i.a, op(m.get(i.b), m.get(i.c)))
const withImmediate =
  (op: Binary): Step =>
  (m, i) =>
    m.set(i.a, op(m.get(i.b), imm(i)))
const move =
  (onZero: boolean, value: (m: AvmState, i: AvmInsn) => bigint, of: 'b' | 'c'): Step =>
  (m, i) => {
    if ((m.get(i[of]) === 0n) === onZero) m.set(i.a, value(m, i))
  }

const signed =
  (op: Binary): Binary =>
  (a, b) =>
    op(s64(a), s64(b))
/** The operation on the low halves, unsigned, sign-extended. */
const word =
  (op: Binary): Binary =>
  (a, b) =>
    s32(op(u32(a), u32(b)))
const wordSigned =
  (op: Binary): Binary =>
  (a, b) =>
    s32(op(s32(a), s32(b)))

const add: Binary = (a, b) => a + b
const sub: Binary = (a, b) => a - b
const mul: Binary = (a, b) => a * b
const divide: Binary = (a, b) => (b === 0n ? -1n : a / b)
const remainder: Binary = (a, b) => (b === 0n ? a : a % b)
const min: Binary = (a, b) => (a < b ? a : b)
const max: Binary = (a, b) => (a > b ? a : b)
const less: Binary = (a, b) => bit(a < b)
const shl =
  (width: bigint): Binary =>
  (a, b) =>
    a << (b % width)
const shru =
  (width: bigint): Binary =>
  (a, b) =>
    a >> (b % width)
const shrs =
  (width: number): Binary =>
  (a, b) =>
    BigInt.asIntN(width, a) >> (b % BigInt(width))
const rotl =
  (width: bigint): Binary =>
  (a, b) =>
    (a << (b % width)) | (a >> (width - (b % width)))
const rotr =
  (width: bigint): Binary =>
  (a, b) =>
    (a >> (b % width)) | (a << (width - (b % width)))
const scaled =
  (by: bigint, low: boolean): Binary =>
  (a, b) =>
    ((low ? u32(a) : a) << by) + b

function reversed(value: bigint, bytes: bigint): bigint {
  let out = 0n
  for (let k = 0n; k < bytes; k++) out = (out << 8n) | ((value >> (8n * k)) & 255n)
  return out
}
const bitLength = (value: bigint): bigint => (value === 0n ? 0n : BigInt(value.toString(2).length))
const trailing = (value: bigint, width: bigint): bigint =>
  value === 0n ? width : bitLength(value & -value) - 1n
const ones = (value: bigint): bigint => BigInt(value.toString(2).replaceAll('0', '').length)

const address = (m: AvmState, i: AvmInsn): bigint =>
  BigInt.asUintN(64, (i.b === noBase ? 0n : m.get(i.b)) + BigInt(i.off))
const load =
  (bytes: number, isSigned: boolean): Step =>
  (m, i) => {
    const at = address(m, i)
    if (!m.may(at, bytes, 'read')) return
    const value = m.memory.load(at, bytes)
    m.set(i.a, isSigned ? BigInt.asIntN(8 * bytes, value) : value)
  }
const store =
  (bytes: number, value: (m: AvmState, i: AvmInsn) => bigint): Step =>
  (m, i) => {
    const at = address(m, i)
    if (m.may(at, bytes, 'write')) m.memory.store(at, bytes, value(m, i))
  }
const register = (m: AvmState, i: AvmInsn): bigint => m.get(i.a)
const immediate = (_m: AvmState, i: AvmInsn): bigint => imm(i)

type Holds = (a: bigint, b: bigint) => boolean
const branch =
  (holds: Holds): Step =>
  (m, i) => {
    if (holds(m.get(i.b), m.get(i.c))) m.next = i.target
  }
const branchi =
  (holds: Holds): Step =>
  (m, i) => {
    if (holds(m.get(i.b), imm(i))) m.next = i.target
  }
const of64s =
  (holds: Holds): Holds =>
  (a, b) =>
    holds(s64(a), s64(b))
const of32 =
  (holds: Holds): Holds =>
  (a, b) =>
    holds(u32(a), u32(b))
const of32s =
  (holds: Holds): Holds =>
  (a, b) =>
    holds(s32(a), s32(b))
const eq: Holds = (a, b) => a === b
const ne: Holds = (a, b) => a !== b
const lt: Holds = (a, b) => a < b
const le: Holds = (a, b) => a <= b
const gt: Holds = (a, b) => a > b
const ge: Holds = (a, b) => a >= b
const set: Holds = (a, b) => (a & b) !== 0n
const clear: Holds = (a, b) => (a & b) === 0n

const steps: Readonly<Record<AvmName, Step>> = {
  li: (m, i) => m.set(i.a, imm(i)),
  mov: unary((b) => b),
  getslot: (m, i) => m.set(i.a, m.privateSlots[i.low]!),
  setslot: (m, i) => {
    m.privateSlots[i.low] = m.get(i.a)
  },
  sext8: unary((b) => BigInt.asIntN(8, b)),
  sext16: unary((b) => BigInt.asIntN(16, b)),
  sext32: unary(s32),
  zext16: unary((b) => b & 0xffffn),
  zext32: unary(u32),
  bswap16: unary((b) => reversed(b, 2n)),
  bswap32: unary((b) => reversed(b, 4n)),
  bswap64: unary((b) => reversed(b, 8n)),
  popcnt64: unary(ones),
  popcnt32: unary((b) => ones(u32(b))),
  clz64: unary((b) => 64n - bitLength(b)),
  clz32: unary((b) => 32n - bitLength(u32(b))),
  ctz64: unary((b) => trailing(b, 64n)),
  ctz32: unary((b) => trailing(u32(b), 32n)),

  add64: binary(add),
  sub64: binary(sub),
  mul64: binary(mul),
  and64: binary((a, b) => a & b),
  or64: binary((a, b) => a | b),
  xor64: binary((a, b) => a ^ b),
  shl64: binary(shl(64n)),
  shru64: binary(shru(64n)),
  shrs64: binary(shrs(64)),
  rotl64: binary(rotl(64n)),
  rotr64: binary(rotr(64n)),
  div1u64: binary(divide),
  div1s64: binary(signed(divide)),
  remu64: binary(remainder),
  rems64: binary(signed(remainder)),
  mulhu64: binary((a, b) => (a * b) >> 64n),
  mulhs64: binary((a, b) => (s64(a) * s64(b)) >> 64n),
  mulhsu64: binary((a, b) => (s64(a) * b) >> 64n),
  andn64: binary((a, b) => a & ~b),
  orn64: binary((a, b) => a | ~b),
  xnor64: binary((a, b) => ~(a ^ b)),
  mins64: binary(signed(min)),
  minu64: binary(min),
  maxs64: binary(signed(max)),
  maxu64: binary(max),
  ltu64: binary(less),
  lts64: binary(signed(less)),
  cmovz: move(true, (m, i) => m.get(i.b), 'c'),
  cmovnz: move(false, (m, i) => m.get(i.b), 'c'),
  sh1add: binary(scaled(1n, false)),
  sh2add: binary(scaled(2n, false)),
  sh3add: binary(scaled(3n, false)),
  adduw: binary(scaled(0n, true)),
  sh1adduw: binary(scaled(1n, true)),
  sh2adduw: binary(scaled(2n, true)),
  sh3adduw: binary(scaled(3n, true)),

  add32s: binary(word(add)),
  sub32s: binary(word(sub)),
  mul32s: binary(word(mul)),
  shl32s: binary(word(shl(32n))),
  shru32s: binary(word(shru(32n))),
  shrs32s: binary(word(shrs(32))),
  rotl32s: binary(word(rotl(32n))),
  rotr32s: binary(word(rotr(32n))),
  div1u32s: binary(word(divide)),
  div1s32s: binary(wordSigned(divide)),
  remu32s: binary(word(remainder)),
  rems32s: binary(wordSigned(remainder)),

  add64i: withImmediate(add),
  mul64i: withImmediate(mul),
  and64i: withImmediate((a, b) => a & b),
  or64i: withImmediate((a, b) => a | b),
  xor64i: withImmediate((a, b) => a ^ b),
  shl64i: withImmediate(shl(64n)),
  shru64i: withImmediate(shru(64n)),
  shrs64i: withImmediate(shrs(64)),
  rotr64i: withImmediate(rotr(64n)),
  ltu64i: withImmediate(less),
  lts64i: withImmediate(signed(less)),
  gtu64i: withImmediate((a, b) => less(b, a)),
  gts64i: withImmediate(signed((a, b) => less(b, a))),
  cmovzi: move(true, immediate, 'b'),
  cmovnzi: move(false, immediate, 'b'),
  sub64r: withImmediate((a, b) => b - a),
  add32si: withImmediate(word(add)),
  mul32si: withImmediate(word(mul)),
  shl32si: withImmediate(word(shl(32n))),
  shru32si: withImmediate(word(shru(32n))),
  shrs32si: withImmediate(word(shrs(32))),
  rotr32si: withImmediate(word(rotr(32n))),
  sub32sr: withImmediate(word((a, b) => b - a)),

  load8u: load(1, false),
  load8s: load(1, true),
  load16u: load(2, false),
  load16s: load(2, true),
  load32u: load(4, false),
  load32s: load(4, true),
  load64: load(8, false),
  store8: store(1, register),
  store16: store(2, register),
  store32: store(4, register),
  store64: store(8, register),
  store8i: store(1, immediate),
  store16i: store(2, immediate),
  store32i: store(4, immediate),
  store64i: store(8, immediate),

  beq64: branch(eq),
  bne64: branch(ne),
  bltu64: branch(lt),
  bgeu64: branch(ge),
  blts64: branch(of64s(lt)),
  bges64: branch(of64s(ge)),
  bset64: branch(set),
  beq32: branch(of32(eq)),
  bne32: branch(of32(ne)),
  bltu32: branch(of32(lt)),
  bgeu32: branch(of32(ge)),
  blts32: branch(of32s(lt)),
  bges32: branch(of32s(ge)),
  bset32: branch(of32(set)),
  beq64i: branchi(eq),
  bne64i: branchi(ne),
  bltu64i: branchi(lt),
  bleu64i: branchi(le),
  bgtu64i: branchi(gt),
  bgeu64i: branchi(ge),
  blts64i: branchi(of64s(lt)),
  bles64i: branchi(of64s(le)),
  bgts64i: branchi(of64s(gt)),
  bges64i: branchi(of64s(ge)),
  bset64i: branchi(set),
  bclr64i: branchi(clear),
  beq32i: branchi(of32(eq)),
  bne32i: branchi(of32(ne)),
  bltu32i: branchi(of32(lt)),
  bleu32i: branchi(of32(le)),
  bgtu32i: branchi(of32(gt)),
  bgeu32i: branchi(of32(ge)),
  blts32i: branchi(of32s(lt)),
  bles32i: branchi(of32s(le)),
  bgts32i: branchi(of32s(gt)),
  bges32i: branchi(of32s(ge)),

  jump: (m, i) => {
    m.next = i.target
  },
  jump64: (m, i) => m.jumpTo(m.get(i.b)),
  call: (m, i) => m.call(m.program.functions[i.target]!.pc),
  callr: (m, i) => m.callTo(m.get(i.b)),
  ret: (m) => m.return(),
  host: (m, i) => m.host(i.target),
  trap: (m, i) => m.trap(trapName(i.low as Trap)),
}

/** By row of the instruction table. */
export const avmSteps: readonly Step[] = avmRows.map(({ name }) => steps[name])
