import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

// Builds a copy of the workspace that has one source file a project.

const copy = mkdtempSync(join(tmpdir(), 'alcatraz-build-'))
const projects = ['vm', 'node', 'bench'] as const
const settings = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'vm/package.json']

function node(...args: readonly string[]): { status: number | null; text: string } {
  // Without this, a runner inside a runner would report in the outer one's own format.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const run = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env })
  return { status: run.status, text: run.stdout + run.stderr }
}

function isBuilt(): boolean {
  const code = "const { isBuilt } = await import('./scripts/build.mjs'); console.log(isBuilt())"
  return node('--input-type=module', '-e', code).text.trim() === 'true'
}

function build(): number | null {
  return node('scripts/build.mjs').status
}

before(() => {
  const paths = ['scripts/build.mjs', 'scripts/test.mjs', 'guests/include', 'guests/objects']
  paths.push('guests/rust', 'guests/solana/include')
  for (const path of [
    ...settings,
    ...paths,
    ...[...projects, 'test'].map((p) => `${p}/tsconfig.json`),
  ])
    cpSync(path, join(copy, path), {
      recursive: true,
      filter: (from) => !from.endsWith('/target'),
    })
  for (const project of projects) {
    cpSync('bench/tsconfig.json', join(copy, project, 'src', '..', 'tsconfig.json'))
    writeSource(`${project}/src/one.ts`, 'export const one: number = 1\n')
  }
  cpSync('vm/tsconfig.node.json', join(copy, 'vm/tsconfig.node.json'))
  writeSource('vm/src/three.node.ts', "export { join } from 'node:path'\n")
  writeSource('test/pass.test.ts', "import { test } from 'node:test'\ntest('passes', () => {})\n")
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
})
after(() => rmSync(copy, { recursive: true }))

function writeSource(path: string, text: string): void {
  cpSync('LICENSE-MIT', join(copy, path), { recursive: true })
  writeFileSync(join(copy, path), text)
}

describe('the build', () => {
  test('knows whether outputs are those of the sources, and leaves none that are stale', () => {
    assert.equal(isBuilt(), false)
    assert.equal(build(), 0)
    assert.ok(existsSync(join(copy, 'vm/dist/one.js')))
    assert.equal(isBuilt(), true)
    writeSource('vm/src/two.ts', 'export const two: number = 2\n')
    assert.equal(isBuilt(), false)
    assert.equal(build(), 0)
    assert.ok(existsSync(join(copy, 'vm/dist/two.d.ts')))
    rmSync(join(copy, 'vm/src/two.ts'))
    assert.equal(isBuilt(), false)
    assert.equal(build(), 0)
    assert.equal(existsSync(join(copy, 'vm/dist/two.js')), false)
    assert.equal(existsSync(join(copy, 'vm/dist/two.d.ts')), false)
  })
  test('runs the tests there are, and no test is a failure', () => {
    const passed = node('scripts/test.mjs')
    assert.equal(passed.status, 0, passed.text)
    assert.match(passed.text, /pass 1/)
    assert.equal(node('scripts/test.mjs', 'nowhere').status, 1)
  })
  test('fails on a type error, and stays not built', () => {
    writeSource('vm/src/two.ts', "export const two: number = 'two'\n")
    assert.equal(build(), 1)
    assert.equal(isBuilt(), false)
    rmSync(join(copy, 'vm/src/two.ts'))
  })
})
