/** When programs are compiled is never seen in what they do, and is told in the report. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ArtifactCache,
  createEngine,
  type Engine,
  interpEngine,
  type Machine,
  type Program,
  referenceEngine,
  type TieringEngine,
} from 'alcatraz-vm'
import { adoptIr, liftProgram } from '#vm/engine/lifted'
import { nothingSeen, oneSeed } from '../laws/law.ts'
import { Rng } from '../laws/rng.ts'
import { bpfTrial, pvmTrial } from '../laws/trials.ts'
import { largeProgram, loopOf } from './programs.ts'

const gas = 1n << 40n

function started(engine: Engine, program: Program): Machine {
  const machine = engine.instantiate(program, { gas })
  machine.pc = 0
  return machine
}

function ended(engine: Engine, program: Program): string {
  const machine = started(engine, program)
  const exit = machine.run()
  const { instructions } = machine.stats
  const text = `${exit.kind} ${exit.pc} ${machine.gas} ${machine.registers.get(0)} ${instructions}`
  machine.dispose()
  return text
}

/** Programs with at least 50 executed instructions; ALCATRAZ_LAW_PROGRAMS asks for more. */
const wanted = Number(process.env['ALCATRAZ_LAW_PROGRAMS'] ?? 150)
const firstSeed = Number(process.env['ALCATRAZ_LAW_SEED'] ?? 300_001)

for (const [isa, trialOf] of [
  ['eBPF', bpfTrial],
  ['PVM', pvmTrial],
] as const)
  test(`law: engines that compile at random moments agree with reference: ${isa}`, (t) => {
    const seen = nothingSeen()
    let swapped = 0
    for (let seed = firstSeed; seen.long < wanted; seed++) {
      assert.ok(seed < firstSeed + 4 * wanted + 50, 'a quarter of all programs run long')
      const rng = new Rng(seed)
      const engine = createEngine({ after: rng.below(120), look: BigInt(rng.between(1, 60)) })
      const watched: Engine = {
        name: engine.name,
        instantiate(program, options) {
          const machine = engine.instantiate(program, options)
          const dispose = machine.dispose.bind(machine)
          machine.dispose = () => {
            if ((machine.stats.code?.since ?? 0n) > 0n) swapped++
            dispose()
          }
          return machine
        },
      }
      oneSeed([referenceEngine, watched], trialOf, seed, seen)
    }
    t.diagnostic(`${swapped} machines went over in the midst of ${seen.programs} programs`)
    assert.ok(swapped > wanted / 5, `${swapped} machines went over to generated code`)
  })

test('a loop that never leaves the machine goes over to generated code, soon', () => {
  const program = loopOf(3_000_000)
  const engine = createEngine({ after: 100_000 })
  const machine = started(engine, program)
  assert.equal(machine.run().kind, 'halt')
  const { code, instructions, tiers } = machine.stats
  assert.equal(code?.origin, 'compiled')
  assert.ok(code.since! >= 100_000n && code.since! < 400_000n, `went over after ${code.since}`)
  assert.ok(tiers['recomp']! > (instructions * 9n) / 10n)
  assert.ok(code.bytes > 0 && code.emit > 0 && code.compile > 0)
  assert.deepEqual(Object.keys(code.leaves).sort(), ['return', 'slice'])
  const again = started(engine, program)
  assert.deepEqual(
    [again.stats.code?.origin, again.stats.code?.since, again.stats.code?.emit],
    ['memory', 0n, 0],
  )
  assert.equal(ended(engine, program), ended(interpEngine, program))
})

test('work on all machines of equal programs counts, and what is cheap is never compiled', () => {
  const engine = createEngine({ after: 10_000 })
  const origins: (string | undefined)[] = []
  for (let i = 0; i < 6; i++) {
    const machine = started(engine, loopOf(1_000))
    machine.run()
    origins.push(machine.stats.code?.origin)
    machine.dispose()
  }
  assert.deepEqual(origins, ['none', 'none', 'none', 'compiled', 'memory', 'memory'])
  const patient = createEngine()
  const machine = started(patient, loopOf(1_000))
  machine.run()
  assert.equal(machine.stats.code?.origin, 'none')
  assert.equal(machine.stats.tiers['recomp'], undefined)
})

test('prepare compiles at once, once', () => {
  const engine = createEngine()
  assert.equal(engine.prepare(loopOf(5)), true)
  assert.equal(engine.prepare(loopOf(5)), true)
  const machine = started(engine, loopOf(5))
  machine.run()
  const { code, instructions, tiers } = machine.stats
  assert.equal(code?.origin, 'memory')
  assert.ok(tiers['recomp']! > 0n && tiers['recomp']! <= instructions)
})

function usedBy(engine: TieringEngine, program: Program): string {
  const machine = started(engine, program)
  machine.run()
  const origin = machine.stats.code?.origin ?? ''
  machine.dispose()
  return origin
}

test('the cache drops what was used longest ago, by count', () => {
  const cache = new ArtifactCache({ count: 3, bytes: 1 << 30 })
  const engine = createEngine({ after: 0, cache })
  const programs = [1, 2, 3, 4].map((body) => loopOf(10, body))
  for (const program of programs.slice(0, 3)) assert.equal(usedBy(engine, program), 'compiled')
  assert.equal(usedBy(engine, programs[0]!), 'memory')
  assert.equal(usedBy(engine, programs[3]!), 'compiled')
  assert.deepEqual([cache.counts.entries, cache.counts.evictions], [3, 1])
  assert.equal(usedBy(engine, programs[0]!), 'memory')
  assert.equal(usedBy(engine, programs[1]!), 'compiled')
})

test('and by octets, what code became included', () => {
  const one = new ArtifactCache()
  usedBy(createEngine({ after: 0, cache: one }), largeProgram(2_000))
  const { bytes } = one.counts
  assert.ok(bytes > 2_000 * 8 * 2, `${bytes} octets: more than code and a key`)
  const cache = new ArtifactCache({ count: 100, bytes: 3 * bytes })
  const engine = createEngine({ after: 0, cache })
  for (let body = 0; body < 12; body++) {
    usedBy(engine, largeProgram(2_000, body))
    assert.ok(cache.counts.bytes <= 3 * bytes, `${cache.counts.bytes} after ${body}`)
  }
  assert.ok(cache.counts.entries >= 2 && cache.counts.entries <= 4, `${cache.counts.entries}`)
  assert.equal(usedBy(engine, largeProgram(2_000, 11)), 'memory')
  // larger than all that the cache may hold: usable, and alone
  assert.equal(usedBy(engine, largeProgram(8_000)), 'compiled')
  assert.equal(usedBy(engine, largeProgram(8_000)), 'memory')
  assert.equal(cache.counts.entries, 1)
  usedBy(engine, largeProgram(2_000, 1))
  assert.ok(cache.counts.bytes <= 3 * bytes)
})

test('engines with one cache share code; what determines code tells programs apart', () => {
  const cache = new ArtifactCache()
  const program = loopOf(10)
  assert.equal(usedBy(createEngine({ after: 0, cache }), program), 'compiled')
  const other = createEngine({ after: 0, cache })
  assert.equal(usedBy(other, program), 'memory')
  assert.equal(usedBy(other, { ...program, symbols: new Map([[0, 'start']]) }), 'memory')
  const data = { ...program.memory, segments: [{ address: 0x10000, bytes: Uint8Array.of(1) }] }
  assert.equal(usedBy(other, { ...program, memory: data }), 'memory')
  assert.equal(usedBy(other, { ...program, gas: 'alcatraz-1' }), 'compiled')
  assert.equal(usedBy(other, { ...program, exports: new Map([['x', 1]]) }), 'compiled')
  const options = { ...program.options, maxDepth: 3 }
  assert.equal(usedBy(other, { ...program, options }), 'compiled')
  const { memory } = program
  assert.ok(memory.profile === 'linear32')
  assert.equal(
    usedBy(other, {
      ...program,
      memory: { ...memory, size: memory.size + 4096, maxSize: memory.maxSize + 4096 },
    }),
    'compiled',
  )
})

/** Replaces a part of WebAssembly while `use` runs. */
function without<K extends 'Module' | 'Instance'>(name: K, error: Error, use: () => void): void {
  const real = WebAssembly[name]
  const refusing = function refuse(): never {
    throw error
  }
  Object.assign(WebAssembly, { [name]: refusing })
  try {
    use()
  } finally {
    Object.assign(WebAssembly, { [name]: real })
  }
}

test('a host that is short of something leaves a program to the interpreter, and the report says so', () => {
  const program = loopOf(10, 77)
  const engine = createEngine({ after: 0 })
  const wantedEnd = ended(referenceEngine, program)
  ended(createEngine({ after: 1e9 }), program)
  without('Module', new RangeError('out of memory'), () => {
    const machine = started(engine, program)
    assert.equal(machine.run().kind, 'halt')
    assert.equal(machine.stats.code?.origin, 'none')
    assert.equal(machine.stats.code?.refusal, 'RangeError: out of memory')
  })
  // it passed: tried again
  assert.equal(ended(engine, program), wantedEnd)
  assert.equal(usedBy(engine, program), 'memory')
})

test('an exception that is no limit is not hidden', () => {
  const program = loopOf(10, 78)
  ended(createEngine({ after: 1e9 }), program)
  without('Module', new TypeError('a mistake of ours'), () => {
    const engine = createEngine({ after: 0 })
    assert.throws(() => engine.instantiate(program, { gas }), TypeError)
  })
})

test('a machine whose code cannot be instantiated is interpreted', () => {
  const program = loopOf(10, 79)
  const engine = createEngine({ after: 0 })
  assert.equal(engine.prepare(program), true)
  // the interpreter's own instance is pooled
  started(createEngine({ after: 1e9 }), program).dispose()
  const wantedEnd = ended(referenceEngine, program)
  without('Instance', new RangeError('out of memory'), () => {
    const machine = started(engine, program)
    assert.equal(machine.run().kind, 'halt')
    const { code, instructions, tiers } = machine.stats
    assert.equal(code?.refusal, 'RangeError: out of memory')
    assert.deepEqual(tiers, { interp: instructions })
    machine.dispose()
  })
  assert.equal(ended(engine, program), wantedEnd)
})

test('programs that were given different IR share nothing, whatever their code says', () => {
  const engine = createEngine({ after: 0 })
  const sums = [3, 4].map((value) => {
    const program = loopOf(10, 80)
    const ir = liftProgram(loopOf(10, value))
    adoptIr(program, ir)
    const machine = started(engine, program)
    machine.run()
    assert.equal(machine.stats.code?.origin, 'compiled')
    return machine.registers.get(0)
  })
  assert.deepEqual(sums, [58n, 59n])
})
