import { dropTrivialPhis, dropUnreachable, jumpOnly } from './edit.ts'
import type { Block, OptFunction } from './ir.ts'

/**
 * Cleans up how blocks hang together: branches to one place become jumps, blocks that only jump are skipped, a block
 * joins its only predecessor, what nothing reaches goes. O(n) for each round; rounds are bounded.
 */
export function cleanBlocks(func: OptFunction): boolean {
  let any = false
  for (let round = 0; round < 8; round++) {
    let changed = dropUnreachable(func)
    for (const block of func.blocks) if (joinEdges(block)) changed = true
    for (const block of func.blocks.slice(1)) if (skip(block)) changed = true
    if (dropUnreachable(func)) changed = true
    if (dropTrivialPhis(func)) changed = true
    if (merge(func)) changed = true
    if (!changed) break
    any = true
  }
  return any
}

/** A branch or switch with one target. */
function joinEdges(block: Block): boolean {
  const { op, targets } = block.end
  const [first] = targets
  // a switch refuses what is no label of it
  if (first === undefined || op === 'jump' || op === 'switch') return false
  if (targets.some((target) => target !== first)) return false
  jumpOnly(block, first)
  return true
}

/** Leads predecessors past a block that only jumps. */
function skip(block: Block): boolean {
  const { end, insns, label, phis, preds } = block
  const to = end.targets[0]!
  if (end.op !== 'jump' || insns.length !== 1 || phis.length > 0 || to === block) return false
  if (preds.length === 0) return false
  const fromSwitch = preds.some((pred) => pred.end.op === 'switch')
  // one label a block, and each target of a switch once
  if (fromSwitch && (label < 0 || to.label >= 0)) return false
  if (fromSwitch && to.preds.some((pred) => pred.end.op === 'switch' && preds.includes(pred)))
    return false
  const at = to.preds.indexOf(block)
  for (const pred of preds) {
    const known = to.preds.indexOf(pred)
    if (known >= 0 && to.phis.some(({ args }) => args[known] !== args[at])) return false
  }
  if (fromSwitch) to.label = label
  const values = to.phis.map(({ args }) => args[at]!)
  to.preds.splice(at, 1, ...preds)
  for (const [i, { args }] of to.phis.entries()) args.splice(at, 1, ...preds.map(() => values[i]!))
  for (const pred of preds)
    pred.end.targets = pred.end.targets.map((target) => (target === block ? to : target))
  block.preds = []
  end.targets = []
  end.op = 'trap'
  return true
}

/** Appends blocks to their only predecessors that jump to them. Phis there have one argument and are gone. */
function merge(func: OptFunction): boolean {
  const gone = new Set<Block>()
  for (const block of func.blocks) {
    if (gone.has(block)) continue
    for (;;) {
      const { end } = block
      const next = end.targets[0]
      if (end.op !== 'jump' || next === undefined || next === block) break
      if (next.preds.length !== 1 || next.phis.length > 0) break
      block.insns.pop()
      for (const insn of next.insns) block.insns.push(insn)
      for (const target of new Set(next.targets))
        target.preds = target.preds.map((pred) => (pred === next ? block : pred))
      gone.add(next)
    }
  }
  if (gone.size === 0) return false
  func.blocks = func.blocks.filter((block) => !gone.has(block))
  return true
}
