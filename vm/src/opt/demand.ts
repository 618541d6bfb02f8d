import { isBranch, isStore, type OptFunction, type OptOp, replaceUses, type Value } from './ir.ts'
import { accessBytes } from './memory.ts'

/** How many low bits of an operand an op looks at, given how many of its answer anybody looks at. */
type Asks = (bits: number, value: Value, operand: number) => number

const same: Asks = (bits) => bits
const least =
  (limit: number): Asks =>
  (bits) =>
    Math.min(bits, limit)
const always =
  (limit: number): Asks =>
  () =>
    limit
const amountOf = ({ imm }: Value, mask: bigint): number => Number(imm & mask)
const widthOf = (imm: bigint): number => (imm === 0n ? 0 : imm.toString(2).length)
/** The first operand as `first` says, the second is an amount modulo the width. */
const shift =
  (first: Asks, amount: number): Asks =>
  (bits, value, operand) =>
    operand === 0 ? first(bits, value, operand) : amount

const named = (names: string, asks: Asks): [string, Asks][] =>
  names.split(' ').map((name) => [name, asks])

const table: ReadonlyMap<string, Asks> = new Map([
  ...named('add64 sub64 mul64 and64 or64 xor64 andn64 orn64 xnor64', same),
  ...named('add64i mul64i or64i xor64i sub64r phi', same),
  ...named('add32s sub32s mul32s add32si mul32si sub32sr', least(32)),
  ...named('add32z sub32z mul32z and32z or32z xor32z', least(32)),
  ...named('add32zi mul32zi and32zi or32zi xor32zi sub32zr', least(32)),
  ...named('sext32 zext32', least(32)),
  ...named('sext16 zext16', least(16)),
  ...named('sext8', least(8)),
  ...named('sext16z bswap16', always(16)),
  ...named('sext8z', always(8)),
  ...named('clz32 ctz32 popcnt32 bswap32 bswap32s mulhu32s mulhs32s mulhsu32s', always(32)),
  ...named('div1u32s div1s32s remu32s rems32s div0u32z div0s32z remu32z rems32z', always(32)),
  ...named('divu32zi divs32zi remu32zi rems32zi rotr32si', always(32)),
  ...named('shl64', shift(same, 6)),
  ...named('shru64 shrs64 rotl64 rotr64', shift(always(64), 6)),
  ...named('shl32s shl32z', shift(least(32), 5)),
  ...named('shru32s shrs32s shru32z shrs32z rotl32s rotr32s', shift(always(32), 5)),
  ...named('and64i', (bits, { imm }) => widthOf(BigInt.asUintN(bits, imm))),
  ...named('shl64i', (bits, value) => Math.max(0, bits - amountOf(value, 63n))),
  ...named('shl32si shl32zi', (bits, value) =>
    Math.max(0, Math.min(bits, 32) - amountOf(value, 31n)),
  ),
  ...named('shru64i shrs64i', (bits, value) => Math.min(64, bits + amountOf(value, 63n))),
  ...named('shru32si shrs32si shru32zi shrs32zi', (bits, value) =>
    Math.min(32, bits + amountOf(value, 31n)),
  ),
  ...named('select', (bits, _value, operand) => (operand === 2 ? 64 : bits)),
  ...named('bset64i', (_bits, { imm }) => widthOf(BigInt.asUintN(64, imm))),
  ...named('bset32i', (_bits, { imm }) => widthOf(BigInt.asUintN(32, imm))),
])

function asked(bits: number, value: Value, operand: number): number {
  const { op } = value
  const asks = table.get(op)
  if (asks !== undefined) return asks(bits, value, operand)
  if (isBranch(op)) return /32i?$/.test(op) ? 32 : 64
  if (isStore(op) && operand === 0 && !op.endsWith('i')) return 8 * accessBytes(op)
  return 64
}

/** Phis ask for few numbers of bits, so that loops come to rest. */
const level = (bits: number): number => [0, 8, 16, 32, 64].find((at) => at >= bits)!

/** By value id: how many low bits of it anybody looks at. */
export function demandOf(func: OptFunction): Uint8Array {
  const demand = new Uint8Array(func.values)
  const work: Value[] = []
  const ask = (value: Value, bits: number): void => {
    for (const [i, arg] of value.args.entries()) {
      const wanted = asked(bits, value, i)
      const more = arg.op === 'phi' ? level(wanted) : wanted
      if (more <= demand[arg.id]!) continue
      demand[arg.id] = more
      work.push(arg)
    }
  }
  for (const { insns } of func.blocks)
    for (const insn of insns)
      if (isBranch(insn.op) || isStore(insn.op) || !table.has(insn.op)) ask(insn, 64)
  for (let value = work.pop(); value !== undefined; value = work.pop())
    if (table.has(value.op)) ask(value, demand[value.id]!)
  return demand
}

const kept: Readonly<Record<string, number>> = {
  ...{ sext32: 32, zext32: 32, sext16: 16, zext16: 16, sext8: 8, sext16z: 16, sext8z: 8 },
}

/** The op on 64 bits whose low half is that of the op. */
const wide: Readonly<Record<string, OptOp>> = {
  add32s: 'add64',
  sub32s: 'sub64',
  mul32s: 'mul64',
  add32si: 'add64i',
  mul32si: 'mul64i',
  sub32sr: 'sub64r',
  shl32si: 'shl64i',
  add32z: 'add64',
  sub32z: 'sub64',
  mul32z: 'mul64',
  and32z: 'and64',
  or32z: 'or64',
  xor32z: 'xor64',
  add32zi: 'add64i',
  mul32zi: 'mul64i',
  or32zi: 'or64i',
  xor32zi: 'xor64i',
  sub32zr: 'sub64r',
  shl32zi: 'shl64i',
}

const bitwise: ReadonlySet<string> = new Set(['and64i', 'or64i', 'xor64i', 'add64i', 'mul64i'])

/** What the value may be instead if only `bits` low bits of it matter; itself when nothing changes. */
function less(value: Value, bits: number): Value {
  const { args, imm, op } = value
  if ((kept[op] ?? 0) >= bits) return args[0]!
  if (op === 'and64i' && BigInt.asIntN(bits, imm) === -1n) return args[0]!
  const into = bits <= 32 ? wide[op] : undefined
  if (into !== undefined) {
    value.op = into
    if (into === 'shl64i') value.imm = imm & 31n
    return value
  }
  if (op === 'shrs64i' && bits + amountOf(value, 63n) <= 64) value.op = 'shru64i'
  // the shorter immediate; a mask stays as it is, for what it says of the bits above
  const short = BigInt.asIntN(bits, imm)
  if (bits < 64 && op !== 'and64i' && bitwise.has(op)) value.imm = short
  return value
}

/**
 * Drops extensions and masks of bits that nobody looks at, and computes in 64 bits what is looked at in 32 alone. O(n)
 */
export function narrow(func: OptFunction): boolean {
  const demand = demandOf(func)
  const by = new Map<Value, Value>()
  let changed = false
  for (const block of func.blocks)
    for (const insn of block.insns) {
      const bits = demand[insn.id]!
      if (bits === 0 || bits === 64 || !table.has(insn.op)) continue
      const { imm, op } = insn
      const instead = less(insn, bits)
      if (instead !== insn) by.set(insn, instead)
      if (instead !== insn || insn.op !== op || insn.imm !== imm) changed = true
    }
  replaceUses(func, by)
  return changed
}
