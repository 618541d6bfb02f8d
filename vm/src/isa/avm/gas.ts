import { VerifyError } from '../../bits/errors.ts'
import { type AvmGasClass, avmRows } from './table.ts'

/**
 * Prices of AVM's instructions. A block, from one place where control may enter or go apart to the next, is charged as
 * a whole before its first instruction. Names are stable, programs carry them: a changed price gets a new name.
 */
export interface AvmSchedule {
  readonly name: string
  readonly costs: Readonly<Record<AvmGasClass, number>>
}

function flat(cost: number): Record<AvmGasClass, number> {
  const one = { alu: cost, mul: cost, div: cost, jump: cost, call: cost }
  return { ...one, host: cost, exit: cost, load: cost, store: cost, trap: cost }
}

/** A unit is one 64-bit addition. The reasons are those of `alcatraz-1` (`isa/bpf/gas.ts`): costs that every engine shares. */
const avm1: AvmSchedule = {
  name: 'avm-1',
  costs: {
    alu: 1,
    mul: 1,
    /** Not pipelined. */
    div: 16,
    jump: 1,
    /** Registers and the return pc are saved, frame and depth are checked. */
    call: 8,
    /** Leaves the engine; the host charges its own work on top. */
    host: 8,
    exit: 2,
    load: 2,
    store: 2,
    trap: 1,
  },
}

/** All gas schedules of AVM, by name. */
export const avmSchedules: ReadonlyMap<string, AvmSchedule> = new Map(
  [avm1, { name: 'per-instruction', costs: flat(1) }, { name: 'none', costs: flat(0) }].map(
    (schedule) => [schedule.name, schedule],
  ),
)

/**
 * Gas of each instruction under a schedule, by row of `avmRows`.
 * @throws {VerifyError} `unknownSchedule`
 * @example avmCosts('avm-1')[avmRow.ret] // 2
 */
export function avmCosts(name: string): Uint32Array {
  const schedule = avmSchedules.get(name)
  if (schedule === undefined) {
    const known = [...avmSchedules.keys()].join(', ')
    throw new VerifyError('unknownSchedule', `no gas schedule '${name}'; there are ${known}`, {
      value: name,
    })
  }
  return Uint32Array.from(avmRows, (row) => schedule.costs[row.gas])
}
