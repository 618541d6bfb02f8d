/** docs/first-contract.md, word by word, in a folder where the packages are installed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { missingRust } from './rust.ts'

const page = readFileSync('docs/first-contract.md', 'utf8')
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0

/** What the page says to type for a language. */
function commands(lang: string): string {
  const fences = [...page.matchAll(/^```sh run lang=(\w+)\n([\s\S]*?)^```$/gm)]
  return fences.flatMap(([, of, text]) => (of === lang ? [text!] : [])).join('')
}

function run(text: string): { readonly status: number | null; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-first-'))
  try {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
    // what every contract needs is compiled once for all of this repository's
    const CARGO_TARGET_DIR = resolve('guests/rust/target')
    const env = { CARGO_TARGET_DIR, ...inherited, NO_COLOR: '1' }
    const script = ['-euo', 'pipefail', '-c', text]
    const { status, stdout, stderr } = spawnSync('bash', script, {
      ...{ cwd: folder, env, encoding: 'utf8' },
    })
    return { status, said: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const skips = {
  c: has('clang') ? false : 'SKIPPED: no clang here to compile the first contract in C',
  rust: missingRust(),
}

for (const [lang, skip] of Object.entries(skips))
  test(`${lang}: what the page says to type makes, tests and deploys a contract`, { skip }, () => {
    const text = commands(lang)
    assert.match(text, /npx alcatraz new/)
    const { said, status } = run(text)
    assert.equal(status, 0, said)
    assert.match(said, /pass 1/)
    // 5 at first, and 2
    assert.match(said, /^answer +7$/m)
  })

test('what is no name, or is there, is refused', () => {
  const { said, status } = run(
    'npx alcatraz new Bad-Name 2>&1 || true; npx alcatraz new one --lang c; npx alcatraz new one 2>&1 || true',
  )
  assert.equal(status, 0, said)
  assert.match(said, /Bad-Name is no name of a contract/)
  assert.match(said, /the folder is not empty/)
})
