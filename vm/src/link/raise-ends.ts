import type { Block, OptFunction, OptOp, Value } from '../opt/ir.ts'
import { Trap } from '../vm/exit.ts'
import type { RawBlock } from './raise-blocks.ts'
import type { Convention } from './raise-convention.ts'
import type { ImportTakes, Signatures } from './raise-live.ts'
import { RowValues } from './raise-rows.ts'
import { Variables } from './raise-ssa.ts'
import type { CallTarget } from './riscv-linked.ts'

/** What is known of other functions. */
export interface Surroundings {
  readonly functions: readonly ({ readonly isOpen: boolean } | undefined)[]
  readonly signatures: Signatures
  readonly importTakes: ImportTakes
}

/** Makes blocks of the optimiser of blocks of instructions I: how they end, calls, arguments and results. */
export abstract class BlockRaiser<I> extends RowValues {
  protected readonly variables: Variables
  protected readonly entry: Block
  /** By raw block: the first and the last block made of it. */
  protected readonly firsts: Block[] = []
  protected readonly lasts: Block[] = []
  private readonly convention: Convention
  private readonly around: Surroundings
  private readonly order: readonly RawBlock<I>[]
  private readonly isOpen: boolean
  private readonly atStart = new Map<number, Value>()

  constructor(
    convention: Convention,
    around: Surroundings,
    order: readonly RawBlock<I>[],
    func: OptFunction,
    isOpen: boolean,
  ) {
    const entry = func.block()
    super(func, order[0]!, entry)
    this.convention = convention
    this.around = around
    this.order = order
    this.isOpen = isOpen
    this.entry = entry
    for (const { id } of order) this.firsts[id] = func.block()
    this.variables = new Variables(
      func,
      order,
      ({ id }) => this.firsts[id]!,
      (register) => this.atEntry(register),
    )
  }

  /** The function's arguments. */
  protected parameters(): void {
    const takes = this.around.signatures.takes[this.func.id]!
    for (const register of this.places(takes, this.isOpen)) {
      const param = this.func.value('param', [], BigInt(this.func.params.length), 0, this.func.pc)
      this.func.params.push(param)
      this.atStart.set(register, param)
    }
  }

  /** Ends the entry block, when all others are there, and says where each comes from. */
  protected close(): void {
    const { order } = this
    this.entry.insns.push(this.make('jump', [], 0n, [this.firsts[order[0]!.id]!]))
    // phis have their arguments in the order of `predsOf`; splits keep the last block of each
    for (const block of this.func.blocks) block.preds = []
    for (const raw of order) {
      const first = this.firsts[raw.id]!
      if (raw === order[0]) first.preds.push(this.entry)
      for (const pred of this.variables.predsOf(raw)) first.preds.push(this.lasts[pred.id]!)
    }
    for (const { from, to } of this.splits) to.preds.push(from)
  }

  /** The registers of a function's arguments by place: of an open one, all up to the last that it reads. */
  private places(takes: number, isOpen: boolean): readonly number[] {
    const { arguments: registers, open } = this.convention
    if (!isOpen) return registers.filter((register) => isTaken(takes, register))
    let count = open
    while (count > 0 && !isTaken(takes, registers[count - 1]!)) count--
    return registers.slice(0, count)
  }

  /** What a register is before the first block. */
  protected atEntry(register: number): Value {
    return this.ofEntry(register, 'undef')
  }

  protected ofEntry(register: number, op: 'undef' | 'li'): Value {
    let value = this.atStart.get(register)
    if (value === undefined) {
      value = this.func.value(op, [], 0n, 0, this.func.pc)
      this.entry.insns.push(value)
      this.atStart.set(register, value)
    }
    return value
  }

  // --- ends of blocks

  protected terminate(op: OptOp, args: Value[], imm: bigint, targets: Block[]): void {
    this.block.insns.push(this.make(op, args, imm, targets))
  }

  protected jump(to: Block[]): void {
    if (to.length === 0) this.trap(Trap.panic)
    else this.terminate('jump', [], 0n, to)
  }

  protected trap(trap: Trap): void {
    this.terminate('trap', [], BigInt(trap), [])
  }

  protected switch(address: Value, labels: readonly number[], to: Block[]): void {
    labels.forEach((label, i) => {
      to[i]!.label = label
    })
    this.terminate('switch', [address], 0n, to)
  }

  protected ret(): void {
    const gives = this.around.signatures.gives[this.func.id]!
    const args: Value[] = []
    this.func.results = resultsOf(gives)
    const { results } = this.convention
    for (let n = 0; n < this.func.results; n++)
      args.push(((gives >> n) & 1) === 1 ? this.read(results[n]!, true) : this.emit('undef'))
    this.terminate('ret', args, 0n, [])
  }

  // --- calls

  private arguments(takes: number, isOpen: boolean): Value[] {
    return this.places(takes, isOpen).map((register) =>
      isTaken(takes, register) ? this.read(register, true) : this.emit('undef'),
    )
  }

  protected call(target: CallTarget): void {
    if (target.kind === 'import') this.host(target.index)
    else if (target.kind === 'none') this.split('trap', Trap.panic)
    else {
      const { functions, signatures } = this.around
      const takes = signatures.takes[target.index]!
      const { isOpen } = functions[target.index]!
      const args = this.arguments(takes, isOpen)
      this.called(
        this.emit('call', args, BigInt(target.index)),
        resultsOf(signatures.gives[target.index]!),
      )
    }
  }

  protected callRegister(to: Value): void {
    const { openGives, openTakes } = this.around.signatures
    const args = [to, ...this.arguments(openTakes, true)]
    this.called(this.emit('callr', args), resultsOf(openGives))
  }

  private host(index: number): void {
    const call = this.hostCall(index, this.around.importTakes(index))
    this.called(call, this.convention.results.length)
  }

  protected hostCall(index: number, takes: number): Value {
    const args = this.arguments(takes, true)
    while (args[args.length - 1]?.op === 'undef') args.pop()
    return this.emit('host', args, BigInt(index))
  }

  /** Control does not go on from here. */
  private split(op: 'trap', trap: Trap): void {
    const on = this.func.block()
    const stop = this.func.block()
    stop.insns.push(this.make(op, [], BigInt(trap), []))
    const never = this.constant(0n)
    this.block.insns.push(this.make('beq64i', [never], 0n, [stop, on]))
    this.splits.push({ from: this.block, to: stop }, { from: this.block, to: on })
    this.block = on
    this.lasts[this.raw.id] = on
  }

  /** What registers are behind a call. */
  protected called(call: Value, results: number): void {
    let undef: Value | undefined
    for (const register of this.convention.callWrites) {
      const n = this.convention.results.indexOf(register)
      if (n >= 0 && n < results) this.write(register, this.emit('result', [call], BigInt(n)))
      else {
        undef ??= this.emit('undef')
        this.write(register, undef)
      }
    }
  }
}

const isTaken = (takes: number, register: number): boolean => ((takes >>> register) & 1) === 1
const resultsOf = (gives: number): number => (gives === 0 ? 0 : gives === 1 ? 1 : 2)
