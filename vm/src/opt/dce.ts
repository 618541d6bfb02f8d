import { hasEffect, type OptFunction, type Value } from './ir.ts'

/** Drops values that no effect needs. O(n) */
export function dropDead(func: OptFunction): boolean {
  const live = new Set<Value>()
  const work: Value[] = []
  for (const { insns } of func.blocks)
    for (const insn of insns)
      if (hasEffect(insn)) {
        live.add(insn)
        work.push(insn)
      }
  for (let value = work.pop(); value !== undefined; value = work.pop())
    for (const arg of value.args)
      if (!live.has(arg)) {
        live.add(arg)
        work.push(arg)
      }
  let changed = false
  for (const block of func.blocks) {
    const phis = block.phis.filter((phi) => live.has(phi))
    if (phis.length < block.phis.length) {
      block.phis.splice(0, block.phis.length, ...phis)
      changed = true
    }
    const count = block.insns.length
    block.insns = block.insns.filter((insn) => live.has(insn))
    if (block.insns.length < count) changed = true
  }
  return changed
}
