/** Proves that the law between reference and recomp bites. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hunt } from '../laws/seeding.ts'
import { recompBugs } from './seeded-bugs.ts'
import { avmCallBugs } from './seeded-calls.ts'
import { paceBugs } from './seeded-paces.ts'
import { sbpfBugs } from './seeded-sbpf.ts'
import { shapeBugs } from './seeded-shapes.ts'
import { slotBugs } from './seeded-slots.ts'

const bugs = [...recompBugs, ...sbpfBugs, ...shapeBugs, ...paceBugs, ...slotBugs, ...avmCallBugs]

test(`the law finds each of ${bugs.length} bugs seeded into the recompiler`, async (t) => {
  assert.ok(bugs.length >= 40)
  const rooms = ['recomp', 'engine', 'lift', 'arena']
  const how = { rooms, engine: 'recomp', programs: 700 } as const
  const missed = await hunt(bugs, how, (text) => t.diagnostic(text))
  assert.deepEqual(missed, [])
})
