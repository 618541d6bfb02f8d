/** Random programs of the optimiser's form, which end and fault nowhere: what lowering is held against the evaluator with. */

import { irForms, irRows } from '#vm/ir/table'
import { folds } from '#vm/opt/fold'
import { type Block, OptFunction, type OptOp, type OptProgram, type Value } from '#vm/opt/ir'
import type { Rng } from '../laws/rng.ts'

/** Where the programs' data lies, and how much of it they use. */
export const dataAddress = 0x20000
const dataBytes = 0x800
const codeStep = 2
const stackBytes = 0x8000

const pureOps = irRows.filter(
  ({ name, form }) =>
    folds.has(name as OptOp) && ['abc', 'abi', 'ab'].includes(form) && name !== 'mov',
)
const branchOps = irRows.filter(({ form }) => form === 'branch' || form === 'branchi')
const loads = irRows.filter(({ form }) => form === 'load')
const stores = irRows.filter(({ form }) => form === 'store' || form === 'storei')
const edges = [0n, 1n, -1n, 2n, 7n, 8n, 31n, 63n, 255n, -128n, 4096n, 0x7fff_ffffn, -0x8000_0000n]

export interface Shape {
  /** Statements of a function, nested ones included. */
  readonly statements: number
  readonly functions: number
  /** Values that are used again late: more of them than there are registers. */
  readonly pressure: number
  /** The code address of entry 0 of the code table. */
  readonly codeBase: number
}

class Maker {
  readonly func: OptFunction
  private readonly rng: Rng
  private readonly program: Draft
  private block: Block
  /** Values that may be used here. */
  private known: Value[] = []
  private left: number
  private readonly codeBase: number
  private readonly frame: Value

  constructor(func: OptFunction, rng: Rng, program: Draft, shape: Shape) {
    this.func = func
    this.rng = rng
    this.program = program
    this.left = shape.statements
    this.codeBase = shape.codeBase
    this.block = func.block()
    this.frame = this.add('frame')
    this.known.push(...func.params)
    for (let i = 0; i < shape.pressure; i++) this.pure()
    const kept = this.known.slice()
    this.statements(3)
    // all that was made early is needed at the end
    let sum = this.pick()
    for (const value of kept) {
      const turned = this.add('mul64i', [sum], 0x1_0000_01b3n)
      sum = this.add('xor64', [turned, value])
    }
    this.end('ret', func.results === 2 ? [sum, this.pick()] : [sum])
  }

  private below(count: number): number {
    return this.rng.below(count)
  }

  private add(op: OptOp, args: Value[] = [], imm = 0n, off = 0): Value {
    const value = this.func.value(op, args, imm, off)
    this.block.insns.push(value)
    return value
  }

  private end(op: OptOp, args: Value[] = [], targets: Block[] = [], imm = 0n): void {
    const value = this.add(op, args, imm)
    value.targets = targets
    for (const target of targets) target.preds.push(this.block)
  }

  private constant(): bigint {
    const edge = edges[this.below(edges.length)]!
    if (this.below(3) > 0) return edge
    return BigInt.asIntN(64, edge * BigInt(this.below(0x4000_0000)) + BigInt(this.below(100)))
  }

  private pick(): Value {
    if (this.known.length === 0 || this.below(12) === 0) return this.add('li', [], this.constant())
    const near = Math.min(this.known.length, 6)
    const at = this.below(2) === 0 ? this.below(near) : this.below(this.known.length)
    return this.known[this.known.length - 1 - at]!
  }

  private keep(value: Value): void {
    this.known.push(value)
  }

  private pure(): void {
    const { form, name } = pureOps[this.below(pureOps.length)]!
    const { b, c } = irForms[form]
    const args = [b, c].filter((use) => use !== '').map(() => this.pick())
    const isDivision = /^(div|rem).*i$/.test(name)
    const imm = form === 'abi' ? this.constant() : 0n
    this.keep(this.add(name as OptOp, args, isDivision ? (imm & 0xffn) + 1n : imm))
  }

  /** An address within the data or the own frame, by any of the ways programs have. */
  private place(): { at: Value; off: number } {
    const way = this.below(4)
    const off = 8 * this.below(this.func.frameBytes / 8)
    if (way === 0) return { at: this.frame, off }
    if (way === 1) return { at: this.add('add64i', [this.frame], BigInt(off)), off: 0 }
    if (way === 2)
      return { at: this.add('li', [], BigInt(dataAddress)), off: this.below(dataBytes - 8) }
    const index = this.add('and64i', [this.pick()], BigInt(dataBytes / 8 - 1))
    const scaled = this.add('shl64i', [index], BigInt(1 + this.below(3)))
    const base = this.add('li', [], BigInt(dataAddress))
    return { at: this.add('add64', [base, scaled]), off: 0 }
  }

  private memory(): void {
    const { at, off } = this.place()
    if (this.below(2) === 0) {
      const { name } = loads[this.below(loads.length)]!
      this.keep(this.add(name as OptOp, [at], 0n, off))
      return
    }
    const { form, name } = stores[this.below(stores.length)]!
    if (form === 'storei') this.add(name as OptOp, [at], this.constant(), off)
    else this.add(name as OptOp, [this.pick(), at], 0n, off)
  }

  private call(): void {
    const { functions, table } = this.program
    const callees = functions.slice(this.func.id + 1)
    const callee = callees[this.below(callees.length)]
    let call: Value
    let results = 1
    if (callee === undefined || this.below(5) === 0) {
      call = this.add('host', [this.pick(), this.pick()], BigInt(this.below(2)))
    } else {
      const args = callee.params.map(() => this.pick())
      results = callee.results
      if (callee.isOpen && this.below(2) === 0) {
        const index = table.findIndex(({ block, func }) => func === callee.id && block < 0)
        const to = this.add('li', [], BigInt(this.codeBase + codeStep * index))
        call = this.add('callr', [to, ...args])
      } else {
        call = this.add('call', args, BigInt(callee.id))
      }
    }
    for (let i = 0; i < results; i++)
      if (this.below(4) > 0) this.keep(this.add('result', [call], BigInt(i)))
  }

  private branch(yes: Block, no: Block): void {
    const { form, name } = branchOps[this.below(branchOps.length)]!
    const args = form === 'branch' ? [this.pick(), this.pick()] : [this.pick()]
    this.end(name as OptOp, args, [yes, no], form === 'branchi' ? this.constant() : 0n)
  }

  /** Values that differ by the way control came. */
  private phis(block: Block, ways: readonly Value[][]): void {
    const [first = []] = ways
    first.forEach((_, i) => {
      const phi = this.func.value(
        'phi',
        ways.map((values) => values[i]!),
      )
      block.phis.push(phi)
      this.known.push(phi)
    })
  }

  private some(count: number): Value[] {
    return Array.from({ length: count }, () => this.pick())
  }

  private choose(): void {
    const either = (): Value =>
      this.below(2) === 0 ? this.pick() : this.add('li', [], this.constant())
    const sign = this.add('ltu64i', [this.pick()], 1n)
    const condition = this.below(2) === 0 ? sign : this.pick()
    this.keep(this.add('select', [either(), either(), condition]))
  }

  private choice(depth: number): void {
    const count = this.below(4)
    const before = this.known.slice()
    const arms = this.below(3) === 0 ? this.switch() : this.fork()
    const join = this.func.block()
    const ways = arms.map((arm) => {
      this.block = arm
      this.known = before.slice()
      if (this.below(3) > 0) this.statements(depth - 1)
      const values = this.some(count)
      this.end('jump', [], [join])
      return values
    })
    this.block = join
    this.known = before
    this.phis(join, ways)
  }

  private fork(): Block[] {
    const arms = [this.func.block(), this.func.block()]
    this.branch(arms[0]!, arms[1]!)
    return arms
  }

  private switch(): Block[] {
    const { table } = this.program
    const arms = Array.from({ length: 2 + this.below(3) }, () => this.func.block())
    const first = table.length
    for (const arm of arms) {
      arm.label = table.length
      table.push({ func: this.func.id, block: arm.id })
    }
    const index = this.add('remu64i', [this.pick()], BigInt(arms.length))
    const scaled = this.add('mul64i', [index], BigInt(codeStep))
    const address = this.add('add64i', [scaled], BigInt(this.codeBase + codeStep * first))
    this.end('switch', [address], arms)
    return arms
  }

  /** Runs its body some times; its variables may change places from turn to turn. */
  private loop(depth: number): void {
    const count = 1 + this.below(4)
    const starts = [this.add('li', [], BigInt(this.below(4))), ...this.some(count)]
    const head = this.func.block()
    const body = this.func.block()
    const after = this.func.block()
    this.end('jump', [], [head])
    const before = this.known.slice()
    this.block = head
    const phis = starts.map((start) => this.func.value('phi', [start]))
    head.phis.push(...phis)
    this.known.push(...phis)
    if (this.below(2) === 0) this.pure()
    this.end('bgts64i', [phis[0]!], [body, after], 0n)
    const inside = this.known.slice()
    this.block = body
    this.statements(depth - 1)
    const turned = [...phis.slice(2), phis[1]!]
    const next = phis.slice(1).map((_, i) => this.next(turned[i]!))
    const less = this.add('add64i', [phis[0]!], -1n)
    phis.forEach((phi, i) => {
      phi.args.push(i === 0 ? less : next[i - 1]!)
    })
    this.end('jump', [], [head])
    this.block = after
    this.known = this.below(2) === 0 ? inside : [...before, ...phis]
  }

  /** What a variable is in the next turn: another one, a constant, anything. */
  private next(other: Value): Value {
    const way = this.below(4)
    if (way < 2) return other
    return way === 2 ? this.add('li', [], this.constant()) : this.pick()
  }

  private statements(depth: number): void {
    for (let i = 2 + this.below(5); i > 0 && this.left > 0; i--) {
      this.left--
      const way = this.below(16)
      if (way < 7) this.pure()
      else if (way < 10) this.memory()
      else if (way < 11) this.choose()
      else if (way < 13) this.call()
      else if (depth === 0) this.pure()
      else if (way < 15) this.choice(depth)
      else this.loop(depth)
    }
  }
}

interface Draft {
  readonly functions: OptFunction[]
  readonly table: { func: number; block: number }[]
}

/** A program with imports 0 and 1, whose functions call only those behind them. Function 0 is exported as 'main'. */
export function randomProgram(rng: Rng, shape: Shape): OptProgram {
  const draft: Draft = { functions: [], table: [] }
  for (let id = 0; id < shape.functions; id++) {
    const func = new OptFunction(id, `f${id}`)
    const params = id === 0 ? 2 : rng.below(9)
    func.params = Array.from({ length: params }, (_, i) => func.value('param', [], BigInt(i)))
    func.results = 1 + rng.below(2)
    func.frameBytes = 8 * (1 + rng.below(6))
    func.isOpen = id === 0 || rng.below(2) === 0
    if (func.isOpen) {
      func.codeEntry = draft.table.length
      draft.table.push({ func: id, block: -1 })
    }
    draft.functions.push(func)
  }
  for (const func of draft.functions) new Maker(func, rng, draft, shape)
  return {
    functions: draft.functions,
    exports: [{ name: 'main', func: 0 }],
    imports: ['zero', 'one'],
    codeTable: draft.table,
    codeBase: shape.codeBase,
    codeStep,
    readOnly: new Uint8Array(0),
    data: Uint8Array.from({ length: dataBytes }, (_, i) => i * 7),
    bssSize: 0,
    stackSize: stackBytes,
  }
}

const operands = [0n, 1n, -1n, 5n, 0x7fff_ffffn, -0x8000_0000n, 0x8000_0000n, 0x100_0000_0000n]

/** One function of two arguments, and a sum that it answers. */
function sumProgram(
  codeBase: number,
  write: (func: OptFunction, start: Block, sum: Value) => { block: Block; sum: Value },
): OptProgram {
  const func = new OptFunction(0, 'main')
  func.params = [0n, 1n].map((place) => func.value('param', [], place))
  func.results = 1
  func.isOpen = true
  const start = func.block()
  const { block, sum } = write(func, start, func.params[1]!)
  block.insns.push(func.value('ret', [sum]))
  return {
    functions: [func],
    exports: [{ name: 'main', func: 0 }],
    imports: [],
    codeTable: [],
    codeBase,
    codeStep,
    readOnly: new Uint8Array(0),
    data: new Uint8Array(8),
    bssSize: 0,
    stackSize: stackBytes,
  }
}

type Form = (typeof irRows)[number]

/** An op with its operands: the argument and a constant, in both orders, or the constant as its immediate. */
function* uses(
  func: OptFunction,
  { form, name }: Form,
): Iterable<{ before: Value[]; value: Value }> {
  const [x] = func.params as [Value]
  const isImmediate = form === 'abi' || form === 'branchi'
  for (const constant of operands) {
    const isDivisor = /^(div|rem).*i$/.test(name)
    const imm = isDivisor && BigInt.asIntN(32, constant) === 0n ? 3n : constant
    if (isImmediate) {
      yield { before: [], value: func.value(name as OptOp, [x], imm) }
      continue
    }
    for (const isFirst of [false, true]) {
      const li = func.value('li', [], constant)
      yield { before: [li], value: func.value(name as OptOp, isFirst ? [li, x] : [x, li]) }
    }
  }
}

/** An op on an argument with constants of every size. */
function opProgram(codeBase: number, row: Form): OptProgram {
  return sumProgram(codeBase, (func, block, start) => {
    let sum = start
    for (const { before, value } of uses(func, row)) {
      const turned = func.value('mul64i', [sum], 31n)
      sum = func.value('add64', [turned, value])
      block.insns.push(...before, value, turned, sum)
    }
    return { block, sum }
  })
}

/** A branch on an argument and constants of every size, one behind the other. */
function branchProgram(codeBase: number, row: Form): OptProgram {
  return sumProgram(codeBase, (func, start, first) => {
    let block = start
    let sum = first
    for (const { before, value } of uses(func, row)) {
      const [yes, no, join] = [func.block(), func.block(), func.block()]
      value.targets = [yes, no]
      block.insns.push(...before, value)
      yes.preds.push(block)
      no.preds.push(block)
      const more = func.value('add64i', [sum], 1n)
      yes.insns.push(more, func.value('jump'))
      no.insns.push(func.value('jump'))
      const phi = func.value('phi', [more, sum])
      join.phis.push(phi)
      for (const arm of [yes, no]) {
        arm.end.targets = [join]
        join.preds.push(arm)
      }
      sum = func.value('mul64i', [phi], 2n)
      join.insns.push(sum)
      block = join
    }
    return { block, sum }
  })
}

/** Choices between constants of every size, and between a constant and an argument. */
function selectProgram(codeBase: number): OptProgram {
  return sumProgram(codeBase, (func, block, start) => {
    const [x] = func.params as [Value]
    let sum = start
    const choose = (zero: Value, other: Value, condition: Value): void => {
      const value = func.value('select', [zero, other, condition])
      const turned = func.value('mul64i', [sum], 31n)
      sum = func.value('add64', [turned, value])
      block.insns.push(value, turned, sum)
    }
    const constants = operands.map((imm) => func.value('li', [], imm))
    block.insns.push(...constants)
    constants.forEach((constant, i) => {
      const is = func.value('ltu64i', [x], 1n)
      block.insns.push(is)
      for (const condition of [x, is]) {
        choose(constant, constants[operands.length - 1 - i]!, condition)
        choose(constant, x, condition)
        choose(x, constant, condition)
      }
    })
    return { block, sum }
  })
}

/** More values at once than AVM has registers and slots for, read in the order they were made in. */
function crowdedProgram(codeBase: number): OptProgram {
  return sumProgram(codeBase, (func, block, start) => {
    const [x] = func.params as [Value]
    const values = Array.from({ length: 190 }, (_, i) =>
      func.value('mul64i', [x], BigInt(3 * i + 2)),
    )
    block.insns.push(...values)
    let sum = start
    for (const value of values) {
      const turned = func.value('mul64i', [sum], 31n)
      sum = func.value('add64', [turned, value])
      block.insns.push(turned, sum)
    }
    return { block, sum }
  })
}

/** Every op of two operands, and every branch. */
export const constantPrograms: readonly {
  readonly name: string
  readonly program: (codeBase: number) => OptProgram
}[] = [
  { name: 'select', program: selectProgram },
  { name: 'many values', program: crowdedProgram },
  ...pureOps
    .filter(({ form }) => form !== 'ab')
    .map((row) => ({ name: row.name, program: (base: number) => opProgram(base, row) })),
  ...branchOps.map((row) => ({
    name: row.name,
    program: (base: number) => branchProgram(base, row),
  })),
]
