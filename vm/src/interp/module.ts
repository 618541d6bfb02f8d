import { At, type Shape } from '../arena/layout.ts'
import type { Label } from '../emit/func.ts'
import { ModuleBuilder } from '../emit/module.ts'
import { emitCondition, emitScalar } from '../emit/scalar.ts'
import { accessOf } from '../ir/accesses.ts'
import { Op as Ir, type IrOp, type IrRow, irRows } from '../ir/table.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import {
  emitCall,
  emitCallRegister,
  emitCharge,
  emitCheck,
  emitConditionalMove,
  emitJumpRegister,
  emitRet,
  emitSlot,
} from './control-ops.ts'
import { emitLoad, emitStore } from './memory-ops.ts'
import { ExitCode, RowWriter } from './writer.ts'

/**
 * The interpreter's module for one shape: a loop over rows of 16 bytes with one `br_table`.
 * Imports `e.memory`; exports `run(ip) -> ExitCode`.
 */
export function emitInterpreter(shape: Shape): Uint8Array {
  const module = new ModuleBuilder()
  module.importMemory('e', 'memory', 1)
  const f = module.func(module.type([ValType.i32], [ValType.i32]), 'run')
  emitLoop(new RowWriter(f, shape))
  module.exportFunction('run', f.index)
  return module.finish()
}

function emitLoop(w: RowWriter): void {
  const { f } = w
  w.header(Op.i64Load, At.gas)
  f.localSet(w.gas)
  w.header(Op.i64Load, At.executed)
  f.localSet(w.executed)
  if (w.shape.memory === 'linear32') {
    w.header(Op.i64Load, At.limit)
    f.localSet(w.limit)
    w.header(Op.i32Load, At.guest)
    f.localSet(w.guest)
  }
  if (w.shape.slots === true) {
    w.header(Op.i32Load, At.depth)
    w.header(Op.i32Load, At.slotBytes)
    f.op(Op.i32Mul)
    w.header(Op.i32Load, At.slots)
    f.op(Op.i32Add)
    f.localSet(w.slots)
  }
  w.exit = f.block()
  w.next = f.loop()
  const labels: Label[] = []
  const unknown = f.block()
  for (let i = irRows.length - 1; i >= 0; i--) labels[i] = f.block()
  w.rowWord(Op.i32Load8U, 0)
  f.brTable(labels, unknown)
  for (const row of irRows) {
    f.end()
    handler(w, row)
  }
  f.end()
  w.leave(ExitCode.patched)
  f.end()
  f.end()
  f.i32Const(0)
  f.localGet(w.ip)
  f.i32Const(4)
  f.op(Op.i32ShrU)
  f.store(Op.i32Store, 2, At.exitRow)
  f.i32Const(0)
  f.localGet(w.gas)
  f.store(Op.i64Store, 3, At.gas)
  f.i32Const(0)
  f.localGet(w.executed)
  f.store(Op.i64Store, 3, At.executed)
  f.localGet(w.exitCode)
  f.finish()
}

function handler(w: RowWriter, row: IrRow): void {
  const { f } = w
  switch (row.form) {
    case 'abc':
    case 'ab':
    case 'abi':
      if (row.name === 'sbrk') return w.leave(ExitCode.assist)
      w.registerAddress(1)
      emitScalar(f, row.name, row.form, w.b, row.form === 'abi' ? w.imm : w.c)
      w.storeA()
      return w.advance()
    case 'ai':
      w.registerAddress(1)
      w.imm.whole()
      w.storeA()
      return w.advance()
    case 'move':
    case 'movei':
      return emitConditionalMove(w, row)
    case 'load':
      return emitLoad(w, accessOf(Ir[row.name as IrOp])!)
    case 'store':
    case 'storei':
      return emitStore(w, accessOf(Ir[row.name as IrOp])!)
    case 'branch':
    case 'branchi':
      emitCondition(f, row.name, w.b, row.form === 'branch' ? w.c : w.imm)
      f.if()
      w.rowWord(Op.i32Load, 12)
      w.goto()
      f.end()
      return w.advance()
    case 'jump':
      w.rowWord(Op.i32Load, 12)
      return w.goto()
    case 'call':
      return emitCall(w)
    case 'callr':
      return emitCallRegister(w, row.name === 'callrh')
    case 'ret':
      return row.name === 'ret' ? emitRet(w) : w.leave(ExitCode.halt)
    case 'jumpr':
      return emitJumpRegister(w, row.name === 'jump32')
    case 'charge':
      return emitCharge(w)
    case 'leave':
      return w.leaveWith(ExitCode.trap)
    case 'trapz':
    case 'trapo':
      return emitCheck(w, row)
    case 'host':
      return w.leaveWith(ExitCode.host)
    case 'getslot':
    case 'setslot':
      return emitSlot(w, row.form === 'getslot')
    case 'nop':
      return w.advance()
    case 'memset':
    case 'packet':
      return w.leave(ExitCode.assist)
  }
}
