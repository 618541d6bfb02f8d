import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeError, liftProgram } from 'alcatraz-vm'
import {
  type Container,
  containerLimits,
  contractPvm1,
  decodeContainer,
  encodeContainer,
  identityBytes,
  layoutOf,
  programOf,
} from 'alcatraz-vm/link'
import { pvmContainerOf } from '../chain/contracts.ts'

const source = `
pub @call:
    a0 = a0 + a1
    ret
@other:
    ra = 4, jump @call
@back:
    jump @other
%jump_table = @back @other @back
%ro_data = 01 02 03 04 05
%rw_data = 06 07
`
const whole = pvmContainerOf(source, ['az_set'], {
  bssSize: 5000,
  symbols: [{ name: 'call', pc: 0 }],
})
const none = new Uint8Array(0)

test('a container of PVM code comes back as it was', () => {
  assert.equal(whole.addressTaken.length, 3)
  const bytes = encodeContainer(whole)
  assert.deepEqual(decodeContainer(bytes), whole)
  assert.deepEqual(encodeContainer(decodeContainer(bytes)), bytes)
  const stripped = encodeContainer({ ...whole, symbols: [] })
  assert.deepEqual(identityBytes(bytes), stripped)
})

test('the smallest program of PVM, byte by byte', () => {
  const text = (s: string): string => Buffer.from(s, 'latin1').toString('hex')
  const least = pvmContainerOf('pub @f:\n trap', [], { stackSize: 4096 })
  const expected = [
    `${text('ALCZ')}0104`,
    `01150e${text('contract-pvm-1')}05${text('pvm-1')}`,
    '0203802000',
    `04040101${text('f')}00`,
    '070100',
    '0a0101',
  ]
  assert.equal(Buffer.from(encodeContainer(least)).toString('hex'), expected.join(''))
})

test('memory of a contract of PVM is as docs/contract-pvm.md says', () => {
  const program = programOf(whole)
  assert.ok(program.isa === 'pvm')
  assert.equal(program.version, contractPvm1.version)
  assert.deepEqual([...program.jumpTable], whole.addressTaken)
  assert.deepEqual(layoutOf(whole), {
    stack: { low: 0xfffd0000, high: 0xfffe0000 },
    readOnly: 0x10000,
    data: 0x30000,
    bss: 0x30002,
    end: 0x32000,
  })
  assert.deepEqual(program.memory, {
    profile: 'paged32',
    pageSize: 4096,
    regions: [
      { address: 0x10000, length: 0x1000, writable: false },
      { address: 0x30000, length: 0x2000, writable: true },
      { address: 0xfffd0000, length: 0x10000, writable: true },
    ],
    segments: [
      { address: 0x10000, bytes: Uint8Array.of(1, 2, 3, 4, 5) },
      { address: 0x30000, bytes: Uint8Array.of(6, 7) },
    ],
    // 16 MiB, of which 19 pages are there
    heap: { start: 0x32000, max: 0x32000 + 0x1000000 - 0x13000 },
  })
  assert.deepEqual(program.start, [0xffff0000n, 0xfffe0000n])
  const { memory } = programOf(whole, { maxMemory: 4096 })
  assert.ok(memory.profile === 'paged32')
  assert.deepEqual(memory.heap, { start: 0x32000, max: 0x32000 })
})

test('rules of PVM code in a container are kept by encoder and decoder', () => {
  const { code, bitmask } = whole
  assert.ok(bitmask !== undefined && code.length % 8 !== 0)
  const changed = (at: number, or: number): Uint8Array => {
    const copy = bitmask.slice()
    copy[at]! ^= or
    return copy
  }
  const { bitmask: _, ...maskless } = whole
  const cases: readonly [Container, string][] = [
    [maskless, 'bitmask'],
    [{ ...whole, bitmask: bitmask.slice(1) }, 'bitmask'],
    [{ ...whole, bitmask: changed(0, 1) }, 'bitmask'],
    [{ ...whole, bitmask: changed(bitmask.length - 1, 0x80) }, 'bitmask'],
    [{ ...whole, functions: [{ pc: 0, frameSize: 0 }] }, 'functionStart'],
    [{ ...whole, exports: [{ name: 'call', pc: 1 }] }, 'exportTarget'],
    [{ ...whole, exports: [{ name: 'call', pc: code.length }] }, 'exportTarget'],
    [{ ...whole, addressTaken: [code.length] }, 'slotOutside'],
    [{ ...whole, addressTaken: [-1] }, 'slotOutside'],
    [{ ...whole, addressTaken: new Array<number>(code.length + 1).fill(0) }, 'countTooLarge'],
    [{ ...whole, code: none, bitmask: none, exports: [] }, 'codeSize'],
    [{ ...whole, bssSize: containerLimits.memoryBytes }, 'memoryTooLarge'],
    // in pages each part takes one more
    [{ ...whole, bssSize: containerLimits.memoryBytes - 0x10000 - 0x1000 }, 'memoryTooLarge'],
    [{ ...whole, stackSize: 0 }, 'stackSize'],
  ]
  for (const [container, code] of cases)
    assert.throws(
      () => encodeContainer(container),
      (error) => error instanceof DecodeError && error.code === code,
      code,
    )
  encodeContainer({ ...whole, bssSize: containerLimits.memoryBytes - 0x10000 - 0x1000 - 2 })
  const bytes = encodeContainer(whole)
  const asAvm = bytes.slice()
  asAvm[5] = 2
  assert.throws(() => decodeContainer(asAvm), { code: 'unknownSection' })
  assert.throws(() => encodeContainer(whole, { packed: true }), { code: 'codeKind' })
})

test('code of PVM is valid as a whole, or the program is not lifted', () => {
  const lifted = (text: string) => liftProgram(programOf(pvmContainerOf(text)))
  lifted('pub @call:\n trap')
  // no terminator at the end; `sbrk` of other versions; an opcode that is none
  assert.throws(() => lifted('pub @call:\n a0 = 1'), { code: 'openEnd' })
  const broken = pvmContainerOf('pub @call:\n trap')
  for (const opcode of [4, 255])
    assert.throws(() => liftProgram(programOf({ ...broken, code: Uint8Array.of(opcode) })), {
      code: 'invalidInstruction',
    })
  const sbrk = { ...broken, code: Uint8Array.of(101, 0x77, 0), bitmask: Uint8Array.of(0b101) }
  assert.doesNotThrow(
    () => liftProgram(programOf(sbrk)),
    'an instruction of jam-v1 has this number',
  )
  const other = { ...broken, code: Uint8Array.of(111, 0x77, 0), bitmask: Uint8Array.of(0b101) }
  assert.throws(() => liftProgram(programOf(other)), { code: 'invalidInstruction' })
})
