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
  /** Below the folder of tests, without its ending. */
  readonly test: string
}

/** Compiled tests, and what they need of others; below `build/test`. */
export interface SeededTests {
  readonly folder: string
  readonly copies: readonly string[]
  /** What they read beside, below the root. */
  readonly files?: readonly string[]
}

const solanaTests: SeededTests = {
  folder: 'build/test/solana',
  copies: ['solana', 'engines.js', 'laws/rng.js'],
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folders: string[] = []

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A copy of the library and of tests of it, in which both names of the library mean the copy. */
function copyOfRuntime({ copies, files = [] }: SeededTests): string {
  const folder = mkdtempSync(join(tmpdir(), 'alcatraz-solana-'))
  folders.push(folder)
  const imports = { '#vm/*': './vm/dist/*.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  const tests = copies.map((name) => `build/test/${name}`)
  for (const name of ['vm/dist', 'vm/package.json', ...tests, ...files])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name.startsWith('alcatraz')) continue
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  symlinkSync(join(folder, 'vm'), join(folder, 'node_modules/alcatraz-vm'), 'junction')
  return folder
}

/** Does one of the tests fail. */
function fails(folder: string, tests: string, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const file = join(folder, tests, `${name}.test.js`)
    const child = spawn(process.execPath, [file], { stdio: 'ignore', timeout: 60_000 })
    child.on('error', reject)
    child.on('close', (status) => resolve(status !== 0))
  })
}

/** Tests that the named tests pass as things are, and that one of them fails for each bug. */
export function testsFind(bugs: readonly SeededBug[], tests: SeededTests = solanaTests): void {
  test('the tests pass on an unchanged copy', async () => {
    const folder = copyOfRuntime(tests)
    for (const name of new Set(bugs.map((bug) => bug.test)))
      assert.equal(await fails(folder, tests.folder, name), false, name)
  })

  test(`the tests find each of ${bugs.length} seeded bugs`, async () => {
    const left = [...bugs]
    const missed: string[] = []
    const work = async (): Promise<void> => {
      const folder = copyOfRuntime(tests)
      for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
        const { find, replace, what } = bug
        const path = join(folder, 'vm/dist', bug.file)
        const text = readFileSync(path, 'utf8')
        assert.equal(text.split(find).length, 2, `'${what}': not exactly once in ${bug.file}`)
        writeFileSync(
          path,
          text.replace(find, () => replace),
        )
        if (!(await fails(folder, tests.folder, bug.test))) missed.push(what)
        writeFileSync(path, text)
      }
    }
    await Promise.all([work(), work()])
    assert.deepEqual(missed, [])
  })
}
