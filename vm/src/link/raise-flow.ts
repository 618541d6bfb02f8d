import { alignUp } from '../bits/bytes.ts'
import { newRiscvInsn } from '../isa/riscv/decode.ts'
import { type BlockEnd, type RawBlock, reversePostorder } from './raise-blocks.ts'
import { type CfgBuilder, type Decision, type RawFunction, Reg } from './raise-cfg.ts'
import { raiseFail } from './raise-error.ts'
import { calleeSaved, Known, RegisterState, type StateSteps } from './raise-state.ts'

type SwitchEnd = Extract<BlockEnd, { readonly kind: 'switch' }>

/** What is known of a function's registers. */
export interface Flow {
  /** Blocks that are reached, each before its successors but for loops. */
  readonly order: readonly RawBlock[]
  /** At the start of each block, by id. */
  readonly at: readonly (RegisterState | undefined)[]
  /** Octets of stack that it uses, below where the stack pointer was at its entry. */
  readonly depth: number
}

/**
 * @param isLast no more decisions are waited for
 * @returns undefined if a decision was made: the function is to be cut again. O(code) for code as compilers make it
 */
export function flowOf(
  builder: CfgBuilder,
  steps: StateSteps,
  raw: RawFunction,
  isLast: boolean,
): Flow | undefined {
  const flow = new FlowFinder(builder, steps, raw).find()
  if (flow === undefined && isLast)
    raiseFail(
      builder.linked,
      { func: raw.index, pc: -1 },
      'unclearJumps',
      'it is not found out where its jumps through registers go',
    )
  return flow
}

/** The calling convention's. */
const stackAlign = 16

/** Is the stack pointer another. */
const differs = (one: RegisterState, other: RegisterState): boolean =>
  one.kinds[Reg.sp] !== other.kinds[Reg.sp] || one.values[Reg.sp] !== other.values[Reg.sp]

class FlowFinder {
  private readonly builder: CfgBuilder
  private readonly steps: StateSteps
  private readonly raw: RawFunction
  private readonly at: (RegisterState | undefined)[]
  private readonly insn = newRiscvInsn()
  /** Where the jump tables of the function start. */
  private readonly tables = new Set<number>()
  private depth = 0
  private decided = false

  constructor(builder: CfgBuilder, steps: StateSteps, raw: RawFunction) {
    this.builder = builder
    this.steps = steps
    this.raw = raw
    this.at = raw.blocks.map(() => undefined)
  }

  find(): Flow | undefined {
    const order = reversePostorder(this.raw.blocks[0]!)
    const dirty = new Set<RawBlock>([order[0]!])
    this.at[order[0]!.id] = RegisterState.atEntry()
    while (dirty.size > 0 && !this.decided)
      for (const block of order) {
        if (!dirty.delete(block)) continue
        this.block(block, dirty)
        if (this.decided) break
      }
    if (this.decided) return undefined
    for (const block of order) this.table(block)
    for (const block of order) this.jump(block)
    if (this.decided) return undefined
    for (const block of order) this.check(block)
    if (this.decided) return undefined
    return { order, at: this.at, depth: this.depth }
  }

  private fail(pc: number, code: string, what: string): never {
    return raiseFail(this.builder.linked, { func: this.raw.index, pc }, code, what)
  }

  /** What is known at the end of a block, before its jump. */
  private through(block: RawBlock): RegisterState {
    const { builder, insn, steps } = this
    const state = this.at[block.id]!.copy()
    for (let pc = block.from; pc < block.to; pc += insn.length) {
      builder.decoder.decode(builder.linked.code, pc, insn)
      steps.step(state, insn, pc)
      if (insn.rd === Reg.sp) this.stackPointer(state, pc)
    }
    return state
  }

  private stackPointer(state: RegisterState, pc: number): void {
    if (!state.is(Reg.sp, Known.stack) && !state.is(Reg.sp, Known.aligned))
      this.fail(pc, 'stackPointer', dynamicStack)
    const lowest = -state.values[Reg.sp]!
    const depth = state.is(Reg.sp, Known.stack) ? lowest : alignUp(lowest, stackAlign)
    this.depth = Math.max(this.depth, depth)
  }

  private block(block: RawBlock, dirty: Set<RawBlock>): void {
    const state = this.through(block)
    if (block.end.kind === 'call' || block.end.kind === 'callr') state.call()
    else if (block.end.kind === 'ecall') state.set(Reg.a0, Known.nothing, 0)
    for (const succ of block.succs) {
      const known = this.at[succ.id]
      if (known === undefined) this.at[succ.id] = state.copy()
      else if (differs(known, state)) this.conflict(block, succ)
      else if (!known.meet(state)) continue
      dirty.add(succ)
    }
  }

  private decide(pc: number, decision: Decision): void {
    this.raw.decisions.set(pc, decision)
    this.decided = true
  }

  /** Two ways to a place differ in the stack pointer: one of them is that from a call which does not return. */
  private conflict(from: RawBlock, to: RawBlock): void {
    const call = [from, ...to.preds].find(
      ({ end, id }) => (end.kind === 'call' || end.kind === 'callr') && this.at[id] !== undefined,
    )
    if (call === undefined)
      this.fail(
        to.from,
        'stackPointer',
        `the stack pointer differs by the way it is reached; ${dynamicStack}`,
      )
    this.decide(call.to, { kind: 'noReturn' })
  }

  private table(block: RawBlock): void {
    const { end } = block
    if (end.kind !== 'switch' && end.kind !== 'jr') return
    const state = this.through(block)
    if (state.is(end.insn.rs1, Known.label)) this.tables.add(state.values[end.insn.rs1]!)
  }

  /** Decides what a jump through a register is. */
  private jump(block: RawBlock): void {
    if (block.end.kind !== 'jr') return
    const state = this.through(block)
    const { rs1 } = block.end.insn
    const all = this.builder.labelsOf(this.raw.index)
    const isCall =
      this.leaving(state) === undefined && all.every((label) => this.steps.inTable(label))
    const labels = this.labels(state, rs1)
    if (state.is(rs1, Known.entry) && state.values[rs1] === Reg.ra)
      this.decide(block.to, { kind: 'ret' })
    else if (labels !== undefined) this.decide(block.to, { kind: 'switch', labels })
    else if (isCall || all.length === 0) this.decide(block.to, { kind: 'tailr' })
    else this.decide(block.to, { kind: 'switch', labels: all })
  }

  /** Does the block leave the function as the calling convention says? */
  private check(block: RawBlock): void {
    const { end } = block
    if (end.kind === 'ret' || end.kind === 'tailr' || end.kind === 'tail') {
      const state = this.through(block)
      if (end.kind === 'ret') this.checkReturn(block, end.insn.rs1, state)
      this.checkLeaving(block, state)
    } else if (end.kind === 'switch') this.checkSwitch(block, end)
  }

  private checkReturn(block: RawBlock, register: number, state: RegisterState): void {
    if (!state.is(register, Known.entry) || state.values[register] !== Reg.ra)
      this.fail(block.to, 'returnAddress', returnAddress)
  }

  /** Other ways to a jump may be found later: it then goes to other places, or to any. */
  private checkSwitch(block: RawBlock, end: SwitchEnd): void {
    const all = this.builder.labelsOf(this.raw.index)
    const labels = this.labels(this.through(block), end.insn.rs1) ?? all
    const isSame =
      labels.length === end.labels.length && labels.every((l, i) => l === end.labels[i])
    if (!isSame) this.decide(block.to, { kind: 'switch', labels })
  }

  /** The labels of the table that a register was loaded from, ascending. */
  private labels(state: RegisterState, register: number): readonly number[] | undefined {
    if (!state.is(register, Known.label)) return undefined
    const base = state.values[register]!
    const first = this.steps.word(base)
    if (first === undefined) return undefined
    const { codeTable } = this.builder.linked
    const labels = new Set<number>()
    for (let address = base; ; address += first.size) {
      if (address !== base && this.tables.has(address)) break
      const word = this.steps.word(address)
      if (word === undefined || word.size !== first.size || word.from !== first.from) break
      if (codeTable[word.entry]!.index !== codeTable[first.entry]!.index) break
      labels.add(word.entry)
    }
    return [...labels].sort((a, b) => a - b)
  }

  private checkLeaving(block: RawBlock, state: RegisterState): void {
    const why = this.leaving(state, block.end.kind === 'ret')
    if (why === undefined) return
    if (block.end.kind === 'tail' && block.end.target.kind === 'function') {
      if (this.raw.decisions.get(block.to)?.kind !== 'inline' && block.from !== block.to) {
        this.decide(block.to, { kind: 'inline' })
        return
      }
    }
    this.fail(block.to, 'calleeSaved', why)
  }

  /** What is not as it was at the function's entry, or undefined. */
  private leaving(state: RegisterState, byReturn = false): string | undefined {
    if (!state.is(Reg.sp, Known.stack) || state.values[Reg.sp] !== 0)
      return `it leaves with another stack pointer than it came with; ${outliner}`
    const saved = calleeSaved(this.builder.linked.embedded)
    for (const register of byReturn ? saved : [Reg.ra, ...saved])
      if (!state.is(register, Known.entry) || state.values[register] !== register)
        return `it is not proved that x${register} is at its end what it was at its start; ${outliner}`
    return undefined
  }
}

const outliner = `compile with -mno-save-restore and -mllvm -enable-machine-outliner=never; setjmp, longjmp and coroutines are not supported`
const returnAddress = `it is not proved that it returns to its caller; ${outliner}`
const dynamicStack =
  'it is moved by an amount that is not constant (alloca, arrays of variable length, or locals aligned to more than 2048 octets)'
