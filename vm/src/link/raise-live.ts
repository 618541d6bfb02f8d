import { newRiscvInsn } from '../isa/riscv/decode.ts'
import { type CfgBuilder, type RawBlock, type RawFunction, Reg } from './raise-cfg.ts'
import type { Flow } from './raise-flow.ts'
import type { CallTarget } from './riscv-linked.ts'

/**
 * Finds which functions may return: a call of any other ends its block. O(code) but for chains of calls
 * @param one the only one that is new
 */
export function findReturning(raws: readonly (RawFunction | undefined)[], one?: RawFunction): void {
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

function targetReturns(target: CallTarget, raws: readonly (RawFunction | undefined)[]): boolean {
  if (target.kind === 'function') return raws[target.index]?.returns ?? false
  return target.kind === 'import'
}

function mayReturn(raw: RawFunction, raws: readonly (RawFunction | undefined)[]): boolean {
  const seen = new Set<RawBlock>()
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

function cutBehindCalls(raw: RawFunction, raws: readonly (RawFunction | undefined)[]): void {
  for (const block of raw.blocks) {
    if (block.end.kind !== 'call' || targetReturns(block.end.target, raws)) continue
    for (const succ of block.succs) succ.preds.splice(succ.preds.indexOf(block), 1)
    block.succs = []
  }
}

/** A function with what is known of its registers. */
export interface Analysed {
  readonly raw: RawFunction
  readonly flow: Flow
  /** Callers are not all known. */
  readonly isOpen: boolean
}

/**
 * By function: registers that it reads as arguments, as bits; bits n of results a0 + n that are read of it.
 */
export interface Signatures {
  readonly takes: Int32Array
  readonly gives: Uint8Array
  /** Of any function that is called through a register. */
  readonly openTakes: number
  readonly openGives: number
}

/** Registers that a host call reads, as bits. */
export type ImportTakes = (index: number) => number

/**
 * Registers of arguments, in the order of places: those of the calling convention first; then those that compilers use, too,
 * between functions that nothing else calls.
 */
export const argumentRegisters: readonly number[] = [
  ...[10, 11, 12, 13, 14, 15, 16, 17],
  ...[7, 28, 29, 30, 31, 5, 6],
]
/** Places of the calling convention. */
export const openArguments = 8
/** Bits of the first `count` registers of arguments. */
export const argumentMask = (count: number): number =>
  argumentRegisters.slice(0, count).reduce((bits, register) => bits | (1 << register), 0)

/** Registers as bits: a call writes these. */
const callWrites = 0xf003fce2
const openBits = argumentMask(openArguments)
const anyBits = argumentMask(argumentRegisters.length)
const resultBits = 3

interface BlockUse {
  readonly block: RawBlock
  /** Registers read before they are written, and written; as bits, without the end. */
  reads: number
  writes: number
  /** Read at its start. */
  live: number
}

/**
 * Finds which arguments and results of functions are used, over all calls.
 * O(code) times how often one changes: at most 10 times a function.
 */
export function signaturesOf(
  builder: CfgBuilder,
  functions: readonly (Analysed | undefined)[],
  importTakes: ImportTakes,
  exportGives: number,
): Signatures {
  return new SignatureFinder(builder, functions, importTakes, exportGives).find()
}

class SignatureFinder {
  private readonly functions: readonly (Analysed | undefined)[]
  private readonly importTakes: ImportTakes
  private readonly uses: readonly (readonly BlockUse[])[]
  /** By function: those that call it. */
  private readonly callers: readonly Set<number>[]
  private readonly takes: Int32Array
  private readonly gives: Uint8Array
  private readonly indirect = new Set<number>()
  private readonly dirty = new Set<number>()
  private openTakes = 0
  private openGives = 0

  constructor(
    builder: CfgBuilder,
    functions: readonly (Analysed | undefined)[],
    importTakes: ImportTakes,
    exportGives: number,
  ) {
    this.functions = functions
    this.importTakes = importTakes
    this.uses = functions.map((func) =>
      func === undefined ? [] : usesOfBlocks(builder, func.flow),
    )
    this.callers = functions.map(() => new Set<number>())
    this.takes = new Int32Array(functions.length)
    this.gives = new Uint8Array(functions.length)
    functions.forEach((func, index) => {
      if (func === undefined) return
      this.dirty.add(index)
      if (builder.linked.functions[index]!.exported) this.gives[index] = exportGives
      for (const { end } of func.flow.order) this.caller(index, end)
    })
  }

  private caller(index: number, end: RawBlock['end']): void {
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
    const uses = this.uses[index]!
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
    this.setTakes(index, first.live & (this.functions[index]!.isOpen ? openBits : anyBits))
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

  private liveAtEnd(index: number, { block }: BlockUse, uses: Map<RawBlock, BlockUse>): number {
    const { end, succs } = block
    let live = 0
    for (const succ of succs) live |= uses.get(succ)?.live ?? 0
    const gives = this.gives[index]!
    const wanted = (live >>> Reg.a0) & resultBits
    switch (end.kind) {
      case 'branch':
        return live | bit(end.insn.rs1) | bit(end.insn.rs2)
      case 'switch':
        return live | bit(end.insn.rs1)
      case 'call':
        return (live & ~callWrites) | this.targetTakes(end.target, wanted)
      case 'callr':
        this.setOpenGives(wanted)
        return (live & ~callWrites) | bit(end.insn.rs1) | this.openTakes
      case 'ecall':
        return live | openBits
      case 'tail':
        return this.targetTakes(end.target, gives)
      case 'tailr':
        this.setOpenGives(gives)
        return bit(end.insn.rs1) | this.openTakes
      case 'ret':
        return gives << Reg.a0
      default:
        return live
    }
  }
}

const bit = (register: number): number => (register === 0 ? 0 : 1 << register)

/** Blocks from last to first. */
function usesOfBlocks({ decoder, linked }: CfgBuilder, flow: Flow): readonly BlockUse[] {
  const insn = newRiscvInsn()
  return flow.order
    .map((block) => {
      let reads = 0
      let writes = 0
      for (let pc = block.from; pc < block.to; pc += insn.length) {
        decoder.decode(linked.code, pc, insn)
        reads |= (bit(insn.rs1) | bit(insn.rs2)) & ~writes
        writes |= bit(insn.rd)
      }
      return { block, reads, writes, live: 0 }
    })
    .reverse()
}
