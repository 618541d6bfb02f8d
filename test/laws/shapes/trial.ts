import type { Machine } from 'alcatraz-vm'
import type { Trial } from '../compare.ts'
import { Rng } from '../rng.ts'
import { BpfGuest } from './bpf.ts'
import type { Ending, Guest } from './guest.ts'
import { PvmGuest } from './pvm.ts'
import { any, loop, type Plot, small, theEnd } from './shapes.ts'

/** What programs of each instruction set can end with, the rare ones more often than they would. */
const bpfEndings: readonly Ending[] = [
  'halt',
  'fault',
  'outOfGas',
  'invalidInstruction',
  'invalidInstruction',
  'invalidJump',
  'invalidCall',
  'invalidCall',
  'callDepth',
  'callDepth',
  'stackOverflow',
  'stackOverflow',
]
const pvmEndings: readonly Ending[] = [
  'halt',
  'fault',
  'outOfGas',
  'invalidInstruction',
  'invalidInstruction',
  'invalidJump',
  'panic',
  'nullPage',
  'outOfBounds',
]

/** A loop of shapes, its end within or behind it; functions; one that calls itself for ever. */
function write(g: Guest, ending: Ending): void {
  const { rng } = g
  const functions = Array.from({ length: rng.between(1, 4) }, () => g.label())
  const recursion = g.label()
  const p: Plot = { g, functions, first: 0, recursion, ending, ended: false, depth: 1 }
  const planned = rng.below(4)
  for (const pointer of g.pointers) g.constant(pointer, g.low + 256 + 8 * rng.below(256))
  for (let i = rng.below(2); i > 0; i--) small(p)
  const [counter] = g.counters as readonly [number]
  loop(p, counter, rng.between(3, 9), () => {
    for (let i = rng.between(2, 5); i > 0; i--) any(p)
    if (planned === 0) theEnd(p, counter)
    if (planned === 0 && rng.chance(50)) small(p)
  })
  p.depth = 0
  if (planned !== 1) theEnd(p)
  g.end(rng.chance(80) ? 'halt' : ending, recursion)
  functions.forEach((label, index) => {
    p.first = index + 1
    p.depth = 1
    g.enter(label)
    for (let i = rng.between(1, 3); i > 0; i--) any(p)
    if (planned === 1) theEnd(p, rng.chance(50) ? counter : undefined)
    g.leave()
  })
  g.enter(recursion)
  // a bounded recursion, or one that the machine ends
  if (rng.chance(70)) small(p)
  const last = g.label()
  g.add(counter, counter, -1)
  if (rng.chance(30) && !['callDepth', 'stackOverflow'].includes(ending))
    g.unless(counter, -rng.between(1, 20), last)
  g.call(recursion)
  g.here(last)
  if (rng.chance(50)) g.scalar()
  g.leave()
}

function start(registers: readonly bigint[]): (machine: Machine) => void {
  return (machine) => {
    for (let i = 0; i < registers.length; i++) machine.registers.set(i, registers[i]!)
    machine.pc = 0
  }
}

function gasOf(rng: Rng, most: number): bigint {
  return BigInt(rng.chance(85) ? rng.between(most >> 1, most) : rng.below(400))
}

/** Programs of hot shapes, of eBPF for even seeds and PVM for odd ones; the same for the same seed. */
export function shapeTrial(seed: number): Trial {
  const rng = new Rng(seed)
  const bpf = seed % 2 === 0
  const ending = rng.pick(bpf ? bpfEndings : pvmEndings)
  const values = Array.from({ length: bpf ? 6 : 12 }, () => rng.value())
  if (bpf) {
    const g = new BpfGuest(rng)
    write(g, ending)
    const depth = rng.pick(ending === 'stackOverflow' ? [40] : [1, 2, 3, 5, 9, 16])
    return {
      program: g.finish(ending === 'stackOverflow', depth),
      gas: gasOf(rng, 1500),
      seed,
      start: start(values),
    }
  }
  const g = new PvmGuest(rng, ending)
  write(g, ending)
  const program = g.finish()
  values[1] = BigInt(PvmGuest.stackTop)
  const most = program.gas.startsWith('pvm-pipeline') ? 6000 : 1500
  return { program, gas: gasOf(rng, most), seed, start: start(values) }
}
