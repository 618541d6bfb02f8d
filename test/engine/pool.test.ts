/** Memory that machines had before: it comes back as new, for the same program and for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DisposedError,
  type Engine,
  interpEngine,
  type Machine,
  MachineLimitError,
  type Program,
  recompEngine,
} from 'alcatraz-vm'
import { assembleAvm } from 'alcatraz-vm/avm'
import { programOf as contractProgramOf, decodeContainer } from 'alcatraz-vm/link'
import { layoutOf, RegionTable } from '#vm/arena/layout'
import { liftProgram } from '#vm/engine/lifted'
import { drainPool, poolLimits, poolState } from '#vm/interp/host'
import { InterpMachine } from '#vm/interp/machine'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { programOf } from '../../bench/src/synthetic/adversarial.ts'
import { sbpfTrial } from '../laws/sbpf-programs.ts'
import { bpfTrial, pvmTrial } from '../laws/trials.ts'

/** A machine whose Wasm memory can be looked at. */
function made(engine: Engine, program: Program, gas = 1000n): InterpMachine {
  const machine = engine.instantiate(program, { gas })
  assert.ok(machine instanceof InterpMachine)
  return machine
}

const wholeOf = (machine: InterpMachine): Uint8Array => machine.memory.bytes.slice()

/** The octets of a new machine's memory, but for what it is longer by. */
function assertFresh(machine: InterpMachine, fresh: Uint8Array, what: string): void {
  const { bytes } = machine.memory
  const length = Math.min(bytes.length, fresh.length)
  const same = Buffer.compare(bytes.subarray(0, length), fresh.subarray(0, length)) === 0
  const at = same ? -1 : fresh.findIndex((octet, i) => bytes[i] !== octet)
  assert.ok(same, `${what}: octet ${at} is ${bytes[at]}, not ${fresh[at]}`)
  const rest = bytes.length > length ? bytes.subarray(length) : fresh.subarray(length)
  assert.ok(
    rest.every((octet) => octet === 0),
    `${what}: something is behind it`,
  )
}

/** Overwrites all that a guest, its host or the engine may write but rows and tables. */
function poison(machine: InterpMachine): void {
  const { ir, memory, program } = machine
  const layout = layoutOf(ir)
  const plan = program.memory
  if (plan.profile === 'paged32') {
    for (const address of [0x100_0000, 0xfffe_0000, 0x8000_0000])
      memory.map(address, 2 * plan.pageSize, true)
    memory.unmap(0x8000_0000, plan.pageSize)
    for (const { address, length } of plan.regions)
      memory.unmap(address + length - plan.pageSize, plan.pageSize)
  }
  if (plan.profile === 'linear32') memory.grow(memory.size + 0x5000)
  if (plan.profile === 'regions64') {
    memory.map(0xf_0000_0000, 100, true)
    // a saved state may have other bytes in what is read-only
    const state = machine.save()
    const pages = state.pages.map((page) => ({ ...page, bytes: page.bytes.map(() => 0xaa) }))
    machine.restore({ ...state, pages })
  }
  memory.grow(memory.size + 1)
  for (const page of memory.pages()) {
    if (plan.profile === 'paged32') memory.map(page.address, page.bytes.length, true)
    memory.write(BigInt(page.address), new Uint8Array(page.bytes.length).fill(0xaa))
  }
  if (plan.profile === 'linear32')
    memory.write(0x10000n, new Uint8Array(memory.size - 0x10000).fill(0xaa))
  memory.bytes.fill(0xaa, 0, RegionTable.entries)
  memory.bytes.fill(0xaa, layout.frames, layout.slotBytes > 0 ? layout.guest : layout.slots)
  for (let i = 0; i < ir.registers; i++) machine.registers.set(i, 0xaaaa_aaaa_aaaa_aaaan)
}

const engines = [interpEngine, recompEngine]
const bufferOf = (machine: InterpMachine): ArrayBufferLike => machine.memory.bytes.buffer

/** Calls two levels deep, stores, and traps in the middle. */
const deep = programOf(
  assembleBpf(`
  mov r1, 5
  call local f
  exit
f:
  stxdw [r10-8], r1
  jeq r1, 0, done
  sub r1, 1
  call local f
done:
  exit`).code,
  {
    functions: [
      { pc: 0, frameSize: 16 },
      { pc: 3, frameSize: 16 },
    ],
    maxDepth: 3,
  },
)

/** Programs of Solana whose frames have gaps: one interpreter runs them all. None takes more memory than the one before. */
const gapped = Array.from({ length: 60 }, (_, seed) => sbpfTrial(seed).program)
  .filter((program) => program.isa === 'sbpf' && program.frames.step === 0x2000)
  .sort((a, b) => layoutOf(liftProgram(b)).bytes - layoutOf(liftProgram(a)).bytes)

const programs: readonly Program[] = [
  deep,
  ...[1, 2, 3, 4].map((seed) => bpfTrial(seed).program),
  ...[1, 2, 3, 4].map((seed) => pvmTrial(seed).program),
  ...gapped.slice(0, 4),
]

for (const engine of engines) {
  test(`a poisoned memory is a new one for the same program on ${engine.name}`, () => {
    programs.forEach((program, i) => {
      drainPool()
      const first = made(engine, program)
      const fresh = wholeOf(first)
      first.pc = 0
      first.run()
      poison(first)
      const buffer = bufferOf(first)
      first.dispose()
      const second = made(engine, program)
      assert.equal(bufferOf(second), buffer, `program ${i}: the memory was not kept`)
      assertFresh(second, fresh, `program ${i}`)
      second.dispose()
    })
  })

  test(`a poisoned memory is a new one for another program on ${engine.name}`, () => {
    for (const [a, b] of [
      [programs[0]!, programs[2]!],
      [programs[3]!, programs[1]!],
      [programs[5]!, programs[7]!],
      [programs[8]!, programs[6]!],
      [programs[9]!, programs[10]!],
      [programs[11]!, programs[12]!],
    ] as const) {
      drainPool()
      const fresh = wholeOf(made(engine, b))
      const firsts = Array.from({ length: poolLimits.cells }, () => made(engine, a))
      const buffers = new Set(firsts.map(bufferOf))
      for (const machine of firsts) {
        poison(machine)
        machine.dispose()
      }
      const cells = poolState().cells
      const seconds = Array.from({ length: 4 }, () => made(engine, b))
      for (const machine of seconds) assertFresh(machine, fresh, 'another program')
      if (cells === poolLimits.cells) assert.ok(buffers.has(bufferOf(seconds[0]!)))
      for (const machine of seconds) machine.dispose()
    }
  })
}

/** Answers the sum of slots that nothing has set, its own and its callee's. */
const slotted = contractProgramOf(
  decodeContainer(
    assembleAvm(`
.func main slots=9 export
  call leaf
  getslot r1, 0
  add64 r0, r0, r1
  getslot r1, 8
  add64 r0, r0, r1
  ret
.func leaf slots=7
  getslot r0, 0
  getslot r1, 6
  add64 r0, r0, r1
  ret`),
  ),
)

for (const engine of engines)
  test(`private slots begin with zeros in a memory that was poisoned on ${engine.name}`, () => {
    drainPool()
    const first = made(engine, slotted)
    poison(first)
    const buffer = bufferOf(first)
    first.dispose()
    const second = made(engine, slotted)
    assert.equal(bufferOf(second), buffer)
    assert.equal(second.run().kind, 'halt')
    assert.equal(second.registers.get(0), 0n)
  })

test('an interpreted machine gets no memory whose rows send it to generated code', () => {
  drainPool()
  const plain = wholeOf(made(interpEngine, deep))
  made(recompEngine, deep).dispose()
  assertFresh(made(interpEngine, deep), plain, 'after recomp')
})

test('what a run left behind does not change the next', () => {
  for (const engine of engines)
    for (const trialOf of [bpfTrial, pvmTrial, sbpfTrial])
      for (let seed = 1; seed <= 150; seed++) {
        const trial = trialOf(seed)
        const ran = (): unknown => {
          const machine = engine.instantiate(trial.program, { gas: trial.gas })
          trial.start(machine)
          const exit = machine.run()
          const { instructions } = machine.stats
          const state = machine.save()
          machine.dispose()
          return { exit, state, instructions }
        }
        const wanted = ran()
        assert.deepEqual(ran(), wanted, `${engine.name}, seed ${seed}`)
      }
})

test('the pool is bounded', () => {
  const machines = programs.flatMap((program) =>
    Array.from({ length: 20 }, () => made(recompEngine, program)),
  )
  for (const machine of machines) machine.dispose()
  const { bytes, cells } = poolState()
  assert.ok(cells > 1 && cells <= poolLimits.cells, `${cells} cells`)
  assert.ok(bytes > 0 && bytes <= poolLimits.bytes, `${bytes} bytes`)
})

test('a memory with much to clear is not kept', () => {
  const program: Program = {
    ...deep,
    memory: { profile: 'linear32', segments: [], size: 0x20000, maxSize: 0x100_0000 },
  }
  drainPool()
  const machine = made(interpEngine, program)
  machine.memory.grow(0x20000 + poolLimits.cleared)
  machine.dispose()
  assert.equal(poolState().cells, 0)
})

test('a machine that is disposed of twice gives its memory once, and no longer reaches it', () => {
  drainPool()
  const machine = made(interpEngine, deep)
  machine.dispose()
  machine.dispose()
  assert.equal(poolState().cells, 1)
  const [a, b] = [made(interpEngine, deep), made(interpEngine, deep)]
  assert.notEqual(bufferOf(a), bufferOf(b))
  const before = wholeOf(a)
  assert.throws(() => machine.memory, DisposedError)
  assert.throws(() => machine.registers.set(0, 5n), DisposedError)
  assert.deepEqual(wholeOf(a), before)
})

test('a machine whose run broke off does not give its memory', () => {
  class Broken extends InterpMachine {
    protected override leg(): never {
      throw new Error('broken')
    }
  }
  drainPool()
  const machine = new Broken(deep, made(interpEngine, deep).ir, 10n)
  assert.throws(() => machine.run(), /broken/)
  machine.dispose()
  assert.equal(poolState().cells, 0)
})

test('machines beyond what the host has room for are refused, and come back', () => {
  const live: Machine[] = []
  // V8 reserves address space for each memory: some 13,000 fit
  assert.throws(() => {
    while (live.length < 40_000) live.push(interpEngine.instantiate(deep, { gas: 10n }))
  }, MachineLimitError)
  for (const machine of live) machine.dispose()
  live.length = 0
  const machine = interpEngine.instantiate(deep, { gas: 1000n })
  machine.pc = 0
  assert.equal(machine.run().kind, 'trap')
})

test('machines that are made and dropped by the ten thousand do not stay', () => {
  for (let i = 0; i < 20_000; i++) {
    const machine = interpEngine.instantiate(deep, { gas: 10n })
    if (i % 2 === 0) machine.dispose()
  }
  const held = Array.from({ length: 10_000 }, () => interpEngine.instantiate(deep, { gas: 10n }))
  for (const machine of held) machine.dispose()
  assert.ok(poolState().cells <= poolLimits.cells)
})
