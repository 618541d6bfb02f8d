/**
 * Gas, registers, memory and state roots of a fixed day's work are those of a file: on this Node and on
 * any other that runs the tests, in Chromium, and with each of V8's WebAssembly compilers alone.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { engineNames } from 'alcatraz-vm'
import { build } from 'esbuild'
import { skipWithoutChromium, withPage } from '../browser/chromium.ts'
import { type Found, found } from './day.ts'
import { material } from './material.ts'

const golden = new URL('../../../test/sameness/day.json', import.meta.url)
const here = await found(material())
/** What every engine must leave behind; `UPDATE=1` writes it. */
const kind = { day: here.days['reference'], guests: here.guests['interp'] }
const text = `${JSON.stringify(kind, undefined, 2)}\n`
if (process.env['UPDATE'] === '1') writeFileSync(golden, text)
const kept: { readonly day: readonly string[]; readonly guests: Readonly<Record<string, string>> } =
  JSON.parse(readFileSync(golden, 'utf8'))

function agree(what: Found): void {
  for (const [engine, lines] of Object.entries(what.days)) assert.deepEqual(lines, kept.day, engine)
  for (const [engine, all] of Object.entries(what.guests)) {
    for (const [name, left] of Object.entries(all))
      assert.equal(left, kept.guests[name], `${name} on ${engine}`)
    assert.ok(Object.keys(all).length >= 9)
  }
  assert.deepEqual(what.code, here.code)
}

test('this Node leaves what the file says, on every engine', () => {
  agree(here)
  assert.deepEqual(Object.keys(here.days), [...engineNames])
  assert.ok(kept.day.length > 60)
  for (const status of ['success', 'reverted', 'trapped', 'faulted', 'outOfGas'])
    assert.ok(
      kept.day.some((line) => line.includes(`: ${status}, `)),
      `nothing ${status}`,
    )
})

const run = promisify(execFile)
const script = fileURLToPath(new URL('print.js', import.meta.url))
for (const flags of [['--liftoff-only'], ['--no-liftoff']])
  test(`V8 with ${flags.join(' ')} leaves the same`, async () => {
    const engines = ['recomp', 'tiered']
    const { stdout } = await run(process.execPath, [...flags, script, ...engines], {
      maxBuffer: 1 << 26,
    })
    agree(JSON.parse(stdout))
  })

test('Chromium leaves the same, on every engine', { skip: skipWithoutChromium }, async () => {
  const { outputFiles } = await build({
    entryPoints: ['test/sameness/day.ts'],
    bundle: true,
    format: 'iife',
    globalName: 'sameness',
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  const bundle = outputFiles[0]!.text
  const there = await withPage(async (page) => {
    await page.addScriptTag({ content: bundle })
    return page.evaluate<Found>(`sameness.found(${JSON.stringify(material())})`)
  })
  agree(there)
  assert.deepEqual(Object.keys(there.days), [...engineNames])
})
