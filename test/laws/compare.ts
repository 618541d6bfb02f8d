import type { Engine, Exit, Machine, MachineState, Program } from 'alcatraz-vm'
import { InputError } from '#vm/bits/errors'
import { hasBit } from '#vm/isa/pvm/decode'
import { Rng } from './rng.ts'

/** Two engines left different things behind. */
export class Disagreement extends Error {}

export interface Trial {
  readonly program: Program
  readonly gas: bigint
  /** Puts a fresh machine at its start; called once per engine with equal effect. */
  readonly start: (machine: Machine) => void
  /** Decides what the host does; both machines get the same. */
  readonly seed: number
}

export interface Outcome {
  readonly exits: readonly Exit[]
  readonly instructions: bigint
}

const maxExits = 40

/** A stand-in for a host: it writes registers, memory and gas by a generator. */
export function hostWork(machine: Machine, rng: Rng): void {
  if (machine.program.memory.profile === 'regions64') return regionWork(machine, rng)
  machine.registers.set(rng.below(3), rng.value())
  if (rng.chance(30)) machine.gas += BigInt(rng.below(50))
  if (rng.chance(40)) {
    const bytes = rng.bytes(rng.between(1, 40))
    machine.memory.write(BigInt(0x10000 + rng.below(0x6000)), bytes)
  }
  if (rng.chance(20)) machine.memory.grow(machine.memory.size + rng.below(9000))
  if (machine.program.memory.profile === 'paged32' && rng.chance(15)) {
    const unit = machine.program.memory.pageSize
    // anywhere from the read-only pages to behind the heap's end
    const address = 0x10000 + unit * rng.below(12)
    if (rng.chance(60)) machine.memory.map(address, unit, rng.chance(70))
    else machine.memory.unmap(address, unit)
  }
}

/** The same in a memory of regions: it also changes their lengths, their permissions, and which there are. */
function regionWork(machine: Machine, rng: Rng): void {
  const { memory, program } = machine
  machine.registers.set(rng.below(3), rng.value())
  if (program.memory.profile !== 'regions64') return
  const { address, length } = rng.pick(program.memory.regions)
  const near = address + rng.pick([0, length, length >> 1]) + rng.between(-20, 20)
  if (rng.chance(60)) memory.write(BigInt(near), rng.bytes(rng.between(0, 40)))
  if (rng.chance(30)) memory.resize(address, rng.below(length + 120), rng.chance(70))
  try {
    if (rng.chance(15)) memory.map(rng.chance(50) ? address : near, rng.below(300), rng.chance(70))
    const own = 0x9_0000_0000
    if (rng.chance(20)) memory.map(own, rng.below(300), true)
    memory.write(BigInt(own), rng.bytes(rng.between(1, 40)))
    memory.resize(own, rng.below(900), rng.chance(80))
    if (rng.chance(10)) memory.unmap(near, rng.between(1, 200))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

/** Makes the region of a refused access long enough for it, and writable. */
function growFaulting({ memory }: Machine, address: bigint): boolean {
  const region = memory.regionAt(address)
  if (region === undefined) return false
  const length = Number(address) - region.address + 8
  return length < 0x10000 && memory.resize(region.address, length, true)
}

/** What a host does about a fault before it goes on: it maps the page, or grows the region. */
function mapFaulting(machine: Machine, exit: Extract<Exit, { kind: 'fault' }>): boolean {
  const { memory } = machine.program
  if (memory.profile === 'regions64') return growFaulting(machine, exit.address)
  if (memory.profile !== 'paged32') return false
  machine.memory.map(Number(exit.address), memory.pageSize, true)
  return true
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** What differs between two states, or ''. Says so in full only when something does. */
export function difference(a: MachineState, b: MachineState): string {
  for (const key of ['pc', 'gas', 'charged', 'memorySize'] as const)
    if (a[key] !== b[key]) return `${key}: ${a[key]} and ${b[key]}`
  for (let i = 0; i < Math.max(a.registers.length, b.registers.length); i++)
    if (a.registers[i] !== b.registers[i])
      return `register ${i}: ${a.registers[i]} and ${b.registers[i]}`
  const frameText = ({ frames }: MachineState, i: number): string => {
    const f = frames[i]
    return f === undefined ? 'none' : `${f.returnPc}(${f.saved.join(' ')}; ${f.slots?.join(' ')})`
  }
  for (let i = 0; i < Math.max(a.frames.length, b.frames.length); i++) {
    const [x, y] = [frameText(a, i), frameText(b, i)]
    if (x !== y) return `frame ${i}: ${x} and ${y}`
  }
  const slots = [a, b].map((state) => String(state.slots))
  if (slots[0] !== slots[1]) return `slots: ${slots.join(' and ')}`
  if (a.pages.length !== b.pages.length) return `pages: ${a.pages.length} and ${b.pages.length}`
  for (let i = 0; i < a.pages.length; i++) {
    const [x, y] = [a.pages[i]!, b.pages[i]!]
    if (x.address !== y.address || x.writable !== y.writable)
      return `page ${i}: ${x.address} ${x.writable} and ${y.address} ${y.writable}`
    if (sameBytes(x.bytes, y.bytes)) continue
    const at = x.bytes.findIndex((octet, k) => octet !== y.bytes[k])
    return `octet ${x.address + at}: ${x.bytes[at]} and ${y.bytes[at]}`
  }
  return ''
}

/** The same of machines; memory and frames only on demand, they take long. */
function differenceOf(a: Machine, b: Machine, whole: boolean): string {
  if (whole) return difference(a.save(), b.save())
  if (a.pc !== b.pc || a.gas !== b.gas) return `pc, gas: ${a.pc} ${a.gas} and ${b.pc} ${b.gas}`
  for (let i = 0; i < a.registers.count; i++) {
    const [x, y] = [a.registers.get(i), b.registers.get(i)]
    if (x !== y) return `register ${i}: ${x} and ${y}`
  }
  return ''
}

export const exitText = (exit: Exit): string => Object.values(exit).map(String).join(' ')

/** A machine of each engine at the trial's start, or undefined when both refuse the program. */
function machinesOf(engines: readonly Engine[], trial: Trial, gas: bigint): Machine[] | undefined {
  const made = engines.map((engine) => {
    try {
      return engine.instantiate(trial.program, { gas })
    } catch (error) {
      if (error instanceof InputError) return error.code
      throw error
    }
  })
  if (made.every((m) => typeof m !== 'string')) {
    for (const machine of made as Machine[]) trial.start(machine as Machine)
    return made as Machine[]
  }
  if (made.some((m) => m !== made[0]))
    throw new Disagreement(`refused: ${made.map((m) => (typeof m === 'string' ? m : 'no'))}`)
  return undefined
}

/**
 * Runs a trial on both engines in step: they agree at every exit on its kind and pc, all
 * registers, gas, frames, memory and the number of instructions. Runs are resumed after host
 * calls, with new gas, after faults and traps. Now and then the machines swap their states, so
 * that each goes on from what the other one saved.
 * @throws {Disagreement}
 */
export function compare(left: Engine, right: Engine, trial: Trial): Outcome {
  const exits: Exit[] = []
  const machines = machinesOf([left, right], trial, trial.gas)
  if (machines === undefined) return { exits, instructions: 0n }
  const [a, b] = machines as [Machine, Machine]
  const rng = new Rng(trial.seed)
  /** The count of the machine that a state came from is not part of the state. */
  let ahead = 0n
  try {
    for (let step = 0; step < maxExits; step++) {
      const exit = a.run()
      const other = exitText(b.run())
      if (exitText(exit) !== other)
        throw new Disagreement(`exit ${step}: '${exitText(exit)}' and '${other}'`)
      const differs = differenceOf(a, b, exit.kind !== 'host' || rng.chance(25))
      if (differs !== '')
        throw new Disagreement(`after exit ${step} (${exitText(exit)}): ${differs}`)
      const counts = [a.stats.instructions, b.stats.instructions - ahead] as const
      if (counts[0] !== counts[1])
        throw new Disagreement(`instructions at exit ${step} (${exitText(exit)}): ${counts}`)
      exits.push(exit)
      if (!goesOn([a, b], exit, rng)) break
      if (rng.chance(25)) {
        const [x, y] = [a.save(), b.save()]
        a.restore(y)
        b.restore(x)
        ahead = b.stats.instructions - a.stats.instructions
      }
    }
    return { exits, instructions: a.stats.instructions }
  } finally {
    a.dispose()
    b.dispose()
  }
}

/**
 * Does to all machines, which are in the same state, what a host might do after an exit; false when
 * the run is over.
 */
export function goesOn(machines: readonly Machine[], exit: Exit, rng: Rng): boolean {
  const all = (change: (machine: Machine) => void): true => {
    for (const machine of machines) change(machine)
    return true
  }
  const { program } = machines[0]!
  switch (exit.kind) {
    case 'host': {
      const seed = rng.word()
      return all((machine) => hostWork(machine, new Rng(seed)))
    }
    case 'outOfGas': {
      if (rng.chance(30)) return false
      const more = BigInt(rng.below(200))
      return all((machine) => {
        machine.gas += more
      })
    }
    case 'fault':
      if (rng.chance(50) && machines.filter((machine) => mapFaulting(machine, exit)).length > 0)
        return true
      break
    case 'halt':
      return false
    default:
  }
  // another value in a register, and the same instruction again; or another place
  if (rng.chance(60)) return false
  if (rng.chance(15)) {
    const pc = rng.below(program.code.length / (program.isa === 'pvm' ? 1 : 8))
    return all((machine) => {
      machine.pc = pc
    })
  }
  const { memory } = program
  const from = memory.profile === 'regions64' ? rng.pick(memory.regions).address : 0x10000
  const [register, value] = [rng.below(10), BigInt(from + rng.below(0x6000))]
  return all((machine) => machine.registers.set(register, value))
}

/**
 * A run in one go on `left` and a run with the same gas in pieces on `right` end in the same state.
 * @param piece gas of each piece
 * @param at called with the pc at the start of each piece
 * @throws {Disagreement}
 */
export function inPieces(
  left: Engine,
  right: Engine,
  trial: Trial,
  piece: () => bigint,
  at: (pc: number) => void,
): Outcome {
  const whole = machinesOf([left], trial, trial.gas)
  const cut = machinesOf([right], trial, 0n)
  if (whole === undefined || cut === undefined) return { exits: [], instructions: 0n }
  const [a, b] = [whole[0]!, cut[0]!]
  const hosts = [new Rng(trial.seed), new Rng(trial.seed)] as const
  let calls = 0
  const again = (machine: Machine, exit: Exit, rng: Rng): boolean => {
    if (exit.kind !== 'host' || calls >= maxExits) return false
    machine.registers.set(rng.below(3), rng.value())
    return true
  }
  try {
    const exits: Exit[] = [a.run()]
    for (; again(a, exits.at(-1)!, hosts[0]); calls++) exits.push(a.run())
    let rest = trial.gas
    calls = 0
    for (let done = 0; done < exits.length; ) {
      at(b.pc)
      const exit = b.run()
      if (exit.kind === 'outOfGas' && rest > 0n) {
        // the invalid instruction that code runs on to cannot be resumed: no run begins there
        if (trial.program.isa === 'pvm' && !hasBit(trial.program.bitmask, exit.pc))
          return { exits, instructions: a.stats.instructions }
        const wanted = piece()
        const more = wanted < rest ? wanted : rest
        b.gas += more
        rest -= more
        continue
      }
      if (exitText(exit) !== exitText(exits[done]!))
        throw new Disagreement(
          `exit ${done}: '${exitText(exits[done]!)}' in one go, '${exitText(exit)}' in pieces`,
        )
      done++
      if (done < exits.length && again(b, exit, hosts[1])) calls++
    }
    b.gas += rest
    const differs = difference(a.save(), b.save())
    if (differs !== '') throw new Disagreement(`one go and pieces: ${differs}`)
    // an interrupted memset is executed once more when it goes on
    if (trial.program.isa !== 'pvm' && a.stats.instructions !== b.stats.instructions)
      throw new Disagreement(`instructions: ${a.stats.instructions} and ${b.stats.instructions}`)
    return { exits, instructions: a.stats.instructions }
  } finally {
    a.dispose()
    b.dispose()
  }
}
