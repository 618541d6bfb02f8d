import { isBranch, type OptOp, type Value } from './ir.ts'
import {
  become,
  constantOf,
  isBool,
  isSigned32,
  isUnsigned32,
  type Rewriter,
  type Rule,
} from './rewrite.ts'

/** The op with its operands exchanged; those with `i` only are asked of immediates. */
const exchanged: Readonly<Record<string, string>> = {
  beq: 'beq',
  bne: 'bne',
  bltu: 'bgtu',
  bgeu: 'bleu',
  blts: 'bgts',
  bges: 'bles',
  bset: 'bset',
}

interface Parts {
  readonly condition: string
  readonly width: '64' | '32'
  readonly isImmediate: boolean
}

function partsOf(op: OptOp): Parts {
  const [, condition, width, suffix] = /^(b[a-z]+)(64|32)(i?)$/.exec(op)!
  return { condition: condition!, width: width as '64' | '32', isImmediate: suffix === 'i' }
}

const opOf = (condition: string, width: '64' | '32', suffix = ''): OptOp =>
  `${condition}${width}${suffix}` as OptOp

const half = (imm: bigint): bigint => BigInt.asIntN(32, imm)

const pairs = ['beq bne', 'bltu bgeu', 'blts bges', 'bleu bgtu', 'bles bgts']
/** Of a condition: the opposite. `bset` has none. */
const opposite: ReadonlyMap<string, string> = new Map(
  pairs
    .map((pair) => pair.split(' ') as [string, string])
    .flatMap(([one, other]) => [
      [one, other],
      [other, one],
    ]),
)

/** A branch in place; the opposite if `opposed`. Targets are exchanged only if there is no op for that: the first is the likelier. */
function asks(value: Value, op: OptOp, args: Value[], imm: bigint, opposed = false): Value {
  if (!opposed) return become(value, op, args, imm)
  const { condition, isImmediate, width } = partsOf(op)
  const other = opposite.get(condition)
  if (other === undefined) value.targets.reverse()
  const into = other === undefined ? op : opOf(other, width, isImmediate ? 'i' : '')
  return become(value, into, args, imm)
}

/** What a comparison asks: its operands go to the branch on its answer. */
const comparisons: Readonly<Record<string, OptOp>> = {
  ltu64: 'bltu64',
  lts64: 'blts64',
  ltu64i: 'bltu64i',
  lts64i: 'blts64i',
  gtu64i: 'bgtu64i',
  gts64i: 'bgts64i',
}

/** if (x = imm), opposed: if (x != imm) */
function equality(
  value: Value,
  x: Value,
  imm: bigint,
  opposed: boolean,
  r: Rewriter,
): Value | undefined {
  const [from] = x.args
  // through what may be undone, unless both would have to be kept
  if (r.uses(x) > 1 && !(imm === 0n && comparisons[x.op] !== undefined)) {
    if (imm === 1n && isBool(x, r)) return asks(value, 'beq64i', [x], 0n, !opposed)
    return undefined
  }
  if (x.op === 'add64i') return asks(value, 'beq64i', [from!], imm - x.imm, opposed)
  if (x.op === 'xor64i') return asks(value, 'beq64i', [from!], imm ^ x.imm, opposed)
  if (x.op === 'sub64r') return asks(value, 'beq64i', [from!], x.imm - imm, opposed)
  if (x.op === 'sext32' || x.op === 'zext32') {
    const extended = x.op === 'sext32' ? half(imm) : BigInt.asUintN(32, imm)
    return extended === imm ? asks(value, 'beq32i', [from!], half(imm), opposed) : undefined
  }
  if (imm === 1n && isBool(x, r)) return asks(value, 'beq64i', [x], 0n, !opposed)
  if (imm !== 0n) return undefined
  return zero(value, x, opposed)
}

/** if (x = 0), opposed: if (x != 0) */
function zero(value: Value, x: Value, opposed: boolean): Value | undefined {
  const [first, second] = x.args
  const compare = comparisons[x.op]
  if (compare !== undefined) return asks(value, compare, x.args.slice(), x.imm, !opposed)
  switch (x.op) {
    case 'sub64':
    case 'xor64':
      return asks(value, 'beq64', [first!, second!], 0n, opposed)
    case 'and64i':
      return asks(value, 'bset64i', [first!], x.imm, !opposed)
    case 'and64':
      return asks(value, 'bset64', [first!, second!], 0n, !opposed)
    case 'zext16':
      return asks(value, 'bset64i', [first!], 0xffffn, !opposed)
    case 'add32si':
      return asks(value, 'beq32i', [first!], half(-x.imm), opposed)
    case 'sub32s':
      return asks(value, 'beq32', [first!, second!], 0n, opposed)
    case 'shl32si':
      return asks(value, 'bset64i', [first!], (1n << (32n - x.imm)) - 1n, !opposed)
    default:
      return undefined
  }
}

/** A branch whose answer is known: on a constant. */
const settled = (value: Value, taken: boolean, r: Rewriter): Value =>
  asks(value, 'beq64i', [r.constants.of(0n)], taken ? 0n : 1n)

/** What is known of the high bits may decide: x is in 0..most. */
function decided(value: Value, condition: string, x: Value, r: Rewriter): Value | undefined {
  const zeros = r.facts.zerosOf(x)
  const { imm } = value
  if (zeros === 0 || x.op === 'li') return undefined
  const most = (1n << BigInt(64 - zeros)) - 1n
  const unsigned = condition.endsWith('s') ? imm : BigInt.asUintN(64, imm)
  if (condition === 'bset') return (imm & most) === 0n ? settled(value, false, r) : undefined
  // below 0 or above the most: as if it were -1 or most + 1
  if (unsigned > most || unsigned < 0n) {
    if (condition === 'beq' || condition === 'bne') return settled(value, condition === 'bne', r)
    const isLess = /^bl[te]/.test(condition)
    return settled(value, unsigned > most === isLess, r)
  }
  if (unsigned === most && /^b(gt|le)/.test(condition))
    return settled(value, condition.startsWith('ble'), r)
  if (unsigned === 0n && /^b(lts|ges)/.test(condition))
    return settled(value, condition === 'bges', r)
  return undefined
}

function immediate(value: Value, { condition, width }: Parts, r: Rewriter): Value | undefined {
  const { imm } = value
  const [x] = value.args as [Value]
  if (width === '32') return ofHalf(value, condition, x, r)
  const known = decided(value, condition, x, r)
  if (known !== undefined) return known
  switch (condition) {
    case 'beq':
      return equality(value, x, imm, false, r)
    case 'bne':
      return equality(value, x, imm, true, r)
    case 'bset':
      return bits(value, x, imm, r)
    case 'bltu':
      if (imm === 1n) return asks(value, 'beq64i', [x], 0n)
      break
    case 'bgtu':
      if (imm === 0n) return asks(value, 'beq64i', [x], 0n, true)
      break
    case 'bgeu':
      if (imm === 1n) return asks(value, 'beq64i', [x], 0n, true)
      break
    case 'bleu':
      if (imm === 0n) return asks(value, 'beq64i', [x], 0n)
      break
    case 'blts':
    case 'bges':
      if (imm !== 0n) break
      // the sign of what was shifted up is a bit
      if (x.op === 'shl64i' && r.uses(x) === 1)
        return asks(value, 'bset64i', [x.args[0]!], 1n << (63n - x.imm), condition === 'bges')
      break
    default:
      break
  }
  return narrowed(value, condition, x, r)
}

/** if (x & imm) */
function bits(value: Value, x: Value, imm: bigint, r: Rewriter): Value | undefined {
  if (imm === -(1n << 63n)) return asks(value, 'blts64i', [x], 0n)
  if (imm === -1n) return asks(value, 'beq64i', [x], 0n, true)
  if (r.uses(x) > 1) return undefined
  if (x.op === 'and64i') return asks(value, 'bset64i', x.args.slice(), imm & x.imm)
  if (imm < 0n) return undefined
  if ((x.op === 'shru64i' || x.op === 'shrs64i') && imm << x.imm < 1n << 63n)
    return asks(value, 'bset64i', x.args.slice(), imm << x.imm)
  if (x.op === 'shru32si' && imm << x.imm < 1n << 32n)
    return asks(value, 'bset64i', x.args.slice(), imm << x.imm)
  if (x.op === 'shl64i' && imm >> x.imm !== 0n)
    return asks(value, 'bset64i', x.args.slice(), imm >> x.imm)
  const kept = { sext32: 31, zext32: 32, sext16: 15, zext16: 16, sext8: 7 }[x.op as 'sext32']
  if (kept !== undefined && imm < 1n << BigInt(kept))
    return asks(value, 'bset64i', x.args.slice(), imm)
  return undefined
}

/** Comparisons of extended halves with an immediate that is extended the same way. */
function narrowed(value: Value, condition: string, x: Value, r: Rewriter): Value | undefined {
  const { imm } = value
  if (r.uses(x) > 1) return undefined
  if (x.op === 'sext32' && half(imm) === imm)
    return asks(value, opOf(condition, '32', 'i'), x.args.slice(), imm)
  const isUnsigned = condition.endsWith('u')
  if (x.op === 'zext32' && isUnsigned && BigInt.asUintN(32, imm) === imm)
    return asks(value, opOf(condition, '32', 'i'), x.args.slice(), half(imm))
  // signed comparisons of what is never negative
  if (x.op === 'zext32' && !isUnsigned && imm >= 0n && imm < 1n << 32n)
    return asks(value, opOf(condition.replace(/s$/, 'u'), '32', 'i'), x.args.slice(), half(imm))
  return undefined
}

/** Branches on low halves. */
function ofHalf(value: Value, condition: string, x: Value, r: Rewriter): Value | undefined {
  const { imm } = value
  if (half(imm) !== imm) return asks(value, value.op, [x], half(imm))
  if (x.op === 'sext32' || x.op === 'zext32') return asks(value, value.op, x.args.slice(), imm)
  const isEquality = condition === 'beq' || condition === 'bne'
  if (isEquality && x.op === 'add64i')
    return asks(value, value.op, x.args.slice(), half(imm - x.imm))
  if (isEquality && imm === 0n && x.op === 'and64i') {
    const bits = BigInt.asUintN(32, x.imm)
    return asks(value, 'bset64i', x.args.slice(), bits, condition === 'beq')
  }
  // known to be extended: the whole is as good, and tells more
  if (condition !== 'bset' && isSigned32(x, r))
    return asks(value, opOf(condition, '64', 'i'), [x], imm)
  return undefined
}

function registers(value: Value, { condition, width }: Parts, r: Rewriter): Value | undefined {
  const [x, y] = value.args as [Value, Value]
  const change = (imm: bigint): bigint => (width === '32' ? half(imm) : imm)
  const [first, second] = [constantOf(x), constantOf(y)]
  if (second !== undefined) return asks(value, opOf(condition, width, 'i'), [x], change(second))
  if (first !== undefined)
    return asks(value, opOf(exchanged[condition]!, width, 'i'), [y], change(first))
  if (width === '32') {
    const inner = (arg: Value): Value =>
      arg.op === 'sext32' || arg.op === 'zext32' ? arg.args[0]! : arg
    if (inner(x) !== x || inner(y) !== y) return asks(value, value.op, [inner(x), inner(y)], 0n)
    return undefined
  }
  if (condition === 'bset') return undefined
  const isExtension = (op: 'sext32' | 'zext32'): boolean => x.op === op || y.op === op
  if (isExtension('sext32') && isSigned32(x, r) && isSigned32(y, r))
    return asks(value, opOf(condition, '32'), [x, y], 0n)
  if (isExtension('zext32') && isUnsigned32(x, r) && isUnsigned32(y, r))
    return asks(value, opOf(condition.replace(/s$/, 'u'), '32'), [x, y], 0n)
  return undefined
}

/** Comparisons go into the branches on their answers; constants become immediates; halves are compared as such. */
export const branching: Rule = (value, r) => {
  if (!isBranch(value.op)) return undefined
  const parts = partsOf(value.op)
  return parts.isImmediate ? immediate(value, parts, r) : registers(value, parts, r)
}
