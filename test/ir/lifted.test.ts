import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pvmPresets } from '#vm/image/pvm-options'
import { parseIr } from '#vm/ir/parser'
import { printIr } from '#vm/ir/printer'
import type { IrProgram } from '#vm/ir/program'
import { verifyIr } from '#vm/ir/verify'
import { bpfSchedules } from '#vm/isa/bpf/gas'
import { bpfRows } from '#vm/isa/bpf/table'
import { pvmSchedules } from '#vm/isa/pvm/gas'
import { pvmVersions } from '#vm/isa/pvm/versions'
import { liftBpf } from '#vm/lift/bpf'
import { liftPvm } from '#vm/lift/pvm'
import { bpfOf, pvmOf } from './guests.ts'

/** Everything that is promised of a lifted program, whatever the bytes. */
function checkLifted(ir: IrProgram): void {
  verifyIr(ir)
  const text = printIr(ir)
  assert.equal(printIr(parseIr(text)), text)
}

const byte = fc.nat(255)
/** A slot: an opcode that exists, mostly; registers, small offsets and immediates, mostly. */
const slot = fc
  .record({
    code: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...bpfRows.map((row) => row.code)) },
      { weight: 1, arbitrary: byte },
    ),
    registers: fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(fc.nat(10), fc.nat(10)).map(([dst, src]) => dst | (src << 4)),
      },
      { weight: 1, arbitrary: byte },
    ),
    offset: fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -0x8000, max: 0x7fff })),
    imm: fc.oneof(fc.integer({ min: -6, max: 70 }), fc.integer()),
  })
  .map(({ code, registers, offset, imm }) => {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    bytes[0] = code
    bytes[1] = registers
    view.setInt16(2, offset, true)
    view.setInt32(4, imm, true)
    return bytes
  })

test('any eBPF bytes lift to a program that verifies and reads back', () => {
  const places = fc.uniqueArray(fc.nat(30), { maxLength: 6 })
  fc.assert(
    fc.property(
      fc.array(slot, { maxLength: 40 }),
      places,
      places,
      fc.constantFrom(...bpfSchedules.keys()),
      fc.tuple(fc.boolean(), fc.boolean()),
      (slots, starts, taken, gas, [packet, callxHelpers]) => {
        const code = new Uint8Array(slots.length * 8)
        slots.forEach((each, i) => {
          code.set(each, 8 * i)
        })
        const valid = (list: number[]) =>
          list.filter((at) => at < slots.length).sort((a, b) => a - b)
        checkLifted(
          liftBpf(
            bpfOf(code, {
              gas,
              functions: valid(starts).map((pc) => ({ pc, frameSize: 8 * pc })),
              addressTaken: valid(taken),
              packet,
              callxHelpers,
            }),
          ),
        )
      },
    ),
    { numRuns: 600 },
  )
})

test('any PVM octets, bitmask and jump table lift to a program that verifies', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(byte, fc.integer({ min: 1, max: 5 })), { maxLength: 80 }),
      fc.array(fc.oneof(fc.nat(90), fc.nat(0xffffffff)), { maxLength: 5 }),
      fc.constantFrom(...pvmVersions),
      fc.constantFrom(...Object.values(pvmPresets)),
      fc.constantFrom(...pvmSchedules.keys()),
      (octets, jumpTable, version, preset, gas) => {
        const code = Uint8Array.from(octets, ([octet]) => octet)
        const bitmask = new Uint8Array((code.length + 7) >> 3)
        octets.forEach(([, gap], at) => {
          if (at === 0 || gap < 3) bitmask[at >> 3]! |= 1 << (at & 7)
        })
        const options = { ...preset, validateWhole: false }
        checkLifted(liftPvm(pvmOf(code, bitmask, { jumpTable, version, options, gas })))
      },
    ),
    { numRuns: 600 },
  )
})
