import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeError } from 'alcatraz-vm'
import {
  type AvmInsn,
  avmEncodings,
  avmInsn,
  avmMaxLength,
  avmRows,
  avmShapes,
  decodeInsn,
  encodeAvm,
  encodingsOfRow,
  newAvmInsn,
  validateAvm,
} from 'alcatraz-vm/avm'
import { anyAvmInsn } from '../laws/avm-arbitrary.ts'
import { Rng } from '../laws/rng.ts'

const ret = avmInsn('ret')

function encoded(insns: readonly AvmInsn[], functions = 1) {
  const first = { frameSize: 0, args: 0, slots: 128, insns }
  const others = Array.from({ length: functions - 1 }, () => ({ ...first, slots: 0, insns: [ret] }))
  return encodeAvm({ functions: [first, ...others], codeTable: [] })
}

test('every encoding is whole bytes, has a place for each operand once, and every row has one', () => {
  const keys = new Set<string>()
  for (const { fields, fixed, form, length, opcode, row, sub, subWidth } of avmEncodings) {
    const operands = [...fields, ...fixed].map(({ operand }) => operand)
    const named = operands.filter((operand) => operand !== 'pad').sort()
    assert.deepEqual(named, [...avmShapes[avmRows[row]!.shape]].sort(), form)
    assert.ok(Number.isInteger(length) && length <= avmMaxLength, form)
    assert.ok(opcode < 256 && sub < Math.max(1, 2 ** subWidth), form)
    const key = `${opcode} ${sub}`
    assert.ok(!keys.has(key), `opcode ${key} twice`)
    keys.add(key)
    for (const { at, width } of fields)
      assert.ok((at & 7) + width <= 25 || at % 8 === 0, `${form}: a field the decoder cannot read`)
  }
  assert.equal(encodingsOfRow.filter((list) => list.length === 0).length, 0)
})

test('what was encoded is decoded as it was, by the shortest encoding that fits', () => {
  const rng = new Rng(1)
  const used = new Set<number>()
  for (let round = 0; round < 60; round++) {
    const insns = avmRows.map((_, row) => anyAvmInsn(rng, row, avmRows.length))
    const { code, pcs } = encoded([...insns, ret], 300)
    const insn = newAvmInsn()
    insns.forEach((want, i) => {
      const pc = pcs[0]![i]!
      const length = decodeInsn(code, pc, insn)
      const shape = avmRows[want.row]!.shape
      const jumps = shape === 'branch' || shape === 'branchi' || shape === 'jump'
      const target = jumps ? pcs[0]![want.target]! : want.target
      assert.deepEqual(insn, { ...want, target })
      assert.equal(pc + length, pcs[0]![i + 1])
      used.add(encodingsOfRow[want.row]!.find((e) => e.opcode === code[pc])!.index)
    })
  }
  assert.ok(used.size > avmEncodings.length * 0.6, `${used.size} encodings used`)
})

test('bytes that decode are the one encoding of what they decode to', () => {
  const rng = new Rng(2)
  let valid = 0
  for (let round = 0; round < 6000; round++) {
    const { form, length, opcode, sub, subAt, subWidth } = rng.pick(avmEncodings)
    const code = new Uint8Array(length + 1)
    for (let i = 0; i < length; i++) code[i] = rng.chance(30) ? 0 : rng.below(256)
    code[0] = opcode
    if (subWidth === 8) code[1] = sub
    else if (subWidth > 0) {
      const at = 1 + (subAt >> 3)
      code[at] = (code[at]! & ~((2 ** subWidth - 1) << (subAt & 7))) | (sub << (subAt & 7))
    }
    const insn = newAvmInsn()
    try {
      assert.equal(decodeInsn(code, 0, insn), length)
    } catch (error) {
      if (error instanceof DecodeError) continue
      throw error
    }
    valid++
    const { row, target } = insn
    const jumps = /branch|jump$/.test(avmRows[row]!.shape)
    // a jump to a place d bytes from its end, among instructions of one byte
    const before = jumps && target <= 0 ? -target : 0
    const after = jumps && target > 0 ? target - length : 0
    if (before + after > 300) continue
    const one = { ...insn, target: jumps ? (target <= 0 ? 0 : 1 + after) : target }
    if (target > 20 && !jumps) continue
    const list = [...Array(before).fill(ret), one, ...Array(after + 1).fill(ret)]
    const again = encoded(list, 21)
    const from = again.pcs[0]![before]!
    const want = code.subarray(0, length)
    assert.deepEqual(again.code.subarray(from, from + length), want, form)
  }
  assert.ok(valid > 2500, `${valid} valid`)
})

test('branches reach any distance, each as short as it can be', () => {
  for (const gap of [0, 1, 60, 127, 128, 2000, 40_000]) {
    const filler = Array.from({ length: gap }, () => avmInsn('mov', { a: 1, b: 2 }))
    const branch = avmInsn('bne64i', { b: 3, imm: 0, target: gap + 1 })
    const back = avmInsn('blts64', { b: 3, c: 4, target: 0 })
    const { code, functions, pcs } = encoded([branch, ...filler, back, ret])
    validateAvm({ code, functions, codeTable: [], imports: 0 })
    const insn = newAvmInsn()
    decodeInsn(code, 0, insn)
    assert.equal(insn.target, pcs[0]![gap + 1])
    decodeInsn(code, pcs[0]![gap + 1]!, insn)
    assert.equal(insn.target, 0)
  }
})

const refusals: readonly (readonly [
  code: string,
  insns: readonly AvmInsn[],
  change: (code: Uint8Array) => void,
])[] = [
  [
    'callee',
    [avmInsn('call', { target: 0 }), ret],
    (code) => {
      code[1] = 9
    },
  ],
  ['import', [avmInsn('host', { target: 0 }), ret], () => {}],
  [
    'target',
    [avmInsn('jump', { target: 1 }), avmInsn('mov', { a: 1, b: 2 }), ret],
    (code) => {
      code[1]! += 1
    },
  ],
]
const nopLike = encoded([avmInsn('mov', { a: 1, b: 2 }), ret]).code

test('code that is not valid is refused with the offset', () => {
  for (const [code, insns, change] of refusals) {
    const made = encoded(insns)
    change(made.code)
    const shape = { code: made.code, functions: made.functions, codeTable: [], imports: 0 }
    assert.throws(
      () => validateAvm(shape),
      (error) => error instanceof DecodeError && error.code === code,
      code,
    )
  }
  const open = {
    code: nopLike.subarray(0, 2),
    functions: [{ pc: 0, frameSize: 0 }],
    codeTable: [],
    imports: 0,
  }
  assert.throws(() => validateAvm(open), { code: 'fallsThrough' })
  const table = { ...open, code: nopLike, codeTable: [1] }
  assert.throws(() => validateAvm(table), { code: 'codeTable' })
  const late = {
    ...open,
    code: nopLike,
    functions: [
      { pc: 0, frameSize: 0 },
      { pc: 1, frameSize: 0 },
    ],
  }
  assert.throws(() => validateAvm(late), { code: 'function' })
})
