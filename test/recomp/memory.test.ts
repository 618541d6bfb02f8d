import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recompEngine, referenceEngine } from 'alcatraz-vm'
import { nothingSeen, oneSeed } from '../laws/law.ts'
import { loopTrial } from '../laws/loop-programs.ts'
import { memoryTrial } from '../laws/memory-programs.ts'

test('law: what is checked before a loop is what it accesses', (t) => {
  const seen = nothingSeen()
  for (let seed = 1; seed <= 400; seed++)
    oneSeed([referenceEngine, recompEngine], loopTrial, seed, seen)
  const exits = Object.fromEntries(seen.exits)
  t.diagnostic(JSON.stringify(exits))
  assert.ok(exits['fault']! > 50 && exits['halt']! > 50, 'accesses are refused and granted')
})

test('law: ranges that are checked at once are those that are accessed', (t) => {
  const seen = nothingSeen()
  for (let seed = 1; seed <= 150; seed++)
    oneSeed([referenceEngine, recompEngine], memoryTrial, seed, seen)
  const exits = Object.fromEntries(seen.exits)
  t.diagnostic(JSON.stringify(exits))
  assert.ok(
    exits['fault']! > 20 && exits['halt']! + exits['panic']! > 20,
    'accesses are refused and granted',
  )
})
