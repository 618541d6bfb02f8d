import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Runs a module beside this one, or at a URL, in a process of its own and reads the JSON that it prints. Progress
 * and errors of the child go where ours go.
 */
export function childResult<T>(
  module: string,
  args: readonly string[],
  flags: readonly string[] = [],
): T {
  const path = fileURLToPath(new URL(module, import.meta.url))
  const run = spawnSync(process.execPath, [...flags, path, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  })
  if (run.status !== 0) {
    const how = run.signal === null ? `status ${run.status}` : run.signal
    throw new Error(`${module} ${args.join(' ')} ended with ${how}; it says why above`)
  }
  return JSON.parse(run.stdout) as T
}
