import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { decodePvmBlob, encodePvmBlob } from 'alcatraz-vm/pvm'
import { forEachEngine } from '../engines.ts'

const nowhere = [-(2 ** 32), 2 ** 32, -1, 2 ** 32 + 1, 0.5, Number.NaN]

forEachEngine((engine) => {
  test('an eBPF run that starts where no slot is traps', () => {
    const program = bpfProgramOf(assembleBpf('mov r0, 1\n exit').code)
    for (const pc of nowhere) {
      const machine = engine.instantiate(program, { gas: 10n })
      machine.pc = pc
      const exit = machine.run()
      assert.equal(exit.kind === 'trap' && exit.trap, 'invalidInstruction', `pc ${pc}`)
      assert.equal(machine.gas, 10n)
    }
  })

  test('a run that starts at a pc beyond 32 bits traps, wherever its low half leads', () => {
    const blob = encodePvmBlob({
      code: Uint8Array.of(1, 0),
      bitmask: Uint8Array.of(0b11),
      jumpTable: new Uint32Array(0),
    })
    const program = decodePvmBlob(blob, { version: 'gp-0.7' })
    for (const pc of nowhere) {
      const machine = engine.instantiate(program, { gas: 10n })
      machine.pc = pc
      const exit = machine.run()
      assert.equal(exit.kind === 'trap' && exit.trap, 'invalidJump', `pc ${pc}`)
      assert.equal(machine.gas, 10n)
    }
  })
})
