import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

test('docs/host/alcatraz.md is what the table says', () => {
  const run = spawnSync(process.execPath, ['build/scripts/gen-host-docs.js', '--check'], {
    encoding: 'utf8',
  })
  assert.equal(run.status, 0, run.stderr)
})
