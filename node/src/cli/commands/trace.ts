import { engineNamed, type TraceStep, tracing } from 'alcatraz-vm'
import { type Command, InvalidArgumentError } from 'commander'
import { type Cli, printJson, subcommand } from '../cli.ts'
import { readInput, writeOutput } from '../files.ts'
import { loadProgram } from '../load.ts'
import {
  countOption,
  engineList,
  engineOption,
  gasOption,
  inputOption,
  withDefault,
} from '../options.ts'
import { disassembler, registerNames } from '../texts.ts'
import { differenceOfTraces } from '../trace/diff.ts'
import { jsonLines, textLines } from '../trace/lines.ts'
import { CliError, ExitCode } from '../ui/errors.ts'
import { count, printable } from '../ui/format.ts'
import {
  exitText,
  fileArgument,
  hostText,
  type RunFlags,
  registerOption,
  runProgram,
  withForm,
} from './run.ts'

interface TraceFlags extends RunFlags {
  readonly limit: number
  readonly stops?: boolean
  readonly output?: string
  readonly diff?: readonly string[]
}

/** Ends a run whose trace is as long as it may be. */
class LimitReached extends Error {}

/** Lines written to the terminal at a time. */
const batch = 512

async function trace(cli: Cli, file: string, flags: TraceFlags): Promise<void> {
  const { terminal } = cli
  const loaded = loadProgram(file, flags)
  const { program } = loaded
  const form = flags.json ? jsonLines : textLines
  const writer = form(registerNames(program), disassembler(program))
  let lines: string[] = []
  let written = 0
  const write = (line: string): void => {
    lines.push(line)
    written++
    if (flags.output !== undefined || lines.length < batch) return
    terminal.out(lines.join(''))
    lines = []
  }
  let executed = 0n
  const record = (step: TraceStep): void => {
    if (written === flags.limit) throw new LimitReached()
    executed = step.executed
    write(writer.step(step))
  }
  const engine = tracing(engineNamed(flags.engine), { stops: flags.stops === true }, record)
  let reached = false
  try {
    const ran = await runProgram(loaded, file, flags, engine)
    const { exit, used } = ran
    write(writer.end({ executed, gas: flags.gas - used, exit, text: exitText(ran, program) }))
    if (exit.kind !== 'halt' || ran.reverted) cli.exitCode = ExitCode.contractFailed
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error
    reached = true
  } finally {
    if (flags.output === undefined) terminal.out(lines.join(''))
  }
  if (flags.output !== undefined) writeOutput(flags.output, lines.join(''))
  if (reached)
    terminal.err(`stopped after ${count(flags.limit)} lines: --limit sets how many there may be\n`)
}

function diff(cli: Cli, flags: TraceFlags): void {
  const { terminal } = cli
  const [left, right, ...more] = flags.diff ?? []
  if (left === undefined || right === undefined || more.length > 0)
    throw new CliError('--diff takes two traces', {
      code: 'badArguments',
      next: 'alcatraz trace --diff A B',
    })
  const found = differenceOfTraces(readInput(left), readInput(right))
  if (found !== undefined) cli.exitCode = ExitCode.badInput
  if (flags.json) {
    printJson(terminal, found === undefined ? { equal: true } : { equal: false, ...found })
    return
  }
  if (found === undefined) {
    terminal.out('the traces are the same\n')
    return
  }
  const { colours } = terminal
  const shown = (line: string | undefined): string =>
    line === undefined ? '(ends here)' : printable(line)
  terminal.out(`${colours.bold(`line ${count(found.line)} is the first that differs`)}\n`)
  for (const line of found.context) terminal.out(`    ${printable(line)}\n`)
  terminal.out(colours.red(`  A ${shown(found.left)}`) + '\n')
  terminal.out(colours.green(`  B ${shown(found.right)}`) + '\n')
}

/** A line is at most a few hundred octets: that many fit in memory. */
const maxLimit = 1_000_000

function limitOption(text: string): number {
  const value = countOption(text)
  if (value < 1 || value > maxLimit)
    throw new InvalidArgumentError(`It must be 1 to ${count(maxLimit)}.`)
  return value
}

export function addTrace(parent: Command, cli: Cli): void {
  withForm(
    subcommand(parent, 'trace', 'list what a run executes, the same from every engine', [
      ['trace token.alcz --entry call --input 01', 'pc, instruction, gas left, registers changed'],
      ['trace token.alcz --entry call -o a.trace --engine recomp', 'into a file'],
      ['trace --diff a.trace b.trace', 'the first difference of two traces'],
    ]),
  )
    .argument('[file]', fileArgument)
    .option('--entry <name>', 'entry point; for PVM also a pc (default: the only one, or pc 0)')
    .addOption(inputOption('program'))
    .addOption(gasOption())
    .option('--engine <name>', engineList, engineOption, 'interp')
    .option('--host <file>', hostText)
    .option('--reg <index=value>', 'a register of a PVM program; may be repeated', registerOption)
    .option('--stops', 'a line for each host call instead of each instruction')
    .addOption(withDefault('--limit <n>', 'most lines', limitOption, [10_000, '10000']))
    .option('-o, --output <file>', 'write the trace into a file')
    .option('--diff <traces...>', 'compare two traces instead')
    .option('--json', 'print JSON lines')
    .addHelpText(
      'after',
      '\nWhere gas is charged by blocks, a line is a block, at its first instruction.' +
        '\nExit codes: as run; with --diff 0 the same, 1 a difference.',
    )
    .action((file: string | undefined, flags: TraceFlags) => {
      if (flags.diff !== undefined) {
        if (file !== undefined)
          throw new CliError('--diff compares traces and runs nothing', {
            code: 'badArguments',
            where: file,
            next: 'alcatraz trace --diff A B',
          })
        return diff(cli, flags)
      }
      if (file === undefined)
        throw new CliError('which program shall be traced?', {
          code: 'badArguments',
          next: 'alcatraz trace FILE --entry NAME',
        })
      return trace(cli, file, flags)
    })
}
