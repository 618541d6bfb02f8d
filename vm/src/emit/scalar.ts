import { assert } from '../bits/errors.ts'
import { BlockType, Op, ValType } from '../isa/wasm/table.ts'
import type { FuncBuilder } from './func.ts'

/** A value that can be pushed any number of times, whole or its low half. */
export interface Operand {
  /** Pushes an i64. */
  whole(): void
  /** Pushes an i32. */
  low(): void
}

type Emit = (f: FuncBuilder, x: Operand, y: Operand) => void

const whole =
  (code: number): Emit =>
  (f, x, y) => {
    x.whole()
    y.whole()
    f.op(code)
  }
const half =
  (code: number, extend: number): Emit =>
  (f, x, y) => {
    x.low()
    y.low()
    f.op(code)
    f.op(extend)
  }
const unary =
  (...codes: readonly number[]): Emit =>
  (f, x) => {
    x.whole()
    for (const code of codes) f.op(code)
  }
const unaryLow =
  (...codes: readonly number[]): Emit =>
  (f, x) => {
    x.low()
    for (const code of codes) f.op(code)
  }
const compare =
  (code: number): Emit =>
  (f, x, y) => {
    x.whole()
    y.whole()
    f.op(code)
    f.op(Op.i64ExtendI32U)
  }
/** The left operand where `code` holds, else the right one. */
const pick =
  (code: number): Emit =>
  (f, x, y) => {
    x.whole()
    y.whole()
    x.whole()
    y.whole()
    f.op(code)
    f.select()
  }

/** y = 0 ? zero : rest */
function guard(
  f: FuncBuilder,
  y: Operand,
  width: 64 | 32,
  zero: () => void,
  rest: () => void,
): void {
  if (width === 64) {
    y.whole()
    f.op(Op.i64Eqz)
  } else {
    y.low()
    f.op(Op.i32Eqz)
  }
  f.ifUnlikely(BlockType.i64)
  zero()
  f.else()
  rest()
  f.end()
}

/** x / y signed, y != 0; x / -1 = 0 - x, which wraps where Wasm would trap. */
const divideSigned64: Emit = (f, x, y) => {
  y.whole()
  f.i64ConstS(-1)
  f.op(Op.i64Eq)
  f.ifUnlikely(BlockType.i64)
  f.i64ConstS(0)
  x.whole()
  f.op(Op.i64Sub)
  f.else()
  x.whole()
  y.whole()
  f.op(Op.i64DivS)
  f.end()
}
/** In 64 bits the quotient of two 32-bit numbers cannot overflow. */
const divideSigned32 =
  (extend: Emit): Emit =>
  (f, x, y) => {
    const quotient: Operand = {
      whole() {
        x.low()
        f.op(Op.i64ExtendI32S)
        y.low()
        f.op(Op.i64ExtendI32S)
        f.op(Op.i64DivS)
      },
      low() {
        this.whole()
        f.op(Op.i32WrapI64)
      },
    }
    extend(f, quotient, quotient)
  }
const zext = unaryLow(Op.i64ExtendI32U)
const sext = unaryLow(Op.i64ExtendI32S)

const dividing =
  (width: 64 | 32, byZero: number, divide: Emit): Emit =>
  (f, x, y) =>
    guard(
      f,
      y,
      width,
      () => f.i64ConstS(byZero),
      () => divide(f, x, y),
    )
const remainder =
  (width: 64 | 32, keep: Emit, rest: Emit): Emit =>
  (f, x, y) =>
    guard(
      f,
      y,
      width,
      () => keep(f, x, y),
      () => rest(f, x, y),
    )

/** High half of the 128-bit product by four 32-bit multiplications, then signs corrected. */
const highProduct =
  (signedX: boolean, signedY: boolean): Emit =>
  (f, x, y) => {
    const [a, b, mid, low] = [
      f.temp(ValType.i64),
      f.temp(ValType.i64),
      f.temp(ValType.i64),
      f.temp(ValType.i64),
    ]
    const lo = (local: number): void => {
      f.localGet(local)
      f.i64Const(-1, 0)
      f.op(Op.i64And)
    }
    const hi = (local: number): void => {
      f.localGet(local)
      f.i64ConstS(32)
      f.op(Op.i64ShrU)
    }
    x.whole()
    f.localSet(a)
    y.whole()
    f.localSet(b)
    // mid = hi(a) * lo(b) + (lo(a) * lo(b) >> 32); low = lo(a) * hi(b) + lo(mid)
    hi(a)
    lo(b)
    f.op(Op.i64Mul)
    lo(a)
    lo(b)
    f.op(Op.i64Mul)
    f.i64ConstS(32)
    f.op(Op.i64ShrU)
    f.op(Op.i64Add)
    f.localSet(mid)
    lo(a)
    hi(b)
    f.op(Op.i64Mul)
    lo(mid)
    f.op(Op.i64Add)
    f.localSet(low)
    hi(a)
    hi(b)
    f.op(Op.i64Mul)
    hi(mid)
    f.op(Op.i64Add)
    hi(low)
    f.op(Op.i64Add)
    const correct = (signed: number, other: number): void => {
      f.localGet(signed)
      f.i64ConstS(63)
      f.op(Op.i64ShrS)
      f.localGet(other)
      f.op(Op.i64And)
      f.op(Op.i64Sub)
    }
    if (signedX) correct(a, b)
    if (signedY) correct(b, a)
    for (const local of [a, b, mid, low]) f.free(local)
  }
const highProduct32 =
  (extendX: number, extendY: number): Emit =>
  (f, x, y) => {
    x.low()
    f.op(extendX)
    y.low()
    f.op(extendY)
    f.op(Op.i64Mul)
    f.i64ConstS(32)
    f.op(Op.i64ShrS)
  }

/** Swaps octets by halves: (v >> n & mask) | (v & mask) << n for n = 8, 16, then a rotation. */
const swap64: Emit = (f, x) => {
  const v = f.temp(ValType.i64)
  const step = (bits: number, low: number, high: number): void => {
    f.localGet(v)
    f.i64ConstS(bits)
    f.op(Op.i64ShrU)
    f.i64Const(low, high)
    f.op(Op.i64And)
    f.localGet(v)
    f.i64Const(low, high)
    f.op(Op.i64And)
    f.i64ConstS(bits)
    f.op(Op.i64Shl)
    f.op(Op.i64Or)
  }
  x.whole()
  f.localSet(v)
  step(8, 0x00ff00ff, 0x00ff00ff)
  f.localSet(v)
  step(16, 0x0000ffff, 0x0000ffff)
  f.i64ConstS(32)
  f.op(Op.i64Rotl)
  f.free(v)
}
const swapThenShift =
  (bits: number, shift: number): Emit =>
  (f, x, y) => {
    swap64(f, x, y)
    f.i64ConstS(bits)
    f.op(shift)
  }
const masked =
  (low: number): Emit =>
  (f, x) => {
    x.whole()
    f.i64Const(low, 0)
    f.op(Op.i64And)
  }
const negated =
  (first: number, invertResult: boolean): Emit =>
  (f, x, y) => {
    x.whole()
    y.whole()
    if (!invertResult) {
      f.i64ConstS(-1)
      f.op(Op.i64Xor)
    }
    f.op(first)
    if (invertResult) {
      f.i64ConstS(-1)
      f.op(Op.i64Xor)
    }
  }

const arithmetic = (suffix: 'z' | 's', extend: number): [string, Emit][] => [
  [`add32${suffix}`, half(Op.i32Add, extend)],
  [`sub32${suffix}`, half(Op.i32Sub, extend)],
  [`mul32${suffix}`, half(Op.i32Mul, extend)],
  [`and32${suffix}`, half(Op.i32And, extend)],
  [`or32${suffix}`, half(Op.i32Or, extend)],
  [`xor32${suffix}`, half(Op.i32Xor, extend)],
  [`shl32${suffix}`, half(Op.i32Shl, extend)],
  [`shru32${suffix}`, half(Op.i32ShrU, extend)],
  [`shrs32${suffix}`, half(Op.i32ShrS, extend)],
  [`rotl32${suffix}`, half(Op.i32Rotl, extend)],
  [`rotr32${suffix}`, half(Op.i32Rotr, extend)],
]
const unsigned32 = (suffix: 'z' | 's', keep: Emit, extend: number): [string, Emit][] => [
  [`remu32${suffix}`, remainder(32, keep, half(Op.i32RemU, extend))],
  [`rems32${suffix}`, remainder(32, keep, half(Op.i32RemS, extend))],
]

/** What each scalar op computes, as Wasm that pushes an i64; the grammar is that of the IR table. */
const scalars: ReadonlyMap<string, Emit> = new Map<string, Emit>([
  ['mov', unary()],
  ['sext8', unary(Op.i64Extend8S)],
  ['sext16', unary(Op.i64Extend16S)],
  ['sext32', unary(Op.i64Extend32S)],
  ['zext16', masked(0xffff)],
  ['zext32', zext],
  ['sext8z', unaryLow(Op.i32Extend8S, Op.i64ExtendI32U)],
  ['sext16z', unaryLow(Op.i32Extend16S, Op.i64ExtendI32U)],
  ['bswap16', swapThenShift(48, Op.i64ShrU)],
  ['bswap32', swapThenShift(32, Op.i64ShrU)],
  ['bswap32s', swapThenShift(32, Op.i64ShrS)],
  ['bswap64', swap64],
  ['popcnt64', unary(Op.i64Popcnt)],
  ['popcnt32', unaryLow(Op.i32Popcnt, Op.i64ExtendI32U)],
  ['clz64', unary(Op.i64Clz)],
  ['clz32', unaryLow(Op.i32Clz, Op.i64ExtendI32U)],
  ['ctz64', unary(Op.i64Ctz)],
  ['ctz32', unaryLow(Op.i32Ctz, Op.i64ExtendI32U)],
  ['add64', whole(Op.i64Add)],
  ['sub64', whole(Op.i64Sub)],
  ['mul64', whole(Op.i64Mul)],
  ['and64', whole(Op.i64And)],
  ['or64', whole(Op.i64Or)],
  ['xor64', whole(Op.i64Xor)],
  ['shl64', whole(Op.i64Shl)],
  ['shru64', whole(Op.i64ShrU)],
  ['shrs64', whole(Op.i64ShrS)],
  ['rotl64', whole(Op.i64Rotl)],
  ['rotr64', whole(Op.i64Rotr)],
  ['divu64', whole(Op.i64DivU)],
  ['divs64', divideSigned64],
  ['div0u64', dividing(64, 0, whole(Op.i64DivU))],
  ['div0s64', dividing(64, 0, divideSigned64)],
  ['div1u64', dividing(64, -1, whole(Op.i64DivU))],
  ['div1s64', dividing(64, -1, divideSigned64)],
  ['remu64', remainder(64, unary(), whole(Op.i64RemU))],
  ['rems64', remainder(64, unary(), whole(Op.i64RemS))],
  ['mulhu64', highProduct(false, false)],
  ['mulhs64', highProduct(true, true)],
  ['mulhsu64', highProduct(true, false)],
  ['andn64', negated(Op.i64And, false)],
  ['orn64', negated(Op.i64Or, false)],
  ['xnor64', negated(Op.i64Xor, true)],
  ['mins64', pick(Op.i64LtS)],
  ['minu64', pick(Op.i64LtU)],
  ['maxs64', pick(Op.i64GtS)],
  ['maxu64', pick(Op.i64GtU)],
  ['ltu64', compare(Op.i64LtU)],
  ['lts64', compare(Op.i64LtS)],
  ['gtu64', compare(Op.i64GtU)],
  ['gts64', compare(Op.i64GtS)],
  ...arithmetic('z', Op.i64ExtendI32U),
  ...arithmetic('s', Op.i64ExtendI32S),
  ...unsigned32('z', zext, Op.i64ExtendI32U),
  ...unsigned32('s', sext, Op.i64ExtendI32S),
  ['divu32z', half(Op.i32DivU, Op.i64ExtendI32U)],
  ['divs32z', divideSigned32(zext)],
  ['div0u32z', dividing(32, 0, half(Op.i32DivU, Op.i64ExtendI32U))],
  ['div0s32z', dividing(32, 0, divideSigned32(zext))],
  ['div1u32s', dividing(32, -1, half(Op.i32DivU, Op.i64ExtendI32S))],
  ['div1s32s', dividing(32, -1, divideSigned32(sext))],
  ['mulhu32s', highProduct32(Op.i64ExtendI32U, Op.i64ExtendI32U)],
  ['mulhs32s', highProduct32(Op.i64ExtendI32S, Op.i64ExtendI32S)],
  ['mulhsu32s', highProduct32(Op.i64ExtendI32S, Op.i64ExtendI32U)],
])

/** Emits an op from its operands; for a branch what is pushed is an i32 that is non-zero iff it is taken. */
export type Lowering = (f: FuncBuilder, b: Operand, c: Operand) => void

/**
 * How to emit the value of an IR op of form `abc`, `ab` or `abi`. For `abi` give the immediate as `c`.
 * @param name the op's name
 */
export function scalarOf(name: string, form: 'abc' | 'ab' | 'abi'): Lowering {
  const emit = scalars.get(form === 'abi' ? name.slice(0, -1) : name)
  assert(emit !== undefined, `emitScalar: ${name} has no lowering`)
  return form === 'abi' && name.endsWith('r') ? (f, b, c) => emit(f, c, b) : emit
}

/** Emits the value of an op: `scalarOf`, for whoever does not look it up once for all rows. */
export function emitScalar(
  f: FuncBuilder,
  name: string,
  form: 'abc' | 'ab' | 'abi',
  b: Operand,
  c: Operand,
): void {
  scalarOf(name, form)(f, b, c)
}

const conditions: Readonly<Record<string, readonly [number, number]>> = {
  eq: [Op.i64Eq, Op.i32Eq],
  ne: [Op.i64Ne, Op.i32Ne],
  ltu: [Op.i64LtU, Op.i32LtU],
  leu: [Op.i64LeU, Op.i32LeU],
  gtu: [Op.i64GtU, Op.i32GtU],
  geu: [Op.i64GeU, Op.i32GeU],
  lts: [Op.i64LtS, Op.i32LtS],
  les: [Op.i64LeS, Op.i32LeS],
  gts: [Op.i64GtS, Op.i32GtS],
  ges: [Op.i64GeS, Op.i32GeS],
}

const anyBit64: Lowering = (f, b, c) => {
  b.whole()
  c.whole()
  f.op(Op.i64And)
  f.i64ConstS(0)
  f.op(Op.i64Ne)
}
const lows =
  (code: number): Lowering =>
  (f, b, c) => {
    b.low()
    c.low()
    f.op(code)
  }

/** How to push whether the IR branch `name` (forms `branch`, `branchi`) is taken. */
export function conditionOf(name: string): Lowering {
  const match = /^b([a-z]+)(64|32)i?$/.exec(name)
  assert(match !== null, `emitCondition: ${name} is no branch`)
  const codes = conditions[match[1]!]
  if (match[2] === '32') return lows(codes?.[1] ?? Op.i32And)
  return codes === undefined ? anyBit64 : whole(codes[0])
}

/** Pushes an i32 that is non-zero iff the IR branch `name` (forms `branch`, `branchi`) is taken. */
export function emitCondition(f: FuncBuilder, name: string, b: Operand, c: Operand): void {
  conditionOf(name)(f, b, c)
}

/** A local that holds an i64. */
export class LocalOperand implements Operand {
  private readonly f: FuncBuilder
  private readonly local: number

  constructor(f: FuncBuilder, local: number) {
    this.f = f
    this.local = local
  }

  whole(): void {
    this.f.localGet(this.local)
  }

  low(): void {
    this.f.localGet(this.local)
    this.f.op(Op.i32WrapI64)
  }
}

/** The constant `high * 2^32 + low`, each a word: zero until `set`. */
export class ConstantOperand implements Operand {
  private readonly f: FuncBuilder
  private lower = 0
  private upper = 0

  constructor(f: FuncBuilder) {
    this.f = f
  }

  set(low: number, high: number): this {
    this.lower = low
    this.upper = high
    return this
  }

  whole(): void {
    this.f.i64Const(this.lower, this.upper)
  }

  low(): void {
    this.f.i32Const(this.lower)
  }
}

/** Takes a dividend and pushes whether it is the smallest number and the divisor that `push` pushes is -1. */
export function emitOverflow(f: FuncBuilder, wide: boolean, push: () => void): void {
  if (wide) f.i64ConstBig(-(1n << 63n))
  else f.i32Const(-0x80000000)
  f.op(wide ? Op.i64Eq : Op.i32Eq)
  push()
  if (wide) f.i64ConstS(-1)
  else f.i32Const(-1)
  f.op(wide ? Op.i64Eq : Op.i32Eq)
  f.op(Op.i32And)
}
