import type { IrProgram } from '../ir/program.ts'
import { type Blocks, End, edgeOf, falls } from './blocks.ts'
import { afterCall, type Convention } from './convention.ts'
import { type Functions, lastRow } from './functions.ts'
import { type Plan, readsOf, writesOf } from './plan.ts'

/**
 * Kept registers, as bits, that each function may want of its caller, itself or for what it calls: they
 * are params, which its callers hold over all calls. All where control goes on in another function,
 * whose homes must be exact. Behind those of all functions stand those of all in `callable`, which share them.
 * @param passed what is in params of every function. O(rows + calls).
 */
export function exposuresOf(
  program: IrProgram,
  blocks: Blocks,
  functions: Functions,
  plans: readonly Plan[],
  convention: Convention,
  passed: number,
  callable: Uint8Array,
): Int32Array {
  const any = functions.count
  const exposed = new Int32Array(any + 1)
  const callers: number[][] = Array.from({ length: any + 1 }, () => [])
  plans.forEach((plan, f) => {
    exposed[f] = loadsOf(program, blocks, functions, plan, convention, passed) & convention.kept
    if (callable[f] === 1) {
      callers[f]!.push(any)
      callers[any]!.push(f)
    }
    for (const block of plan.blocks) {
      if (blocks.end[block] === End.callRegister) callers[any]!.push(f)
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
  passed: number,
): number {
  let loads = plan.held[0]! & ~passed
  for (let x = 0; x < plan.count; x++) {
    const block = plan.blocks[x]!
    // a call of any but the first block loads what every entry wants
    if (x > 0 && functions.isStart[block] === 1)
      for (const y of plan.entries) loads |= plan.held[y]! & ~passed
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
