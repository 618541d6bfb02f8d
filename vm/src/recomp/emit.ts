import { At } from '../arena/layout.ts'
import type { FuncBuilder, Label } from '../emit/func.ts'
import { conditionOf, LocalOperand, type Operand, scalarOf } from '../emit/scalar.ts'
import { Op as Ir, irRows } from '../ir/table.ts'
import { Op } from '../isa/wasm/table.ts'
import { End, edgeOf } from './blocks.ts'
import { emitBulk } from './bulk.ts'
import { EntryWriter } from './entries.ts'
import { lastRow } from './functions.ts'
import { type Charge, noCharge, sameCharge } from './gas.ts'
import { emitLoopChecks } from './hoist.ts'
import { callsIn, type HoistedLoop } from './loops.ts'
import { emitPace, type PacedLoop } from './paced.ts'
import { type ModuleParts, placeOf, Status } from './parts.ts'
import { readsOf, writesOf } from './plan.ts'

const names = irRows.map((row) => row.name)
const forms = irRows.map((row) => row.form)
/** What an op is in Wasm, by op: the value of a scalar one, the condition of a branch. */
const lowerings = irRows.map(({ form, name }) => {
  if (form === 'branch' || form === 'branchi') return conditionOf(name)
  if ((form !== 'abc' && form !== 'ab' && form !== 'abi') || name === 'sbrk') return undefined
  return scalarOf(name, form)
})

/**
 * Writes one function: a loop around nested blocks, one for each place that is branched to forwards
 * or dispatched to by its entry number; innermost loops are Wasm loops.
 */
export class FunctionEmitter extends EntryWriter {
  private loop: Label | undefined
  /** What is in locals all over the loop, apart from what its blocks' plan says. */
  private loopHeld = 0
  private isTwice = false
  /** The loop that is being written, if gas was compared before it; and what it goes on in when that ends. */
  private paced: PacedLoop | undefined
  private slow: Label | undefined
  /** What is owed at each block's start, decided by the first way there; nothing at an entry. */
  private readonly owed: (Charge | undefined)[]

  constructor(f: FuncBuilder, parts: ModuleParts, index: number) {
    super(f, parts, index)
    this.owed = new Array<Charge | undefined>(this.plan.count)
    for (const x of this.plan.entries) this.owed[x] = noCharge
  }

  emit(): void {
    const { f, parts, plan } = this
    parts.values.run(plan)
    if (this.parts.program.memory.profile === 'linear32') {
      f.i32Const(0)
      f.load(Op.i64Load, 3, At.limit)
      f.localSet(this.limit)
    }
    const { managed } = this.convention
    const again = plan.entries.length > 1 && this.dispatches()
    if (!managed) this.loadForEntries()
    else if (again) this.fromOutside(() => undefined)
    if (again) this.top = f.loop()
    const labels = this.openLabels()
    if (!managed || again) this.dispatch(labels)
    else this.fromOutside(() => this.dispatch(labels))
    for (let x = 0; x < plan.count; x++) {
      const loop = parts.values.loops.get(x)
      this.closeLabel(x)
      if (plan.nest.end[x]! >= 0) this.openNested(x)
      this.reached(x)
      if (loop === undefined || (loop.ranges.length === 0 && !parts.measure.gas)) this.block(x)
      else {
        this.twice(x, loop)
        x = plan.loopEnd[x]!
      }
      this.closeNested(x)
    }
    if (this.top !== undefined) f.end()
    f.unreachable()
    this.writeExits()
    f.finish()
  }

  /** Brings what a loop reads and does not write into locals, for all of its iterations. */
  private holdLoop(x: number): void {
    const { parts, plan } = this
    let reads = 0
    let writes = 0
    for (let y = x; y <= plan.loopEnd[x]!; y++) {
      const block = plan.blocks[y]!
      for (let row = parts.blocks.start[block]!; row <= lastRow(parts.blocks, block); row++) {
        reads |= readsOf(parts.program, row)
        writes |= writesOf(parts.program, row)
      }
    }
    this.held = plan.held[x]!
    this.loopHeld = callsIn(parts.blocks, plan, x) ? 0 : reads & ~writes
    this.hold(this.loopHeld)
  }

  private openLoop(x: number): void {
    const { f, plan } = this
    this.loop = f.loop()
    const end = plan.loopEnd[x]!
    const wanted = new Uint8Array(end - x + 1)
    for (let y = x; y <= end; y++) {
      const to = plan.target[y]!
      if (to > y && this.inLoopOf(y, to)) wanted[to - x] = 1
    }
    for (let y = end; y > x; y--) if (wanted[y - x] === 1) this.labels[y] = f.block()
  }

  /** A loop without the checks that were made before it, and as it is, for where they fail. */
  private twice(x: number, loop: HoistedLoop): void {
    const { f, memory, plan } = this
    this.closeLabel(x)
    const end = plan.loopEnd[x]!
    const done = f.block()
    const slow = f.block()
    this.holdLoop(x)
    this.gas.owed = noCharge
    emitLoopChecks(this, loop, slow)
    this.dirty = plan.dirty[x]!
    const bulk = this.parts.values.bulks.get(x)
    if (bulk !== undefined) emitBulk(this, this.gas, bulk, plan.need[x]!)
    if (this.parts.measure.gas) this.paced = emitPace(this, this.gas, loop, slow)
    this.slow = slow
    this.isTwice = true
    memory.checkedBefore = true
    for (let y = x; y <= end; y++) this.block(y)
    memory.checkedBefore = false
    this.paced = undefined
    this.gas.paid = undefined
    f.br(done)
    f.end()
    memory.forget()
    for (let y = x; y <= end; y++) this.block(y)
    f.end()
    this.isTwice = false
    memory.forget()
  }

  private closeLabel(x: number): void {
    if (this.labels[x] !== undefined) this.f.end()
    this.labels[x] = undefined
  }

  private block(x: number): void {
    const { f, parts, plan } = this
    this.closeLabel(x)
    this.gas.owed = this.owed[x] ?? noCharge
    this.gas.paid = this.paced?.paid
    if (plan.loopEnd[x]! >= 0) {
      if (!this.isTwice) this.holdLoop(x)
      this.openLoop(x)
    }
    this.held = plan.held[x]! | (plan.loopOf[x]! >= 0 ? this.loopHeld : 0)
    this.dirty = plan.dirty[x]!
    const block = plan.blocks[x]!
    const first = parts.blocks.start[block]!
    const last = lastRow(parts.blocks, block)
    if (plan.need[x]! > 0 && this.paced === undefined) this.checkGas(first, plan.need[x]!)
    for (let row = first; row < last; row++) {
      this.startRow(row)
      this.row(row)
    }
    this.startRow(last)
    this.finish(x, last)
    if (plan.loopOf[x]! >= 0 && plan.loopEnd[plan.loopOf[x]!] === x) {
      f.end()
      this.loop = undefined
    }
  }

  private checkGas(row: number, need: number): void {
    const { f } = this
    if (!this.parts.measure.gas) return
    this.gas.lessThan(need)
    f.ifUnlikely()
    this.leaveAt(row, Status.gas)
    f.end()
  }

  protected override startRow(row: number): void {
    super.startRow(row)
    this.gas.row = row
  }

  /** Any row that does not end its block by a jump. */
  private row(row: number): void {
    const { f, parts } = this
    const { program } = parts
    const word = this.word(row, 0)
    const op = word & 0xff
    const form = forms[op]!
    const name = names[op]!
    const a = (word >>> 8) & 0xff
    const b = (word >>> 16) & 0xff
    const c = word >>> 24
    const low = this.word(row, 1)
    const high = this.word(row, 2)
    switch (form) {
      case 'charge':
        if (!parts.measure.gas) return
        this.gas.charge(low >>> 0, high >>> 0)
        return
      case 'nop':
        return
      case 'getslot':
        f.localGet(this.slots[low]!)
        return this.set(a)
      case 'setslot':
        this.hold(readsOf(program, row))
        this.operand(a).whole()
        return f.localSet(this.slots[low]!)
      case 'trapz':
      case 'trapo':
        return this.check(row, form === 'trapz', name.endsWith('64'))
      case 'ai':
        f.i64Const(low, high)
        return this.set(a)
      case 'abc':
      case 'ab':
      case 'abi':
        if (op === Ir.sbrk) return this.leaveHere(row)
        this.hold(readsOf(program, row))
        lowerings[op]!(
          f,
          this.operand(b),
          form === 'abi' ? this.constant(low, high) : this.operand(c),
        )
        return this.set(a)
      case 'move':
      case 'movei': {
        this.hold(readsOf(program, row) | writesOf(program, row))
        if (form === 'move') this.operand(b).whole()
        else f.i64Const(low, high)
        this.operand(a).whole()
        this.operand(form === 'move' ? c : b).whole()
        f.op(Op.i64Eqz)
        if (name.startsWith('cmovnz')) f.op(Op.i32Eqz)
        f.select()
        return this.set(a)
      }
      case 'load':
        this.hold(readsOf(program, row))
        this.memory.load(row)
        return this.set(a)
      case 'store':
      case 'storei':
        this.hold(readsOf(program, row))
        {
          const offset = this.memory.storeAddress(row)
          if (form === 'store') this.operand(a).whole()
          else f.i64Const(low, high)
          return this.memory.store(row, offset)
        }
      default:
        return this.leaveHere(row)
    }
  }

  private finish(x: number, row: number): void {
    const { plan } = this
    switch (this.parts.blocks.end[plan.blocks[x]!]) {
      case End.branch:
        return this.branch(x, row)
      case End.jump:
        return this.jump(x, row)
      case End.call:
        return this.call(x, row, false)
      case End.link:
        return this.link(x, row, false)
      case End.linkRegister:
        return this.link(x, row, true)
      case End.callRegister:
        return this.call(x, row, true)
      case End.ret:
        return this.ret(row)
      case End.jumpRegister:
        return this.jumpRegister(x, row)
      case End.leave:
        return this.leaveHere(row)
      default:
        this.row(row)
        this.next(x)
    }
  }

  /** Control goes on to the next block of the program. */
  protected override next(x: number): void {
    const { parts, plan } = this
    if (plan.falls[x] === 1) {
      this.hold(plan.held[x + 1]!)
      this.settleAt(x + 1)
      return
    }
    const to = plan.fallTo[x]!
    const label = to < 0 ? undefined : this.labelTo(x, to)
    if (label !== undefined) {
      this.hold(plan.held[to]!)
      if (this.paced !== undefined) this.gas.payRounds()
      this.settleAt(to)
      this.f.br(label)
      return
    }
    const block = plan.blocks[x]! + 1
    if (block < parts.blocks.count) this.enter(block)
    else this.leaveHere(parts.blocks.start[parts.blocks.count]! - 1)
  }

  /** Goes to the entry of a block, in this function or another. */
  private enter(block: number): void {
    const { f, parts, plan } = this
    const to = parts.functions.of[block]!
    const x = parts.functions.indexOf[block]!
    this.gas.payRounds()
    if (to === this.index && this.top !== undefined) {
      this.hold(plan.held[x]!)
      this.gas.settle(noCharge)
      f.i32Const(plan.entry[x]! + (this.convention.managed ? 1 : 0))
      f.localSet(this.entry)
      f.br(this.top)
      return
    }
    this.goTo(() => f.i32Const(placeOf(parts, block)))
  }

  /** Branches to the static target of `x`; registers it expects are held. */
  protected override toTarget(x: number, row: number): void {
    const { f, parts, plan } = this
    const to = plan.target[x]!
    if (to < 0) {
      const block = edgeOf(parts.blocks, plan.blocks[x]!)
      if (block < 0) this.leaveAt(this.word(row, 3), Status.leave)
      else this.enter(block)
      return
    }
    const label = this.labelOf(x)
    if (label === undefined) return this.enter(plan.blocks[to]!)
    if (this.isBack(x)) this.gas.settle(this.paced!.pace.round)
    else {
      if (this.isOut(x)) this.gas.payRounds()
      this.settleAt(to)
    }
    f.br(label)
  }

  /** Does the static target of `x` begin the next round of the paced loop. */
  private isBack(x: number): boolean {
    return this.paced !== undefined && this.plan.target[x] === this.plan.loopOf[x]
  }

  /** Is the static target of `x` outside of the paced loop. */
  private isOut(x: number): boolean {
    const { loopOf, target } = this.plan
    const to = target[x]!
    return this.paced !== undefined && (to < 0 || loopOf[to] !== loopOf[x])
  }

  /** Label of the static target of `x` where a branch gets there; undefined: through an entry, or out. */
  private labelOf(x: number): Label | undefined {
    const to = this.plan.target[x]!
    return to < 0 ? undefined : this.labelTo(x, to)
  }

  /** The same for any block of the function. */
  private labelTo(x: number, to: number): Label | undefined {
    const { loopEnd, loopOf, nest } = this.plan
    if (to > x) return this.labels[to]
    if (loopEnd[to]! >= 0) return loopOf[x] === to ? this.loop : undefined
    return nest.end[to]! >= x ? this.loops[to] : undefined
  }

  /** Owes what block `x` takes as owed, or decides that. */
  private settleAt(x: number): void {
    this.owed[x] ??= this.gas.owed
    this.gas.settle(this.owed[x])
  }

  private branch(x: number, row: number): void {
    const { f, parts, plan } = this
    const to = plan.target[x]!
    let wanted = readsOf(parts.program, row)
    if (to >= 0) wanted |= plan.held[to]!
    if (plan.falls[x] === 1) wanted |= plan.held[x + 1]!
    this.hold(wanted)
    const label = this.labelOf(x)
    const { paced } = this
    const isBack = this.isBack(x)
    const isOut = this.isOut(x)
    // a way out of a loop settles on its own, not in each round
    if (isBack) this.gas.settle(paced!.pace.round)
    else if (label !== undefined && !isOut) {
      if (plan.loopOf[x]! < 0 || plan.loopOf[to] === plan.loopOf[x]) this.settleAt(to)
      else this.owed[to] ??= this.gas.owed
    }
    const asks = paced?.counter.asked === x
    this.condition(row, asks ? paced.stop : -1)
    if (label !== undefined && (isBack || (!isOut && sameCharge(this.owed[to]!, this.gas.owed))))
      f.brIf(label)
    else {
      const { owed, paid } = this.gas
      f.if()
      if (asks) this.leaveRounds(row)
      this.toTarget(x, row)
      f.end()
      this.gas.owed = owed
      this.gas.paid = paid
    }
    if (isBack) {
      this.gas.payRounds()
      if (asks && paced.pace.tail !== undefined) {
        this.condition(row, -1)
        f.brIf(this.slow!)
      }
    }
    this.next(x)
  }

  /** Pushes whether a branch is taken; `stop`: the local that takes the place of what it compares with. */
  private condition(row: number, stop: number): void {
    const { f } = this
    const word = this.word(row, 0)
    const b = this.operand((word >>> 16) & 0xff)
    const other = (): Operand => {
      if (stop >= 0) return new LocalOperand(f, stop)
      if (forms[word & 0xff] === 'branch') return this.operand(word >>> 24)
      return this.constant(this.word(row, 1), this.word(row, 2))
    }
    lowerings[word & 0xff]!(f, b, other())
  }

  /** Out of a paced loop whose header asks; not where only gas ends. */
  private leaveRounds(row: number): void {
    const { f } = this
    const { tail } = this.paced!.pace
    this.gas.payRounds()
    if (tail === undefined) return
    const { owed } = this.gas
    this.condition(row, -1)
    f.op(Op.i32Eqz)
    f.if()
    this.gas.charge(tail.gas, tail.count)
    this.gas.settle(noCharge)
    f.br(this.slow!)
    f.end()
    this.gas.owed = owed
  }

  private jump(x: number, row: number): void {
    const to = this.plan.target[x]!
    if (to >= 0) this.hold(this.plan.held[to]!)
    this.toTarget(x, row)
  }
}
