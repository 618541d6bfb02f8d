import { runCli } from './program.ts'
import { ExitCode } from './ui/errors.ts'
import { terminalOf } from './ui/terminal.ts'

// A reader that has seen enough (`| head`) is no failure; a disk that is full is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`error: the output cannot be written: ${error.message}\n`)
  process.exit(ExitCode.badInput)
})
process.exitCode = await runCli(
  process.argv.slice(2),
  terminalOf(process.stdout, process.stderr, process.env),
)
