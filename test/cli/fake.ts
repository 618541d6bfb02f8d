import { runCli } from '#node/cli/program'
import { terminalOf } from '#node/cli/ui/terminal'

export interface Answered {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in this process, as if both streams were piped. */
export async function alcatraz(...args: readonly string[]): Promise<Answered> {
  const written = { out: '', err: '' }
  const stream = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text
    },
  })
  const code = await runCli(args, terminalOf(stream('out'), stream('err'), {}))
  return { code, ...written }
}
