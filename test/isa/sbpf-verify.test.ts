import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assembleSbpf,
  type SbpfVersionName,
  sbpfRows,
  sbpfVersions,
  verifySbpf,
} from 'alcatraz-vm/sbpf'
import { hasRow, opcodeOf } from '#vm/isa/sbpf/table'
import { sbpfFeatures } from '#vm/isa/sbpf/version'

const codeOf = (...slots: bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(slots).buffer)
const textOf = (source: string, version: SbpfVersionName = 'v0'): string | undefined =>
  verifySbpf(assembleSbpf(source, { version }).code, version)?.text

const quad = (value: bigint): string => `.quad 0x${value.toString(16)}\n exit`

/** Each rule in the words that tools read, with the slot at fault. */
const refusals: readonly (readonly [string, string, SbpfVersionName?])[] = [
  ['exit\n div64 r1, 0', 'division by 0 (insn #1)'],
  ['mod32 r1, 0', 'division by 0 (insn #0)'],
  ['udiv64 r1, 0', 'division by 0 (insn #0)', 'v2'],
  ['srem32 r1, 0', 'division by 0 (insn #0)', 'v2'],
  [quad(0x11_0000_01dcn), 'unsupported argument for LE/BE (insn #0)'],
  [quad(0x11_0000_01d4n), 'unsupported argument for LE/BE (insn #0)'],
  ['exit\n .quad 0x118', 'LD_DW instruction cannot be last in program'],
  ['.quad 0x118\n exit', 'incomplete LD_DW instruction (insn #0)'],
  ['ja +5\n exit', 'jump out of code to #6 (insn #0)'],
  ['exit\n jeq r1, 2, -9', 'jump out of code to #18446744073709551609 (insn #1)'],
  ['ja +1\n lddw r1, 1\n exit', 'jump to middle of LD_DW at #2 (insn #0)'],
  [quad(0xb1bfn), 'invalid source register (insn #0)'],
  [quad(0xb0_95n), 'invalid source register (insn #0)'],
  ['mov64 r10, 1', 'cannot write into register r10 (insn #0)'],
  ['add64 r10, 64', 'cannot write into register r10 (insn #0)'],
  ['sub64 r10, 64', 'cannot write into register r10 (insn #0)', 'v2'],
  [quad(0x0b_b7n), 'invalid destination register (insn #0)'],
  [quad(0x0d_95n), 'invalid destination register (insn #0)'],
  [quad(0xffn), 'unknown eBPF opcode 0xff (insn #0)'],
  ['exit\n .quad 0', 'unknown eBPF opcode 0x0 (insn #1)'],
  ['lsh32 r1, 32', 'Shift with overflow of 32-bit value by 32 (insn #0)'],
  ['arsh64 r1, 64', 'Shift with overflow of 64-bit value by 64 (insn #0)'],
  ['rsh64 r1, -1', 'Shift with overflow of 18446744073709551615-bit value by 64 (insn #0)'],
  ['callx r10', 'Invalid register specified at instruction 0'],
  ['exit\n callx r10', 'Invalid register specified at instruction 1', 'v2'],
  ['add64 r10, 65', 'Unaligned immediate (insn #0)', 'v1'],
]

for (const [source, text, version] of refusals)
  test(`${version ?? 'v0'} refuses '${source.replaceAll('\n', ';')}': ${text}`, () =>
    assert.equal(textOf(source, version), text))

test('a wrong register of lddw is told with its second slot', () => {
  // solana-sbpf has moved on when it looks at registers
  assert.equal(textOf('lddw r10, 1\n exit'), 'cannot write into register r10 (insn #1)')
})

test('code must be there, in whole slots', () => {
  assert.equal(verifySbpf(new Uint8Array(0), 'v0')?.name, 'NoProgram')
  assert.equal(verifySbpf(new Uint8Array(9), 'v0')?.name, 'ProgramLengthNotMultiple')
})

test('what does not matter is not looked at', () => {
  assert.equal(textOf('add64 r10, 128\n add64 r10, -64\n exit', 'v1'), undefined)
  // fields that are not used, calls of nothing, code that runs past its end
  assert.equal(verifySbpf(codeOf(0xffffffff_ffff0095n & ~0xff00n), 'v0'), undefined)
  assert.equal(verifySbpf(codeOf(0x1234_0000_9985n), 'v3'), undefined)
  assert.equal(textOf('mov64 r1, 1'), undefined)
})

test('the opcodes of a version are those of its rows', () => {
  for (const version of sbpfVersions) {
    const features = sbpfFeatures[version]
    const known = new Set(
      sbpfRows.filter((row) => hasRow(row, features)).map((row) => opcodeOf(row, features)),
    )
    for (let opcode = 0; opcode < 256; opcode++) {
      const code = codeOf(BigInt(opcode) | (16n << 32n), 0n, 0x95n)
      const name = verifySbpf(code, version)?.name
      const pc = verifySbpf(code, version)?.pc
      assert.equal(name === 'UnknownOpCode' && pc === 0, !known.has(opcode), `${version} ${opcode}`)
    }
  }
})
