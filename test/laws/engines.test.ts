/**
 * `ALCATRAZ_LAW_PROGRAMS` for more programs, `ALCATRAZ_LAW_SEED` for others. A failure names its seed:
 * `ALCATRAZ_LAW_SEED=<seed> ALCATRAZ_LAW_PROGRAMS=1` runs it first.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interpEngine, referenceEngine } from 'alcatraz-vm'
import { type IrOp, irRows } from '#vm/ir/table'
import { nothingSeen, oneSeed, type Seen } from './law.ts'
import { sbpfTrial } from './sbpf-programs.ts'
import { bpfTrial, pvmTrial } from './trials.ts'

/** Programs with at least 50 executed instructions that each law must see. */
const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 600)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 1)

/** Ends that random programs of an ISA must have reached. */
const ends = {
  eBPF: ['halt', 'fault', 'outOfGas', 'host', 'invalidInstruction', 'invalidJump'].concat([
    'invalidCall',
    'callDepth',
    'stackOverflow',
  ]),
  PVM: ['halt', 'fault', 'outOfGas', 'host', 'invalidInstruction', 'invalidJump'].concat([
    'panic',
    'nullPage',
    'outOfBounds',
  ]),
  sBPF: ['halt', 'fault', 'outOfGas', 'host', 'invalidInstruction', 'invalidCall'].concat([
    'callDepth',
    'divideByZero',
    'divideOverflow',
    'overrun',
  ]),
}
/** In the IR for others: no guest instruction of these ISAs lifts to it. AVM's law has all instructions of AVM. */
const unused: readonly IrOp[] = ['halt', 'getslot', 'setslot']

const all: Seen[] = []

for (const [isa, trialOf] of [
  ['eBPF', bpfTrial],
  ['PVM', pvmTrial],
  ['sBPF', sbpfTrial],
] as const) {
  test(`law: reference and interp agree on random ${isa} programs, at every exit`, (t) => {
    const seen = nothingSeen()
    const started = performance.now()
    for (let seed = firstSeed; seen.long < wanted; seed++) {
      assert.ok(seed < firstSeed + 4 * wanted + 50, 'a quarter of all programs run long')
      oneSeed([referenceEngine, interpEngine], trialOf, seed, seen)
    }
    all.push(seen)
    const exits = JSON.stringify(Object.fromEntries(seen.exits))
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    t.diagnostic(`${seen.programs} programs, ${seen.long} long, in ${seconds} s; exits ${exits}`)
    const calls = seen.hostCalls / seen.programs
    assert.ok(calls > 1, `${calls.toFixed(1)} host calls a program`)
    if (wanted < 300) return t.diagnostic('too few programs to ask that all ends are among them')
    for (const kind of ends[isa]) assert.ok(seen.exits.has(kind), `${kind} was never reached`)
  })
}

test('the laws executed every op of the IR', (t) => {
  if (wanted < 300) return t.skip('too few programs to ask for every op')
  const missing = irRows
    .filter((row, op) => !unused.includes(row.name as IrOp) && !all.some((s) => s.ops.has(op)))
    .map((row) => row.name)
  assert.deepEqual(missing, [])
})
