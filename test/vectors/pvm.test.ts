import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { referenceEngine } from 'alcatraz-vm'
import {
  type PvmCase,
  type PvmVectorSet,
  parsePvmVectors,
  pvmVectorSets,
  runPvmVector,
} from '#node/vectors/pvm'
import { forEachEngine } from '../engines.ts'

const folder = '../shared/vectors'
/** How many cases each published file has. */
const counts: { readonly [S in PvmVectorSet]: number } = {
  'pvm-jamv1': 283,
  'pvm-gp07': 280,
  'pvm-latest64': 283,
  'pvm-latest32': 144,
}

forEachEngine((engine) => {
  for (const set of Object.keys(pvmVectorSets) as PvmVectorSet[]) {
    const path = `${folder}/${set}.jsonl`
    const skip = existsSync(path) ? false : `NOT RUN: ${path} is absent`
    test(`every case of ${set} passes`, { skip }, () => {
      const cases = parsePvmVectors(readFileSync(path, 'utf8'))
      assert.equal(cases.length, counts[set])
      const failed = cases
        .map((one) => runPvmVector(one, set, engine))
        .filter((result) => result.status !== 'passed')
      assert.deepEqual(failed, [])
    })
  }
})

/** a0 = a0 + 1; trap, with the whole of what a case may state. */
const sample = JSON.stringify({
  name: 'sample',
  'initial-pc': 0,
  'initial-gas': 10,
  program: [0, 0, 4, 149, 0x77, 1, 0, 9],
  steps: [
    { map: { address: 131072, length: 4096, 'is-writable': false } },
    { write: { address: 131073, contents: [5] } },
    { 'set-reg': { reg: 7, value: 1 } },
    { run: {} },
    {
      assert: {
        status: 'panic',
        gas: 8,
        pc: 3,
        regs: [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0],
        memory: [{ address: 131073, contents: [5] }],
      },
    },
  ],
  'block-gas-costs': [{ pc: 0, cost: 2 }],
})

const run = (text: string) => runPvmVector(parsePvmVectors(text)[0]!, 'pvm-gp07', referenceEngine)

test('a case is one object, a list or a line', () => {
  assert.deepEqual(run(sample), { name: 'sample', status: 'passed' })
  assert.equal(parsePvmVectors(`[${sample},${sample}]`).length, 2)
  assert.equal(parsePvmVectors(`${sample}\n${sample}\n`).length, 2)
  assert.equal(parsePvmVectors(JSON.stringify(JSON.parse(sample), null, 2)).length, 1)
})

test('every statement of a case is checked', () => {
  const changes: readonly (readonly [string, string, RegExp])[] = [
    ['"status":"panic"', '"status":"halt"', /status: expected halt, got panic/],
    ['"gas":8', '"gas":9', /gas: expected 9, got 8/],
    ['"pc":3,"regs"', '"pc":4,"regs"', /pc: expected 4, got 3/],
    ['0,2,0', '0,3,0', /register 7: expected 3, got 2/],
    ['"contents":[5]}]', '"contents":[6]}]', /memory at 131073: expected 6, got 5/],
    ['"memory":[{"address":131073,"contents":[5]}]', '"memory":[]', /expected 0, got 5/],
    ['{"address":131073,"contents":[5]}]', '{"address":9,"contents":[5]}]', /got 5|not mapped/],
    ['"cost":2', '"cost":3', /cost of block 0: expected 3, got 2/],
    ['"status":"panic"', '"status":"panic","hostcall":1', /hostcall/],
    ['"status":"panic"', '"status":"panic","page-fault-address":1', /page-fault-address/],
    ['"program":[0,0,4', '"program":[0,0,5', /the blob ends/],
    ['"initial-gas":10', '"initial-gas":-1', /initial-gas is out of range/],
    ['"initial-gas":10', '"initial-gas":9223372036854775808', /initial-gas is out of range/],
    ['"initial-pc":0', '"initial-pc":-1', /initial-pc is out of range/],
    ['"run"', '"walk"', /unknown step 'walk'/],
  ]
  for (const [from, to, reason] of changes) {
    assert.ok(sample.includes(from), from)
    const result = run(sample.replace(from, to))
    assert.equal(result.status, 'failed', to)
    assert.match(result.reason ?? '', reason)
  }
})

test('64-bit numbers keep all their digits', () => {
  const big = sample
    .replace('"value":1}', '"value":18446744073709551613}')
    .replace('0,2,0', '0,18446744073709551614,0')
  assert.equal(run(big).status, 'passed')
  assert.equal(run(big.replace('551614', '551615')).status, 'failed')
})

test('what is no case is refused', () => {
  for (const text of ['', '{', '1', '[]x', '{"name":1}', '["a"]'])
    assert.throws(() => parsePvmVectors(text), { code: 'badVector' }, text)
  assert.equal(runPvmVector({ name: 'x' } as PvmCase, 'pvm-gp07', referenceEngine).status, 'failed')
})
