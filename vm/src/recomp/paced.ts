import type { FuncBuilder, Label } from '../emit/func.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import type { GasWriter, Paid } from './gas.ts'
import type { HoistedLoop } from './loops.ts'
import type { Counter, Pace } from './pace.ts'
import type { AccessContext } from './parts.ts'

/** A loop that is being written without comparisons of gas. */
export interface PacedLoop {
  readonly pace: Pace
  readonly counter: Counter
  /** Local that takes the place of the bound, or -1 where the loop always gets there. */
  readonly stop: number
  readonly paid: Paid
}

/**
 * Goes to `slow` where gas is short; else finds how far the counter may go until it is. The counter is
 * below its bound, as `emitLoopChecks` has it.
 */
export function emitPace(
  e: AccessContext,
  gas: GasWriter,
  { counter, pace }: HoistedLoop,
  slow: Label,
): PacedLoop | undefined {
  if (counter === undefined || pace === undefined) return undefined
  const { f } = e
  const { register, step } = counter
  const { most, need } = pace
  const stop = pace.tail === undefined ? -1 : f.local(ValType.i64, 'stop')
  const start = f.local(ValType.i64, 'start')
  const left = f.temp(ValType.i64)
  e.peek(register)
  f.localSet(start)
  // two rounds, so that what is rounded down below is one
  gas.lessThan(need + 2 * most)
  f.brIf(slow)
  gas.pushLeft()
  f.i64ConstS(need)
  f.op(Op.i64Sub)
  f.localSet(left)
  if (stop >= 0) {
    pushBound(e, counter)
    f.localSet(stop)
  }
  // all rounds but the last cost more than there is
  pushBound(e, counter)
  f.localGet(start)
  f.op(Op.i64Sub)
  timesConstant(f, most)
  f.localGet(left)
  timesStep(e, step)
  f.op(Op.i64GtU)
  if (stop < 0) f.brIf(slow)
  else {
    f.ifUnlikely()
    if (counter.while === 'ltu') {
      // on its way to the bound it may wrap: then it is left after a round
      f.localGet(start)
      pushBound(e, counter)
      f.op(Op.i64GeU)
      f.brIf(slow)
    }
    f.localGet(left)
    f.i64ConstBig(BigInt(Math.floor(2 ** 32 / most)))
    f.op(Op.i64Mul)
    f.i64ConstS(32)
    f.op(Op.i64ShrU)
    timesStep(e, step)
    f.localGet(start)
    f.op(Op.i64Add)
    f.localSet(stop)
    f.end()
  }
  f.free(left)
  const pushRounds = (): void => {
    e.peek(register)
    f.localGet(start)
    f.op(Op.i64Sub)
    if (typeof step !== 'number') {
      e.peek(step.register)
      f.op(Op.i64DivU)
    } else if ((step & (step - 1)) !== 0) {
      f.i64ConstS(step)
      f.op(Op.i64DivU)
    } else if (step > 1) {
      f.i64ConstS(Math.log2(step))
      f.op(Op.i64ShrU)
    }
  }
  return { pace, counter, stop, paid: { round: pace.round, movedAt: counter.movedAt, pushRounds } }
}

/** Pushes what the counter counts to. */
export function pushBound(e: AccessContext, { bound }: Counter): void {
  if (typeof bound === 'number') e.f.i64ConstBig(BigInt(bound))
  else e.peek(bound.register)
}

function timesConstant(f: FuncBuilder, factor: number): void {
  if (factor === 1) return
  f.i64ConstS(factor)
  f.op(Op.i64Mul)
}

function timesStep(e: AccessContext, step: Counter['step']): void {
  if (typeof step === 'number') return timesConstant(e.f, step)
  e.peek(step.register)
  e.f.op(Op.i64Mul)
}
