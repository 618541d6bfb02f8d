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

/** Rounds of a loop that are paid where it is left. */
export interface Paid {
  /** What each costs. */
  readonly round: Charge
  /** Behind this row one more is counted than has ended. */
  readonly movedAt: number
  /** Pushes how many were counted. */
  pushRounds(): void
}

/** What a row charges; `noCharge` for any but a charge. */
export function chargeAt({ rows }: IrProgram, row: number): Charge {
  const at = row * rowWords
  if ((rows[at]! & 0xff) !== Ir.charge) return noCharge
  return { gas: rows[at + 1]! >>> 0, count: rows[at + 2]! >>> 0 }
}

/**
 * How far left gas stands in the gas word, above the instructions that are still to count: a charge's
 * constant then has 32 bits, which x86-64's instructions take in line, unlike wider ones.
 */
export const GasShift = {
  /** Each instruction costs 1: the word is the gas, which counts them. */
  alone: 0,
  /** No charge costs less than 1 for an instruction. */
  exact: 22,
  /** Blocks cost less than their instructions: at most 16 for each gas (the pipeline model). */
  blocks: 25,
} as const

/**
 * The largest slice of gas that a word with this shift counts to its end, twice over: what was counted
 * ahead is given back.
 */
export function largestSlice(shift: number): bigint {
  if (shift === GasShift.alone) return 1n << 27n
  return shift === GasShift.exact ? 1n << 21n : 1n << 20n
}

/**
 * The shift for a program's charges; O(rows).
 * @example gasShiftOf(liftProgram(program)) // 22
 */
export function gasShiftOf(program: IrProgram): number {
  const { count, rows } = program
  let shift: number = GasShift.alone
  for (let row = 0; row < count; row++) {
    const at = row * rowWords
    if ((rows[at]! & 0xff) !== Ir.charge) continue
    const gas = rows[at + 1]! >>> 0
    const instructions = rows[at + 2]! >>> 0
    if (gas === instructions) continue
    if (gas < instructions && !(gas === 0 && instructions === 1)) return GasShift.blocks
    shift = GasShift.exact
  }
  return shift
}

/** The word of `gas` that counts down from as many instructions as fit. */
export function gasWord(gas: bigint, shift: number): bigint {
  const from = BigInt(shift)
  return shift === GasShift.alone ? gas : (gas << from) | ((1n << from) - 1n)
}

/** What a charge takes from such a word. */
export function chargeWord(gas: number, instructions: number, shift: number): bigint {
  return shift === GasShift.alone
    ? BigInt(gas)
    : (BigInt(gas) << BigInt(shift)) + BigInt(instructions)
}

/** What is left in the word of `given` gas, and the instructions that it counted. */
export function readGasWord(
  word: bigint,
  given: bigint,
  shift: number,
): { readonly gas: bigint; readonly instructions: bigint } {
  if (shift === GasShift.alone) return { gas: word, instructions: given - word }
  const from = BigInt(shift)
  const all = (1n << from) - 1n
  return { gas: word >> from, instructions: all - (word & all) }
}

/**
 * The gas word (`GasShift`) in a local, and what is owed to it at the place that is written: exact gas
 * is the local less `owed`. A charge costs no instruction until control meets a way that owes
 * something else.
 */
export class GasWriter {
  readonly local: number = param.gas
  owed: Charge = noCharge
  /** The loop that is being written, if its rounds are yet to be paid; and the row. */
  paid: Paid | undefined
  row = 0
  private readonly f: FuncBuilder
  private readonly shift: number

  constructor(f: FuncBuilder, shift: number) {
    this.f = f
    this.shift = shift
    f.nameLocal(this.local, 'gas')
  }

  charge(gas: number, count: number): void {
    this.owed = { gas: this.owed.gas + gas, count: this.owed.count + count }
  }

  /** Pushes the exact word. */
  push(): void {
    this.f.localGet(this.local)
    this.take(this.takeRounds())
  }

  /** Pushes the gas without what it counts, where nothing is owed. */
  pushLeft(): void {
    this.f.localGet(this.local)
    if (this.shift === GasShift.alone) return
    this.f.i64ConstS(this.shift)
    this.f.op(Op.i64ShrU)
  }

  /** Out of a loop whose rounds were not paid. */
  payRounds(): void {
    if (this.paid === undefined) return
    this.f.localGet(this.local)
    this.owed = this.takeRounds()
    this.f.localSet(this.local)
    this.paid = undefined
  }

  /** Takes what rounds cost from what was pushed; answers what is still owed. */
  private takeRounds(): Charge {
    const { owed, paid } = this
    if (paid === undefined) return owed
    const { movedAt, round } = paid
    paid.pushRounds()
    this.constant(round.gas, round.count)
    this.f.op(Op.i64Mul)
    this.f.op(Op.i64Sub)
    if (this.row <= movedAt) return owed
    return { gas: owed.gas - round.gas, count: owed.count - round.count }
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
    this.constant(need, 0)
    this.f.op(Op.i64LtU)
  }

  /** Pushes how often `gas` can be taken from what is beyond `need`, where so much is and nothing is owed. */
  pushTimes(need: number, gas: number): void {
    this.f.localGet(this.local)
    this.constant(need, 0)
    this.f.op(Op.i64Sub)
    this.constant(gas, 0)
    this.f.op(Op.i64DivU)
  }

  /** Takes a charge as often as an i64 local says. */
  takeTimes({ count, gas }: Charge, times: number): void {
    this.f.localGet(this.local)
    this.f.localGet(times)
    this.constant(gas, count)
    this.f.op(Op.i64Mul)
    this.f.op(Op.i64Sub)
    this.f.localSet(this.local)
  }

  private take({ count, gas }: Charge): void {
    if (count === 0 && gas === 0) return
    this.constant(gas, count)
    this.f.op(Op.i64Sub)
  }

  /** Below 2^53: a slice has 2^27 gas at most. */
  private constant(gas: number, count: number): void {
    const value = this.shift === GasShift.alone ? gas : gas * 2 ** this.shift + count
    this.f.i64Const(value | 0, Math.floor(value / 0x1_0000_0000))
  }
}
