import { At } from '../arena/layout.ts'
import { assert } from '../bits/errors.ts'
import type { FuncBuilder } from '../emit/func.ts'
import { ConstantOperand, LocalOperand, type Operand } from '../emit/scalar.ts'
import { Mark, rowWords } from '../ir/program.ts'
import { temporary, zeroRegister } from '../ir/table.ts'
import { Op, ValType } from '../isa/wasm/table.ts'
import { type Convention, firstPassed, param } from './convention.ts'
import { Exits, maxExits } from './exits.ts'
import { type Charge, GasWriter, noCharge } from './gas.ts'
import { GroupedMemory } from './memory.ts'
import { type AccessContext, type ModuleParts, Status } from './parts.ts'
import type { Plan } from './plan.ts'

const names = Array.from({ length: zeroRegister }, (_, register) =>
  register < temporary ? `r${register}` : `t${register - temporary}`,
)

/**
 * Guest registers in locals while a function is written: which are held, which are newer than their
 * home in the header, and how the function is left with the exact state.
 */
export class RegisterWriter implements AccessContext {
  readonly f: FuncBuilder
  readonly parts: ModuleParts
  /** Number of the function. */
  readonly index: number
  readonly plan: Plan
  readonly limit: number
  protected readonly gas: GasWriter
  protected readonly locals: Int32Array
  private readonly exits = new Exits()
  private exitLocal = -1
  private readonly operands = new Array<LocalOperand | undefined>(zeroRegister)
  private readonly zero: ConstantOperand
  private readonly immediate: ConstantOperand
  protected readonly convention: Convention
  protected readonly memory: GroupedMemory
  /** Locals of the activation's private slots. */
  protected readonly slots: readonly number[]
  protected held = 0
  protected dirty = 0
  /** Temporaries that the current guest instruction has written, by number. */
  protected temps = 0

  constructor(f: FuncBuilder, parts: ModuleParts, index: number) {
    this.f = f
    this.parts = parts
    this.index = index
    this.plan = parts.plans[index]!
    this.zero = new ConstantOperand(f)
    this.immediate = new ConstantOperand(f)
    this.gas = new GasWriter(f, parts.gasShift)
    this.limit = f.local(ValType.i64, 'limit')
    this.locals = new Int32Array(zeroRegister).fill(-1)
    this.convention = parts.convention
    parts.signatures[index]!.inParams.forEach((r, i) => {
      if (r < 0) return
      this.locals[r] = firstPassed + i
      f.nameLocal(firstPassed + i, names[r]!)
    })
    const { passed } = parts.signatures[index]!
    this.held = passed
    this.dirty = passed
    this.memory = new GroupedMemory(this)
    const count = parts.slots[index]!
    this.slots = Array.from({ length: count }, (_, k) => f.local(ValType.i64, `s${k}`))
  }

  protected localOf(register: number): number {
    if (this.locals[register]! < 0) {
      this.locals[register] = this.f.local(ValType.i64, names[register])
    }
    return this.locals[register]!
  }

  /** Brings registers into locals. */
  protected hold(mask: number): void {
    const missing = mask & ~this.held
    for (let r = 0; missing >>> r !== 0 && r < 32; r++) {
      if (((missing >>> r) & 1) === 0) continue
      this.f.i32Const(0)
      this.f.load(Op.i64Load, 3, At.registers + 8 * r)
      this.f.localSet(this.localOf(r))
    }
    this.held |= mask
  }

  protected storeRegisters(mask: number): void {
    for (let r = 0; mask >>> r !== 0 && r < 32; r++) {
      if (((mask >>> r) & 1) === 0) continue
      this.f.i32Const(0)
      this.f.localGet(this.localOf(r))
      this.f.store(Op.i64Store, 3, At.registers + 8 * r)
    }
  }

  /** The interpreter may go on in the middle of an instruction. */
  private storeTemporaries(mask: number): void {
    for (let i = 0; mask >>> i !== 0; i++) {
      if (((mask >>> i) & 1) === 0) continue
      this.f.i32Const(0)
      this.f.localGet(this.localOf(temporary + i))
      this.f.store(Op.i64Store, 3, At.registers + 8 * (temporary + i))
    }
  }

  peek(register: number): void {
    if (((this.held >>> register) & 1) !== 0) this.f.localGet(this.localOf(register))
    else {
      this.f.i32Const(0)
      this.f.load(Op.i64Load, 3, At.registers + 8 * register)
    }
  }

  put(register: number): void {
    assert((this.held & this.dirty & (1 << register)) !== 0, `put: r${register} is not held`)
    this.f.localSet(this.localOf(register))
  }

  operand(register: number): Operand {
    if (register === zeroRegister) return this.zero
    const known = this.operands[register]
    if (known !== undefined) return known
    const operand = new LocalOperand(this.f, this.localOf(register))
    this.operands[register] = operand
    return operand
  }

  /** One at a time. */
  protected constant(low: number, high: number): Operand {
    return this.immediate.set(low, high)
  }

  /** Takes the value of a register from the stack. */
  protected set(register: number): void {
    this.f.localSet(this.localOf(register))
    if (register >= temporary) {
      this.temps |= 1 << (register - temporary)
      return
    }
    this.held |= 1 << register
    this.dirty |= 1 << register
  }

  protected storeGas(): void {
    if (!this.parts.measure.gas) return
    this.f.i32Const(0)
    this.gas.push()
    this.f.store(Op.i64Store, 3, At.gas)
  }

  protected storeWord(at: number, value: () => void): void {
    this.f.i32Const(0)
    value()
    this.f.store(Op.i32Store, 2, at)
  }

  /** Returns with the exact state before `row`. */
  leaveAt(row: number, status: number): void {
    const { f, gas } = this
    const exit = this.exits.of(this.dirty, this.temps)
    if (exit < 0 || !f.mayExit(maxExits)) {
      this.storeRegisters(this.dirty)
      this.storeTemporaries(this.temps)
      this.storeGas()
      f.i32Const(0)
      f.i32Const(this.exitWord(row, status, noCharge))
      this.left()
      return
    }
    const { owed, paid } = gas
    if (this.parts.measure.gas) gas.payRounds()
    f.i32Const(this.exitWord(row, status, this.parts.measure.gas ? gas.owed : noCharge))
    this.exit(exit)
    gas.owed = owed
    gas.paid = paid
  }

  /** Goes to a way out that was made; what it needs to know is on the stack. */
  private exit(exit: number): void {
    const { f } = this
    if (this.exitLocal < 0) this.exitLocal = f.local(ValType.i32, 'exit')
    f.localSet(this.exitLocal)
    f.brExit(exit)
  }

  /** Where a call came back because its callee was left: records it, and returns the same. */
  protected unwind(returnRow: number): void {
    const { f } = this
    const exit = this.exits.ofCall(this.keptHeld())
    f.i32Const(returnRow * 16)
    if (exit >= 0 && f.mayExit(maxExits)) return this.exit(exit)
    const row = f.temp(ValType.i32)
    f.localSet(row)
    this.writeFrame(row, this.keptHeld())
    f.free(row)
  }

  /**
   * Records this function's open call, with its slots, while the Wasm stack unwinds; behind the row stands which saved
   * registers it has, the others are as in the frame below.
   * @param row local with the row to return to, times 16
   * @param kept saved registers that are in locals
   */
  private writeFrame(row: number, kept: number): void {
    const { f, parts } = this
    const { calls } = parts.program
    if (calls.kind !== 'managed') return
    const { frameBytes, frames } = parts.layout
    const at = f.temp(ValType.i32)
    f.localGet(param.entry)
    f.i32Const(frameBytes)
    f.op(Op.i32Mul)
    f.localTee(at)
    f.localGet(row)
    f.store(Op.i32Store, 2, frames)
    f.localGet(at)
    f.i32Const(kept)
    f.store(Op.i32Store, 2, frames + 4)
    for (let i = 0; kept >>> i !== 0; i++) {
      if (((kept >>> i) & 1) === 0) continue
      f.localGet(at)
      f.localGet(this.localOf(calls.first + i))
      f.store(Op.i64Store, 3, frames + 8 + 8 * i)
    }
    f.free(at)
    this.moveSlots(true)
    f.localGet(this.gas.local)
    f.localGet(this.localOf(this.convention.answered))
    f.return()
  }

  /** Where the function's code was written: the ways out that it has in common. */
  protected writeExits(): void {
    const { exits, f } = this
    if (exits.count === 0) return
    this.gas.owed = noCharge
    const order = exits.largestFirst()
    const labels = f.openExits(order)
    order.forEach((exit, i) => {
      f.end()
      if (exits.unwinds(exit)) {
        this.writeFrame(this.exitLocal, exits.registers(exit))
        return
      }
      const next = exits.restOf(order, i)
      const rest = order[next] ?? -1
      this.storeRegisters(exits.registers(exit) & ~exits.registers(rest))
      this.storeTemporaries(exits.temporaries(exit) & ~exits.temporaries(rest))
      if (rest >= 0 && next > i + 1) f.br(labels[next]!)
    })
    this.storeGas()
    f.i32Const(0)
    f.localGet(this.exitLocal)
    this.left()
  }

  /** Goes on at a place of another function. */
  protected goTo(packed: () => void): void {
    const { f } = this
    this.storeRegisters(this.dirty)
    if (this.convention.managed) {
      this.storeWord(At.goto, packed)
      this.storeGas()
      f.i32Const(0)
      f.i32Const(this.exitWord(0, Status.goto, noCharge))
      this.left()
      return
    }
    this.gas.push()
    packed()
    f.return()
  }

  /** Pushes where the activation's slots are in memory, less `layout.slots`. */
  private pushSlots(): void {
    const { f } = this
    f.localGet(param.entry)
    f.i32Const(this.parts.layout.slotBytes)
    f.op(Op.i32Mul)
  }

  /** Brings slots home, or from there. */
  protected moveSlots(home: boolean): void {
    const { f, slots } = this
    if (slots.length === 0) return
    const at = f.temp(ValType.i32)
    this.pushSlots()
    f.localSet(at)
    slots.forEach((local, k) => {
      f.localGet(at)
      if (home) {
        f.localGet(local)
        f.store(Op.i64Store, 3, this.parts.layout.slots + 8 * k)
      } else {
        f.load(Op.i64Load, 3, this.parts.layout.slots + 8 * k)
        f.localSet(local)
      }
    })
    f.free(at)
  }

  /** The number of a new way out: saved registers that are not in their homes then are as in the frame below. */
  private exitWord(row: number, status: number, owed: Charge): number {
    return this.parts.exits.add(row, status, this.keptHeld(), owed)
  }

  /** Returns as one that was left. On the stack: zero, then what is to be in `exitInfo`. */
  private left(): void {
    const { f } = this
    const { managed } = this.convention
    f.store(Op.i32Store, 2, At.exitInfo)
    this.moveSlots(true)
    if (managed) this.storeWord(At.depth, () => f.localGet(param.entry))
    f.i64ConstS(managed ? -1 : 0)
    if (managed) f.i64ConstS(0)
    else f.i32Const(-1)
    f.return()
  }

  /** Kept registers in locals, the first as bit 0. */
  protected keptHeld(): number {
    const { calls } = this.parts.program
    return calls.kind === 'managed' ? (this.held & this.convention.kept) >>> calls.first : 0
  }

  protected word(row: number, index: number): number {
    return this.parts.program.rows[row * rowWords + index]!
  }

  /** Leaves for good; what follows in the block is not reached from here. */
  protected leaveHere(row: number): void {
    this.leaveAt(row, Status.leave)
  }

  protected startRow(row: number): void {
    if ((this.parts.program.marks[row]! & Mark.instruction) !== 0) this.temps = 0
  }
}
