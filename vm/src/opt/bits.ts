import { orderOf } from './dominators.ts'
import type { OptFunction, Value } from './ir.ts'

/**
 * What is known of values, by id: `zeros`, the number of high bits that are 0; `signs`, how many high bits are equal (at
 * least 1). A value of `zeros` z > 0 has z equal ones.
 */
export class Facts {
  readonly zeros: Uint8Array
  readonly signs: Uint8Array

  constructor(count: number) {
    this.zeros = new Uint8Array(count)
    this.signs = new Uint8Array(count).fill(1)
  }

  zerosOf(value: Value): number {
    if (value.op === 'li') return constantZeros(value.imm)
    return value.id < this.zeros.length ? this.zeros[value.id]! : computed(value, this).zeros
  }

  /** The value's answer is another now. */
  renew(value: Value): void {
    const { signs, zeros } = computed(value, this)
    this.zeros[value.id] = zeros
    this.signs[value.id] = signs
  }

  signsOf(value: Value): number {
    if (value.op === 'li') return constantSigns(value.imm)
    return value.id < this.signs.length ? this.signs[value.id]! : computed(value, this).signs
  }
}

interface Fact {
  readonly zeros: number
  readonly signs: number
}

const width = (imm: bigint): number => (imm === 0n ? 0 : imm.toString(2).length)
const constantZeros = (imm: bigint): number => (imm < 0n ? 0 : 64 - width(imm))
const constantSigns = (imm: bigint): number => 64 - width(imm < 0n ? ~imm : imm)

const unknown: Fact = { zeros: 0, signs: 1 }
const signedBits = (bits: number): Fact => ({ zeros: 0, signs: 65 - bits })
const unsignedBits = (bits: number): Fact => ({ zeros: 64 - bits, signs: Math.max(1, 64 - bits) })

const fixed: Readonly<Record<string, Fact>> = {
  load8u: unsignedBits(8),
  load8s: signedBits(8),
  load16u: unsignedBits(16),
  load16s: signedBits(16),
  load32u: unsignedBits(32),
  load32s: signedBits(32),
  zext16: unsignedBits(16),
  zext32: unsignedBits(32),
  sext8z: unsignedBits(32),
  sext16z: unsignedBits(32),
  bswap16: unsignedBits(16),
  bswap32: unsignedBits(32),
  bswap32s: signedBits(32),
  popcnt64: unsignedBits(7),
  popcnt32: unsignedBits(6),
  clz64: unsignedBits(7),
  clz32: unsignedBits(6),
  ctz64: unsignedBits(7),
  ctz32: unsignedBits(6),
  frame: unsignedBits(32),
  entry: unsignedBits(32),
}

const comparisons: ReadonlySet<string> = new Set([
  ...['ltu64', 'lts64', 'ltu64i', 'lts64i', 'gtu64i', 'gts64i'],
])

/** From zeros and signs that hold together. */
const fact = (zeros: number, signs: number): Fact => ({ zeros, signs: Math.max(signs, zeros, 1) })

/** Both of `x` and `y` hold for one and the other. */
const either = (x: Fact, y: Fact): Fact => ({
  zeros: Math.min(x.zeros, y.zeros),
  signs: Math.min(x.signs, y.signs),
})

function computed(value: Value, facts: Facts): Fact {
  const { args, imm, op } = value
  const known = fixed[op]
  if (op === 'sext8' || op === 'sext16' || op === 'sext32') {
    const bits = Number(op.slice(4))
    const zeros = facts.zerosOf(args[0]!)
    return fact(zeros > 64 - bits ? zeros : 0, Math.max(65 - bits, facts.signsOf(args[0]!)))
  }
  if (known !== undefined) {
    const zeros =
      known.zeros > 0 && args[0] !== undefined && op.startsWith('zext') ? facts.zerosOf(args[0]) : 0
    return zeros > known.zeros ? fact(zeros, 1) : known
  }
  if (comparisons.has(op)) return unsignedBits(1)
  const of = (i: number): Fact => ({
    zeros: facts.zerosOf(args[i]!),
    signs: facts.signsOf(args[i]!),
  })
  const constant: Fact = { zeros: constantZeros(imm), signs: constantSigns(imm) }
  const y = (): Fact => (args.length > 1 ? of(1) : constant)
  switch (op) {
    case 'phi':
      return args.map((_, i) => of(i)).reduce(either)
    case 'select':
      return either(of(0), of(1))
    case 'and64':
    case 'and64i': {
      const [a, b] = [of(0), y()]
      return fact(Math.max(a.zeros, b.zeros), Math.min(a.signs, b.signs))
    }
    case 'or64':
    case 'or64i':
    case 'xor64':
    case 'xor64i': {
      const both = either(of(0), y())
      return fact(both.zeros, both.signs)
    }
    case 'andn64':
      return fact(of(0).zeros, Math.min(of(0).signs, of(1).signs))
    case 'orn64':
    case 'xnor64':
    case 'mins64':
    case 'maxs64':
      return fact(op.startsWith('m') ? either(of(0), of(1)).zeros : 0, either(of(0), of(1)).signs)
    case 'maxu64':
      return fact(either(of(0), of(1)).zeros, either(of(0), of(1)).signs)
    case 'minu64':
      return fact(Math.max(of(0).zeros, of(1).zeros), either(of(0), of(1)).signs)
    case 'add64':
    case 'add64i':
    case 'sub64':
    case 'sub64r': {
      const both = either(of(0), y())
      const carries = op.startsWith('add') && both.zeros > 0 ? both.zeros - 1 : 0
      return fact(carries, Math.max(1, both.signs - 1))
    }
    case 'mul64':
    case 'mul64i': {
      const [a, b] = [of(0), y()]
      return fact(Math.max(0, a.zeros + b.zeros - 64), Math.max(1, a.signs + b.signs - 65))
    }
    case 'shl64i': {
      const by = Number(imm & 63n)
      return fact(Math.max(0, of(0).zeros - by), Math.max(1, of(0).signs - by))
    }
    case 'shru64i': {
      const by = Number(imm & 63n)
      return by === 0 ? of(0) : fact(Math.min(64, of(0).zeros + by), 1)
    }
    case 'shrs64i': {
      const by = Number(imm & 63n)
      const { signs, zeros } = of(0)
      return fact(zeros === 0 ? 0 : Math.min(64, zeros + by), Math.min(64, signs + by))
    }
    case 'shru32si': {
      const by = Number(imm & 31n)
      return by === 0 ? signedBits(32) : unsignedBits(32 - by)
    }
    case 'shrs32si':
      return signedBits(32 - Number(imm & 31n))
    case 'shru64':
      return fact(of(0).zeros, of(0).zeros)
    case 'shrs64':
      return fact(of(0).zeros, of(0).signs)
    case 'remu64':
      return fact(of(0).zeros, 1)
    case 'div1u64':
    case 'divu64i':
    case 'remu64i':
      return fact(args.length > 1 ? 0 : of(0).zeros, 1)
    default:
      if (/32s[ir]?$/.test(op)) return signedBits(32)
      return /32z[ir]?$/.test(op) ? unsignedBits(32) : unknown
  }
}

const levels: readonly number[] = [0, 1, 32, 33, 48, 49, 56, 57, 63, 64]
/** Phis know few numbers, so that loops come to rest. */
const level = (bits: number): number => levels.findLast((at) => at <= bits)!

/** What is known of every value of the function: the best that holds around loops, too. O(n) for each of few levels. */
export function factsOf(func: OptFunction): Facts {
  const facts = new Facts(func.values)
  const order = orderOf(func)
  for (const { insns, phis } of order) {
    for (const { id } of phis) {
      facts.zeros[id] = 64
      facts.signs[id] = 64
    }
    for (const { id } of insns) {
      facts.zeros[id] = 64
      facts.signs[id] = 64
    }
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const { insns, phis } of order) {
      for (const phi of phis) if (update(phi, facts)) changed = true
      // a phi that comes before it may have been asked already
      for (const insn of insns) if (update(insn, facts)) changed = true
    }
  }
  return facts
}

function update(value: Value, facts: Facts): boolean {
  const { id, op } = value
  let { signs, zeros } =
    op === 'li'
      ? { zeros: constantZeros(value.imm), signs: constantSigns(value.imm) }
      : computed(value, facts)
  if (op === 'phi') {
    zeros = Math.min(level(zeros), facts.zeros[id]!)
    signs = Math.min(Math.max(1, level(signs)), facts.signs[id]!)
  }
  const lower = zeros < facts.zeros[id]! || signs < facts.signs[id]!
  facts.zeros[id] = zeros
  facts.signs[id] = signs
  return lower
}
