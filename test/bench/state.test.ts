import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

test('the benchmark of the state runs, on a small state', () => {
  const args = ['bench/dist/state.js', '--accounts', '600', '--rounds', '2', '--json']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 120_000,
  })
  assert.equal(status, 0, stderr)
  const results = JSON.parse(stdout)
  assert.equal(results.accounts, 600)
  for (const part of ['diff2000Ms', 'updateMs', 'blockMs']) assert(results[part].wall.min > 0, part)
})
