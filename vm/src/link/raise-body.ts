import { temporary, zeroRegister } from '../ir/table.ts'
import type { RiscvInsn } from '../isa/riscv/decode.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import { RiscvLifter, riscvLifts } from '../lift/riscv-insns.ts'
import type { Block, OptFunction, OptOp, Value } from '../opt/ir.ts'
import { accessBytes } from '../opt/memory.ts'
import type { RawBlock } from './raise-blocks.ts'
import { type CfgBuilder, type RawFunction, Reg } from './raise-cfg.ts'
import { argumentMask, riscvConvention } from './raise-convention.ts'
import { BlockRaiser, type Surroundings } from './raise-ends.ts'
import { raiseFail } from './raise-error.ts'
import type { Flow } from './raise-flow.ts'
import { StackFrame } from './raise-stack.ts'
import { Known, RegisterState, type StateSteps } from './raise-state.ts'

/** A function with what is known of its registers. */
export interface Analysed {
  readonly raw: RawFunction
  readonly flow: Flow
  /** Callers are not all known. */
  readonly isOpen: boolean
}

/** What functions are raised with; one for a program. */
export interface RaiseContext extends Surroundings {
  readonly functions: readonly (Analysed | undefined)[]
  readonly builder: CfgBuilder
  readonly steps: StateSteps
  /** Index among imports of what `ecall` calls. */
  readonly ecall: number
}

const branchNames: ReadonlyMap<string, OptOp> = new Map([
  ['beq', 'beq64'],
  ['bne', 'bne64'],
  ['blt', 'blts64'],
  ['bge', 'bges64'],
  ['bltu', 'bltu64'],
  ['bgeu', 'bgeu64'],
])
const reserved = 0

/** Makes one function of the optimiser of one of the code. */
export class FunctionRaiser extends BlockRaiser<RiscvInsn> {
  private readonly context: RaiseContext
  private readonly analysed: Analysed
  private readonly lifter: RiscvLifter
  private readonly frame: StackFrame
  private readonly insn: RiscvInsn
  /** What is known before the instruction. */
  private state: RegisterState = new RegisterState()

  constructor(context: RaiseContext, analysed: Analysed, func: OptFunction) {
    const { flow, isOpen } = analysed
    super(riscvConvention, context, flow.order, func, isOpen)
    this.context = context
    this.analysed = analysed
    const { linked } = context.builder
    const { code, codeAddress, embedded, version } = linked
    this.lifter = new RiscvLifter(
      { code, codeBase: codeAddress, embedded, version: version === 'rv32' ? 'rv32' : 'rv64' },
      this,
    )
    this.insn = this.lifter.insn
    this.frame = new StackFrame(func, this.entry, flow.depth)
  }

  /** @throws {LinkError} when the function keeps what its caller has in a way that is not understood */
  raise(): void {
    const { flow } = this.analysed
    this.parameters()
    for (const raw of flow.order) {
      this.raw = raw
      this.block = this.firsts[raw.id]!
      this.state = flow.at[raw.id]!.copy()
      this.straight(raw)
      this.end(raw)
    }
    this.variables.finish()
    this.frame.place()
    this.close()
    this.func.stackArguments = this.frame.arguments
    const torn = this.frame.torn()
    if (torn !== undefined)
      this.fail(
        'calleeSaved',
        `saved registers at ${torn} octets of its frame are read or written in another way`,
      )
  }

  /** May it read arguments on the stack? */
  get readsArguments(): boolean {
    return this.frame.readsArguments
  }

  /**
   * Finishes the frame when all functions are raised.
   * @param readers functions that read arguments on the stack
   * @throws {LinkError} when they cannot be where a callee looks for them
   */
  finish(
    made: readonly (OptFunction | undefined)[],
    readers: ReadonlySet<number>,
    openReads: boolean,
  ): void {
    const reads = this.func.blocks.some(({ insns }) =>
      insns.some(
        ({ imm, op }) =>
          (op === 'call' && readers.has(Number(imm))) || (op === 'callr' && openReads),
      ),
    )
    const tail = this.tails.find(({ target }) => made[target]!.stackArguments > 0)
    if (tail !== undefined)
      this.failAt(
        tail.pc,
        'stackArguments',
        'a call at its end reads arguments on the stack: compile with -fno-optimize-sibling-calls',
      )
    if (reads && this.shallow >= 0)
      this.failAt(
        this.shallow,
        'stackArguments',
        'a call may read arguments on the stack where it has not made room for them',
      )
    if (reads) this.frame.passArguments()
    this.func.frameBytes = this.frame.bytes()
  }

  /** Calls at the end that may read arguments on the stack. */
  private readonly tails: { readonly pc: number; readonly target: number }[] = []
  /** Where something is called while the frame is not all there, or -1. */
  private shallow = -1

  private failAt(pc: number, code: string, what: string): never {
    return raiseFail(this.context.builder.linked, { func: this.func.id, pc }, code, what)
  }

  protected fail(code: string, what: string): never {
    return raiseFail(
      this.context.builder.linked,
      { func: this.func.id, pc: this.pc },
      code,
      `${what} (setjmp, longjmp, coroutines and __builtin_return_address are not supported)`,
    )
  }

  protected override atEntry(register: number): Value {
    return register === reserved ? this.ofEntry(reserved, 'li') : super.atEntry(register)
  }

  protected override read(register: number, isKept = false): Value {
    if (register >= 1 && register < temporary) {
      if (this.state.is(register, Known.stack))
        return this.frame.address(this.state.values[register]!)
      if (this.state.is(register, Known.entry) && isKept)
        this.fail('calleeSaved', `it keeps what x${this.state.values[register]} of its caller is`)
    }
    return super.read(register)
  }

  protected override write(register: number, value: Value): void {
    if (register < temporary) this.state.set(register, Known.nothing, 0)
    super.write(register, value)
  }

  protected override access(op: OptOp, stored: Value[], register: number, off: number): Value {
    const isStack = register > 0 && register < temporary && this.state.is(register, Known.stack)
    if (!isStack) return super.access(op, stored, register, off)
    const at = this.state.values[register]! + off
    const value = this.emit(op, [...stored, this.frame.base(at)], 0n, this.frame.offset(at))
    this.frame.access(value, at, accessBytes(op), stored.length > 0)
    return value
  }

  // --- straight-line code

  private straight(raw: RawBlock): void {
    const { builder, steps } = this.context
    for (let pc = raw.from; pc < raw.to; pc += this.insn.length) {
      this.pc = pc
      this.lifter.pc = pc
      builder.decoder.decode(builder.linked.code, pc, this.insn)
      if (this.keepsCallers(this.insn)) steps.step(this.state, this.insn, pc)
      else this.lift(this.insn)
    }
  }

  private lift(insn: RiscvInsn): void {
    const { state } = this
    const { rd } = insn
    const kind = state.kinds[rd]! as Known
    const value = state.values[rd]!
    this.context.steps.step(state, insn, this.pc)
    const newKind = state.kinds[rd]! as Known
    const newValue = state.values[rd]!
    if (this.isStackAddress(insn)) {
      this.variables.write(this.raw, rd, this.frame.address(newValue))
      return
    }
    state.set(rd, kind, value)
    riscvLifts[insn.row]!(this.lifter, insn)
    state.set(rd, newKind, newValue)
  }

  /** A store or load that keeps a register of the caller: there is none here. */
  private keepsCallers(insn: RiscvInsn): boolean {
    const { state } = this
    const { steps } = this.context
    const isSave = steps.saves(state, insn)
    const restored = steps.restores(state, insn)
    if (!isSave && restored < 0) return false
    this.frame.save(state.values[insn.rs1]! + insn.imm, steps.width)
    if (!isSave && insn.rd !== 0) this.variables.write(this.raw, insn.rd, this.atEntry(restored))
    return true
  }

  /** The instruction makes an address of the stack, which is made where it is used. */
  private isStackAddress({ rd, row }: RiscvInsn): boolean {
    return rd !== 0 && riscvRows[row]!.form.startsWith('rr') && this.state.is(rd, Known.stack)
  }

  // --- ends of blocks

  private end(raw: RawBlock): void {
    const { end } = raw
    this.pc = raw.to
    this.lasts[raw.id] = this.block
    const to = raw.succs.map(({ id }) => this.firsts[id]!)
    switch (end.kind) {
      case 'next':
      case 'jump':
        return this.jump(to)
      case 'branch':
        return this.branch(end.insn, to)
      case 'call':
        this.atCall()
        this.call(end.target)
        return this.jump(to)
      case 'callr':
        this.atCall()
        this.throughRegister(end.insn)
        return this.jump(to)
      case 'ecall':
        this.ecall()
        return this.jump(to)
      case 'tail':
        if (end.target.kind === 'function')
          this.tails.push({ pc: raw.to, target: end.target.index })
        this.call(end.target)
        return this.ret()
      case 'tailr':
        this.throughRegister(end.insn)
        return this.ret()
      case 'ret':
        return this.ret()
      case 'switch':
        return this.switch(this.read(end.insn.rs1), end.labels, to)
      case 'trap':
        return this.trap(end.trap)
      case 'jr':
      case 'bad':
        this.fail(
          'unknownInstruction',
          'an instruction that is not of RV64IMAC with Zba, Zbb, Zbs, Zicond: compile with -march=rv64imac_zba_zbb_zbs -mabi=lp64',
        )
    }
  }

  private atCall(): void {
    // never so where the stack is aligned: `Known.aligned` is odd
    if (this.state.values[Reg.sp] !== -this.analysed.flow.depth) this.shallow = this.pc
  }

  private branch({ row, rs1, rs2 }: RiscvInsn, to: Block[]): void {
    const op = branchNames.get(riscvRows[row]!.name)!
    const x = (register: number): number => (register === 0 ? zeroRegister : register)
    this.terminate(op, [this.read(x(rs1)), this.read(x(rs2))], 0n, to)
  }

  private throughRegister({ imm, rs1 }: RiscvInsn): void {
    let to = this.read(rs1 === 0 ? zeroRegister : rs1)
    if (imm !== 0) to = this.emit('add64i', [to], BigInt(imm))
    this.callRegister(to)
  }

  /** Changes a0 only. */
  private ecall(): void {
    const call = this.hostCall(
      this.context.ecall,
      argumentMask(riscvConvention, riscvConvention.open),
    )
    this.write(Reg.a0, this.emit('result', [call]))
  }

  protected override called(call: Value, results: number): void {
    this.state.call()
    super.called(call, results)
    this.write(reserved, this.constant(0n))
  }
}
