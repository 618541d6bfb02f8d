import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** What a child of the benchmark prints; its numbers mean nothing here. */
function childOf(module: string, ...args: readonly string[]): Record<string, unknown> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', `bench/dist/${module}.js`, ...args],
    { encoding: 'utf8', timeout: 120_000 },
  )
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as Record<string, unknown>
}

test('stores are filled, updated and committed to by the benchmark', () => {
  const row = childOf('state-child', '600', '2', 'lmdb')
  assert.deepEqual([row['store'], row['accounts'], row['each']], ['lmdb', 600, 300])
  for (const part of ['update', 'block']) {
    const times = row[part] as Record<string, { readonly min: number }>
    assert(times['wall']!.min > 0, part)
  }
})

test('contracts of the benchmark are distinct, and each is deployed and called', () => {
  const use = childOf('contracts-child', '20')
  assert.equal(use['cached'], 20)
  const samples = use['samples'] as readonly { readonly contracts: number }[]
  assert.deepEqual(
    samples.map(({ contracts }) => contracts),
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 20],
  )
})
