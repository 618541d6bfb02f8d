/** Private slots of AVM's functions. `ALCATRAZ_LAW_PROGRAMS` for more programs, `ALCATRAZ_LAW_SEED` for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, recompEngine, referenceEngine, tieredEngine } from 'alcatraz-vm'
import { nothingSeen, oneSeed } from './law.ts'
import { slotTrial } from './slot-programs.ts'

const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 400)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

for (const engine of [interpEngine, recompEngine, tieredEngine])
  test(`law: reference and ${engine.name} agree on functions with slots, at every exit`, (t) => {
    const seen = nothingSeen()
    for (let seed = firstSeed; seed < firstSeed + wanted; seed++)
      oneSeed([referenceEngine, engine], slotTrial, seed, seen)
    t.diagnostic(
      `${seen.long} of ${seen.programs} long; exits ${JSON.stringify(Object.fromEntries(seen.exits))}`,
    )
    assert.ok(seen.long > wanted / 5)
  })
