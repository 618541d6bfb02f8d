/** The host's stack: its room is known before a run begins, and its end is never an outcome. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import {
  type BpfProgram,
  createEngine,
  drive,
  type Engine,
  HostStack,
  interpEngine,
  LostError,
  type Machine,
} from 'alcatraz-vm'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { programOf } from '../../bench/src/synthetic/adversarial.ts'
import { deepRun, recursion } from '../recomp/recursion.ts'

/** A stack that grants frames without looking whether there is room for them. */
class BlindStack extends HostStack {
  override enter(): number {
    return this.most
  }
  override leave(): void {}
}

function recursing(engine: Engine, calls: number): Machine {
  const machine = engine.instantiate(recursion, { gas: 1n << 60n })
  machine.pc = 0
  machine.registers.set(9, BigInt(calls))
  return machine
}

function textOf(machine: Machine): string {
  const exit = machine.run()
  return `${exit.kind} ${exit.pc} ${machine.gas} ${machine.registers.get(0)}`
}

test('the largest frames take no more than is set aside for each', () => {
  // 400 of 512 octets are what a run asks room for; a fifth of Node's stack is left to the test runner
  const frames = Math.floor((984_000 * 4) / 5 / 512)
  const engine = createEngine({ after: 0, stack: new BlindStack(frames) })
  const wanted = textOf(recursing(interpEngine, frames))
  // in baseline code, then in optimised code
  for (let round = 0; round < 6; round++) assert.equal(textOf(recursing(engine, frames)), wanted)
})

test('a stack that ends in generated code is an exception, and the machine is lost', () => {
  const engine = createEngine({ after: 0, stack: new BlindStack(1_000_000) })
  const machine = recursing(engine, 90_000)
  assert.throws(() => machine.run(), RangeError)
  assert.throws(() => machine.run(), LostError)
  assert.throws(() => machine.save(), LostError)
  machine.dispose()
  // nothing of it is in the next one
  const wanted = textOf(recursing(interpEngine, 300))
  assert.equal(textOf(recursing(engine, 300)), wanted)
})

test('each run that is nested in another has half of its frames', () => {
  const stack = new HostStack(100)
  const found: number[] = []
  const nest = (): void => {
    found.push(stack.enter())
    if (found.length < 9) nest()
    stack.leave()
  }
  nest()
  assert.deepEqual(found, [100, 50, 25, 12, 6, 3, 1, 0, 0])
  assert.equal(stack.enter(), 100)
})

/** Calls the host at depth 3, and adds what it answers in r0 on the way out. */
const asking: BpfProgram = {
  ...programOf(
    assembleBpf(`
      mov r9, 3
      call local f
      exit
    f:
      jeq r9, 0, ask
      sub r9, 1
      call local f
      add r0, 1
      exit
    ask:
      call helper 1
      exit`).code,
  ),
  functions: [
    { pc: 0, frameSize: 0 },
    { pc: 3, frameSize: 0 },
  ],
}

/** The sum over `levels` machines, each run within a host call of the one before. */
function nested(engine: Engine, levels: number): bigint {
  const machine = engine.instantiate(asking, { gas: 1000n })
  machine.pc = 0
  const exit = drive(machine, {
    call(self) {
      self.registers.set(0, levels > 1 ? nested(engine, levels - 1) : 0n)
      return 'continue'
    },
  })
  assert.equal(exit.kind, 'halt')
  const sum = machine.registers.get(0)
  machine.dispose()
  return sum
}

test('contracts that call contracts: right, or refused by the host for want of stack', () => {
  const engine = createEngine({ after: 0 })
  for (const levels of [1, 2, 3, 10, 100]) assert.equal(nested(engine, levels), 3n * BigInt(levels))
  assert.throws(() => nested(engine, 100_000), RangeError)
  assert.equal(nested(engine, 10), 30n)
})

test('a worker with a small stack takes fewer frames', async () => {
  const wanted = deepRun(2_000, 0)
  for (const stackSizeMb of [0.4, 0.6, 1]) {
    const script = new URL('./stack-worker.js', import.meta.url)
    const worker = new Worker(script, { resourceLimits: { stackSizeMb } })
    const [ended] = (await once(worker, 'message')) as [string]
    assert.equal(ended, wanted, `${stackSizeMb} MB`)
    await worker.terminate()
  }
})
