import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../build/packages/', import.meta.url))

/** The engine's package as it is published, and copies of scripts beside this module where they import it by name. */
export function stagedScripts(names: readonly string[]): string[] {
  const script = fileURLToPath(new URL('../../scripts/stage.mjs', import.meta.url))
  const run = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`the package: ${run.stderr}`)
  return names.map((name) => {
    const path = `${folder}${basename(name)}`
    copyFileSync(fileURLToPath(new URL(name, import.meta.url)), path)
    return path
  })
}

/** Runs one of them in a fresh process and reads the JSON that it prints. */
export function freshResult<T>(path: string): T {
  const run = spawnSync(process.execPath, [path], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`a fresh process: ${run.stderr}`)
  return JSON.parse(run.stdout) as T
}
