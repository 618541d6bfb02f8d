import type { Block, OptFunction } from './ir.ts'

/** Blocks in reverse postorder: each before what it dominates. Unreachable ones are absent. O(n) */
export function orderOf(func: OptFunction): Block[] {
  const order: Block[] = []
  const entry = func.blocks[0]
  if (entry === undefined) return order
  const seen = new Set<Block>([entry])
  const path: { block: Block; next: number }[] = [{ block: entry, next: 0 }]
  for (let top = path[0]; top !== undefined; top = path[path.length - 1]) {
    const { targets } = top.block
    // the last target first: the order then has the first one next
    const target = targets[targets.length - 1 - top.next++]
    if (target === undefined) {
      order.push(top.block)
      path.pop()
    } else if (!seen.has(target)) {
      seen.add(target)
      path.push({ block: target, next: 0 })
    }
  }
  return order.reverse()
}

/** Which blocks every way to a block goes through. */
export interface Dominators {
  readonly order: readonly Block[]
  /** By block id: the place in `order`, -1 for what nothing reaches. */
  readonly place: Int32Array
  /** By place in `order`: the place of the nearest dominator; the entry's is itself. */
  readonly above: Int32Array
  /** Does `over` dominate `under` (or is it)? O(1) */
  dominates(over: Block, under: Block): boolean
}

/**
 * Cooper, Harvey and Kennedy's iteration over reverse postorder, then numbers of a walk over the tree for `dominates`.
 */
export function dominatorsOf(func: OptFunction): Dominators {
  const order = orderOf(func)
  const place = new Int32Array(func.blockIds).fill(-1)
  for (const [i, block] of order.entries()) place[block.id] = i
  const above = new Int32Array(order.length).fill(-1)
  above[0] = 0
  const meet = (a: number, b: number): number => {
    let x = a
    let y = b
    while (x !== y)
      if (x > y) x = above[x]!
      else y = above[y]!
    return x
  }
  for (let changed = true; changed; ) {
    changed = false
    for (let i = 1; i < order.length; i++) {
      let to = -1
      for (const pred of order[i]!.preds) {
        const at = place[pred.id]!
        if (at < 0 || above[at]! < 0) continue
        to = to < 0 ? at : meet(to, at)
      }
      if (above[i] !== to) {
        above[i] = to
        changed = true
      }
    }
  }
  const { first, last } = walkNumbers(above)
  const dominates = (over: Block, under: Block): boolean => {
    const a = place[over.id]!
    const b = place[under.id]!
    return a >= 0 && b >= 0 && first[a]! <= first[b]! && last[b]! <= last[a]!
  }
  return { order, place, above, dominates }
}

/** Per place: when a walk over the tree enters it, and the last entered below it. */
function walkNumbers(above: Int32Array): { first: Int32Array; last: Int32Array } {
  const count = above.length
  // places ascend from dominators to dominated: sizes add up backwards, starts forwards
  const size = new Int32Array(count).fill(1)
  for (let i = count - 1; i > 0; i--) size[above[i]!]! += size[i]!
  const first = new Int32Array(count)
  const free = new Int32Array(count)
  const last = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const over = above[i]!
    if (i > 0) {
      first[i] = free[over]!
      free[over]! += size[i]!
    }
    free[i] = first[i]! + 1
    last[i] = first[i]! + size[i]! - 1
  }
  return { first, last }
}
