import type { IrProgram } from '../ir/program.ts'
import { type Blocks, End, edgeOf, falls } from './blocks.ts'
import { afterCall, type Convention } from './convention.ts'
import { type Functions, lastRow } from './functions.ts'
import { type Plan, readsOf, writesOf } from './plan.ts'

/**
 * Kept registers, as bits, that each function may load from their homes when it is called, itself or
 * by what it calls: its callers store them, and hold them over all calls. All where control goes on in
 * another function, whose homes must be exact. Compilers write no such code, so that saved
 * registers stay in locals. O(rows + calls).
 */
export function exposuresOf(
  program: IrProgram,
  blocks: Blocks,
  functions: Functions,
  plans: readonly Plan[],
  convention: Convention,
): Int32Array {
  const exposed = new Int32Array(functions.count)
  if (!convention.managed) return exposed
  const callers: number[][] = Array.from({ length: functions.count }, () => [])
  plans.forEach((plan, f) => {
    exposed[f] = loadsOf(program, blocks, functions, plan, convention) & convention.kept
    for (const block of plan.blocks) {
      if (blocks.end[block] === End.callRegister) exposed[f]! |= convention.kept
      if (blocks.end[block] !== End.call || blocks.target[block]! < 0) continue
      callers[functions.of[blocks.target[block]!]!]!.push(f)
    }
  })
  const work = Array.from(exposed.keys())
  for (let f = work.pop(); f !== undefined; f = work.pop()) {
    for (const caller of callers[f]!) {
      const mask = exposed[caller]! | exposed[f]!
      if (mask === exposed[caller]) continue
      exposed[caller] = mask
      work.push(caller)
    }
  }
  return exposed
}

/** May control go from the block to one of another function, other than by a call. */
function goesElsewhere(blocks: Blocks, functions: Functions, plan: Plan, x: number): boolean {
  const block = plan.blocks[x]!
  const end = blocks.end[block]!
  if (end === End.jumpRegister) return true
  if (edgeOf(blocks, block) >= 0 && plan.target[x]! < 0) return true
  return falls(end) && plan.falls[x] === 0 && functions.of[block + 1] !== functions.of[block]
}

/** Registers that the function's code loads from their homes, as it is written from its plan. */
function loadsOf(
  program: IrProgram,
  blocks: Blocks,
  functions: Functions,
  plan: Plan,
  convention: Convention,
): number {
  let loads = plan.held[0]! & ~convention.passed
  for (let x = 0; x < plan.count; x++) {
    const block = plan.blocks[x]!
    // a call of any but the first block loads what every entry wants
    if (x > 0 && functions.isStart[block] === 1)
      for (const y of plan.entries) loads |= plan.held[y]! & ~convention.passed
    let held = plan.held[x]!
    for (let row = blocks.start[block]!; row <= lastRow(blocks, block); row++) {
      loads |= readsOf(program, row) & ~held
      held |= readsOf(program, row) | writesOf(program, row)
    }
    const end = blocks.end[block]!
    if (goesElsewhere(blocks, functions, plan, x)) loads |= convention.kept
    if (end === End.call || end === End.callRegister) held = afterCall(convention, held)
    if (plan.falls[x] === 1) loads |= plan.held[x + 1]! & ~held
    if (plan.target[x]! >= 0) loads |= plan.held[plan.target[x]!]! & ~held
  }
  return loads
}
