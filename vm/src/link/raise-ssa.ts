import { registerCount } from '../ir/table.ts'
import { type Block, type OptFunction, replaceUses, type Value } from '../opt/ir.ts'
import type { RawBlock } from './raise-blocks.ts'

interface OpenPhi {
  readonly phi: Value
  readonly block: RawBlock<unknown>
  readonly register: number
}

/**
 * Registers as values: a read finds the write that reaches it, or makes a phi where ways meet. Blocks are written in an
 * order in which a block with one predecessor comes behind it. (Braun, Buchwald, Hack and others, Simple and Efficient
 * Construction of Static Single Assignment Form, 2013; here phis are completed when all blocks are written.)
 */
export class Variables {
  private readonly func: OptFunction
  /** By raw block, then register: at its end, so far. */
  private readonly values: (Value | undefined)[][]
  private readonly reached: ReadonlySet<RawBlock<unknown>>
  private readonly atEntry: (register: number) => Value
  private readonly firstOf: (block: RawBlock<unknown>) => Block
  private readonly phis: OpenPhi[] = []
  private readonly first: RawBlock<unknown>

  /** @param order blocks that are reached, the first one first; @param atEntry what a register is before them */
  constructor(
    func: OptFunction,
    order: readonly RawBlock<unknown>[],
    firstOf: (block: RawBlock<unknown>) => Block,
    atEntry: (register: number) => Value,
  ) {
    this.func = func
    this.first = order[0]!
    this.reached = new Set(order)
    this.firstOf = firstOf
    this.atEntry = atEntry
    this.values = []
    for (const { id } of order) this.values[id] = new Array(registerCount).fill(undefined)
  }

  write(block: RawBlock<unknown>, register: number, value: Value): void {
    this.values[block.id]![register] = value
  }

  read(block: RawBlock<unknown>, register: number): Value {
    const path: RawBlock<unknown>[] = []
    let at = block
    let value = this.values[at.id]![register]
    while (value === undefined) {
      path.push(at)
      const preds = this.predsOf(at)
      if (at === this.first)
        value = preds.length === 0 ? this.atEntry(register) : this.phi(at, register)
      else if (preds.length === 1) {
        at = preds[0]!
        value = this.values[at.id]![register]
      } else value = this.phi(at, register)
    }
    for (const { id } of path) this.values[id]![register] = value
    return value
  }

  predsOf(block: RawBlock<unknown>): readonly RawBlock<unknown>[] {
    return block.preds.filter((pred) => this.reached.has(pred))
  }

  private phi(block: RawBlock<unknown>, register: number): Value {
    const phi = this.func.value('phi', [], 0n, 0, block.from)
    this.firstOf(block).phis.push(phi)
    this.phis.push({ phi, block, register })
    return phi
  }

  /** Completes the phis once all blocks are written, and drops those that have one value only. */
  finish(): void {
    for (let i = 0; i < this.phis.length; i++) {
      const { block, phi, register } = this.phis[i]!
      // the function's own entry comes first
      if (block === this.first) phi.args.push(this.atEntry(register))
      for (const pred of this.predsOf(block)) phi.args.push(this.read(pred, register))
    }
    dropTrivial(
      this.func,
      this.phis.map(({ phi }) => phi),
    )
  }
}

/** Replaces phis whose arguments are one value and themselves. O(phi arguments) but for chains of them */
function dropTrivial(func: OptFunction, phis: readonly Value[]): void {
  const by = new Map<Value, Value>()
  const last = (value: Value): Value => {
    let at = value
    for (let next = by.get(at); next !== undefined; next = by.get(at)) at = next
    for (let from = value; from !== at; ) {
      const next = by.get(from)!
      by.set(from, at)
      from = next
    }
    return at
  }
  const users = new Map<Value, Value[]>()
  for (const phi of phis)
    for (const arg of phi.args) {
      if (arg.op !== 'phi' || arg === phi) continue
      const known = users.get(arg)
      if (known === undefined) users.set(arg, [phi])
      else known.push(phi)
    }
  const work = new Set(phis)
  for (const phi of work) {
    work.delete(phi)
    if (by.has(phi)) continue
    const same = onlyValue(phi, last)
    if (same === undefined) continue
    by.set(phi, same)
    const own = users.get(phi) ?? []
    for (const user of own) work.add(user)
    if (same.op === 'phi') users.set(same, (users.get(same) ?? []).concat(own))
  }
  for (const block of func.blocks) {
    const kept = block.phis.filter((phi) => !by.has(phi))
    block.phis.length = 0
    block.phis.push(...kept)
  }
  replaceUses(func, by)
}

function onlyValue(phi: Value, last: (value: Value) => Value): Value | undefined {
  let same: Value | undefined
  for (const arg of phi.args) {
    const value = last(arg)
    if (value === phi || value === same) continue
    if (same !== undefined) return undefined
    same = value
  }
  return same
}
