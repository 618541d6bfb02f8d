/** What lowering is held to: code does what the evaluator says that the program does. */
import assert from 'node:assert/strict'
import type { Engine } from 'alcatraz-vm'
import { type Move, sequence } from '#vm/lower/copies'
import type { OptProgram } from '#vm/opt/ir'
import { verifyOpt } from '#vm/opt/verify'
import { Rng } from '../laws/rng.ts'
import { evaluate } from '../opt/evaluate.ts'
import { type LoweredFor, machines } from './machines.ts'
import { constantPrograms, dataAddress, randomProgram, type Shape } from './programs.ts'

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

export const shapes: Readonly<Record<string, Omit<Shape, 'codeBase'>>> = {
  'small functions': { statements: 20, functions: 3, pressure: 2 },
  'more values than registers': { statements: 60, functions: 3, pressure: 24 },
  'large functions': { statements: 300, functions: 2, pressure: 8 },
}

/** Runs a program both ways; its result. */
export function agreeOn(
  engine: Engine,
  to: LoweredFor,
  program: OptProgram,
  args: readonly bigint[],
  what: string,
): bigint {
  verifyOpt(program)
  const wanted = expected(program, args)
  const found = onEngine(engine, to, program, args)
  assert.equal(found.result, wanted.result, what)
  assert.deepEqual(found.memory, wanted.memory, what)
  return wanted.result
}

/** One random program. */
export function tryOne(engine: Engine, machine: string, shape: string, seed: number): void {
  const to = machines[machine]!
  const program = randomProgram(new Rng(seed), { ...shapes[shape]!, codeBase: to.codeBase })
  agreeOn(engine, to, program, [BigInt(seed % 100), -5n], `${machine}, ${shape}, seed ${seed}`)
}

/** Arguments around the constants that are tried. */
const around = [0n, 1n, 5n, 0x7fff_ffffn, 0x8000_0000n, -0x8000_0000n]

/** Every op with constants as its operands. */
export function tryConstants(engine: Engine, machine: string): void {
  const to = machines[machine]!
  for (const { name, program } of constantPrograms) {
    const source = program(to.codeBase)
    for (const arg of around)
      agreeOn(engine, to, source, [arg, 0n], `${machine}, ${name} of ${arg}`)
  }
}

/** Copies at once, of registers and of constants (below 0), as single ones. */
export function tryCopies(): void {
  for (let seed = 0; seed < 400; seed++) {
    const rng = new Rng(seed)
    const count = 1 + rng.below(8)
    const places = Array.from({ length: count }, (_, i) => i).sort(() => rng.below(3) - 1)
    const moves: Move<number>[] = places.map((to) => ({ to, from: rng.below(count + 3) - 3 }))
    let next = 100
    const steps = sequence(
      moves,
      (from) => (from < 0 ? -1 : from),
      () => next++,
      (register) => register,
    )
    const before = new Map(places.map((place) => [place, place * 10]))
    const value = (known: ReadonlyMap<number, number>, from: number): number | undefined =>
      from < 0 ? from : known.get(from)
    const after = new Map<number, number>(before)
    for (const { from, to } of steps) after.set(to, value(after, from) ?? Number.NaN)
    for (const { from, to } of moves)
      assert.equal(after.get(to), value(before, from), JSON.stringify({ moves, steps }))
  }
}
