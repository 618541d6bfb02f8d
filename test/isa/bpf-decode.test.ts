import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex, toHex } from '#vm/bits/hex'
import { type BpfInsn, bpfProblem, decodeBpf, encodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { bpfRow, bpfRows } from '#vm/isa/bpf/table'
import { anyCode, anyInsn } from './bpf-arbitrary.ts'

function decoded(code: Uint8Array, slot = 0): BpfInsn {
  const insn = newBpfInsn()
  decodeBpf(code, slot, insn)
  return insn
}

test('decode after encode is the identity', () => {
  fc.assert(
    fc.property(anyInsn, (insn) => {
      assert.deepEqual(decoded(encodeBpf(insn)), insn)
    }),
    { numRuns: 2000 },
  )
})

test('encode after decode is the identity: nothing of a valid slot is lost', () => {
  const mutated = fc.tuple(anyInsn, fc.nat(15), fc.nat(255)).map(([insn, at, octet]) => {
    const bytes = encodeBpf(insn)
    bytes[at % bytes.length] = octet
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ minLength: 16, maxLength: 16 })), (bytes) => {
      const insn = decoded(bytes)
      if (insn.row < 0) return
      assert.equal(toHex(encodeBpf(insn)), toHex(bytes.subarray(0, 8 * insn.slots)))
    }),
    { numRuns: 5000 },
  )
})

test('a slot has a problem exactly when it is no instruction', () => {
  fc.assert(
    fc.property(anyCode, fc.integer({ min: -1, max: 45 }), (code, slot) => {
      assert.equal(bpfProblem(code, slot) === undefined, decoded(code, slot).row >= 0)
    }),
    { numRuns: 2000 },
  )
})

test('flipping any bit outside the fields of an instruction changes what it is', () => {
  fc.assert(
    fc.property(anyInsn, fc.nat(127), (insn, bit) => {
      const bytes = encodeBpf(insn)
      const at = bit % (8 * bytes.length)
      bytes[at >> 3]! ^= 1 << (at & 7)
      assert.notDeepEqual(decoded(bytes), insn)
    }),
  )
})

test('names are unique and rows of one opcode exclude each other', () => {
  assert.equal(new Set(bpfRows.map(({ name }) => name)).size, bpfRows.length)
  for (const [index, row] of bpfRows.entries()) {
    if (row.name === 'callx_imm') continue
    const insn = decoded(encodeBpf({ ...newBpfInsn(), row: index }))
    assert.equal(bpfRows[insn.row]?.name, row.name)
  }
})

for (const [hex, code] of [
  ['ff00000000000000', 'unknownOpcode'],
  ['0700010001000000', 'unusedField'],
  ['0f00000001000000', 'unusedField'],
  ['9501000000000000', 'unusedField'],
  ['0fb0000000000000', 'register'],
  ['0f0b000000000000', 'register'],
  ['b70a000000000000', 'framePointerWrite'],
  ['dba1000001000000', 'framePointerWrite'],
  ['db1a000001000000', undefined],
  ['dba1000002000000', 'unknownOperation'],
  ['d400000011000000', 'unknownOperation'],
  ['1811000000000000', 'lddwSource'],
  ['1801000000000000', 'lddwSecondSlot'],
  ['18010000000000000100000000000000', 'lddwSecondSlot'],
  ['95000000000000', 'truncated'],
  ['8500000005000000', undefined],
  ['8510000005000000', undefined],
  ['8520000005000000', 'unusedField'],
  ['8d05000000000000', undefined],
  ['8d0000000a000000', undefined],
  ['8d0000000b000000', 'unusedField'],
  ['0d03000000000000', undefined],
  ['e500030000000000', undefined],
  ['cb12000000010000', undefined],
  ['cb12000010010000', undefined],
  ['cb12000000000000', 'unknownOperation'],
  ['bf12010000000000', 'unusedField'],
] as const) {
  test(`${hex} is ${code ?? 'an instruction'}`, () => {
    assert.equal(bpfProblem(fromHex(hex), 0)?.code, code)
  })
}

test('r10 may be the base of a fetching operation, not its result', () => {
  const fetch = { ...newBpfInsn(), row: bpfRow.lock_fetch_add64 }
  assert.equal(decoded(encodeBpf({ ...fetch, dst: 10, src: 1 })).row, fetch.row)
  assert.equal(bpfProblem(encodeBpf({ ...fetch, dst: 1, src: 10 }), 0)?.code, 'framePointerWrite')
  const plain = { ...fetch, row: bpfRow.lock_add64, dst: 1, src: 10 }
  assert.equal(decoded(encodeBpf(plain)).row, plain.row)
})

test('outside the code there is no instruction', () => {
  const code = fromHex('9500000000000000')
  for (const slot of [-1, 1, Number.NaN, 2 ** 40]) assert.equal(decoded(code, slot).row, -1)
})

test('conformance groups have the sizes of RFC 9669', () => {
  const sizes: Record<string, number> = {}
  for (const { group } of bpfRows) sizes[group] = (sizes[group] ?? 0) + 1
  assert.deepEqual(sizes, {
    base64: 51,
    divmul64: 10,
    base32: 66,
    divmul32: 10,
    extension: 11,
    callx: 1,
    atomic64: 10,
    atomic32: 10,
    packet: 6,
  })
})
