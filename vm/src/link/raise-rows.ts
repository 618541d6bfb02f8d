import type { RowWriter } from '../ir/builder.ts'
import { irForms, irRows, Op, zeroRegister } from '../ir/table.ts'
import type { Block, OptFunction, OptOp, Value } from '../opt/ir.ts'
import type { Trap } from '../vm/exit.ts'
import type { RawBlock } from './raise-blocks.ts'
import type { Variables } from './raise-ssa.ts'

const names = irRows.map(({ name }) => name)
const forms = irRows.map(({ form }) => irForms[form])

/** Makes values of the rows that a lifter writes for one instruction after the other. */
export abstract class RowValues implements RowWriter {
  protected readonly func: OptFunction
  protected abstract readonly variables: Variables
  protected readonly splits: { readonly from: Block; readonly to: Block }[] = []
  protected raw: RawBlock<unknown>
  /** Where values go. */
  protected block: Block
  protected pc = 0

  constructor(func: OptFunction, raw: RawBlock<unknown>, block: Block) {
    this.func = func
    this.raw = raw
    this.block = block
  }

  protected abstract fail(code: string, what: string): never

  protected emit(op: OptOp, args: Value[] = [], imm = 0n, off = 0): Value {
    const value = this.func.value(op, args, imm, off, this.pc)
    this.block.insns.push(value)
    return value
  }

  protected make(op: OptOp, args: Value[], imm: bigint, targets: Block[]): Value {
    const value = this.func.value(op, args, imm, 0, this.pc)
    value.targets = targets
    return value
  }

  protected constant(value: bigint): Value {
    return this.emit('li', [], value)
  }

  /** A register's value; `isKept`: it goes somewhere from where it may come back. */
  protected read(register: number, _isKept = false): Value {
    if (register === zeroRegister) return this.constant(0n)
    return this.variables.read(this.raw, register)
  }

  protected write(register: number, value: Value): void {
    this.variables.write(this.raw, register, value)
  }

  abc(op: number, a: number, b: number, c: number): void {
    this.row(op, a, b, c, 0, 0, 0)
  }

  abi(op: number, a: number, b: number, imm: number): void {
    this.row(op, a, b, 0, imm, imm >> 31, 0)
  }

  row(op: number, a: number, b: number, c: number, low: number, high: number, off: number): number {
    const imm = (BigInt(high) << 32n) | BigInt(low >>> 0)
    const form = irRows[op]!.form
    switch (form) {
      case 'nop':
        break
      case 'move':
      case 'movei':
        this.move(op, a, b, c, imm)
        break
      case 'load':
        this.write(a, this.access(names[op] as OptOp, [], b, off))
        break
      case 'store':
        this.access(names[op] as OptOp, [this.read(a, true)], b, off)
        break
      case 'storei':
        this.access(names[op] as OptOp, [], b, off).imm = imm
        break
      case 'trapz':
        this.trapIfZero(this.read(b), low as Trap)
        break
      default:
        this.plain(op, a, b, c, imm)
    }
    return 0
  }

  protected plain(op: number, a: number, b: number, c: number, imm: bigint): void {
    if (op === Op.mov) {
      this.write(a, this.read(b))
      return
    }
    const form = forms[op]!
    const args: Value[] = []
    if (form.b === 'r') args.push(this.read(b))
    if (form.c === 'r') args.push(this.read(c))
    this.write(a, this.emit(names[op] as OptOp, args, form.imm === '' ? 0n : imm))
  }

  protected move(op: number, a: number, b: number, c: number, imm: bigint): void {
    const old = this.read(a)
    const isImm = op === Op.cmovzi || op === Op.cmovnzi
    const other = isImm ? this.constant(imm) : this.read(b)
    const condition = this.read(isImm ? b : c)
    const whenZero = op === Op.cmovz || op === Op.cmovzi
    this.write(a, this.emit('select', whenZero ? [other, old, condition] : [old, other, condition]))
  }

  /** A load or store of the row's op at `off` from a register; `stored`: what it stores. */
  protected access(op: OptOp, stored: Value[], register: number, off: number): Value {
    return this.emit(op, [...stored, this.read(register)], 0n, off)
  }

  protected trapIfZero(value: Value, trap: Trap): void {
    const stop = this.func.block()
    const on = this.func.block()
    stop.insns.push(this.make('trap', [], BigInt(trap), []))
    this.block.insns.push(this.make('beq64i', [value], 0n, [stop, on]))
    this.splits.push({ from: this.block, to: stop }, { from: this.block, to: on })
    this.block = on
  }
}
