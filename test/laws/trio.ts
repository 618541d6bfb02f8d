import type { Engine, Exit, Machine } from 'alcatraz-vm'
import { InputError } from '#vm/bits/errors'
import { Disagreement, difference, exitText, goesOn, hostWork, type Trial } from './compare.ts'
import { type Counts, endOf, isaOrder, noCounts, opCount, type Watch } from './coverage.ts'
import { Rng } from './rng.ts'

/** What many programs left behind; sums of tallies are tallies. */
export interface Tally {
  programs: number
  /** Programs that executed at least 50 instructions. */
  long: number
  instructions: number
  runs: number
  readonly ends: Map<string, number>
  readonly counts: Counts
  /** Programs that have an op, by op: those of each instruction set in turn (`isaOrder`). */
  readonly lifted: Float64Array
}

export function noTally(): Tally {
  return {
    programs: 0,
    long: 0,
    instructions: 0,
    runs: 0,
    ends: new Map(),
    counts: noCounts(),
    lifted: new Float64Array(isaOrder.length * opCount),
  }
}

const maxRuns = 24
const longRun = 50n

function machinesOf(engines: readonly Engine[], trial: Trial): Machine[] | undefined {
  let refused: string | undefined
  const made: Machine[] = []
  for (const engine of engines) {
    try {
      made.push(engine.instantiate(trial.program, { gas: trial.gas }))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      if (made.length > 0 || (refused !== undefined && refused !== error.code))
        throw new Disagreement(`${engine.name} refuses: ${error.code}`)
      refused = error.code
    }
  }
  if (made.length === 0) return undefined
  if (made.length < engines.length) throw new Disagreement(`only some refuse: ${refused}`)
  for (const machine of made) trial.start(machine)
  return made
}

/** Throws when a machine is not where the first one is; memory and frames only if `whole`. */
function agree(machines: readonly Machine[], exits: readonly Exit[], whole: boolean): void {
  const [a] = machines as readonly [Machine]
  const text = exitText(exits[0]!)
  const state = whole ? a.save() : undefined
  for (let i = 1; i < machines.length; i++) {
    const b = machines[i]!
    const refuse = (what: string): never => {
      throw new Disagreement(`engine ${i}, ${text}: ${what}`)
    }
    if (exitText(exits[i]!) !== text) refuse(`exit '${exitText(exits[i]!)}'`)
    if (a.pc !== b.pc || a.gas !== b.gas) refuse(`pc, gas: ${a.pc} ${a.gas} and ${b.pc} ${b.gas}`)
    for (let r = 0; r < a.registers.count; r++) {
      const [x, y] = [a.registers.get(r), b.registers.get(r)]
      if (x !== y) refuse(`register ${r}: ${x} and ${y}`)
    }
    if (state === undefined) continue
    const differs = difference(state, b.save())
    if (differs !== '') refuse(differs)
  }
}

/** Calls that a handler passes in one run, at most: a host that gives gas could go on for ever. */
const maxPassed = 30

/** A host that answers within runs; alike for all machines whose calls are alike. */
function handlerOf(machine: Machine, seed: number): (id: number) => boolean {
  let calls = 0
  return () => {
    const rng = new Rng(seed + calls++)
    hostWork(machine, rng)
    return calls < maxPassed && rng.chance(85)
  }
}

/**
 * Runs a trial on all engines in step; the first is the reference, the last recomp. They agree at
 * every exit on its kind and pc, on registers, gas and the number of instructions; at the last and
 * some others on frames and all of memory, too. Runs go on after host calls, with new gas, after
 * faults and traps; now and then each machine goes on from what another one saved.
 * @param watch counts ops into the tally
 * @throws {Disagreement}
 */
export function runTrio(
  engines: readonly Engine[],
  trial: Trial,
  tally: Tally,
  watch: Watch | undefined,
): void {
  const machines = machinesOf(engines, trial)
  tally.programs++
  if (machines === undefined) return
  const rng = new Rng(trial.seed)
  /** Are host calls answered within runs. */
  const inside = rng.chance(50)
  let instructions = 0n
  watch?.watch(machines[0]!, machines.at(-1)!, tally.lifted)
  try {
    for (let run = 0; run < maxRuns; run++) {
      watch?.begin()
      // a machine that goes on in the middle of a block, or from another's state, counts anew
      const before = machines.map((machine) => machine.stats.instructions)
      const seed = rng.word()
      const exits = machines.map((machine) =>
        machine.run(inside ? handlerOf(machine, seed) : undefined),
      )
      const [exit] = exits as [Exit]
      const counts = machines.map((machine, i) => machine.stats.instructions - before[i]!)
      if (counts.some((n) => n !== counts[0])) {
        agree(machines, exits, false)
        throw new Disagreement(`instructions of run ${run} (${exitText(exit)}): ${counts}`)
      }
      instructions += counts[0]!
      const moves = rng.chance(15)
      const last = run === maxRuns - 1
      const whole = moves || last || (exit.kind !== 'host' && exit.kind !== 'outOfGas')
      agree(machines, exits, whole || rng.chance(5))
      const end = moves && exit.kind === 'host' ? 'suspended' : endOf(exit)
      watch?.count(tally.counts, end)
      tally.runs++
      tally.ends.set(end, (tally.ends.get(end) ?? 0) + 1)
      if (last || !goesOn(machines, exit, rng)) {
        if (!whole) agree(machines, exits, true)
        break
      }
      if (!moves) continue
      const states = machines.map((machine) => machine.save())
      machines.forEach((machine, i) => {
        machine.restore(states[(i + 1) % states.length]!)
      })
    }
    tally.instructions += Number(instructions)
    if (instructions >= longRun) tally.long++
  } finally {
    for (const machine of machines) machine.dispose()
  }
}
