/** Runs so long that the interpreter's loop is left and entered again: gas is handed to it in slices. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BpfProgram, interpEngine, type PvmProgram, referenceEngine } from 'alcatraz-vm'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { compare, inPieces, type Trial } from './compare.ts'
import { pvmProgramOf } from './pvm-program.ts'
import { Rng } from './rng.ts'

const memorySize = 0x14000

function bpfLoop(gas: string, text: string): BpfProgram {
  return {
    isa: 'bpf',
    version: 'v4',
    code: assembleBpf(text).code,
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: { profile: 'linear32', segments: [], size: memorySize, maxSize: memorySize },
    gas,
    symbols: new Map(),
    functions: [{ pc: 0, frameSize: 64 }],
    codeBase: 0x1_0000_0000n,
    addressTaken: [],
    stack: { low: 0x10000, high: 0x12000 },
    options: { packet: false, callxHelpers: false, maxDepth: 4 },
  }
}

const pvmLoop = (gas: string, text: string): PvmProgram =>
  pvmProgramOf(text, { regions: [{ address: 0x20000, length: 0x2000, writable: true }] }, { gas })

/** Divisions cost 16, so that slices of 2^20 gas are few instructions: the reference can follow. */
const divisions = `
  mov r1, 0x7654321
  mov r2, 3
loop:
  mul r1, 0x10dcd
  add r1, 7
  div r1, r2
  mod r1, 1000003
  stxdw [r10-8], r1
  ldxdw r3, [r10-8]
  xor r0, r3
  sdiv r0, 5
  add r2, 1
  ja loop`
const sums = `
  mov r6, 0
loop:
  add r6, 1
  mov r2, r6
  lsh r2, 3
  and r2, 0xff8
  mov r3, 0x12000
  add r3, r2
  ldxdw r4, [r3+0]
  add r4, r6
  stxdw [r3+0], r4
  ja loop`
const pvmSums = `
  s0 = 0
  t0 = 0x20000
  fallthrough
@loop:
  s0 = s0 + 1
  t1 = s0 & 0x7f8
  t1 = t1 + t0
  t2 = u64 [t1]
  t2 = t2 + s0
  u64 [t1] = t2
  jump @loop`

const started = (program: BpfProgram | PvmProgram, gas: bigint): Trial => ({
  program,
  gas,
  seed: 1,
  start(machine) {
    machine.pc = 0
  },
})

test('reference and interp agree after several slices of gas', () => {
  const trials = [
    started(bpfLoop('alcatraz-1', divisions), 3n << 20n),
    started(pvmLoop('pvm-pipeline-l3', pvmSums), 5n << 20n),
  ]
  for (const trial of trials) {
    const { exits, instructions } = compare(referenceEngine, interpEngine, trial)
    assert.equal(exits[0]!.kind, 'outOfGas')
    assert.ok(instructions > 100_000n, `${instructions} instructions`)
  }
})

for (const [name, program] of [
  ['eBPF', bpfLoop('per-instruction', sums)],
  ['PVM by instructions', pvmLoop('pvm-instruction', pvmSums)],
  ['PVM by blocks', pvmLoop('pvm-block', pvmSums)],
] as const) {
  test(`a run of millions of instructions does not depend on how its gas is cut: ${name}`, () => {
    const rng = new Rng(7)
    const sizes = [1, 30, 2000, 70_000, 1_500_000]
    const piece = (): bigint => BigInt(rng.between(1, rng.pick(sizes)))
    const trial = started(program, 3_500_003n)
    const { instructions } = inPieces(interpEngine, interpEngine, trial, piece, () => {})
    assert.ok(instructions > 3_000_000n, `${instructions} instructions`)
  })
}
