import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hasSplPrograms } from 'alcatraz-vm/solana'
import { build } from 'esbuild'
import { skipWithoutChromium, withPage } from './chromium.ts'
import { type Flow, flow } from './solana-flow.ts'

const skipWithoutSpl =
  !hasSplPrograms() && 'SKIPPED: built where litesvm has no binary: no SPL programs'

describe('the life of a token', { skip: skipWithoutSpl }, () => {
  test('in Node', async () => {
    const { results, balances } = await flow()
    for (const result of results.slice(0, 4)) assert.match(result, /^TransactionMetadata/)
    // more than is left: the token program's own error 1
    assert.match(results[4]!, /InstructionError\(0, Custom\(1\)\)/)
    assert.deepEqual(balances.slice(0, 2), ['750000', '250000'])
    assert.equal(balances[3], '1000000000')
  })

  test('in a page of Chromium, to the last letter', { skip: skipWithoutChromium }, async () => {
    const { outputFiles } = await build({
      entryPoints: ['test/browser/solana-flow.ts'],
      bundle: true,
      format: 'iife',
      globalName: 'solana',
      platform: 'browser',
      target: 'es2023',
      minify: true,
      write: false,
    })
    const found = await withPage(async (page) => {
      // signing needs what only secure pages have
      await page.route('https://page.test/', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
      )
      await page.goto('https://page.test/')
      await page.addScriptTag({ content: outputFiles[0]!.text })
      return page.evaluate<Flow>('solana.flow()')
    })
    const { results, balances } = await flow()
    assert.deepEqual([found.results, found.balances], [results, balances])
    console.log(`in Chromium the first transaction took ${Math.round(found.start)} ms`)
  })
})
