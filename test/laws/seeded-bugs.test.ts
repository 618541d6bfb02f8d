/** Proves that the laws bite: every mistake seeded into the compiled engine is found by them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { avmBugs } from './seeded-avm.ts'
import { seededBugs as otherBugs } from './seeded-bugs.ts'
import { riscvBugs } from './seeded-riscv.ts'
import { copyOfEngine, hunt, runLaws } from './seeding.ts'

const seededBugs = [...otherBugs, ...avmBugs, ...riscvBugs]
const engine = 'interp'
const rooms = ['lift', 'ir', 'emit', 'interp', 'arena', 'reference']
/** More than any of the bugs needs, by a factor of three. */
const programs = 2400

test('the laws hold for an unchanged copy of the engine', async () => {
  const verdict = await runLaws({ folder: copyOfEngine(), programs: 60, engine })
  assert.deepEqual(verdict, { agreed: 60 })
})

test(`the laws find each of ${seededBugs.length} seeded bugs`, async (t) => {
  assert.ok(seededBugs.length >= 30)
  const missed = await hunt(seededBugs, { rooms, engine, programs }, (text) => t.diagnostic(text))
  assert.deepEqual(missed, [])
})
