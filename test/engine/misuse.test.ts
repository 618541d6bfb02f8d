/** What programs that embed the engine do wrong: each mistake has an error, and none reaches another machine. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DisposedError,
  type Engine,
  interpEngine,
  type Machine,
  type MachineState,
  type Program,
  VerifyError,
} from 'alcatraz-vm'
import { assembleBpf, bpfProgramOf } from 'alcatraz-vm/bpf'
import { assemblePvm, decodePolkavm, encodePolkavm } from 'alcatraz-vm/pvm'
import { forEachEngine } from '../engines.ts'

const none = new Uint8Array(0)
const bpf = bpfProgramOf(
  assembleBpf(`
  call local f
  exit
f:
  mov r0, 42
  exit`).code,
)
const pvm = decodePolkavm(
  encodePolkavm({
    ...assemblePvm('a0 = 42\n ret', { version: 'revive-v1' }),
    ...{ version: 'revive-v1', imports: [], exports: [{ name: 'main', pc: 0 }], optional: [] },
    ...{ roData: none, roDataSize: 0, rwData: none, rwDataSize: 100, stackSize: 8192 },
  }),
)
const programs: readonly Program[] = [bpf, pvm]
const gas = 1000n

/** A number where a caller without types forgets the `n`. */
const untyped = (value: unknown): bigint => value as bigint

function made(engine: Engine, program: Program): Machine {
  const machine = engine.instantiate(program, { gas })
  machine.pc = 0
  return machine
}

forEachEngine((engine) => {
  test('gas is a bigint', () => {
    for (const program of programs) {
      for (const wrong of [1000, undefined, '1000'])
        assert.throws(() => engine.instantiate(program, { gas: untyped(wrong) }), TypeError)
      const machine = made(engine, program)
      assert.throws(() => {
        machine.gas = untyped(5)
      }, TypeError)
      for (const wrong of [-1n, 1n << 63n])
        assert.throws(() => {
          machine.gas = wrong
        }, RangeError)
      assert.equal(machine.gas, gas)
    }
  })

  test('a pc is a number, and a register an index', () => {
    for (const program of programs) {
      const machine = made(engine, program)
      for (const wrong of ['0', 0n, undefined] as readonly unknown[])
        assert.throws(() => {
          machine.pc = wrong as number
        }, TypeError)
      assert.equal(machine.pc, 0)
      for (const wrong of [-1, 0.5, Number.NaN, machine.registers.count, '0']) {
        assert.throws(() => machine.registers.get(wrong as number), RangeError)
        assert.throws(() => machine.registers.set(wrong as number, 0n), RangeError)
      }
    }
  })

  test('lengths, sizes and pages are whole numbers', () => {
    for (const program of programs) {
      const { memory } = made(engine, program)
      for (const wrong of [-1, 1.5, Number.NaN])
        assert.throws(() => memory.read(0x10000n, wrong), RangeError)
      const { size } = memory
      assert.equal(memory.grow(Number.NaN), false)
      assert.equal(memory.grow(2 ** 40), false)
      assert.equal(memory.size, size)
    }
    const { memory } = made(engine, pvm)
    for (const [address, length] of [
      [0x30001, 4096],
      [0x30000, 100],
      [-4096, 4096],
      [2 ** 32 - 4096, 8192],
      [0x30000, Number.NaN],
    ] as const) {
      assert.throws(() => memory.map(address, length, true), RangeError)
      assert.throws(() => memory.unmap(address, length), RangeError)
    }
  })

  test('a disposed machine says so, and keeps its gas and pc', () => {
    for (const program of programs) {
      const machine = made(engine, program)
      const state = machine.save()
      machine.run()
      const { gas: left, pc, registers } = machine
      machine.dispose()
      machine.dispose()
      for (const use of [
        () => machine.run(),
        () => machine.save(),
        () => machine.restore(state),
        () => machine.memory,
        () => machine.stats,
        () => registers.get(0),
        () => registers.set(0, 1n),
      ])
        assert.throws(use, DisposedError)
      assert.deepEqual([machine.gas, machine.pc], [left, pc])
    }
  })

  test('memory that was kept from a disposed machine does not reach the next one', () => {
    for (const program of programs) {
      const one = made(engine, program)
      const { memory } = one
      one.dispose()
      const two = made(engine, program)
      const before = two.save()
      for (const address of [0x10000n, 0x20000n, 0xfffd_fff0n])
        assert.equal(memory.read(address, 4), undefined)
      const tried = [
        () => memory.write(0x10000n, Uint8Array.of(1)),
        () => memory.write(0x20000n, Uint8Array.of(1)),
        () => memory.write(0xfffd_fff0n, Uint8Array.of(1)),
        () => memory.write(0x1_0000_0000n, Uint8Array.of(1)),
        () => memory.grow(memory.size + 0x20000),
        () => memory.grow(0x40000),
        () => memory.map(0x40000, 4096, true),
        () => memory.unmap(0, 2 ** 32),
      ]
      for (const attempt of tried)
        try {
          attempt()
        } catch {
          // refusing is as good
        }
      assert.deepEqual(two.save(), before)
      assert.equal(two.registers.get(0), 0n)
      two.dispose()
    }
  })

  test('a state that no machine has is refused as a whole', () => {
    for (const program of programs) {
      const machine = made(engine, program)
      const state = machine.save()
      const page = { address: 0x20000, writable: true, bytes: new Uint8Array(4096).fill(1) }
      const frame = { returnPc: 1, saved: [1n, 2n, 3n, 4n, 0x20000n] }
      const wrong: readonly Partial<MachineState>[] = [
        { gas: -1n },
        { gas: untyped(5) },
        { registers: state.registers.slice(1) },
        { registers: [...state.registers, 0n] },
        { registers: state.registers.map(() => 1n << 64n) },
        { frames: [{ ...frame, saved: [] }] },
        { frames: [{ ...frame, saved: [1n, 2n, 3n, 4n, -1n] }] },
        { frames: [{ ...frame, returnPc: 99 }] },
        { frames: new Array(5000).fill(frame) },
        { memorySize: -1 },
        { memorySize: 4096.5 },
        { memorySize: 2 ** 40 },
        { pages: [{ ...page, bytes: new Uint8Array(8192) }] },
        { pages: [{ ...page, address: 0x20001 }] },
        { pages: [{ ...page, address: 2 ** 32 }] },
        { pages: [page, page] },
        { pages: [{ ...page, address: 0x21000 }, page] },
      ]
      for (const change of wrong)
        assert.throws(
          () => machine.restore({ ...state, ...change }),
          (error) => error instanceof VerifyError && error.code === 'badState',
          Object.keys(change).join(),
        )
      assert.deepEqual(machine.save(), state)
    }
  })

  test('memory of a saved state is within what the program may have', () => {
    const large = made(engine, bpf)
    assert.equal(large.memory.grow(0x100000), true)
    const state = large.save()
    if (bpf.memory.profile !== 'linear32') return assert.fail('eBPF has linear memory')
    const small = made(engine, { ...bpf, memory: { ...bpf.memory, maxSize: 0x80000 } })
    assert.throws(() => small.restore(state), VerifyError)
    made(engine, bpf).restore(state)
  })

  test('what is saved goes on where it was saved, after a copy', () => {
    for (const program of programs) {
      const one = made(engine, program)
      const two = made(interpEngine, program)
      two.restore(structuredClone(one.save()))
      assert.deepEqual(two.run(), one.run())
      assert.deepEqual(two.save(), one.save())
    }
  })
})
