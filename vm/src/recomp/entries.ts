import type { FuncBuilder, Label } from '../emit/func.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { falls } from './blocks.ts'
import { CallWriter } from './calls.ts'
import { depthBits, param } from './convention.ts'
import { switches } from './functions.ts'
import { isDirect } from './nest.ts'
import type { ModuleParts } from './parts.ts'

/** How a function is entered: at its start by calls, at any of its entries from outside or from within. */
export abstract class EntryWriter extends CallWriter {
  protected override top: Label | undefined
  /** Local with the number of the entry to go to. */
  protected override entry: number = param.entry
  protected readonly labels: (Label | undefined)[]
  /** Loops that are no innermost ones, by header. */
  protected readonly loops: (Label | undefined)[] = []
  private wanted: Uint8Array = new Uint8Array(0)
  /** Up to this index a loop dispatches again. */
  private redispatches = -1

  constructor(f: FuncBuilder, parts: ModuleParts, index: number) {
    super(f, parts, index)
    this.labels = new Array<Label | undefined>(this.plan.count)
  }

  /** Link: what the first block has in locals, and what others have where they are entered. */
  protected loadForEntries(): void {
    const { f, plan } = this
    this.hold(plan.held[0]!)
    let wanted = 0
    for (const x of plan.entries) wanted |= plan.held[x]!
    if (plan.entries.length === 1 || (wanted & ~this.held) === 0) return
    f.localGet(this.entry)
    f.if()
    const held = this.held
    this.hold(wanted)
    this.held = held
    f.end()
  }

  /**
   * Managed: what was not called at its start has its entry number with the depth, and registers in their
   * homes. Calls of the start pass by, and take neither apart.
   */
  protected fromOutside(go: () => void): void {
    const { convention, f, parts, plan } = this
    let wanted = 0
    for (const x of plan.entries) wanted |= plan.held[x]!
    const held = parts.signatures[this.index]!.passed
    f.localGet(param.entry)
    f.i32Const(2 ** depthBits)
    f.op(Op.i32GeU)
    f.ifUnlikely()
    if (plan.entries.length > 1) {
      if (this.entry === param.entry) this.entry = f.local(ValType.i32, 'entry')
      f.localGet(param.entry)
      f.i32Const(depthBits)
      f.op(Op.i32ShrU)
      f.localSet(this.entry)
    }
    f.localGet(param.entry)
    f.i32Const(2 ** depthBits - 1)
    f.op(Op.i32And)
    f.localSet(param.entry)
    this.held = held
    this.hold(wanted)
    this.moveSlots(false)
    go()
    f.end()
    this.held = plan.held[0]!
    if (convention.declared) return
    this.held = held
    this.hold(plan.held[0]!)
  }

  /** To the entry in the local; managed: they count from 1 there, and 0 is the start. */
  protected dispatch(labels: readonly Label[]): void {
    const { f } = this
    if (labels.length === 0) return
    f.localGet(this.entry)
    f.brTable(this.convention.managed ? [labels[0]!, ...labels] : labels, labels[0]!)
  }

  /** Does control come back to an entry from within, other than in a Wasm loop. */
  protected dispatches(): boolean {
    const { parts, plan } = this
    if (this.jumpsBack()) return true
    for (let x = 0; x < plan.count; x++) {
      const to = plan.target[x]!
      if (to >= 0 && !this.reaches(x, to)) return true
      if (plan.fallTo[x]! >= 0) {
        if (!this.reaches(x, plan.fallTo[x]!)) return true
        continue
      }
      const next = plan.blocks[x]! + 1
      if (next >= parts.blocks.count) continue
      if (falls(parts.blocks.end[plan.blocks[x]!]!) && parts.functions.of[next] === this.index)
        return true
    }
    return false
  }

  /** Is there a label for a branch from x to y, an open loop's or one ahead. */
  private reaches(x: number, y: number): boolean {
    const { loopEnd, loopOf, nest } = this.plan
    if (y <= x && loopEnd[y]! >= 0) return loopOf[x] === y
    return (y > x && this.inLoopOf(x, y)) || isDirect(nest, x, y)
  }

  /** Blocks that a label is for: they are branched to forwards, or dispatched to. */
  private labelled(): Uint8Array {
    const { plan } = this
    const wanted = new Uint8Array(plan.count)
    const many = plan.entries.length > 1
    for (let x = 0; x < plan.count; x++) {
      if (many && plan.entry[x]! >= 0) wanted[x] = 1
      const to = plan.target[x]!
      const next = plan.fallTo[x]!
      if (to > x && isDirect(plan.nest, x, to)) wanted[to] = 1
      if (next > x + 1 && isDirect(plan.nest, x, next)) wanted[next] = 1
    }
    return wanted
  }

  /** Opens labels of the blocks in one loop but in none within it; answers those of entries, or of what they are in. */
  private openLevel(level: number): (Label | undefined)[] {
    const { f, plan } = this
    const { end, inside } = plan.nest
    const last = level < 0 ? plan.count - 1 : end[level]!
    for (let x = last; x > level; x--)
      if (inside[x] === level && this.wanted[x] === 1) this.labels[x] = f.block()
    return plan.entries.map((x) => {
      let at = x
      while (at >= 0 && inside[at] !== level) at = inside[at]!
      return at < 0 ? undefined : this.labels[at]
    })
  }

  /** Begins a loop that is no innermost one: entries in it are dispatched to once more from there. */
  protected openNested(x: number): void {
    const { f, plan } = this
    this.loops[x] = f.loop()
    const labels = this.openLevel(x)
    if (plan.entries.length <= 1 || labels.every((label) => label === undefined)) return
    f.localGet(this.entry)
    const here = f.if()
    f.localGet(this.entry)
    const targets = labels.map((label) => label ?? here)
    // link: entry 0 is the start, which no loop is around
    if (this.convention.managed) targets.unshift(here)
    f.brTable(targets, here)
    f.end()
    this.redispatches =
      plan.nest.end[x]! > this.redispatches ? plan.nest.end[x]! : this.redispatches
  }

  /** Where an entry was reached, loops around it are not to go there again. */
  protected reached(x: number): void {
    if (x > this.redispatches || this.plan.entry[x]! < 0) return
    this.f.i32Const(0)
    this.f.localSet(this.entry)
  }

  /** Ends loops that end with block x. */
  protected closeNested(x: number): void {
    const { end, inside } = this.plan.nest
    let around = end[x]! >= 0 ? x : inside[x]!
    for (; around >= 0; around = inside[around]!) {
      if (end[around] === x) this.f.end()
      else if (end[around]! >= 0) return
    }
  }

  protected override labelAhead(y: number): Label | undefined {
    return this.labels[y]
  }

  /** Do jumps through registers go to an entry that is not ahead, or is not found at once. */
  private jumpsBack(): boolean {
    const { parts, plan } = this
    if (plan.jumped.length === 0) return false
    if (parts.program.rules.jumpsAnywhere || this.isTableLong()) return true
    const last = plan.blocks.findLastIndex((b) => switches(parts.program, parts.blocks, b))
    return plan.jumped.some((y) => y <= last || plan.nest.inside[y]! >= 0)
  }

  /** Opens a Wasm block for every place that is branched to forwards or dispatched to: those of entries. */
  protected openLabels(): Label[] {
    this.wanted = this.labelled()
    const labels = this.openLevel(-1)
    return this.plan.entries.length > 1 ? labels.map((label) => label!) : []
  }

  /** Is `to` inside the Wasm loop of `x`, behind its header. */
  protected inLoopOf(x: number, to: number): boolean {
    const { loopOf } = this.plan
    return loopOf[x]! >= 0 && loopOf[x] === loopOf[to] && to !== loopOf[to]
  }
}
