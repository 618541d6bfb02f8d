import { VerifyError } from '../bits/errors.ts'
import { irForms, irRows } from '../ir/table.ts'
import { dominatorsOf } from './dominators.ts'
import { type Block, isTerminator, type OptFunction, type OptProgram, type Value } from './ir.ts'

/** Arguments, targets and whether there is an answer, of ops that are alike everywhere. */
interface Shape {
  readonly args: number
  readonly targets: number
}

const own: Readonly<Record<string, Shape>> = {
  phi: { args: -1, targets: 0 },
  param: { args: 0, targets: 0 },
  undef: { args: 0, targets: 0 },
  frame: { args: 0, targets: 0 },
  entry: { args: 0, targets: 0 },
  out: { args: 0, targets: 0 },
  select: { args: 3, targets: 0 },
  result: { args: 1, targets: 0 },
  switch: { args: 1, targets: -1 },
  call: { args: -1, targets: 0 },
  callr: { args: -1, targets: 0 },
  host: { args: -1, targets: 0 },
  ret: { args: -1, targets: 0 },
  trap: { args: 0, targets: 0 },
  jump: { args: 0, targets: 1 },
}

const absent: ReadonlySet<string> = new Set([
  ...['charge', 'halt', 'nop', 'mov', 'cmovz', 'cmovnz', 'cmovzi', 'cmovnzi', 'jump64', 'jump32'],
  ...['callrh', 'trapz64', 'trapz32', 'trapo64', 'trapo32', 'memset', 'sbrk', 'packet'],
])

const shapes: ReadonlyMap<string, Shape> = new Map([
  ...irRows
    .filter(({ name }) => !absent.has(name))
    .map(({ name, form }): [string, Shape] => {
      const { a, b, c } = irForms[form]
      const args = [a === 'r' ? 'a' : '', b, c].filter((use) => use !== '').length
      return [name, { args, targets: form === 'branch' || form === 'branchi' ? 2 : 0 }]
    }),
  ...Object.entries(own),
])

/** Ops whose answer is asked for by nobody: no value may name them. */
const answersNothing = (value: Value): boolean =>
  isTerminator(value.op) || value.op.startsWith('store')

/**
 * Refuses what is no program in single static assignment: operands and targets of each op, phis against predecessors,
 * each use dominated by its value.
 * @throws {VerifyError} `offset` is the value's id
 */
export function verifyOpt(program: OptProgram): void {
  for (const [index, func] of program.functions.entries()) {
    if (func === undefined) continue
    if (func.id !== index) throw wrong(`function ${index} says it is ${func.id}`, index)
    new Checker(func, program).check()
  }
  for (const { name, func } of program.exports)
    if (program.functions[func] === undefined)
      throw wrong(`export ${name} is function ${func}, which is absent`, func)
}

const wrong = (what: string, offset: number): VerifyError =>
  new VerifyError('opt', what, { offset })

class Checker {
  private readonly func: OptFunction
  private readonly program: OptProgram
  /** By value id: where it is. */
  private readonly blockOf: (Block | undefined)[] = []
  private readonly placeOf: number[] = []

  constructor(func: OptFunction, program: OptProgram) {
    this.func = func
    this.program = program
  }

  check(): void {
    const { func } = this
    const { blocks, params } = func
    if (blocks.length === 0) throw this.error('no block', -1)
    if (blocks[0]!.preds.length > 0) throw this.error('the entry has a predecessor', -1)
    for (const [i, param] of params.entries()) {
      if (param.op !== 'param' || param.imm !== BigInt(i)) throw this.error(`param ${i}`, param.id)
      this.place(param, blocks[0]!, -1)
    }
    for (const block of blocks) this.places(block)
    const known = new Set(blocks)
    const preds = new Map<Block, Block[]>(blocks.map((block) => [block, []]))
    for (const block of blocks)
      for (const target of block.targets) {
        if (!known.has(target)) throw this.error(`b${block.id} goes to a block that is absent`, -1)
        preds.get(target)!.push(block)
      }
    for (const block of blocks) this.checkPreds(block, preds.get(block)!)
    const { order, dominates } = dominatorsOf(func)
    if (order.length !== blocks.length) throw this.error('a block that nothing reaches', -1)
    for (const block of blocks) this.checkBlock(block, dominates)
  }

  private error(what: string, id: number): VerifyError {
    return wrong(`${this.func.name}: %${id}: ${what}`, Math.max(id, 0))
  }

  private place(value: Value, block: Block, at: number): void {
    if (value.id >= this.func.values) throw this.error('an id that was not given out', value.id)
    if (this.blockOf[value.id] !== undefined) throw this.error('stands twice', value.id)
    this.blockOf[value.id] = block
    this.placeOf[value.id] = at
  }

  private places(block: Block): void {
    const { insns, phis } = block
    for (const phi of phis) {
      if (phi.op !== 'phi') throw this.error(`${phi.op} among the phis`, phi.id)
      this.place(phi, block, -1)
    }
    for (const [at, insn] of insns.entries()) {
      if (insn.op === 'phi' || insn.op === 'param') throw this.error(`${insn.op}`, insn.id)
      if (isTerminator(insn.op) !== (at === insns.length - 1))
        throw this.error(`b${block.id} does not end with its one terminator`, insn.id)
      this.place(insn, block, at)
    }
    if (insns.length === 0) throw this.error(`b${block.id} is empty`, -1)
  }

  /** Predecessors are all there, each as often as it goes here. */
  private checkPreds(block: Block, preds: readonly Block[]): void {
    const ids = (list: readonly Block[]): string =>
      list
        .map(({ id }) => id)
        .sort((a, b) => a - b)
        .join(' ')
    if (ids(block.preds) !== ids(preds))
      throw this.error(`b${block.id} is entered from ${ids(preds)}, not ${ids(block.preds)}`, -1)
  }

  private checkBlock(block: Block, dominates: (over: Block, under: Block) => boolean): void {
    for (const phi of block.phis) {
      if (phi.args.length !== block.preds.length) throw this.error('arguments of a phi', phi.id)
      for (const [i, arg] of phi.args.entries()) {
        if (phi.args[block.preds.indexOf(block.preds[i]!)] !== arg)
          throw this.error('two answers for one predecessor', phi.id)
        if (!dominates(this.blockFor(arg), block.preds[i]!))
          throw this.error(`%${arg.id} does not reach it`, phi.id)
      }
    }
    for (const [at, insn] of block.insns.entries()) {
      this.checkShape(insn)
      for (const arg of insn.args) {
        const from = this.blockFor(arg)
        if (from === block ? this.placeOf[arg.id]! >= at : !dominates(from, block))
          throw this.error(`%${arg.id} does not reach it`, insn.id)
        if (answersNothing(arg)) throw this.error(`%${arg.id} has no answer`, insn.id)
      }
    }
  }

  private blockFor(value: Value): Block {
    const block = this.blockOf[value.id]
    if (block === undefined) throw this.error('used, and stands nowhere', value.id)
    return block
  }

  private checkShape(insn: Value): void {
    const { args, imm, off, op, targets } = insn
    const shape = shapes.get(op)
    if (shape === undefined) throw this.error(`${op} is no op`, insn.id)
    if (shape.args >= 0 && args.length !== shape.args)
      throw this.error(`operands of ${op}`, insn.id)
    if (shape.targets >= 0 && targets.length !== shape.targets)
      throw this.error(`targets of ${op}`, insn.id)
    if (BigInt.asIntN(64, imm) !== imm) throw this.error(`immediate ${imm}`, insn.id)
    if ((off | 0) !== off) throw this.error(`offset ${off}`, insn.id)
    const { functions, imports } = this.program
    if (op === 'call') {
      const callee = functions[Number(imm)]
      if (callee === undefined) throw this.error(`function ${imm} is absent`, insn.id)
      if (!callee.isOpen && args.length !== callee.params.length)
        throw this.error(`${args.length} arguments for ${callee.name}`, insn.id)
    } else if (op === 'host' && imports[Number(imm)] === undefined)
      throw this.error(`import ${imm} is absent`, insn.id)
    else if (op === 'callr' && args.length === 0) throw this.error('callr of nothing', insn.id)
    else if (op === 'ret' && args.length > 2) throw this.error('too many results', insn.id)
    else if (op === 'result' && !['call', 'callr', 'host'].includes(args[0]!.op))
      throw this.error(`result of ${args[0]!.op}`, insn.id)
  }
}
