import { At } from '../arena/layout.ts'
import type { FuncBuilder, Label } from '../emit/func.ts'
import { emitCondition, emitScalar, type Operand } from '../emit/scalar.ts'
import { Mark, rowWords } from '../ir/program.ts'
import { Op as Ir, irRows, temporary, zeroRegister } from '../ir/table.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { End } from './blocks.ts'
import { lastRow } from './functions.ts'
import { GroupedMemory } from './memory.ts'
import { type AccessContext, type ModuleParts, Status } from './parts.ts'
import { keptByCalls, type Plan, readsOf, writesOf } from './plan.ts'

const names = irRows.map((row) => row.name)
const forms = irRows.map((row) => row.form)

/** Params of every generated function. */
const entryParam = 0
const depthParam = 1
const budgetParam = 2

export class FunctionEmitter implements AccessContext {
  readonly f: FuncBuilder
  readonly parts: ModuleParts
  readonly plan: Plan
  private readonly index: number
  private readonly gas: number
  readonly limit: number
  private readonly locals: Int32Array
  private readonly kept: number
  private readonly memory: GroupedMemory
  private held = 0
  private dirty = 0
  /** Temporaries that the current guest instruction has written, by number. */
  private temps = 0
  private top: Label | undefined
  private readonly labels: (Label | undefined)[]
  private loop: Label | undefined

  constructor(f: FuncBuilder, parts: ModuleParts, index: number) {
    this.f = f
    this.parts = parts
    this.index = index
    this.plan = parts.plans[index]!
    this.gas = f.local(ValType.i64, 'gas')
    this.limit = f.local(ValType.i64, 'limit')
    this.locals = new Int32Array(zeroRegister).fill(-1)
    this.kept = keptByCalls(parts.program)
    this.memory = new GroupedMemory(this)
    this.labels = new Array<Label | undefined>(this.plan.count)
  }

  // ---- registers

  private localOf(register: number): number {
    if (this.locals[register]! < 0) {
      const name = register < temporary ? `r${register}` : `t${register - temporary}`
      this.locals[register] = this.f.local(ValType.i64, name)
    }
    return this.locals[register]!
  }

  /** Brings registers into locals. */
  private hold(mask: number): void {
    const missing = mask & ~this.held
    for (let r = 0; missing >>> r !== 0 && r < 32; r++) {
      if (((missing >>> r) & 1) === 0) continue
      this.f.i32Const(0)
      this.f.load(Op.i64Load, 3, At.registers + 8 * r)
      this.f.localSet(this.localOf(r))
    }
    this.held |= mask
  }

  private storeRegisters(mask: number): void {
    for (let r = 0; mask >>> r !== 0 && r < 32; r++) {
      if (((mask >>> r) & 1) === 0) continue
      this.f.i32Const(0)
      this.f.localGet(this.localOf(r))
      this.f.store(Op.i64Store, 3, At.registers + 8 * r)
    }
  }

  /** The interpreter may go on in the middle of an instruction. */
  private storeTemporaries(): void {
    for (let i = 0; this.temps >>> i !== 0; i++) {
      if (((this.temps >>> i) & 1) === 0) continue
      this.f.i32Const(0)
      this.f.localGet(this.localOf(temporary + i))
      this.f.store(Op.i64Store, 3, At.registers + 8 * (temporary + i))
    }
  }

  operand(register: number): Operand {
    const { f } = this
    if (register === zeroRegister) {
      return { whole: () => f.i64ConstS(0), low: () => f.i32Const(0) }
    }
    const local = this.localOf(register)
    return {
      whole: () => f.localGet(local),
      low: () => {
        f.localGet(local)
        f.op(Op.i32WrapI64)
      },
    }
  }

  private constant(low: number, high: number): Operand {
    const { f } = this
    return { whole: () => f.i64Const(low, high), low: () => f.i32Const(low) }
  }

  /** Takes the value of a register from the stack. */
  private set(register: number): void {
    this.f.localSet(this.localOf(register))
    if (register >= temporary) {
      this.temps |= 1 << (register - temporary)
      return
    }
    this.held |= 1 << register
    this.dirty |= 1 << register
    this.memory.written(register)
  }

  // ---- leaving

  private storeGas(): void {
    this.f.i32Const(0)
    this.f.localGet(this.gas)
    this.f.store(Op.i64Store, 3, At.gas)
  }

  private loadGas(): void {
    this.f.i32Const(0)
    this.f.load(Op.i64Load, 3, At.gas)
    this.f.localSet(this.gas)
  }

  private storeWord(at: number, value: () => void): void {
    this.f.i32Const(0)
    value()
    this.f.store(Op.i32Store, 2, at)
  }

  /** Returns with the exact state before `row`. */
  leaveAt(row: number, status: number): void {
    const { f } = this
    this.storeRegisters(this.dirty)
    this.storeTemporaries()
    this.storeGas()
    this.storeWord(At.exitRow, () => f.i32Const(row))
    this.storeWord(At.depth, () => f.localGet(depthParam))
    f.i32Const(status)
    f.return()
  }

  private goTo(packed: () => void): void {
    const { f } = this
    this.storeRegisters(this.dirty)
    this.storeGas()
    this.storeWord(At.goto, packed)
    this.storeWord(At.depth, () => f.localGet(depthParam))
    f.i32Const(Status.goto)
    f.return()
  }

  // ---- the function

  emit(): void {
    const { f, plan } = this
    this.loadGas()
    if (this.parts.program.memory.profile === 'linear32') {
      f.i32Const(0)
      f.load(Op.i64Load, 3, At.limit)
      f.localSet(this.limit)
    }
    this.hold(plan.held[0]!)
    if (plan.entries.length > 1) {
      let wanted = 0
      for (const x of plan.entries) wanted |= plan.held[x]!
      if ((wanted & ~this.held) !== 0) {
        f.localGet(entryParam)
        f.if()
        const held = this.held
        this.hold(wanted)
        this.held = held
        f.end()
      }
      this.top = f.loop()
    }
    this.openLabels()
    for (let x = 0; x < plan.count; x++) this.block(x)
    this.memory.reset()
    if (this.top !== undefined) f.end()
    f.unreachable()
    f.finish()
  }

  /** Opens a Wasm block for every place that is branched to forwards or dispatched to. */
  private openLabels(): void {
    const { f, plan } = this
    const wanted = new Uint8Array(plan.count)
    const many = plan.entries.length > 1
    for (let x = 0; x < plan.count; x++) {
      if (many && plan.entry[x]! >= 0) wanted[x] = 1
      const to = plan.target[x]!
      if (to > x && !this.inLoopOf(x, to)) wanted[to] = 1
    }
    for (let x = plan.count - 1; x >= 0; x--) if (wanted[x] === 1) this.labels[x] = f.block()
    if (!many) return
    f.localGet(entryParam)
    const targets = plan.entries.map((x) => this.labels[x]!)
    f.brTable(targets, targets[0]!)
  }

  /** Is `to` inside the Wasm loop of `x`, behind its header. */
  private inLoopOf(x: number, to: number): boolean {
    const { loopOf } = this.plan
    return loopOf[x]! >= 0 && loopOf[x] === loopOf[to] && to !== loopOf[to]
  }

  private openLoop(x: number): void {
    const { f, plan } = this
    this.loop = f.loop()
    const wanted = new Uint8Array(plan.count)
    const end = plan.loopEnd[x]!
    for (let y = x; y <= end; y++) {
      const to = plan.target[y]!
      if (to > y && this.inLoopOf(y, to)) wanted[to] = 1
    }
    for (let y = end; y > x; y--) if (wanted[y] === 1) this.labels[y] = f.block()
  }

  private block(x: number): void {
    const { f, parts, plan } = this
    if (this.labels[x] !== undefined) f.end()
    this.labels[x] = undefined
    if (plan.loopEnd[x]! >= 0) this.openLoop(x)
    this.held = plan.held[x]!
    this.dirty = plan.dirty[x]!
    this.memory.reset()
    const block = plan.blocks[x]!
    const first = parts.blocks.start[block]!
    const last = lastRow(parts.blocks, block)
    if (plan.need[x]! > 0) this.checkGas(first, plan.need[x]!)
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
    f.localGet(this.gas)
    f.i64Const(0, need | 0)
    f.op(Op.i64LtU)
    f.ifUnlikely()
    this.leaveAt(row, Status.gas)
    f.end()
  }

  private word(row: number, index: number): number {
    return this.parts.program.rows[row * rowWords + index]!
  }

  private startRow(row: number): void {
    if ((this.parts.program.marks[row]! & Mark.instruction) !== 0) this.temps = 0
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
        f.localGet(this.gas)
        f.i64Const(high, low)
        f.op(Op.i64Sub)
        f.localSet(this.gas)
        return
      case 'nop':
        return
      case 'ai':
        f.i64Const(low, high)
        return this.set(a)
      case 'abc':
      case 'ab':
      case 'abi':
        if (op === Ir.sbrk) return this.leaveHere(row)
        this.hold(readsOf(program, row))
        emitScalar(
          f,
          name,
          form,
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
        return this.memory.store(row, () => {
          if (form === 'store') this.operand(a).whole()
          else f.i64Const(low, high)
        })
      default:
        return this.leaveHere(row)
    }
  }

  /** Leaves for good; what follows in the block is not reached from here. */
  private leaveHere(row: number): void {
    this.leaveAt(row, Status.leave)
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
      case End.callRegister:
        return this.call(x, row, true)
      case End.ret:
        return this.ret(row)
      case End.jumpRegister:
        return this.jumpRegister(row)
      case End.leave:
        return this.leaveHere(row)
      default:
        this.row(row)
        this.next(x)
    }
  }

  /** Control goes on to the next block of the program. */
  private next(x: number): void {
    const { parts, plan } = this
    if (plan.falls[x] === 1) {
      this.hold(plan.held[x + 1]!)
      return
    }
    const block = plan.blocks[x]! + 1
    if (block < parts.blocks.count) this.enter(block)
    else this.leaveHere(parts.blocks.start[parts.blocks.count]! - 1)
  }

  private entryOf(block: number): number {
    const plan = this.parts.plans[this.parts.functions.of[block]!]!
    return plan.entry[plan.blocks.indexOf(block)]!
  }

  /** Goes to the entry of a block, in this function or another. */
  private enter(block: number): void {
    const { f, parts, plan } = this
    const to = parts.functions.of[block]!
    const other = parts.plans[to]!
    const x = block === other.blocks[0] ? 0 : other.blocks.indexOf(block)
    if (to === this.index && this.top !== undefined) {
      this.hold(plan.held[x]!)
      f.i32Const(plan.entry[x]!)
      f.localSet(entryParam)
      f.br(this.top)
      return
    }
    this.goTo(() => f.i32Const((to << 16) | other.entry[x]!))
  }

  /** Branches to the static target of `x`; registers it expects are held. */
  private toTarget(x: number, row: number): void {
    const { f, parts, plan } = this
    const to = plan.target[x]!
    if (to < 0) {
      const block = parts.blocks.target[plan.blocks[x]!]!
      if (block < 0) this.leaveAt(this.word(row, 3), Status.leave)
      else this.enter(block)
    } else if (to > x && this.labels[to] !== undefined) f.br(this.labels[to]!)
    else if (plan.loopEnd[to]! >= 0 && plan.loopOf[x] === to && this.loop !== undefined)
      f.br(this.loop)
    else this.enter(plan.blocks[to]!)
  }

  private branch(x: number, row: number): void {
    const { f, parts, plan } = this
    const word = this.word(row, 0)
    const to = plan.target[x]!
    let wanted = readsOf(parts.program, row)
    if (to >= 0) wanted |= plan.held[to]!
    if (plan.falls[x] === 1) wanted |= plan.held[x + 1]!
    this.hold(wanted)
    const form = forms[word & 0xff]!
    emitCondition(
      f,
      names[word & 0xff]!,
      this.operand((word >>> 16) & 0xff),
      form === 'branch'
        ? this.operand(word >>> 24)
        : this.constant(this.word(row, 1), this.word(row, 2)),
    )
    if (to > x && this.labels[to] !== undefined) f.brIf(this.labels[to]!)
    else if (to >= 0 && plan.loopOf[x] === to && this.loop !== undefined) f.brIf(this.loop)
    else {
      f.if()
      this.toTarget(x, row)
      f.end()
    }
    this.next(x)
  }

  private jump(x: number, row: number): void {
    const to = this.plan.target[x]!
    if (to >= 0) this.hold(this.plan.held[to]!)
    this.toTarget(x, row)
  }

  // ---- calls

  private call(x: number, row: number, indirect: boolean): void {
    const { f, parts, plan } = this
    const { calls } = parts.program
    if (calls.kind !== 'managed') return this.leaveHere(row)
    const block = parts.blocks.target[plan.blocks[x]!]!
    if (!indirect && block < 0) return this.leaveHere(row)
    const framePointer = calls.first + calls.saved - 1
    this.hold(this.kept | readsOf(parts.program, row))
    const codeIndex = indirect ? f.temp(ValType.i32) : -1
    if (indirect) this.codeIndex(row, codeIndex)
    const own = this.word(row, 1)
    // too deep for the guest or for the host's stack, or no room for the frame: exactly, elsewhere
    f.localGet(depthParam)
    f.i32Const(calls.maxDepth)
    f.op(Op.i32GeU)
    f.localGet(budgetParam)
    f.op(Op.i32Eqz)
    f.op(Op.i32Or)
    f.localGet(this.localOf(framePointer))
    f.i64ConstBig(BigInt(calls.stackLow + own + (indirect ? 0 : this.word(row, 2))))
    if (indirect) {
      f.localGet(codeIndex)
      f.i32Const(3)
      f.op(Op.i32Shl)
      f.load(Op.i64Load32U, 2, parts.layout.functionTable + 4)
      f.op(Op.i64Add)
    }
    f.op(Op.i64LtU)
    f.op(Op.i32Or)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    this.storeRegisters(this.dirty & ~(1 << framePointer))
    f.i32Const(0)
    f.localGet(this.localOf(framePointer))
    f.i64ConstS(own)
    f.op(Op.i64Sub)
    f.store(Op.i64Store, 3, At.registers + 8 * framePointer)
    this.storeGas()
    if (indirect) {
      f.localGet(codeIndex)
      f.i32Const(2)
      f.op(Op.i32Shl)
      f.load(Op.i32Load, 2, parts.layout.functionEntries)
    } else f.i32Const(this.entryOf(block))
    f.localGet(depthParam)
    f.i32Const(1)
    f.op(Op.i32Add)
    f.localGet(budgetParam)
    f.i32Const(1)
    f.op(Op.i32Sub)
    if (indirect) {
      // the module's one table: functions, then the program's code addresses
      f.localGet(codeIndex)
      f.i32Const(parts.functions.count)
      f.op(Op.i32Add)
      f.callIndirect(parts.type, 0)
      f.free(codeIndex)
    } else f.call(parts.firstFunction + parts.functions.of[block]!)
    const status = f.temp(ValType.i32)
    f.localTee(status)
    f.ifUnlikely()
    this.writeFrame(row + 1)
    f.localGet(status)
    f.return()
    f.end()
    f.free(status)
    this.loadGas()
    this.held = this.kept
    this.dirty = this.kept
    this.next(x)
  }

  /** Index of a code address in the function table, or out to the interpreter. */
  private codeIndex(row: number, into: number): void {
    const { f, parts } = this
    const { calls } = parts.program
    if (calls.kind !== 'managed') return
    const { base, rows, shift } = calls.functions
    const t = f.temp(ValType.i64)
    this.operand((this.word(row, 0) >>> 16) & 0xff).whole()
    f.i64ConstBig(BigInt.asIntN(64, base))
    f.op(Op.i64Sub)
    f.i64ConstS(shift)
    f.op(Op.i64Rotr)
    f.localTee(t)
    f.i64ConstS(rows.length)
    f.op(Op.i64GeU)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    f.localGet(t)
    f.op(Op.i32WrapI64)
    f.localTee(into)
    f.i32Const(3)
    f.op(Op.i32Shl)
    f.load(Op.i32Load, 2, parts.layout.functionTable)
    f.i32Const(0)
    f.op(Op.i32LtS)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    f.free(t)
  }

  /** Records this function's open call while the Wasm stack unwinds. */
  private writeFrame(returnRow: number): void {
    const { f, parts } = this
    const { calls } = parts.program
    if (calls.kind !== 'managed') return
    const at = f.temp(ValType.i32)
    f.localGet(depthParam)
    f.i32Const(parts.layout.frameBytes)
    f.op(Op.i32Mul)
    f.localTee(at)
    f.i32Const(returnRow * 16)
    f.store(Op.i32Store, 2, parts.layout.frames)
    for (let i = 0; i < calls.saved; i++) {
      f.localGet(at)
      f.localGet(this.localOf(calls.first + i))
      f.store(Op.i64Store, 3, parts.layout.frames + 8 + 8 * i)
    }
    f.free(at)
  }

  private ret(row: number): void {
    const { f } = this
    f.localGet(depthParam)
    f.op(Op.i32Eqz)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    this.storeRegisters(this.dirty & ~this.kept)
    this.storeGas()
    f.i32Const(Status.returned)
    f.return()
  }

  /** Through the jump table to wherever it says; a bad address is the interpreter's to refuse. */
  private jumpRegister(row: number): void {
    const { f, parts } = this
    const { haltAddress, jumps } = parts.program
    const word = this.word(row, 0)
    this.hold(readsOf(parts.program, row))
    const t = f.temp(ValType.i64)
    const to = f.temp(ValType.i32)
    const b = this.operand((word >>> 16) & 0xff)
    if ((word & 0xff) === Ir.jump32) {
      b.low()
      f.i32Const(this.word(row, 3))
      f.op(Op.i32Add)
      f.op(Op.i64ExtendI32U)
    } else b.whole()
    f.localTee(t)
    f.i64ConstBig(BigInt(haltAddress))
    f.op(Op.i64Eq)
    f.localGet(t)
    f.i64ConstBig(BigInt.asIntN(64, jumps.base))
    f.op(Op.i64Sub)
    f.i64ConstS(jumps.shift)
    f.op(Op.i64Rotr)
    f.localTee(t)
    f.i64ConstS(jumps.rows.length)
    f.op(Op.i64GeU)
    f.op(Op.i32Or)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    f.localGet(t)
    f.op(Op.i32WrapI64)
    f.i32Const(2)
    f.op(Op.i32Shl)
    f.load(Op.i32Load, 2, parts.layout.jumpEntries)
    f.localTee(to)
    f.i32Const(0)
    f.op(Op.i32LtS)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    this.goTo(() => f.localGet(to))
    f.free(t)
    f.free(to)
  }
}
