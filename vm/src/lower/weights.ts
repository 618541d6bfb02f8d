import type { MachineBlock, MachineFunction } from './machine.ts'

/** How much more often the body of a loop runs; how rarely what traps. */
const perLoop = 8
const mostWeight = 8 ** 6
const cold = 1 / 64

function orderOf(func: MachineFunction): MachineBlock[] {
  const seen = new Uint8Array(func.blocks.length)
  const order: MachineBlock[] = []
  const path: { block: MachineBlock; next: number }[] = [{ block: func.blocks[0]!, next: 0 }]
  seen[0] = 1
  for (let top = path[0]; top !== undefined; top = path[path.length - 1]) {
    const target = top.block.end.targets[top.next++]
    if (target === undefined) {
      order.push(top.block)
      path.pop()
    } else if (seen[target.id] === 0) {
      seen[target.id] = 1
      path.push({ block: target, next: 0 })
    }
  }
  return order.reverse()
}

/** Drops blocks that nothing reaches and numbers the others anew. O(n) */
export function dropUnreachable(func: MachineFunction): void {
  const kept = new Set(orderOf(func))
  func.blocks = func.blocks.filter((block) => kept.has(block))
  func.blocks.forEach((block, i) => {
    block.id = i
    block.preds = []
  })
  for (const block of func.blocks) for (const next of block.end.targets) next.preds.push(block)
}

/** Nearest dominators by place in `order` (Cooper, Harvey, Kennedy). */
function dominators(order: readonly MachineBlock[], place: Int32Array): Int32Array {
  const above = new Int32Array(order.length).fill(-1)
  above[0] = 0
  for (let changed = true; changed; ) {
    changed = false
    for (let i = 1; i < order.length; i++) {
      let to = -1
      for (const pred of order[i]!.preds) {
        let at = place[pred.id]!
        if (above[at] === -1) continue
        if (to < 0) to = at
        while (at !== to) {
          if (at > to) at = above[at]!
          else to = above[to]!
        }
      }
      if (above[i] === to) continue
      above[i] = to
      changed = true
    }
  }
  return above
}

/** Expects each loop to run its body some times, and what only traps hardly ever. O(blocks * depth of loops) */
export function weigh(func: MachineFunction): void {
  const order = orderOf(func)
  const place = new Int32Array(func.blocks.length).fill(-1)
  for (const [i, { id }] of order.entries()) place[id] = i
  const above = dominators(order, place)
  const depths = new Int32Array(order.length)
  const mark = new Int32Array(order.length).fill(-1)
  for (const [head, block] of order.entries()) {
    const work: number[] = []
    for (const pred of block.preds) {
      const at = place[pred.id]!
      let over = at
      while (over > head) over = above[over]!
      if (over === head && at >= head && mark[at] !== head) {
        mark[at] = head
        work.push(at)
      }
    }
    if (work.length === 0) continue
    if (mark[head] !== head) {
      mark[head] = head
      depths[head]!++
    }
    for (let at = work.pop(); at !== undefined; at = work.pop()) {
      depths[at]!++
      if (at === head) continue
      for (const pred of order[at]!.preds) {
        const next = place[pred.id]!
        if (mark[next] === head) continue
        mark[next] = head
        work.push(next)
      }
    }
  }
  for (const [i, block] of order.entries())
    block.weight = Math.min(mostWeight, perLoop ** depths[i]!)
  for (let i = order.length - 1; i >= 0; i--) {
    const block = order[i]!
    if (block.end.op === 'trap') block.weight *= cold
  }
}
