import { irRows, Op } from '../ir/table.ts'
import { type BpfInsn, decodeBpf } from '../isa/bpf/decode.ts'
import { bpfRow } from '../isa/bpf/table.ts'
import { BpfLifter, bpfLifts } from '../lift/bpf-insns.ts'
import type { Block, OptFunction, OptOp, Value } from '../opt/ir.ts'
import { accessBytes } from '../opt/memory.ts'
import type { BpfBlock } from './raise-bpf-cfg.ts'
import { bpfConvention } from './raise-convention.ts'
import { BlockRaiser, type Surroundings } from './raise-ends.ts'
import { raiseFail } from './raise-error.ts'
import type { LinkedCode } from './riscv-linked.ts'

/** r10: the end of the function's frame. */
const framePointer = 10
const slotBytes = 8
const noOptions = { packet: false, callxHelpers: false, maxDepth: 0 } as const

/** Makes one function of the optimiser of one of eBPF. */
export class BpfRaiser extends BlockRaiser<BpfInsn> {
  private readonly linked: LinkedCode
  private readonly blocks: readonly BpfBlock[]
  private readonly lifter: BpfLifter
  /** Where the end of a block goes. */
  private to: Block[] = []
  private frame: Value | undefined
  private frameEnd: Value | undefined

  constructor(
    linked: LinkedCode,
    around: Surroundings,
    order: readonly BpfBlock[],
    func: OptFunction,
    isOpen: boolean,
  ) {
    super(bpfConvention, around, order, func, isOpen)
    this.linked = linked
    this.blocks = order
    // branches are asked for their rows only: no place has to be known
    this.lifter = new BpfLifter({ code: new Uint8Array(0), options: noOptions }, this)
  }

  /** @throws {LinkError} when it reaches over its frame */
  raise(frameBytes: number): void {
    this.func.frameBytes = frameBytes
    this.parameters()
    for (const raw of this.blocks) {
      this.raw = raw
      this.block = this.firsts[raw.id]!
      for (this.pc = raw.from; this.pc < raw.to; ) this.pc += this.lift()
      this.lasts[raw.id] = this.block
      this.end(raw)
    }
    this.variables.finish()
    this.close()
    if (this.frame === undefined) this.func.frameBytes = 0
  }

  protected fail(code: string, what: string): never {
    return raiseFail(this.linked, { func: this.func.id, pc: this.pc }, code, what)
  }

  /** Lifts the instruction at `pc`; answers its octets. */
  private lift(): number {
    const { lifter } = this
    decodeBpf(this.linked.code, this.pc / slotBytes, lifter.insn)
    bpfLifts[lifter.insn.row]!(lifter, lifter.insn)
    return lifter.insn.slots * slotBytes
  }

  private end(raw: BpfBlock): void {
    const { end } = raw
    this.pc = raw.to
    this.to = raw.succs.map(({ id }) => this.firsts[id]!)
    switch (end.kind) {
      case 'next':
      case 'jump':
        return this.jump(this.to)
      case 'branch':
        Object.assign(this.lifter.insn, end.insn)
        return bpfLifts[end.insn.row]!(this.lifter, end.insn)
      case 'call':
        this.call(end.target)
        return this.jump(this.to)
      case 'callr':
        this.callRegister(
          this.read(end.insn.row === bpfRow.callx_imm ? end.insn.imm : end.insn.dst),
        )
        return this.jump(this.to)
      case 'tail':
        this.call(end.target)
        return this.ret()
      case 'ret':
        return this.ret()
      case 'switch':
        return this.switch(this.read(end.insn.dst), end.labels, this.to)
      case 'trap':
        return this.trap(end.trap)
      default:
        throw new Error(`internal: a block of eBPF does not end by ${end.kind}`)
    }
  }

  protected override plain(op: number, a: number, b: number, c: number, imm: bigint): void {
    const { form, name } = irRows[op]!
    if (form === 'branch') this.terminate(name as OptOp, [this.read(b), this.read(c)], 0n, this.to)
    else if (form === 'branchi') this.terminate(name as OptOp, [this.read(b)], imm, this.to)
    else if (op === Op.host || form === 'leave') throw new Error(`internal: ${name} is raised`)
    else super.plain(op, a, b, c, imm)
  }

  protected override read(register: number): Value {
    return register === framePointer ? this.endOfFrame() : super.read(register)
  }

  protected override access(op: OptOp, stored: Value[], register: number, off: number): Value {
    if (register !== framePointer) return super.access(op, stored, register, off)
    const { frameBytes } = this.func
    const bytes = accessBytes(op)
    if (off + bytes > 0 || off < -frameBytes)
      this.fail('frame', `${bytes} octets at r10${off < 0 ? '' : '+'}${off} are not in its frame`)
    return this.emit(op, [...stored, this.base()], 0n, off + frameBytes)
  }

  private base(): Value {
    if (this.frame === undefined) {
      this.frame = this.func.value('frame', [], 0n, 0, this.func.pc)
      this.entry.insns.unshift(this.frame)
    }
    return this.frame
  }

  private endOfFrame(): Value {
    if (this.frameEnd === undefined) {
      const base = this.base()
      const { frameBytes, pc } = this.func
      this.frameEnd = this.func.value('add64i', [base], BigInt(frameBytes), 0, pc)
      this.entry.insns.splice(1, 0, this.frameEnd)
    }
    return this.frameEnd
  }
}
