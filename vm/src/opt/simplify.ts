import { factsOf } from './bits.ts'
import { orderOf } from './dominators.ts'
import { Constants, dropUnreachable, jumpOnly } from './edit.ts'
import { folds } from './fold.ts'
import {
  isBranch,
  isLoad,
  isStore,
  type OptFunction,
  type OptOp,
  replaceUses,
  usesOf,
  type Value,
} from './ir.ts'
import { become, constantOf, type Rewriter, type Rule } from './rewrite.ts'
import { arithmetic } from './rules-arith.ts'
import { branching } from './rules-branch.ts'
import { extending } from './rules-extend.ts'

/** Looks at an instruction again after a rule changed it, at most so often. */
const maxChanges = 16

/** Answers of constants are constants. */
const folding: Rule = (value, r) => {
  const fold = folds.get(value.op)
  if (fold === undefined || isBranch(value.op)) return undefined
  const [x, y] = value.args.map(constantOf)
  if (x === undefined || (value.args.length > 1 && y === undefined)) return undefined
  return r.constants.of(fold(x, y ?? value.imm))
}

const fits32 = (number: bigint): boolean => BigInt.asIntN(32, number) === number

/** What is added to addresses goes into offsets, constants are stored as such. */
const addressing: Rule = (value, r) => {
  const { args, off, op } = value
  if (!isLoad(op) && !isStore(op)) return undefined
  const at = args.length - 1
  const address = args[at]!
  if (address.op === 'add64i' && r.isOffset(address) && fits32(address.imm + BigInt(off))) {
    args[at] = address.args[0]!
    value.off = Number(address.imm) + off
    return value
  }
  const constant = constantOf(address)
  if (constant !== undefined && constant !== 0n && fits32(constant + BigInt(off))) {
    args[at] = r.constants.of(0n)
    value.off = Number(constant) + off
    return value
  }
  if (!isStore(op) || op.endsWith('i')) return undefined
  const bits = Number(op.slice(5))
  const [stored] = args as [Value]
  const data = constantOf(stored)
  if (data !== undefined)
    return become(value, `${op}i` as OptOp, [args[1]!], BigInt.asIntN(bits, data))
  // an extension above what is stored
  const kept = { sext32: 32, zext32: 32, sext16: 16, zext16: 16, sext8: 8 }[stored.op as 'sext32']
  const isMasked =
    stored.op === 'and64i' && BigInt.asUintN(bits, stored.imm) === (1n << BigInt(bits)) - 1n
  if ((kept !== undefined && kept >= bits) || isMasked) {
    args[0] = stored.args[0]!
    return value
  }
  return undefined
}

const rules: readonly Rule[] = [folding, arithmetic, extending, addressing, branching]

/** By id: 1 for sums that are addresses and nothing else, so that they go when offsets have what they add. O(n) */
function offsetsOf(func: OptFunction): Uint8Array {
  const only = new Uint8Array(func.values).fill(1)
  for (const { insns, phis } of func.blocks) {
    for (const { args } of phis) for (const { id } of args) only[id] = 0
    for (const { args, off, op } of insns) {
      const at = isLoad(op) || isStore(op) ? args.length - 1 : -1
      // a sum of a sum takes what that adds
      if (op === 'add64i') continue
      for (const [i, arg] of args.entries())
        if (i !== at || !fits32(arg.imm + BigInt(off))) only[arg.id] = 0
    }
  }
  return only
}

class Simplifier implements Rewriter {
  readonly func: OptFunction
  readonly facts
  readonly constants: Constants
  private readonly used: number[]
  private readonly by = new Map<Value, Value>()
  private readonly offsets: Uint8Array
  private out: Value[] = []
  private changed = false

  constructor(func: OptFunction) {
    this.func = func
    this.constants = new Constants(func)
    this.facts = factsOf(func)
    this.used = [...usesOf(func)]
    this.offsets = offsetsOf(func)
  }

  run(): boolean {
    for (const block of orderOf(this.func)) {
      this.out = []
      for (const phi of block.phis) this.resolve(phi)
      for (const insn of block.insns) {
        const value = this.look(insn)
        if (value === insn) this.out.push(insn)
        else this.replace(insn, value)
      }
      block.insns = this.out
      const { end } = block
      const taken = taking(end)
      if (taken !== undefined) {
        jumpOnly(block, taken)
        this.changed = true
      }
    }
    replaceUses(this.func, this.by)
    dropUnreachable(this.func)
    this.constants.place()
    return this.changed
  }

  uses(value: Value): number {
    return this.used[value.id] ?? 0
  }

  isOffset(value: Value): boolean {
    const base = value.args[0]?.op
    return base === 'frame' || base === 'entry' || base === 'out' || this.offsets[value.id] === 1
  }

  emit(op: OptOp, args: Value[], imm = 0n): Value {
    const value = this.func.value(op, args, BigInt.asIntN(64, imm))
    this.used[value.id] = 0
    for (const arg of args) this.use(arg, 1)
    const result = this.look(value)
    if (result === value) this.out.push(value)
    return result
  }

  private use(value: Value, more: number): void {
    this.used[value.id] = (this.used[value.id] ?? 0) + more
  }

  private replace(value: Value, by: Value): void {
    this.by.set(value, by)
    this.use(by, this.uses(value))
    for (const arg of value.args) this.use(arg, -1)
    this.changed = true
  }

  private resolve({ args }: Value): void {
    for (let i = 0; i < args.length; i++) {
      let arg = args[i]!
      for (let next = this.by.get(arg); next !== undefined; next = this.by.get(arg)) arg = next
      args[i] = arg
    }
  }

  /** What the instruction is in the end: itself, or a value it gives way to. */
  private look(value: Value): Value {
    this.resolve(value)
    for (let changes = 0; changes < maxChanges; changes++) {
      const result = this.apply(value)
      if (result === undefined) return value
      if (result !== value) return result
      this.changed = true
    }
    return value
  }

  private apply(value: Value): Value | undefined {
    const { args, imm, off, op, targets } = value
    const before = { args: args.slice(), imm, off, op, targets: targets.slice() }
    const emitted = this.out.length
    for (const rule of rules) {
      const result = rule(value, this)
      if (result === undefined) continue
      if (result !== value) return result
      if (!this.prolongs(value.args, before.args)) {
        for (const arg of value.args) this.use(arg, 1)
        for (const arg of before.args) this.use(arg, -1)
        return value
      }
      Object.assign(value, before)
      before.args = before.args.slice()
      before.targets = before.targets.slice()
      for (const unused of this.out.splice(emitted))
        for (const arg of unused.args) this.use(arg, -1)
    }
    return undefined
  }

  /**
   * Would what stood behind an operand have to live on beside it? Then nothing is won, and a counter of a loop and the next one
   * could not have one register any more.
   */
  private prolongs(after: readonly Value[], before: readonly Value[]): boolean {
    return after.some((value) => {
      if (before.includes(value) || rematerialised.has(value.op)) return false
      const behind = before.filter(({ args }) => args.includes(value))
      return behind.length > 0 && behind.every((arg) => this.uses(arg) > 1 && !this.isOffset(arg))
    })
  }
}

/** What is made anew where it is needed. */
const rematerialised: ReadonlySet<string> = new Set(['li', 'frame', 'entry', 'out'])

/** Where a branch on constants goes. */
function taking(end: Value) {
  if (!isBranch(end.op)) return undefined
  const [x, y] = end.args.map(constantOf)
  if (x === undefined || (end.args.length > 1 && y === undefined)) return undefined
  return end.targets[folds.get(end.op)!(x, y ?? end.imm) === 0n ? 1 : 0]
}

/**
 * Rewrites each instruction to the simplest that answers the same, given what it is made of: folds constants, undoes idioms
 * of instruction sets, joins comparisons with branches and sums with offsets. O(n)
 */
export function simplify(func: OptFunction): boolean {
  return new Simplifier(func).run()
}
