/** docs/host/solana.md, its quick start word by word, in a folder where the packages are installed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { missingLine, readmeSteps } from '../packaging/readme.ts'

/** clang of a version that makes frames of sBPF. */
const clang = spawnSync('clang', ['--version'], { encoding: 'utf8' }).stdout ?? ''
const version = Number(/clang version (\d+)/.exec(clang)?.[1] ?? 0)
const skip = version < 14 && 'SKIPPED: no clang here to compile the program of the quick start'

test('the quick start builds a program and tests it', { skip }, () => {
  const steps = readmeSteps(readFileSync('docs/host/solana.md', 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-solana-'))
  try {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    for (const step of steps)
      if (step.kind === 'file') writeFileSync(join(folder, step.path), step.text)
    const commands = steps.flatMap((step) => (step.kind === 'run' ? [step.text] : [])).join('')
    assert.match(commands, /alcatraz link/)
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
    const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', commands], {
      cwd: folder,
      env: { ...inherited, NO_COLOR: '1' },
      encoding: 'utf8',
    })
    assert.equal(status, 0, stdout + stderr)
    for (const step of steps)
      if (step.kind === 'output') assert.equal(missingLine(step.text, stdout), undefined, stdout)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
