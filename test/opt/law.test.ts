import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanBlocks } from '#vm/opt/cfg'
import { dropDead } from '#vm/opt/dce'
import { narrow } from '#vm/opt/demand'
import type { OptFunction, OptProgram } from '#vm/opt/ir'
import { numberValues } from '#vm/opt/number'
import { optimise } from '#vm/opt/optimise'
import { printProgram } from '#vm/opt/print'
import { simplify } from '#vm/opt/simplify'
import { findDifference } from './law.ts'
import { randomOpt } from './programs.ts'

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

test('what was optimised has nothing left to optimise', () => {
  for (let i = 0; i < programs; i++) {
    const program = optimise(randomOpt(seed + i))
    const once = printProgram(program)
    assert.equal(printProgram(optimise(program)), once, `program ${seed + i}`)
  }
})
