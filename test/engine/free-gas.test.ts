import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recompEngine } from 'alcatraz-vm'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { forEachEngine } from '../engines.ts'

const loop = 'mov r0, 0\n mov r1, 1000\n again:\n add r0, r1\n sub r1, 1\n jne r1, 0, again\n exit'

forEachEngine((engine) => {
  test('a program that pays nothing keeps its gas, and is counted', () => {
    const program = bpfProgramOf(assembleBpf(loop).code, { gas: 'none' })
    const machine = engine.instantiate(program, { gas: 5n })
    machine.pc = 0
    assert.deepEqual(machine.run(), { kind: 'halt', pc: 5 })
    assert.equal(machine.registers.get(0), 500_500n)
    assert.equal(machine.gas, 5n)
    assert.equal(machine.stats.instructions, 3003n)
  })
})

test('gas that costs nothing cannot bound generated code: such a program is interpreted', () => {
  const program = bpfProgramOf(assembleBpf(loop).code, { gas: 'none' })
  const machine = recompEngine.instantiate(program, { gas: 5n })
  machine.pc = 0
  machine.run()
  assert.deepEqual(machine.stats.tiers, { interp: 3003n })
})
