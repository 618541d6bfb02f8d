import type { FuncBuilder } from '../emit/func.ts'
import { type IrProgram, rowWords } from '../ir/program.ts'
import { Op as Ir } from '../ir/table.ts'
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
 * Does each instruction cost 1, so that gas counts them, too? O(rows).
 * @example costsOne(liftProgram(program)) // true
 */
export function costsOne(program: IrProgram): boolean {
  const { count, rows } = program
  for (let row = 0; row < count; row++) {
    const at = row * rowWords
    if ((rows[at]! & 0xff) === Ir.charge && rows[at + 1] !== rows[at + 2]) return false
  }
  return true
}

/**
 * The gas word, `gas << 32 | instructions still to count`, in a local, and what is owed to it at
 * the place that is written: exact gas is the local less `owed`. A charge costs no instruction
 * until control meets a way that owes something else. Where each instruction costs 1 the local is
 * the gas alone: constants of 32 bits are part of x86-64's instructions, wider ones are not.
 */
export class GasWriter {
  readonly local: number = param.gas
  owed: Charge = noCharge
  private readonly f: FuncBuilder
  private readonly alone: boolean

  constructor(f: FuncBuilder, alone: boolean) {
    this.f = f
    this.alone = alone
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
    if (this.alone) this.f.i64ConstS(need)
    else this.f.i64Const(0, need | 0)
    this.f.op(Op.i64LtU)
  }

  private take({ count, gas }: Charge): void {
    if (count === 0 && gas === 0) return
    if (this.alone) this.f.i64ConstS(gas)
    else this.f.i64Const(count, gas - (count < 0 ? 1 : 0))
    this.f.op(Op.i64Sub)
  }
}
