import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { ObjectInput } from 'alcatraz-vm/link'
import { encodeRiscv, type RiscvName, riscvRows } from 'alcatraz-vm/riscv'
import { InputError } from '#vm/bits/errors'
import { riscvLayout } from '#vm/link/riscv-layouts'
import { linkRiscv, type RiscvLinkOptions } from '#vm/link/riscv-link'
import { alloc, buildElf, exec, type TestSection, type TestSymbol } from './elf-writer.ts'

export const riscvFolder = new URL('../../../guests/riscv/', import.meta.url)

/** Checked-in files of guests/riscv. */
export function riscvGuests(...names: readonly string[]): ObjectInput[] {
  return names.map((name) => ({
    name,
    bytes: new Uint8Array(readFileSync(new URL(`objects/${name}`, riscvFolder))),
  }))
}

type Operands = Partial<Record<'rd' | 'rs1' | 'rs2' | 'imm', number>>

/** Instructions of 32 bits. */
export function words(...lines: readonly (readonly [RiscvName, Operands?])[]): Uint8Array {
  const encoded = lines.map(([name, operands]) => {
    const row = riscvRows.findIndex((r) => r.name === name && r.width !== 'rv32')
    return encodeRiscv(row, { rd: 0, rs1: 0, rs2: 0, imm: 0, ...operands })!
  })
  return new Uint8Array(Int32Array.from(encoded).buffer)
}

export const ret = ['jalr', { rs1: 1 }] as const
/** What assemblers leave for a linker to complete. */
export const callPair: readonly (readonly [RiscvName, Operands])[] = [
  ['auipc', { rd: 1 }],
  ['jalr', { rd: 1, rs1: 1 }],
]

export function text(
  bytes: Uint8Array,
  relocations: NonNullable<TestSection['relocations']> = [],
  name = '.text',
): TestSection {
  const list = relocations.map((entry) => ({ addend: 0n, ...entry }))
  return {
    name,
    flags: alloc | exec,
    bytes,
    align: 4,
    ...(list.length > 0 && { relocations: list }),
  }
}

export function func(
  name: string,
  value = 0,
  size = 0,
  more: Partial<TestSymbol> = {},
): TestSymbol {
  return { name, section: '.text', type: 2, value: BigInt(value), size: BigInt(size), ...more }
}

export function objectOf(
  sections: readonly TestSection[],
  symbols: readonly TestSymbol[],
  name = 'a.o',
): ObjectInput {
  return { name, bytes: buildElf(sections, symbols, { machine: 243 }) }
}

export function link(
  inputs: readonly ObjectInput[],
  options: Partial<RiscvLinkOptions> = {},
): ReturnType<typeof linkRiscv> {
  return linkRiscv(inputs, { layout: riscvLayout, ...options })
}

/** The inputs are refused with the code, and a message that has the part. */
export function refused(
  inputs: readonly ObjectInput[],
  code: string,
  part = '',
  options: Partial<RiscvLinkOptions> = {},
): void {
  assert.throws(
    () => link(inputs, options),
    (error) => {
      assert.ok(error instanceof InputError, String(error))
      assert.equal(error.code, code, error.message)
      assert.ok(error.message.includes(part), error.message)
      return true
    },
  )
}
