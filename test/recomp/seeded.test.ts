/** Proves that the law between reference and recomp bites. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hunt } from '../laws/seeding.ts'
import { recompBugs } from './seeded-bugs.ts'

test(`the law finds each of ${recompBugs.length} bugs seeded into the recompiler`, async (t) => {
  assert.ok(recompBugs.length >= 20)
  const how = { rooms: ['recomp', 'engine'], engine: 'recomp', programs: 700 } as const
  const missed = await hunt(recompBugs, how, (text) => t.diagnostic(text))
  assert.deepEqual(missed, [])
})
