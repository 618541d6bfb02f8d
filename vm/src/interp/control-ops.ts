import { At } from '../arena/layout.ts'
import type { Label } from '../emit/func.ts'
import { emitOverflow, type Operand } from '../emit/scalar.ts'
import { CalleeBit, frameUnitBits } from '../ir/program.ts'
import { slotUnit } from '../ir/slots.ts'
import type { IrRow } from '../ir/table.ts'
import { BlockType, Op } from '../isa/wasm/table.ts'
import { Trap } from '../vm/exit.ts'
import { ExitCode, type RowWriter } from './writer.ts'

export function emitCharge(w: RowWriter): void {
  const { f } = w
  f.localGet(w.gas)
  w.rowWord(Op.i64Load32U, 4)
  f.localTee(w.t)
  f.op(Op.i64LtU)
  f.ifUnlikely()
  w.leave(ExitCode.gas)
  f.end()
  f.localGet(w.gas)
  f.localGet(w.t)
  f.op(Op.i64Sub)
  f.localSet(w.gas)
  f.localGet(w.executed)
  w.rowWord(Op.i64Load32U, 8)
  f.op(Op.i64Add)
  f.localSet(w.executed)
  w.advance()
}

/** `t` = index of code address `t` in a table of `count` entries; leaves by `bad` when it has none. */
function tableIndex(
  w: RowWriter,
  base: number,
  shift: number,
  count: number,
  bad: () => void,
): void {
  const { f } = w
  f.localGet(w.t)
  w.header(Op.i64Load, base)
  f.op(Op.i64Sub)
  w.header(Op.i64Load, shift)
  f.op(Op.i64Rotr)
  f.localTee(w.t)
  w.header(Op.i64Load, count)
  f.op(Op.i64GeU)
  f.ifUnlikely()
  bad()
  f.end()
}

export function emitJumpRegister(w: RowWriter, wraps: boolean): void {
  const { f } = w
  if (wraps) {
    w.b.low()
    w.rowWord(Op.i32Load, 12)
    f.op(Op.i32Add)
    f.op(Op.i64ExtendI32U)
    f.localTee(w.t)
    w.header(Op.i64Load, At.haltAddress)
    f.op(Op.i64Eq)
    f.ifUnlikely()
    w.leave(ExitCode.halt)
    f.end()
  } else {
    w.b.whole()
    f.localSet(w.t)
  }
  const bad = (): void => w.leaveTrap(Trap.invalidJump)
  tableIndex(w, At.jumpBase, At.jumpShift, At.jumpCount, bad)
  f.localGet(w.t)
  f.op(Op.i32WrapI64)
  f.i32Const(2)
  f.op(Op.i32Shl)
  w.header(Op.i32Load, At.jumpTable)
  f.op(Op.i32Add)
  f.load(Op.i32Load, 2, 0)
  f.localTee(w.u)
  f.i32Const(0)
  f.op(Op.i32LtS)
  f.ifUnlikely()
  bad()
  f.end()
  f.localGet(w.u)
  w.goto()
}

/** Zeroes what the callee's word at the top of the stack does not count as its arguments. */
function clearRegisters(w: RowWriter, framePointer: number): void {
  const { f } = w
  f.i32Const(15)
  f.op(Op.i32And)
  f.localSet(w.u)
  const labels: Label[] = []
  for (let r = framePointer; r >= 0; r--) labels[r] = f.block()
  f.localGet(w.u)
  f.brTable(labels, labels[framePointer]!)
  for (let r = 0; r < framePointer; r++) {
    f.end()
    f.i32Const(0)
    f.i64ConstS(0)
    f.store(Op.i64Store, 3, At.registers + 8 * r)
  }
  f.end()
}

/** The slots of the callee, whose word is at the top of the stack, are the running ones, and zero. */
function openSlots(w: RowWriter): void {
  const { f } = w
  f.localGet(w.slots)
  w.header(Op.i32Load, At.slotBytes)
  f.op(Op.i32Add)
  f.localSet(w.slots)
  // bytes of those that it has: a unit is 16 in the word
  f.i32Const(2 ** CalleeBit.frame - 2 ** CalleeBit.slots)
  f.op(Op.i32And)
  f.i32Const(1)
  f.op(Op.i32Shl)
  f.localTee(w.uncleared)
  f.if()
  f.localGet(w.uncleared)
  f.localGet(w.slots)
  f.op(Op.i32Add)
  f.localSet(w.uncleared)
  const again = f.loop()
  f.localGet(w.uncleared)
  f.i32Const(8 * slotUnit)
  f.op(Op.i32Sub)
  f.localSet(w.uncleared)
  for (let i = 0; i < slotUnit; i++) {
    f.localGet(w.uncleared)
    f.i64ConstS(0)
    f.store(Op.i64Store, 3, 8 * i)
  }
  f.localGet(w.uncleared)
  f.localGet(w.slots)
  f.op(Op.i32GtU)
  f.brIf(again)
  f.end()
  f.end()
}

/** Opens a frame; `calleeWord` pushes what is known of the callee as an i32, `target` its row. */
function open(w: RowWriter, calleeWord: () => void, target: () => void): void {
  const { f, shape } = w
  const framePointer = At.registers + 8 * (shape.first + shape.saved - 1)
  w.header(Op.i32Load, At.depth)
  w.header(Op.i32Load, At.maxDepth)
  f.op(Op.i32GeU)
  f.ifUnlikely()
  w.leaveTrap(Trap.callDepth)
  f.end()
  if (shape.step === undefined) {
    // new frame pointer - callee's frame >= stack low, without wrapping
    w.header(Op.i64Load, framePointer)
    w.header(Op.i64Load, At.stackLow)
    w.rowWord(Op.i64Load32U, 4)
    f.op(Op.i64Add)
    calleeWord()
    if (shape.declared === true) {
      f.i32Const(CalleeBit.frame)
      f.op(Op.i32ShrU)
      f.i32Const(frameUnitBits)
      f.op(Op.i32Shl)
    }
    f.op(Op.i64ExtendI32U)
    f.op(Op.i64Add)
    f.op(Op.i64LtU)
    f.ifUnlikely()
    w.leaveTrap(Trap.stackOverflow)
    f.end()
  }
  w.header(Op.i32Load, At.depth)
  f.i32Const(8 + 8 * shape.saved)
  f.op(Op.i32Mul)
  w.header(Op.i32Load, At.frames)
  f.op(Op.i32Add)
  f.localTee(w.entry)
  f.localGet(w.ip)
  f.i32Const(16)
  f.op(Op.i32Add)
  f.store(Op.i32Store, 2, 0)
  for (let i = 0; i < shape.saved; i++) {
    f.localGet(w.entry)
    w.header(Op.i64Load, At.registers + 8 * (shape.first + i))
    f.store(Op.i64Store, 3, 8 + 8 * i)
  }
  target()
  f.i32Const(4)
  f.op(Op.i32Shl)
  f.localSet(w.entry)
  if (shape.slots === true) {
    calleeWord()
    openSlots(w)
  }
  if (shape.declared === true) {
    calleeWord()
    clearRegisters(w, shape.first + shape.saved - 1)
  }
  if (shape.step !== 0) {
    f.i32Const(0)
    w.header(Op.i64Load, framePointer)
    if (shape.step === undefined) {
      w.rowWord(Op.i64Load32U, 4)
      f.op(Op.i64Sub)
    } else {
      f.i64ConstS(shape.step)
      f.op(Op.i64Add)
    }
    f.store(Op.i64Store, 3, framePointer)
  }
  f.i32Const(0)
  w.header(Op.i32Load, At.depth)
  f.i32Const(1)
  f.op(Op.i32Add)
  f.store(Op.i32Store, 2, At.depth)
  f.localGet(w.entry)
  f.localSet(w.ip)
  f.br(w.next)
}

export function emitCall(w: RowWriter): void {
  if (w.shape.saved === 0) return w.leave(ExitCode.assist)
  open(
    w,
    () => w.rowWord(Op.i32Load, 8),
    () => w.rowWord(Op.i32Load, 12),
  )
}

export function emitCallRegister(w: RowWriter, orHost: boolean): void {
  const { f } = w
  if (w.shape.saved === 0) return w.leave(ExitCode.assist)
  const bad = (): void => {
    // any slot is a target there: the machine finds it
    if (w.shape.step !== undefined) return w.leave(ExitCode.assist)
    if (orHost) {
      w.b.whole()
      f.i64Const(0x7fffffff, 0)
      f.op(Op.i64LeU)
      f.if()
      f.i32Const(0)
      w.b.low()
      f.store(Op.i32Store, 2, At.exitInfo)
      w.leave(ExitCode.host)
      f.end()
    }
    w.leaveTrap(Trap.invalidCall)
  }
  w.b.whole()
  f.localSet(w.t)
  tableIndex(w, At.functionBase, At.functionShift, At.functionCount, bad)
  f.localGet(w.t)
  f.op(Op.i32WrapI64)
  f.i32Const(3)
  f.op(Op.i32Shl)
  w.header(Op.i32Load, At.functionTable)
  f.op(Op.i32Add)
  f.localTee(w.u)
  f.load(Op.i32Load, 2, 0)
  f.i32Const(0)
  f.op(Op.i32LtS)
  f.ifUnlikely()
  bad()
  f.end()
  open(
    w,
    () => {
      f.localGet(w.u)
      f.load(Op.i32Load, 2, 4)
    },
    () => {
      f.localGet(w.u)
      f.load(Op.i32Load, 2, 0)
    },
  )
}

/** Leaves with a trap where the row says so, and else goes on. */
export function emitCheck(w: RowWriter, row: IrRow): void {
  const { f } = w
  const wide = row.name.endsWith('64')
  const operand = (o: Operand): void => (wide ? o.whole() : o.low())
  operand(w.b)
  if (row.form === 'trapz') {
    f.op(wide ? Op.i64Eqz : Op.i32Eqz)
    f.ifUnlikely()
    w.leaveWith(ExitCode.trap)
  } else {
    emitOverflow(f, wide, () => operand(w.c))
    f.ifUnlikely()
    w.leaveTrap(Trap.divideOverflow)
  }
  f.end()
  w.advance()
}

export function emitRet(w: RowWriter): void {
  const { f, shape } = w
  w.header(Op.i32Load, At.depth)
  f.localTee(w.u)
  f.op(Op.i32Eqz)
  f.if(BlockType.empty)
  w.leave(ExitCode.halt)
  f.end()
  f.i32Const(0)
  f.localGet(w.u)
  f.i32Const(1)
  f.op(Op.i32Sub)
  f.localTee(w.u)
  f.store(Op.i32Store, 2, At.depth)
  f.localGet(w.u)
  f.i32Const(8 + 8 * shape.saved)
  f.op(Op.i32Mul)
  w.header(Op.i32Load, At.frames)
  f.op(Op.i32Add)
  f.localSet(w.entry)
  if (shape.slots === true) {
    f.localGet(w.slots)
    w.header(Op.i32Load, At.slotBytes)
    f.op(Op.i32Sub)
    f.localSet(w.slots)
  }
  for (let i = 0; i < shape.saved; i++) {
    f.i32Const(0)
    f.localGet(w.entry)
    f.load(Op.i64Load, 3, 8 + 8 * i)
    f.store(Op.i64Store, 3, At.registers + 8 * (shape.first + i))
  }
  f.localGet(w.entry)
  f.load(Op.i32Load, 2, 0)
  f.localSet(w.ip)
  f.br(w.next)
}

/** Reads or writes a slot of the running activation. */
export function emitSlot(w: RowWriter, reads: boolean): void {
  const { f } = w
  if (w.shape.slots !== true) return w.leave(ExitCode.assist)
  const address = (): void => {
    w.rowWord(Op.i32Load, 4)
    f.i32Const(3)
    f.op(Op.i32Shl)
    f.localGet(w.slots)
    f.op(Op.i32Add)
  }
  if (reads) {
    w.registerAddress(1)
    address()
    f.load(Op.i64Load, 3, 0)
    w.storeA()
  } else {
    address()
    w.register(1).whole()
    f.store(Op.i64Store, 3, 0)
  }
  w.advance()
}

export function emitConditionalMove(w: RowWriter, row: IrRow): void {
  const { f } = w
  const onZero = row.name === 'cmovz' || row.name === 'cmovzi'
  w.registerAddress(1)
  if (row.form === 'move') w.b.whole()
  else w.imm.whole()
  w.register(1).whole()
  if (row.form === 'move') w.c.whole()
  else w.b.whole()
  f.op(Op.i64Eqz)
  if (!onZero) f.op(Op.i32Eqz)
  f.select()
  w.storeA()
  w.advance()
}
