/** Loops that fill or copy memory at once, and those that look like it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recompEngine, referenceEngine } from 'alcatraz-vm'
import { liftProgram } from '#vm/engine/lifted'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { generate } from '#vm/recomp/module'
import { compare, type Trial } from '../laws/compare.ts'
import { memoryProgram } from '../laws/memory-programs.ts'

function agree(text: string, kind: string, gas = 1_000_000n): bigint {
  const plain = memoryProgram(assembleBpf(text).code)
  const bytes = Uint8Array.from({ length: 0x4000 }, (_, i) => i * 167 + (i >> 8) * 13)
  const segments = [{ address: 0x10000, bytes }]
  const program = { ...plain, memory: { ...plain.memory, segments } } as Trial['program']
  const start: Trial['start'] = (machine) => {
    machine.pc = 0
  }
  const { exits, instructions } = compare(referenceEngine, recompEngine, {
    ...{ program, gas, seed: 1, start },
  })
  assert.equal(exits[0]!.kind, kind)
  return instructions
}

const fill = (from: number, to: number): string =>
  `mov r1, ${from}\n lddw r2, 0x4141414141414141\n mov r3, ${to}
  again: stxdw [r1+0], r2\n add r1, 8\n jne r1, r3, again\n exit`
const copy = (from: number, to: number, length: number): string =>
  `mov r1, ${from}\n mov r2, ${to}\n mov r3, ${from + length}
  again: ldxb r0, [r1+0]\n stxb [r2+0], r0\n add r1, 1\n add r2, 1\n jlt r1, r3, again\n exit`

/** Octets of a module's code; `fc 0a` and `fc 0b` are those of copies and fills. */
const has = (text: string, op: string): boolean => {
  const program = memoryProgram(assembleBpf(text).code)
  const module = generate(liftProgram(program))!.bytes
  return Buffer.from(module).toString('hex').includes(op)
}

test('loops that fill or copy have a bulk operation in front of them', () => {
  assert.ok(has(fill(0x10000, 0x10100), 'fc0b00'))
  assert.ok(has(copy(0x10000, 0x11000, 0x100), 'fc0a0000'))
  assert.ok(
    !has(
      copy(0x10000, 0x11000, 0x100).replace('stxb', 'add r0, r5\n add r5, 1\n stxb'),
      'fc0a0000',
    ),
  )
})

test('copies overlap in every way', () => {
  for (const apart of [0, 1, 7, 199, 200, 201])
    for (const sign of [1, -1]) agree(copy(0x10800, 0x10800 + sign * apart, 200), 'halt')
})

test('a loop whose bound was passed goes through once, or on until it faults', () => {
  agree(copy(0x10800, 0x11000, 0), 'halt')
  agree(copy(0x10800, 0x11000, -1000), 'halt')
  agree(fill(0x10800, 0x10808), 'halt')
  agree(fill(0x10800, 0x10800), 'fault')
  agree(fill(0x10800, 0x10bfc), 'fault')
})

test('a fill and a copy to the end of memory halt, and one octet further fault', () => {
  agree(fill(0x13000, 0x14000), 'halt')
  agree(fill(0x13001, 0x14001), 'fault')
  agree(copy(0x10000, 0x13000, 0x1000), 'halt')
  agree(copy(0x10000, 0x13000, 0x1001), 'fault')
  agree(copy(0x10000, 0xfff8, 0x100), 'fault')
})

test('gas ends anywhere in a fill and a copy', () => {
  for (let gas = 180n; gas < 230n; gas++) {
    agree(fill(0x10800, 0x10c00), 'outOfGas', gas)
    agree(copy(0x10800, 0x11000, 400), 'outOfGas', gas)
  }
})

test('what is filled with need not be of one octet', () => {
  agree(fill(0x10800, 0x10c00).replace('0x4141414141414141', '0x4141414141414241'), 'halt')
})

test('a loop around a fill makes each of them at once and is exact', () => {
  const many = `mov r5, 0\n outer:\n ${fill(0x10000, 0x14000).replace('\n exit', '')}
  add r5, 1\n jlt r5, 500, outer\n exit`
  assert.ok(agree(many, 'halt', 10_000_000n) > 3_000_000n)
})
