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
 * How generated functions call each other, from the program's call model. V8 passes five params and
 * two results in the processor's registers: more would go through memory.
 *
 * Managed: `(entry << depthBits | depth, gas, passed...) -> (gas, answered)`, gas < 0 when the function was
 * left. Link: `(entry, gas, budget) -> (gas, place)`, the place to go on at, or -1 when it was left.
 */
export interface Convention {
  readonly managed: boolean
  readonly params: readonly ValType[]
  readonly results: readonly ValType[]
  /** Guest registers in params, from `firstPassed` on; as bits in `passed`. */
  readonly inParams: readonly number[]
  readonly passed: number
  /** The guest register in a result, or -1. */
  readonly answered: number
  /** Registers, as bits, that a call leaves as they are: they stay in their caller's locals. */
  readonly kept: number
  readonly framePointer: number
}

export const firstPassed = 2
/** Link: Wasm frames that may still be opened. */
export const budgetParam = 2

/**
 * In a place, next to its entry number: where a link comes back. A jump there goes to the caller,
 * also if that is the same function.
 */
export const returnBit = 0x8000

const argumentsPassed = 2

const { i32, i64 } = ValType

/** Saved registers stay where they are; of the others the first is the answer, then come arguments. */
export function conventionOf(program: IrProgram): Convention {
  const { calls, registers } = program
  if (calls.kind === 'link')
    return {
      managed: false,
      params: [i32, i64, i32],
      results: [i64, i32],
      inParams: [],
      passed: 0,
      answered: -1,
      kept: 0,
      framePointer: -1,
    }
  const { first, saved } = calls
  const kept = ((1 << saved) - 1) << first
  const framePointer = first + saved - 1
  const others = Array.from({ length: registers }, (_, r) => r).filter((r) => !(kept & (1 << r)))
  const inParams = [framePointer, ...others.slice(1, 1 + argumentsPassed)]
  return {
    managed: true,
    params: [i32, i64, ...inParams.map(() => i64)],
    results: [i64, i64],
    inParams,
    passed: inParams.reduce((mask, r) => mask | (1 << r), 0),
    answered: others[0]!,
    kept,
    framePointer,
  }
}

/** Registers in locals behind a call: what it kept of those before, and its answer. */
export function afterCall({ answered, kept }: Convention, held: number): number {
  return answered < 0 ? 0 : (held & kept) | (1 << answered)
}
