import { contractCosts } from './costs.ts'
import { decodePvm, hasBit, maxSkip, newPvmInsn } from './decode.ts'
import { pipelineBlockCost } from './pipeline.ts'
import { isTerminator, pvmRows } from './table.ts'
import type { PvmIsa } from './versions.ts'

/**
 * When gas is taken, and how much. Names are stable: programs carry them, and a changed cost gets a
 * new name.
 *
 * `instruction`: `cost` before each instruction. `block`: `costOf` before the first instruction
 * of a block. In both, unless nothing costs anything, `memset` takes 1 more for each octet written.
 */
export type PvmSchedule =
  | { readonly name: string; readonly kind: 'instruction'; readonly cost: number }
  | {
      readonly name: string
      readonly kind: 'block'
      readonly costOf: BlockCost
    }

/** Gas of the block that starts at `pc`, a positive integer. O(instructions of the block). */
export type BlockCost = (isa: PvmIsa, code: Uint8Array, bitmask: Uint8Array, pc: number) => number

const insn = newPvmInsn()

function instructionsOfBlock(isa: PvmIsa, code: Uint8Array, mask: Uint8Array, pc: number): number {
  for (let count = 1, at = pc; ; count++, at += insn.length) {
    decodePvm(isa, code, mask, at, insn)
    if (isTerminator(insn.row)) return count
  }
}

const contractCostOfRow = Uint8Array.from(pvmRows, ({ gas }) => contractCosts[gas] ?? 1)

function contractCostOfBlock(isa: PvmIsa, code: Uint8Array, mask: Uint8Array, pc: number): number {
  for (let sum = 0, at = pc; ; at += insn.length) {
    decodePvm(isa, code, mask, at, insn)
    sum += contractCostOfRow[insn.row] ?? 1
    if (isTerminator(insn.row)) return sum
  }
}

function pipeline(name: string, memory: number): PvmSchedule {
  return {
    name,
    kind: 'block',
    costOf: (isa, code, mask, pc) => pipelineBlockCost(isa, code, mask, pc, memory),
  }
}

const schedules: readonly PvmSchedule[] = [
  /** No gas is taken. */
  { name: 'none', kind: 'instruction', cost: 0 },
  /** Gray Paper 0.7: 1 for each instruction. */
  { name: 'pvm-instruction', kind: 'instruction', cost: 1 },
  /** polkavm's `CostModel::naive` with synchronous metering. */
  { name: 'pvm-block', kind: 'block', costOf: instructionsOfBlock },
  /** Contracts on our own chain: the sum of `contractCosts`. */
  { name: 'pvm-1', kind: 'block', costOf: contractCostOfBlock },
  /** polkavm's `CacheModel::L1Hit`. */
  pipeline('pvm-pipeline-l1', 4),
  /** Gray Paper 0.8; polkavm's `CacheModel::L2Hit`. */
  pipeline('pvm-pipeline-l2', 25),
  /** polkavm's `CacheModel::L3Hit`. */
  pipeline('pvm-pipeline-l3', 37),
]

/** All gas schedules of the PVM, by name. */
export const pvmSchedules: ReadonlyMap<string, PvmSchedule> = new Map(
  schedules.map((schedule) => [schedule.name, schedule]),
)

/** Where the instruction before the one at `pc` starts; undefined when none is near enough. */
function previousStart(bitmask: Uint8Array, pc: number): number | undefined {
  for (let at = pc - 1; at >= 0 && at >= pc - 1 - maxSkip; at--) if (hasBit(bitmask, at)) return at
  return undefined
}

/**
 * The start of the block that contains `pc`, which block schedules charge for an entry at `pc`: after
 * the closest terminator or invalid instruction before, or where the code before is no sequence of
 * instructions. O(instructions in between).
 * Source: polkavm-common/src/program.rs, `find_start_of_basic_block`.
 */
export function blockAround(
  isa: PvmIsa,
  code: Uint8Array,
  bitmask: Uint8Array,
  pc: number,
): number {
  for (let start = pc; start > 0; ) {
    const before = previousStart(bitmask, start)
    if (before === undefined || isTerminator(isa.rowByCode[code[before]!]!)) return start
    start = before
  }
  return 0
}
