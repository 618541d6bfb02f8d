/** Mistakes seeded into copies of the compiled linker: the law of lowering has to find each. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { seededBugs } from './seeded-bugs.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Enough that each bug is found; a sound linker passes them in some seconds. */
const programs = 40

/** A copy in which `#vm/` and `alcatraz-vm` mean the copy. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-lower-'))
  const imports = { '#vm/*': './vm/dist/*.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  cpSync(join(root, 'vm/dist'), join(folder, 'vm/dist'), { recursive: true })
  cpSync(join(root, 'vm/package.json'), join(folder, 'vm/package.json'))
  for (const room of ['lower', 'opt', 'laws'])
    cpSync(join(root, 'build/test', room), join(folder, room), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name.startsWith('alcatraz')) continue
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  symlinkSync(join(folder, 'vm'), join(folder, 'node_modules/alcatraz-vm'), 'junction')
  return folder
}

/** Does the law hold in the copy. */
function holds(folder: string, machine: string, count: number): boolean {
  const args = [join(folder, 'lower/seeded-run.js'), machine, `${count}`]
  const { status } = spawnSync(process.execPath, args, { timeout: 120_000, encoding: 'utf8' })
  return status === 0
}

test('the law of lowering finds every mistake seeded into it', (t) => {
  const folder = copy()
  t.after(() => {
    rmSync(folder, { recursive: true })
  })
  assert.ok(holds(folder, 'AVM', 10), 'the law holds without a mistake')
  assert.ok(holds(folder, 'PVM JamV1', 10), 'the law holds without a mistake')
  const missed: string[] = []
  for (const { file, find, machine = 'AVM', replace, what } of seededBugs) {
    const path = join(folder, 'vm/dist/lower', file)
    const text = readFileSync(path, 'utf8')
    assert.equal(text.split(find).length, 2, `'${what}': not exactly once in ${file}; seed it anew`)
    writeFileSync(
      path,
      text.replace(find, () => replace),
    )
    if (holds(folder, machine, programs)) missed.push(what)
    writeFileSync(path, text)
  }
  assert.deepEqual(missed, [])
})
