import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AsmError } from '#vm/bits/errors'
import { toHex } from '#vm/bits/hex'
import { contractEbpf1 } from '#vm/image/contract'
import { assembleBpf, bpfCodeBase } from '#vm/isa/bpf/asm'
import { decodeBpf, encodeBpf, newBpfInsn } from '#vm/isa/bpf/decode'
import { bpfStarts, disassembleBpf, printBpf } from '#vm/isa/bpf/disasm'
import { bpfAliases, bpfRow, bpfRows } from '#vm/isa/bpf/table'
import { anyCode, anyInsn } from './bpf-arbitrary.ts'

test('assemble after print is encode, for every instruction', () => {
  fc.assert(
    fc.property(anyInsn, (insn) => {
      assert.equal(toHex(assembleBpf(printBpf(insn)).code), toHex(encodeBpf(insn)))
    }),
    { numRuns: 3000 },
  )
})

test('assemble after disassemble is the identity, whatever the names', () => {
  const names = fc.array(fc.tuple(fc.nat(45), fc.string()), { maxLength: 6 })
  const taken = fc.array(fc.nat(45), { maxLength: 4 })
  fc.assert(
    fc.property(anyCode, names, taken, (code, symbols, addressTaken) => {
      const text = disassembleBpf(code, { symbols: new Map(symbols), addressTaken })
      assert.equal(toHex(assembleBpf(text).code), toHex(code), text)
    }),
    { numRuns: 2000 },
  )
})

test('names that clash with each other or with made labels stay apart', () => {
  const { code } = assembleBpf('ja +1\nmov r0, 1\nmov r0, 2\nexit')
  const symbols = new Map([
    [0, 'f'],
    [1, 'f'],
    [2, 'exit'],
    [3, 'L2'],
  ])
  const text = disassembleBpf(code, { symbols })
  assert.equal(toHex(assembleBpf(text).code), toHex(code))
  assert.equal(assembleBpf(text).labels.size, 4)
})

test('taken addresses survive text', () => {
  const source = 'lddw r1, there\ngotox r1\nexit\nthere: mov r0, 7\nexit\n'
  const first = assembleBpf(source)
  assert.deepEqual(first.addressTaken, [4])
  const text = disassembleBpf(first.code, { addressTaken: first.addressTaken })
  const second = assembleBpf(text)
  assert.equal(toHex(second.code), toHex(first.code))
  assert.deepEqual(second.addressTaken, [4])
})

test('code addresses are those of the contract profile', () => {
  assert.equal(bpfCodeBase, contractEbpf1.codeBase)
})

test('every alias means its row', () => {
  for (const [syntax, name] of bpfAliases) {
    const text = syntax.replace('{dst}', 'r3').replace('{imm}', name === 'gotol' ? '+3' : '3')
    const insn = newBpfInsn()
    decodeBpf(assembleBpf(text).code, 0, insn)
    assert.equal(bpfRows[insn.row]!.name, name)
  }
})

test('% before a register is optional', () => {
  assert.equal(
    toHex(assembleBpf('ldxdw %r0, [%r1+2]').code),
    toHex(assembleBpf('ldxdw r0,[r1 + 2]').code),
  )
})

test('targets: labels forward and backward, distances, the first exit', () => {
  const { code, labels } = assembleBpf('a: jeq r1, 0, exit\n ja a\n ja +0\n exit\n exit')
  const offs = [0, 1, 2].map((slot) => {
    const insn = newBpfInsn()
    decodeBpf(code, slot, insn)
    return insn.off
  })
  assert.deepEqual(offs, [2, -2, 0])
  assert.deepEqual([...labels], [['a', 0]])
})

test('starts leave out the second slot of lddw', () => {
  const { code } = assembleBpf('lddw r1, 5\nexit\n.quad 0x18\nexit')
  assert.deepEqual([...bpfStarts(code)], [1, 0, 1, 1, 1])
})

test('.quad takes any 64 bits', () => {
  assert.equal(toHex(assembleBpf('.quad -1').code), 'ffffffffffffffff')
  assert.equal(toHex(assembleBpf('.quad 0x95').code), '9500000000000000')
})

test('a listing shows slots, bytes and names of host calls', () => {
  const { code } = assembleBpf('call 1\nexit')
  const text = disassembleBpf(code, { listing: true, imports: ['zero', 'az_log'] })
  assert.match(text, /^ {5}0 {2}8500000001000000 +call 1 # az_log$/m)
})

const refused: readonly (readonly [string, string, number])[] = [
  ['mov r0, 1\nfrob r1', 'unknownInstruction', 2],
  ['mov r10, 1', 'badOperand', 1],
  ['mov32 r0, 2147483648', 'badOperand', 1],
  ['mov32 r0, 0x100000000', 'badOperand', 1],
  ['ldxb r0, r1', 'badOperand', 1],
  ['ldxb r0, [r1+0x10000]', 'badOperand', 1],
  ['lock', 'operandCount', 1],
  ['lock or [r10-8]', 'operandCount', 1],
  ['lddw r0', 'operandCount', 1],
  ['exit exit', 'operandCount', 1],
  ['ja nowhere', 'unknownLabel', 1],
  ['ja exit', 'unknownLabel', 1],
  ['a:\na:', 'duplicateLabel', 2],
  ['.word 5', 'badOperand', 1],
  ['.quad', 'badOperand', 1],
  ['.quad 1 2', 'badOperand', 1],
  [`ja far\n${'exit\n'.repeat(40000)}far: exit`, 'tooFar', 1],
]
for (const [source, code, line] of refused) {
  test(`${JSON.stringify(source.slice(0, 40))} is refused: ${code}`, () => {
    assert.throws(
      () => assembleBpf(source),
      (error) => error instanceof AsmError && error.code === code && error.offset === line,
    )
  })
}

test('any text is assembled or refused with an AsmError', () => {
  const piece = fc.constantFrom('mov', 'r0', ',', 'lock', 'fetch', 'add', '[', ']', '+1', '\n', ':')
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (parts) => {
      try {
        assembleBpf(parts.join(' '))
      } catch (error) {
        assert.ok(error instanceof AsmError, String(error))
      }
    }),
  )
})

test('an unknown register is named with its %', () => {
  assert.throws(() => assembleBpf('or %r0, %r50'), /expected a register .*, found '%r50'/)
})

test('call has three spellings', () => {
  const rowOf = (text: string): number => {
    const insn = newBpfInsn()
    decodeBpf(assembleBpf(text).code, 0, insn)
    return insn.row
  }
  assert.equal(rowOf('call 5'), bpfRow.call)
  assert.equal(rowOf('call %r2'), bpfRow.callx)
  assert.equal(rowOf('call local +0'), bpfRow.call_local)
})
