import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
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
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** A mistake made on purpose in the compiled runtime, and the tests that have to find it. */
export interface SeededBug {
  /** Below `vm/dist`. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly what: string
  /** Below `test/solana`, without its ending. */
  readonly test: string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folders: string[] = []

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A copy of the library and of its tests for Solana, in which both names of the library mean the copy. */
function copyOfRuntime(): string {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-solana-'))
  folders.push(folder)
  const imports = { '#vm/*': './vm/dist/*.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  for (const [from, to] of [
    ['vm/dist', 'vm/dist'],
    ['vm/package.json', 'vm/package.json'],
    ['build/test/solana', 'test/solana'],
    ['build/test/engines.js', 'test/engines.js'],
    ['build/test/laws/rng.js', 'test/laws/rng.js'],
  ] as const)
    cpSync(join(root, from), join(folder, to), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name.startsWith('alcatraz')) continue
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  symlinkSync(join(folder, 'vm'), join(folder, 'node_modules/alcatraz-vm'), 'junction')
  return folder
}

/** Does one of the tests fail. */
function fails(folder: string, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const file = join(folder, 'test/solana', `${name}.test.js`)
    const child = spawn(process.execPath, [file], { stdio: 'ignore', timeout: 60_000 })
    child.on('error', reject)
    child.on('close', (status) => resolve(status !== 0))
  })
}

/** Tests that the named tests pass as things are, and that one of them fails for each bug. */
export function testsFind(bugs: readonly SeededBug[]): void {
  test('the tests pass on an unchanged copy', async () => {
    const folder = copyOfRuntime()
    for (const name of new Set(bugs.map((bug) => bug.test)))
      assert.equal(await fails(folder, name), false, name)
  })

  test(`the tests find each of ${bugs.length} seeded bugs`, async () => {
    const left = [...bugs]
    const missed: string[] = []
    const work = async (): Promise<void> => {
      const folder = copyOfRuntime()
      for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
        const { find, replace, what } = bug
        const path = join(folder, 'vm/dist', bug.file)
        const text = readFileSync(path, 'utf8')
        assert.equal(text.split(find).length, 2, `'${what}': not exactly once in ${bug.file}`)
        writeFileSync(
          path,
          text.replace(find, () => replace),
        )
        if (!(await fails(folder, bug.test))) missed.push(what)
        writeFileSync(path, text)
      }
    }
    await Promise.all([work(), work()])
    assert.deepEqual(missed, [])
  })
}
