import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FuncBuilder } from '#vm/emit/func'
import { ModuleBuilder } from '#vm/emit/module'
import { emitCondition, emitScalar, type Operand } from '#vm/emit/scalar'
import { type IrRow, irRows } from '#vm/ir/table'
import { Op, ValType } from '#vm/isa/wasm/table'

/** The IR's ops by the grammar of their names, on BigInt: the obvious twin of what is emitted. */
const u = (bits: number, x: bigint) => BigInt.asUintN(bits, x)
const s = (bits: number, x: bigint) => BigInt.asIntN(bits, x)
const truth = (x: boolean) => (x ? 1n : 0n)
const rotate = (bits: number, x: bigint, by: bigint) =>
  (u(bits, x) << by) | (u(bits, x) >> (BigInt(bits) - by))
const by = (bits: number, x: bigint) => u(bits, x) % BigInt(bits)
const divide = (bits: number, zero: bigint, signed: boolean, x: bigint, y: bigint) => {
  const cast = signed ? s : u
  return cast(bits, y) === 0n ? zero : cast(bits, x) / cast(bits, y)
}
const rest = (bits: number, signed: boolean, x: bigint, y: bigint) => {
  const cast = signed ? s : u
  return cast(bits, y) === 0n ? x : cast(bits, x) % cast(bits, y)
}
const octets = (count: number, x: bigint) => {
  let out = 0n
  for (let i = 0; i < count; i++) out = (out << 8n) | ((x >> BigInt(8 * i)) & 255n)
  return out
}
const bits = (n: number, x: bigint) => u(n, x).toString(2).padStart(n, '0')

type Twin = (w: number, x: bigint, y: bigint) => bigint
const twins: Readonly<Record<string, Twin>> = {
  add: (_, x, y) => x + y,
  sub: (_, x, y) => x - y,
  mul: (_, x, y) => x * y,
  and: (_, x, y) => x & y,
  or: (_, x, y) => x | y,
  xor: (_, x, y) => x ^ y,
  andn: (_, x, y) => x & ~y,
  orn: (_, x, y) => x | ~y,
  xnor: (_, x, y) => ~(x ^ y),
  shl: (w, x, y) => x << by(w, y),
  shru: (w, x, y) => u(w, x) >> by(w, y),
  shrs: (w, x, y) => s(w, x) >> by(w, y),
  rotl: (w, x, y) => rotate(w, x, by(w, y)),
  rotr: (w, x, y) => rotate(w, x, BigInt(w) - by(w, y)),
  divu: (w, x, y) => divide(w, 0n, false, x, y),
  divs: (w, x, y) => divide(w, 0n, true, x, y),
  div0u: (w, x, y) => divide(w, 0n, false, x, y),
  div0s: (w, x, y) => divide(w, 0n, true, x, y),
  div1u: (w, x, y) => divide(w, -1n, false, x, y),
  div1s: (w, x, y) => divide(w, -1n, true, x, y),
  remu: (w, x, y) => rest(w, false, x, y),
  rems: (w, x, y) => rest(w, true, x, y),
  mulhu: (w, x, y) => (u(w, x) * u(w, y)) >> BigInt(w),
  mulhs: (w, x, y) => (s(w, x) * s(w, y)) >> BigInt(w),
  mulhsu: (w, x, y) => (s(w, x) * u(w, y)) >> BigInt(w),
  minu: (w, x, y) => (u(w, x) < u(w, y) ? x : y),
  mins: (w, x, y) => (s(w, x) < s(w, y) ? x : y),
  maxu: (w, x, y) => (u(w, x) > u(w, y) ? x : y),
  maxs: (w, x, y) => (s(w, x) > s(w, y) ? x : y),
  eq: (w, x, y) => truth(u(w, x) === u(w, y)),
  ne: (w, x, y) => truth(u(w, x) !== u(w, y)),
  ltu: (w, x, y) => truth(u(w, x) < u(w, y)),
  lts: (w, x, y) => truth(s(w, x) < s(w, y)),
  leu: (w, x, y) => truth(u(w, x) <= u(w, y)),
  les: (w, x, y) => truth(s(w, x) <= s(w, y)),
  gtu: (w, x, y) => truth(u(w, x) > u(w, y)),
  gts: (w, x, y) => truth(s(w, x) > s(w, y)),
  geu: (w, x, y) => truth(u(w, x) >= u(w, y)),
  ges: (w, x, y) => truth(s(w, x) >= s(w, y)),
  set: (w, x, y) => truth((u(w, x) & u(w, y)) !== 0n),
  popcnt: (w, x) => BigInt(bits(w, x).replaceAll('0', '').length),
  clz: (w, x) => BigInt(`${bits(w, x)}1`.indexOf('1')),
  ctz: (w, x) => BigInt(w - `1${bits(w, x)}`.lastIndexOf('1')),
  mov: (_, x) => x,
  sext: (w, x) => s(w, x),
  zext: (w, x) => u(w, x),
  bswap: (w, x) => octets(w / 8, x),
}

/** `add32si` -> add, 32, s, i. */
function grammar(name: string): { twin: Twin; width: number; suffix: string; immediate: string } {
  const [, operation = '', width = '64', suffix = '', immediate = ''] =
    /^([a-z]+[01]?[a-z]*?)(8|16|32|64)?([zs]?)([ir]?)$/.exec(name) ?? []
  const twin = twins[operation]
  assert.ok(twin, `${name} follows the grammar`)
  return { twin, width: Number(width), suffix, immediate }
}

function extended(suffix: string, operation: number, x: bigint): bigint {
  if (suffix === '') return u(64, x)
  return u(64, suffix === 'z' ? u(32, x) : s(Math.min(32, operation), x))
}

const number = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc
    .tuple(fc.nat(63), fc.integer({ min: -1, max: 1 }), fc.boolean())
    .map(([bit, near, minus]) => u(64, (minus ? -1n : 1n) * (1n << BigInt(bit)) + BigInt(near))),
  fc.constantFrom(0n, 1n, 2n, 0x8000_0000n, 0xffff_ffffn, 1n << 63n, (1n << 64n) - 1n),
)

const local = (f: FuncBuilder, index: number): Operand => ({
  whole: () => f.localGet(index),
  low: () => {
    f.localGet(index)
    f.op(Op.i32WrapI64)
  },
})
const constant = (f: FuncBuilder, x: bigint): Operand => ({
  whole: () => f.i64ConstBig(x),
  low: () => f.i32Const(Number(s(32, x))),
})

type Run = (x: bigint, y: bigint) => bigint | number

/** Functions (b, c) -> value, one for each way to emit. */
function compile(emits: readonly ((f: FuncBuilder) => void)[], result: ValType): Run[] {
  const module = new ModuleBuilder()
  const type = module.type([ValType.i64, ValType.i64], [result])
  emits.forEach((emit, index) => {
    const f = module.func(type)
    emit(f)
    f.finish()
    module.exportFunction(`f${index}`, f.index)
  })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()))
  return emits.map((_, index) => exports[`f${index}`] as Run)
}

function isScalar(row: IrRow): row is IrRow & { readonly form: 'abc' | 'ab' | 'abi' } {
  return ['abc', 'ab', 'abi'].includes(row.form) && row.name !== 'sbrk'
}

for (const row of irRows.filter(isScalar)) {
  const { name, form } = row
  test(`${name}: ${row.does}`, () => {
    const { twin, width, suffix, immediate } = grammar(name)
    assert.equal(immediate !== '', form === 'abi')
    const expected = (x: bigint, y: bigint): bigint => {
      const [left, right] = immediate === 'r' ? [y, x] : [x, y]
      return extended(suffix, width, twin(width, left, right))
    }
    if (form !== 'abi') {
      const [run] = compile(
        [(f) => emitScalar(f, name, form, local(f, 0), local(f, 1))],
        ValType.i64,
      )
      fc.assert(
        fc.property(number, number, (x, y) => {
          assert.equal(u(64, BigInt(run!(x, y))), expected(x, y))
        }),
        { numRuns: 300 },
      )
      return
    }
    const divides = /^(div|rem)/.test(name)
    const wanted = fc.sample(number, { numRuns: 60, seed: 7 })
    const immediates = wanted.filter((y) => !divides || u(width, y) !== 0n)
    const runs = compile(
      immediates.map((y) => (f) => emitScalar(f, name, form, local(f, 0), constant(f, y))),
      ValType.i64,
    )
    fc.assert(
      fc.property(number, fc.nat(immediates.length - 1), (x, index) => {
        assert.equal(u(64, BigInt(runs[index]!(x, 0n))), expected(x, immediates[index]!))
      }),
      { numRuns: 300 },
    )
  })
}

for (const { name, form, does } of irRows.filter((row) => row.form.startsWith('branch')))
  test(`${name}: ${does}`, () => {
    const { twin, width } = grammar(name.slice(1))
    const ys = form === 'branch' ? [] : fc.sample(number, { numRuns: 60, seed: 7 })
    const runs = compile(
      form === 'branch'
        ? [(f) => emitCondition(f, name, local(f, 0), local(f, 1))]
        : ys.map((y) => (f) => emitCondition(f, name, local(f, 0), constant(f, y))),
      ValType.i32,
    )
    fc.assert(
      fc.property(number, number, fc.nat(runs.length - 1), (x, y, index) => {
        const taken = runs[index]!(x, y) !== 0
        assert.equal(taken, twin(width, x, ys[index] ?? y) === 1n)
      }),
      { numRuns: 300 },
    )
  })
