import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSbpf } from 'alcatraz-vm/sbpf'
import { loadSbpf } from '#vm/image/sbpf/read'
import { syscallRegistry } from '#vm/image/sbpf/registry'
import { forEachEngine } from '../engines.ts'
import { slots } from '../link/elf-writer.ts'
import { lenientElf, strictElf, textAt } from './sbpf-writer.ts'

const syscalls = syscallRegistry(['abort', 'sol_log_'])
const none = 'ffffffff'
const words = new Uint8Array(8)
words[0] = 42

/** `call f; call sol_log_; exit; f: lddw r0, rodata; ldxdw r0, [r0]; exit`, as each loader has it. */
function program(version: 'v0' | 'v3'): Uint8Array {
  if (version === 'v3')
    return strictElf({
      rodata: words,
      text: slots(`8510000002000000 85000000bd597520 9500000000000000
        1800000000000000 0000000000000000 7900000000000000 9500000000000000`),
    })
  const text = slots(`8510000002000000 85100000${none} 9500000000000000
    1800000000000000 0000000000000000 7900000000000000 9500000000000000`)
  return lenientElf({
    text,
    sections: [{ name: '.rodata', bytes: words }],
    symbols: [{ name: 'sol_log_' }, { name: 'data', address: textAt + text.length }],
    relocations: [
      { offset: textAt + 8, type: 10, symbol: 1 },
      { offset: textAt + 24, type: 1, symbol: 2 },
    ],
  }).bytes
}

forEachEngine((engine) => {
  for (const version of ['v0', 'v3'] as const)
    test(`a loaded file runs: functions, syscalls, data (${version})`, () => {
      const machine = engine.instantiate(loadSbpf(program(version), { syscalls }), { gas: 100n })
      startSbpf(machine)
      const call = machine.run()
      assert.deepEqual(call.kind === 'host' && [call.id, call.pc], [1, 1])
      assert.equal(machine.registers.get(0), 42n)
      assert.equal(machine.run().kind, 'halt')
      assert.equal(machine.gas, 100n - 6n)
      machine.dispose()
    })
})
