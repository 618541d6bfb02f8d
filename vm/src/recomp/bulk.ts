import { Op, ValType } from '../isa/wasm/table.ts'
import { nullZone } from '../vm/memory.ts'
import type { GasWriter } from './gas.ts'
import { pushBase } from './hoist.ts'
import type { Bulk, Place } from './idioms.ts'
import { pushBound } from './paced.ts'
import type { AccessContext } from './parts.ts'

/** Fewer octets than this the loop stores as fast. */
const leastOctets = 64

/**
 * Makes iterations of a loop that was checked before, in front of it: as many as gas pays for, but the
 * last, so that what the loop leaves behind it leaves itself, be it at its end or where gas ends.
 * @param need gas without which the loop's header leaves
 */
export function emitBulk(e: AccessContext, gas: GasWriter, bulk: Bulk, need: number): void {
  const { f } = e
  const { counter, from, sums, to, width } = bulk
  const times = f.temp(ValType.i64)
  const affordable = f.temp(ValType.i64)
  const past = f.block()
  const unless = (refused: number): void => {
    f.op(refused)
    f.brIf(past)
  }
  const pushAddress = ({ distance, moving, resting }: Place): void => {
    pushBase(e, moving, resting)
    f.i64ConstBig(BigInt(distance + e.parts.layout.guest - nullZone))
    f.op(Op.i64Add)
  }
  const pushLength = (): void => {
    f.localGet(times)
    if (width === 1) return
    f.i64ConstS(Math.log2(width))
    f.op(Op.i64Shl)
  }
  if (counter.while === 'ltu') {
    // on its way it may wrap
    e.peek(counter.register)
    pushBound(e, counter)
    unless(Op.i64GeU)
  }
  pushBound(e, counter)
  e.peek(counter.register)
  f.op(Op.i64Sub)
  f.i64ConstS(1)
  f.op(Op.i64Sub)
  if (width > 1) {
    f.i64ConstS(Math.log2(width))
    f.op(Op.i64ShrU)
  }
  f.localSet(times)
  if (e.parts.measure.gas) {
    gas.lessThan(need)
    f.brIf(past)
    gas.pushTimes(need, bulk.cost.gas)
    f.localSet(affordable)
    f.localGet(affordable)
    f.localGet(times)
    f.localGet(affordable)
    f.localGet(times)
    f.op(Op.i64LtU)
    f.select()
    f.localSet(times)
  }
  f.localGet(times)
  f.i64ConstS(leastOctets / width)
  unless(Op.i64LtU)
  if (typeof from === 'object' && 'moving' in from) {
    // copied forwards, what is stored would be loaded again
    pushAddress(to)
    pushAddress(from)
    f.op(Op.i64Sub)
    f.i64ConstS(1)
    f.op(Op.i64Sub)
    pushLength()
    f.i64ConstS(1)
    f.op(Op.i64Sub)
    unless(Op.i64LtU)
    pushAddress(to)
    f.op(Op.i32WrapI64)
    pushAddress(from)
    f.op(Op.i32WrapI64)
    pushLength()
    f.op(Op.i32WrapI64)
    f.memoryCopy()
  } else {
    if (typeof from === 'object' && width > 1) {
      const all = (1n << BigInt(8 * width)) - 1n
      e.peek(from.register)
      if (width < 8) {
        f.i64ConstBig(all)
        f.op(Op.i64And)
      }
      e.peek(from.register)
      f.i64ConstS(0xff)
      f.op(Op.i64And)
      f.i64ConstBig(all / 0xffn)
      f.op(Op.i64Mul)
      unless(Op.i64Ne)
    }
    pushAddress(to)
    f.op(Op.i32WrapI64)
    if (typeof from === 'number') f.i32Const(from)
    else {
      e.peek(from.register)
      f.op(Op.i32WrapI64)
    }
    pushLength()
    f.op(Op.i32WrapI64)
    f.memoryFill()
  }
  for (const { by, register } of sums) {
    e.peek(register)
    f.localGet(times)
    if (by !== 1) {
      f.i64ConstS(by)
      f.op(Op.i64Mul)
    }
    f.op(Op.i64Add)
    e.put(register)
  }
  if (e.parts.measure.gas) gas.takeTimes(bulk.cost, times)
  f.end()
  f.free(times)
  f.free(affordable)
}
