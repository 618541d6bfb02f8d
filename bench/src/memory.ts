import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Mode } from './modes.ts'
import type { MemoryRow, MemoryUse } from './results.ts'

const child = fileURLToPath(new URL('./memory-child.js', import.meta.url))

/** Resident memory of many live machines, each profile in a process of its own. */
export function memory(mode: Mode, say: (text: string) => void): MemoryUse {
  const rows = ['linear32', 'paged32'].map((profile) => {
    say(`${mode.machines} live machines, ${profile}`)
    const args = ['--expose-gc', child, profile, `${mode.machines}`, `${mode.churn}`]
    const run = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`memory, ${profile}: ${run.stderr}`)
    return JSON.parse(run.stdout) as MemoryRow
  })
  return { rows }
}
