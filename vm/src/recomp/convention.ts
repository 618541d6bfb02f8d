import type { IrProgram } from '../ir/program.ts'
import { ValType } from '../isa/wasm/table.ts'

/**
 * Params that all generated functions have: the entry number, which managed calls shift left by
 * `depthBits` and join with the depth; and the gas word.
 */
export const param = { entry: 0, gas: 1 } as const

/** A function has fewer blocks than fit above: each takes some of `maxFunctionOctets`. */
export const depthBits = 20

/**
 * How generated functions call each other, from the program's call model.
 *
 * Managed: `(entry << depthBits | depth, gas, registers...) -> (gas, answered)`, gas < 0 when the function was
 * left; each function has its own registers (`Signature`). An entry of 0 is a call of the function's first block, all
 * else comes from outside: `entry - 1` is the entry's number and what is in no param is in its home.
 * Link: `(entry, gas, budget) -> (gas, place)`, the place to go on at, or -1 when it was left.
 */
export interface Convention {
  readonly managed: boolean
  /** Params that all functions have, and all results. */
  readonly params: readonly ValType[]
  readonly results: readonly ValType[]
  /** The guest register in a result, or -1. */
  readonly answered: number
  /** Registers, as bits, that a call leaves as they are: they stay in their caller's locals. */
  readonly kept: number
  readonly framePointer: number
  /** Callees declare their arguments: all else is zero. */
  readonly declared: boolean
}

/**
 * What is handed to a function. V8 passes five params and two results in the processor's registers, more
 * through memory.
 */
export interface Signature {
  /** Guest registers in params, from `firstPassed` on; -1: a param that is not used. */
  readonly inParams: readonly number[]
  /** The same as bits. */
  readonly passed: number
}

export const firstPassed = 2
/** Link: Wasm frames that may still be opened. */
export const budgetParam = 2

/**
 * In a place, next to its entry number: where a link comes back. A jump there goes to the caller,
 * also if that is the same function.
 */
export const returnBit = 0x8000

const { i32, i64 } = ValType

/** Are blocks put into an order that has loops in one piece: not where each is entered from anywhere, nor where LLVM's order is good. */
export function ordersBlocks({ calls, rules }: IrProgram): boolean {
  return calls.kind === 'managed' ? calls.declared === true : !rules.jumpsAnywhere
}

/** Saved registers stay where they are; of the others the first is the answer. */
export function conventionOf(program: IrProgram): Convention {
  const { calls, registers } = program
  if (calls.kind === 'link')
    return {
      managed: false,
      params: [i32, i64, i32],
      results: [i64, i32],
      answered: -1,
      kept: 0,
      framePointer: -1,
      declared: false,
    }
  const { declared, first, saved } = calls
  const kept = ((1 << saved) - 1) << first
  const others = Array.from({ length: registers }, (_, r) => r).filter((r) => !(kept & (1 << r)))
  return {
    managed: true,
    params: [i32, i64],
    results: [i64, i64],
    answered: others[0]!,
    kept,
    framePointer: first + saved - 1,
    declared: declared === true,
  }
}

/** Params of a function's Wasm type. */
export function paramsOf({ params }: Convention, { inParams }: Signature): ValType[] {
  return [...params, ...inParams.map(() => i64)]
}

/** The entry of a call, or of what comes from outside, in the function's first param. */
export function entryWord(entry: number, called: boolean): number {
  return called && entry === 0 ? 0 : (entry + 1) << depthBits
}

/** Registers in locals behind a call: what it kept of those before, and its answer. */
export function afterCall({ answered, kept }: Convention, held: number): number {
  return answered < 0 ? 0 : (held & kept) | (1 << answered)
}
