/** Hosts of plain functions, files of any kind, and memory with a limit: what programs that embed the engine use first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DecodeError,
  drive,
  type Engine,
  type HostFunctions,
  hostOf,
  limitMemory,
  type Machine,
  type Program,
  VerifyError,
} from 'alcatraz-vm'
import { assembleBpf, bpfProgramOf, startBpf } from 'alcatraz-vm/bpf'
import { fileKindOf, linkBpf, loadProgram } from 'alcatraz-vm/link'
import {
  assemblePvm,
  decodePvmBlob,
  encodePolkavm,
  encodePvmBlob,
  encodeSpi,
  type PolkavmBlob,
  startPvm,
} from 'alcatraz-vm/pvm'
import { forEachEngine } from '../engines.ts'
import { guest } from '../link/guests.ts'

const none = new Uint8Array(0)
const sumOf = 'call 0\n add r0, 1\n exit'
const bpf = bpfProgramOf(assembleBpf(sumOf).code, { imports: ['sum'] })
function crate(text: string, version: 'revive-v1' | 'latest64' = 'revive-v1'): PolkavmBlob {
  const { code, bitmask, jumpTable } = assemblePvm(text, { version })
  return {
    ...{ version, code, bitmask, jumpTable },
    ...{ imports: ['sum'], exports: [{ name: 'main', pc: 0 }], optional: [] },
    ...{ roData: none, roDataSize: 0, rwData: Uint8Array.of(7), rwDataSize: 100, stackSize: 8192 },
  }
}
const polkavm = encodePolkavm(crate('ecalli 0\n a0 = a0 + 1\n ret'))
const paper = decodePvmBlob(
  encodePvmBlob(assemblePvm('ecalli 9\n a0 = a0 + 1\n ret', { version: 'jam-v1' })),
  { version: 'jam-v1' },
)

/** A machine whose call gets 1, 2, .. as arguments. */
function ready(engine: Engine, program: Program, gas = 100_000n): Machine {
  const machine = engine.instantiate(program, { gas })
  const first = program.isa === 'bpf' ? 1 : 7
  if (program.isa === 'pvm') startPvm(machine, 0)
  else startBpf(machine, 0)
  for (let i = 0; i < (program.isa === 'bpf' ? 5 : 6); i++)
    machine.registers.set(first + i, BigInt(i + 1))
  return machine
}

const result = (machine: Machine): bigint =>
  machine.registers.get(machine.program.isa === 'bpf' ? 0 : 7)

forEachEngine((engine) => {
  const programs: readonly Program[] = [bpf, loadProgram(polkavm), paper]

  test('a function is found by its name or number, gets arguments, and its number is the result', () => {
    const sum: HostFunctions = { sum: ({ args }) => args.reduce((a, b) => a + b) }
    for (const program of programs) {
      const byNumber = { 9: sum['sum']! }
      const machine = ready(engine, program)
      const host = hostOf(program, program === paper ? byNumber : sum)
      assert.equal(drive(machine, host).kind, 'halt')
      assert.equal(result(machine), program.isa === 'bpf' ? 16n : 22n)
    }
  })

  test('a number stands for 64 bits, and nothing leaves registers alone', () => {
    for (const [answer, wanted] of [
      [-1, 0n],
      [5, 6n],
      [(1n << 64n) + 4n, 5n],
      ['continue', undefined],
      [undefined, undefined],
    ] as const) {
      const machine = ready(engine, bpf)
      const before = machine.registers.get(0)
      drive(machine, hostOf(bpf, { sum: () => answer }))
      assert.equal(result(machine), wanted ?? before + 1n)
    }
  })

  test('memory the guest has not is a trap of the guest, in nested functions too', () => {
    for (const program of programs)
      for (const work of [
        (call: Parameters<HostFunctions[string]>[0]) => call.read(8, 4),
        (call: Parameters<HostFunctions[string]>[0]) => call.read(0x10000, 2n ** 63n),
        (call: Parameters<HostFunctions[string]>[0]) =>
          call.write(0xffff_fffen, Uint8Array.of(1, 2)),
      ]) {
        const machine = ready(engine, program)
        const answer: HostFunctions[string] = (call) => {
          work(call)
          return 1n
        }
        const exit = drive(machine, hostOf(program, { sum: answer, 9: answer }))
        assert.deepEqual([exit.kind, exit.kind === 'trap' && exit.trap], ['trap', 'hostCall'])
      }
  })

  test('PVM addresses are the low 32 bits of a register', () => {
    const program = loadProgram(polkavm)
    const machine = ready(engine, program)
    let seen: Uint8Array | undefined
    const host = hostOf(program, {
      sum: (call) => {
        const at = BigInt(program.memory.profile === 'paged32' ? program.memory.heap!.start : 0)
        seen = call.read(at - 100n + (5n << 32n), 1n)
        call.write(at - 100n - (1n << 32n), Uint8Array.of(9))
        assert.deepEqual(call.read(at - 100n, 1), Uint8Array.of(9))
      },
    })
    assert.equal(drive(machine, host).kind, 'halt')
    assert.deepEqual(seen, Uint8Array.of(7))
  })

  test('gas that a function charges is taken, or the run is out of gas with all of it left', () => {
    const host = hostOf(bpf, { sum: (call) => call.charge(1000n) })
    const [rich, poor] = [ready(engine, bpf), ready(engine, bpf, 500n)]
    const free = ready(engine, bpf)
    assert.equal(drive(free, hostOf(bpf, { sum: () => undefined })).kind, 'halt')
    assert.equal(drive(rich, host).kind, 'halt')
    assert.equal(free.gas - rich.gas, 1000n)
    const exit = drive(poor, host)
    assert.equal(exit.kind, 'outOfGas')
    assert.ok(poor.gas > 400n)
    assert.throws(
      () => drive(ready(engine, bpf), hostOf(bpf, { sum: (c) => c.charge(-1n) })),
      RangeError,
    )
  })

  test('answers end a run, or suspend it until the answer is there', () => {
    for (const kind of ['halt', 'outOfGas'] as const)
      assert.equal(drive(ready(engine, bpf), hostOf(bpf, { sum: () => ({ kind }) })).kind, kind)
    const machine = ready(engine, bpf)
    const host = hostOf(bpf, { sum: () => ({ kind: 'suspend' }) })
    assert.equal(drive(machine, host).kind, 'suspended')
    machine.registers.set(0, 41n)
    assert.equal(drive(machine, host).kind, 'halt')
    assert.equal(result(machine), 42n)
  })

  test('a function that would answer later is a mistake, and what one throws comes out', () => {
    const later = (async () => 1n) as unknown as HostFunctions[string]
    assert.throws(() => drive(ready(engine, bpf), hostOf(bpf, { sum: later })), TypeError)
    const own = new Error('mine')
    const thrower: HostFunctions[string] = () => {
      throw own
    }
    assert.throws(() => drive(ready(engine, bpf), hostOf(bpf, { sum: thrower })), own)
  })

  test('what has no function is refused before the run, or answered by the other one', () => {
    assert.throws(
      () => hostOf(bpf, { summ: () => 1n }),
      (error) => error instanceof VerifyError && error.code === 'unknownImport',
    )
    const names: string[] = []
    const other: HostFunctions[string] = ({ name }) => {
      names.push(name)
      return 1n
    }
    for (const program of programs) drive(ready(engine, program), hostOf(program, {}, other))
    assert.deepEqual(names, ['sum', 'sum', '9'])
    const exit = drive(ready(engine, paper), hostOf(paper, {}))
    assert.equal(exit.kind === 'trap' && exit.trap, 'hostCall')
  })

  test('an eBPF entry is called by name, with its input at the end of memory', () => {
    const program = loadProgram(guest('token-v4').bytes)
    const machine = engine.instantiate(program, { gas: 1000n })
    const end = BigInt(machine.memory.size)
    startBpf(machine, 'call', Uint8Array.of(1, 2, 3))
    assert.deepEqual(
      [machine.pc, machine.registers.get(1), machine.registers.get(2)],
      [program.exports.get('call'), end, 3n],
    )
    assert.deepEqual(machine.memory.read(end, 3), Uint8Array.of(1, 2, 3))
    assert.throws(() => startBpf(machine, 'cal'), RangeError)
    assert.throws(() => startBpf(machine, 0, { address: 3, bytes: none }), RangeError)
  })

  test('memory stays within its limit, and what begins with more is refused', () => {
    const grows = assembleBpf('mov r1, 1\n call 0\n exit').code
    const program = bpfProgramOf(grows, { imports: ['grow'] })
    const grow = hostOf(program, {
      grow: ({ machine }) => (machine.memory.grow(machine.memory.size + 4096) ? 1n : 0n),
    })
    for (const [limit, wanted] of [
      [0x12000, 1n],
      [0x11000, 1n],
      [0x10fff, 0n],
      [0x10000, 0n],
    ] as const) {
      const machine = engine.instantiate(limitMemory(program, limit), { gas: 1000n })
      startBpf(machine, 0)
      drive(machine, grow)
      assert.equal(machine.registers.get(0), wanted, `${limit}`)
    }
    assert.throws(
      () => limitMemory(program, 0xffff),
      (error) => error instanceof VerifyError && error.code === 'memoryLimit',
    )
    assert.throws(() => limitMemory(program, -1), RangeError)
  })

  test("the PVM's heap stays within the limit", () => {
    const sbrk = encodePolkavm(crate('a1 = 4096\n a0 = sbrk a1\n ret', 'latest64'))
    // rw data and stack: a page and two
    for (const [limit, works] of [
      [4 * 4096, true],
      [4 * 4096 - 1, false],
    ] as const) {
      const program = limitMemory(loadProgram(sbrk), limit)
      const machine = engine.instantiate(program, { gas: 1000n })
      // from the middle of its page on, 4096 bytes more take one page
      startPvm(machine, 'main')
      assert.equal(machine.run().kind, 'halt')
      assert.equal(machine.registers.get(7) !== 0n, works, `${limit}`)
    }
    assert.throws(() => limitMemory(loadProgram(sbrk), 3 * 4096 - 1), VerifyError)
  })
})

test('a file is loaded by what it is, and the rest by what it is said to be', () => {
  const object = guest('token-v4').bytes
  const { container } = linkBpf([{ name: 'token.o', bytes: object }])
  const blob = encodePvmBlob(assemblePvm('trap', { version: 'jam-v1' }))
  const parts = { roData: none, rwData: none, heapPages: 1, stackSize: 4096, blob }
  const spi = encodeSpi(parts)
  const kinds = [container, object, polkavm, spi, blob, none].map(fileKindOf)
  assert.deepEqual(kinds, ['container', 'elf', 'polkavm', 'other', 'other', 'other'])
  assert.deepEqual(loadProgram(object), loadProgram(container))
  assert.equal(loadProgram(polkavm).isa, 'pvm')
  const version = 'jam-v1'
  const service = encodeSpi({ ...parts, metadata: Uint8Array.of(1, 2) })
  const loaded = [
    loadProgram(spi, { format: 'spi', version, input: Uint8Array.of(1) }),
    loadProgram(service, { format: 'service', version }),
    loadProgram(blob, { format: 'blob', version }),
  ]
  for (const { isa, code } of loaded) assert.deepEqual([isa, code], ['pvm', Uint8Array.of(0)])
  for (const wrong of [none, spi, blob, Uint8Array.of(0x7f, 0x45, 0x4c)])
    assert.throws(
      () => loadProgram(wrong),
      (error) => error instanceof DecodeError && error.code === 'unknownFile',
    )
})
