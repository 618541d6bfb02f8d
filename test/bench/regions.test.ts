import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

test('the loops over regions run to their ends in generated code', () => {
  const args = ['bench/dist/regions.js', '--rounds', '2']
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const [head, ...rows] = stdout.trimEnd().split('\n')
  assert.match(head!, /unchecked +linear32 +regions64 +regions64, gaps$/)
  assert.equal(rows.length, 5)
  for (const row of rows) assert.match(row, /^[a-z ,]+( +\d+ \(\d+\.\d\d\)){4}$/)
})
