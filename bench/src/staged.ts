import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = new URL('../../build/packages/', import.meta.url)

/** The engine's package as it is published, and copies of scripts beside this module where they import it by name: their URLs. */
export function stagedScripts(names: readonly string[]): string[] {
  const script = fileURLToPath(new URL('../../scripts/stage.mjs', import.meta.url))
  const run = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`the package: ${run.stderr}`)
  return names.map((name) => {
    const copy = new URL(basename(name), folder)
    copyFileSync(new URL(name, import.meta.url), copy)
    return copy.href
  })
}
