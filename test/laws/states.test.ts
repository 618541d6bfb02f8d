/** Saved states that somebody has changed: engines refuse the same ones, and go on alike from the others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineNamed, InputError, type Machine, type MachineState } from 'alcatraz-vm'
import { Disagreement, difference, exitText, type Trial } from './compare.ts'
import { Rng } from './rng.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

const programs = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 600)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)
const engines = ['reference', 'interp', 'recomp'].map(engineNamed)
const page = 4096

function pcOf(rng: Rng, { program }: Trial): number {
  const length = program.isa === 'pvm' ? program.code.length : program.code.length / 8
  return rng.chance(95) ? rng.below(length + 1) : rng.pick([-1, 0.5, 2 ** 32])
}

function frameOf(rng: Rng, trial: Trial) {
  const saved = Array.from({ length: rng.chance(95) ? 5 : 4 }, () => rng.value())
  if (rng.chance(70)) saved[4] = BigInt(0x10000 + 8 * rng.below(0x2000))
  return { returnPc: pcOf(rng, trial), saved }
}

function pagesOf(rng: Rng, pages: MachineState['pages']): MachineState['pages'] {
  const at = rng.below(pages.length + 1)
  const found = pages[at]
  switch (rng.below(5)) {
    case 0:
      return [...pages.slice(0, at), ...pages.slice(at + 1)]
    case 1: {
      const address = page * rng.pick([0, 16, 17, 18, 20, 32, 0xfffff, 0x100000])
      const bytes = new Uint8Array(rng.chance(95) ? page : 8).fill(rng.below(256))
      const more = [...pages, { address, writable: rng.chance(70), bytes }]
      return rng.chance(90) ? more.sort((a, b) => a.address - b.address) : more
    }
    case 2:
      if (found === undefined) return pages
      return pages.with(at, { ...found, writable: !found.writable })
    default: {
      if (found === undefined) return pages
      const bytes = found.bytes.slice()
      bytes.set(rng.bytes(40), rng.below(page - 40))
      return pages.with(at, { ...found, bytes })
    }
  }
}

/** The state with one change, which may be one that no run makes. */
function changed(rng: Rng, state: MachineState, trial: Trial): MachineState {
  const { frames, memorySize, pages, registers } = state
  switch (rng.below(9)) {
    case 0:
      return { ...state, pc: pcOf(rng, trial) }
    case 1:
      return { ...state, charged: !state.charged }
    case 2:
      return { ...state, gas: rng.pick([-1n, 0n, 1n, BigInt(rng.below(300)), 1n << 63n]) }
    case 3: {
      const value = rng.chance(95) ? rng.value() : rng.pick([-1n, 1n << 64n])
      return { ...state, registers: registers.with(rng.below(registers.length), value) }
    }
    case 4:
      return { ...state, registers: registers.slice(rng.below(2)) }
    case 5: {
      if (rng.chance(40)) return { ...state, frames: frames.slice(rng.below(2)) }
      const count = rng.chance(95) ? rng.between(1, 3) : 2000
      return { ...state, frames: [...frames, ...new Array(count).fill(frameOf(rng, trial))] }
    }
    case 6:
      return {
        ...state,
        memorySize: memorySize + rng.pick([1, -1, page, -page, 8 * page, 2 ** 40]),
      }
    default:
      return { ...state, pages: pagesOf(rng, pages) }
  }
}

/** What became of it on one machine. */
function outcomeOf(machine: Machine, state: MachineState, gas: bigint): string | Machine {
  try {
    machine.restore(state)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return `refused: ${error.message}`
  }
  machine.gas = gas
  return machine
}

function check(trial: Trial): 'refused' | 'ran' | 'noProgram' {
  const { gas, program } = trial
  const rng = new Rng(trial.seed)
  let state: MachineState
  try {
    const first = engines[0]!.instantiate(program, { gas: BigInt(rng.below(Number(gas) + 1)) })
    trial.start(first)
    for (let runs = rng.below(4); runs >= 0 && first.run().kind === 'host'; runs--);
    state = first.save()
  } catch (error) {
    if (error instanceof InputError) return 'noProgram'
    throw error
  }
  for (let changes = rng.between(1, 3); changes > 0; changes--) state = changed(rng, state, trial)
  const left = BigInt(rng.below(2000))
  const machines = engines.map((engine) => engine.instantiate(program, { gas }))
  try {
    const outcomes = machines.map((machine) => outcomeOf(machine, state, left))
    const [outcome] = outcomes
    if (outcomes.some((other) => typeof other === 'string')) {
      if (outcomes.some((other) => other !== outcome))
        throw new Disagreement(`seed ${trial.seed}: ${outcomes.map(String).join('; ')}`)
      return 'refused'
    }
    for (let runs = 0; runs < 4; runs++) {
      const exits = machines.map((machine) => machine.run())
      const states = machines.map((machine) => machine.save())
      for (let i = 1; i < machines.length; i++) {
        const what = `seed ${trial.seed}, ${program.isa}, ${engines[i]!.name}, run ${runs}`
        if (exitText(exits[i]!) !== exitText(exits[0]!))
          throw new Disagreement(`${what}: ${exitText(exits[0]!)} and ${exitText(exits[i]!)}`)
        const differs = difference(states[0]!, states[i]!)
        if (differs !== '') throw new Disagreement(`${what}, ${exitText(exits[0]!)}: ${differs}`)
      }
      if (exits[0]!.kind !== 'host') break
    }
    return 'ran'
  } finally {
    for (const machine of machines) machine.dispose()
  }
}

test('changed states are refused by all engines, or run alike on all', (t) => {
  const counts = { refused: 0, ran: 0, noProgram: 0 }
  for (let seed = firstSeed; seed < firstSeed + programs; seed++)
    for (const trial of [bpfTrial(seed), pvmTrial(seed)]) counts[check(trial)]++
  t.diagnostic(JSON.stringify(counts))
  assert.ok(counts.refused > programs / 10 && counts.ran > programs / 2)
})
