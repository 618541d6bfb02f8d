import type { FuncBuilder, Label } from '../emit/func.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { End, falls } from './blocks.ts'
import { CallWriter, mostSwitched } from './calls.ts'
import { depthBits, param } from './convention.ts'
import type { ModuleParts } from './parts.ts'

/** How a function is entered: at its start by calls, at any of its entries from outside or from within. */
export abstract class EntryWriter extends CallWriter {
  protected override top: Label | undefined
  /** Local with the number of the entry to go to. */
  protected override entry: number = param.entry
  protected readonly labels: (Label | undefined)[]

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
      if (to >= 0 && to <= x && (plan.loopEnd[to]! < 0 || plan.loopOf[x] !== to)) return true
      const next = plan.blocks[x]! + 1
      if (plan.falls[x] === 1 || next >= parts.blocks.count) continue
      if (falls(parts.blocks.end[plan.blocks[x]!]!) && parts.functions.of[next] === this.index)
        return true
    }
    return false
  }

  protected override labelAhead(y: number): Label | undefined {
    return this.labels[y]
  }

  /** Do jumps through registers go to an entry that is not ahead, or is not found at once. */
  private jumpsBack(): boolean {
    const { parts, plan } = this
    if (plan.jumped.length === 0) return false
    if (!this.convention.managed || parts.tableRanges[this.index]!.count > mostSwitched) return true
    const last = plan.blocks.findLastIndex((b) => parts.blocks.end[b] === End.jumpRegister)
    return plan.jumped.some((y) => y <= last)
  }

  /** Opens a Wasm block for every place that is branched to forwards or dispatched to: those of entries. */
  protected openLabels(): Label[] {
    const { f, plan } = this
    const wanted = new Uint8Array(plan.count)
    const many = plan.entries.length > 1
    for (let x = 0; x < plan.count; x++) {
      if (many && plan.entry[x]! >= 0) wanted[x] = 1
      const to = plan.target[x]!
      if (to > x && !this.inLoopOf(x, to)) wanted[to] = 1
    }
    for (let x = plan.count - 1; x >= 0; x--) if (wanted[x] === 1) this.labels[x] = f.block()
    return many ? plan.entries.map((x) => this.labels[x]!) : []
  }

  /** Is `to` inside the Wasm loop of `x`, behind its header. */
  protected inLoopOf(x: number, to: number): boolean {
    const { loopOf } = this.plan
    return loopOf[x]! >= 0 && loopOf[x] === loopOf[to] && to !== loopOf[to]
  }
}
