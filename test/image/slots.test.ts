import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeError, InputError, interpEngine, recompEngine, referenceEngine } from 'alcatraz-vm'
import {
  assembleAvm,
  avmInsn,
  disassembleAvm,
  encodeAvm,
  maxSlots,
  startAvm,
  validateAvm,
} from 'alcatraz-vm/avm'
import { decodeContainer, encodeContainer, identityBytes, programOf } from 'alcatraz-vm/link'
import { avmSlots } from '#vm/isa/avm/slots'
import { difference } from '../laws/compare.ts'

const source = `
.import now
.func main frame=16 args=2 slots=33 export
  setslot 32, r0
  setslot 3, r1
  call deep
  host now
  getslot r1, 32
  add64 r0, r0, r1
  getslot r1, 3
  add64 r0, r0, r1
  ret
.func deep args=1 slots=4
  getslot r1, 3
  setslot 3, r0
  beq64i r0, 0, done
  add64i r0, r0, -1
  call deep
  getslot r2, 3
  add64 r0, r0, r2
  add64 r0, r0, r1
done:
  ret
.func plain
  ret
`

const program = (() => {
  const made = programOf(decodeContainer(assembleAvm(source)))
  assert.ok(made.isa === 'avm')
  return made
})()

test("a container and its text keep functions' slots", () => {
  const bytes = assembleAvm(source)
  const container = decodeContainer(bytes)
  assert.deepEqual(
    container.functions.map(({ slots }) => slots),
    [33, 4, 0],
  )
  assert.deepEqual(encodeContainer(container), bytes)
  const packed = encodeContainer(container, { packed: true })
  assert.deepEqual(decodeContainer(packed), container)
  assert.deepEqual(identityBytes(packed), identityBytes(bytes))
  const again = assembleAvm(disassembleAvm(program, container))
  assert.deepEqual(identityBytes(again), identityBytes(bytes))
  // a function with slots takes a byte more
  const without = { ...container, functions: container.functions.map((f) => ({ ...f, slots: 0 })) }
  assert.equal(encodeContainer(without).length, bytes.length - 2)
  for (const slots of [maxSlots + 1, -1, undefined])
    assert.throws(
      () => {
        const functions = container.functions.map((f) => ({ ...f, slots: slots! }))
        encodeContainer({ ...container, functions })
      },
      (error) => error instanceof DecodeError && error.code === 'slots',
    )
})

test('code names slots that its function has, and no others', () => {
  const encoded = (slots: number, k: number) =>
    encodeAvm({
      functions: [
        {
          frameSize: 0,
          args: 0,
          slots,
          insns: [avmInsn('setslot', { a: 3, imm: k }), avmInsn('ret')],
        },
      ],
      codeTable: [],
    })
  const codeOf = (run: () => unknown): string => {
    try {
      run()
      return 'fine'
    } catch (error) {
      return error instanceof InputError ? error.code : String(error)
    }
  }
  assert.deepEqual(
    [0, 15, 16, 31, 32, 127].map((k) => encoded(128, k).code.length - 1),
    [2, 2, 2, 2, 3, 3],
  )
  assert.equal(
    codeOf(() => encoded(5, 5)),
    'slot',
  )
  assert.equal(
    codeOf(() => encoded(128, 128)),
    'operand',
  )
  assert.equal(
    codeOf(() => encoded(129, 5)),
    'slots',
  )
  for (const [slots, want] of [
    [41, 'fine'],
    [40, 'slot'],
    [0, 'slot'],
  ] as const) {
    const { code } = encoded(41, 40)
    const shape = { code, functions: [{ pc: 0, frameSize: 0, slots }], codeTable: [], imports: 0 }
    assert.equal(
      codeOf(() => validateAvm(shape)),
      want,
    )
  }
})

test('functions that jump64 may go between have the slots of the one with most', () => {
  const insns = [avmInsn('mov', { a: 1, b: 2 }), avmInsn('ret')]
  const functions = [
    { frameSize: 0, args: 0, slots: 2, insns: [avmInsn('jump64', { b: 1 })] },
    { frameSize: 0, args: 0, slots: 5, insns },
    { frameSize: 0, args: 0, slots: 9, insns },
  ]
  const counts = (codeTable: readonly { function: number; insn: number }[]): number[] => {
    const made = encodeAvm({ functions, codeTable })
    return [...avmSlots(made, validateAvm({ ...made, imports: 0 }))]
  }
  assert.deepEqual(counts([]), [2, 5, 9])
  assert.deepEqual(counts([{ function: 1, insn: 1 }]), [5, 5, 9])
  // a function's start is no label
  assert.deepEqual(counts([{ function: 2, insn: 0 }]), [2, 5, 9])
  assert.deepEqual(counts([{ function: 2, insn: 1 }]), [9, 5, 9])
})

const engines = [referenceEngine, interpEngine, recompEngine] as const

for (const engine of engines)
  test(`slots are kept over calls, in states, and are new where a host enters: ${engine.name}`, () => {
    const machine = engine.instantiate(program, { gas: 10_000n })
    startAvm(machine, 'main', [6n, 1000n])
    assert.equal(machine.run().kind, 'host')
    const state = machine.save()
    assert.equal(state.slots?.length, 33)
    assert.deepEqual([state.slots[3], state.slots[32]], [1000n, 6n])
    for (const other of engines) {
      const next = other.instantiate(program, { gas: 0n })
      next.restore(state)
      assert.equal(next.run().kind, 'halt')
      assert.equal(next.registers.get(0), 1000n + 6n + 21n)
      next.dispose()
    }
    // the host goes elsewhere: that is a new activation
    const entry = program.exports.get('main')!
    machine.pc = entry
    assert.deepEqual(machine.save().slots, new Array<bigint>(33).fill(0n))
    machine.pc = program.functions[2]!.pc
    assert.equal(machine.save().slots, undefined)
    machine.dispose()
    // a machine after another one
    const second = engine.instantiate(program, { gas: 10_000n })
    assert.deepEqual(second.save().slots, new Array<bigint>(33).fill(0n))
    second.dispose()
  })

test('a state with other slots than its functions have is refused by all engines', () => {
  const machine = referenceEngine.instantiate(program, { gas: 40n })
  startAvm(machine, 'main', [3n, 4n])
  machine.run()
  const { slots = [], ...rest } = machine.save()
  assert.equal(rest.frames.length > 0, true)
  const frame = rest.frames[0]!
  for (const bad of [
    rest,
    { ...rest, slots: slots.slice(1) },
    { ...rest, slots: [...slots.slice(1), -1n] },
    { ...rest, slots, frames: [{ ...frame, slots: [] }, ...rest.frames.slice(1)] },
    { ...rest, slots, frames: [{ returnPc: frame.returnPc, saved: frame.saved }] },
  ])
    for (const engine of engines) {
      const other = engine.instantiate(program, { gas: 0n })
      assert.throws(
        () => other.restore(bad),
        (error) => error instanceof InputError && error.code === 'badState',
      )
      other.dispose()
    }
  machine.dispose()
})

/** Nested loops over calls, all of whose numbers are in slots. */
const long = `
.func main slots=5 export
  li r0, 0
  li r1, 900
  setslot 0, r1
outer:
  li r0, 7
  call inner
  getslot r1, 1
  add64 r1, r1, r0
  setslot 1, r1
  getslot r1, 0
  add64i r1, r1, -1
  setslot 0, r1
  bne64i r1, 0, outer
  getslot r0, 1
  ret
.func inner args=1 slots=40
  setslot 39, r0
  li r1, 300
  setslot 7, r1
again:
  getslot r0, 39
  call leaf
  setslot 39, r0
  getslot r1, 7
  add64i r1, r1, -1
  setslot 7, r1
  bne64i r1, 0, again
  getslot r0, 39
  ret
.func leaf args=1 slots=1
  getslot r1, 0
  add64 r0, r0, r1
  mul64i r0, r0, 5
  xor64i r0, r0, 77
  setslot 0, r0
  ret
`

test('slots outlast the slices of gas in which long runs are made', () => {
  const looping = programOf(decodeContainer(assembleAvm(long)))
  const [a, b] = [interpEngine, recompEngine].map((engine) => {
    const machine = engine.instantiate(looping, { gas: 5_000_003n })
    startAvm(machine, 'main', [])
    assert.equal(machine.run().kind, 'outOfGas')
    return machine
  })
  assert.equal(difference(a!.save(), b!.save()), '')
  const { code } = b!.stats
  assert.ok((code?.leaves.slice ?? 0) > 1, 'it was cut into slices')
  b!.restore(a!.save())
  for (const machine of [a!, b!]) {
    machine.gas = 1n << 40n
    assert.equal(machine.run().kind, 'halt')
  }
  assert.equal(difference(a!.save(), b!.save()), '')
  assert.notEqual(a!.registers.get(0), 0n)
})
