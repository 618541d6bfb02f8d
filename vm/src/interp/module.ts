import type { FuncBuilder, Label } from '../emit/func.ts'
import { ModuleBuilder } from '../emit/module.ts'
import { emitCondition, emitScalar, type Operand } from '../emit/scalar.ts'
import { type IrRow, irRows } from '../ir/table.ts'
import { BlockType, Op, ValType } from '../isa/wasm/table.ts'
import { Trap } from '../vm/exit.ts'
import { nullZone } from '../vm/memory.ts'
import { At, codeBase, Page, pageTable, type Shape } from './layout.ts'

/** Why `run` came back. */
export const ExitCode = {
  halt: 0,
  /** Kind in `exitInfo`. */
  trap: 1,
  /** Memory access at `exitAddress` (linear32) or of the exit row (paged32) is not plain. */
  memory: 2,
  /** The slice does not pay for the segment whose charge row is the exit row. */
  gas: 3,
  /** Host call `exitInfo`. */
  host: 4,
  /** The exit row is completed outside. */
  assist: 5,
  /** The row that was patched was reached. */
  patched: 6,
} as const

/** The op written over a row at which a run must stop. */
export const patchOp = 0xff

const memoryOps: Readonly<Record<string, { code: number; bytes: number; align: number }>> = {
  load8u: { code: Op.i64Load8U, bytes: 1, align: 0 },
  load8s: { code: Op.i64Load8S, bytes: 1, align: 0 },
  load16u: { code: Op.i64Load16U, bytes: 2, align: 0 },
  load16s: { code: Op.i64Load16S, bytes: 2, align: 0 },
  load32u: { code: Op.i64Load32U, bytes: 4, align: 0 },
  load32s: { code: Op.i64Load32S, bytes: 4, align: 0 },
  load64: { code: Op.i64Load, bytes: 8, align: 0 },
  store8: { code: Op.i64Store8, bytes: 1, align: 0 },
  store16: { code: Op.i64Store16, bytes: 2, align: 0 },
  store32: { code: Op.i64Store32, bytes: 4, align: 0 },
  store64: { code: Op.i64Store, bytes: 8, align: 0 },
}

/**
 * The interpreter's module for one shape: a loop over rows of 16 bytes with one `br_table`.
 * Imports `e.memory`; exports `run(ip) -> ExitCode`.
 */
export function emitInterpreter(shape: Shape): Uint8Array {
  const module = new ModuleBuilder()
  module.importMemory('e', 'memory', 1)
  const f = module.func(module.type([ValType.i32], [ValType.i32]), 'run')
  new Emitter(f, shape).emit()
  module.exportFunction('run', f.index)
  return module.finish()
}

class Emitter {
  private readonly f: FuncBuilder
  private readonly shape: Shape
  private readonly code: number
  private readonly ip = 0
  private readonly exitCode: number
  private readonly u: number
  private readonly entry: number
  private readonly t: number
  private readonly gas: number
  private readonly executed: number
  private readonly limit: number
  private readonly guest: number
  private next!: Label
  private exit!: Label
  private readonly b: Operand
  private readonly c: Operand
  private readonly imm: Operand

  constructor(f: FuncBuilder, shape: Shape) {
    this.f = f
    this.shape = shape
    this.code = codeBase(shape.memory)
    this.exitCode = f.local(ValType.i32, 'exit')
    this.u = f.local(ValType.i32, 'u')
    this.entry = f.local(ValType.i32, 'entry')
    this.guest = f.local(ValType.i32, 'guest')
    this.t = f.local(ValType.i64, 't')
    this.gas = f.local(ValType.i64, 'gas')
    this.executed = f.local(ValType.i64, 'executed')
    this.limit = f.local(ValType.i64, 'limit')
    this.b = this.register(2)
    this.c = this.register(3)
    this.imm = {
      whole: () => this.rowWord(Op.i64Load, 4),
      low: () => this.rowWord(Op.i32Load, 4),
    }
  }

  /** A field of the current row, by a load of any width. */
  private rowWord(load: number, offset: number): void {
    this.f.localGet(this.ip)
    this.f.load(load, 0, this.code + offset)
  }

  /** Pushes the address of the register named by byte `field` of the row. */
  private registerAddress(field: number): void {
    this.rowWord(Op.i32Load8U, field)
    this.f.i32Const(3)
    this.f.op(Op.i32Shl)
  }

  private register(field: number): Operand {
    return {
      whole: () => {
        this.registerAddress(field)
        this.f.load(Op.i64Load, 3, At.registers)
      },
      low: () => {
        this.registerAddress(field)
        this.f.load(Op.i32Load, 2, At.registers)
      },
    }
  }

  private storeA(): void {
    this.f.store(Op.i64Store, 3, At.registers)
  }

  private header(load: number, at: number): void {
    this.f.i32Const(0)
    this.f.load(load, 0, at)
  }

  /** Goes on with the next row. */
  private advance(): void {
    this.f.localGet(this.ip)
    this.f.i32Const(16)
    this.f.op(Op.i32Add)
    this.f.localSet(this.ip)
    this.f.br(this.next)
  }

  /** Takes a row number from the stack and goes on there. */
  private goto(): void {
    this.f.i32Const(4)
    this.f.op(Op.i32Shl)
    this.f.localSet(this.ip)
    this.f.br(this.next)
  }

  private leave(code: number): void {
    this.f.i32Const(code)
    this.f.localSet(this.exitCode)
    this.f.br(this.exit)
  }

  private leaveTrap(trap: Trap): void {
    this.f.i32Const(0)
    this.f.i32Const(trap)
    this.f.store(Op.i32Store, 2, At.exitInfo)
    this.leave(ExitCode.trap)
  }

  emit(): void {
    const { f } = this
    this.header(Op.i64Load, At.gas)
    f.localSet(this.gas)
    this.header(Op.i64Load, At.executed)
    f.localSet(this.executed)
    if (this.shape.memory === 'linear32') {
      this.header(Op.i64Load, At.limit)
      f.localSet(this.limit)
      this.header(Op.i32Load, At.guest)
      f.localSet(this.guest)
    }
    this.exit = f.block()
    this.next = f.loop()
    const labels: Label[] = []
    const unknown = f.block()
    for (let i = irRows.length - 1; i >= 0; i--) labels[i] = f.block()
    this.rowWord(Op.i32Load8U, 0)
    f.brTable(labels, unknown)
    for (const row of irRows) {
      f.end()
      this.handler(row)
    }
    f.end()
    this.leave(ExitCode.patched)
    f.end()
    f.end()
    f.i32Const(0)
    f.localGet(this.ip)
    f.i32Const(4)
    f.op(Op.i32ShrU)
    f.store(Op.i32Store, 2, At.exitRow)
    f.i32Const(0)
    f.localGet(this.gas)
    f.store(Op.i64Store, 3, At.gas)
    f.i32Const(0)
    f.localGet(this.executed)
    f.store(Op.i64Store, 3, At.executed)
    f.localGet(this.exitCode)
    f.finish()
  }

  private handler(row: IrRow): void {
    const { f } = this
    switch (row.form) {
      case 'abc':
      case 'ab':
      case 'abi':
        if (row.name === 'sbrk') return this.leave(ExitCode.assist)
        this.registerAddress(1)
        emitScalar(f, row.name, row.form, this.b, row.form === 'abi' ? this.imm : this.c)
        this.storeA()
        return this.advance()
      case 'ai':
        this.registerAddress(1)
        this.imm.whole()
        this.storeA()
        return this.advance()
      case 'move':
      case 'movei':
        return this.conditionalMove(row)
      case 'load':
        return this.load(row.name)
      case 'store':
        return this.store(row.name, () => this.register(1).whole())
      case 'storei':
        return this.store(row.name.slice(0, -1), () => this.imm.whole())
      case 'branch':
      case 'branchi':
        emitCondition(f, row.name, this.b, row.form === 'branch' ? this.c : this.imm)
        f.if()
        this.rowWord(Op.i32Load, 12)
        this.goto()
        f.end()
        return this.advance()
      case 'jump':
        this.rowWord(Op.i32Load, 12)
        return this.goto()
      case 'call':
        return this.call()
      case 'callr':
        return this.callRegister(row.name === 'callrh')
      case 'ret':
        return row.name === 'ret' ? this.ret() : this.leave(ExitCode.halt)
      case 'jumpr':
        return this.jumpRegister(row.name === 'jump32')
      case 'charge':
        return this.charge()
      case 'leave':
        return this.leaveWith(ExitCode.trap)
      case 'host':
        return this.leaveWith(ExitCode.host)
      case 'nop':
        return this.advance()
      case 'memset':
      case 'packet':
        return this.leave(ExitCode.assist)
    }
  }

  private leaveWith(code: number): void {
    this.f.i32Const(0)
    this.rowWord(Op.i32Load, 4)
    this.f.store(Op.i32Store, 2, At.exitInfo)
    this.leave(code)
  }

  private charge(): void {
    const { f } = this
    f.localGet(this.gas)
    this.rowWord(Op.i64Load32U, 4)
    f.localTee(this.t)
    f.op(Op.i64LtU)
    f.ifUnlikely()
    this.leave(ExitCode.gas)
    f.end()
    f.localGet(this.gas)
    f.localGet(this.t)
    f.op(Op.i64Sub)
    f.localSet(this.gas)
    f.localGet(this.executed)
    this.rowWord(Op.i64Load32U, 8)
    f.op(Op.i64Add)
    f.localSet(this.executed)
    this.advance()
  }

  private conditionalMove(row: IrRow): void {
    const { f } = this
    const onZero = row.name === 'cmovz' || row.name === 'cmovzi'
    this.registerAddress(1)
    if (row.form === 'move') this.b.whole()
    else this.imm.whole()
    this.register(1).whole()
    if (row.form === 'move') this.c.whole()
    else this.b.whole()
    f.op(Op.i64Eqz)
    if (!onZero) f.op(Op.i32Eqz)
    f.select()
    this.storeA()
    this.advance()
  }

  /** Leaves the Wasm address of `bytes` bytes at b + off in `u`, or leaves the loop. */
  private address(bytes: number, write: boolean): void {
    if (this.shape.memory === 'linear32') this.linearAddress(bytes)
    else this.pagedAddress(bytes, write ? Page.writable : Page.readable)
  }

  /** 0x10000 <= address and address + bytes <= size, in 64 bits: one comparison after subtracting. */
  private linearAddress(bytes: number): void {
    const { f } = this
    this.b.whole()
    this.rowWord(Op.i64Load32S, 12)
    f.op(Op.i64Add)
    f.i64ConstS(nullZone)
    f.op(Op.i64Sub)
    f.localTee(this.t)
    f.localGet(this.limit)
    f.i64ConstS(bytes)
    f.op(Op.i64Sub)
    f.op(Op.i64GtU)
    f.ifUnlikely()
    f.i32Const(0)
    f.localGet(this.t)
    f.i64ConstS(nullZone)
    f.op(Op.i64Add)
    f.store(Op.i64Store, 3, At.exitAddress)
    this.leave(ExitCode.memory)
    f.end()
    f.localGet(this.t)
    f.op(Op.i32WrapI64)
    f.localGet(this.guest)
    f.op(Op.i32Add)
    f.localSet(this.u)
  }

  private pageEntry(extra: number): void {
    const { f } = this
    f.localGet(this.u)
    if (extra !== 0) {
      f.i32Const(extra)
      f.op(Op.i32Add)
    }
    f.i32Const(10)
    f.op(Op.i32ShrU)
    f.i32Const(~3)
    f.op(Op.i32And)
    f.load(Op.i32Load, 2, pageTable)
  }

  /** The page allows it, and so does the last octet's page, with its frame right behind. */
  private pagedAddress(bytes: number, permission: number): void {
    const { f } = this
    this.b.low()
    this.rowWord(Op.i32Load, 12)
    f.op(Op.i32Add)
    f.localSet(this.u)
    this.pageEntry(0)
    f.localTee(this.entry)
    f.i32Const(permission)
    f.op(Op.i32And)
    f.op(Op.i32Eqz)
    if (bytes > 1) {
      this.pageEntry(bytes - 1)
      f.localGet(this.entry)
      f.op(Op.i32Ne)
      f.op(Op.i32Or)
    }
    f.ifUnlikely()
    this.leave(ExitCode.memory)
    f.end()
    f.localGet(this.u)
    f.localGet(this.entry)
    f.i32Const(-4096)
    f.op(Op.i32And)
    f.op(Op.i32Add)
    f.localSet(this.u)
  }

  private load(name: string): void {
    const { code, bytes, align } = memoryOps[name]!
    this.address(bytes, false)
    this.registerAddress(1)
    this.f.localGet(this.u)
    this.f.load(code, align, 0)
    this.storeA()
    this.advance()
  }

  private store(name: string, value: () => void): void {
    const { code, bytes, align } = memoryOps[name]!
    this.address(bytes, true)
    this.f.localGet(this.u)
    value()
    this.f.store(code, align, 0)
    this.advance()
  }

  /** `t` = index of code address `t` in a table of `count` entries; leaves by `bad` when it has none. */
  private tableIndex(base: number, shift: number, count: number, bad: () => void): void {
    const { f } = this
    f.localGet(this.t)
    this.header(Op.i64Load, base)
    f.op(Op.i64Sub)
    this.header(Op.i64Load, shift)
    f.op(Op.i64Rotr)
    f.localTee(this.t)
    this.header(Op.i64Load, count)
    f.op(Op.i64GeU)
    f.ifUnlikely()
    bad()
    f.end()
  }

  private jumpRegister(wraps: boolean): void {
    const { f } = this
    if (wraps) {
      this.b.low()
      this.rowWord(Op.i32Load, 12)
      f.op(Op.i32Add)
      f.op(Op.i64ExtendI32U)
      f.localTee(this.t)
      this.header(Op.i64Load, At.haltAddress)
      f.op(Op.i64Eq)
      f.ifUnlikely()
      this.leave(ExitCode.halt)
      f.end()
    } else {
      this.b.whole()
      f.localSet(this.t)
    }
    const bad = (): void => this.leaveTrap(Trap.invalidJump)
    this.tableIndex(At.jumpBase, At.jumpShift, At.jumpCount, bad)
    f.localGet(this.t)
    f.op(Op.i32WrapI64)
    f.i32Const(2)
    f.op(Op.i32Shl)
    this.header(Op.i32Load, At.jumpTable)
    f.op(Op.i32Add)
    f.load(Op.i32Load, 2, 0)
    f.localTee(this.u)
    f.i32Const(0)
    f.op(Op.i32LtS)
    f.ifUnlikely()
    bad()
    f.end()
    f.localGet(this.u)
    this.goto()
  }

  /** Opens a frame; `calleeFrame` pushes the callee's frame size as an i64, `target` its row. */
  private open(calleeFrame: () => void, target: () => void): void {
    const { f, shape } = this
    const framePointer = At.registers + 8 * (shape.first + shape.saved - 1)
    this.header(Op.i32Load, At.depth)
    this.header(Op.i32Load, At.maxDepth)
    f.op(Op.i32GeU)
    f.ifUnlikely()
    this.leaveTrap(Trap.callDepth)
    f.end()
    // new frame pointer - callee's frame >= stack low, without wrapping
    this.header(Op.i64Load, framePointer)
    this.header(Op.i64Load, At.stackLow)
    this.rowWord(Op.i64Load32U, 4)
    f.op(Op.i64Add)
    calleeFrame()
    f.op(Op.i64Add)
    f.op(Op.i64LtU)
    f.ifUnlikely()
    this.leaveTrap(Trap.stackOverflow)
    f.end()
    this.header(Op.i32Load, At.depth)
    f.i32Const(8 + 8 * shape.saved)
    f.op(Op.i32Mul)
    this.header(Op.i32Load, At.frames)
    f.op(Op.i32Add)
    f.localTee(this.entry)
    f.localGet(this.ip)
    f.i32Const(16)
    f.op(Op.i32Add)
    f.store(Op.i32Store, 2, 0)
    for (let i = 0; i < shape.saved; i++) {
      f.localGet(this.entry)
      this.header(Op.i64Load, At.registers + 8 * (shape.first + i))
      f.store(Op.i64Store, 3, 8 + 8 * i)
    }
    f.i32Const(0)
    this.header(Op.i64Load, framePointer)
    this.rowWord(Op.i64Load32U, 4)
    f.op(Op.i64Sub)
    f.store(Op.i64Store, 3, framePointer)
    f.i32Const(0)
    this.header(Op.i32Load, At.depth)
    f.i32Const(1)
    f.op(Op.i32Add)
    f.store(Op.i32Store, 2, At.depth)
    target()
    this.goto()
  }

  private call(): void {
    if (this.shape.saved === 0) return this.leave(ExitCode.assist)
    this.open(
      () => this.rowWord(Op.i64Load32U, 8),
      () => this.rowWord(Op.i32Load, 12),
    )
  }

  private callRegister(orHost: boolean): void {
    const { f } = this
    if (this.shape.saved === 0) return this.leave(ExitCode.assist)
    const bad = (): void => {
      if (orHost) {
        this.b.whole()
        f.i64Const(0x7fffffff, 0)
        f.op(Op.i64LeU)
        f.if()
        f.i32Const(0)
        this.b.low()
        f.store(Op.i32Store, 2, At.exitInfo)
        this.leave(ExitCode.host)
        f.end()
      }
      this.leaveTrap(Trap.invalidCall)
    }
    this.b.whole()
    f.localSet(this.t)
    this.tableIndex(At.functionBase, At.functionShift, At.functionCount, bad)
    f.localGet(this.t)
    f.op(Op.i32WrapI64)
    f.i32Const(3)
    f.op(Op.i32Shl)
    this.header(Op.i32Load, At.functionTable)
    f.op(Op.i32Add)
    f.localTee(this.u)
    f.load(Op.i32Load, 2, 0)
    f.i32Const(0)
    f.op(Op.i32LtS)
    f.ifUnlikely()
    bad()
    f.end()
    this.open(
      () => {
        f.localGet(this.u)
        f.load(Op.i64Load32U, 2, 4)
      },
      () => {
        f.localGet(this.u)
        f.load(Op.i32Load, 2, 0)
      },
    )
  }

  private ret(): void {
    const { f, shape } = this
    this.header(Op.i32Load, At.depth)
    f.localTee(this.u)
    f.op(Op.i32Eqz)
    f.if(BlockType.empty)
    this.leave(ExitCode.halt)
    f.end()
    f.i32Const(0)
    f.localGet(this.u)
    f.i32Const(1)
    f.op(Op.i32Sub)
    f.localTee(this.u)
    f.store(Op.i32Store, 2, At.depth)
    f.localGet(this.u)
    f.i32Const(8 + 8 * shape.saved)
    f.op(Op.i32Mul)
    this.header(Op.i32Load, At.frames)
    f.op(Op.i32Add)
    f.localSet(this.entry)
    for (let i = 0; i < shape.saved; i++) {
      f.i32Const(0)
      f.localGet(this.entry)
      f.load(Op.i64Load, 3, 8 + 8 * i)
      f.store(Op.i64Store, 3, At.registers + 8 * (shape.first + i))
    }
    f.localGet(this.entry)
    f.load(Op.i32Load, 2, 0)
    f.localSet(this.ip)
    f.br(this.next)
  }
}
