import type { RawBlock } from './raise-blocks.ts'
import { type Convention, maskOf } from './raise-convention.ts'
import type { CallTarget } from './riscv-linked.ts'

/** A function of which it is asked whether it returns. */
export interface Returning {
  readonly blocks: readonly RawBlock<unknown>[]
  /** It may come to a return; found out by `findReturning`. */
  returns: boolean
}

/**
 * Finds which functions may return: a call of any other ends its block. O(code) but for chains of calls
 * @param one the only one that is new
 */
export function findReturning(raws: readonly (Returning | undefined)[], one?: Returning): void {
  if (one !== undefined) {
    cutBehindCalls(one, raws)
    return
  }
  for (let again = true; again; ) {
    again = false
    for (const raw of raws)
      if (raw !== undefined && !raw.returns && mayReturn(raw, raws)) {
        raw.returns = true
        again = true
      }
  }
  for (const raw of raws) if (raw !== undefined) cutBehindCalls(raw, raws)
}

function targetReturns(target: CallTarget, raws: readonly (Returning | undefined)[]): boolean {
  if (target.kind === 'function') return raws[target.index]?.returns ?? false
  return target.kind === 'import'
}

function mayReturn(raw: Returning, raws: readonly (Returning | undefined)[]): boolean {
  const seen = new Set<RawBlock<unknown>>()
  const work = [raw.blocks[0]!]
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    if (seen.has(block)) continue
    seen.add(block)
    const { end } = block
    if (end.kind === 'ret' || end.kind === 'tailr' || end.kind === 'jr') return true
    if (end.kind === 'tail' && targetReturns(end.target, raws)) return true
    if (end.kind === 'call' && !targetReturns(end.target, raws)) continue
    for (const succ of block.succs) work.push(succ)
  }
  return false
}

function cutBehindCalls(raw: Returning, raws: readonly (Returning | undefined)[]): void {
  for (const block of raw.blocks) {
    if (block.end.kind !== 'call' || targetReturns(block.end.target, raws)) continue
    for (const succ of block.succs) succ.preds.splice(succ.preds.indexOf(block), 1)
    block.succs = []
  }
}

/** By function: registers that it reads as arguments, as bits; bits n of its results by place that are read of it. */
export interface Signatures {
  readonly takes: Int32Array
  readonly gives: Uint8Array
  /** Of any function that is called through a register. */
  readonly openTakes: number
  readonly openGives: number
}

/** Registers that a host call reads, as bits. */
export type ImportTakes = (index: number) => number

/** What a block does to registers, as bits. */
export interface BlockUse {
  readonly block: RawBlock<unknown>
  /** Read before they are written, and written; without the end. */
  readonly reads: number
  readonly writes: number
  /** What the end itself reads. */
  readonly endReads: number
  /** Read at its start. */
  live: number
}

/** A function whose arguments and results are looked for. */
export interface Called {
  /** From the last block to the first, each before those that come before it but for loops. */
  readonly uses: readonly BlockUse[]
  /** Callers are not all known. */
  readonly isOpen: boolean
  /** Results that are read of it anyway, as bits. */
  readonly gives: number
}

/**
 * Finds which arguments and results of functions are used, over all calls.
 * O(code) times how often one changes: at most 10 times a function.
 */
export function signaturesOf(
  convention: Convention,
  functions: readonly (Called | undefined)[],
  importTakes: ImportTakes,
): Signatures {
  return new SignatureFinder(convention, functions, importTakes).find()
}

class SignatureFinder {
  private readonly convention: Convention
  private readonly functions: readonly (Called | undefined)[]
  private readonly importTakes: ImportTakes
  /** By function: those that call it. */
  private readonly callers: readonly Set<number>[]
  private readonly takes: Int32Array
  private readonly gives: Uint8Array
  private readonly indirect = new Set<number>()
  private readonly dirty = new Set<number>()
  private readonly openBits: number
  private readonly anyBits: number
  private readonly callWrites: number
  private openTakes = 0
  private openGives = 0

  constructor(
    convention: Convention,
    functions: readonly (Called | undefined)[],
    importTakes: ImportTakes,
  ) {
    this.convention = convention
    this.functions = functions
    this.importTakes = importTakes
    this.openBits = maskOf(convention.arguments.slice(0, convention.open))
    this.anyBits = maskOf(convention.arguments)
    this.callWrites = maskOf(convention.callWrites)
    this.callers = functions.map(() => new Set<number>())
    this.takes = new Int32Array(functions.length)
    this.gives = Uint8Array.from(functions, (func) => func?.gives ?? 0)
    functions.forEach((func, index) => {
      if (func === undefined) return
      this.dirty.add(index)
      for (const { block } of func.uses) this.caller(index, block.end)
    })
  }

  private caller(index: number, end: RawBlock<unknown>['end']): void {
    if (end.kind === 'callr' || end.kind === 'tailr') this.indirect.add(index)
    else if ((end.kind === 'call' || end.kind === 'tail') && end.target.kind === 'function')
      this.callers[end.target.index]!.add(index)
  }

  find(): Signatures {
    for (const index of this.dirty) {
      this.dirty.delete(index)
      this.visit(index)
    }
    const { gives, openGives, openTakes, takes } = this
    return { takes, gives, openTakes, openGives }
  }

  private visit(index: number): void {
    const { isOpen, uses } = this.functions[index]!
    const byBlock = new Map(uses.map((use) => [use.block, use]))
    const work = new Set(uses)
    // a successor's use comes before its block's, in this order
    for (const use of work) {
      work.delete(use)
      const live = use.reads | (this.liveAtEnd(index, use, byBlock) & ~use.writes)
      if (live === use.live) continue
      use.live = live
      for (const pred of use.block.preds) {
        const before = byBlock.get(pred)
        if (before !== undefined) work.add(before)
      }
    }
    const first = uses[uses.length - 1]!
    this.setTakes(index, first.live & (isOpen ? this.openBits : this.anyBits))
  }

  private setTakes(index: number, takes: number): void {
    if (takes !== this.takes[index]) {
      this.takes[index] = takes
      for (const caller of this.callers[index]!) this.dirty.add(caller)
    }
    if (!this.functions[index]!.isOpen || (takes & ~this.openTakes) === 0) return
    this.openTakes |= takes
    for (const caller of this.indirect) this.dirty.add(caller)
  }

  private setGives(target: number, gives: number): void {
    if ((gives & ~this.gives[target]!) === 0) return
    this.gives[target]! |= gives
    this.dirty.add(target)
  }

  private setOpenGives(gives: number): void {
    if ((gives & ~this.openGives) === 0) return
    this.openGives |= gives
    this.functions.forEach((func, index) => {
      if (func?.isOpen) this.setGives(index, this.openGives)
    })
  }

  private targetTakes(target: CallTarget, gives: number): number {
    if (target.kind === 'import') return this.importTakes(target.index)
    if (target.kind === 'none') return 0
    this.setGives(target.index, gives)
    return this.takes[target.index]!
  }

  /** Results by place, of registers. */
  private resultsIn(registers: number): number {
    const { results } = this.convention
    return results.reduce((bits, register, n) => bits | (((registers >>> register) & 1) << n), 0)
  }

  private liveAtEnd(
    index: number,
    { block, endReads }: BlockUse,
    uses: ReadonlyMap<RawBlock<unknown>, BlockUse>,
  ): number {
    const { end, succs } = block
    let live = 0
    for (const succ of succs) live |= uses.get(succ)?.live ?? 0
    const gives = this.gives[index]!
    const wanted = this.resultsIn(live)
    const { callWrites } = this
    switch (end.kind) {
      case 'call':
        return (live & ~callWrites) | this.targetTakes(end.target, wanted)
      case 'callr':
        this.setOpenGives(wanted)
        return (live & ~callWrites) | endReads | this.openTakes
      case 'tail':
        return this.targetTakes(end.target, gives)
      case 'tailr':
        this.setOpenGives(gives)
        return endReads | this.openTakes
      case 'ret':
        return maskOf(this.convention.results.filter((_, n) => ((gives >> n) & 1) === 1))
      default:
        return live | endReads
    }
  }
}
