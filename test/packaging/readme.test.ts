import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { packAll } from './pack.ts'
import { missingLine, printedBy, readmeSteps, shellOf } from './readme.ts'
import { serveTarballs } from './registry.ts'

const readme = existsSync('README.md') ? readFileSync('README.md', 'utf8') : undefined
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0

const skip =
  (readme === undefined && 'SKIPPED: README.md is not here yet') ||
  (!has('clang') &&
    'SKIPPED: no clang here; install it (apt-get install clang) to test what README.md promises') ||
  (!has('bash') && 'SKIPPED: no bash here to run what README.md promises') ||
  false

describe('README.md', () => {
  test('its steps are read by their fences', () => {
    const text =
      'a\n```sh run\nls\n```\n```c file=a/b.c\nint x;\n```\n```text output\n1…3\n```\n```js\n1\n```\n'
    assert.deepEqual(readmeSteps(text), [
      { kind: 'run', line: 3, text: 'ls\n' },
      { kind: 'file', line: 6, text: 'int x;\n', path: 'a/b.c' },
      { kind: 'output', line: 9, text: '1…3\n' },
    ])
    assert.throws(() => readmeSteps('```sh run\nls\n'), /never ends/)
    assert.equal(missingLine('1…3\n\n4\n', 'x\n1 2 3\ny\n4\n'), undefined)
    assert.equal(missingLine('4\n1…3\n', '1 2 3\n4\n'), '1…3')
    const script = shellOf(readmeSteps('```sh run\nls\n```\n```sh run\npwd\n```\n'))
    const output = script.replaceAll(/^printf '%s\\n' '(.*)'$/gm, '$1')
    const printed = printedBy(readmeSteps('```sh run\nls\n```\n```sh run\npwd\n```\n'), output)
    assert.deepEqual(
      [...printed],
      [
        [2, 'ls\n'],
        [5, 'pwd\n'],
      ],
    )
  })

  test('the engine is published from its staged folder alone', () => {
    const work = mkdtempSync(join(tmpdir(), 'alcatraz-publish-'))
    try {
      const { engine } = packAll(work)
      assert.ok(existsSync(engine))
      const staged = join(work, 'alcatraz-vm', 'package.json')
      const { private: kept, ...published } = JSON.parse(readFileSync(staged, 'utf8')) as object & {
        private?: true
      }
      const { private: refused, ...source } = JSON.parse(
        readFileSync('vm/package.json', 'utf8'),
      ) as typeof published & { private?: true }
      assert.deepEqual([kept, refused], [undefined, true])
      // modules that are chosen by who imports them lie beside the entry points there
      const merged = JSON.parse(
        JSON.stringify(source).replace(
          /"\.\/dist\/(?:host\/solana\/crypto|svm)\/([\w.-]+)\.js"/g,
          '"./dist/api/$1.js"',
        ),
      ) as object
      assert.deepEqual(published, merged)
      for (const [, path] of JSON.stringify(published).matchAll(/"(\.\/dist\/[^"]+)"/g))
        assert.ok(existsSync(join(work, 'alcatraz-vm', path!)), path)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  })

  test('takes a newcomer from nothing to an own contract', { skip }, async () => {
    const work = mkdtempSync(join(tmpdir(), 'alcatraz-readme-'))
    const folder = join(work, 'empty')
    mkdirSync(folder)
    const { engine, node } = packAll(work)
    const registry = await serveTarballs(
      ['vm', 'node'].map((part, i) => ({
        manifest: JSON.parse(readFileSync(join(part, 'package.json'), 'utf8')) as never,
        tarball: [engine, node][i]!,
      })),
    )
    try {
      const steps = readmeSteps(readme!)
      assert.ok(
        steps.some((step) => step.kind === 'run'),
        'README.md has nothing to run',
      )
      for (const step of steps.filter((step) => step.kind === 'file')) {
        mkdirSync(dirname(join(folder, step.path)), { recursive: true })
        writeFileSync(join(folder, step.path), step.text)
      }
      const { status, output } = await runShell(shellOf(steps), folder, registry.url)
      assert.equal(status, 0, `what README.md says to type failed:\n${output}`)
      const printed = printedBy(steps, output)
      let text = ''
      for (const step of steps) {
        if (step.kind === 'run') text = printed.get(step.line) ?? ''
        const missing = step.kind === 'output' ? missingLine(step.text, text) : undefined
        const where = `README.md line ${step.line}`
        assert.equal(missing, undefined, `${where}: not printed; what was printed:\n${text}`)
      }
    } finally {
      await registry.close()
      rmSync(work, { recursive: true, force: true })
    }
  })
})

/** A newcomer's shell: no settings of an npm that runs this test, packages from loopback. */
function runShell(
  text: string,
  cwd: string,
  registry: string,
): Promise<{ readonly status: number | null; readonly output: string }> {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:npm_(?!config_(?:cache|cafile|proxy|https_proxy|noproxy))|NODE_OPTIONS|NODE_TEST)/i.test(
        name,
      ),
  )
  const env = { ...Object.fromEntries(inherited), npm_config_registry: registry, NO_COLOR: '1' }
  const child = spawn('bash', ['-euo', 'pipefail', '-c', text], { cwd, env })
  let output = ''
  child.stdout.on('data', (data) => {
    output += String(data)
  })
  child.stderr.on('data', (data) => {
    output += String(data)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, output }))
  })
}
