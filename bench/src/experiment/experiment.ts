import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childResult } from '../child.ts'
import type { Mode } from '../modes.ts'
import type { CycleTimes, Experiment, ExperimentRow, FreshStart } from '../results.ts'
import { stagedScripts } from '../staged.ts'
import { spreadOf } from '../stats.ts'
import { formatNamed, formats } from './formats.ts'
import { type ExperimentProgram, experimentPrograms, objectOf, shownOf } from './programs.ts'
import { argumentsOf, type Cycle, type Report } from './protocol.ts'
import { codeSizes } from './sizes.ts'
import { nodeVms, peerVms, type Vm } from './vms.ts'

/** One virtual machine on one program: what its processes found. */
interface Contest {
  readonly program: ExperimentProgram
  readonly vm: Vm
  readonly file: string
  readonly bytes: number
  readonly reports: Report[]
  error?: string
}

/** The guests in every format that has a file for them, written where children can read them. */
function contestsIn(folder: string, programs: readonly ExperimentProgram[]): Contest[] {
  const { vms: peers } = peerVms()
  const vms = [...nodeVms(), ...peers]
  return programs.flatMap((program) =>
    formats.flatMap((format) => {
      const object = objectOf(program.name, 'O3', format.ending)
      if (object === undefined) return []
      const file = join(folder, `${program.name}.${format.name}`)
      const own = vms.filter((vm) => vm.format === format.name)
      try {
        const deployed = format.deploy(object)
        writeFileSync(file, deployed)
        return own.map((vm) => ({ program, vm, file, bytes: deployed.length, reports: [] }))
      } catch (error) {
        // what cannot be linked is an error of its rows, and the others go on
        const text = error instanceof Error ? error.message : String(error)
        return own.map((vm) => ({ program, vm, file, bytes: 0, reports: [], error: text }))
      }
    }),
  )
}

/** What is wrong with a report: an answer that no native build gave. */
function wrongIn(
  { result, small }: Report,
  program: ExperimentProgram,
  n: number,
): string | undefined {
  const pairs = [
    [n, result],
    [program.small, small],
  ] as const
  for (const [amount, found] of pairs) {
    const wanted = program.answers.get(amount)
    if (wanted === undefined) return `nobody knows run(${amount})`
    if (`${wanted}` !== found) return `run(${amount}) is ${found}, not ${wanted}`
  }
  return undefined
}

/** So many octets of Wasm, and up to so many times as many, have their multiple of the budget: V8 takes as much longer to optimise code. */
const smallCode = 5000
const mostRoom = 3

/** By program, how many times the budget it has: the same on every machine. */
function roomsOf(contests: readonly Contest[]): ReadonlyMap<ExperimentProgram, number> {
  const wasm = contests.filter(({ vm }) => vm.format === 'Wasm')
  return new Map(
    wasm.map(({ bytes, program }) => [program, Math.min(mostRoom, Math.max(1, bytes / smallCode))]),
  )
}

/** One process; what goes wrong becomes the row's error, and the others go on. */
function runOnce(contest: Contest, mode: Mode, room: number): void {
  const { program, vm } = contest
  const n = vm.isReference ? program.small : program.n
  // the reference is slow, and its speed is no promise: once is enough
  const { cycles, runs } = vm.isReference
    ? { cycles: 0, runs: 1 }
    : { cycles: mode.experimentCycles, runs: mode.experimentRuns }
  const budget = Math.round(mode.experimentBudget * room)
  const job = { file: contest.file, n, small: program.small, runs, cycles, budget }
  const args = [...vm.args, ...argumentsOf(job)]
  const run = spawnSync(vm.command, args, { encoding: 'utf8', timeout: 120_000 })
  if (run.status !== 0) {
    const [line = ''] = run.stderr
      .trim()
      .split('\n')
      .filter((text) => /^\w*error: /i.test(text))
    contest.error = `${line.trim()} (${run.signal ?? `status ${run.status}`})`
    return
  }
  const report = JSON.parse(run.stdout) as Report
  const wrong = wrongIn(report, program, n)
  if (wrong === undefined) contest.reports.push(report)
  else contest.error = wrong
}

const million = 1e6
const total = (cycle: Cycle): number =>
  Object.values(cycle).reduce((sum, ns) => sum + ns, 0) / million

/** The fastest whole cycle of any process, stage by stage; milliseconds. */
function timesOf(cycles: readonly Cycle[]): CycleTimes | undefined {
  const [best] = [...cycles].sort((x, y) => total(x) - total(y))
  if (best === undefined) return undefined
  const stages = Object.entries(best).map(([name, ns]) => [name, ns / million] as const)
  return { total: spreadOf(cycles.map(total)), stages: Object.fromEntries(stages) }
}

function rowOf({ bytes, error, program, reports, vm }: Contest): ExperimentRow {
  const row = { program: program.name, vm: vm.name, format: vm.format, bytes }
  const [first] = reports
  if (error !== undefined || first === undefined) return { ...row, error: error ?? 'never ran' }
  // a process is warm from its second cycle on
  const all = vm.isPartial === true ? [] : reports.map(({ cycles }) => cycles)
  const cold = timesOf(all.map((cycles) => cycles[0]!))
  const warm = timesOf(all.flatMap((cycles) => cycles.slice(1)))
  const cached = timesOf(reports.flatMap((report) => report.cached ?? []))
  const disk = timesOf(reports.flatMap((report) => report.disk ?? []))
  const { code, instructions, version } = first
  return {
    ...row,
    version,
    n: vm.isReference ? program.small : program.n,
    run: spreadOf(reports.flatMap(({ runs }) => runs.map((ns) => ns / million))),
    ...(cold !== undefined && { cold }),
    ...(warm !== undefined && { warm }),
    ...(cached !== undefined && { cached }),
    ...(disk !== undefined && { disk }),
    residentMiB: Math.min(...reports.map(({ resident }) => resident)) / 2 ** 20,
    ...(code !== null && { code }),
    ...(instructions !== undefined && { instructions }),
  }
}

/** The emulator in fresh processes that import the package as it is published. */
function freshStarts(mode: Mode, contests: readonly Contest[]): FreshStart[] {
  const { starts } = mode
  const shown = shownOf(contests.map(({ program }) => program))
  const [script] = stagedScripts(['./experiment/fresh-child.js'])
  return contests
    .filter(({ program, vm }) => program.name === shown && vm.name === 'recomp')
    .filter(({ vm }) => formatNamed(vm.format).startsFresh)
    .map(({ file, program, vm }) => {
      const found = Array.from({ length: starts }, () => {
        const args = [file, `${program.small}`]
        const { ms, result } = childResult<{ ms: number; result: string }>(script!, args)
        if (result !== `${program.answers.get(program.small)}`)
          throw new Error(`${program.name}, ${vm.format}, fresh process: ${result}`)
        return ms
      })
      return { program: program.name, format: vm.format, samples: starts, ms: spreadOf(found) }
    })
}

/**
 * Every guest on every virtual machine that takes a format of it: rounds over all of them, each run in a process of its
 * own. Whatever ends with an error or another answer than the native build's is a row with `error`.
 */
export function experiment(mode: Mode, say: (text: string) => void): Experiment {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-bench-'))
  const full = mode.size > 0
  const programs = experimentPrograms(full).slice(0, mode.experimentPrograms)
  try {
    const contests = contestsIn(folder, programs)
    const rooms = roomsOf(contests)
    for (let round = 0; round < mode.experimentRounds; round++)
      for (const contest of contests) {
        if (contest.error !== undefined || (contest.vm.isReference && round > 0)) continue
        say(`round ${round + 1}: ${contest.program.name}, ${contest.vm.name}, ${contest.vm.format}`)
        runOnce(contest, mode, rooms.get(contest.program) ?? 1)
      }
    return {
      rounds: mode.experimentRounds,
      programs: programs.map(({ n, name, small }) => ({ name, n, small })),
      absent: peerVms().absent,
      rows: contests.map(rowOf),
      starts: freshStarts(mode, contests),
      sizes: codeSizes(programs.map(({ name }) => name)),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
