import assert from 'node:assert/strict'
import type { Engine, Exit, Machine, MachineState, Program } from 'alcatraz-vm'
import type { Rng } from './rng.ts'

export interface Trial {
  readonly program: Program
  readonly gas: bigint
  /** Puts a fresh machine at its start; called once per engine with equal effect. */
  readonly start: (machine: Machine) => void
  /** Decides what the host does; both machines get the same. */
  readonly seed: number
}

export interface Outcome {
  readonly exits: readonly Exit[]
  readonly instructions: bigint
}

const maxExits = 40

/** A stand-in for a host: it writes registers, memory and gas by a generator. */
function hostWork(machine: Machine, rng: Rng): void {
  machine.registers.set(0, rng.value())
  if (rng.chance(30)) machine.registers.set(rng.below(6), rng.value())
  if (rng.chance(30)) machine.gas += BigInt(rng.below(50))
  if (rng.chance(40)) {
    const bytes = Uint8Array.from({ length: rng.between(1, 40) }, () => rng.below(256))
    machine.memory.write(BigInt(0x10000 + rng.below(0x3000)), bytes)
  }
  if (rng.chance(20)) machine.memory.grow(machine.memory.size + rng.below(9000))
}

const difference = (left: MachineState, right: MachineState): string => {
  for (const key of Object.keys(left) as (keyof MachineState)[]) {
    try {
      assert.deepEqual(left[key], right[key])
    } catch (error) {
      return `${key}: ${(error as Error).message}`
    }
  }
  return ''
}

/**
 * Runs a trial on both engines in step and asserts that they agree at every exit: its kind and pc,
 * all registers, gas, frames, memory and the number of instructions. Now and then the machines
 * swap their states, so that each goes on from what the other one saved.
 */
export function compare(
  left: Engine,
  right: Engine,
  trial: Trial,
  rngOf: (seed: number) => Rng,
): Outcome {
  const machines = [left, right].map((engine) =>
    engine.instantiate(trial.program, { gas: trial.gas }),
  )
  const [a, b] = machines as [Machine, Machine]
  const rng = rngOf(trial.seed)
  const exits: Exit[] = []
  let swapped = false
  try {
    trial.start(a)
    trial.start(b)
    for (let step = 0; step < maxExits; step++) {
      const exit = a.run()
      const other = b.run()
      assert.deepEqual(other, exit, `exit ${step} of ${right.name} differs from ${left.name}'s`)
      const states = [a.save(), b.save()] as const
      assert.equal(difference(states[0], states[1]), '', `state after exit ${step} (${exit.kind})`)
      if (!swapped) assert.equal(b.stats.instructions, a.stats.instructions, 'instructions')
      exits.push(exit)
      if (exit.kind === 'host') {
        const seed = rng.word()
        hostWork(a, rngOf(seed))
        hostWork(b, rngOf(seed))
      } else if (exit.kind === 'outOfGas' && rng.chance(60)) {
        const more = BigInt(rng.below(200))
        a.gas += more
        b.gas += more
      } else if ((exit.kind === 'fault' || exit.kind === 'trap') && rng.chance(25)) {
        const register = rng.below(6)
        const value = BigInt(0x10000 + rng.below(0x4000))
        a.registers.set(register, value)
        b.registers.set(register, value)
      } else break
      if (rng.chance(15)) {
        const [x, y] = [a.save(), b.save()]
        a.restore(y)
        b.restore(x)
        swapped = true
      }
    }
    return { exits, instructions: a.stats.instructions }
  } finally {
    a.dispose()
    b.dispose()
  }
}
