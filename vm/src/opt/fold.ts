import { irRows } from '../ir/table.ts'

/** A value op on numbers in -2^63..2^63-1; `y` is the second register or the immediate, whichever the op has. */
export type Fold = (x: bigint, y: bigint) => bigint

/** Both operands and the answer are unsigned numbers of `bits` bits; the answer is taken modulo 2^bits. */
type Operation = (x: bigint, y: bigint, bits: number) => bigint

const signed = (x: bigint, bits: number): bigint => BigInt.asIntN(bits, x)
const ones = -1n

const quotient = (x: bigint, y: bigint, whenZero: bigint): bigint => (y === 0n ? whenZero : x / y)
const remainder = (x: bigint, y: bigint): bigint => (y === 0n ? x : x % y)
const rotated = (x: bigint, by: bigint, bits: number): bigint => {
  const amount = by & BigInt(bits - 1)
  return (x << amount) | (x >> (BigInt(bits) - amount))
}

/** By the op's name without width, extension and `i`. */
const operations: Readonly<Record<string, Operation>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  andn: (x, y) => x & ~y,
  orn: (x, y) => x | ~y,
  xnor: (x, y) => ~(x ^ y),
  shl: (x, y, bits) => x << (y & BigInt(bits - 1)),
  shru: (x, y, bits) => x >> (y & BigInt(bits - 1)),
  shrs: (x, y, bits) => signed(x, bits) >> (y & BigInt(bits - 1)),
  rotl: rotated,
  rotr: (x, y, bits) => rotated(x, BigInt(bits) - (y & BigInt(bits - 1)), bits),
  div0u: (x, y) => quotient(x, y, 0n),
  div0s: (x, y, bits) => quotient(signed(x, bits), signed(y, bits), 0n),
  div1u: (x, y) => quotient(x, y, ones),
  div1s: (x, y, bits) => quotient(signed(x, bits), signed(y, bits), ones),
  divu: (x, y) => quotient(x, y, ones),
  divs: (x, y, bits) => quotient(signed(x, bits), signed(y, bits), ones),
  remu: remainder,
  rems: (x, y, bits) => remainder(signed(x, bits), signed(y, bits)),
  mulhu: (x, y, bits) => (x * y) >> BigInt(bits),
  mulhs: (x, y, bits) => (signed(x, bits) * signed(y, bits)) >> BigInt(bits),
  mulhsu: (x, y, bits) => (signed(x, bits) * y) >> BigInt(bits),
  mins: (x, y, bits) => (signed(x, bits) < signed(y, bits) ? x : y),
  maxs: (x, y, bits) => (signed(x, bits) > signed(y, bits) ? x : y),
  minu: (x, y) => (x < y ? x : y),
  maxu: (x, y) => (x > y ? x : y),
  ltu: (x, y) => (x < y ? 1n : 0n),
  leu: (x, y) => (x <= y ? 1n : 0n),
  gtu: (x, y) => (x > y ? 1n : 0n),
  geu: (x, y) => (x >= y ? 1n : 0n),
  lts: (x, y, bits) => (signed(x, bits) < signed(y, bits) ? 1n : 0n),
  les: (x, y, bits) => (signed(x, bits) <= signed(y, bits) ? 1n : 0n),
  gts: (x, y, bits) => (signed(x, bits) > signed(y, bits) ? 1n : 0n),
  ges: (x, y, bits) => (signed(x, bits) >= signed(y, bits) ? 1n : 0n),
  eq: (x, y) => (x === y ? 1n : 0n),
  ne: (x, y) => (x !== y ? 1n : 0n),
  set: (x, y) => ((x & y) !== 0n ? 1n : 0n),
}

function reversed(x: bigint, octets: number): bigint {
  let result = 0n
  for (let i = 0; i < octets; i++) result = (result << 8n) | ((x >> BigInt(8 * i)) & 0xffn)
  return result
}

function population(x: bigint): bigint {
  let count = 0n
  for (let left = x; left !== 0n; left &= left - 1n) count++
  return count
}

const leading = (x: bigint, bits: number): bigint =>
  BigInt(bits - (x === 0n ? 0 : x.toString(2).length))
const trailing = (x: bigint, bits: number): bigint =>
  x === 0n ? BigInt(bits) : BigInt((x & -x).toString(2).length - 1)
const low = (x: bigint, bits: number): bigint => BigInt.asUintN(bits, x)

const unary: Readonly<Record<string, (x: bigint) => bigint>> = {
  sext8: (x) => signed(x, 8),
  sext16: (x) => signed(x, 16),
  sext32: (x) => signed(x, 32),
  zext16: (x) => low(x, 16),
  zext32: (x) => low(x, 32),
  sext8z: (x) => low(signed(x, 8), 32),
  sext16z: (x) => low(signed(x, 16), 32),
  bswap16: (x) => reversed(x, 2),
  bswap32: (x) => reversed(x, 4),
  bswap32s: (x) => signed(reversed(x, 4), 32),
  bswap64: (x) => signed(reversed(x, 8), 64),
  popcnt64: (x) => population(low(x, 64)),
  popcnt32: (x) => population(low(x, 32)),
  clz64: (x) => leading(low(x, 64), 64),
  clz32: (x) => leading(low(x, 32), 32),
  ctz64: (x) => trailing(low(x, 64), 64),
  ctz32: (x) => trailing(low(x, 32), 32),
}

function foldOf(name: string): Fold {
  const one = unary[name]
  if (one !== undefined) return one
  const parts = /^b?([a-z]+[01]?[us]?)(64|32)([zs]?)([ir]?)$/.exec(name)!
  const operation = operations[parts[1]!] ?? operations[name.slice(1).replace(/(64|32)i?$/, '')]!
  const bits = Number(parts[2])
  const isSigned = parts[3] !== 'z'
  const isSwapped = parts[4] === 'r'
  return (x, y) => {
    const first = low(isSwapped ? y : x, bits)
    const second = low(isSwapped ? x : y, bits)
    const result = operation(first, second, bits)
    return isSigned ? signed(result, bits) : low(result, bits)
  }
}

const pureForms: ReadonlySet<string> = new Set(['abc', 'abi', 'ab', 'branch', 'branchi'])

/**
 * What each op of values means on numbers, from the formulas of the IR's table alone and sharing nothing with the engines.
 * A branch answers 1 where it is taken.
 * @example folds.get('add32si')?.(0x7fffffffn, 1n) // -0x80000000n
 */
export const folds: ReadonlyMap<string, Fold> = new Map(
  irRows
    .filter(({ form, name }) => pureForms.has(form) && name !== 'mov' && name !== 'sbrk')
    .map(({ name }) => [name, foldOf(name)]),
)
