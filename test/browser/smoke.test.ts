import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answers } from './smoke.ts'

test('the program that browsers run answers alike on every engine here', async () => {
  const found = await answers()
  assert.ok(found.length >= 2)
  for (const { engine, contract, pvm } of found) {
    // 1000 * 1001 / 2 = 500,500 = 0x7a314
    assert.equal(contract[0], 'success', engine)
    assert.equal(contract[3], '14a3070000000000', engine)
    assert.equal(pvm[0], 'trap', engine)
    assert.equal(pvm[3], '500500', engine)
    assert.deepEqual([contract, pvm], [found[0]!.contract, found[0]!.pvm], engine)
  }
})
