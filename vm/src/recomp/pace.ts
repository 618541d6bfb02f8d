import type { IrProgram } from '../ir/program.ts'
import { type Blocks, End } from './blocks.ts'
import { type Charge, chargeAt, noCharge } from './gas.ts'
import type { Plan } from './plan.ts'

/**
 * A register that is below a bound at the loop's header, except at first, and what it moves by in each
 * iteration: a constant, or a register that the loop does not write.
 */
export interface Counter {
  readonly register: number
  /** `ne`: it is not the bound. */
  readonly while: 'ltu' | 'lts' | 'ne'
  readonly bound: number | { readonly register: number }
  readonly step: number | { readonly register: number }
  /** Index of the block whose branch asks, and the row that moves the register before it. */
  readonly asked: number
  readonly movedAt: number
}

/**
 * A loop whose rounds are compared with gas before it, and paid where it is left: the counter says how
 * many there were.
 */
export interface Pace {
  /** What a round on the way that is written first costs; others pay the difference as they go. */
  readonly round: Charge
  /** Gas of the dearest round, and what the header asks for. */
  readonly most: number
  readonly need: number
  /**
   * May it end before its bound, where gas does: behind its last block, or behind its header, from which
   * so much is owed up to the next round. Short loops may not: a constant bound stays one.
   */
  readonly tail: Charge | undefined
}

/** A loop of so much gas is little of a slice: where gas ends it may go on as it is. */
const shortGas = 2 ** 14

const within: readonly number[] = [End.fall, End.branch, End.jump, End.leave, End.ret]

/** How a loop with such a counter is paid; undefined if it cannot be. Linear in its rows. */
export function paceOf(
  program: IrProgram,
  blocks: Blocks,
  plan: Plan,
  x: number,
  counter: Counter,
): Pace | undefined {
  const end = plan.loopEnd[x]!
  const owed: (Charge | undefined)[] = [noCharge]
  const dearest = [0]
  let after = noCharge
  for (let y = x; y <= end; y++) {
    if (!within.includes(blocks.end[plan.blocks[y]!]!)) return undefined
    const own = chargeOf(program, blocks, plan, y)
    const before = owed[y - x] ?? noCharge
    after = { gas: before.gas + own.gas, count: before.count + own.count }
    const most = (dearest[y - x] ?? 0) + own.gas
    dearest[y - x] = most
    for (const to of [plan.target[y]!, plan.falls[y] === 1 ? y + 1 : -1]) {
      if (to <= y || to > end) continue
      owed[to - x] ??= after
      dearest[to - x] = Math.max(dearest[to - x] ?? 0, most)
    }
  }
  const most = dearest[end - x]!
  if (most === 0) return undefined
  const { bound, step } = counter
  const isShort =
    typeof bound === 'number' && typeof step === 'number' && (bound / step) * most <= shortGas
  const tail = isShort ? undefined : tailOf(program, blocks, plan, x, counter)
  return { round: after, most, need: plan.need[x]!, tail }
}

function chargeOf(program: IrProgram, blocks: Blocks, plan: Plan, y: number): Charge {
  return chargeAt(program, blocks.start[plan.blocks[y]!]!)
}

/** What is owed between the branch that asks and the next round, where nothing else happens there. */
function tailOf(
  program: IrProgram,
  blocks: Blocks,
  plan: Plan,
  x: number,
  { asked }: Counter,
): Charge | undefined {
  const end = plan.loopEnd[x]!
  if (asked === end) return noCharge
  const last = blocks.start[plan.blocks[end]! + 1]! - 1
  const own = chargeOf(program, blocks, plan, end)
  const rows = last - blocks.start[plan.blocks[end]!]!
  const isJump = blocks.end[plan.blocks[end]!] === End.jump
  return asked + 1 === end && isJump && rows === (own === noCharge ? 0 : 1) ? own : undefined
}
