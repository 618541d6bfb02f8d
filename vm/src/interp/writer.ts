import { At, codeBase, type Shape } from '../arena/layout.ts'
import type { FuncBuilder, Label } from '../emit/func.ts'
import type { Operand } from '../emit/scalar.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import type { Trap } from '../vm/exit.ts'

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

/** Writes the interpreter's loop: what every handler needs of the current row and the header. */
export class RowWriter {
  readonly f: FuncBuilder
  readonly shape: Shape
  readonly code: number
  readonly ip = 0
  readonly exitCode: number
  readonly u: number
  readonly entry: number
  readonly t: number
  readonly gas: number
  readonly executed: number
  readonly limit: number
  readonly guest: number
  /** Wasm address of the running activation's slots, where activations have some. */
  readonly slots: number
  /** Up to where slots are still to be cleared. */
  readonly uncleared: number
  /** The loop: goes on with the row at `ip`. */
  next!: Label
  /** Past the loop, where the state is stored. */
  exit!: Label
  readonly b: Operand
  readonly c: Operand
  readonly imm: Operand

  constructor(f: FuncBuilder, shape: Shape) {
    this.f = f
    this.shape = shape
    this.code = codeBase(shape.memory)
    this.exitCode = f.local(ValType.i32, 'exit')
    this.u = f.local(ValType.i32, 'u')
    this.entry = f.local(ValType.i32, 'entry')
    this.guest = f.local(ValType.i32, 'guest')
    this.slots = shape.slots === true ? f.local(ValType.i32, 'slots') : -1
    this.uncleared = shape.slots === true ? f.local(ValType.i32, 'uncleared') : -1
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
  rowWord(load: number, offset: number): void {
    this.f.localGet(this.ip)
    this.f.load(load, 0, this.code + offset)
  }

  /** Pushes the address of the register named by byte `field` of the row. */
  registerAddress(field: number): void {
    this.rowWord(Op.i32Load8U, field)
    this.f.i32Const(3)
    this.f.op(Op.i32Shl)
  }

  register(field: number): Operand {
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

  storeA(): void {
    this.f.store(Op.i64Store, 3, At.registers)
  }

  header(load: number, at: number): void {
    this.f.i32Const(0)
    this.f.load(load, 0, at)
  }

  /** Goes on with the next row. */
  advance(): void {
    this.f.localGet(this.ip)
    this.f.i32Const(16)
    this.f.op(Op.i32Add)
    this.f.localSet(this.ip)
    this.f.br(this.next)
  }

  /** Takes a row number from the stack and goes on there. */
  goto(): void {
    this.f.i32Const(4)
    this.f.op(Op.i32Shl)
    this.f.localSet(this.ip)
    this.f.br(this.next)
  }

  leave(code: number): void {
    this.f.i32Const(code)
    this.f.localSet(this.exitCode)
    this.f.br(this.exit)
  }

  leaveTrap(trap: Trap): void {
    this.f.i32Const(0)
    this.f.i32Const(trap)
    this.f.store(Op.i32Store, 2, At.exitInfo)
    this.leave(ExitCode.trap)
  }

  leaveWith(code: number): void {
    this.f.i32Const(0)
    this.rowWord(Op.i32Load, 4)
    this.f.store(Op.i32Store, 2, At.exitInfo)
    this.leave(code)
  }
}
