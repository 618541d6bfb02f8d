import { argumentsOfCallee, type IrProgram, rowWords } from '../ir/program.ts'
import { type Blocks, End } from './blocks.ts'
import type { Convention, Signature } from './convention.ts'
import { exposuresOf } from './exposure.ts'
import { type Functions, lastRow } from './functions.ts'
import { type Plan, readsOf, writesOf } from './plan.ts'

/** What each function is given, and has in locals from its start on. */
export interface Signatures {
  readonly of: readonly Signature[]
  /** Of all functions that a call through a register finds; absent where they have none in common. */
  readonly indirect: Signature | undefined
  readonly plans: readonly Plan[]
}

/** Plans function `f`, which has registers in locals from its start on. */
type Planner = (f: number, start: number) => Plan

const none: Signature = { inParams: [], passed: 0 }

/** Decides on what functions are given, and plans them. */
export function signaturesOf(
  program: IrProgram,
  blocks: Blocks,
  functions: Functions,
  convention: Convention,
  planner: Planner,
): Signatures {
  const every = Array.from({ length: functions.count }, (_, f) => f)
  if (!convention.managed)
    return { of: every.map(() => none), indirect: none, plans: every.map((f) => planner(f, 0)) }
  const callable = callableOf(program, blocks, functions)
  if (convention.declared)
    return declaredOf(program, blocks, functions, convention, planner, callable)
  const { framePointer, kept } = convention
  const passed = (1 << framePointer) | argumentBits(program, kept)
  const plans = every.map((f) => planner(f, passed))
  const exposed = exposuresOf(program, blocks, functions, plans, convention, passed, callable)
  return {
    of: every.map((f) => signatureOf(convention, passed | exposed[f]!)),
    indirect: signatureOf(convention, passed | exposed[functions.count]!),
    plans: every.map((f) => (exposed[f] === 0 ? plans[f]! : planner(f, passed | exposed[f]!))),
  }
}

const argumentsPassed = 2

/** The first arguments, which come behind the answer. */
function argumentBits({ registers }: IrProgram, kept: number): number {
  const others = Array.from({ length: registers }, (_, r) => r).filter((r) => !(kept & (1 << r)))
  return bitsOf(others.slice(1, 1 + argumentsPassed))
}

function bitsOf(registers: readonly number[]): number {
  return registers.reduce((bits, r) => (r < 0 ? bits : bits | (1 << r)), 0)
}

/** The frame pointer first: every call changes it. */
function signatureOf({ framePointer }: Convention, passed: number): Signature {
  const inParams = Array.from({ length: 32 }, (_, r) => r).filter((r) => (passed & (1 << r)) !== 0)
  const first = inParams.indexOf(framePointer)
  if (first > 0) inParams.unshift(...inParams.splice(first, 1))
  return { inParams, passed }
}

/** Functions that calls through registers find. */
function callableOf(program: IrProgram, blocks: Blocks, functions: Functions): Uint8Array {
  const callable = new Uint8Array(functions.count)
  if (program.calls.kind !== 'managed') return callable
  for (const row of program.calls.functions.rows) {
    const block = row < 0 ? -1 : blocks.at[row]!
    if (block >= 0) callable[functions.of[block]!] = 1
  }
  return callable
}

/** By function how many arguments it declares; -1: it is not called; -2: it is, elsewhere than at its start. */
function countsOf(program: IrProgram, blocks: Blocks, functions: Functions): Int32Array {
  const counts = new Int32Array(functions.count).fill(-1)
  const called = (block: number, word: number): void => {
    const f = functions.of[block]!
    if (functions.indexOf[block] !== 0) counts[f] = -2
    else if (counts[f] === -1) counts[f] = argumentsOfCallee(word)
    else if (counts[f] !== argumentsOfCallee(word)) counts[f] = -2
  }
  for (let block = 0; block < blocks.count; block++)
    if (blocks.end[block] === End.call && blocks.target[block]! >= 0)
      called(blocks.target[block]!, program.rows[lastRow(blocks, block) * rowWords + 2]!)
  const { calls } = program
  if (calls.kind !== 'managed') return counts
  calls.functions.rows.forEach((row, i) => {
    if (row >= 0 && blocks.at[row]! >= 0) called(blocks.at[row]!, calls.frameSizes[i]!)
  })
  return counts
}

/**
 * Callees declare their arguments: what a function touches is in its locals from its start on, zero but
 * for arguments and frame pointer, and what it does not touch is zero when it is left.
 */
function declaredOf(
  program: IrProgram,
  blocks: Blocks,
  functions: Functions,
  { framePointer, kept }: Convention,
  planner: Planner,
  callable: Uint8Array,
): Signatures {
  const first = Array.from({ length: framePointer }, (_, r) => r)
  const all: Signature = { inParams: [framePointer, ...first], passed: 2 ** (framePointer + 1) - 1 }
  const counts = countsOf(program, blocks, functions)
  const own = Array.from(counts, (_, f) => touchedBy(program, blocks, functions, f))
  let most = 0
  let isOdd = false
  counts.forEach((count, f) => {
    if (callable[f] === 0) return
    isOdd ||= count === -2
    most = Math.max(most, count)
  })
  const taking = (count: number, pad: number, pointer: boolean): Signature => {
    const used = [...(pointer ? [framePointer] : []), ...first.slice(0, count)]
    return { inParams: [...used, ...new Array<number>(pad).fill(-1)], passed: bitsOf(used) }
  }
  const of = own.map((touched, f): Signature => {
    const count = counts[f]!
    if (count === -1) return none
    if (count === -2) return all
    const isCallable = callable[f] === 1
    const pointer = isCallable || (touched.bits & (1 << framePointer)) !== 0
    return taking(count, isCallable ? most - count : 0, pointer)
  })
  const indirect = isOdd ? undefined : taking(most, 0, true)
  // results are in locals, whatever was called
  const answers = (2 ** framePointer - 1) & ~kept
  const plans = own.map(({ bits, callees, indirectly }, f) => {
    let start = bits | answers | of[f]!.passed
    for (const callee of callees) start |= of[callee]!.passed
    if (indirectly) start |= indirect?.passed ?? 0
    return planner(f, start)
  })
  return { of, indirect, plans }
}

/** What a function's rows read and write, and what it calls. */
interface Touched {
  readonly bits: number
  readonly callees: ReadonlySet<number>
  readonly indirectly: boolean
}

function touchedBy(program: IrProgram, blocks: Blocks, functions: Functions, f: number): Touched {
  const { calls } = program
  const pointer = calls.kind === 'managed' ? 1 << (calls.first + calls.saved - 1) : 0
  const callees = new Set<number>()
  let bits = 0
  let indirectly = false
  for (let k = functions.first[f]!; k < functions.first[f + 1]!; k++) {
    const block = functions.order[k]!
    for (let row = blocks.start[block]!; row <= lastRow(blocks, block); row++)
      bits |= readsOf(program, row) | writesOf(program, row)
    const end = blocks.end[block]!
    if (end === End.call || end === End.callRegister) bits |= pointer
    if (end === End.callRegister) indirectly = true
    if (end === End.call && blocks.target[block]! >= 0)
      callees.add(functions.of[blocks.target[block]!]!)
  }
  return { bits, callees, indirectly }
}
