import { VerifyError } from '../../bits/errors.ts'
import { type BpfGasClass, bpfRows } from './table.ts'

/**
 * Prices of eBPF instructions, charged before each one executes (instruction-exact). Names are
 * stable, programs carry them: a changed price gets a new name.
 */
export interface BpfSchedule {
  readonly name: string
  /** Gas per instruction of a class, 0..65535. */
  readonly costs: Readonly<Record<BpfGasClass, number>>
}

function flat(cost: number): Record<BpfGasClass, number> {
  return {
    alu: cost,
    mul: cost,
    div: cost,
    jump: cost,
    call: cost,
    host: cost,
    exit: cost,
    load: cost,
    store: cost,
    atomic: cost,
  }
}

/**
 * The schedule of eBPF contracts. A unit is one 64-bit addition. The reasons are costs that
 * every engine shares: what a check, a record or a bad case adds to the instruction.
 */
const alcatraz1: BpfSchedule = {
  name: 'alcatraz-1',
  costs: {
    alu: 1,
    /** Pipelined on x86-64 and AArch64: three cycles of latency, one of throughput. */
    mul: 1,
    /** Not pipelined: 10 to 18 cycles for 64 bits on current x86-64, 35 to 88 before Ice Lake. */
    div: 16,
    /** May be mispredicted, and meters the path that follows. */
    jump: 1,
    /** Five registers and the return pc are saved, frame and depth are checked. */
    call: 8,
    /** Leaves the engine; the host charges its own work on top. */
    host: 8,
    /** Restores what `call` saved. */
    exit: 2,
    /** A bounds check and a possible cache miss. */
    load: 2,
    store: 2,
    /** One load, one operation, one store. */
    atomic: 5,
  },
}

const schedules: readonly BpfSchedule[] = [
  alcatraz1,
  { name: 'per-instruction', costs: flat(1) },
  { name: 'none', costs: flat(0) },
]

/** All gas schedules of eBPF, by name. */
export const bpfSchedules: ReadonlyMap<string, BpfSchedule> = new Map(
  schedules.map((schedule) => [schedule.name, schedule]),
)

/**
 * The schedule called `name`.
 * @throws {VerifyError} `unknownSchedule`
 * @example bpfSchedule('alcatraz-1').costs.div // 16
 */
export function bpfSchedule(name: string): BpfSchedule {
  const schedule = bpfSchedules.get(name)
  if (schedule === undefined) {
    const known = [...bpfSchedules.keys()].join(', ')
    throw new VerifyError('unknownSchedule', `no gas schedule '${name}'; there are ${known}`, {
      value: name,
    })
  }
  return schedule
}

/**
 * Gas of each instruction under a schedule, by row of `bpfRows`.
 * @throws {VerifyError} `unknownSchedule`
 * @example bpfCosts('per-instruction')[bpfRow.exit] // 1
 */
export function bpfCosts(name: string): Uint32Array {
  const { costs } = bpfSchedule(name)
  return Uint32Array.from(bpfRows, (row) => costs[row.gas])
}
