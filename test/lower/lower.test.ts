import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Engine, engineNamed } from 'alcatraz-vm'
import type { OptProgram } from '#vm/opt/ir'
import { verifyOpt } from '#vm/opt/verify'
import { Rng } from '../laws/rng.ts'
import { evaluate } from '../opt/evaluate.ts'
import { type LoweredFor, machines } from './machines.ts'
import { dataAddress, randomProgram, type Shape } from './programs.ts'

const memorySize = 0x30000
const stackHigh = 0x18000

/** What the hosts of both sides answer. */
function hostAnswer(index: number, args: readonly bigint[]): bigint {
  return BigInt.asIntN(64, (args[0]! * 3n) ^ (args[1]! + BigInt(index)))
}

interface Outcome {
  readonly result: bigint
  readonly memory: Uint8Array
}

function expected(program: OptProgram, args: readonly bigint[]): Outcome {
  const memory = new Uint8Array(memorySize)
  memory.set(program.data, dataAddress)
  const outcome = evaluate(program, 0, args, {
    memory,
    stackHigh,
    host: (index, values) => [hostAnswer(index, values), 0n],
  })
  assert.equal(outcome.kind, 'return')
  return {
    result: outcome.kind === 'return' ? outcome.results[0]! : 0n,
    memory: memory.subarray(dataAddress, dataAddress + program.data.length),
  }
}

function onEngine(
  engine: Engine,
  to: LoweredFor,
  source: OptProgram,
  args: readonly bigint[],
): Outcome {
  const program = to.program(source)
  const machine = engine.instantiate(program, { gas: 100_000_000n })
  const { memory, registers } = machine
  const first = to.arguments
  to.start(machine, 'main', args)
  for (;;) {
    const exit = machine.run()
    if (exit.kind === 'host') {
      const passed = [first, first + 1].map((i) => BigInt.asIntN(64, registers.get(i)))
      // all that a host may change is changed
      registers.set(first, hostAnswer(exit.id, passed))
      registers.set(first + 1, 0xdead_beefn)
      continue
    }
    assert.deepEqual(exit, { kind: 'halt', pc: exit.pc })
    const bytes = memory.read(BigInt(dataAddress), source.data.length)
    assert.ok(bytes)
    return { result: BigInt.asIntN(64, registers.get(first)), memory: bytes }
  }
}

const shapes: Readonly<Record<string, Omit<Shape, 'codeBase'>>> = {
  'small functions': { statements: 20, functions: 3, pressure: 2 },
  'more values than registers': { statements: 60, functions: 3, pressure: 24 },
  'large functions': { statements: 300, functions: 2, pressure: 8 },
}
const engine = engineNamed('interp')
const programs = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 40)
const seed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

for (const [machine, to] of Object.entries(machines))
  for (const [name, shape] of Object.entries(shapes))
    test(`code for ${machine} of random programs does what they say: ${name}`, () => {
      for (let i = 0; i < programs; i++) {
        const rng = new Rng(seed * 1000 + i)
        const program = randomProgram(rng, { ...shape, codeBase: to.codeBase })
        verifyOpt(program)
        const args = [BigInt(i), -5n]
        const wanted = expected(program, args)
        const found = onEngine(engine, to, program, args)
        assert.equal(found.result, wanted.result, `seed ${seed * 1000 + i}`)
        assert.deepEqual(found.memory, wanted.memory, `seed ${seed * 1000 + i}`)
      }
    })
