import type { OptOp, Value } from './ir.ts'
import {
  become,
  constantOf,
  isBool,
  maskBits,
  powerOf,
  type Rewriter,
  type Rule,
} from './rewrite.ts'

const commutative: ReadonlySet<string> = new Set([
  ...['add64', 'mul64', 'and64', 'or64', 'xor64', 'xnor64', 'mins64', 'minu64', 'maxs64', 'maxu64'],
  ...['mulhu64', 'mulhs64', 'add32z', 'mul32z', 'and32z', 'or32z', 'xor32z', 'add32s', 'mul32s'],
  ...['mulhu32s', 'mulhs32s'],
])

/** With a constant second operand: the op with an immediate, and the immediate. */
const withImmediate: Readonly<Record<string, readonly [OptOp, ((imm: bigint) => bigint)?]>> = {
  add64: ['add64i'],
  sub64: ['add64i', (imm) => -imm],
  mul64: ['mul64i'],
  and64: ['and64i'],
  or64: ['or64i'],
  xor64: ['xor64i'],
  andn64: ['and64i', (imm) => ~imm],
  orn64: ['or64i', (imm) => ~imm],
  xnor64: ['xor64i', (imm) => ~imm],
  shl64: ['shl64i', (imm) => imm & 63n],
  shru64: ['shru64i', (imm) => imm & 63n],
  shrs64: ['shrs64i', (imm) => imm & 63n],
  rotl64: ['rotr64i', (imm) => -imm & 63n],
  rotr64: ['rotr64i', (imm) => imm & 63n],
  ltu64: ['ltu64i'],
  lts64: ['lts64i'],
  add32s: ['add32si', (imm) => BigInt.asIntN(32, imm)],
  sub32s: ['add32si', (imm) => BigInt.asIntN(32, -imm)],
  mul32s: ['mul32si', (imm) => BigInt.asIntN(32, imm)],
  shl32s: ['shl32si', (imm) => imm & 31n],
  shru32s: ['shru32si', (imm) => imm & 31n],
  shrs32s: ['shrs32si', (imm) => imm & 31n],
  rotl32s: ['rotr32si', (imm) => -imm & 31n],
  rotr32s: ['rotr32si', (imm) => imm & 31n],
  add32z: ['add32zi', (imm) => BigInt.asIntN(32, imm)],
  sub32z: ['add32zi', (imm) => BigInt.asIntN(32, -imm)],
  mul32z: ['mul32zi', (imm) => BigInt.asIntN(32, imm)],
  and32z: ['and64i', (imm) => BigInt.asUintN(32, imm)],
  shl32z: ['shl32zi', (imm) => imm & 31n],
  shru32z: ['shru32zi', (imm) => imm & 31n],
  shrs32z: ['shrs32zi', (imm) => imm & 31n],
}

/** With a constant first operand. */
const withFirst: Readonly<Record<string, OptOp>> = {
  sub64: 'sub64r',
  ltu64: 'gtu64i',
  lts64: 'gts64i',
  sub32s: 'sub32sr',
  sub32z: 'sub32zr',
}

/** Constants become immediates. */
export const immediates: Rule = (value) => {
  const { args, op } = value
  if (args.length !== 2) return undefined
  const [x, y] = args as [Value, Value]
  const first = constantOf(x)
  if (first !== undefined && commutative.has(op) && constantOf(y) === undefined) {
    value.args = [y, x]
    return value
  }
  const second = constantOf(y)
  const to = withImmediate[op]
  if (second !== undefined && to !== undefined) {
    const [into, change] = to
    return become(value, into, [x], change === undefined ? second : change(second))
  }
  const into = withFirst[op]
  return first !== undefined && into !== undefined ? become(value, into, [y], first) : undefined
}

/** x op imm that is x. */
const neutral: Readonly<Record<string, bigint>> = {
  add64i: 0n,
  mul64i: 1n,
  and64i: -1n,
  or64i: 0n,
  xor64i: 0n,
  shl64i: 0n,
  shru64i: 0n,
  shrs64i: 0n,
  rotr64i: 0n,
}

/** (x op a) op b = x op (a op' b) */
const chained: Readonly<Record<string, (a: bigint, b: bigint) => bigint | undefined>> = {
  add64i: (a, b) => a + b,
  mul64i: (a, b) => a * b,
  and64i: (a, b) => a & b,
  or64i: (a, b) => a | b,
  xor64i: (a, b) => a ^ b,
  shl64i: (a, b) => (a + b < 64n ? a + b : undefined),
  shru64i: (a, b) => (a + b < 64n ? a + b : undefined),
  shrs64i: (a, b) => (a + b < 64n ? a + b : 63n),
  rotr64i: (a, b) => (a + b) & 63n,
  add32si: (a, b) => BigInt.asIntN(32, a + b),
  mul32si: (a, b) => BigInt.asIntN(32, a * b),
  add32zi: (a, b) => BigInt.asIntN(32, a + b),
}

/** Ops that take an amount modulo the width as immediate. */
const amounts: Readonly<Record<string, bigint>> = {
  ...{ shl64i: 63n, shru64i: 63n, shrs64i: 63n, rotr64i: 63n, rotr32si: 31n },
  ...{ shl32si: 31n, shru32si: 31n, shrs32si: 31n, shl32zi: 31n, shru32zi: 31n, shrs32zi: 31n },
}

const withConstant: Rule = (value, r) => {
  const { args, imm, op } = value
  const x = args[0]!
  const amount = amounts[op]
  if (amount !== undefined && (imm & amount) !== imm) return become(value, op, [x], imm & amount)
  if (neutral[op] === imm) return x
  const chain = chained[op]?.(x.imm, imm)
  const isChained = x.op === op && chain !== undefined
  if (isChained && (op !== 'add64i' || r.uses(x) === 1 || r.isOffset(x)))
    return become(value, op, [x.args[0]!], chain)
  switch (op) {
    case 'add64i':
      // (c - y) + d = (c + d) - y
      return x.op === 'sub64r' ? become(value, 'sub64r', [x.args[0]!], x.imm + imm) : undefined
    case 'sub64r':
      // c - (y + d) = (c - d) - y; c - (d - y) = y + (c - d)
      if (x.op === 'add64i') return become(value, 'sub64r', [x.args[0]!], imm - x.imm)
      return x.op === 'sub64r' ? become(value, 'add64i', [x.args[0]!], imm - x.imm) : undefined
    case 'mul64i': {
      if (imm === 0n) return r.constants.of(0n)
      if (imm === -1n) return become(value, 'sub64r', [x], 0n)
      const by = powerOf(imm)
      return by === undefined ? undefined : become(value, 'shl64i', [x], BigInt(by))
    }
    case 'mul32si': {
      const by = powerOf(imm)
      return by === undefined || by > 31 ? undefined : become(value, 'shl32si', [x], BigInt(by))
    }
    case 'and64i':
      return masked(value, x, r)
    case 'or64i':
      return imm === -1n ? r.constants.of(-1n) : undefined
    case 'xor64i':
      return imm === 1n && isBool(x, r) ? inverted(value, x) : undefined
    default:
      return undefined
  }
}

/** Comparisons whose answer 1 - y is another's. */
function inverted(value: Value, x: Value): Value | undefined {
  const [from] = x.args
  switch (x.op) {
    case 'ltu64i':
      return x.imm > 0n ? become(value, 'gtu64i', [from!], x.imm - 1n) : undefined
    case 'gtu64i':
      return x.imm >= 0n && x.imm < 1n << 62n
        ? become(value, 'ltu64i', [from!], x.imm + 1n)
        : undefined
    case 'lts64i':
      return x.imm > -(1n << 63n) ? become(value, 'gts64i', [from!], x.imm - 1n) : undefined
    case 'gts64i':
      return x.imm < (1n << 63n) - 1n ? become(value, 'lts64i', [from!], x.imm + 1n) : undefined
    default:
      return become(value, 'ltu64i', [x], 1n)
  }
}

/** value = x & imm */
function masked(value: Value, x: Value, r: Rewriter): Value | undefined {
  const { imm } = value
  if (imm === 0n) return r.constants.of(0n)
  const bits = maskBits(imm)
  const known = 64 - r.facts.zerosOf(x)
  if (bits !== undefined && known <= bits) return x
  if (bits === 32) return become(value, 'zext32', [x])
  if (bits === 16) return become(value, 'zext16', [x])
  if (imm > 0n) {
    // bits that an extension of x makes are not asked for
    const low = imm.toString(2).length
    if (cutsAbove(x) >= low) return become(value, 'and64i', [x.args[0]!], imm)
    if (x.op === 'load8s' && low <= 8 && r.uses(x) === 1 && bits === 8)
      return retyped(x, 'load8u', r)
  }
  return undefined
}

/** How many low bits of its operand an op keeps as they are. */
export function cutsAbove({ op }: Value): number {
  if (op === 'sext32' || op === 'zext32') return 32
  if (op === 'sext16' || op === 'zext16' || op === 'sext16z') return 16
  return op === 'sext8' || op === 'sext8z' ? 8 : 0
}

/** The same load with another extension, in place: nothing else may use it. */
export function retyped(load: Value, op: OptOp, { facts }: Rewriter): Value {
  load.op = op
  facts.renew(load)
  return load
}

const withItself: Readonly<Record<string, 'zero' | 'same'>> = {
  sub64: 'zero',
  xor64: 'zero',
  sub32s: 'zero',
  sub32z: 'zero',
  andn64: 'zero',
  ltu64: 'zero',
  lts64: 'zero',
  and64: 'same',
  or64: 'same',
  mins64: 'same',
  minu64: 'same',
  maxs64: 'same',
  maxu64: 'same',
}

const isNegation = (value: Value): boolean => value.op === 'sub64r' && value.imm === 0n

const withRegisters: Rule = (value, r) => {
  const { args, op } = value
  const [x, y] = args as [Value, Value]
  if (x === y) {
    const what = withItself[op]
    if (what !== undefined) return what === 'zero' ? r.constants.of(0n) : x
  }
  switch (op) {
    case 'add64':
      if (isNegation(y)) return become(value, 'sub64', [x, y.args[0]!])
      if (isNegation(x)) return become(value, 'sub64', [y, x.args[0]!])
      return joined(value, r) ?? sum(value, x, y, r) ?? sum(value, y, x, r)
    case 'sub64':
      if (isNegation(y)) return become(value, 'add64', [x, y.args[0]!])
      if (y.op === 'add64i' && r.uses(y) === 1) {
        const inner = r.emit('sub64', [x, y.args[0]!])
        return become(value, 'add64i', [inner], -y.imm)
      }
      if (x.op === 'add64i' && r.uses(x) === 1) {
        const inner = r.emit('sub64', [x.args[0]!, y])
        return become(value, 'add64i', [inner], x.imm)
      }
      return undefined
    case 'or64':
    case 'xor64':
      return joined(value, r)
    case 'and64':
      if (y.op === 'xor64i' && y.imm === -1n) return become(value, 'andn64', [x, y.args[0]!])
      if (x.op === 'xor64i' && x.imm === -1n) return become(value, 'andn64', [y, x.args[0]!])
      return chosen(value, x, y, r) ?? chosen(value, y, x, r)
    case 'add32s':
      return isNegation(y) ? become(value, 'sub32s', [x, y.args[0]!]) : undefined
    default:
      return undefined
  }
}

/** (a + c) + y = (a + y) + c: constants go outwards, into offsets. */
function sum(value: Value, x: Value, y: Value, r: Rewriter): Value | undefined {
  if (x.op !== 'add64i' || r.uses(x) !== 1) return undefined
  const inner = r.emit('add64', [x.args[0]!, y])
  return become(value, 'add64i', [inner], x.imm)
}

/** A mask made of a condition: -c & x, (c - 1) & x */
function chosen(value: Value, mask: Value, x: Value, r: Rewriter): Value | undefined {
  const [from] = mask.args
  const zero = (): Value => r.constants.of(0n)
  if (isNegation(mask) && isBool(from!, r)) return become(value, 'select', [zero(), x, from!])
  if (mask.op === 'add64i' && mask.imm === -1n && isBool(from!, r))
    return become(value, 'select', [x, zero(), from!])
  return undefined
}

/** x | y of parts that do not meet: rotations, and two selections of which one is 0. */
function joined(value: Value, r: Rewriter): Value | undefined {
  const [x, y] = value.args as [Value, Value]
  return rotation(value, x, y) ?? rotation(value, y, x) ?? oneOf(value, x, y, r)
}

function rotation(value: Value, left: Value, right: Value): Value | undefined {
  const [x] = left.args
  if (x === undefined || x !== right.args[0]) return undefined
  if (left.op === 'shl64i' && right.op === 'shru64i' && left.imm + right.imm === 64n)
    return become(value, 'rotr64i', [x], right.imm)
  if (left.op === 'shl32si' && right.op === 'shru32si' && left.imm + right.imm === 32n)
    return become(value, 'rotr32si', [x], right.imm)
  return undefined
}

const isZero = (value: Value): boolean => value.op === 'li' && value.imm === 0n

function oneOf(value: Value, x: Value, y: Value, r: Rewriter): Value | undefined {
  if (x.op !== 'select' || y.op !== 'select' || x.args[2] !== y.args[2]) return undefined
  if (r.uses(x) > 1 && r.uses(y) > 1) return undefined
  const [a, b, condition] = x.args as [Value, Value, Value]
  const [c, d] = y.args as [Value, Value]
  const merge = (one: Value, other: Value): Value | undefined =>
    isZero(one) ? other : isZero(other) ? one : undefined
  const [first, second] = [merge(a, c), merge(b, d)]
  if (first === undefined || second === undefined) return undefined
  return become(value, 'select', [first, second, condition])
}

const selected: Rule = (value, r) => {
  const { args, op } = value
  if (op !== 'select') return undefined
  const [x, y, condition] = args as [Value, Value, Value]
  if (x === y) return x
  const known = constantOf(condition)
  if (known !== undefined) return known === 0n ? x : y
  if (condition.op === 'ltu64i' && condition.imm === 1n)
    return become(value, 'select', [y, x, condition.args[0]!])
  if (condition.op === 'gtu64i' && condition.imm === 0n)
    return become(value, 'select', [x, y, condition.args[0]!])
  if (condition.op === 'xor64i' && condition.imm === 1n && isBool(condition, r))
    return become(value, 'select', [y, x, condition.args[0]!])
  const [first, second] = [constantOf(x), constantOf(y)]
  if (first === 0n && second === 1n)
    return isBool(condition, r) ? condition : become(value, 'gtu64i', [condition], 0n)
  if (first === 1n && second === 0n) return become(value, 'ltu64i', [condition], 1n)
  return extreme(value, x, y, condition)
}

/** a < b ? a : b and the like. */
function extreme(value: Value, x: Value, y: Value, condition: Value): Value | undefined {
  const { op } = condition
  if (op !== 'ltu64' && op !== 'lts64') return undefined
  const [a, b] = condition.args as [Value, Value]
  const sign = op === 'ltu64' ? 'u' : 's'
  if (y === a && x === b) return become(value, `min${sign}64`, [a, b])
  if (y === b && x === a) return become(value, `max${sign}64`, [a, b])
  return undefined
}

const divided: Rule = (value, r) => {
  const { args, op } = value
  if (args.length !== 2) return undefined
  const [x, y] = args as [Value, Value]
  const imm = constantOf(y)
  if (imm === undefined || !/^(div|rem)[01]?u64$/.test(op)) return undefined
  if (imm === 0n) return op === 'remu64' ? x : r.constants.of(op === 'div0u64' ? 0n : -1n)
  const by = powerOf(imm)
  if (by === undefined) return undefined
  if (op === 'remu64') return become(value, 'and64i', [x], imm - 1n)
  return become(value, 'shru64i', [x], BigInt(by))
}

/** Algebra on the answers of ops. */
export const arithmetic: Rule = (value, r) => {
  const { args } = value
  const by = immediates(value, r)
  if (by !== undefined) return by
  if (args.length === 1) return withConstant(value, r)
  if (args.length === 2) return withRegisters(value, r) ?? divided(value, r)
  return selected(value, r)
}
