import { At } from '../arena/layout.ts'
import type { Label } from '../emit/func.ts'
import { emitOverflow } from '../emit/scalar.ts'
import type { CodeTable } from '../ir/program.ts'
import {
  argumentsOfCallee,
  CalleeBit,
  frameOfCallee,
  frameUnitBits,
  type ManagedCalls,
} from '../ir/program.ts'
import { Op as Ir } from '../ir/table.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import {
  afterCall,
  budgetParam,
  entryWord,
  param,
  returnBit,
  type Signature,
} from './convention.ts'
import { isLabel, switches } from './functions.ts'
import { noCharge } from './gas.ts'
import { placeOf, Status } from './parts.ts'
import { readsOf } from './plan.ts'
import { RegisterWriter } from './registers.ts'

/** A longer part of the jump table is not written out where a jump goes through it. */
const mostSwitched = 1024
/** Entries of all such tables of a function: more would make a hostile function long for V8's optimising compiler. */
const mostEntries = 4096

/** Calls, returns and jumps through registers. */
export abstract class CallWriter extends RegisterWriter {
  private through: number | undefined
  /** Dispatches to the entry in the local `entry`, where control comes back to one from within. */
  protected abstract top: Label | undefined
  protected abstract entry: number
  /** The label of a block that is ahead, if it has one. */
  protected abstract labelAhead(y: number): Label | undefined
  /** Control goes on to the next block of the program. */
  protected abstract next(x: number): void
  /** Control goes to the static target of `x`. */
  protected abstract toTarget(x: number, row: number): void

  protected entryOf(block: number): number {
    const plan = this.parts.plans[this.parts.functions.of[block]!]!
    return plan.entry[this.parts.functions.indexOf[block]!]!
  }

  protected call(x: number, row: number, indirect: boolean): void {
    const { f, parts, plan } = this
    const { calls } = parts.program
    if (calls.kind !== 'managed') return this.leaveHere(row)
    const block = parts.blocks.target[plan.blocks[x]!]!
    if (!indirect && block < 0) return this.leaveHere(row)
    const signature = indirect ? parts.indirect : parts.signatures[parts.functions.of[block]!]
    // functions that take arguments where no call through a register leaves them
    if (signature === undefined) return this.leaveHere(row)
    // entered elsewhere than at its start, it would take slots from their homes
    if (!indirect && parts.layout.slotBytes > 0 && this.entryOf(block) !== 0)
      return this.leaveHere(row)
    const { answered, declared, kept } = this.convention
    this.hold(signature.passed | readsOf(parts.program, row))
    const codeIndex = indirect ? f.temp(ValType.i32) : -1
    if (indirect) this.codeIndex(row, codeIndex)
    const own = this.word(row, 1)
    if (calls.fixed !== undefined) this.checkDepth(row)
    else this.checkFrame(row, own, codeIndex)
    if (!declared) this.storeRegisters(this.dirty & ~signature.passed & ~kept)
    f.localGet(param.entry)
    f.i32Const(indirect ? 1 : entryWord(this.entryOf(block), true) + 1)
    f.op(Op.i32Add)
    if (indirect) {
      f.localGet(codeIndex)
      f.i32Const(2)
      f.op(Op.i32Shl)
      f.load(Op.i32Load, 2, parts.layout.functionEntries)
      f.op(Op.i32Add)
    }
    this.gas.push()
    this.pushParams(signature, calls, own, indirect ? 15 : argumentsOfCallee(this.word(row, 2)))
    if (indirect) {
      // the module's one table: functions, then the program's code addresses
      f.localGet(codeIndex)
      f.i32Const(parts.functions.count)
      f.op(Op.i32Add)
      f.callIndirect(parts.typeOf(signature), 0)
      f.free(codeIndex)
    } else f.call(parts.firstFunction + parts.functions.of[block]!)
    f.localSet(this.localOf(answered))
    f.localTee(this.gas.local)
    f.i64ConstS(0)
    f.op(Op.i64LtS)
    f.ifUnlikely()
    this.unwind(row + 1)
    f.end()
    this.gas.owed = noCharge
    this.held = afterCall(this.convention, this.held)
    this.dirty = this.held
    this.next(x)
  }

  /** @param args how many registers the callee takes, if it declares that: the others are zero */
  private pushParams(
    { inParams }: Signature,
    { fixed }: ManagedCalls,
    own: number,
    args: number,
  ): void {
    const { f } = this
    const { declared, framePointer } = this.convention
    for (const r of inParams) {
      if (declared && r !== framePointer && (r < 0 || r >= args)) {
        f.i64ConstS(0)
        continue
      }
      f.localGet(this.localOf(r))
      if (r !== framePointer) continue
      const step = fixed === undefined ? -own : fixed.step
      if (step === 0) continue
      f.i64ConstS(step)
      f.op(Op.i64Add)
    }
  }

  private tooDeep(): void {
    const { f } = this
    f.localGet(param.entry)
    f.i32Const(0)
    f.load(Op.i32Load, 2, At.deepest)
    f.op(Op.i32GeU)
  }

  /** Too deep for the guest or for the host's stack: exactly, elsewhere. */
  private checkDepth(row: number): void {
    this.tooDeep()
    this.f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    this.f.end()
  }

  /** The same, and no room for the frame. @param codeIndex of the callee, or -1 for the row's */
  private checkFrame(row: number, own: number, codeIndex: number): void {
    const { f, parts } = this
    const { calls } = parts.program
    if (calls.kind !== 'managed') return
    const indirect = codeIndex >= 0
    const { framePointer } = this.convention
    const fits = f.block()
    const tooDeep = f.block()
    this.tooDeep()
    f.brIfUnlikely(tooDeep)
    f.localGet(this.localOf(framePointer))
    const callee = indirect ? 0 : frameOfCallee(calls, this.word(row, 2))
    f.i64ConstNumber(calls.stackLow + own + callee)
    if (indirect) {
      f.localGet(codeIndex)
      f.i32Const(3)
      f.op(Op.i32Shl)
      f.load(Op.i64Load32U, 2, parts.layout.functionTable + 4)
      if (calls.declared === true) {
        f.i64ConstS(CalleeBit.frame)
        f.op(Op.i64ShrU)
        f.i64ConstS(frameUnitBits)
        f.op(Op.i64Shl)
      }
      f.op(Op.i64Add)
    }
    f.op(Op.i64GeU)
    f.brIfLikely(fits)
    f.end()
    this.leaveAt(row, Status.leave)
    f.end()
  }

  /** Index of a code address in the function table, or out to the interpreter. */
  protected codeIndex(row: number, into: number): void {
    const { f, parts } = this
    const { calls } = parts.program
    if (calls.kind !== 'managed') return
    this.pushIndex(row, calls.functions)
    f.localTee(into)
    f.i32Const(3)
    f.op(Op.i32Shl)
    f.load(Op.i32Load, 2, parts.layout.functionTable)
    f.i32Const(0)
    f.op(Op.i32LtS)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
  }

  /**
   * A call of the link model. The callee leaves by jumping to an address; if that is the one the
   * caller left behind, control goes on here, else the jump is the caller's own.
   */
  protected link(x: number, row: number, indirect: boolean): void {
    const { f, parts, plan } = this
    const { back, target } = parts.blocks
    const block = plan.blocks[x]!
    const callee = target[block]!
    const place = f.temp(ValType.i32)
    if (indirect) this.jumpPlace(row, place)
    this.storeRegisters(this.dirty)
    this.dirty = 0
    f.localGet(budgetParam)
    f.op(Op.i32Eqz)
    f.ifUnlikely()
    this.goTo(() => (indirect ? f.localGet(place) : f.i32Const(placeOf(parts, callee))))
    f.end()
    if (indirect) this.entryIn(place)
    else f.i32Const(this.entryOf(callee))
    this.gas.push()
    f.localGet(budgetParam)
    f.i32Const(1)
    f.op(Op.i32Sub)
    if (indirect) {
      f.localGet(place)
      f.i32Const(16)
      f.op(Op.i32ShrU)
      f.callIndirect(parts.typeOf(parts.signatures[this.index]!), 0)
    } else f.call(parts.firstFunction + parts.functions.of[callee]!)
    f.localSet(place)
    f.localSet(this.gas.local)
    f.localGet(place)
    f.i32Const(placeOf(parts, back[block]!))
    f.op(Op.i32Ne)
    f.ifUnlikely()
    f.localGet(this.gas.local)
    f.localGet(place)
    f.return()
    f.end()
    f.free(place)
    this.gas.owed = noCharge
    this.held = 0
    this.dirty = 0
    const inside = plan.target[x]!
    if (inside >= 0) this.hold(plan.held[inside]!)
    this.toTarget(x, row)
  }

  /** Pushes the entry number of a place. */
  private entryIn(place: number): void {
    const { f } = this
    f.localGet(place)
    f.i32Const(returnBit - 1)
    f.op(Op.i32And)
  }

  protected ret(row: number): void {
    const { f } = this
    const { answered, kept, managed } = this.convention
    if (!managed) return this.leaveHere(row)
    this.hold(1 << answered)
    f.localGet(param.entry)
    f.op(Op.i32Eqz)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    this.storeRegisters(this.dirty & ~kept & ~(1 << answered))
    this.gas.push()
    f.localGet(this.localOf(answered))
    f.return()
  }

  /** Leaves where the row traps: the interpreter executes it again. */
  protected check(row: number, zero: boolean, wide: boolean): void {
    const { f } = this
    const word = this.word(row, 0)
    this.hold(readsOf(this.parts.program, row))
    const push = (register: number): void => {
      const operand = this.operand(register)
      if (wide) operand.whole()
      else operand.low()
    }
    push((word >>> 16) & 0xff)
    if (zero) f.op(wide ? Op.i64Eqz : Op.i32Eqz)
    else emitOverflow(f, wide, () => push(word >>> 24))
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
  }

  /** Through the jump table to wherever it says: within the function, or out of it. */
  protected jumpRegister(x: number, row: number): void {
    const { f, parts, plan, top } = this
    const to = f.temp(ValType.i32)
    const { held } = this
    const isWithin =
      plan.jumped.length > 0 && switches(parts.program, parts.blocks, plan.blocks[x]!)
    if (!isWithin || !this.switch(x, row, to)) this.jumpPlace(row, to)
    if (isWithin && top !== undefined) {
      // not to where a link comes back: that is for a caller to go on
      f.localGet(to)
      f.i32Const(15)
      f.op(Op.i32ShrU)
      f.i32Const(this.index << 1)
      f.op(Op.i32Eq)
      f.if()
      const { owed } = this.gas
      this.hold(this.heldAtJumped())
      this.gas.settle(noCharge)
      this.entryIn(to)
      if (this.convention.managed) {
        f.i32Const(1)
        f.op(Op.i32Add)
      }
      f.localSet(this.entry)
      f.br(top)
      f.end()
      this.held = held
      this.gas.owed = owed
    }
    this.goTo(() => f.localGet(to))
    f.free(to)
  }

  /** Is the function's part of the jump table too long to be written out at each jump through a register. */
  protected isTableLong(): boolean {
    const { count } = this.parts.tableRanges[this.index]!
    return count > mostSwitched || count * this.jumpsThrough() > mostEntries
  }

  /** Jumps through a register in this function: each is a table of its own. */
  private jumpsThrough(): number {
    const { blocks, program } = this.parts
    this.through ??= this.plan.blocks.filter((b) => switches(program, blocks, b)).length
    return this.through
  }

  private heldAtJumped(): number {
    const { jumped, held } = this.plan
    return jumped.reduce((bits, y) => bits | held[y]!, 0)
  }

  /**
   * Goes on at once where the jump table leads to what is ahead in the function; else `to` is the place, as by
   * `jumpPlace`. False, and nothing is written, where nothing is
   * ahead, the table is too long, or all blocks are in it.
   */
  private switch(x: number, row: number, to: number): boolean {
    const { f, parts } = this
    const { program } = parts
    const { rows } = program.jumps
    if (program.rules.jumpsAnywhere) return false
    const range = parts.tableRanges[this.index]!
    if (range.count === 0 || this.isTableLong()) return false
    const labels = Array.from({ length: range.count }, (_, i) => {
      const r = rows[range.first + i]!
      const block = r < 0 ? -1 : parts.blocks.at[r]!
      if (block < 0 || parts.functions.of[block] !== this.index) return undefined
      if (!isLabel(parts.blocks, block)) return undefined
      const y = parts.functions.indexOf[block]!
      return y > x ? this.labelAhead(y) : undefined
    })
    if (labels.every((label) => label === undefined)) return false
    this.hold(readsOf(program, row))
    const index = f.temp(ValType.i32)
    this.pushIndex(row, program.jumps)
    f.localSet(index)
    this.hold(this.heldAtJumped())
    this.gas.payRounds()
    this.gas.settle(noCharge)
    const otherwise = f.block()
    f.localGet(index)
    f.i32Const(range.first)
    f.op(Op.i32Sub)
    f.brTable(
      labels.map((label) => label ?? otherwise),
      otherwise,
    )
    f.end()
    this.placeAt(row, index, to)
    f.free(index)
    return true
  }

  /** Finds the place of a jump through a register; a bad address is the interpreter's to refuse. */
  private jumpPlace(row: number, to: number): void {
    const { f, parts } = this
    this.hold(readsOf(parts.program, row))
    this.pushIndex(row, parts.program.jumps)
    f.localSet(to)
    this.placeAt(row, to, to)
  }

  /** Pushes the index of the row's code address in a table, or goes out to the interpreter: to halt, too. */
  private pushIndex(row: number, { base, rows, shift }: CodeTable): void {
    const { f, parts } = this
    const { haltAddress } = parts.program
    const t = f.temp(ValType.i64)
    const word = this.word(row, 0)
    const b = this.operand((word >>> 16) & 0xff)
    if ((word & 0xff) === Ir.jump32) {
      b.low()
      f.i32Const(this.word(row, 3))
      f.op(Op.i32Add)
      f.op(Op.i64ExtendI32U)
    } else b.whole()
    const halt = BigInt(haltAddress) - base
    const mayHalt = halt >= 0n && halt >> BigInt(shift) < BigInt(rows.length)
    if (mayHalt) {
      f.localTee(t)
      f.i64ConstBig(BigInt(haltAddress))
      f.op(Op.i64Eq)
      f.localGet(t)
    }
    f.i64ConstBig(BigInt.asIntN(64, base))
    f.op(Op.i64Sub)
    f.i64ConstS(shift)
    f.op(Op.i64Rotr)
    f.localTee(t)
    f.i64ConstS(rows.length)
    f.op(Op.i64GeU)
    if (mayHalt) f.op(Op.i32Or)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
    f.localGet(t)
    f.op(Op.i32WrapI64)
    f.free(t)
  }

  /** The place at an index of the jump table, or out to the interpreter where there is none. */
  private placeAt(row: number, index: number, to: number): void {
    const { f, parts } = this
    f.localGet(index)
    f.i32Const(2)
    f.op(Op.i32Shl)
    f.load(Op.i32Load, 2, parts.layout.jumpEntries)
    f.localTee(to)
    f.i32Const(0)
    f.op(Op.i32LtS)
    f.ifUnlikely()
    this.leaveAt(row, Status.leave)
    f.end()
  }
}
