import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Machine } from '#vm/vm/machine'
import { forEachEngine } from '../engines.ts'
import {
  pvmMachine as machineOfParts,
  pvmText as machineOfText,
  type Setup,
} from './pvm-machine.ts'

const a0 = 7
const a1 = 8
const a2 = 9
const data = '%rw_data_size = 4096\n'

forEachEngine((engine) => {
  const pvmMachine: typeof machineOfParts = (parts, setup) =>
    machineOfParts(parts, { engine, ...setup })
  const pvmText: typeof machineOfText = (text, setup) => machineOfText(text, { engine, ...setup })

  test('a run begins where an instruction starts, and costs nothing elsewhere', () => {
    for (const pc of [1, 2, 3, 100]) {
      const machine = pvmText('a0 = 1234\ntrap')
      machine.pc = pc
      assert.deepEqual(machine.run(), { kind: 'trap', trap: 'invalidJump', pc })
      assert.equal(machine.gas, 1_000_000n)
      assert.equal(machine.save().charged, false)
    }
  })

  test('code that runs past its end traps there, for the gas of one instruction', () => {
    const machine = pvmText('a0 = 1', { limit: 5n })
    assert.deepEqual(machine.run(), { kind: 'trap', trap: 'invalidInstruction', pc: 3 })
    assert.equal(machine.gas, 3n)
    assert.equal(machine.stats.instructions, 2n)
  })

  test('instruction schedules: out of gas before the instruction, and on with more', () => {
    const machine = pvmText('a0 = 1\na1 = 2\ntrap', { limit: 1n })
    assert.deepEqual(machine.run(), { kind: 'outOfGas', pc: 3 })
    assert.deepEqual(machine.run(), { kind: 'outOfGas', pc: 3 })
    assert.equal(machine.registers.get(a1), 0n)
    machine.gas = 2n
    assert.deepEqual(machine.run(), { kind: 'trap', trap: 'panic', pc: 6 })
    assert.equal(machine.gas, 0n)
  })

  test('block schedules: whole blocks at entry, counter unchanged when it is too little', () => {
    const text = '@a:\na0 = 1\njump @b\n@b:\na1 = 2\na2 = 3\ntrap'
    const machine = pvmText(text, { gas: 'pvm-block', limit: 4n })
    assert.deepEqual(machine.run(), { kind: 'outOfGas', pc: 5 })
    assert.equal(machine.gas, 2n)
    machine.gas = 3n
    assert.deepEqual(machine.run(), { kind: 'trap', trap: 'panic', pc: 11 })
    assert.equal(machine.gas, 0n)
  })

  test('a counter that the paper 0.7 would make negative ends at zero', () => {
    const machine = pvmText('a0 = 1\ntrap', {
      gas: 'pvm-block',
      limit: 1n,
      options: { outOfGasKeepsCounter: false },
    })
    assert.deepEqual(machine.run(), { kind: 'outOfGas', pc: 0 })
    assert.equal(machine.gas, 0n)
  })

  test('entering inside a block costs the block, unless the rules say otherwise', () => {
    const text = 'a0 = 1\na1 = 2\ntrap'
    const left = (setup: Setup): bigint => {
      const machine = pvmText(text, { gas: 'pvm-block', limit: 10n, ...setup })
      machine.pc = 3
      machine.run()
      return machine.gas
    }
    assert.equal(left({}), 7n)
    assert.equal(left({ options: { midBlockEntryCharges: false } }), 10n)
    assert.equal(left({ gas: 'pvm-instruction' }), 8n)
  })

  test('a host call is at its pc, the machine behind it; its block is not charged again', () => {
    const machine = pvmText('ecalli 5\na0 = a1 + 1\ntrap', { gas: 'pvm-block', limit: 3n })
    assert.deepEqual(machine.run(), { kind: 'host', id: 5, pc: 0 })
    assert.equal(machine.pc, 2)
    machine.registers.set(a1, 41n)
    assert.deepEqual(machine.run(), { kind: 'trap', trap: 'panic', pc: 5 })
    assert.equal(machine.registers.get(a0), 42n)
    assert.equal(machine.gas, 0n)
  })

  test('a fault is resumed at its instruction, which is paid for once by either kind', () => {
    for (const gas of ['pvm-instruction', 'pvm-block']) {
      const machine = pvmText('a0 = u8 [0x30000]\ntrap', { gas, limit: 2n })
      const fault = { kind: 'fault', address: 0x30000n, access: 'read', pc: 0 }
      assert.deepEqual(machine.run(), fault)
      assert.deepEqual(machine.run(), fault)
      machine.memory.map(0x30000, 4096, false)
      assert.deepEqual(machine.run(), { kind: 'trap', trap: 'panic', pc: 5 })
      assert.equal(machine.gas, 0n)
    }
  })

  test('a fault names the page of the lowest refused octet and writes nothing', () => {
    const machine = pvmText(`${data}u64 [a0] = a1\ntrap`)
    machine.registers.set(a0, 0x20ffcn)
    machine.registers.set(a1, ~0n)
    assert.deepEqual(machine.run(), { kind: 'fault', address: 0x21000n, access: 'write', pc: 0 })
    assert.deepEqual([...machine.memory.read(0x20ffcn, 4)!], [0, 0, 0, 0])
    machine.memory.map(0x21000, 4096, false)
    assert.equal(machine.run().kind, 'fault')
  })

  test('addresses wrap at 2^32', () => {
    const machine = pvmText(`${data}a0 = u8 [a1 + 0x20010]\ntrap`)
    machine.memory.write(0x20000n, Uint8Array.of(9))
    machine.registers.set(a1, 0xffff_ffff_ffff_fff0n)
    assert.equal(machine.run().kind, 'trap')
    assert.equal(machine.registers.get(a0), 9n)
  })

  test('the first 64 KiB panic, elsewhere the rules decide between fault and trap', () => {
    const end = (address: string, options: Setup['options']): unknown => {
      const exit = pvmText(`a0 = u8 [${address}]`, { options: options ?? {} }).run()
      return exit.kind === 'trap' ? exit.trap : exit.kind
    }
    assert.equal(end('0xffff', {}), 'nullPage')
    assert.equal(end('0xffff', { nullPagePanics: false }), 'fault')
    assert.equal(end('0x10000', {}), 'fault')
    assert.equal(end('0x10000', { pageFaults: false }), 'outOfBounds')
  })

  test('jumps to what is no block start trap at the jump', () => {
    const trap = { kind: 'trap', trap: 'invalidJump', pc: 0 }
    assert.deepEqual(pvmText('jump +1\ntrap').run(), trap)
    assert.deepEqual(pvmText('jump @m\na0 = 1\n@m: %no_fallthrough\ntrap').run(), trap)
    const machine = pvmText('a0 = 7, jump +100')
    assert.deepEqual(machine.run(), trap)
    assert.equal(machine.registers.get(a0), 7n)
  })

  test('a branch that is not taken may go nowhere, but for the rule of both targets', () => {
    const end = (setup: Setup): unknown => pvmText('jump +100 if a0 == 1\ntrap', setup).run()
    const branch = { kind: 'trap', trap: 'invalidJump', pc: 0 }
    assert.deepEqual(end({}), branch)
    assert.deepEqual(end({ options: { bothBranchTargets: false } }), {
      kind: 'trap',
      trap: 'panic',
      pc: 4,
    })
  })

  test('dynamic jumps go through the table by even addresses from 2', () => {
    const run = (address: bigint): unknown => {
      const machine = pvmText(
        '%jump_table = @end @inside\njump [a0]\na1 = 1\n@inside: %no_fallthrough\n@end:\ntrap',
      )
      machine.registers.set(a0, address)
      return machine.run()
    }
    const bad = { kind: 'trap', trap: 'invalidJump', pc: 0 }
    assert.deepEqual(run(2n), { kind: 'trap', trap: 'panic', pc: 6 })
    for (const address of [0n, 1n, 3n, 4n, 6n, 0xfffffffen]) assert.deepEqual(run(address), bad)
    assert.deepEqual(run(0xffff0000n), { kind: 'halt', pc: 0 })
    assert.deepEqual(run(0x5_ffff_0000n), { kind: 'halt', pc: 0 })
  })

  test('the target of load_imm_jump_ind is taken before its write', () => {
    const machine = pvmText('tmp = a0, a0 = 5, jump [tmp + 1]')
    machine.registers.set(a0, 0xfffeffffn)
    assert.deepEqual(machine.run(), { kind: 'halt', pc: 0 })
    assert.equal(machine.registers.get(a0), 5n)
  })

  test('the pc after halt and trap is where it happened, or 0', () => {
    const machine = pvmText('a0 = 1\nret', { options: { pcAfterHalt: 'zero' } })
    assert.deepEqual(machine.run(), { kind: 'halt', pc: 3 })
    assert.equal(machine.pc, 0)
    const last = pvmText('a0 = 1\nret')
    last.run()
    assert.equal(last.pc, 3)
  })

  /** memset of a2 octets of 0xab at 0x20000 - 4 of mapped pages 0x20000.. */
  function filler(at: bigint, count: bigint, setup: Setup): Machine {
    const machine = pvmText(`${data}[a0..a0 + a2] = u8 a1\ntrap`, setup)
    machine.registers.set(a0, at)
    machine.registers.set(a1, 0x1abn)
    machine.registers.set(a2, count)
    return machine
  }

  test('memset costs one per octet on top, stops for gas and goes on', () => {
    for (const gas of ['pvm-instruction', 'pvm-block']) {
      const first = gas === 'pvm-block' ? 2n : 1n
      const machine = filler(0x20000n, 5n, { gas, limit: first + 3n })
      assert.deepEqual(machine.run(), { kind: 'outOfGas', pc: 0 })
      assert.deepEqual([machine.registers.get(a0), machine.registers.get(a2)], [0x20003n, 2n])
      assert.equal(machine.gas, 0n)
      machine.gas = 3n - (first - 1n)
      assert.deepEqual(machine.run(), { kind: 'trap', trap: 'panic', pc: 1 })
      assert.equal(machine.gas, 0n)
      assert.deepEqual([machine.registers.get(a0), machine.registers.get(a2)], [0x20005n, 0n])
      assert.deepEqual([...machine.memory.read(0x20000n, 6)!], [0xab, 0xab, 0xab, 0xab, 0xab, 0])
    }
  })

  test('memset stops at a fault with what it wrote, and goes on', () => {
    const machine = filler(0x20ffen, 4n, { limit: 100n })
    assert.deepEqual(machine.run(), { kind: 'fault', address: 0x21000n, access: 'write', pc: 0 })
    assert.deepEqual([machine.registers.get(a0), machine.registers.get(a2)], [0x21000n, 2n])
    assert.equal(machine.gas, 97n)
    machine.memory.map(0x21000, 4096, true)
    assert.equal(machine.run().kind, 'trap')
    assert.equal(machine.gas, 94n)
  })

  test('memset counts in 32 bits and is no instruction where the rules forbid it', () => {
    const machine = filler(0x20000n, 0x5_0000_0001n, {})
    machine.run()
    assert.equal(machine.registers.get(a2), 0n)
    assert.equal(machine.registers.get(a0), 0x20001n)
    const none = filler(0x20000n, 1n, { options: { memset: false } })
    assert.deepEqual(none.run(), { kind: 'trap', trap: 'invalidInstruction', pc: 0 })
  })

  test('sbrk answers the new or the old top, 0 when refused, and maps whole pages', () => {
    const grow = (amount: bigint, sbrk: 'newTop' | 'oldTop'): Machine => {
      const machine = pvmText('%rw_data_size = 4090\na0 = sbrk a1\ntrap', { options: { sbrk } })
      machine.registers.set(a1, amount)
      machine.run()
      return machine
    }
    assert.equal(grow(10n, 'newTop').registers.get(a0), 0x21004n)
    assert.equal(grow(10n, 'oldTop').registers.get(a0), 0x20ffan)
    assert.equal(grow(0n, 'newTop').registers.get(a0), 0x20ffan)
    assert.equal(grow(0xffff_ffffn, 'newTop').registers.get(a0), 0n)
    assert.equal(grow(1n << 40n, 'newTop').registers.get(a0), 0x20ffan)
    assert.equal(grow(10n, 'newTop').memory.write(0x21fffn, Uint8Array.of(1)), true)
    assert.equal(grow(6n, 'newTop').memory.write(0x21000n, Uint8Array.of(1)), false)
    const refused = pvmText('a0 = sbrk a1', { options: { sbrk: 'forbidden' } })
    assert.deepEqual(refused.run(), { kind: 'trap', trap: 'invalidInstruction', pc: 0 })
  })

  test('32-bit programs keep registers sign-extended', () => {
    const machine = pvmText('a0 = a1 mulhu a2\na1 = reverse a2\ntrap', { version: 'latest32' })
    machine.registers.set(a1, 0x1_ffff_ffffn)
    machine.registers.set(a2, 0x80000080n)
    assert.equal(machine.registers.get(a2), 0xffff_ffff_8000_0080n)
    machine.run()
    assert.equal(machine.registers.get(a0), 0xffff_ffff_8000_007fn)
    assert.equal(machine.registers.get(a1), 0xffff_ffff_8000_0080n)
  })

  test('where the paper validates whole programs, bad ones are refused', () => {
    const refuse = (code: number[], bits: number): void => {
      pvmMachine(
        { code: Uint8Array.from(code), bitmask: Uint8Array.of(bits) },
        { version: 'jam-v1', preset: 'gp-0.8' },
      )
    }
    refuse([0], 1)
    assert.throws(() => refuse([0, 100, 0], 3), { code: 'openEnd', offset: 1 })
    assert.throws(() => refuse([1, 255, 0], 7), {
      code: 'invalidInstruction',
      offset: 1,
      value: 255,
    })
    assert.throws(() => refuse([0], 0), { code: 'invalidInstruction', offset: 0 })
    assert.throws(() => refuse([], 0), { code: 'invalidInstruction', offset: 0 })
    assert.throws(() => pvmText('trap', { gas: 'nothing' }), { code: 'unknownSchedule' })
  })

  test('a state saved at any exit goes on in another machine', () => {
    const text = `${data}ecalli 1\nu8 [0x20001] = a0\na1 = u8 [0x50000]\na0 = a0 + a1\nret`
    const first = pvmText(text, { gas: 'pvm-pipeline-l2', limit: 200n })
    first.registers.set(a0, 3n)
    assert.equal(first.run().kind, 'host')
    const second = pvmText(text, { gas: 'pvm-pipeline-l2' })
    second.restore(first.save())
    assert.deepEqual(second.save(), first.save())
    assert.equal(second.run().kind, 'fault')
    second.memory.map(0x50000, 4096, false)
    const third = pvmText(text, { gas: 'pvm-pipeline-l2' })
    third.restore(second.save())
    assert.equal(third.run().kind, 'halt')
    assert.equal(third.registers.get(a0), 3n)
    assert.deepEqual([...third.memory.read(0x20000n, 2)!], [0, 3])
  })
})
