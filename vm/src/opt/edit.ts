import { dominatorsOf, orderOf } from './dominators.ts'
import { type Block, type OptFunction, replaceUses, type Value } from './ir.ts'

/** Takes one edge away: its place in `preds` and the arguments of phis there. */
export function removeEdge(from: Block, to: Block): void {
  const at = to.preds.indexOf(from)
  to.preds.splice(at, 1)
  for (const { args } of to.phis) args.splice(at, 1)
}

/** Makes the block end with a jump to one of its targets. */
export function jumpOnly(block: Block, to: Block): void {
  const { end } = block
  let kept = false
  for (const target of end.targets)
    if (target === to && !kept) kept = true
    else removeEdge(block, target)
  end.op = 'jump'
  end.args = []
  end.imm = 0n
  end.targets = [to]
}

/** Drops what nothing reaches. O(n) */
export function dropUnreachable(func: OptFunction): boolean {
  const order = orderOf(func)
  if (order.length === func.blocks.length) return false
  const reached = new Set(order)
  for (const block of func.blocks)
    if (!reached.has(block))
      for (const target of block.targets) if (reached.has(target)) removeEdge(block, target)
  func.blocks = func.blocks.filter((block) => reached.has(block))
  return true
}

/** Phis that have one answer but for themselves give way to it. O(n) a round, as many as such phis hang together. */
export function dropTrivialPhis(func: OptFunction): boolean {
  const by = new Map<Value, Value>()
  const last = (value: Value): Value => {
    let at = value
    for (let next = by.get(at); next !== undefined; next = by.get(at)) at = next
    return at
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const block of func.blocks) {
      const kept = block.phis.filter((phi) => {
        const others = new Set(phi.args.map(last))
        others.delete(phi)
        if (others.size !== 1) return true
        by.set(phi, [...others][0]!)
        return false
      })
      if (kept.length === block.phis.length) continue
      block.phis.splice(0, block.phis.length, ...kept)
      changed = true
    }
  }
  replaceUses(func, by)
  return by.size > 0
}

const pooled: ReadonlySet<string> = new Set(['li', 'frame', 'entry', 'out'])

/** Constants of a function: each stands once, first in the entry, and answers everywhere. */
export class Constants {
  private readonly func: OptFunction
  private readonly known = new Map<string, Value>()

  /** Gathers those the function has. O(n) */
  constructor(func: OptFunction) {
    this.func = func
    const by = new Map<Value, Value>()
    for (const block of func.blocks)
      block.insns = block.insns.filter((value) => {
        if (!pooled.has(value.op)) return true
        const key = `${value.op}${value.imm}`
        const first = this.known.get(key)
        if (first === undefined) this.known.set(key, value)
        else by.set(value, first)
        return false
      })
    replaceUses(func, by)
  }

  of(imm: bigint): Value {
    const number = BigInt.asIntN(64, imm)
    const key = `li${number}`
    let value = this.known.get(key)
    if (value === undefined) {
      value = this.func.value('li', [], number)
      this.known.set(key, value)
    }
    return value
  }

  /** Puts those that are used into the entry. O(n) */
  place(): void {
    const { func } = this
    const used = new Set<Value>()
    for (const { insns, phis } of func.blocks) {
      for (const { args } of phis) for (const arg of args) used.add(arg)
      for (const { args } of insns) for (const arg of args) used.add(arg)
    }
    const mine = [...this.known.values()].filter((value) => used.has(value))
    func.blocks[0]!.insns.unshift(...mine)
  }
}

/** Where values stand: a block each, the entry for params. O(n) */
export function blocksOfValues(func: OptFunction): Map<Value, Block> {
  const where = new Map<Value, Block>()
  for (const param of func.params) where.set(param, func.blocks[0]!)
  for (const block of func.blocks) {
    for (const phi of block.phis) where.set(phi, block)
    for (const insn of block.insns) where.set(insn, block)
  }
  return where
}

/** How many loops a block is in, by id: natural loops, those entered from elsewhere do not count. */
export function loopDepths(func: OptFunction): Int32Array {
  const { dominates, order } = dominatorsOf(func)
  const depth = new Int32Array(func.blockIds)
  for (const head of order) {
    const body = new Set<Block>([head])
    const work = head.preds.filter((pred) => dominates(head, pred))
    if (work.length === 0) continue
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      if (body.has(block)) continue
      body.add(block)
      work.push(...block.preds)
    }
    for (const { id } of body) depth[id]!++
  }
  return depth
}
