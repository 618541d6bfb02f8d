import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { liftProgram, type Program } from 'alcatraz-vm'
import {
  decodeContainer,
  linkAvm,
  linkBpf,
  linkPolkavm,
  linkSbpf,
  programOf,
} from 'alcatraz-vm/link'
import { decodePolkavm } from 'alcatraz-vm/pvm'
import { loadRiscv } from 'alcatraz-vm/riscv'
import { loadSbpf } from 'alcatraz-vm/sbpf'

const file = (name: string) => ({
  name,
  bytes: Uint8Array.from(readFileSync(`guests/experiment/objects/sieve-O3-${name}`)),
})
const exports = { exports: ['run'] } as const

const guests: readonly (readonly [isa: string, parse: () => Program])[] = [
  ['avm', () => programOf(decodeContainer(linkAvm([file('rv64b.o')], exports).container))],
  ['bpf', () => programOf(decodeContainer(linkBpf([file('bpf.o')]).container))],
  ['pvm', () => decodePolkavm(linkPolkavm([file('rv64b.o')], 'revive-v1', exports).bytes)],
  ['riscv', () => loadRiscv(file('rv64b.elf').bytes)],
  ['sbpf', () => loadSbpf(linkSbpf([file('sbpf.o')], { version: 'v3' }).elf)],
]

test('lifted programs have one shape: optimised code that reads them is not thrown away', () => {
  setFlagsFromString('--allow-natives-syntax')
  const haveOneShape = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (
    a: object,
    b: object,
  ) => boolean
  assert.equal(haveOneShape({ a: 1 }, { b: 1 }), false)
  for (const [isa, parse] of guests) {
    // V8 learns of what kinds fields are from the first two
    liftProgram(parse())
    liftProgram(parse())
    assert.ok(haveOneShape(liftProgram(parse()), liftProgram(parse())), isa)
  }
})
