import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, referenceEngine } from 'alcatraz-vm'
import { bpfProgram, bpfRegisters } from './bpf-programs.ts'
import { compare, type Outcome, type Trial } from './compare.ts'
import { pvmProgram, pvmRegisters } from './pvm-programs.ts'
import { Rng } from './rng.ts'

/** Programs with at least this many executed instructions that each law must see. */
const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 1500)
const longRun = 50n
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

function bpfTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = bpfProgram(rng)
  const registers = bpfRegisters(rng, program)
  const entry = rng.chance(90) ? 0 : rng.below(program.code.length / 8)
  return {
    program,
    gas: BigInt(rng.chance(60) ? rng.between(200, 3000) : rng.below(300)),
    seed,
    start(machine) {
      registers.forEach((value, i) => {
        machine.registers.set(i, value)
      })
      machine.pc = entry
    },
  }
}

function pvmTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = pvmProgram(rng)
  const registers = pvmRegisters(rng)
  const entry = rng.chance(85) ? 0 : rng.below(program.code.length)
  return {
    program,
    gas: BigInt(rng.chance(60) ? rng.between(200, 20_000) : rng.below(300)),
    seed,
    start(machine) {
      registers.forEach((value, i) => {
        machine.registers.set(i, value)
      })
      machine.pc = entry
    },
  }
}

/** Runs seeds until enough long programs were seen; answers how runs ended. */
function law(trialOf: (seed: number) => Trial): Map<string, number> {
  const ends = new Map<string, number>()
  let long = 0
  for (let seed = firstSeed; long < wanted; seed++) {
    assert.ok(seed < firstSeed + 40 * wanted, 'the generator makes long programs')
    let outcome: Outcome
    try {
      outcome = compare(referenceEngine, interpEngine, trialOf(seed), (s) => new Rng(s))
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
    if (outcome.instructions >= longRun) long++
    for (const exit of outcome.exits) ends.set(exit.kind, (ends.get(exit.kind) ?? 0) + 1)
  }
  return ends
}

for (const [isa, trialOf] of [
  ['eBPF', bpfTrial],
  ['PVM', pvmTrial],
] as const) {
  test(`${isa}: reference and interp agree on random programs, at every exit`, (t) => {
    const ends = law(trialOf)
    t.diagnostic(
      `${wanted} programs of ${longRun}+ instructions; exits: ${JSON.stringify([...ends])}`,
    )
    for (const kind of ['halt', 'trap', 'fault', 'outOfGas', 'host'])
      assert.ok((ends.get(kind) ?? 0) > 10, `${kind} was reached`)
  })
}
