/** Rules of regions64, on the model and on the engines that have generated code. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Engine,
  interpEngine,
  type Machine,
  type MachineState,
  recompEngine,
  VerifyError,
} from 'alcatraz-vm'
import { parseIr } from '#vm/ir/parser'
import type { IrProgram } from '#vm/ir/program'
import { verifyIr } from '#vm/ir/verify'
import { irModel } from '../laws/ir-model.ts'
import { programOfIr } from '../laws/region-programs.ts'

/** Program, V0's stack of 4 frames, heap, and accounts of which two touch. */
const plan = `
  memory regions64
  region 0x0 0x10 ro
  region 0x100000000 0x64 ro
  region 0x200000000 0x4000 rw gap 0x1000
  region 0x300000000 0x1000 rw
  region 0x400000000 0x20 rw max 0x40
  region 0x400000040 0x8 rw max 0x100
  region 0x400000140 0x0 rw max 0x1000
  region 0x400001140 0x40 ro max 0x40
  segment 0x0 0x0102030405060708090a0b0c0d0e0f10
  segment 0x100000000 0xc0de`

/** Rows of 16-register IR, one instruction each: gas 1 each, a segment behind every jump and host call. */
function irOf(lines: readonly string[]): IrProgram {
  const out = ['metering instruction', plan]
  let segment: string[] = []
  const close = (): void => {
    const costs = segment.filter((line) => /^ *\d+:/.test(line)).length
    const pc = /^ *(\d+)/.exec(segment[0] ?? '')?.[1]
    if (costs > 0) out.push(`b${pc}:`, ` ${pc} charge ${costs}, ${costs}`, ...segment)
    segment = []
  }
  lines.forEach((line, i) => {
    if (line.startsWith('&')) {
      close()
    }
    segment.push(` ${i}: [1] ${line.replace(/^&/, '')}`)
    if (/^&?(host|b[a-z]+\d+i? |jump|halt)/.test(line)) close()
  })
  close()
  const ir = parseIr(out.join('\n'))
  verifyIr(ir)
  return ir
}

function machineOf(engine: Engine, lines: readonly string[]): Machine {
  const machine = engine.instantiate(programOfIr(irOf(lines)), { gas: 1000n })
  machine.pc = 0
  return machine
}

const engines: readonly Engine[] = [irModel, interpEngine, recompEngine]
const hex = (machine: Machine, register: number): string =>
  `0x${machine.registers.get(register).toString(16)}`

engines.forEach((engine, index) => {
  const on = (lines: readonly string[]): Machine => machineOf(engine, lines)
  const fault = (address: bigint, access: 'read' | 'write', pc: number) =>
    ({ kind: 'fault', address, access, pc }) as const

  describe(`on ${['the model', 'interp', 'recomp'][index]}`, () => {
    test('a wide access at the end of a frame goes on in the next frame', () => {
      const machine = on([
        'li r1, 0x200000ffc',
        'li r2, 0x200002000',
        'store32i [r1], 0x11223344',
        'store32i [r2], 0x55667788',
        'load64 r0, [r1]',
        'store64i [r1], 0x0102030405060708',
        'load32u r3, [r2]',
        'halt',
      ])
      assert.equal(machine.run().kind, 'halt')
      assert.equal(hex(machine, 0), '0x5566778811223344')
      assert.equal(hex(machine, 3), '0x1020304')
    })

    test('what starts in a gap faults there, and what ends behind the last frame', () => {
      for (const [at, bits] of [
        [0x2_0000_1000, 8],
        [0x2_0000_1fff, 64],
        [0x2_0000_7000, 8],
        [0x2_0000_6ffc, 64],
        [0x2_0000_8000, 8],
      ] as const) {
        const load = bits === 8 ? 'load8u' : 'load64'
        assert.deepEqual(
          on([`li r1, ${at}`, `${load} r0, [r1]`, 'halt']).run(),
          fault(BigInt(at), 'read', 1),
        )
      }
      assert.equal(on(['li r1, 0x200006ff8', 'load64 r0, [r1]', 'halt']).run().kind, 'halt')
    })

    test('an address wraps when it is computed, and an access never does', () => {
      const machine = on(['li r1, -8', 'load64 r0, [r1 + 8]', 'load64 r2, [r1 + 4]', 'halt'])
      assert.deepEqual(machine.run(), fault(0xffff_ffff_ffff_fffcn, 'read', 2))
      assert.equal(hex(machine, 0), '0x807060504030201')
    })

    test('an address in the same stripe of another 2^36 is another address', () => {
      const machine = on(['li r1, 0x1300000000', 'load8u r0, [r1]', 'halt'])
      assert.deepEqual(machine.run(), fault(0x13_0000_0000n, 'read', 1))
    })

    test('a region that may not be written may be read', () => {
      const machine = on(['li r1, 0x100000000', 'load16u r0, [r1]', 'store8i [r1], 1', 'halt'])
      assert.deepEqual(machine.run(), fault(0x1_0000_0000n, 'write', 2))
      assert.equal(hex(machine, 0), '0xdec0')
    })

    test('an access across two regions that touch faults and writes nothing', () => {
      const machine = on([
        'li r1, 0x400000140',
        'store64i [r1 - 8], -1',
        'store64i [r1 - 4], 0',
        'halt',
      ])
      assert.equal(machine.memory.resize(0x4_0000_0040, 0x100, true), true)
      assert.equal(machine.memory.resize(0x4_0000_0140, 16, true), true)
      assert.deepEqual(machine.run(), fault(0x4_0000_013cn, 'write', 2))
      assert.deepEqual(machine.memory.read(0x4_0000_0138n, 8), new Uint8Array(8).fill(0xff))
      assert.deepEqual(machine.memory.read(0x4_0000_0140n, 4), new Uint8Array(4))
      assert.equal(machine.memory.read(0x4_0000_013cn, 8), undefined)
    })

    test('nothing is in an empty region', () => {
      const machine = on(['li r1, 0x400000140', 'load8u r0, [r1]', 'halt'])
      assert.deepEqual(machine.run(), fault(0x4_0000_0140n, 'read', 1))
      assert.deepEqual(machine.memory.read(0x4_0000_0140n, 0), new Uint8Array(0))
    })

    test('a fault that the host mends by a longer region goes on', () => {
      const machine = on([
        'li r1, 0x400000000',
        'store64i [r1 + 24], 7',
        'store64i [r1 + 32], 8',
        'store64i [r1 + 40], 9',
        'halt',
      ])
      assert.deepEqual(machine.run(), fault(0x4_0000_0020n, 'write', 2))
      const region = machine.memory.regionAt(0x4_0000_0020n)
      assert.deepEqual(region, { address: 0x4_0000_0000, length: 32, writable: true })
      assert.equal(machine.memory.resize(0x4_0000_0000, 0x41, true), false)
      assert.equal(machine.memory.resize(0x4_0000_0000, 40, true), true)
      assert.deepEqual(machine.run(), fault(0x4_0000_0028n, 'write', 3))
      assert.equal(machine.memory.resize(0x4_0000_0000, 48, true), true)
      assert.equal(machine.run().kind, 'halt')
      assert.equal(machine.gas, 1000n - 5n)
    })

    test('a region that the host changes at a call is what it is afterwards', () => {
      const lines = [
        'li r1, 0x400000000',
        'li r9, 0',
        '&store8i [r1], 1',
        'load8u r0, [r1]',
        'host 1',
        'load8u r3, [r1]',
        'add64i r9, r9, 1',
        'bltu64i r9, 5, b2',
        'halt',
      ]
      const machine = on(lines)
      const { memory } = machine
      assert.equal(machine.run().kind, 'host')
      assert.equal(memory.resize(0x4_0000_0000, 0, true), true)
      assert.deepEqual(machine.run(), fault(0x4_0000_0000n, 'read', 5))
      assert.equal(memory.resize(0x4_0000_0000, 1, true), true)
      assert.equal(machine.run().kind, 'host')
      assert.equal(hex(machine, 3), '0x0', 'bytes that come back are zero')
      assert.equal(memory.resize(0x4_0000_0000, 1, false), true)
      assert.deepEqual(machine.run(), fault(0x4_0000_0000n, 'write', 2))
      assert.equal(hex(machine, 3), '0x1')
      memory.unmap(0x4_0000_0000, 1)
      assert.equal(memory.regionAt(0x4_0000_0000n)?.address, 0x3_0000_0000)
      memory.map(0x4_0000_0000, 9, true)
      assert.equal(machine.run().kind, 'host')
    })

    test('a region of the host may be anywhere and grow as far as there is room', () => {
      const machine = on(['li r1, 0x700000000', '&load8u r0, [r1]', 'host 1', 'jump b1'])
      const { memory } = machine
      memory.map(0x7_0000_0000, 1, true)
      memory.map(0x7_0000_9000, 8, true)
      for (let value = 1; value < 9; value++) {
        assert.ok(memory.write(0x7_0000_0000n, Uint8Array.of(value)))
        assert.equal(machine.run().kind, 'host')
        assert.equal(hex(machine, 0), `0x${value}`)
        assert.equal(memory.resize(0x7_0000_0000, 1 << (value + 4), true), true)
      }
      assert.deepEqual(memory.read(0x7_0000_0001n, 500), new Uint8Array(500))
      assert.equal(memory.resize(0x7_0000_0000, 0x9000, true), true)
      assert.equal(memory.resize(0x7_0000_0000, 0x9001, true), false)
    })

    test('a region that a handler changes in the midst of a run is what it is afterwards', () => {
      const machine = on([
        'li r1, 0x400000000',
        'li r9, 0',
        '&load8u r0, [r1]',
        'add64 r3, r3, r0',
        'host 1',
        'add64i r9, r9, 1',
        'bltu64i r9, 20, b2',
        'halt',
      ])
      const { memory } = machine
      let calls = 0
      const handler = (): boolean => {
        calls++
        if (calls % 5 === 0) {
          memory.unmap(0x4_0000_0000, 1)
          memory.map(0x4_0000_0000, 2, true)
        }
        if (calls === 17) memory.resize(0x4_0000_0000, 0, true)
        else memory.write(0x4_0000_0000n, Uint8Array.of(calls))
        return true
      }
      assert.deepEqual(machine.run(handler), fault(0x4_0000_0000n, 'read', 2))
      assert.equal(calls, 17)
      assert.equal(machine.registers.get(3), BigInt((16 * 17) / 2))
    })

    test('ranges of more lengths than there are slots are checked all the same', () => {
      const lines: string[] = []
      for (let base = 1; base <= 8; base++) {
        lines.push(`li r${base}, ${0x4_0000_0000 + base}`, 'host 1')
        for (let reach = 1; reach <= 23; reach++)
          lines.push(
            `load8u r9, [r${base}]`,
            `load8u r10, [r${base} + ${reach}]`,
            'add64 r11, r11, r10',
            'host 1',
          )
      }
      lines.push('load8u r9, [r8 + 23]', 'load8u r10, [r8 + 24]', 'halt')
      const machine = on(lines)
      assert.ok(
        machine.memory.write(
          0x4_0000_0000n,
          Uint8Array.from({ length: 32 }, (_, i) => i),
        ),
      )
      assert.deepEqual(
        machine.run(() => true),
        fault(0x4_0000_0020n, 'read', lines.length - 2),
      )
      let sum = 0
      for (let base = 1; base <= 8; base++)
        for (let reach = 1; reach <= 23; reach++) sum += base + reach
      assert.equal(machine.registers.get(11), BigInt(sum))
    })

    test('a machine finds nothing of the one whose memory it got', () => {
      const lines = ['li r1, 0x900000000', 'load8u r0, [r1]', 'store8i [r1], 1', 'host 1', 'halt']
      const ir = irOf(lines)
      const program = programOfIr(ir)
      const fresh = engine.instantiate(program, { gas: 1000n })
      const start = fresh.save()
      fresh.dispose()
      for (let round = 0; round < 3; round++) {
        const machine = engine.instantiate(program, { gas: 1000n })
        assert.deepEqual(machine.save(), start)
        machine.pc = 0
        assert.deepEqual(machine.run(), fault(0x9_0000_0000n, 'read', 1))
        const { memory } = machine
        memory.map(0x9_0000_0000, 9, true)
        memory.map(0x9_0000_0100, 9, true)
        memory.resize(0x4_0000_0000, 0x40, true)
        memory.unmap(0x4_0000_0140, 1)
        for (const at of [0x3_0000_0000n, 0x4_0000_0038n, 0x9_0000_0100n])
          assert.ok(memory.write(at, new Uint8Array(8).fill(0xff)))
        assert.equal(machine.run().kind, 'host')
        machine.dispose()
      }
    })

    test('regions that stay as they are refuse everything', () => {
      const { memory } = on(['halt'])
      for (const address of [0, 0x1_0000_0000, 0x2_0000_0000, 0x3_0000_0000]) {
        assert.equal(memory.resize(address, 8, true), false)
        assert.throws(() => memory.map(address, 8, true), RangeError)
        assert.throws(() => memory.unmap(address, 1), RangeError)
      }
    })

    test('a saved state keeps the regions that stay, and the rules of the others', () => {
      const machine = on(['halt'])
      const state = machine.save()
      const { pages, memorySize } = state
      const other = (at: number, length: number, writable = true) =>
        pages.map((page) =>
          page.address === at ? { ...page, writable, bytes: new Uint8Array(length) } : page,
        )
      const wrong: readonly Partial<MachineState>[] = [
        { pages: pages.slice(1), memorySize: memorySize - 0x10 },
        { pages: [...pages].reverse() },
        { pages: other(0x3_0000_0000, 0xff8), memorySize: memorySize - 8 },
        { pages: other(0x3_0000_0000, 0x1000, false) },
        { pages: other(0x4_0000_0000, 0x41), memorySize: memorySize + 0x21 },
        { memorySize: memorySize + 1 },
        { pages: [...pages, ...pages.slice(-1)], memorySize: memorySize + 0x40 },
      ]
      for (const change of wrong)
        assert.throws(() => machine.restore({ ...state, ...change }), VerifyError)
      assert.deepEqual(machine.save(), state)
      machine.restore({
        ...state,
        pages: other(0x4_0000_0000, 0x40),
        memorySize: memorySize + 0x20,
      })
      assert.equal(machine.memory.regionAt(0x4_0000_0000n)?.length, 0x40)
    })

    test('memory that was kept from a disposed machine does not reach the next one', () => {
      const one = on(['halt'])
      const { memory } = one
      one.dispose()
      const two = on(['halt'])
      const before = two.save()
      for (const attempt of [
        () => memory.write(0x3_0000_0000n, Uint8Array.of(1)),
        () => memory.resize(0x4_0000_0000, 0x40, true),
        () => memory.map(0x9_0000_0000, 0x20000, true),
      ])
        try {
          attempt()
        } catch {
          // refusing is as good
        }
      assert.equal(memory.read(0x3_0000_0000n, 8), undefined)
      assert.deepEqual(two.save(), before)
      two.dispose()
    })

    test('regions that overlap, or are over a limit, are refused', () => {
      const { memory } = on(['halt'])
      for (const [address, length] of [
        [0x3_0000_0800, 8],
        [0x2_0000_7fff, 1],
        [0x2_ffff_ffff, 2],
        [0x4_0000_003f, 2],
        [0x4_0000_0040, 0x101],
        [-1, 8],
        [0.5, 8],
        [0x8_0000_0000, -1],
        [0xffff_ffff_ffff, 2],
        [0x8_0000_0000, 0x1000_0000],
      ] as const)
        assert.throws(() => memory.map(address, length, true), RangeError, `${address} ${length}`)
      memory.map(0x4_0000_003f, 1, true)
      assert.equal(memory.resize(0x4_0000_003f, 2, true), false)
      const { size } = memory
      assert.equal(memory.grow(size), true)
      assert.equal(memory.grow(size + 1), false)
    })
  })
})
