import { Command } from 'commander'
import type { ExitCode } from './ui/errors.ts'
import { json } from './ui/format.ts'
import type { Terminal } from './ui/terminal.ts'

/** What every command gets: where to write, and what the process answers when nothing is thrown. */
export interface Cli {
  readonly terminal: Terminal
  exitCode: ExitCode
}

/** A command file exports one of these; `program.ts` calls them in the order of the help. */
export type AddCommand = (parent: Command, cli: Cli) => void

/**
 * A subcommand with its examples, and with `--json` where it prints results.
 * @param examples pairs of a command line, without `alcatraz`, and what it does
 */
export function subcommand(
  parent: Command,
  usage: string,
  summary: string,
  examples: readonly (readonly [line: string, does: string])[],
): Command {
  const command = parent.command(usage).summary(summary).description(summary)
  const path: string[] = []
  for (let c: Command | null = command; c !== null; c = c.parent) path.unshift(c.name())
  command.showHelpAfterError(`  try: ${path.join(' ')} --help`)
  const width = Math.max(...examples.map(([line]) => line.length))
  const lines = examples.map(([line, does]) => `  alcatraz ${line.padEnd(width)}  # ${does}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

/** One line of JSON, as scripts read it. */
export function printJson(terminal: Pick<Terminal, 'out'>, value: unknown): void {
  terminal.out(`${json(value)}\n`)
}

/** The root command, ready for `add`ing subcommands: it throws instead of leaving the process. */
export function rootCommand(version: string, cli: Cli): Command {
  const { terminal } = cli
  const program = new Command('alcatraz')
  return program
    .description('Link, run, inspect and deploy contracts: exact gas, validated state.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) =>
        write(text.replace(/^error:/, terminal.errColours.red('error:'))),
      getOutHelpWidth: () => Math.min(terminal.width, 100),
      getErrHelpWidth: () => Math.min(terminal.width, 100),
      getOutHasColors: () => terminal.colours.isColorSupported,
      getErrHasColors: () => terminal.errColours.isColorSupported,
    })
    .configureHelp({
      styleTitle: (text) => terminal.colours.bold(text),
      styleCommandText: (text) => terminal.colours.cyan(text),
      styleOptionText: (text) => terminal.colours.cyan(text),
    })
    .showHelpAfterError('  try: alcatraz --help')
    .enablePositionalOptions()
}
