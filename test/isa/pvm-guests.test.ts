import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { interpEngine, recompEngine, referenceEngine } from 'alcatraz-vm'
import { startBpf } from 'alcatraz-vm/bpf'
import { decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import type { Engine, Machine } from '#vm/vm/machine'
import { guest } from '../link/guests.ts'
import { pvmText } from './pvm-machine.ts'

function run(name: string, ...registers: readonly bigint[]): Machine {
  return runOn(referenceEngine, name, ...registers)
}

function runOn(engine: Engine, name: string, ...registers: readonly bigint[]): Machine {
  const text = readFileSync(`guests/pvm/${name}.pvm.s`, 'utf8')
  const machine = pvmText(text, { engine, gas: 'pvm-block', limit: 1n << 40n })
  registers.forEach((value, index) => {
    machine.registers.set(7 + index, value)
  })
  assert.equal(machine.run().kind, 'halt')
  return machine
}

test('the sieve counts primes', () => {
  assert.equal(run('sieve', 2n).registers.get(7), 0n)
  assert.equal(run('sieve', 3n).registers.get(7), 1n)
  assert.equal(run('sieve', 1000n).registers.get(7), 168n)
})

test('quicksort sorts what its generator makes', () => {
  for (const count of [1, 2, 3, 300]) {
    const machine = run('quicksort', BigInt(count), 42n)
    const numbers: bigint[] = []
    for (let x = 42n; numbers.length < count; ) {
      x = BigInt.asUintN(64, x * 6364136223846793005n + 1442695040888963407n)
      numbers.push(x ^ (x >> 29n))
    }
    numbers.sort((a, b) => (a < b ? -1 : 1))
    const sum = numbers.reduce((total, value, i) => total + value * BigInt(i + 1), 0n)
    assert.equal(machine.registers.get(7), 0n)
    assert.equal(machine.registers.get(8), BigInt.asUintN(64, sum))
  }
})

test('sha256 agrees with Node', () => {
  for (const [length, times] of [
    [32, 1],
    [55, 1],
    [56, 2],
    [64, 3],
    [119, 1],
  ] as const) {
    const buffer = Uint8Array.from({ length }, (_, i) => i * 7 + 3)
    let digest = new Uint8Array(0)
    for (let i = 0; i < times; i++) {
      digest = new Uint8Array(createHash('sha256').update(buffer).digest())
      buffer.set(digest)
    }
    const machine = run('sha256', BigInt(length), 3n, BigInt(times))
    assert.deepEqual(machine.memory.read(machine.registers.get(7), 32), digest)
  }
})

/** The same program in C, as eBPF. */
function compiled(name: string, work: number): bigint {
  const program = programOf(decodeContainer(linkBpf([guest(`${name}-v4`)]).container))
  const machine = interpEngine.instantiate(program, { gas: 1n << 40n })
  const bytes = new Uint8Array(Uint32Array.of(work).buffer)
  startBpf(machine, program.exports.get('run')!, { address: machine.memory.size, bytes })
  assert.equal(machine.run().kind, 'halt')
  return machine.registers.get(0)
}

for (const [name, works] of [
  ['sieve', [2, 3, 5000]],
  ['keccak', [1, 2, 7]],
  ['fib', [0, 1, 2, 3, 14]],
  ['statemachine', [1, 3]],
  ['stream', [1]],
] as const)
  test(`${name} answers what the same source answers that clang compiled`, () => {
    for (const work of works) {
      const answer = compiled(name, work)
      for (const engine of [referenceEngine, interpEngine, recompEngine])
        assert.equal(runOn(engine, name, BigInt(work)).registers.get(7), answer, `${work}`)
    }
  })
