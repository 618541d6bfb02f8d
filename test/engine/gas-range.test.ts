import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { decodePvmBlob, encodePvmBlob } from 'alcatraz-vm/pvm'
import { forEachEngine } from '../engines.ts'

const programs = [
  bpfProgramOf(assembleBpf('exit').code),
  decodePvmBlob(
    encodePvmBlob({
      code: Uint8Array.of(0),
      bitmask: Uint8Array.of(1),
      jumpTable: new Uint32Array(0),
    }),
    { version: 'gp-0.7' },
  ),
]

forEachEngine((engine) => {
  test('gas that is no 63-bit number is refused', () => {
    for (const program of programs) {
      for (const gas of [-1n, 1n << 63n, 1n << 64n])
        assert.throws(() => engine.instantiate(program, { gas }), RangeError)
      const machine = engine.instantiate(program, { gas: (1n << 63n) - 1n })
      assert.throws(() => {
        machine.gas = -1n
      }, RangeError)
      assert.equal(machine.gas, (1n << 63n) - 1n)
    }
  })
})
