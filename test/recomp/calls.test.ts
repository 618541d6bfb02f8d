import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recompEngine, referenceEngine } from 'alcatraz-vm'
import { callTrial } from '../laws/call-programs.ts'
import { nothingSeen, oneSeed } from '../laws/law.ts'

const programs = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 400)

test('law: functions that call each other keep, pass and record the same registers', (t) => {
  const seen = nothingSeen()
  for (let seed = 1; seed <= programs; seed++)
    oneSeed([referenceEngine, recompEngine], callTrial, seed, seen)
  const exits = Object.fromEntries(seen.exits)
  t.diagnostic(JSON.stringify(exits))
  for (const kind of ['halt', 'fault', 'callDepth', 'host', 'outOfGas'])
    assert.ok(exits[kind]! > programs / 20, kind)
})
