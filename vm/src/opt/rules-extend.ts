import type { OptOp, Value } from './ir.ts'
import {
  become,
  isBool,
  isSigned32,
  isUnsigned32,
  maskBits,
  type Rewriter,
  type Rule,
} from './rewrite.ts'
import { cutsAbove, retyped } from './rules-arith.ts'

/** Ops whose low half depends on low halves alone, and what gives it sign-extended. */
const narrow: Readonly<Record<string, OptOp>> = {
  add64: 'add32s',
  add64i: 'add32si',
  sub64: 'sub32s',
  sub64r: 'sub32sr',
  mul64: 'mul32s',
  mul64i: 'mul32si',
  add32z: 'add32s',
  add32zi: 'add32si',
  sub32z: 'sub32s',
  sub32zr: 'sub32sr',
  mul32z: 'mul32s',
  mul32zi: 'mul32si',
  shl32z: 'shl32s',
  shl32zi: 'shl32si',
  shru32z: 'shru32s',
  shru32zi: 'shru32si',
  shrs32z: 'shrs32s',
  shrs32zi: 'shrs32si',
}

const half = (imm: bigint): bigint => BigInt.asIntN(32, imm)

const signed: Rule = (value, r) => {
  const x = value.args[0]!
  if (isSigned32(x, r)) return x
  const into = narrow[x.op]
  if (into !== undefined) return become(value, into, x.args.slice(), half(x.imm))
  if (x.op === 'shl64i' && x.imm < 32n) return become(value, 'shl32si', x.args.slice(), x.imm)
  if (x.op === 'zext32') return become(value, 'sext32', x.args.slice())
  if (x.op === 'load32u' && r.uses(x) === 1) return retyped(x, 'load32s', r)
  // bits above are those of the sign anyhow
  if (x.op === 'and64i' && half(x.imm) >= 0n && x.imm !== BigInt.asUintN(31, x.imm))
    return become(value, 'and64i', x.args.slice(), half(x.imm))
  if (x.op === 'and64i' && half(x.imm) === -1n) return become(value, 'sext32', x.args.slice())
  return undefined
}

const extensions: Readonly<Record<string, Rule>> = {
  sext32: signed,
  sext16: (value, r) => {
    const x = value.args[0]!
    if (r.facts.signsOf(x) >= 49) return x
    if (cutsAbove(x) >= 16) return become(value, 'sext16', x.args.slice())
    return x.op === 'load16u' && r.uses(x) === 1 ? retyped(x, 'load16s', r) : undefined
  },
  sext8: (value, r) => {
    const x = value.args[0]!
    if (r.facts.signsOf(x) >= 57) return x
    if (cutsAbove(x) >= 8 || (x.op === 'and64i' && (x.imm & 0xffn) === 0xffn))
      return become(value, 'sext8', x.args.slice())
    return x.op === 'load8u' && r.uses(x) === 1 ? retyped(x, 'load8s', r) : undefined
  },
  zext32: (value, r) => {
    const x = value.args[0]!
    if (isUnsigned32(x, r)) return x
    if (cutsAbove(x) >= 32) return become(value, 'zext32', x.args.slice())
    if (x.op === 'load32s' && r.uses(x) === 1) return retyped(x, 'load32u', r)
    if (x.op === 'and64i') return become(value, 'and64i', x.args.slice(), BigInt.asUintN(32, x.imm))
    return undefined
  },
  zext16: (value, r) => {
    const x = value.args[0]!
    if (r.facts.zerosOf(x) >= 48) return x
    if (cutsAbove(x) >= 16) return become(value, 'zext16', x.args.slice())
    if (x.op === 'load16s' && r.uses(x) === 1) return retyped(x, 'load16u', r)
    if (x.op === 'and64i') return become(value, 'and64i', x.args.slice(), BigInt.asUintN(16, x.imm))
    return undefined
  },
  // x + 0, x << 0 of the low half: how RISC-V extends the sign
  add32si: (value) => {
    const [x] = value.args as [Value]
    if (value.imm === 0n) return become(value, 'sext32', [x])
    if (x.op === 'add64i') return become(value, 'add32si', x.args.slice(), half(x.imm + value.imm))
    return fromHalf(value)
  },
  shl32si: (value) => (value.imm === 0n ? become(value, 'sext32', value.args) : fromHalf(value)),
  shru32si: (value, r) =>
    value.imm === 0n ? become(value, 'sext32', value.args) : (field(value, r) ?? fromHalf(value)),
  shrs32si: (value) => (value.imm === 0n ? become(value, 'sext32', value.args) : fromHalf(value)),
}

/** Extensions below an op that reads low halves only. */
function fromHalf(value: Value): Value | undefined {
  let changed = false
  for (const [i, arg] of value.args.entries())
    if (arg.op === 'sext32' || arg.op === 'zext32') {
      value.args[i] = arg.args[0]!
      changed = true
    }
  return changed ? value : undefined
}

/** u32(x) >> by, of an x with few bits above. */
function field(value: Value, r: Rewriter): Value | undefined {
  const [x] = value.args as [Value]
  return isUnsigned32(x, r) ? become(value, 'shru64i', [x], value.imm) : undefined
}

/** (x << a) >> b */
const shifted: Rule = (value, r) => {
  const { args, imm: by, op } = value
  const [x] = args as [Value]
  if (x.op === 'and64i' && op === 'shru64i') return fieldOf(value, x, by)
  // the high octets reversed are the low ones
  if (x.op === 'bswap64' && op === 'shru64i' && (by === 32n || by === 48n))
    return become(value, by === 32n ? 'bswap32' : 'bswap16', x.args.slice())
  if (x.op !== 'shl64i') return unsignedShift(value, x, by, r)
  const up = x.imm
  const [from] = x.args as [Value]
  const isUnsigned = op === 'shru64i'
  if (up === 32n && by > 32n)
    // a bit of the low half moves down: both extensions of the answer are the same
    return become(value, isUnsigned ? 'shru32si' : 'shrs32si', [from], by - 32n)
  if (up === 48n && by >= 48n && !isUnsigned)
    return become(value, 'shrs64i', [r.emit('sext16', [from])], by - 48n)
  if (up === 56n && by >= 56n && !isUnsigned)
    return become(value, 'shrs64i', [r.emit('sext8', [from])], by - 56n)
  if (!isUnsigned) {
    if (up === 32n && by === 32n) return become(value, 'sext32', [from])
    return up === by && r.facts.signsOf(from) > Number(by) ? from : undefined
  }
  if (up === by && by >= 32n) return become(value, 'and64i', [from], (1n << (64n - by)) - 1n)
  if (up === 32n && by < 32n) return become(value, 'shl64i', [r.emit('zext32', [from])], 32n - by)
  const zeros = BigInt(r.facts.zerosOf(from))
  if (zeros < up) return undefined
  return up >= by
    ? become(value, 'shl64i', [from], up - by)
    : become(value, 'shru64i', [from], by - up)
}

/** (x & mask) >> by */
function fieldOf(value: Value, x: Value, by: bigint): Value | undefined {
  // the mask of the bits that stay comes after the shift, where it is short
  if (x.imm < 0n || maskBits(x.imm >> by) === undefined || x.imm >> by === 0n) return undefined
  return x.imm >> by === (1n << (64n - by)) - 1n
    ? become(value, 'shru64i', x.args.slice(), by)
    : undefined
}

function unsignedShift(value: Value, x: Value, by: bigint, r: Rewriter): Value | undefined {
  if (value.op === 'shrs64i' && r.facts.zerosOf(x) > 0) return become(value, 'shru64i', [x], by)
  return undefined
}

/** 0 or 1 from a comparison. */
const compared: Rule = (value, r) => {
  const { args, imm, op } = value
  const [x] = args as [Value]
  switch (op) {
    case 'gtu64i':
      return imm === 0n && isBool(x, r) ? x : undefined
    case 'ltu64i':
      if (imm === 0n) return r.constants.of(0n)
      return imm === 1n ? zero(value, x, r) : undefined
    case 'lts64i':
      // the sign
      return imm === 0n ? become(value, 'shru64i', [x], 63n) : undefined
    default:
      return undefined
  }
}

/** x = 0 ? 1 : 0 */
function zero(value: Value, x: Value, r: Rewriter): Value | undefined {
  if (x.op === 'ltu64i' && x.imm === 1n)
    return isBool(x.args[0]!, r) ? x.args[0]! : become(value, 'gtu64i', x.args.slice(), 0n)
  if (x.op === 'gtu64i' && x.imm === 0n) return become(value, 'ltu64i', x.args.slice(), 1n)
  if (x.op === 'gtu64i' && x.imm > 0n) return become(value, 'ltu64i', x.args.slice(), x.imm + 1n)
  if (x.op === 'lts64i' && x.imm > -(1n << 62n))
    return become(value, 'gts64i', x.args.slice(), x.imm - 1n)
  if (x.op === 'gts64i' && x.imm < 1n << 62n)
    return become(value, 'lts64i', x.args.slice(), x.imm + 1n)
  if (x.op === 'ltu64i' && x.imm > 1n) return become(value, 'gtu64i', x.args.slice(), x.imm - 1n)
  return undefined
}

/** Low halves are all these read. */
const ofHalves: ReadonlySet<string> = new Set([
  ...['add32s', 'sub32s', 'mul32s', 'sub32sr', 'mul32si', 'rotr32si', 'clz32', 'ctz32', 'popcnt32'],
  ...['add32z', 'add32zi', 'sub32z', 'mul32z', 'mul32zi', 'bswap32', 'bswap32s', 'div1u32s'],
  ...['div1s32s', 'remu32s', 'rems32s', 'rotl32s', 'rotr32s', 'shl32s', 'shru32s', 'shrs32s'],
])

/** Extensions of signs and zeros, and shifts that stand for them. */
export const extending: Rule = (value, r) => {
  const { op } = value
  if (ofHalves.has(op)) return fromHalf(value)
  if (op === 'shru64i' || op === 'shrs64i') return shifted(value, r)
  return extensions[op]?.(value, r) ?? compared(value, r)
}
