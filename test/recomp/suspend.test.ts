/** Runs that stop and go on, on another engine each time, end as if nothing had happened. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Engine,
  type Exit,
  interpEngine,
  type Machine,
  type MachineState,
  recompEngine,
  referenceEngine,
} from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { programOf } from '../../bench/src/synthetic/adversarial.ts'
import { difference, type Trial } from '../laws/compare.ts'
import { pvmProgramOf } from '../laws/pvm-program.ts'
import { Rng } from '../laws/rng.ts'
import { bpfTrial, cuttable, pvmTrial } from '../laws/trials.ts'

const engines = [recompEngine, interpEngine, recompEngine, referenceEngine] as const
const mostStops = 60

/** What a host may see at a call that it answers at once. */
interface View {
  readonly pc: number
  readonly gas: bigint
  readonly registers: readonly bigint[]
  readonly memorySize: number
  readonly octets: Uint8Array | undefined
  readonly instructions: bigint
}

/** `state` is missing at host calls that were answered without leaving. */
interface Stop {
  readonly exit: Omit<Exit, 'pc'> & { readonly pc?: number }
  readonly view: View
  readonly state: MachineState | undefined
}

/** @param before instructions of the machines that the run was on before */
function viewOf(machine: Machine, before: bigint): View {
  const { gas, memory, pc, registers, stats } = machine
  return {
    pc,
    gas,
    registers: Array.from({ length: registers.count }, (_, i) => registers.get(i)),
    memorySize: memory.size,
    octets: memory.read(0x11fc0n, 64),
    instructions: before + stats.instructions,
  }
}

/** What the host does at a stop; false: the run is over. */
type Host = (machine: Machine, exit: Exit, step: number) => boolean

/** A host that writes a register at its calls, pays when gas ends, and maps what faults. */
function hostOf(seed: number, piece: bigint): Host {
  return (machine, exit, step) => {
    const rng = new Rng(seed + step)
    const { memory } = machine.program
    switch (exit.kind) {
      case 'host':
        machine.registers.set(rng.below(3), rng.value())
        return true
      case 'outOfGas':
        machine.gas += piece
        return piece > 0n
      case 'fault':
        if (memory.profile !== 'paged32') return false
        machine.memory.map(Number(exit.address), memory.pageSize, true)
        return true
      default:
        return false
    }
  }
}

/** Which stops of a run are host calls that are answered without leaving, if they are host calls. */
type Way = (step: number) => boolean
const ways: readonly (readonly [name: string, way: Way])[] = [
  ['leaving', () => false],
  ['staying', () => true],
  ['staying at every other call', (step) => step % 2 === 0],
  ['staying at two of three calls', (step) => step % 3 !== 1],
]

/** All stops of a run; each leg is on the engine that is named for its first step. */
function stopsOf(trial: Trial, host: Host, engineOf: (step: number) => Engine, way: Way): Stop[] {
  const made = (step: number): Machine =>
    engineOf(step).instantiate(trial.program, { gas: trial.gas })
  let machine = made(0)
  trial.start(machine)
  const stops: Stop[] = []
  let engine = engineOf(0)
  let before = 0n
  const stays = (id: number): boolean => {
    const step = stops.length
    if (step >= mostStops - 1 || !way(step)) return false
    const exit = { kind: 'host' as const, id }
    stops.push({ exit, view: viewOf(machine, before), state: undefined })
    return host(machine, { ...exit, pc: -1 }, step)
  }
  while (stops.length < mostStops) {
    const exit = machine.run(stays)
    const step = stops.length
    stops.push({ exit, view: viewOf(machine, before), state: machine.save() })
    if (!host(machine, exit, step)) break
    if (engineOf(step + 1) === engine) continue
    engine = engineOf(step + 1)
    const next = engine.instantiate(trial.program, { gas: trial.gas })
    next.restore(machine.save())
    before += machine.stats.instructions
    machine.dispose()
    machine = next
  }
  machine.dispose()
  return stops
}

function assertSame(got: readonly Stop[], wanted: readonly Stop[], what: string): void {
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [got[i], wanted[i]!]
    const { pc, ...exit } = b.exit
    assert.deepEqual(a?.exit, a?.state === undefined ? exit : { ...exit, pc }, `${what}: stop ${i}`)
    assert.deepEqual(a.view, b.view, `${what}: at stop ${i}`)
    if (a.state !== undefined)
      assert.equal(difference(a.state, b.state!), '', `${what}: after stop ${i}`)
  }
  assert.equal(got.length, wanted.length, what)
}

/** All ways through the engines: each is first, and each follows each. */
const orders: readonly ((step: number) => Engine)[] = [
  () => recompEngine,
  ...engines.map((_, first) => (step: number) => engines[(step + first) % engines.length]!),
]

function holds(trial: Trial, host: Host, what: string): Stop[] {
  const wanted = stopsOf(
    trial,
    host,
    () => referenceEngine,
    () => false,
  )
  orders.forEach((order, i) => {
    for (const [name, way] of ways)
      assertSame(stopsOf(trial, host, order, way), wanted, `${what}, order ${i}, ${name}`)
  })
  return wanted
}

const started = (program: Trial['program'], gas: bigint): Trial => ({
  program,
  gas,
  seed: 1,
  start(machine) {
    machine.pc = 0
  },
})

/** Calls itself down to the profile's limit; a host call on the way in and out, loops between. */
const nested = `
  mov r6, 3
  call helper 1
  call local f
  call helper 2
  exit
f:
  call helper 3
  mov r7, 2
again:
  add r8, r6
  stxdw [r10-8], r8
  call helper 0
  ldxdw r5, [r10-8]
  sub r7, 1
  jne r7, 0, again
  jeq r6, 0, done
  sub r6, 1
  call local f
done:
  call helper 2
  add r8, 1
  exit`
const assembled = assembleBpf(nested)
function nestedProgram(maxDepth: number, gas: string) {
  const functions = [
    { pc: 0, frameSize: 16 },
    { pc: 5, frameSize: 32 },
  ]
  return programOf(assembled.code, { maxDepth, gas, functions })
}

for (const gas of ['per-instruction', 'alcatraz-1'])
  for (const maxDepth of [1, 2, 4, 16])
    test(`host calls at every depth up to ${maxDepth}, engines changing: ${gas}`, () => {
      const trial = started(nestedProgram(maxDepth, gas), 10_000n)
      const stops = holds(trial, hostOf(1, 0n), 'nested')
      const depths = new Set(stops.map(({ state }) => state!.frames.length))
      for (let depth = 0; depth <= Math.min(maxDepth, 4); depth++) assert.ok(depths.has(depth))
      assert.equal(stops.at(-1)!.exit.kind, maxDepth < 4 ? 'trap' : 'halt')
    })

test('gas that ends anywhere, engines changing', () => {
  for (let gas = 0n; gas < 130n; gas++) {
    const trial = started(nestedProgram(16, 'per-instruction'), gas)
    holds(trial, hostOf(2, 7n + (gas % 5n)), `gas ${gas}`)
  }
})

const walk = `
  a0 = 0x20000
  a2 = 0
@loop:
  u64 [a0] = a2
  a1 = u64 [a0 + 8]
  u32 [a0 + 4092] = a2
  a2 = a2 + a1
  ecalli 3
  a2 = a2 + 1
  a0 = a0 + 4096
  jump @loop if a0 <u 0x29000
  trap`

for (const gas of ['pvm-instruction', 'pvm-block', 'pvm-pipeline-l2'])
  test(`pages that the host maps at their faults, engines changing: ${gas}`, () => {
    const regions = [{ address: 0x22000, length: 0x1000, writable: true }]
    const options = { ...pvmPresets['gp-0.7'], pageFaults: true }
    const program = pvmProgramOf(walk, { regions }, { gas, options })
    const whole = holds(started(program, 5_000n), hostOf(3, 0n), gas)
    assert.ok(whole.filter(({ exit }) => exit.kind === 'fault').length > 3)
    assert.ok(whole.some(({ exit }) => exit.kind === 'host'))
    for (const piece of [3n, 40n]) holds(started(program, piece), hostOf(3, piece), gas)
  })

for (const [isa, trialOf] of [
  ['eBPF', bpfTrial],
  ['PVM', pvmTrial],
] as const)
  test(`random ${isa} programs, engines changing at every stop`, () => {
    let stops = 0
    for (let seed = 1; seed <= (isa === 'PVM' ? 20 : 60); seed++) {
      const trial = cuttable(trialOf(seed))
      stops += holds(trial, hostOf(seed, BigInt(30 + seed)), `seed ${seed}`).length
    }
    assert.ok(stops > 100, `${stops} stops`)
  })
