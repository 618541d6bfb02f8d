/** Programs of Solana stay in generated code, or leave it and come back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recompEngine } from 'alcatraz-vm'
import { sbpfAddresses, startSbpf } from 'alcatraz-vm/sbpf'
import { sbpfOf } from '../isa/sbpf.ts'

function tiersOf(source: string, version: 'v0' | 'v2' | 'v3') {
  const machine = recompEngine.instantiate(sbpfOf(source, version), { gas: 10_000n })
  startSbpf(machine)
  assert.deepEqual(machine.run().kind, 'halt')
  const { code, instructions, tiers } = machine.stats
  machine.dispose()
  return { instructions, interpreted: tiers['interp'], calls: code?.leaves.call ?? 0 }
}

/** Of `f`, behind two slots for its address. */
const address = sbpfAddresses.program + 8 * 9
const loop = (load: string): string => `
  mov64 r6, 100
again:
  ${load}
  callx r3
  add64 r6, -1
  jne r6, 0, again
  exit
  .fill 2, 0x95
f:
  stxdw [r10-8], r6
  ldxdw r0, [r10-8]
  exit`

test('callx to an address that the code has is compiled', () => {
  const compiled = { interpreted: 0n, calls: 0 }
  const lddw = loop(`lddw r3, ${address}`)
  assert.deepEqual(tiersOf(lddw, 'v0'), { instructions: 702n, ...compiled })
  assert.deepEqual(tiersOf(lddw, 'v3'), { instructions: 702n, ...compiled })
  const halves = loop('mov32 r3, 72\n hor64 r3, 1')
  assert.deepEqual(tiersOf(halves, 'v2'), { instructions: 802n, ...compiled })
})

test('callx to an address that nothing shows leaves generated code, and comes back to it', () => {
  const { calls, instructions, interpreted } = tiersOf(
    loop('mov64 r3, 1\n lsh64 r3, 32\n add64 r3, 80'),
    'v0',
  )
  assert.equal(instructions, 902n)
  assert.equal(calls, 100)
  assert.ok(interpreted! < 100n, `${interpreted} interpreted`)
})
