import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { build } from 'esbuild'
import { skipWithoutChromium, withPage } from './chromium.ts'
import { answers } from './smoke.ts'
import type { Suite, SuiteResult } from './suites.ts'

const vectors = join('..', 'shared', 'vectors')
const skipWithoutVectors =
  !existsSync(vectors) && `SKIPPED: no test vectors at ${vectors} beside the project`

const read = (...path: readonly string[]): string => readFileSync(join(vectors, ...path), 'utf8')
const pvmSets = ['pvm-jamv1', 'pvm-gp07', 'pvm-latest64', 'pvm-latest32'] as const

async function bundle(path: string, globalName: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    format: 'iife',
    globalName,
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  return outputFiles[0]!.text
}

describe('in headless Chromium', () => {
  test('the smoke programs answer as they do in Node', { skip: skipWithoutChromium }, async () => {
    const script = await bundle('test/browser/smoke.ts', 'smoke')
    const found = await withPage(async (page) => {
      await page.addScriptTag({ content: script })
      return page.evaluate('smoke.answers()')
    })
    assert.deepEqual(found, await answers())
  })

  const skip = skipWithoutChromium || skipWithoutVectors
  test("others' vectors pass on every engine", { skip }, async () => {
    const data = readdirSync(join(vectors, 'bpf-conformance')).filter((f) => f.endsWith('.data'))
    const suites: Suite[] = [
      { set: 'bpf', texts: data.map((file) => read('bpf-conformance', file)) },
      ...pvmSets.map((set) => ({ set, texts: [read(`${set}.jsonl`)] })),
    ]
    const script = await bundle('test/browser/suites.ts', 'suites')
    const results = await withPage(async (page) => {
      await page.addScriptTag({ content: script })
      const found: SuiteResult[] = []
      for (const suite of suites)
        found.push(
          ...(await page.evaluate<SuiteResult[]>(`suites.runSuite(${JSON.stringify(suite)})`)),
        )
      return found
    })
    assert.equal(results.length % suites.length, 0)
    for (const { engine, set, passed, other } of results) {
      assert.deepEqual(other, [], `${set} on ${engine}`)
      assert.ok(passed > 100, `${set} on ${engine}: only ${passed} cases`)
    }
  })
})
