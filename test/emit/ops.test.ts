import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ModuleBuilder } from '#vm/emit/module'
import { watOf } from '#vm/emit/wat'
import { Op, ValType, type WasmInsnRow, wasmInsnOf, wasmInsns } from '#vm/isa/wasm/table'

const typeOf = (letter: string): ValType => (letter === 'i' ? ValType.i32 : ValType.i64)
const stackOf = (row: WasmInsnRow): [string[], string[]] => {
  const [operands = '', results = ''] = row.stack.split('>')
  return [[...operands], [...results]]
}

/** What the core specification says (4.3.2), on BigInt; `undefined` = the instruction traps. */
type Twin = (bits: number, a: bigint, b: bigint) => bigint | undefined
const u = (bits: number, value: bigint) => BigInt.asUintN(bits, value)
const s = (bits: number, value: bigint) => BigInt.asIntN(bits, value)
const truth = (value: boolean) => (value ? 1n : 0n)
const amount = (bits: number, b: bigint) => u(bits, b) % BigInt(bits)
const rotl: Twin = (bits, a, b) => {
  const by = amount(bits, b)
  return (u(bits, a) << by) | (u(bits, a) >> (BigInt(bits) - by))
}
const digits = (bits: number, a: bigint) => u(bits, a).toString(2).padStart(bits, '0')
const twins: Record<string, Twin> = {
  eqz: (bits, a) => truth(u(bits, a) === 0n),
  eq: (bits, a, b) => truth(u(bits, a) === u(bits, b)),
  ne: (bits, a, b) => truth(u(bits, a) !== u(bits, b)),
  lt_s: (bits, a, b) => truth(s(bits, a) < s(bits, b)),
  lt_u: (bits, a, b) => truth(u(bits, a) < u(bits, b)),
  gt_s: (bits, a, b) => truth(s(bits, a) > s(bits, b)),
  gt_u: (bits, a, b) => truth(u(bits, a) > u(bits, b)),
  le_s: (bits, a, b) => truth(s(bits, a) <= s(bits, b)),
  le_u: (bits, a, b) => truth(u(bits, a) <= u(bits, b)),
  ge_s: (bits, a, b) => truth(s(bits, a) >= s(bits, b)),
  ge_u: (bits, a, b) => truth(u(bits, a) >= u(bits, b)),
  clz: (bits, a) => BigInt((digits(bits, a) + '1').indexOf('1')),
  ctz: (bits, a) => BigInt(bits - 1 - ('1' + digits(bits, a)).lastIndexOf('1') + 1),
  popcnt: (bits, a) => BigInt(digits(bits, a).replaceAll('0', '').length),
  add: (_, a, b) => a + b,
  sub: (_, a, b) => a - b,
  mul: (_, a, b) => a * b,
  div_s: (bits, a, b) => {
    const quotient = s(bits, b) === 0n ? undefined : s(bits, a) / s(bits, b)
    return quotient === 1n << BigInt(bits - 1) ? undefined : quotient
  },
  div_u: (bits, a, b) => (u(bits, b) === 0n ? undefined : u(bits, a) / u(bits, b)),
  rem_s: (bits, a, b) => (s(bits, b) === 0n ? undefined : s(bits, a) % s(bits, b)),
  rem_u: (bits, a, b) => (u(bits, b) === 0n ? undefined : u(bits, a) % u(bits, b)),
  and: (_, a, b) => a & b,
  or: (_, a, b) => a | b,
  xor: (_, a, b) => a ^ b,
  shl: (bits, a, b) => a << amount(bits, b),
  shr_s: (bits, a, b) => s(bits, a) >> amount(bits, b),
  shr_u: (bits, a, b) => u(bits, a) >> amount(bits, b),
  rotl,
  rotr: (bits, a, b) => rotl(bits, a, BigInt(bits) - amount(bits, b)),
  wrap_i64: (_, a) => a,
  extend_i32_s: (_, a) => s(32, a),
  extend_i32_u: (_, a) => u(32, a),
  extend8_s: (_, a) => s(8, a),
  extend16_s: (_, a) => s(16, a),
  extend32_s: (_, a) => s(32, a),
}

const numeric = wasmInsns.filter((row) => row.immediate === 'none' && /^i(32|64)\./.test(row.name))

const value = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.constantFrom(0n, 1n, -1n, 1n << 31n, -(1n << 31n), (1n << 32n) - 1n, -(1n << 63n), 64n, 127n),
)

test('the table has one row per opcode, and looks up its own rows', () => {
  assert.deepEqual(
    wasmInsns.map((row) => row.code).sort((a, b) => a - b),
    Object.values(Op).sort((a, b) => a - b),
  )
  assert.equal(new Set(wasmInsns.map((row) => row.name)).size, wasmInsns.length)
  for (const row of wasmInsns) assert.equal(wasmInsnOf(row.code), row)
  assert.equal(wasmInsnOf(0xff), undefined)
})

test('member names and text names say the same', () => {
  const plain = (name: string) => name.replaceAll(/[._]/g, '').toLowerCase()
  for (const [member, code] of Object.entries(Op))
    assert.equal(plain(member), plain(wasmInsnOf(code)!.name))
})

for (const row of numeric)
  test(`${row.name} computes what the specification says`, () => {
    const [operands, results] = stackOf(row)
    const twin = twins[row.name.slice(4)]
    assert.ok(twin, 'every numeric row has a twin')
    const module = new ModuleBuilder()
    const f = module.func(module.type(operands.map(typeOf), results.map(typeOf)))
    operands.forEach((_, index) => {
      f.localGet(index)
    })
    f.op(row.code)
    f.finish()
    module.exportFunction('f', f.index)
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.finish()))
    const { f: exported } = instance.exports
    const run = exported as (...values: (bigint | number)[]) => bigint | number
    const bits = operands[0] === 'i' ? 32 : 64
    const resultBits = results[0] === 'i' ? 32 : 64
    const cast = (x: bigint) => (bits === 32 ? Number(s(32, x)) : s(64, x))
    fc.assert(
      fc.property(value, value, (a, b) => {
        const expected = twin(bits, a, b)
        const args = operands.length === 1 ? [cast(a)] : [cast(a), cast(b)]
        if (expected === undefined) assert.throws(() => run(...args), WebAssembly.RuntimeError)
        else assert.equal(s(resultBits, BigInt(run(...args))), s(resultBits, expected))
      }),
    )
  })

for (const row of wasmInsns.filter((each) => each.immediate === 'memory'))
  test(`${row.name} moves the bytes its name says`, () => {
    const [, type = '', kind = '', width = '', sign = ''] =
      /^(i32|i64)\.(load|store)(\d*)(_[su])?$/.exec(row.name) ?? []
    const bytes = width === '' ? (type === 'i32' ? 4 : 8) : Number(width) / 8
    const [operands, results] = stackOf(row)
    const module = new ModuleBuilder()
    module.memory(1, 1)
    module.exportMemory('memory', 0)
    const f = module.func(module.type(operands.map(typeOf), results.map(typeOf)))
    operands.forEach((_, index) => {
      f.localGet(index)
    })
    if (kind === 'load') f.load(row.code, 0, 3)
    else f.store(row.code, 0, 3)
    f.finish()
    module.exportFunction('f', f.index)
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.finish()))
    const { f: exported, memory: shared } = instance.exports
    const run = exported as (...values: (bigint | number)[]) => bigint | number
    const memory = new Uint8Array((shared as WebAssembly.Memory).buffer)
    const whole = (at: number) =>
      memory.slice(at, at + bytes).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    fc.assert(
      fc.property(fc.nat(1000), value, (at, content) => {
        memory.fill(0x5a)
        const stored = u(64, content)
        if (kind === 'store') {
          run(at, type === 'i32' ? Number(s(32, content)) : s(64, content))
          assert.equal(whole(at + 3), u(8 * bytes, stored))
          assert.equal(memory[at + 2], 0x5a)
          assert.equal(memory[at + 3 + bytes], 0x5a)
          return
        }
        for (let i = 0; i < bytes; i++)
          memory[at + 3 + i] = Number((stored >> BigInt(8 * i)) & 255n)
        const got = BigInt(run(at))
        const bits = type === 'i32' ? 32 : 64
        const expected = sign === '_s' ? s(8 * bytes, stored) : u(8 * bytes, stored)
        assert.equal(u(bits, got), u(bits, expected))
      }),
    )
  })

test('constants arrive as they were given', () => {
  fc.assert(
    fc.property(value, (x) => {
      const low = Number(s(32, x))
      const high = Number(s(32, x >> 32n))
      const module = new ModuleBuilder()
      const type = module.type([], [ValType.i64])
      const emitters = [module.func(type), module.func(type), module.func(type)] as const
      emitters[0].i64Const(low, high)
      emitters[1].i64ConstBig(u(64, x))
      emitters[2].i64ConstS(low)
      const word = module.func(module.type([], [ValType.i32]))
      word.i32Const(low)
      const global = module.globalI64(low, high, false)
      for (const f of [...emitters, word]) {
        f.finish()
        module.exportFunction(`f${f.index}`, f.index)
      }
      module.exportGlobal('g', global)
      const bytes = module.finish()
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
      const call = (index: number) => (exports[`f${index}`] as () => bigint | number)()
      assert.equal(call(0), x)
      assert.equal(call(1), x)
      assert.equal(call(2), BigInt(low))
      assert.equal(call(3), low)
      const { g } = exports
      assert.equal((g as { value: bigint }).value, x)
      assert.ok(watOf(bytes).includes(`i64.const ${x}\n`))
    }),
    { numRuns: 40 },
  )
})
