/** AVM's blocks in any order. `ALCATRAZ_LAW_PROGRAMS` for more programs, `ALCATRAZ_LAW_SEED` for others. */
import { test } from 'node:test'
import { interpEngine, recompEngine, referenceEngine } from 'alcatraz-vm'
import { nothingSeen, oneSeed } from './law.ts'
import { orderTrial } from './order-programs.ts'

const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 200)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

for (const engine of [interpEngine, recompEngine])
  test(`law: reference and ${engine.name} agree on blocks that branch to each other in any order`, () => {
    const seen = nothingSeen()
    for (let seed = firstSeed; seed < firstSeed + wanted; seed++)
      oneSeed([referenceEngine, engine], orderTrial, seed, seen)
  })
