import { spawn } from 'node:child_process'

/** A compiler is missing, or refused the source: what it said, and what to do. */
export class BuildError extends Error {
  readonly code: 'noTool' | 'compile'
  /** What to do next. */
  readonly advice: string | undefined

  constructor(code: BuildError['code'], message: string, advice?: string) {
    super(message)
    this.name = 'BuildError'
    this.code = code
    this.advice = advice
  }
}

export interface ToolResult {
  readonly status: number
  readonly output: string
  readonly errors: string
}

/**
 * Runs a program to its end; `onLine` hears each line of its standard error meanwhile.
 * @throws {BuildError} `noTool` when it cannot be started
 */
export function runTool(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: NodeJS.ProcessEnv
    readonly advice: string
    readonly onLine?: (line: string) => void
  },
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
      for (const line of text.split('\n')) if (line.trim() !== '') options.onLine?.(line)
    })
    child.on('error', (error) => {
      reject(new BuildError('noTool', `${command} cannot be run: ${error.message}`, options.advice))
    })
    child.on('close', (status) => {
      resolve({ status: status ?? 1, output, errors })
    })
  })
}
