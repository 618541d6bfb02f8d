import type { Machine, PvmProgram } from 'alcatraz-vm'
import { hasBit } from '#vm/isa/pvm/decode'
import { bpfProgram, bpfRegisters } from './bpf-programs.ts'
import type { Trial } from './compare.ts'
import { pvmProgram, pvmRegisters } from './pvm-programs.ts'
import { Rng } from './rng.ts'

function startOf(registers: readonly bigint[], entry: number): (machine: Machine) => void {
  return (machine) => {
    registers.forEach((value, i) => {
      machine.registers.set(i, value)
    })
    machine.pc = entry
  }
}

/** A random eBPF program with its start; the same for the same seed. */
export function bpfTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = bpfProgram(rng)
  const start = startOf(
    bpfRegisters(rng, program),
    rng.chance(90) ? 0 : rng.below(program.code.length / 8 + 1),
  )
  return {
    program,
    gas: BigInt(rng.chance(75) ? rng.between(200, 3000) : rng.below(300)),
    seed,
    start,
  }
}

/** A random PVM program with its start; the same for the same seed. */
export function pvmTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const program = pvmProgram(rng)
  let entry = rng.chance(88) ? 0 : rng.below(program.code.length + 1)
  if (rng.chance(80)) while (entry > 0 && !hasBit(program.bitmask, entry)) entry--
  const start = startOf(pvmRegisters(rng, program), entry)
  const most = program.gas.startsWith('pvm-pipeline') ? 12_000 : 3000
  return {
    program,
    gas: BigInt(rng.chance(75) ? rng.between(200, most) : rng.below(300)),
    seed,
    start,
  }
}

/** The trial with gas taken from each instruction, 1 each, so that it can be stepped. */
export function stepwise(trial: Trial): Trial {
  const { program } = trial
  if (program.isa === 'bpf') return { ...trial, program: { ...program, gas: 'per-instruction' } }
  if (program.isa !== 'pvm') return trial
  return { ...trial, program: keepingGas({ ...program, gas: 'pvm-instruction' }) }
}

/** The trial where nothing costs anything; it must be known to end. */
export function unmetered(trial: Trial): Trial {
  return { ...trial, gas: 0n, program: { ...trial.program, gas: 'none' } }
}

/** The trial without the rule that spends what is left when gas runs out: it cannot be cut. */
export function cuttable(trial: Trial): Trial {
  const { program } = trial
  return program.isa === 'pvm' ? { ...trial, program: keepingGas(program) } : trial
}

function keepingGas(program: PvmProgram): PvmProgram {
  return { ...program, options: { ...program.options, outOfGasKeepsCounter: true } }
}
