import type { FuncBuilder } from '../../../emit/func.ts'
import { ModuleBuilder } from '../../../emit/module.ts'
import { BlockType, Op, ValType } from '../../../isa/wasm/table.ts'

/** Octets of a field element: ten limbs of 26 and 25 bits in turn, as signed words. */
export const elementBytes = 40
/** Octets of a point (X : Y : Z : T), with T = XY/Z. */
export const pointBytes: number = 4 * elementBytes
/** First octet that no function here uses as its scratch. */
export const scratchBytes: number = 8 * elementBytes

const limbs = 10
const bitsOf = (limb: number): number => (limb % 2 === 0 ? 26 : 25)
/** The order in which carries go, so that every limb ends below 1.01 * 2^25 (even) or 2^24 (odd). */
const carryOrder = [0, 4, 1, 5, 2, 6, 3, 7, 4, 8, 9, 0]

/** An address: a parameter with an offset, or a constant when the parameter is undefined. */
interface Place {
  readonly base: number | undefined
  readonly offset: number
}
const scratch = (i: number): Place => ({ base: undefined, offset: i * elementBytes })
const at = (base: number, element: number): Place => ({ base, offset: element * elementBytes })

function push(f: FuncBuilder, { base, offset }: Place): void {
  if (base === undefined) {
    f.i32Const(offset)
    return
  }
  f.localGet(base)
  if (offset === 0) return
  f.i32Const(offset)
  f.op(Op.i32Add)
}

function loadLimbs(f: FuncBuilder, from: number, name: string): number[] {
  return Array.from({ length: limbs }, (_, i) => {
    const local = f.local(ValType.i64, `${name}${i}`)
    f.localGet(from)
    f.load(Op.i64Load32S, 2, 4 * i)
    f.localSet(local)
    return local
  })
}

/** `local * factor`, in a new local. */
function scaled(f: FuncBuilder, local: number, factor: number): number {
  const out = f.local(ValType.i64)
  f.localGet(local)
  f.i64ConstS(factor)
  f.op(Op.i64Mul)
  f.localSet(out)
  return out
}

/** `h[limb + 1] += h[limb] >> bits`, rounded to the nearest; what leaves the top comes in below as 19. */
function carry(f: FuncBuilder, h: readonly number[], limb: number, moved: number): void {
  const bits = bitsOf(limb)
  const next = h[(limb + 1) % limbs]!
  f.localGet(h[limb]!)
  f.i64ConstS(2 ** (bits - 1))
  f.op(Op.i64Add)
  f.i64ConstS(bits)
  f.op(Op.i64ShrS)
  f.localSet(moved)
  f.localGet(next)
  f.localGet(moved)
  if (limb === limbs - 1) {
    f.i64ConstS(19)
    f.op(Op.i64Mul)
  }
  f.op(Op.i64Add)
  f.localSet(next)
  f.localGet(h[limb]!)
  f.localGet(moved)
  f.i64ConstS(bits)
  f.op(Op.i64Shl)
  f.op(Op.i64Sub)
  f.localSet(h[limb]!)
}

/** Sums the products of `terms` for every limb, carries, and stores at the first parameter. */
function finishProduct(
  f: FuncBuilder,
  terms: readonly (readonly (readonly [number, number])[])[],
  twice: boolean,
): void {
  const h = terms.map((products) => {
    const sum = f.local(ValType.i64)
    products.forEach(([a, b], i) => {
      f.localGet(a)
      f.localGet(b)
      f.op(Op.i64Mul)
      if (i > 0) f.op(Op.i64Add)
    })
    if (twice) {
      f.i64ConstS(1)
      f.op(Op.i64Shl)
    }
    f.localSet(sum)
    return sum
  })
  const moved = f.local(ValType.i64, 'moved')
  for (const limb of carryOrder) carry(f, h, limb, moved)
  h.forEach((sum, i) => {
    f.localGet(0)
    f.localGet(sum)
    f.store(Op.i64Store32, 2, 4 * i)
  })
  f.finish()
}

/** `mul(d, a, b)`: limbs of a and b below 1.65 * 2^26 (even) and 2^25 (odd), so that no sum overflows. */
function emitMul(f: FuncBuilder): void {
  const a = loadLimbs(f, 1, 'a')
  const b = loadLimbs(f, 2, 'b')
  // an odd limb weighs half a bit more than its index says: two of them make a factor of two
  const a2 = a.map((local, i) => (i % 2 === 1 ? scaled(f, local, 2) : local))
  const b19 = b.map((local, i) => (i > 0 ? scaled(f, local, 19) : local))
  const terms = a.map((_, k) =>
    a.map((_, i): [number, number] => {
      const j = (k - i + limbs) % limbs
      return [j % 2 === 1 ? a2[i]! : a[i]!, i + j === k ? b[j]! : b19[j]!]
    }),
  )
  finishProduct(f, terms, false)
}

/** `square(d, a)`, and twice the square. */
function emitSquare(f: FuncBuilder, twice: boolean): void {
  const a = loadLimbs(f, 1, 'a')
  const factors = new Map<string, number>()
  const times = (i: number, factor: number): number => {
    if (factor === 1) return a[i]!
    const key = `${i}*${factor}`
    const known = factors.get(key) ?? scaled(f, a[i]!, factor)
    factors.set(key, known)
    return known
  }
  const terms = a.map((_, k) => {
    const products: [number, number][] = []
    for (let i = 0; i < limbs; i++) {
      const j = (k - i + limbs) % limbs
      if (j < i) continue
      const odd = i % 2 === 1 && j % 2 === 1 ? 2 : 1
      const both = i === j ? 1 : 2
      products.push([times(i, odd * both), times(j, i + j === k ? 1 : 19)])
    }
    return products
  })
  finishProduct(f, terms, twice)
}

function emitLinear(f: FuncBuilder, op: number): void {
  for (let i = 0; i < limbs; i++) {
    f.localGet(0)
    for (const from of [1, 2]) {
      f.localGet(from)
      f.load(Op.i32Load, 2, 4 * i)
    }
    f.op(op)
    f.store(Op.i32Store, 2, 4 * i)
  }
  f.finish()
}

/** `squares(d, a, n)`: `a ^ (2 ^ n)`, n at least 1. */
function emitSquares(f: FuncBuilder, square: number): void {
  f.localGet(0)
  f.localGet(1)
  f.call(square)
  const done = f.block()
  const again = f.loop()
  f.localGet(2)
  f.i32Const(1)
  f.op(Op.i32Sub)
  f.localTee(2)
  f.op(Op.i32Eqz)
  f.brIf(done)
  f.localGet(0)
  f.localGet(0)
  f.call(square)
  f.br(again)
  f.end()
  f.end()
  f.finish()
}

/** What the point functions call, by index. */
interface FieldFunctions {
  readonly mul: number
  readonly square: number
  readonly doubleSquare: number
  readonly add: number
  readonly sub: number
}

class PointCode {
  private readonly f: FuncBuilder
  private readonly field: FieldFunctions

  constructor(f: FuncBuilder, field: FieldFunctions) {
    this.f = f
    this.field = field
  }

  call(name: keyof FieldFunctions, ...places: readonly Place[]): void {
    for (const place of places) push(this.f, place)
    this.f.call(this.field[name])
  }

  /** (X : T') x (Y : Z') to one point at parameter 0; its T only when parameter `wanted` is not zero. */
  complete(x: Place, y: Place, z: Place, t: Place, wanted: number): void {
    this.call('mul', at(0, 0), x, t)
    this.call('mul', at(0, 1), y, z)
    this.call('mul', at(0, 2), z, t)
    this.f.localGet(wanted)
    this.f.if(BlockType.empty)
    this.call('mul', at(0, 3), x, y)
    this.f.end()
    this.f.finish()
  }
}

/** `double(d, p, t)`: "dbl-2008-hwcd" for a = -1. */
function emitDouble(f: FuncBuilder, field: FieldFunctions): void {
  const code = new PointCode(f, field)
  const [xx, yy, zz, sum, y, s] = [0, 1, 2, 3, 4, 5].map(scratch) as [
    Place,
    Place,
    Place,
    Place,
    Place,
    Place,
  ]
  code.call('square', xx, at(1, 0))
  code.call('square', yy, at(1, 1))
  code.call('doubleSquare', zz, at(1, 2))
  code.call('add', sum, at(1, 0), at(1, 1))
  code.call('square', s, sum)
  code.call('add', y, yy, xx)
  code.call('sub', yy, yy, xx)
  code.call('sub', s, s, y)
  code.call('sub', zz, zz, yy)
  code.complete(s, y, yy, zz, 2)
}

/**
 * `add(d, p, q, t)`: "add-2008-hwcd-3" for a = -1, with q as Y+X, Y-X, 2dT, Z; an affine q has no Z.
 */
function emitAdd(f: FuncBuilder, field: FieldFunctions, affine: boolean): void {
  const code = new PointCode(f, field)
  const [a, b, c, d, x, y] = [0, 1, 2, 3, 4, 5].map(scratch) as [
    Place,
    Place,
    Place,
    Place,
    Place,
    Place,
  ]
  code.call('add', a, at(1, 1), at(1, 0))
  code.call('sub', b, at(1, 1), at(1, 0))
  code.call('mul', a, a, at(2, 0))
  code.call('mul', b, b, at(2, 1))
  code.call('mul', c, at(2, 2), at(1, 3))
  if (affine) code.call('add', d, at(1, 2), at(1, 2))
  else {
    code.call('mul', d, at(1, 2), at(2, 3))
    code.call('add', d, d, d)
  }
  code.call('sub', x, a, b)
  code.call('add', y, a, b)
  code.call('add', a, d, c)
  code.call('sub', b, d, c)
  code.complete(x, y, a, b, 3)
}

/**
 * The field of 2^255 - 19 and its twisted Edwards curve in Wasm, operands as addresses in its memory.
 * Results may be at the place of operands.
 */
export function emitField25519(): Uint8Array {
  const module = new ModuleBuilder()
  module.memory(1)
  module.exportMemory('memory', 0)
  const types = [1, 2, 3, 4].map((count) =>
    module.type(new Array<ValType>(count).fill(ValType.i32), []),
  )
  const define = (name: string, params: number, emit: (f: FuncBuilder) => void): number => {
    const f = module.func(types[params - 1]!, name)
    emit(f)
    module.exportFunction(name, f.index)
    return f.index
  }
  const field = {
    mul: define('mul', 3, emitMul),
    square: define('square', 2, (f) => emitSquare(f, false)),
    doubleSquare: define('doubleSquare', 2, (f) => emitSquare(f, true)),
    add: define('add', 3, (f) => emitLinear(f, Op.i32Add)),
    sub: define('sub', 3, (f) => emitLinear(f, Op.i32Sub)),
  }
  define('squares', 3, (f) => emitSquares(f, field.square))
  define('doublePoint', 3, (f) => emitDouble(f, field))
  define('addPoint', 4, (f) => emitAdd(f, field, false))
  define('addAffine', 4, (f) => emitAdd(f, field, true))
  return module.finish()
}
