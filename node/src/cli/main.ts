import { runCli } from './program.ts'
import { terminalOf } from './ui/terminal.ts'

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await runCli(
  process.argv.slice(2),
  terminalOf(process.stdout, process.stderr, process.env),
)
