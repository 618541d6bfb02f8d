import type { Machine, PvmProgram } from 'alcatraz-vm'
import { pvmPresets } from '#vm/image/pvm-options'
import type { Trial } from './compare.ts'
import { pvmProgramOf } from './pvm-program.ts'
import { Rng as Generator, type Rng } from './rng.ts'

const page = 4096
const readOnly = { address: 0x10000, length: 2 * page, writable: false }
const data = { address: 0x20000, length: 3 * page, writable: true }
const stack = { address: 0xfefd_e000, length: 2 * page, writable: true }
const heapEnd = data.address + 6 * page
const all = [readOnly, data, stack]
const ends = [readOnly, data, data, data, stack].map(({ address, length }) => address + length)
const starts = [readOnly, data, data, stack].map(({ address }) => address)
const widths = [
  ['u8', 1],
  ['u16', 2],
  ['u32', 4],
  ['u64', 8],
] as const

/** An address as a register has it: now and then with bits above 32 that addresses ignore. */
function address(rng: Rng, value: number): string {
  const high = rng.chance(90) ? 0n : rng.pick([1n << 32n, -1n << 32n])
  const whole = BigInt.asUintN(64, BigInt(value) + high)
  return `i64 0x${whole.toString(16)}`
}

/** A loop over pages: a4 and a3 move, a5 and sp rest, s0 counts up to s1 or a number. */
function pageText(rng: Rng): string {
  const step = rng.pick([1, 1, 2, 4, 8, 8, 16, 0x400])
  const trips = rng.pick([1, 2, 3, 7, 20])
  const counter = rng.pick([0, 0, 1, 5, 0x20000])
  const bound = counter + trips * step + (rng.chance(20) ? rng.pick([1, -1, step]) : 0)
  const [width, octets] = rng.pick(widths)
  const late = rng.pick([0, 0, 0, 1, -1, octets])
  const inside = (): number => rng.pick(starts) + rng.pick([16, 64, 0x1000, 0xff8])
  const end = rng.pick(ends)
  const last = rng.chance(60)
    ? end - (trips - 1) * step - octets + late
    : rng.pick(starts) + late - 1
  const edges = [-8, 0, 0xfff8, end - 8, end, rng.pick(starts) - 4]
  const other = (): number => (rng.chance(75) ? inside() : rng.pick(edges))
  const lines = [
    `a4 = ${address(rng, last)}`,
    `a3 = ${address(rng, other())}`,
    `a5 = ${address(rng, other())}`,
    `sp = ${address(rng, rng.chance(80) ? stack.address + stack.length - 64 : other())}`,
    `s0 = ${counter}`,
    `s1 = ${bound}`,
  ]
  const access = (base: string, far = 0): string => {
    const [w] = rng.pick(widths)
    const off = far + rng.pick([0, 0, 8, -8, 1, 60, step])
    const at = `${w} [${base} ${off < 0 ? '-' : '+'} ${Math.abs(off)}]`
    return rng.chance(55) ? `${rng.pick(['a0', 'a1'])} = ${at}` : `${at} = a0`
  }
  const line = (): string[] => {
    const kind = rng.below(7)
    if (kind < 2) return [access(rng.pick(['a5', 'sp', 'a3']))]
    if (kind < 3) return ['a2 = a5 + s0', access('a2')]
    // an array at a fixed address
    if (kind < 5) return ['a2 = s0 & 0xfff', access('a2', rng.pick([...starts, ...ends]) | 0)]
    if (kind < 6) return [`t0 = ${address(rng, inside())}`, access('t0')]
    return ['a1 = a1 + 1']
  }
  const body = [rng.chance(50) ? `a0 = ${width} [a4]` : `${width} [a4] = a0`]
  for (let i = rng.below(4); i > 0; i--) body.push(...line())
  for (const register of ['a4', 'a3', 's0'])
    if (register !== 'a3' || rng.chance(30)) body.push(`${register} = ${register} + ${step}`)
  const stay = rng.pick(['<u', '<u', '<s', '!='])
  const until = rng.chance(50) ? String(bound) : 's1'
  const loop = `fallthrough\n@again:\n${body.join('\n')}\njump @again if s0 ${stay} ${until}`
  // behind the loop what is checked counts from addresses, and no loop was checked
  return `${lines.join('\n')}\n${loop}\n${access('a4')}\n${access('sp')}\n${line().join('\n')}\ntrap`
}

/** What a host does to pages before the run: it takes some, puts others in their place, gives more. */
function disturb(rng: Rng): (machine: Machine) => void {
  const acts: ((machine: Machine) => void)[] = []
  for (let i = rng.chance(50) ? 0 : rng.between(1, 4); i > 0; i--) {
    const region = rng.pick(all)
    const at = region.address + page * rng.below(region.length / page + 1)
    const writable = rng.chance(70)
    const kind = rng.below(4)
    acts.push((machine) => {
      if (kind === 0) machine.memory.unmap(at, page)
      else if (kind === 1) machine.memory.map(at, page, writable)
      else if (kind === 2) {
        // frames come back in another order
        machine.memory.unmap(region.address, region.length)
        machine.memory.map(region.address, region.length, writable)
      } else machine.memory.grow(at)
    })
  }
  return (machine) => {
    for (const act of acts) act(machine)
  }
}

function pageProgram(rng: Rng): PvmProgram {
  const octets = Uint8Array.from({ length: page }, (_, i) => i * 7)
  const memory = {
    regions: all,
    segments: all.map((region) => ({ address: region.address, bytes: octets })),
    heap: { start: data.address + data.length - 0x100, max: heapEnd },
  }
  const options = { ...pvmPresets['gp-0.7'], pageFaults: true }
  const text = pageText(rng)
  return pvmProgramOf(text, memory, { gas: rng.pick(['pvm-instruction', 'pvm-block']), options })
}

/** A random loop of PVM over pages that a host may have changed; the same for the same seed. */
export function pageTrial(seed: number): Trial {
  const rng = new Generator(seed)
  const program = pageProgram(rng)
  const values = Array.from({ length: 3 }, () => rng.value())
  const change = disturb(rng)
  return {
    program,
    gas: BigInt(rng.chance(80) ? 1000 : rng.below(120)),
    seed,
    start(machine: Machine) {
      values.forEach((value, i) => {
        machine.registers.set(7 + i, value)
      })
      change(machine)
      machine.pc = 0
    },
  }
}
