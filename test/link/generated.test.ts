import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

for (const script of ['gen-c-header', 'gen-rust-bindings', 'gen-contract-doc']) {
  test(`${script}: what is checked in is what the tables say`, () => {
    const path = `build/scripts/${script}.js`
    const ran = spawnSync(process.execPath, [path, '--check'], { cwd: root, encoding: 'utf8' })
    assert.equal(ran.status, 0, ran.stderr)
  })
}
