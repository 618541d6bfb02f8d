import type { Machine, Program } from 'alcatraz-vm'
import { assembleBpf } from '#vm/isa/bpf/asm'
import { bulkText, end, widths } from './bulk-programs.ts'
import type { Trial } from './compare.ts'
import { memoryProgram } from './memory-programs.ts'
import type { Rng } from './rng.ts'
import { Rng as Generator } from './rng.ts'

/** Starts of what moves: inside, where memory begins and ends, and where sums with it wrap. */
const inside = [0x10010, 0x12000, 0x12ff8, end - 0x1020, end - 128]
const edges = [0x10000, 0x10008, end - 64, end - 8, end, 0xfff8, 0, -8, -16]
const startOf = (rng: Rng): number => rng.pick(rng.chance(75) ? inside : edges)

/** Conditions to stay in a loop, and the opposite of each. */
const conditions = [
  ['lt', 'ge'],
  ['lt', 'ge'],
  ['slt', 'sge'],
  ['ne', 'eq'],
  ['ne', 'eq'],
  ['le', 'gt'],
  ['gt', 'le'],
] as const

/** Out of a loop from its middle, forwards or back to before it. */
function breakTo(rng: Rng): string {
  return `${rng.pick(['jset', 'jeq', 'jeq'])} r1, ${rng.pick([2, 3, 4, 5, 8])}, ${rng.pick(['out', 'out', 'before'])}`
}

/**
 * A loop whose addresses move with its counter or rest: r6 and r7 move, r8 counts up to r9 or a number,
 * r5 may be the step. Its first access ends where memory ends, or nearly. Now and then one of what
 * makes that true is not so.
 */
function loopText(rng: Rng, paced: boolean): { readonly text: string; readonly steps: number } {
  const step = rng.pick([1, 1, 2, 4, 8, 8, 16, 3, 0x400])
  const by = rng.chance(35) ? 'r5' : String(step)
  const wraps = rng.chance(7)
  const trips = wraps ? 20 : rng.pick(paced ? [5, 7, 20] : [1, 2, 3, 7, 20])
  const off = rng.chance(paced ? 5 : 25) ? rng.pick([1, -1, 2, -2, 4, step, -trips * step]) : 0
  const counter = wraps ? -16 : rng.pick([0, 0, 1, 5, 0x12000])
  const bound = wraps ? (paced ? 40 : -1) : counter + trips * step + off
  const [width, octets] = rng.pick(widths)
  const near = rng.pick([0, 8, -8, step])
  const late = paced ? 0 : rng.pick([0, 0, 0, 1, 1, -1, octets])
  const r6 = rng.chance(paced ? 95 : 70)
    ? end - (trips - 1) * step - near - octets + late
    : startOf(rng)
  const r7 = rng.chance(paced ? 97 : 80) ? rng.pick(inside) : startOf(rng)
  const bounds = ['0x7fffffffffffffff', '-1', '0x10000000000']
  const lines = [
    'before:',
    `mov r5, ${rng.chance(90) ? step : rng.pick([0, -1, -8])}`,
    `mov r6, ${r6}`,
    `mov r7, ${r7}`,
    `mov r8, ${counter}`,
    `lddw r9, ${rng.chance(96) ? bound : rng.pick(bounds)}`,
    ...(paced ? [`mov r1, ${rng.below(3)}`] : []),
  ]
  const at = (base: string, distance: number): string =>
    `[${base}${distance < 0 ? '' : '+'}${distance}]`
  const access = (base: string): string => {
    const [w] = rng.pick(widths)
    const place = at(base, rng.pick([0, 0, 8, -8, 1, step, -step]))
    return rng.chance(50)
      ? `ldx${w} r${rng.below(3)}, ${place}`
      : `stx${w} ${place}, r${rng.below(3)}`
  }
  let label = 0
  const line = (): string[] => {
    const kind = rng.below(paced ? 14 : 10)
    if (kind < 2) return [access('r7')]
    if (kind < 4) return ['mov r4, r7', 'add r4, r8', access('r4')]
    if (kind < 5) return ['mov r4, 0x12000', 'add r4, r8', access('r4')]
    if (kind < 6) return [`mov r3, 0x13ff8`, `mov r4, r8`, 'and r4, 7', 'add r3, r4', access('r3')]
    if (kind < 7) return ['add r1, 1']
    if (kind > 11) return ['add r1, 1', breakTo(rng)]
    label += 2
    const [l, m] = [`l${label}`, `l${label + 1}`]
    const skip = `jset r1, ${rng.pick([1, 2, 3])}, ${l}`
    if (kind < 8) return [skip, access(rng.pick(['r6', 'r7'])), `${l}:`]
    // what was the same is so no more; what was checked on one way only
    // two ways, of which either is the dearer
    if (kind > 9) {
      const [dear, cheap] = [1, 2].map(() =>
        Array.from({ length: rng.below(24) }, () => 'add r1, 1'),
      )
      return [skip, ...dear!, `ja ${m}`, `${l}:`, ...cheap!, `${m}:`]
    }
    if (kind < 9) return ['mov r4, r7', skip, 'add r7, 0x1000', `${l}:`, access('r4'), access('r7')]
    const base = ['mov r4, r1', 'and r4, 15', 'add r4, r7']
    return [...base, skip, access('r4'), `ja ${m}`, `${l}:`, access('r4'), `${m}:`]
  }
  const moved = ['r8', 'r6']
    .concat(rng.chance(25) ? ['r7'] : [])
    .map((register) => `add ${register}, ${rng.chance(93) ? by : String(step + 1)}`)
  const body = [`${rng.chance(50) ? 'ldx' : 'stx'}${width} `]
  body[0] += body[0]!.startsWith('ldx') ? `r0, ${at('r6', near)}` : `${at('r6', near)}, r0`
  for (let i = rng.below(4) + (paced ? 1 : 0); i > 0; i--) body.push(...line())
  const early = paced && rng.chance(25)
  if (!early && rng.chance(85)) body.push(...moved)
  else body.unshift(...moved)
  if (rng.chance(16))
    body.push(`add r${rng.pick([5, 6, 6, 6, 7, 8, 9])}, ${rng.pick([step, step, 8, -8])}`)
  const [stay, leave] = rng.pick(conditions)
  const other = by !== 'r5' && rng.chance(paced ? 15 : 50) && bound >= 0 ? String(bound) : 'r9'
  const way = early ? 20 : rng.below(20) + (paced ? 3 : 0)
  if (way < 11) body.push(`j${stay} r8, ${other}, again`)
  else if (way < (paced ? 20 : 17)) body.push(`j${leave} r8, ${other}, out`, 'ja again')
  else {
    body.splice(early ? moved.length : rng.below(2), 0, `j${leave} r8, ${other}, out`)
    body.push('ja again')
  }
  const behind = paced ? ['add r2, 1', 'add r2, 1'].slice(rng.below(3)) : []
  const text = [...lines, 'again:', ...body, 'out:', ...behind, 'exit'].join('\n')
  return { text, steps: trips * body.length }
}

/** Octets that differ from those around them. */
const octets = Uint8Array.from({ length: 0x4000 }, (_, i) => i * 167 + (i >> 8) * 13)

/** A random loop of eBPF over its memory; the same for the same seed. */
export function loopTrial(seed: number): Trial {
  const rng = new Generator(seed)
  const program = memoryProgram(assembleBpf(loopText(rng, false).text).code)
  return trialOf(program, seed, rng)
}

/**
 * The same with ways out of the loop and of different costs through it, and mostly with less gas than it
 * takes.
 */
export function paceTrial(seed: number): Trial {
  const rng = new Generator(seed)
  const { steps, text } = loopText(rng, true)
  const trial = trialOf(memoryProgram(assembleBpf(text).code), seed, rng)
  return rng.chance(30) ? trial : { ...trial, gas: BigInt(rng.below(20 + 2 * steps)) }
}

/** A random loop that fills or copies memory, or nearly does; the same for the same seed. */
export function bulkTrial(seed: number): Trial {
  const rng = new Generator(seed)
  const plain = memoryProgram(assembleBpf(bulkText(rng)).code)
  const segments = [{ address: 0x10000, bytes: octets }]
  return trialOf({ ...plain, memory: { ...plain.memory, segments } }, seed, rng)
}

function trialOf(program: Program, seed: number, rng: Rng): Trial {
  const values = Array.from({ length: 10 }, () => rng.value())
  // entered at the loop now and then, with any registers
  const entry = rng.chance(8) ? 6 : 0
  return {
    program,
    gas: BigInt(rng.chance(80) ? 1000 : rng.below(120)),
    seed,
    start(machine: Machine) {
      for (let i = 0; i < 10; i++) if (i < 3 || entry > 0) machine.registers.set(i, values[i]!)
      machine.pc = entry
    },
  }
}
