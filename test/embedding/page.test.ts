/** docs/embedding.md: every file of it runs in a folder where the package is installed, and prints what the page says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as vm from 'alcatraz-vm'
import * as alcatraz from 'alcatraz-vm/alcatraz'
import { skipWithoutChromium, withPage } from '../browser/chromium.ts'
import { missingLine, printedBy, readmeSteps, shellOf } from '../packaging/readme.ts'

const page = readFileSync('docs/embedding.md', 'utf8')
const steps = readmeSteps(page)
const folder = mkdtempSync(join(tmpdir(), 'alcatraz-embedding-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('docs/embedding.md', () => {
  let printed: ReadonlyMap<number, string> = new Map()

  before(() => {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    for (const step of steps)
      if (step.kind === 'file') writeFileSync(join(folder, step.path), step.text)
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-euo', 'pipefail', '-c', shellOf(steps)],
      {
        ...{ cwd: folder, encoding: 'utf8', timeout: 120_000 },
        env: { ...env, NO_COLOR: '1' },
      },
    )
    assert.equal(status, 0, stdout + stderr)
    printed = printedBy(steps, stdout)
  })

  test('every file but those of the page is run', () => {
    const run = steps.flatMap((step) => (step.kind === 'run' ? [step.text] : [])).join('')
    const files = steps.flatMap((step) => (step.kind === 'file' ? [step.path] : []))
    assert.ok(files.length > 8)
    for (const path of files.filter((path) => path !== 'index.html'))
      assert.ok(run.includes(path), `${path} is not run`)
  })

  let last = 0
  for (const step of steps) {
    if (step.kind === 'run') last = step.line
    if (step.kind !== 'output') continue
    const { line } = step
    const from = last
    test(`line ${line}: what is printed is what the page says`, () => {
      const text = printed.get(from) ?? ''
      assert.equal(missingLine(step.text, text), undefined, text)
    })
  }

  test('the trace has a line for each instruction', () => {
    const line = steps.find((step) => step.kind === 'run' && step.text.includes('trace.mjs'))!.line
    const lines = (printed.get(line) ?? '').trim().split('\n')
    assert.equal(lines.length, 4)
    assert.match(lines[2]!, /add.* \| r0 = 42$/)
  })

  test('its page and worker run in Chromium', { skip: skipWithoutChromium }, async () => {
    const types: Readonly<Record<string, string>> = {
      '.html': 'text/html',
      '.js': 'text/javascript',
    }
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname
      const type = types[extname(path)]
      if (type === undefined) return response.writeHead(404).end()
      return response.setHeader('content-type', type).end(readFileSync(join(folder, path)))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    try {
      const { port } = server.address() as AddressInfo
      const said = await withPage(async (tab) => {
        await tab.goto(`http://127.0.0.1:${port}/index.html`)
        const output = tab.locator('output').filter({ hasNotText: 'running' })
        await output.waitFor({ timeout: 30_000 })
        return output.textContent()
      })
      const wanted = /The page says `(.*)`\./.exec(page)?.[1]
      assert.equal(said, wanted)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  test('every error that is named is exported, and of the kind that is said', () => {
    const all: Readonly<Record<string, unknown>> = { ...vm, ...alcatraz }
    const table = page.slice(page.indexOf('## Errors'))
    const rows = [...table.matchAll(/^\| (`\w+Error`.*?) \| .* \| (.*?) ?\|$/gm)]
    const named = rows.flatMap(([, names, is]) =>
      [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => [name!, is!] as const),
    )
    assert.ok(named.length >= 9)
    for (const [name, is] of named.filter(([name]) => !(name in globalThis))) {
      const found = all[name]
      assert.equal(typeof found, 'function', name)
      const { prototype } = found as { readonly prototype: object }
      assert.equal(prototype instanceof vm.InputError, is === '`InputError`', name)
    }
  })
})
