import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { blockStartsOf, decodePvm, hasBit, newPvmInsn, skipAt } from '#vm/isa/pvm/decode'
import { encodePvm, maxEncoded } from '#vm/isa/pvm/encode'
import { isTerminator, pvmRows, rowOf } from '#vm/isa/pvm/table'
import { pvmIsa } from '#vm/isa/pvm/versions'
import { anyCode, anyIsa, codeOf, insnOf } from './pvm-programs.ts'

test('decoding gives back what was encoded', () => {
  const any = anyIsa.chain((isa) => fc.tuple(fc.constant(isa), insnOf(isa), fc.nat(30)))
  fc.assert(
    fc.property(any, ([isa, insn, pc]) => {
      const out = new Uint8Array(maxEncoded)
      const length = encodePvm(isa, { ...insn, target: (insn.target + pc) >>> 0 }, pc, out)
      const code = new Uint8Array(pc + length)
      code.set(out.subarray(0, length), pc)
      const bitmask = new Uint8Array((code.length + 7) >>> 3)
      bitmask[pc >>> 3]! |= 1 << (pc & 7)
      const found = newPvmInsn()
      decodePvm(isa, code, bitmask, pc, found)
      const form = pvmRows[insn.row]!.form
      const moved = /[oO]ffset$/.test(form) ? (insn.target + pc) >>> 0 : 0
      assert.deepEqual(found, { ...insn, length, target: moved })
    }),
    { numRuns: 2000 },
  )
})

test('a version that lacks an instruction cannot encode it', () => {
  const insn = { ...newPvmInsn(), row: rowOf.memset }
  assert.equal(encodePvm(pvmIsa('jam-v1'), insn, 0, new Uint8Array(maxEncoded)), 0)
})

test('any octets decode, in steps of 1 to 25 octets, to registers and immediates in range', () => {
  fc.assert(
    fc.property(anyIsa, anyCode, (isa, { code, bitmask }) => {
      const insn = newPvmInsn()
      for (let pc = 0; pc < code.length + 3; pc++) {
        decodePvm(isa, code, bitmask, pc, insn)
        assert.ok(insn.length >= 1 && insn.length <= 25)
        assert.ok(insn.row >= -1 && insn.row < pvmRows.length)
        if (!hasBit(bitmask, pc)) assert.equal(insn.row, -1)
        for (const register of [insn.rA, insn.rB, insn.rD])
          assert.ok(register >= 0 && register <= 12)
        for (const imm of [insn.immX, insn.immY]) assert.equal(imm, imm | 0)
        assert.equal(insn.target, insn.target >>> 0)
      }
    }),
  )
})

test('the skip is the distance to the next start, the end or 24', () => {
  fc.assert(
    fc.property(anyCode, ({ code, bitmask }) => {
      for (let pc = 0; pc < code.length; pc++) {
        let skip = 0
        while (skip < 24 && pc + 1 + skip < code.length && !hasBit(bitmask, pc + 1 + skip)) skip++
        assert.equal(skipAt(code.length, bitmask, pc), skip)
      }
    }),
  )
})

test('blocks start at 0 and after terminators, where an instruction is', () => {
  const programs = anyIsa.chain((isa) =>
    fc.tuple(
      fc.constant(isa),
      fc.oneof(
        anyCode,
        fc.array(insnOf(isa), { maxLength: 30 }).map((list) => codeOf(isa, list)),
      ),
    ),
  )
  fc.assert(
    fc.property(programs, ([isa, { code, bitmask }]) => {
      const starts = blockStartsOf(code, bitmask, isa)
      const known = (pc: number): boolean =>
        hasBit(bitmask, pc) && isa.rowByCode[code[pc]!]! >= 0 && pc < code.length
      for (let pc = 0; pc < code.length; pc++) {
        let before = pc - 1
        while (before >= 0 && !hasBit(bitmask, before)) before--
        const follows =
          pc === 0 ||
          (before >= 0 &&
            pc - before <= 25 &&
            known(before) &&
            isTerminator(isa.rowByCode[code[before]!]!))
        assert.equal(hasBit(starts, pc), follows && known(pc), `at ${pc}`)
      }
    }),
  )
})

test('octets past the end of the code read as zero', () => {
  const insn = newPvmInsn()
  const isa = pvmIsa('latest64')
  decodePvm(isa, Uint8Array.of(20, 7, 0xff), Uint8Array.of(1), 0, insn)
  assert.deepEqual([insn.rA, insn.imm64Low, insn.imm64High], [7, 0xff, 0])
})

test('the third register is masked in the crate and clamped in the paper', () => {
  const insn = newPvmInsn()
  const code = Uint8Array.of(200, 0x21, 0x13)
  decodePvm(pvmIsa('latest64'), code, Uint8Array.of(1), 0, insn)
  assert.equal(insn.rD, 3)
  decodePvm(pvmIsa('gp-0.7', { wideThirdRegister: true }), code, Uint8Array.of(1), 0, insn)
  assert.equal(insn.rD, 12)
})
