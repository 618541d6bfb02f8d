import type { FuncBuilder } from '../emit/func.ts'
import { Op } from '../isa/wasm/table.ts'
import { param } from './convention.ts'

/** A charge: gas, and guest instructions to count. */
export interface Charge {
  readonly gas: number
  readonly count: number
}

export const noCharge: Charge = { gas: 0, count: 0 }

export function sameCharge(a: Charge, b: Charge): boolean {
  return a.gas === b.gas && a.count === b.count
}

/**
 * The gas word, `gas << 32 | instructions still to count`, in a local, and what is owed to it at
 * the place that is written: exact gas is the local less `owed`. A charge costs no instruction
 * until control meets a way that owes something else.
 */
export class GasWriter {
  readonly local: number = param.gas
  owed: Charge = noCharge
  private readonly f: FuncBuilder

  constructor(f: FuncBuilder) {
    this.f = f
    f.nameLocal(this.local, 'gas')
  }

  charge(gas: number, count: number): void {
    this.owed = { gas: this.owed.gas + gas, count: this.owed.count + count }
  }

  /** Pushes the exact word. */
  push(): void {
    this.f.localGet(this.local)
    this.take(this.owed)
  }

  /** From here on `owed` is owed. */
  settle(owed: Charge): void {
    const charge = { gas: this.owed.gas - owed.gas, count: this.owed.count - owed.count }
    this.owed = owed
    if (charge.gas === 0 && charge.count === 0) return
    this.f.localGet(this.local)
    this.take(charge)
    this.f.localSet(this.local)
  }

  /** Pushes whether there is less gas than `need`, where nothing is owed. */
  lessThan(need: number): void {
    this.f.localGet(this.local)
    this.f.i64Const(0, need | 0)
    this.f.op(Op.i64LtU)
  }

  private take({ count, gas }: Charge): void {
    if (count === 0 && gas === 0) return
    this.f.i64Const(count, gas - (count < 0 ? 1 : 0))
    this.f.op(Op.i64Sub)
  }
}
