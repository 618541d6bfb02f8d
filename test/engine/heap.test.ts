import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PvmProgram } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { assemblePvm } from '#vm/isa/pvm/asm'
import { forEachEngine } from '../engines.ts'

const start = 0x20000

function program(): PvmProgram {
  const { code, bitmask, jumpTable } = assemblePvm('a0 = sbrk a0\n trap', { version: 'latest64' })
  return {
    isa: 'pvm',
    version: 'latest64',
    code,
    bitmask,
    jumpTable,
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: {
      profile: 'paged32',
      pageSize: 4096,
      regions: [],
      segments: [],
      heap: { start, max: start + 0x10000 },
    },
    gas: 'pvm-instruction',
    symbols: new Map(),
    options: pvmPresets.polkavm,
  }
}

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
