import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Engine, engineNamed } from 'alcatraz-vm'
import { loadRiscv } from 'alcatraz-vm/riscv'
import { type Command, InvalidArgumentError } from 'commander'
import { runBpfVector } from '../../vectors/bpf.ts'
import {
  type PvmVectorSet,
  parsePvmVectors,
  pvmVectorSets,
  runPvmVector,
} from '../../vectors/pvm.ts'
import { runRiscvVector } from '../../vectors/riscv.ts'
import { parseSbpfVectors, runSbpfVector, sbpfVersionOf } from '../../vectors/sbpf.ts'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { fileError, readInput } from '../files.ts'
import { engineOption } from '../options.ts'
import { about, CliError, ExitCode } from '../ui/errors.ts'
import { printable } from '../ui/format.ts'
import { progressOf } from '../ui/progress.ts'

type VectorSet = 'bpf' | 'sbpf' | 'riscv' | PvmVectorSet

interface VectorsFlags {
  readonly engine: string
  readonly json?: boolean
}

interface Judged {
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly reason?: string
}

const sets = ['bpf', 'sbpf', 'riscv', ...Object.keys(pvmVectorSets)] as readonly VectorSet[]
/** What files of a set end with, in folders; of those not listed: cases as lines or lists. */
const endingsOf: { readonly [S in VectorSet]?: readonly string[] } = {
  bpf: ['.data'],
  sbpf: ['.instr'],
  riscv: ['.elf'],
}
const endings = (set: VectorSet): readonly string[] => endingsOf[set] ?? ['.jsonl', '.json']

function setOption(text: string): VectorSet {
  const found = sets.find((name) => name === text)
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${sets.join(', ')}.`)
  return found
}

/** A file itself, or the files of the set's forms below a folder, sorted. */
function filesOf(path: string, set: VectorSet): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => endings(set).some((ending) => name.endsWith(ending)))
      .sort()
      .map((name) => join(path, name))
    if (found.length > 0) return found
  } catch (error) {
    throw fileError(path, error)
  }
  throw new CliError(`the folder has no ${endings(set).join(' or ')} file`, {
    where: path,
    code: 'noVectors',
    next: `another set: ${sets.join(', ')}`,
  })
}

/** The cases of the files, each still to be run. */
function casesOf(path: string, set: VectorSet, engine: Engine): readonly (() => Judged)[] {
  const file = readInput(path)
  if (set === 'riscv') {
    about(path, 'an executable of RISC-V', () => loadRiscv(file))
    return [() => judge(path, () => runRiscvVector(file, engine))]
  }
  const text = Buffer.from(file).toString('utf8')
  if (set === 'bpf') return [() => judge(path, () => runBpfVector(text, engine))]
  const next = `alcatraz vectors bpf ${path}, if it is one of those`
  if (set === 'sbpf') {
    const tests = about(path, next, () => parseSbpfVectors(text, sbpfVersionOf(path)))
    return tests.map(
      (test) => () => judge(`${path}:${test.line}`, () => runSbpfVector(test, engine)),
    )
  }
  const cases = about(path, next, () => parsePvmVectors(text))
  return cases.map((test) => () => judge(test.name, () => runPvmVector(test, set, engine)))
}

/** A mistake of ours in one case must not hide what the others come to. */
function judge(name: string, run: () => Omit<Judged, 'name'>): Judged {
  try {
    return { ...run(), name }
  } catch (error) {
    return { name, status: 'failed', reason: `internal: ${(error as Error).message}` }
  }
}

function vectors(cli: Cli, set: VectorSet, paths: readonly string[], flags: VectorsFlags): void {
  const { terminal } = cli
  const engine = engineNamed(flags.engine)
  const files = paths.flatMap((path) => filesOf(path, set))
  const cases = files.flatMap((path) => casesOf(path, set, engine))
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const other: Judged[] = []
  const progress = progressOf(terminal, set, cases.length)
  for (const [i, run] of cases.entries()) {
    const result = run()
    counts[result.status]++
    progress.update(i + 1, result.name)
    if (result.status !== 'passed') other.push(result)
  }
  progress.finish()
  if (counts.failed > 0) cli.exitCode = ExitCode.badInput
  if (flags.json) {
    printJson(terminal, { set, engine: engine.name, ...counts, other })
    return
  }
  const { colours } = terminal
  for (const { name, status, reason } of other) {
    const word = status === 'failed' ? colours.red('failed') : colours.yellow('skipped')
    terminal.out(`${word}  ${printable(name)}: ${printable(reason ?? '')}\n`)
  }
  const { passed, failed, skipped } = counts
  terminal.out(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
}

export function addVectors(parent: Command, cli: Cli): void {
  subcommand(parent, 'vectors', "run others' test vectors on an engine", [
    ['vectors bpf tests/', 'every .data file of bpf_conformance below a folder'],
    ['vectors sbpf v0/ v3/', 'every .instr file; folders name the version'],
    ['vectors riscv add addi', 'self-checking executables, which exit with 0'],
    ['vectors pvm-jamv1 a.jsonl --engine reference', 'one case a line'],
  ])
    .argument('<set>', sets.join(', '), setOption)
    .argument('<paths...>', 'folders, .data, .instr, .jsonl, .json or ELF files')
    .option('--engine <name>', 'engine that runs them', engineOption, 'interp')
    .option('--json', 'print the counts, and what did not pass, as JSON')
    .action((set: VectorSet, paths: string[], flags: VectorsFlags) =>
      vectors(cli, set, paths, flags),
    )
}
