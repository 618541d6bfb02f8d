import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Mode } from './modes.ts'
import type { MemoryRow, MemoryUse } from './results.ts'

const child = fileURLToPath(new URL('./memory-child.js', import.meta.url))

/** Resident memory of many live machines, each profile in a process of its own. */
export function memory(mode: Mode, say: (text: string) => void): MemoryUse {
  const kinds = ['linear32', 'paged32'].flatMap((profile) => [
    [profile, 'interp'] as const,
    [profile, 'recomp'] as const,
  ])
  const rows = kinds.map(([profile, engine]) => {
    say(`${mode.machines} live machines, ${profile} on ${engine}`)
    const args = ['--expose-gc', child, profile, engine, `${mode.machines}`, `${mode.churn}`]
    const run = spawnSync(process.execPath, args, { encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`memory, ${profile}: ${run.stderr}`)
    return JSON.parse(run.stdout) as MemoryRow
  })
  return { rows }
}
