import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pipelineClasses } from '#vm/isa/pvm/costs'
import {
  byRow,
  isTerminator,
  type PvmName,
  pvmForms,
  pvmRows,
  registerFields,
  rowOf,
} from '#vm/isa/pvm/table'
import { pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'

test('names and opcodes are unique, forms and gas classes exist', () => {
  assert.equal(new Set(pvmRows.map((row) => row.name)).size, pvmRows.length)
  assert.equal(new Set(pvmRows.map((row) => row.code)).size, pvmRows.length)
  for (const row of pvmRows) {
    assert.ok(row.form in pvmForms, row.name)
    assert.ok(row.gas in pipelineClasses, row.name)
  }
})

test('the text of a row names every field of its form, and no other', () => {
  for (const row of pvmRows) {
    const named = [...row.syntax.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
    assert.deepEqual(named.sort(), [...pvmForms[row.form].args].sort(), row.name)
  }
})

test('the formula of a row speaks of every register of its form', () => {
  for (const row of pvmRows)
    for (const field of pvmForms[row.form].args)
      if (field.startsWith('r')) assert.ok(row.does.includes(field), row.name)
})

test('versions have as many instructions as their sources say', () => {
  // polkavm-common/src/program.rs; Gray Paper 0.7 has `sbrk` and neither `memset` nor `unlikely`
  const counts = {
    'revive-v1': 138,
    latest32: 106,
    latest64: 141,
    'jam-v1': 139,
    'gp-0.7': 139,
  }
  for (const version of pvmVersions) {
    const isa = pvmIsa(version)
    assert.equal(isa.codeByRow.filter((code) => code >= 0).length, counts[version], version)
    isa.codeByRow.forEach((code, row) => {
      if (code >= 0) assert.equal(isa.rowByCode[code], row, version)
    })
  }
})

test('Gray Paper 0.8 moves the two-register group and `unlikely` down, nothing else', () => {
  const older = pvmIsa('latest64').codeByRow
  const moved = [...pvmIsa('jam-v1').codeByRow].flatMap((code, row) =>
    code >= 0 && code !== older[row] ? [[pvmRows[row]!.name, older[row]! - code]] : [],
  )
  assert.deepEqual(Object.fromEntries(moved), {
    unlikely: 1,
    count_set_bits_64: 1,
    count_set_bits_32: 1,
    leading_zero_bits_64: 1,
    leading_zero_bits_32: 1,
    trailing_zero_bits_64: 1,
    trailing_zero_bits_32: 1,
    sign_extend_8: 1,
    sign_extend_16: 1,
    zero_extend_16: 1,
    reverse_bytes: 1,
  })
})

test('rules take instructions out of a version', () => {
  assert.equal(pvmIsa('latest64', { sbrk: 'forbidden', memset: false }).features.sbrk, false)
  assert.equal(pvmIsa('latest64', { sbrk: 'forbidden', memset: false }).rowByCode[2], -1)
  assert.equal(pvmIsa('latest64').features.memset, true)
  assert.equal(pvmIsa('gp-0.7', { memset: true }).features.memset, false)
  assert.equal(pvmIsa('latest32').features.width, 32)
})

test('terminators are the jumps, branches, trap and fallthrough', () => {
  const ends = pvmRows.filter((_, row) => isTerminator(row)).map((row) => row.code)
  // Gray Paper A.3, T
  const branches = Array.from({ length: 10 }, (_, i) => 81 + i)
  assert.deepEqual(ends, [0, 1, 40, 50, 80, ...branches, 170, 171, 172, 173, 174, 175, 180])
  assert.ok(isTerminator(-1))
})

test('written and read registers come from the text', () => {
  const fields = (name: PvmName): number[] => {
    const { written, read } = registerFields(rowOf[name])
    return [written, read[0] ?? 0, read[1] ?? 0]
  }
  assert.deepEqual(fields('add_64'), [3, 1, 2])
  assert.deepEqual(fields('add_imm_32'), [1, 2, 0])
  assert.deepEqual(fields('move_reg'), [3, 1, 0])
  assert.deepEqual(fields('store_ind_u8'), [0, 2, 1])
  assert.deepEqual(fields('load_imm_jump_ind'), [1, 2, 0])
  assert.deepEqual(fields('branch_lt_u'), [0, 1, 2])
  assert.deepEqual(fields('cmov_iz'), [3, 1, 2])
  assert.deepEqual(fields('load_imm_64'), [1, 0, 0])
})

test('a visitor becomes an array by row', () => {
  const codes = byRow(
    Object.fromEntries(pvmRows.map((row) => [row.name, row.code])) as Record<PvmName, number>,
  )
  assert.deepEqual(
    codes,
    pvmRows.map((row) => row.code),
  )
})
