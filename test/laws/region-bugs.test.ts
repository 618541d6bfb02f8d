/** Proves that the law over memories of regions bites. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpRegionBugs, recompRegionBugs } from './region-bugs.ts'
import { hunt } from './seeding.ts'

for (const [engine, bugs, rooms] of [
  ['interp', interpRegionBugs, ['interp', 'arena', 'emit']],
  ['recomp', recompRegionBugs, ['recomp', 'arena']],
] as const)
  test(`the law over regions finds each of ${bugs.length} bugs seeded below ${engine}`, async (t) => {
    const missed = await hunt(bugs, { rooms, engine, programs: 4500 }, (text) => t.diagnostic(text))
    assert.deepEqual(missed, [])
  })
