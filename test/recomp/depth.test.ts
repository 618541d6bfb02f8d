/** Guest calls are as deep as the profile says, wherever the host's stack stands. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { interpEngine, recompEngine } from 'alcatraz-vm'
import { deepRun, pvmRun, recursion } from './recursion.ts'

function expected(calls: number): string {
  const machine = interpEngine.instantiate(recursion, { gas: 1n << 60n })
  machine.pc = 0
  machine.registers.set(9, BigInt(calls))
  const exit = machine.run()
  return `${exit.kind} ${exit.pc} ${machine.stats.instructions} ${machine.registers.get(0)}`
}

test('100,000 open calls of a function with a large frame do not reach the stack of the host', () => {
  assert.equal(deepRun(100_000, 0), expected(100_000))
})

test('nor in a worker with the stack that workers have', async () => {
  const worker = new Worker(new URL('./depth-worker.js', import.meta.url))
  const [ended] = await once(worker, 'message')
  assert.equal(ended, expected(100_000))
  await worker.terminate()
})

/** Frames of JavaScript like those of `deepRun` that fit on the stack that is left. */
function room(): number {
  let most = 0
  const dig = (n: number): string => {
    most = n
    const text = dig(n + 1)
    return text
  }
  assert.throws(() => dig(0), RangeError)
  return most
}

test('the budget of frames fits into half of the stack, in baseline and in optimised code', () => {
  const wanted = expected(1_000)
  const half = Math.floor(room() / 2)
  for (let round = 0; round < 6; round++) assert.equal(deepRun(1_000, half), wanted)
})

test('with too little stack for one engine or the other a run throws; it never ends wrong', (t) => {
  const wanted = expected(1_000)
  const most = room()
  let right = 0
  let thrown = 0
  for (let at = 40; at <= 100; at++) {
    try {
      assert.equal(deepRun(1_000, Math.floor((most * at) / 100)), wanted)
      right++
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error))
      thrown++
    }
  }
  t.diagnostic(`${right} runs ended right, ${thrown} found no room`)
  assert.ok(right > 0 && thrown > 0)
})

test('one call more than the profile allows traps in the same place', () => {
  const wanted = expected(100_010)
  assert.match(wanted, /^trap/)
  assert.equal(deepRun(100_010, 0), wanted)
  assert.match(deepRun(100_009, 0), /^halt/)
})

test('calls of the link model are as deep as memory lets them be', () => {
  const wanted = pvmRun(interpEngine, 100_000)
  const got = pvmRun(recompEngine, 100_000)
  assert.match(got.text, /^halt/)
  assert.equal(got.text, wanted.text)
  assert.ok(got.recomp > 990_000n, `${got.recomp} instructions in generated code`)
})
