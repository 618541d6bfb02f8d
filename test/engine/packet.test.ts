import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BpfProgram, Machine } from 'alcatraz-vm'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { forEachEngine } from '../engines.ts'

const size = 0x14000
const octets = Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66)

function program(text: string, input: { address: number; length: number }): BpfProgram {
  return {
    isa: 'bpf',
    version: 'v4',
    code: assembleBpf(text).code,
    exports: new Map([['entry', 0]]),
    imports: [],
    memory: {
      profile: 'linear32',
      segments: [{ address: 0x12000, bytes: octets }],
      size,
      maxSize: size + 0x1000,
    },
    gas: 'per-instruction',
    symbols: new Map(),
    functions: [{ pc: 0, frameSize: 0 }],
    codeBase: 0x1_0000_0000n,
    addressTaken: [],
    stack: { low: 0x10000, high: 0x12000 },
    input,
    options: { packet: true, callxHelpers: false, maxDepth: 1 },
  }
}

forEachEngine((engine) => {
  const made = (text: string, input: { address: number; length: number }): Machine => {
    const machine = engine.instantiate(program(text, input), { gas: 100n })
    machine.registers.set(0, 7n)
    return machine
  }

  test("packet loads read the program's input region, big-endian", () => {
    const input = { address: 0x12000, length: 6 }
    for (const [load, value] of [
      ['ldabsb 5', 0x66n],
      ['ldabsh 1', 0x2233n],
      ['ldabsw 2', 0x33445566n],
    ] as const) {
      const machine = made(`${load}\n exit`, input)
      assert.deepEqual(machine.run(), { kind: 'halt', pc: 1 })
      assert.equal(machine.registers.get(0), value)
    }
  })

  test('a packet load past the input halts there with r0 = 0', () => {
    const machine = made('ldabsw 3\n exit', { address: 0x12000, length: 6 })
    assert.deepEqual(machine.run(), { kind: 'halt', pc: 0 })
    assert.equal(machine.registers.get(0), 0n)
  })

  test('so does one past a memory that has not grown to the input', () => {
    const input = { address: size - 4, length: 64 }
    const machine = made('ldabsw 2\n exit', input)
    assert.deepEqual(machine.run(), { kind: 'halt', pc: 0 })
    assert.equal(machine.registers.get(0), 0n)
    machine.memory.grow(size + 4096)
    machine.pc = 0
    machine.registers.set(0, 7n)
    assert.deepEqual(machine.run(), { kind: 'halt', pc: 1 })
  })
})
