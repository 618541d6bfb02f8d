import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Engine,
  type Exit,
  interpEngine,
  type Machine,
  type MachineState,
  recompEngine,
} from 'alcatraz-vm'
import { difference } from './compare.ts'
import { irModel } from './ir-model.ts'
import { nothingSeen } from './law.ts'
import { regionSeed } from './region-law.ts'
import { regionTrial } from './region-programs.ts'
import { Rng } from './rng.ts'

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

interface Stop {
  readonly exit: Exit
  readonly state: MachineState
}

/** What a host does at a stop, by a generator; false: the run is over. */
function goesOn({ memory, program, registers }: Machine, exit: Exit, rng: Rng): boolean {
  const plan = program.memory
  if (plan.profile !== 'regions64' || (exit.kind !== 'host' && exit.kind !== 'fault')) return false
  const { address, length } = rng.pick(plan.regions)
  memory.resize(address, length + rng.below(90), true)
  if (exit.kind === 'fault') registers.set(rng.pick([1, 6, 7, 8]), BigInt(address))
  if (rng.chance(30)) memory.map(0x9_0000_0000 + 0x1000 * rng.below(4), rng.below(600), true)
  return true
}

/** All stops of a run whose legs are on the engines that `order` names. */
function stopsOf(seed: number, order: readonly Engine[]): Stop[] {
  const trial = regionTrial(seed)
  const stops: Stop[] = []
  const rng = new Rng(seed)
  let machine = order[0]!.instantiate(trial.program, { gas: 3000n })
  trial.start(machine)
  for (let leg = 1; leg < 30; leg++) {
    const exit = machine.run()
    stops.push({ exit, state: machine.save() })
    if (!goesOn(machine, exit, rng)) break
    const next = order[leg % order.length]!.instantiate(trial.program, { gas: 0n })
    next.restore(machine.save())
    machine.dispose()
    machine = next
  }
  machine.dispose()
  return stops
}

test('runs whose engines change at every stop end as on one', () => {
  let count = 0
  for (let seed = firstSeed; seed < firstSeed + 150; seed++) {
    const wanted = stopsOf(seed, [irModel])
    count += wanted.length
    for (const order of [
      [recompEngine, interpEngine, irModel],
      [interpEngine, recompEngine],
      [recompEngine],
    ]) {
      const got = stopsOf(seed, order)
      assert.equal(got.length, wanted.length, `seed ${seed}`)
      got.forEach(({ exit, state }, i) => {
        assert.deepEqual(exit, wanted[i]!.exit, `seed ${seed}, stop ${i}`)
        assert.equal(difference(state, wanted[i]!.state), '', `seed ${seed}, stop ${i}`)
      })
    }
  }
  assert.ok(count > 600, `${count} stops`)
})
