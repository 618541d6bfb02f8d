import { Addresses, type Cell, isPrivate, type StackUse } from './addresses.ts'
import { Constants, dropTrivialPhis } from './edit.ts'
import {
  type Block,
  isLoad,
  isStore,
  type OptFunction,
  type OptOp,
  type OptProgram,
  replaceUses,
  type Value,
} from './ir.ts'
import { accessBytes } from './memory.ts'

/** A frame keeps this alignment: what is known of its address's low bits stays so. */
const align = 16

/** Cells that no store fills in part, so that a value can stand for each; what is stored and never read goes, too. */
function promotable(use: StackUse, lowest: number): Cell[] {
  return use.cells.filter((cell) => {
    if (!isPrivate(cell, use.func, lowest)) return false
    const bytes = cell.high - cell.low
    const isRead = cell.accesses.some(({ op }) => isLoad(op))
    const isWhole = cell.accesses.every(({ op }) => isLoad(op) || accessBytes(op) === bytes)
    return !isRead || isWhole
  })
}

/** Leaves out cells that may be read before they are stored. O(accesses + blocks a cell is alive in) */
function stored(use: StackUse, cells: readonly Cell[]): Cell[] {
  const firsts = new Map<Cell, Block[]>()
  const writers = new Map<Cell, Set<Block>>()
  const chosen = new Set(cells)
  for (const block of use.func.blocks) {
    const seen = new Set<Cell>()
    for (const insn of block.insns) {
      const cell = use.cellOf(insn)
      if (cell === undefined || !chosen.has(cell)) continue
      if (isStore(insn.op)) writers.set(cell, (writers.get(cell) ?? new Set()).add(block))
      else if (!seen.has(cell)) {
        const blocks = firsts.get(cell) ?? []
        blocks.push(block)
        firsts.set(cell, blocks)
      }
      seen.add(cell)
    }
  }
  return cells.filter((cell) => {
    const live = new Set(firsts.get(cell) ?? [])
    for (const block of live) {
      if (block.preds.length === 0) return false
      for (const pred of block.preds) if (!writers.get(cell)?.has(pred)) live.add(pred)
    }
    return true
  })
}

/** How a part of what was stored reads. */
const parts: Readonly<Record<string, { readonly op: OptOp; readonly imm: bigint }>> = {
  load8u: { op: 'and64i', imm: 0xffn },
  load8s: { op: 'sext8', imm: 0n },
  load16u: { op: 'zext16', imm: 0n },
  load16s: { op: 'sext16', imm: 0n },
  load32u: { op: 'zext32', imm: 0n },
  load32s: { op: 'sext32', imm: 0n },
}

/**
 * Values in place of cells of a frame: a load finds the store that reaches it, or makes a phi where ways meet (Braun, Buchwald,
 * Hack and others, Simple and Efficient Construction of Static Single Assignment Form, 2013).
 */
class Promotion {
  private readonly use: StackUse
  private readonly chosen: ReadonlySet<Cell>
  private readonly constants: Constants
  private readonly ends = new Map<Block, Map<Cell, Value>>()
  private readonly open: { readonly phi: Value; readonly block: Block; readonly cell: Cell }[] = []
  private readonly by = new Map<Value, Value>()

  constructor(use: StackUse, chosen: readonly Cell[]) {
    this.use = use
    this.chosen = new Set(chosen)
    this.constants = new Constants(use.func)
  }

  run(): void {
    const { func } = this.use
    // what is known at the end of each block comes first: loads look there for what they are not preceded by
    for (const block of func.blocks) this.ends.set(block, this.storesOf(block))
    for (const block of func.blocks) this.rewrite(block)
    for (const { block, cell, phi } of this.open)
      for (const pred of block.preds) phi.args.push(this.atEnd(pred, cell))
    replaceUses(func, this.by)
    dropTrivialPhis(func)
    this.constants.place()
  }

  private cellOf(insn: Value): Cell | undefined {
    const cell = this.use.cellOf(insn)
    return cell !== undefined && this.chosen.has(cell) ? cell : undefined
  }

  private valueOf(store: Value): Value {
    return store.op.endsWith('i') ? this.constants.of(store.imm) : store.args[0]!
  }

  private storesOf(block: Block): Map<Cell, Value> {
    const last = new Map<Cell, Value>()
    for (const insn of block.insns) {
      const cell = isStore(insn.op) ? this.cellOf(insn) : undefined
      if (cell !== undefined) last.set(cell, this.valueOf(insn))
    }
    return last
  }

  private rewrite(block: Block): void {
    const now = new Map<Cell, Value>()
    const out: Value[] = []
    for (const insn of block.insns) {
      const cell = this.cellOf(insn)
      if (cell === undefined) out.push(insn)
      else if (isStore(insn.op)) now.set(cell, this.valueOf(insn))
      else this.load(insn, now.get(cell) ?? this.atStart(block, cell), cell, out)
    }
    block.insns = out
  }

  private load(insn: Value, value: Value, cell: Cell, out: Value[]): void {
    const skip = 8 * this.use.offsetIn(cell, insn)
    const part = parts[insn.op]
    if (part === undefined) {
      this.by.set(insn, value)
      return
    }
    let from = value
    if (skip > 0) {
      from = this.use.func.value('shru64i', [value], BigInt(skip), 0, insn.pc)
      out.push(from)
    }
    insn.op = part.op
    insn.imm = part.imm
    insn.args = [from]
    insn.off = 0
    out.push(insn)
  }

  private atEnd(block: Block, cell: Cell): Value {
    return this.ends.get(block)!.get(cell) ?? this.atStart(block, cell)
  }

  /** Before a block's instructions; blocks with one predecessor have what that ends with. */
  private atStart(block: Block, cell: Cell): Value {
    const path: Block[] = []
    let at = block
    let value: Value | undefined
    while (value === undefined) {
      if (at.preds.length === 1) {
        at = at.preds[0]!
        value = this.ends.get(at)!.get(cell)
        if (value === undefined) path.push(at)
      } else {
        value = this.phi(at, cell)
      }
    }
    for (const passed of path) this.ends.get(passed)!.set(cell, value)
    return value
  }

  private readonly phis = new Map<Cell, Map<Block, Value>>()

  private phi(block: Block, cell: Cell): Value {
    const known = this.phis.get(cell) ?? new Map<Block, Value>()
    this.phis.set(cell, known)
    let phi = known.get(block)
    if (phi === undefined) {
      phi = this.use.func.value('phi')
      known.set(block, phi)
      block.phis.push(phi)
      this.open.push({ phi, block, cell })
    }
    return phi
  }
}

/** Does the address go into an access, or into another known one, and nowhere else? */
function isBaseOf(address: Value, { args, op }: Value): boolean {
  const at = args.indexOf(address)
  return op === 'add64i' || ((isLoad(op) || isStore(op)) && at === args.length - 1)
}

/** The frame begins where it is used. */
function shrink(use: StackUse, kept: readonly Cell[], lowest: number): boolean {
  const { func, known, users } = use
  let first = Math.min(lowest, func.frameBytes)
  for (const { low } of kept) if (low >= 0) first = Math.min(first, low)
  for (const [value, at] of known)
    if (at >= 0 && users[value.id]!.some((user) => !isBaseOf(value, user)))
      first = Math.min(first, at)
  const shift = Math.floor(first / align) * align
  if (shift <= 0) return false
  for (const { insns } of func.blocks)
    for (const insn of insns) {
      const at = insn.args.findIndex(({ op }) => op === 'frame')
      if (at < 0) continue
      if (insn.op === 'add64i') {
        insn.imm -= BigInt(shift)
      } else insn.off -= shift
    }
  func.frameBytes -= shift
  return true
}

/**
 * Makes values of what functions keep in their frames at places that only accesses to them reach: the compiler had no
 * register left. What is stored and never read goes, and frames become as small as what is left in them. Near O(n)
 */
export function promote(program: OptProgram): Set<OptFunction> {
  const changed = new Set<OptFunction>()
  const addresses = new Addresses(program)
  for (const func of program.functions) {
    if (func === undefined || func.frameBytes === 0) continue
    const { lowest, use } = addresses.of(func)
    const cells = stored(use, promotable(use, lowest))
    if (cells.length > 0) {
      new Promotion(use, cells).run()
      changed.add(func)
    }
    const gone = new Set(cells)
    const kept = use.cells.filter((cell) => !gone.has(cell))
    if (shrink(use, kept, lowest)) changed.add(func)
  }
  return changed
}
