/** `ALCATRAZ_LAW_PROGRAMS` for more programs, `ALCATRAZ_LAW_SEED` for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, recompEngine, referenceEngine, tieredEngine } from 'alcatraz-vm'
import { avmRows, decodeInsn, newAvmInsn } from 'alcatraz-vm/avm'
import { avmProgram, avmTrial } from './avm-programs.ts'
import { nothingSeen, oneSeed } from './law.ts'
import { Rng } from './rng.ts'

const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 600)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

for (const engine of [interpEngine, recompEngine, tieredEngine])
  test(`law: reference and ${engine.name} agree on random AVM programs, at every exit`, (t) => {
    const seen = nothingSeen()
    for (let seed = firstSeed; seen.long < wanted / 3; seed++) {
      assert.ok(seed < firstSeed + 6 * wanted + 50, 'an eighteenth of all programs run long')
      oneSeed([referenceEngine, engine], avmTrial, seed, seen)
    }
    t.diagnostic(
      `${seen.programs} programs; exits ${JSON.stringify(Object.fromEntries(seen.exits))}`,
    )
    if (wanted < 300) return
    for (const kind of ['halt', 'fault', 'outOfGas', 'host', 'invalidCall', 'invalidJump'])
      assert.ok(seen.exits.has(kind), `${kind} was never reached`)
    for (const kind of ['callDepth', 'stackOverflow', 'invalidInstruction'])
      assert.ok(seen.exits.has(kind), `${kind} was never reached`)
  })

test('random AVM programs have every instruction', () => {
  const found = new Set<number>()
  const insn = newAvmInsn()
  for (let seed = 1; seed < 400; seed++) {
    const { code } = avmProgram(new Rng(seed))
    for (let pc = 0; pc < code.length; ) {
      pc += decodeInsn(code, pc, insn)
      found.add(insn.row)
    }
  }
  assert.deepEqual(
    avmRows.filter((_, row) => !found.has(row)),
    [],
  )
})
