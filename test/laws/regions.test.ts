import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, recompEngine } from 'alcatraz-vm'
import { nothingSeen } from './law.ts'
import { regionSeed } from './region-law.ts'

const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 400)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

for (const engine of [interpEngine, recompEngine])
  test(`law: ${engine.name} does what the IR says in memories of regions, at every exit`, (t) => {
    const seen = nothingSeen()
    for (let seed = firstSeed; seed < firstSeed + 3 * wanted; seed++) regionSeed(engine, seed, seen)
    const exits = Object.fromEntries(seen.exits)
    t.diagnostic(`${seen.programs} programs, ${seen.instructions} instructions`)
    t.diagnostic(JSON.stringify(exits))
    assert.ok(Number(seen.instructions) > 10 * wanted, 'programs run for a while')
    for (const kind of ['fault', 'halt', 'host', 'outOfGas', 'callDepth'])
      assert.ok((exits[kind] ?? 0) > wanted / 10, `${kind}: ${exits[kind]}`)
  })
