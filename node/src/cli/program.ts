import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { type AddCommand, type Cli, printJson, rootCommand } from './cli.ts'
import { addAsm } from './commands/asm.ts'
import { addBpfPlugin } from './commands/bpf-plugin.ts'
import { addBuild } from './commands/build.ts'
import { addDemo } from './commands/demo.ts'
import { addDisasm } from './commands/disasm.ts'
import { addInspect } from './commands/inspect.ts'
import { addLink } from './commands/link.ts'
import { addNew } from './commands/new.ts'
import { addRun } from './commands/run.ts'
import { addState } from './commands/state.ts'
import { addTrace } from './commands/trace.ts'
import { addCall, addDeploy } from './commands/transact.ts'
import { addVectors } from './commands/vectors.ts'
import { ExitCode, report } from './ui/errors.ts'
import type { Terminal } from './ui/terminal.ts'

/** In the order of the help. */
const commands: readonly AddCommand[] = [
  addNew,
  addBuild,
  addLink,
  addRun,
  addTrace,
  addInspect,
  addDisasm,
  addAsm,
  addDeploy,
  addCall,
  addState,
  addVectors,
  addBpfPlugin,
  addDemo,
]

function version(): string {
  const path = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

/**
 * Runs one command line and answers the exit code; never ends the process, never throws.
 * @param args what follows `alcatraz`
 * @example await runCli(['run', 'token.alcz', '--entry', 'call'], terminal) // 0
 */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const cli: Cli = { terminal, exitCode: ExitCode.ok }
  const program = rootCommand(version(), cli)
  for (const add of commands) add(program, cli)
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' })
    return cli.exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return ExitCode.ok
      // commander has said it to people already
      const message = error.message.replace(/^error: /, '').split('\n')[0]
      if (args.includes('--json')) printJson(terminal, { error: { message, code: error.code } })
      return ExitCode.badInput
    }
    return report(terminal, error, args.includes('--json'))
  }
}
