import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pvmPresets } from '#vm/image/pvm-options'
import { hasBit } from '#vm/isa/pvm/decode'
import { pvmSchedules } from '#vm/isa/pvm/gas'
import { pvmIsa, pvmVersions } from '#vm/isa/pvm/versions'
import type { Exit } from '#vm/vm/exit'
import type { Machine } from '#vm/vm/machine'
import { pvmMachine, type Setup } from './pvm-machine.ts'
import { anyCode, type Code, codeOf, insnOf } from './pvm-programs.ts'

interface Trial {
  readonly setup: Setup
  readonly code: Code
  readonly jumpTable: Uint32Array
  readonly registers: readonly bigint[]
  readonly pc: number
}

const trials: fc.Arbitrary<Trial> = fc
  .record({
    version: fc.constantFrom(...pvmVersions),
    preset: fc.constantFrom('gp-0.7' as const, 'polkavm' as const, 'polkavm-paging' as const),
    gas: fc.constantFrom(...pvmSchedules.keys()).filter((name) => name !== 'none'),
  })
  .chain((setup) => {
    const isa = pvmIsa(setup.version, pvmPresets[setup.preset])
    const short = insnOf(isa).map((insn) => ({
      ...insn,
      target: ((insn.target << 26) >> 26) >>> 0,
    }))
    return fc.record({
      setup: fc.constant({ ...setup, options: { outOfGasKeepsCounter: true } }),
      code: fc.oneof(
        anyCode,
        fc.array(short, { maxLength: 40, size: 'max' }).map((list) => codeOf(isa, list)),
      ),
      jumpTable: fc.array(fc.nat(60), { maxLength: 4 }).map((list) => Uint32Array.from(list)),
      registers: fc.array(
        fc.oneof(
          fc.constantFrom(2n, 4n, 0x20000n, 0x20ffcn, 0xffff0000n),
          fc.bigInt(0n, (1n << 64n) - 1n),
        ),
        { minLength: 13, maxLength: 13 },
      ),
      pc: fc.oneof(fc.constant(0), fc.nat(20)),
    })
  })

function start({ setup, code, jumpTable, registers, pc }: Trial, limit: bigint): Machine {
  const memory = {
    profile: 'paged32' as const,
    pageSize: 4096,
    regions: [{ address: 0x20000, length: 4096, writable: true }],
    segments: [],
    heap: { start: 0x21000, max: 0x30000 },
  }
  const machine = pvmMachine({ ...code, jumpTable, memory }, { ...setup, limit })
  registers.forEach((value, index) => {
    machine.registers.set(index, value)
  })
  machine.pc = pc
  return machine
}

/** Answers host calls by changing a register, up to another exit. */
function answered(machine: Machine): Exit {
  for (;;) {
    const exit = machine.run()
    if (exit.kind !== 'host') return exit
    machine.registers.set(7, BigInt(exit.id))
  }
}

test('any code runs to an exit, with no more gas taken than there was', () => {
  fc.assert(
    fc.property(trials, fc.bigInt(0n, 400n), (trial, limit) => {
      const machine = start(trial, limit)
      for (let runs = 0; runs < 3; runs++) {
        const before = machine.gas
        const exit = machine.run()
        assert.ok(machine.gas >= 0n && machine.gas <= before)
        if (exit.kind !== 'host') assert.equal(machine.pc, exit.pc)
        for (let i = 0; i < 13; i++) {
          const value = machine.registers.get(i)
          assert.equal(value, BigInt.asUintN(64, value))
          if (trial.setup.version === 'latest32')
            assert.equal(value, BigInt.asUintN(64, BigInt.asIntN(32, value)))
        }
      }
    }),
    { numRuns: 1000 },
  )
})

test('gas given bit by bit buys what it buys at once', () => {
  fc.assert(
    fc.property(trials, fc.nat(150), (trial, limit) => {
      const whole = start(trial, BigInt(limit))
      const expected = answered(whole)
      const bits = start(trial, 0n)
      let exit = answered(bits)
      for (let given = 0; exit.kind === 'outOfGas' && given < limit; given++) {
        // where no instruction is, a run cannot begin: going on differs from running on
        if (!hasBit(trial.code.bitmask, exit.pc)) return
        bits.gas += 1n
        exit = answered(bits)
      }
      // what was given late is left over by the one that ended early
      if (expected.kind !== 'outOfGas') assert.ok(whole.gas >= bits.gas)
      assert.deepEqual(exit, expected)
      assert.deepEqual({ ...bits.save(), gas: 0n }, { ...whole.save(), gas: 0n })
    }),
    { numRuns: 500 },
  )
})

test('stopping and going on in another machine at each exit changes nothing', () => {
  fc.assert(
    fc.property(trials, (trial) => {
      const straight = start(trial, 300n)
      let moved = start(trial, 300n)
      for (let runs = 0; runs < 5; runs++) {
        const exit = straight.run()
        const next = start(trial, 0n)
        next.restore(moved.save())
        moved = next
        assert.deepEqual(moved.run(), exit)
        assert.deepEqual(moved.save(), straight.save())
        if (exit.kind === 'halt' || exit.kind === 'trap') return
      }
    }),
    { numRuns: 500 },
  )
})
