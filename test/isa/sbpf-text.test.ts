import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assembleSbpf,
  decodeSbpf,
  disassembleSbpf,
  encodeSbpf,
  newSbpfInsn,
  type SbpfInsn,
  type SbpfVersionName,
  sbpfForms,
  sbpfIsa,
  sbpfLines,
  sbpfRow,
  sbpfRows,
  sbpfVersions,
} from 'alcatraz-vm/sbpf'
import fc from 'fast-check'
import { AsmError } from '#vm/bits/errors'
import { toHex } from '#vm/bits/hex'
import { hasRow } from '#vm/isa/sbpf/table'
import { sbpfFeatures } from '#vm/isa/sbpf/version'
import { testHash } from './sbpf.ts'

/** An instruction of a version with nothing in the fields that it does not use. */
const insnOf = (version: SbpfVersionName): fc.Arbitrary<SbpfInsn> => {
  const rows = sbpfRows.flatMap((row, i) => (hasRow(row, sbpfFeatures[version]) ? [i] : []))
  const word = fc.integer({ min: -0x80000000, max: 0x7fffffff })
  const fields = { dst: fc.nat(9), src: fc.nat(9), off: fc.integer({ min: -0x8000, max: 0x7fff }) }
  return fc
    .record({ row: fc.constantFrom(...rows), ...fields, imm: word, immHigh: word })
    .map(({ row, ...values }) => {
      const { form, more } = sbpfRows[row]!
      const insn: SbpfInsn = { ...newSbpfInsn(), row, slots: row === sbpfRow.lddw ? 2 : 1 }
      for (const name of ['dst', 'src', 'off', 'imm', 'immHigh'] as const)
        if (name in sbpfForms[form]) insn[name] = values[name]
      if (row === sbpfRow.callx_imm) insn.imm = values.dst
      return { ...insn, src: more.fixed?.src ?? insn.src, imm: more.fixed?.imm ?? insn.imm }
    })
}

for (const version of sbpfVersions) {
  test(`${version}: what is encoded is decoded again`, () => {
    fc.assert(
      fc.property(insnOf(version), (insn) => {
        const out = newSbpfInsn()
        const bytes = encodeSbpf(version, insn)
        decodeSbpf(sbpfIsa(version), bytes, 0, out)
        assert.deepEqual(out, { ...insn, opcode: bytes[0] })
      }),
      { numRuns: 500 },
    )
  })

  test(`${version}: text of code is code again`, () => {
    fc.assert(
      fc.property(fc.array(insnOf(version), { minLength: 1, maxLength: 20 }), (insns) => {
        const code = Uint8Array.from(insns.flatMap((insn) => [...encodeSbpf(version, insn)]))
        const text = disassembleSbpf(code, { version })
        assert.equal(toHex(assembleSbpf(text, { version }).code), toHex(code), text)
      }),
      { numRuns: 200 },
    )
  })

  test(`${version}: text of any octets is these octets again`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 80 }), (octets) => {
        const code = octets.slice(0, octets.length & -8)
        const text = disassembleSbpf(code, { version })
        assert.equal(toHex(assembleSbpf(text, { version }).code), toHex(code), text)
      }),
      { numRuns: 200 },
    )
  })
}

const hex = (source: string, version: SbpfVersionName): string =>
  toHex(assembleSbpf(source, { version, hashOf: testHash }).code)

test('widths may be left out of names of 64 bits', () => {
  assert.equal(
    hex('add r1, 2\n jeq64 r1, r2, +1\n neg r3', 'v0'),
    hex('add64 r1, 2\n jeq r1, r2, 1\n neg64 r3', 'v0'),
  )
})

test('the same text has the opcodes of its version', () => {
  assert.equal(hex('ldxdw r1, [r2+8]', 'v0'), '7921080000000000')
  assert.equal(hex('ldxdw r1, [r2+8]', 'v2'), '9c21080000000000')
  assert.equal(hex('callx r3', 'v0'), '8d00000003000000')
  assert.equal(hex('callx r3', 'v2'), '8d30000000000000')
  assert.equal(hex('callx r3', 'v3'), '8d03000000000000')
})

test('calls name a function by its slot or by the way there, syscalls by a hash', () => {
  const source = 'call f\n syscall second\n exit\n f:\n exit'
  assert.equal(hex(source, 'v0').slice(0, 32), '85000000030000008500000001000050')
  assert.equal(hex(source, 'v3').slice(0, 32), '85100000020000008500000001000050')
  const functions = [...assembleSbpf(source, { version: 'v0', hashOf: testHash }).functions]
  assert.deepEqual(functions, [[3, 3]])
  const names = new Map([[testHash('second'), 'second']])
  const { code } = assembleSbpf(source, { version: 'v0', hashOf: testHash })
  assert.equal(
    disassembleSbpf(code, { version: 'v0', names, functions: new Map(functions) }),
    '  call L3\n  syscall second\n  exit\nL3:\n  exit\n',
  )
})

test('what a version lacks is no instruction of it', () => {
  const refused = (source: string, version: SbpfVersionName): void =>
    assert.throws(() => assembleSbpf(source, { version }), AsmError, `${version} ${source}`)
  refused('jeq32 r1, 2, +1', 'v0')
  refused('lddw r1, 5', 'v2')
  refused('neg64 r1', 'v2')
  refused('hor64 r1, 1', 'v3')
  refused('udiv64 r1, r2', 'v1')
  refused('syscall name', 'v3')
  refused('ja nowhere', 'v0')
  refused('.quad', 'v0')
  assert.equal(assembleSbpf('.fill 3, 0x95', { version: 'v0' }).code.length, 24)
})

test('slots that are no instruction are shown as octets', () => {
  const { code } = assembleSbpf('exit\n .quad 0xff\n lddw r1, 7', { version: 'v0' })
  const texts = [...sbpfLines(code, { version: 'v0' })].map(({ slot, text }) => `${slot} ${text}`)
  assert.deepEqual(texts, ['0 exit', '1 .quad 0x00000000000000ff # no instruction', '2 lddw r1, 7'])
})
