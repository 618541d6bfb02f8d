import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPvmInsn, type PvmInsn } from '#vm/isa/pvm/decode'
import { type PvmName, pvmForms, pvmRows, rowOf } from '#vm/isa/pvm/table'
import { pvmIsa } from '#vm/isa/pvm/versions'
import { forEachEngine } from '../engines.ts'
import { pvmMachine } from './pvm-machine.ts'
import { codeOf } from './pvm-programs.ts'

type Operation = (a: bigint, b: bigint) => bigint

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)
const edges = [
  0n,
  1n,
  2n,
  31n,
  32n,
  63n,
  64n,
  0x7fn,
  0x80n,
  0x8000n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_8000_0000n,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_ffffn,
  0x0123_4567_89ab_cdefn,
  0xfedc_ba98_7654_3210n,
] as const

/** `op` on two i64 as a Wasm function: the machine's arithmetic is not made by us. */
function wasm(body: readonly number[]): Operation {
  const bytes = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 7, 1, 0x60, 2, 0x7e, 0x7e, 1, 0x7e], // type: (i64, i64) -> i64
    ...[3, 2, 1, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0], // export "f"
    ...[10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b],
  )
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const run = exports['f'] as (a: bigint, b: bigint) => bigint
  return (a, b) => u64(run(BigInt.asIntN(64, a), BigInt.asIntN(64, b)))
}
const in64 = (op: number): Operation => wasm([0x20, 0, 0x20, 1, op])
const in32 = (op: number): Operation => wasm([0x20, 0, 0xa7, 0x20, 1, 0xa7, op, 0xac])
const one64 = (op: number): Operation => wasm([0x20, 0, op])
const one32 = (op: number): Operation => wasm([0x20, 0, 0xa7, op, 0xac])
const test64 = (op: number): Operation => wasm([0x20, 0, 0x20, 1, op, 0xad])
const divides = (signed: Operation, width: number, byZero: (a: bigint) => bigint, over: bigint) => {
  const low = BigInt.asUintN(width, -1n << BigInt(width - 1))
  return (a: bigint, b: bigint): bigint => {
    if (BigInt.asUintN(width, b) === 0n) return u64(BigInt.asIntN(width, byZero(a)))
    const overflows = BigInt.asUintN(width, a) === low && BigInt.asIntN(width, b) === -1n
    return overflows && over >= 0n ? u64(BigInt.asIntN(width, over * low)) : signed(a, b)
  }
}
const whole = (a: bigint): bigint => a
const ones = (): bigint => -1n

const binary: { readonly [N in PvmName]?: Operation } = {
  add_64: in64(0x7c),
  sub_64: in64(0x7d),
  mul_64: in64(0x7e),
  div_u_64: divides(in64(0x80), 64, ones, -1n),
  div_s_64: divides(in64(0x7f), 64, ones, 1n),
  rem_u_64: divides(in64(0x82), 64, whole, -1n),
  rem_s_64: divides(in64(0x81), 64, whole, 0n),
  shlo_l_64: in64(0x86),
  shlo_r_64: in64(0x88),
  shar_r_64: in64(0x87),
  rot_l_64: in64(0x89),
  rot_r_64: in64(0x8a),
  add_32: in32(0x6a),
  sub_32: in32(0x6b),
  mul_32: in32(0x6c),
  div_u_32: divides(in32(0x6e), 32, ones, -1n),
  div_s_32: divides(in32(0x6d), 32, ones, 1n),
  rem_u_32: divides(in32(0x70), 32, whole, -1n),
  rem_s_32: divides(in32(0x6f), 32, whole, 0n),
  shlo_l_32: in32(0x74),
  shlo_r_32: in32(0x76),
  shar_r_32: in32(0x75),
  rot_l_32: in32(0x77),
  rot_r_32: in32(0x78),
  and: in64(0x83),
  or: in64(0x84),
  xor: in64(0x85),
  set_lt_u: test64(0x54),
  set_lt_s: test64(0x53),
  and_inv: wasm([0x20, 0, 0x20, 1, 0x42, 0x7f, 0x85, 0x83]),
  or_inv: wasm([0x20, 0, 0x20, 1, 0x42, 0x7f, 0x85, 0x84]),
  xnor: wasm([0x20, 0, 0x20, 1, 0x85, 0x42, 0x7f, 0x85]),
  max: wasm([0x20, 0, 0x20, 1, 0x20, 0, 0x20, 1, 0x55, 0x1b]),
  max_u: wasm([0x20, 0, 0x20, 1, 0x20, 0, 0x20, 1, 0x56, 0x1b]),
  min: wasm([0x20, 0, 0x20, 1, 0x20, 0, 0x20, 1, 0x53, 0x1b]),
  min_u: wasm([0x20, 0, 0x20, 1, 0x20, 0, 0x20, 1, 0x54, 0x1b]),
  // schoolbook products of halves, Gray Paper A.5.13
  mul_upper_u_u: (a, b) => (a * b) >> 64n,
  mul_upper_s_s: (a, b) => u64((BigInt.asIntN(64, a) * BigInt.asIntN(64, b)) >> 64n),
  mul_upper_s_u: (a, b) => u64((BigInt.asIntN(64, a) * b) >> 64n),
}

const unary: { readonly [N in PvmName]?: Operation } = {
  move_reg: wasm([0x20, 0]),
  count_set_bits_64: one64(0x7b),
  count_set_bits_32: one32(0x69),
  leading_zero_bits_64: one64(0x79),
  leading_zero_bits_32: one32(0x67),
  trailing_zero_bits_64: one64(0x7a),
  trailing_zero_bits_32: one32(0x68),
  sign_extend_8: one64(0xc2),
  sign_extend_16: one64(0xc3),
  zero_extend_16: (a) => a & 0xffffn,
  reverse_bytes: (a) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, a, true)
    return view.getBigUint64(0, false)
  },
}

/** Immediate rows and the row that does the same with registers; `alt`: the immediate is first. */
const immediates: readonly (readonly [PvmName, PvmName, 'alt'?])[] = [
  ['add_imm_32', 'add_32'],
  ['and_imm', 'and'],
  ['xor_imm', 'xor'],
  ['or_imm', 'or'],
  ['mul_imm_32', 'mul_32'],
  ['set_lt_u_imm', 'set_lt_u'],
  ['set_lt_s_imm', 'set_lt_s'],
  ['set_gt_u_imm', 'set_lt_u', 'alt'],
  ['set_gt_s_imm', 'set_lt_s', 'alt'],
  ['shlo_l_imm_32', 'shlo_l_32'],
  ['shlo_r_imm_32', 'shlo_r_32'],
  ['shar_r_imm_32', 'shar_r_32'],
  ['neg_add_imm_32', 'sub_32', 'alt'],
  ['shlo_l_imm_alt_32', 'shlo_l_32', 'alt'],
  ['shlo_r_imm_alt_32', 'shlo_r_32', 'alt'],
  ['shar_r_imm_alt_32', 'shar_r_32', 'alt'],
  ['add_imm_64', 'add_64'],
  ['mul_imm_64', 'mul_64'],
  ['shlo_l_imm_64', 'shlo_l_64'],
  ['shlo_r_imm_64', 'shlo_r_64'],
  ['shar_r_imm_64', 'shar_r_64'],
  ['neg_add_imm_64', 'sub_64', 'alt'],
  ['shlo_l_imm_alt_64', 'shlo_l_64', 'alt'],
  ['shlo_r_imm_alt_64', 'shlo_r_64', 'alt'],
  ['shar_r_imm_alt_64', 'shar_r_64', 'alt'],
  ['rot_r_64_imm', 'rot_r_64'],
  ['rot_r_64_imm_alt', 'rot_r_64', 'alt'],
  ['rot_r_32_imm', 'rot_r_32'],
  ['rot_r_32_imm_alt', 'rot_r_32', 'alt'],
]

const isa = pvmIsa('latest64')

const small = edges.filter((b) => u64(BigInt.asIntN(32, b)) === b)

test('every arithmetic row is among those tested', () => {
  const tested = new Set<string>([
    ...Object.keys(binary),
    ...Object.keys(unary),
    ...immediates.map(([name]) => name),
    ...['cmov_iz', 'cmov_nz', 'cmov_iz_imm', 'cmov_nz_imm', 'sbrk'],
  ])
  for (const { name, form } of pvmRows) {
    const arithmetic = ['regReg', 'regRegReg', 'regRegImm'].includes(form)
    if (arithmetic && !/^(load|store)/.test(name)) assert.ok(tested.has(name), name)
  }
  assert.ok('regReg' in pvmForms)
})

forEachEngine((engine) => {
  /** What `insn` leaves in r7, which was 0x55, with r8 = a and r9 = b. */
  function operation(insn: Partial<PvmInsn> & { row: number }): Operation {
    const { code, bitmask } = codeOf(isa, [{ ...newPvmInsn(), rA: 8, rB: 9, rD: 7, ...insn }])
    const machine = pvmMachine({ code, bitmask }, { engine })
    return (a, b) => {
      machine.registers.set(7, 0x55n)
      machine.registers.set(8, a)
      machine.registers.set(9, b)
      machine.pc = 0
      const end = { kind: 'trap', trap: 'invalidInstruction', pc: code.length }
      assert.deepEqual(machine.run(), end)
      return machine.registers.get(7)
    }
  }

  for (const [name, expected] of Object.entries(binary))
    test(`${name} on edge operands`, () => {
      const run = operation({ row: rowOf[name as PvmName] })
      for (const a of edges)
        for (const b of edges) assert.equal(run(a, b), expected(a, b), `${a}, ${b}`)
    })

  for (const [name, expected] of Object.entries(unary))
    test(`${name} on edge operands`, () => {
      const run = operation({ row: rowOf[name as PvmName] })
      for (const a of edges) assert.equal(run(a, 0n), expected(a, 0n), `${a}`)
    })

  for (const [name, twin, alt] of immediates)
    test(`${name} is ${twin} with an immediate`, () => {
      for (const imm of small) {
        const immX = Number(BigInt.asIntN(32, imm))
        const run = operation({ row: rowOf[name], rA: 7, rB: 8, immX })
        for (const a of edges) {
          const expected = alt === undefined ? binary[twin]!(a, imm) : binary[twin]!(imm, a)
          assert.equal(run(a, 0n), expected, `${a}, ${imm}`)
        }
      }
    })

  test('conditional moves keep the destination or replace it', () => {
    const insn = { rA: 7, rB: 9, immX: -1 }
    const whenZero = operation({ row: rowOf.cmov_iz })
    const whenNot = operation({ row: rowOf.cmov_nz })
    const immWhenZero = operation({ row: rowOf.cmov_iz_imm, ...insn })
    const immWhenNot = operation({ row: rowOf.cmov_nz_imm, ...insn })
    for (const b of edges) {
      const zero = b === 0n
      assert.equal(whenZero(7n, b), zero ? 7n : 0x55n)
      assert.equal(whenNot(7n, b), zero ? 0x55n : 7n)
      assert.equal(immWhenZero(0n, b), zero ? u64(-1n) : 0x55n)
      assert.equal(immWhenNot(0n, b), zero ? 0x55n : u64(-1n))
    }
  })

  test('constants are loaded whole', () => {
    assert.equal(operation({ row: rowOf.load_imm, rA: 7, immX: -5 })(0n, 0n), u64(-5n))
    const imm64 = { row: rowOf.load_imm_64, rA: 7, imm64Low: -2, imm64High: 0x7fffffff }
    assert.equal(operation(imm64)(0n, 0n), 0x7fffffff_fffffffen)
  })

  test('branches on edge operands agree with the comparison they name', () => {
    const compare: Readonly<Record<string, Operation>> = {
      eq: test64(0x51),
      ne: test64(0x52),
      lt_u: test64(0x54),
      le_u: test64(0x58),
      ge_u: test64(0x5a),
      gt_u: test64(0x56),
      lt_s: test64(0x53),
      le_s: test64(0x57),
      ge_s: test64(0x59),
      gt_s: test64(0x55),
    }
    for (const [row, { name, form }] of pvmRows.entries()) {
      if (!name.startsWith('branch_')) continue
      const expected = compare[name.replace(/^branch_|_imm$/g, '')]!
      for (const b of form === 'regRegOffset' ? [0n] : small) {
        // branch to the second of two traps
        const insn = { ...newPvmInsn(), row, rA: 8, rB: 9, immX: Number(BigInt.asIntN(32, b)) }
        const trap = { ...newPvmInsn(), row: rowOf.trap }
        const length = codeOf(isa, [{ ...insn, target: 1 }]).code.length
        const parts = codeOf(isa, [{ ...insn, target: length + 1 }, trap, trap])
        const machine = pvmMachine(parts, { engine })
        for (const a of edges)
          for (const other of form === 'regRegOffset' ? edges : [b]) {
            machine.registers.set(8, a)
            machine.registers.set(9, other)
            machine.pc = 0
            const pc = length + Number(expected(a, other))
            const exit = { kind: 'trap', trap: 'panic', pc }
            assert.deepEqual(machine.run(), exit, `${name} ${a} ${other}`)
          }
        machine.dispose()
      }
    }
  })
})
