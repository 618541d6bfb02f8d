import picocolors from 'picocolors'

export type Colours = ReturnType<typeof picocolors.createColors>

/** Where a command writes: results to `out`, everything about the run itself to `err`. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** A person reads `out`: colours, tables cut to its width. */
  readonly isTty: boolean
  /** A person reads `err`: progress is shown. */
  readonly errIsTty: boolean
  /** Columns of the terminal. */
  readonly width: number
  readonly colours: Colours
  readonly errColours: Colours
}

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** NO_COLOR and FORCE_COLOR, where they are set and not empty, decide for both streams. */
function coloured(stream: Stream, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

/** @example terminalOf(process.stdout, process.stderr, process.env) */
export function terminalOf(
  stdout: Stream,
  stderr: Stream,
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    isTty: stdout.isTTY === true,
    errIsTty: stderr.isTTY === true,
    width: stdout.columns ?? stderr.columns ?? 100,
    colours: picocolors.createColors(coloured(stdout, env)),
    errColours: picocolors.createColors(coloured(stderr, env)),
  }
}
