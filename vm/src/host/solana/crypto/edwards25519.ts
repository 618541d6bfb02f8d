import { type Address, Field25519 } from './field25519.ts'
import { elementBytes, pointBytes } from './field25519-code.ts'

/** The order of the prime subgroup of edwards25519. */
export const groupOrder: bigint = 2n ** 252n + 27742317777372353535851937790883648493n
/** The d of -x^2 + y^2 = 1 + d x^2 y^2: -121665 / 121666. */
export const edwardsD: bigint =
  37095705934669439343138083508754565189542113879843219016388785533085940283555n
export const sqrtMinusOne: bigint =
  19681161376707505956807079304988542015446066515923890162744021073123829784752n
const basePoint = {
  x: 15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  y: 46316835694926478169428394003475163141307993866256225615783033603165251855960n,
}
const groupOrderBytes = littleEndian(groupOrder)

/** 32 bytes. */
function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
}

/** Is a number of 32 bytes, little-endian, below the order of the group. */
export function isCanonicalScalar(bytes: Uint8Array, start = 0): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = bytes[start + i]! - groupOrderBytes[i]!
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Digits of the base's multiples go to +-127, so that one in nine is not zero; of other points', one in six. */
const baseWindow = 8
const window = 5
const scalarDigits = 256
/** Most terms of one sum. */
export const mostTerms = 8
const tableElements = 4 * 2 * (1 << (window - 2))
const tableBytes = tableElements * elementBytes
/** A point that is known has tables for each quarter of a scalar, so that doublings are a quarter, too. */
const quarters = 4
const quarterBits = 64

/**
 * Writes digits d with `sum(d[i] 2^i)` = `bits` bits of the scalar, each zero or odd and below 2^(width-1), at least
 * `width - 1` zeros behind each that is not. Answers the number of digits up to the last that is not zero.
 */
function recode(
  digits: Int8Array,
  scalar: Uint8Array,
  start: number,
  width: number,
  bits: number = scalarDigits,
): number {
  const limit = (1 << (width - 1)) - 1
  // a carry may leave a quarter; whole scalars are below 2^255
  const end = Math.min(bits + 1, scalarDigits)
  digits.fill(0, bits)
  for (let i = 0; i < bits; i++) digits[i] = (scalar[start + (i >> 3)]! >> (i & 7)) & 1
  let length = 0
  for (let i = 0; i < end; i++) {
    if (digits[i] === 0) continue
    length = i + 1
    for (let b = 1; b <= width && i + b < end; b++) {
      if (digits[i + b] === 0) continue
      const shifted = digits[i + b]! << b
      if (digits[i]! + shifted <= limit) {
        digits[i] = digits[i]! + shifted
        digits[i + b] = 0
      } else if (digits[i]! - shifted >= -limit) {
        digits[i] = digits[i]! - shifted
        for (let k = i + b; k < end; k++) {
          if (digits[k] === 0) {
            digits[k] = 1
            break
          }
          digits[k] = 0
        }
      } else break
    }
  }
  return length
}

/**
 * The curve of Ed25519 with the rules of encodings that curve25519-dalek has: y may be any number of 255 bits,
 * x = 0 may have either sign. Points live in Wasm memory, four elements each.
 */
export class Edwards25519 {
  readonly field: Field25519 = new Field25519()
  readonly d: Address = this.constant(edwardsD)
  readonly d2: Address = this.constant(2n * edwardsD)
  readonly sqrtMinusOne: Address = this.constant(sqrtMinusOne)
  readonly one: Address = this.constant(1n)
  /** Points for whoever calls; no method here writes them of its own accord. */
  readonly left: Address = this.point()
  readonly right: Address = this.point()
  readonly total: Address = this.point()
  private readonly t: readonly Address[] = [0, 1, 2, 3, 4].map(() => this.field.room(1))
  private readonly multiple: Address = this.field.room(4)
  private readonly sum: Address = this.field.room(8)
  /** For each term odd multiples 1, 3, 5, ... and their negatives, of its point: Y+X, Y-X, 2dT, Z. */
  private readonly tables: Address = this.field.room(tableElements * mostTerms)
  private readonly digits = Array.from({ length: mostTerms }, () => new Int8Array(scalarDigits))
  private readonly tableOf = new Int32Array(mostTerms)
  private readonly digitsOfBase = Array.from(
    { length: quarters },
    () => new Int8Array(scalarDigits),
  )
  private readonly baseTables: Address[] = []
  private readonly baseOf = new Int32Array(quarters)
  /** Table entries to be added at one bit. */
  private readonly places = new Int32Array(mostTerms + quarters)
  /** Are scalars taken in quarters. */
  private split = false
  private terms = 0
  private last = 0

  private constant(value: bigint): Address {
    const address = this.field.room(1)
    this.field.set(address, value)
    return address
  }

  private point(): Address {
    return this.field.room(4)
  }

  identity(d: Address): void {
    this.field.set(d, 0n)
    this.field.set(d + elementBytes, 1n)
    this.field.set(d + 2 * elementBytes, 1n)
    this.field.set(d + 3 * elementBytes, 0n)
  }

  /**
   * d = sqrt(u / v), the even one; answers whether it is one. Otherwise d is sqrt(i u / v), or 0 for v = 0
   * (RFC 9496, 4.2).
   */
  sqrtRatio(d: Address, u: Address, v: Address): boolean {
    const { field } = this
    const { code } = field
    const [v3, v7, check, other] = this.t as [Address, Address, Address, Address, Address]
    code.square(v3, v)
    code.mul(v3, v3, v)
    code.square(v7, v3)
    code.mul(v7, v7, v)
    code.mul(v7, v7, u)
    field.power22523(v7, v7)
    code.mul(v7, v7, v3)
    code.mul(v7, v7, u)
    code.square(check, v7)
    code.mul(check, check, v)
    const correct = field.equal(check, u)
    code.add(other, check, u)
    const flipped = field.isZero(other)
    code.mul(other, u, this.sqrtMinusOne)
    code.add(other, check, other)
    const flippedI = field.isZero(other)
    if (flipped || flippedI) code.mul(v7, v7, this.sqrtMinusOne)
    if (field.isOdd(v7)) field.negate(v7, v7)
    field.copy(d, v7)
    return correct || flipped
  }

  /** Reads a point from 32 bytes; false, and no point, when there is none with that y. */
  decompress(d: Address, bytes: Uint8Array, start = 0): boolean {
    const { field } = this
    const { code } = field
    const x = d
    const y = d + elementBytes
    const z = d + 2 * elementBytes
    const t = d + 3 * elementBytes
    field.read(y, bytes, start)
    code.square(x, y)
    code.mul(t, x, this.d)
    code.sub(x, x, this.one)
    code.add(t, t, this.one)
    if (!this.sqrtRatio(x, x, t)) return false
    if (bytes[start + 31]! >> 7 === 1) field.negate(x, x)
    field.copy(z, this.one)
    code.mul(t, x, y)
    return true
  }

  /** Writes a point as 32 bytes, canonical. */
  compress(p: Address, out: Uint8Array, start = 0): void {
    const { field } = this
    const [z, x, y] = this.t as [Address, Address, Address, Address, Address]
    field.invert(z, p + 2 * elementBytes)
    field.code.mul(x, p, z)
    field.code.mul(y, p + elementBytes, z)
    field.write(y, out, start)
    if (field.isOdd(x)) out[start + 31] = out[start + 31]! | 0x80
  }

  negate(d: Address, p: Address): void {
    this.field.copy(d, p, 4)
    this.field.negate(d, p)
    this.field.negate(d + 3 * elementBytes, p + 3 * elementBytes)
  }

  /** Is 8 p the identity. */
  isSmallOrder(p: Address): boolean {
    const { code } = this.field
    code.doublePoint(this.multiple, p, 0)
    code.doublePoint(this.multiple, this.multiple, 0)
    code.doublePoint(this.multiple, this.multiple, 0)
    return this.isIdentity(this.multiple)
  }

  isIdentity(p: Address): boolean {
    return this.field.isZero(p) && this.field.equal(p + elementBytes, p + 2 * elementBytes)
  }

  /** Y+X, Y-X, 2dT, Z of p: what `addPoint` takes second. */
  cache(d: Address, p: Address): void {
    const { code } = this.field
    code.add(d, p + elementBytes, p)
    code.sub(d + elementBytes, p + elementBytes, p)
    code.mul(d + 2 * elementBytes, p + 3 * elementBytes, this.d2)
    this.field.copy(d + 3 * elementBytes, p + 2 * elementBytes)
  }

  /** The cached form of -p from that of p. */
  private cacheNegative(d: Address, cached: Address): void {
    this.field.copy(d, cached + elementBytes)
    this.field.copy(d + elementBytes, cached)
    this.field.negate(d + 2 * elementBytes, cached + 2 * elementBytes)
    this.field.copy(d + 3 * elementBytes, cached + 3 * elementBytes)
  }

  /** Forgets terms that were not summed up. */
  drop(): void {
    this.terms = 0
    this.last = 0
    this.split = false
  }

  /** d = p + q, or p - q */
  add(d: Address, p: Address, q: Address, negative = false): void {
    const cached = this.sum
    this.cache(cached, q)
    if (negative) {
      this.cacheNegative(cached + pointBytes, cached)
      this.field.code.addPoint(d, p, cached + pointBytes, 1)
    } else this.field.code.addPoint(d, p, cached, 1)
  }

  /** Entry k is (2k + 1) p, entry k + half its negative. */
  private fillTable(table: Address, p: Address, width: number): void {
    const { field, multiple } = this
    const half = 1 << (width - 2)
    const twice = table + (half + half - 1) * pointBytes
    field.code.doublePoint(multiple, p, 1)
    // the last entry is written last: until then it holds 2p
    this.cache(twice, multiple)
    field.copy(multiple, p, 4)
    for (let k = 0; k < half; k++) {
      if (k > 0) field.code.addPoint(multiple, multiple, twice, 1)
      const entry = table + k * pointBytes
      this.cache(entry, multiple)
    }
    for (let k = 0; k < half; k++)
      this.cacheNegative(table + (half + k) * pointBytes, table + k * pointBytes)
  }

  /** Divides entries by their Z, which an addition then does without; one inversion serves all. */
  private makeAffine(table: Address, entries: number): void {
    const { field } = this
    const { code } = field
    const [inverse, z] = this.t as [Address, Address, Address, Address, Address]
    const zOf = (k: number): Address => table + k * pointBytes + 3 * elementBytes
    // products of the first k, where the negatives will be
    const productOf = (k: number): Address => table + entries * pointBytes + k * elementBytes
    field.copy(productOf(0), this.one)
    for (let k = 0; k < entries; k++) code.mul(productOf(k + 1), productOf(k), zOf(k))
    field.invert(inverse, productOf(entries))
    for (let k = entries - 1; k >= 0; k--) {
      code.mul(z, inverse, productOf(k))
      code.mul(inverse, inverse, zOf(k))
      for (let e = 0; e < 3; e++) {
        const element = table + k * pointBytes + e * elementBytes
        code.mul(element, element, z)
      }
    }
  }

  /** p becomes 2^64 p. */
  private toNextQuarter(p: Address): void {
    const { code } = this.field
    for (let k = 0; k < quarterBits; k++) code.doublePoint(p, p, k + 1 === quarterBits ? 1 : 0)
  }

  /** Odd multiples of the base, or of 2^64 times that, 2^128, 2^192. */
  private baseMultiples(quarter: number): Address {
    const known = this.baseTables[quarter]
    if (known !== undefined) return known
    const { field } = this
    const half = 1 << (baseWindow - 2)
    const p = this.point()
    field.set(p, basePoint.x)
    field.set(p + elementBytes, basePoint.y)
    field.set(p + 2 * elementBytes, 1n)
    field.code.mul(p + 3 * elementBytes, p, p + elementBytes)
    for (let k = 0; k < quarter; k++) this.toNextQuarter(p)
    const table = field.room(4 * 2 * half)
    this.fillTable(table, p, baseWindow)
    this.makeAffine(table, half)
    for (let k = 0; k < half; k++)
      this.cacheNegative(table + (half + k) * pointBytes, table + k * pointBytes)
    this.baseTables[quarter] = table
    return table
  }

  /** Room for the tables of a point, for good. */
  roomForKnown(): Address {
    return this.field.room(quarters * tableElements)
  }

  /** Makes the tables of a point, which `knownTerm` takes; p is changed. */
  makeKnown(tables: Address, p: Address): void {
    for (let quarter = 0; quarter < quarters; quarter++) {
      if (quarter > 0) this.toNextQuarter(p)
      this.fillTable(tables + quarter * tableBytes, p, window)
    }
  }

  /** Adds `scalar * p` to what `multiply` sums up; at most `mostTerms`. */
  term(scalar: Uint8Array, start: number, p: Address): void {
    const i = this.terms++
    const table = this.tables + i * tableBytes
    this.fillTable(table, p, window)
    this.tableOf[i] = table
    this.last = Math.max(this.last, recode(this.digits[i]!, scalar, start, window))
  }

  /** The same for a point with tables, four terms of the sum; it may have no others. */
  knownTerm(scalar: Uint8Array, start: number, tables: Address): void {
    for (let quarter = 0; quarter < quarters; quarter++) {
      const i = this.terms++
      const from = start + (quarter * quarterBits) / 8
      this.tableOf[i] = tables + quarter * tableBytes
      this.last = Math.max(this.last, recode(this.digits[i]!, scalar, from, window, quarterBits))
    }
    this.split = true
  }

  /** Writes the digits of `b`, whole or in quarters; answers how many these are. */
  private recodeBase(b: Uint8Array, start: number): number {
    const count = this.split ? quarters : 1
    for (let i = 0; i < count; i++) {
      const bits = this.split ? quarterBits : scalarDigits
      const from = start + (i * quarterBits) / 8
      this.baseOf[i] = this.baseMultiples(i)
      this.last = Math.max(this.last, recode(this.digitsOfBase[i]!, b, from, baseWindow, bits))
    }
    return count
  }

  /**
   * d = the sum of all terms, and of `b` times the base; scalars are below 2^255. Time depends on the scalars.
   */
  multiply(d: Address, b?: Uint8Array, bStart = 0): void {
    const { digits, terms, digitsOfBase, places, tableOf, baseOf } = this
    const { code } = this.field
    const baseTerms = b === undefined ? 0 : this.recodeBase(b, bStart)
    const half = 1 << (window - 2)
    const baseHalf = 1 << (baseWindow - 2)
    this.identity(d)
    for (let bit = this.last - 1; bit >= 0; bit--) {
      let count = 0
      for (let i = 0; i < terms; i++) {
        const digit = digits[i]![bit]!
        if (digit === 0) continue
        const entry = digit > 0 ? digit >> 1 : half + (-digit >> 1)
        places[count++] = tableOf[i]! + entry * pointBytes
      }
      let all = count
      for (let i = 0; i < baseTerms; i++) {
        const digit = digitsOfBase[i]![bit]!
        if (digit === 0) continue
        const entry = digit > 0 ? digit >> 1 : baseHalf + (-digit >> 1)
        places[all++] = baseOf[i]! + entry * pointBytes
      }
      // T is for additions: the one that a doubling follows needs none
      const wantT = bit === 0 ? 1 : 0
      code.doublePoint(d, d, all > 0 ? 1 : wantT)
      for (let k = 0; k < count; k++) code.addPoint(d, d, places[k]!, k + 1 < all ? 1 : wantT)
      for (let k = count; k < all; k++) code.addAffine(d, d, places[k]!, k + 1 < all ? 1 : wantT)
    }
    this.drop()
  }
}

let shared: Edwards25519 | undefined

/** One instance for all: its memory is scratch between calls. */
export function edwards25519(): Edwards25519 {
  shared ??= new Edwards25519()
  return shared
}
