import type { Label } from '../emit/func.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { far, type HoistedLoop } from './loops.ts'
import type { Counter } from './pace.ts'
import { pushBound } from './paced.ts'
import type { AccessContext } from './parts.ts'
import { pushLength } from './windows.ts'

/**
 * Goes to `slow` unless all that the loop's ranges reach in all of its iterations
 * is where it is expected, and mapped there.
 *
 * The counter is in `first..bound - 1` at the header: it is below the bound at first, does not wrap
 * before it gets there, and stays below it. What keeps pace with it is as far from its own first value.
 */
export function emitLoopChecks(e: AccessContext, loop: HoistedLoop, slow: Label): void {
  const { f } = e
  const { counter, ranges } = loop
  const moves = ranges.some(({ moving }) => moving >= 0)
  const { windows } = e.parts
  const way = f.temp(ValType.i64)
  const at = f.temp(ValType.i64)
  const unless = (refused: number): void => {
    f.op(refused)
    f.brIf(slow)
  }
  if (counter !== undefined && (moves || loop.pace !== undefined)) {
    const { bound, register, step } = counter
    if (typeof bound !== 'number') {
      // far from a wrap, signed or not
      pushBound(e, counter)
      f.i64ConstNumber(far)
      unless(Op.i64GtU)
    }
    if (typeof step !== 'number') {
      e.peek(step.register)
      f.i64ConstS(1)
      f.op(Op.i64Sub)
      f.i64ConstS(0x7fff_ffff)
      unless(Op.i64GeU)
    }
    pushBound(e, counter)
    e.peek(register)
    f.op(Op.i64Sub)
    f.localTee(way)
    // from 1 on: not where the counter is not below its bound
    f.i64ConstS(1)
    f.op(Op.i64Sub)
    if (windows.isLinear && moves) f.localGet(e.limit)
    else f.i64ConstNumber(2 ** 32)
    unless(Op.i64GeU)
    if (counter.while === 'ne' && step !== 1) {
      // it must hit the bound
      f.localGet(way)
      f.i64ConstS((step as number) - 1)
      f.op(Op.i64And)
      f.op(Op.i64Eqz)
      unless(Op.i32Eqz)
    }
  }
  for (const { hi, lo, moving, resting, window } of ranges) {
    pushBase(e, moving, resting)
    f.i64ConstNumber(lo - windows.list[window]!.address)
    f.op(Op.i64Add)
    f.localTee(at)
    pushLength(f, e.limit, windows, window)
    unless(Op.i64GtU)
    f.localGet(at)
    if (moving >= 0) {
      f.localGet(way)
      f.op(Op.i64Add)
    }
    f.i64ConstS(moving >= 0 ? hi - lo - lastStep(counter) : hi - lo)
    f.op(Op.i64Add)
    pushLength(f, e.limit, windows, window)
    unless(Op.i64GtU)
  }
  f.free(way)
  f.free(at)
}

/** Pushes the sum of two registers, of which -1 is none. */
export function pushBase(e: AccessContext, moving: number, resting: number): void {
  if (moving >= 0) e.peek(moving)
  if (resting >= 0) e.peek(resting)
  if (moving >= 0 && resting >= 0) e.f.op(Op.i64Add)
}

/** The counter is at least so far below its bound at the header. */
function lastStep(counter: Counter | undefined): number {
  return counter?.while === 'ne' && typeof counter.step === 'number' ? counter.step : 1
}
