import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanBlocks } from '#vm/opt/cfg'
import { dropDead } from '#vm/opt/dce'
import { narrow } from '#vm/opt/demand'
import type { OptFunction, OptProgram } from '#vm/opt/ir'
import { numberValues } from '#vm/opt/number'
import { optimise } from '#vm/opt/optimise'
import { printProgram } from '#vm/opt/print'
import { promote } from '#vm/opt/promote'
import { simplify } from '#vm/opt/simplify'
import { findDifference } from './law.ts'
import { randomOpt } from './programs.ts'
import { randomSpilled, spillsOf } from './spills.ts'

const programs = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 150)
const seed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

const each =
  (pass: (func: OptFunction) => void) =>
  (program: OptProgram): void => {
    for (const func of program.functions) if (func !== undefined) pass(func)
  }

const passes: Record<string, (program: OptProgram) => void> = {
  cleanBlocks: each((func) => cleanBlocks(func)),
  simplify: each((func) => simplify(func)),
  numberValues: each((func) => numberValues(func)),
  narrow: each((func) => narrow(func)),
  dropDead: each((func) => dropDead(func)),
  optimise: (program) => optimise(program),
  'optimise, local': (program) => optimise(program, { level: 'local' }),
}

for (const [name, pass] of Object.entries(passes))
  test(`random programs do the same after ${name}`, () => {
    assert.equal(findDifference(pass, programs, seed), undefined)
  })

for (const [name, pass] of Object.entries({ promote, optimise }))
  test(`programs that keep values in their frames do the same after ${name}`, () => {
    const change = (program: OptProgram) => void pass(program)
    assert.equal(findDifference(change, programs, seed, randomSpilled), undefined)
  })

test('much of what is kept in frames becomes values', () => {
  let before = 0
  let after = 0
  for (let i = 0; i < 50; i++) {
    before += spillsOf(randomSpilled(seed + i))
    const program = randomSpilled(seed + i)
    promote(program)
    after += spillsOf(program)
  }
  assert.ok(after < before * 0.8, `${after} of ${before} accesses are left`)
})

test('what was optimised has nothing left to optimise', () => {
  for (let i = 0; i < programs; i++) {
    const program = optimise(randomOpt(seed + i))
    const once = printProgram(program)
    assert.equal(printProgram(optimise(program)), once, `program ${seed + i}`)
  }
})
