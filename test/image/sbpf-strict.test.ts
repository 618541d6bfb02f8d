import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SbpfElfError } from '#vm/image/sbpf/errors'
import { readSbpf } from '#vm/image/sbpf/read'
import { slots } from '../link/elf-writer.ts'
import { spoilt, strictElf } from './sbpf-writer.ts'

const text = slots('8500000000000000 9500000000000000')
const rodata = new TextEncoder().encode('read only data: ')
const withData = strictElf({ text, rodata, entry: 8 })
const codeOnly = strictElf({ text })

function refused(bytes: Uint8Array, kind: string, message: string): void {
  assert.throws(
    () => readSbpf(bytes),
    (error) => {
      assert.ok(error instanceof SbpfElfError, String(error))
      assert.deepEqual([error.kind, error.what], [kind, message])
      return true
    },
  )
}
const badHeader = (bytes: Uint8Array): void =>
  refused(bytes, 'FailedToParse', 'Failed to parse ELF file: invalid file header')
const badSegment = (bytes: Uint8Array): void =>
  refused(bytes, 'InvalidProgramHeader', 'Invalid ELF program header')

test('data at zero, code at 2^32, calls as they are', () => {
  const elf = readSbpf(withData)
  assert.equal(elf.version, 'v3')
  assert.deepEqual([elf.textAddress, elf.entryPc], [2 ** 32, 1])
  assert.deepEqual(elf.code, text)
  assert.deepEqual(elf.rodata, { address: 0, bytes: rodata })
  assert.equal(elf.functions.size, 0)
})

test('data may be missing', () => {
  const elf = readSbpf(codeOnly)
  assert.deepEqual(elf.rodata, { address: 0, bytes: new Uint8Array(0) })
  assert.deepEqual(elf.code, text)
})

test('V4 is as strict, where it is enabled', () => {
  const bytes = strictElf({ text, version: 4 })
  assert.equal(readSbpf(bytes, { versions: ['v0', 'v4'] }).version, 'v4')
  assert.throws(() => readSbpf(bytes), /not enabled/)
})

test('fields of the header have one value each', () => {
  const fields: readonly [at: number, value: bigint, width: number][] = [
    ...([0, 4, 5, 6].map((at) => [at, 9n, 1]) as [number, bigint, number][]),
    ...([7, 8, 9, 12, 15].map((at) => [at, 1n, 1]) as [number, bigint, number][]),
    ...([
      [18, 263n, 2],
      [20, 2n, 4],
      [32, 72n, 8],
      [52, 65n, 2],
      [54, 64n, 2],
      [56, 0n, 2],
      [56, 1n, 2],
      [56, 999n, 2],
    ] as [number, bigint, number][]),
  ]
  for (const [at, value, width] of fields) badHeader(spoilt(withData, at, value, width))
  // these are not looked at
  for (const at of [16, 40, 58, 60, 62]) readSbpf(spoilt(withData, at, 0x77n, 1))
})

test('fields of the segments have one value each', () => {
  for (const header of [64, 64 + 56]) {
    const fields: readonly [at: number, value: bigint, width: number][] = [
      ...([
        [0, 2n, 4],
        [8, 64n, 8],
        [8, 1n << 60n, 8],
        [16, 0x77n, 8],
        [24, 0x77n, 8],
        [32, 8n, 8],
        [32, 1n << 60n, 8],
        [40, 8n, 8],
      ] as [number, bigint, number][]),
    ]
    for (const [at, value, width] of fields) badSegment(spoilt(withData, header + at, value, width))
  }
  // without the readable flag the first segment counts as the code
  badSegment(spoilt(withData, 64 + 4, 5n, 4))
  badSegment(spoilt(withData, 64 + 56 + 4, 5n, 4))
  const odd = strictElf({ text, rodata: rodata.slice(0, 12) })
  badSegment(odd)
})

test('the entry is a slot of the code', () => {
  const at = (entry: number): Uint8Array => strictElf({ text, rodata, entry })
  for (const entry of [4, 16, 24, -8]) badHeader(at(entry))
  badHeader(spoilt(withData, 24, (1n << 64n) - 8n))
  assert.equal(readSbpf(at(0)).entryPc, 0)
})

test('bytes behind the code belong to nothing', () => {
  const longer = new Uint8Array(withData.length + 100)
  longer.set(withData)
  assert.deepEqual(readSbpf(longer).code, text)
  badSegment(withData.slice(0, withData.length - 1))
})
