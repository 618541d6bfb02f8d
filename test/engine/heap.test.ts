import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PvmProgram } from 'alcatraz-vm'
import { forEachEngine } from '../engines.ts'
import { pvmProgramOf } from '../laws/pvm-program.ts'

const start = 0x20000

const program = (): PvmProgram =>
  pvmProgramOf('a0 = sbrk a0\n trap', { heap: { start, max: start + 0x10000 } })

forEachEngine((engine) => {
  test('a growing heap leaves pages that the host mapped as they are', () => {
    const machine = engine.instantiate(program(), { gas: 10n })
    const own = start + 2 * 4096
    machine.memory.map(own, 4096, true)
    machine.memory.write(BigInt(own), Uint8Array.of(1, 2, 3))
    machine.memory.map(own + 4096, 4096, false)
    machine.registers.set(7, 5n * 4096n)
    machine.pc = 0
    assert.equal(machine.run().kind, 'trap')
    assert.equal(machine.memory.size, start + 5 * 4096)
    assert.deepEqual(machine.memory.read(BigInt(own), 3), Uint8Array.of(1, 2, 3))
    const writable = machine.save().pages.map((page) => page.writable)
    assert.deepEqual(writable, [true, true, true, false, true])
  })
})
