import type { Engine, Machine, Program } from 'alcatraz-vm'
import { toHex } from '#vm/bits/hex'
import { listAvm } from '#vm/isa/avm/disasm'
import { disassembleBpf } from '#vm/isa/bpf/disasm'
import { disassemblePvm } from '#vm/isa/pvm/disasm'
import { pvmIsa } from '#vm/isa/pvm/versions'
import { disassembleSbpf } from '#vm/isa/sbpf/disasm'
import type { Trial } from './compare.ts'
import { fuzzEngines } from './fuzz-chunk.ts'
import { piecesOf, programOfPieces } from './pieces.ts'
import { noTally, runTrio } from './trio.ts'

/** Why the engines do not agree on a trial; undefined when they do. */
export function failureOf(engines: readonly Engine[], trial: Trial): string | undefined {
  try {
    runTrio(engines, trial, noTally(), undefined)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Leaves out parts of a list as long as `fails` holds, larger parts first. */
function least<T>(whole: readonly T[], fails: (part: readonly T[]) => boolean): readonly T[] {
  let list = whole
  for (let size = list.length >> 1; size > 0; size >>= 1) {
    for (let again = true; again; ) {
      again = false
      for (let at = 0; at < list.length; ) {
        const part = [...list.slice(0, at), ...list.slice(at + size)]
        if (part.length > 0 && fails(part)) {
          list = part
          again = size === 1
        } else at += size
      }
    }
  }
  return list
}

/**
 * A smaller trial on which the engines disagree, too: with fewer instructions, and with the least gas
 * and the fewest registers set that still show it.
 */
export function shrink(trial: Trial, fails: (trial: Trial) => boolean): Trial {
  const withProgram = (program: Program, from: Trial): Trial => ({ ...from, program })
  const kept = least(piecesOf(trial.program), (part) =>
    fails(withProgram(programOfPieces(trial.program, part), trial)),
  )
  let small = withProgram(programOfPieces(trial.program, kept), trial)
  if (!fails(small)) return trial
  for (let low = 0n, high = trial.gas; low < high; ) {
    const gas = (low + high) / 2n
    const less = { ...small, gas }
    if (fails(less)) {
      small = less
      high = gas
    } else low = gas + 1n
  }
  const all = startOf(small)
  const registers = least([...all.registers], (part) => fails(startingAt(small, all.pc, part)))
  const quiet = startingAt(small, all.pc, registers)
  return fails(quiet) ? quiet : small
}

type Setting = readonly [register: number, value: bigint]

function startingAt(trial: Trial, pc: number, registers: readonly Setting[]): Trial {
  const start = (machine: Machine): void => {
    for (const [register, value] of registers) machine.registers.set(register, value)
    machine.pc = pc
  }
  return { ...trial, start }
}

/** What a trial's start does, found by letting it start a machine. */
function startOf(trial: Trial): { pc: number; registers: readonly Setting[] } {
  const machine = fuzzEngines[0].instantiate(trial.program, { gas: trial.gas })
  trial.start(machine)
  const registers = Array.from(
    { length: machine.registers.count },
    (_, i): Setting => [i, machine.registers.get(i)],
  )
  const { pc } = machine
  machine.dispose()
  return { pc, registers: registers.filter(([, value]) => value !== 0n) }
}

function textOf(program: Program): string {
  if (program.isa === 'pvm')
    return disassemblePvm(pvmIsa(program.version, program.options), program)
  if (program.isa === 'sbpf') return disassembleSbpf(program.code, program)
  if (program.isa === 'avm') return listAvm(program, program.symbols)
  if (program.isa === 'riscv') return toHex(program.code)
  return disassembleBpf(program.code, { addressTaken: program.addressTaken })
}

/** Everything but the code that a test needs to build the program again. */
function settingsOf(program: Program): string {
  const plain = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof Uint8Array) return `${value.length} octets`
    return value instanceof Map ? Object.fromEntries(value) : value
  }
  const { code, symbols, imports, ...rest } = program
  return JSON.stringify(rest, plain)
}

/** The smallest trial found that fails, to be made a named test of; undefined when it does not fail. */
export function explain(
  trial: Trial,
  seed: number,
  engines: readonly Engine[] = fuzzEngines,
): string | undefined {
  const message = failureOf(engines, trial)
  if (message === undefined) return undefined
  const small = shrink(trial, (one) => failureOf(engines, one) !== undefined)
  const { pc, registers } = startOf(small)
  return [
    `program ${seed} (${trial.program.isa} ${trial.program.version}): ${message}`,
    `shrunk: ${failureOf(engines, small)}`,
    `gas ${small.gas}, pc ${pc}, trial seed ${small.seed}`,
    `registers ${registers.map(([r, value]) => `r${r} = 0x${value.toString(16)}`).join(', ')}`,
    settingsOf(small.program),
    textOf(small.program),
  ].join('\n')
}
