import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  drive,
  type Engine,
  hostOf,
  interpEngine,
  recompEngine,
  referenceEngine,
} from 'alcatraz-vm'
import {
  disassembleRiscv,
  encodeRiscv,
  executableHost,
  loadRiscv,
  type RiscvName,
  riscvDecoder,
  riscvRows,
  startRiscv,
} from 'alcatraz-vm/riscv'
import fc from 'fast-check'
import { InputError } from '#vm/bits/errors'
import { riscvExecutable } from './riscv-writer.ts'

type Operands = Partial<Record<'rd' | 'rs1' | 'rs2' | 'imm', number>>

function codeOf(lines: readonly (readonly [RiscvName, Operands])[], wide = true): Uint8Array {
  const words = lines.map(([name, operands]) => {
    const row = riscvRows.findIndex((r) => r.name === name && r.width !== (wide ? 'rv32' : 'rv64'))
    return encodeRiscv(row, { rd: 0, rs1: 0, rs2: 0, imm: 0, ...operands })!
  })
  return new Uint8Array(Int32Array.from(words).buffer)
}

const text = new TextEncoder().encode('hello\n')
/** Writes `hello`, and exits with 7. */
const hello = codeOf([
  ['addi', { rd: 10, imm: 1 }],
  ['lui', { rd: 11, imm: 0x20000 }],
  ['addi', { rd: 12, imm: text.length }],
  ['addi', { rd: 17, imm: 64 }],
  ['ecall', {}],
  ['addi', { rd: 10, imm: 7 }],
  ['addi', { rd: 17, imm: 93 }],
  ['ecall', {}],
])
const data = { at: 0x20000, bytes: text, memoryBytes: 4096 }

function run(file: Uint8Array, engine: Engine): { kind: string; code: bigint; output: string } {
  const program = loadRiscv(file)
  const machine = engine.instantiate(program, { gas: 1000n })
  startRiscv(machine)
  let output = ''
  const host = executableHost((_descriptor, bytes) => {
    output += new TextDecoder().decode(bytes)
  })
  const { kind } = drive(machine, hostOf(program, host))
  const code = machine.registers.get(10)
  machine.dispose()
  return { kind, code, output }
}

for (const wide of [true, false])
  for (const at of [0x10000, 0x8000_0000])
    test(`an executable of RV${wide ? 64 : 32} at ${at.toString(16)} writes and exits`, () => {
      const file = riscvExecutable({ wide, at, code: hello, data })
      for (const engine of [referenceEngine, interpEngine, recompEngine])
        assert.deepEqual(run(file, engine), { kind: 'halt', code: 7n, output: 'hello\n' })
    })

test('an address that is neither mapped nor a pointer ends the run as a trap of the guest', () => {
  const file = riscvExecutable({ wide: true, at: 0x10000, code: hello })
  assert.equal(run(file, interpEngine).kind, 'trap')
})

test('what is no static executable is refused with what would be one', () => {
  const parts = { wide: true, at: 0x10000, code: hello }
  const refused = (more: object, code: string): void => {
    assert.throws(() => loadRiscv(riscvExecutable({ ...parts, ...more })), { code })
  }
  refused({ type: 1 }, 'notExecutable')
  refused({ machine: 62 }, 'notRiscv')
  refused({ flags: 4 }, 'floatAbi')
  refused({ entry: 0x9000 }, 'badEntry')
  refused({ data: { ...data, at: 0x10004 } }, 'overlap')
  refused({ data: { ...data, at: 0xfffe_f000 } }, 'overlap')
  refused({ data: { ...data, memoryBytes: 0x5000_0000 } }, 'tooLarge')
  assert.throws(() => loadRiscv(new Uint8Array(10)), { code: 'truncated' })
})

test('damaged executables load or are refused', () => {
  const file = riscvExecutable({ wide: true, at: 0x10000, code: hello, data })
  const change = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 })
  fc.assert(
    fc.property(change, fc.nat(file.length), (octets, length) => {
      const bytes = file.slice(0, length < 20 ? file.length : length)
      for (const [at, octet] of octets) if (at < bytes.length) bytes[at] = octet
      try {
        loadRiscv(bytes)
      } catch (error) {
        assert.ok(error instanceof InputError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('code is printed with addresses and labels', () => {
  const code = codeOf([
    ['addi', { rd: 10, imm: 1 }],
    ['bne', { rs1: 10, rs2: 0, imm: -4 }],
    ['sd', { rs1: 2, rs2: 1, imm: 8 }],
  ])
  const decoder = riscvDecoder('rv64', false)
  assert.equal(
    disassembleRiscv(decoder, code, 0x10000, new Map()),
    [
      'L0:',
      '  10000: 00100513  addi a0, zero, 1',
      '  10004: fe051ee3  bne a0, zero, L0',
      '  10008: 00113423  sd ra, 8(sp)',
      '',
    ].join('\n'),
  )
})
