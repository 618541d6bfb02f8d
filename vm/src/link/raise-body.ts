import { zeroRegister } from '../ir/table.ts'
import type { RiscvInsn } from '../isa/riscv/decode.ts'
import { riscvRows } from '../isa/riscv/table.ts'
import { RiscvLifter, riscvLifts } from '../lift/riscv-insns.ts'
import type { Block, OptFunction, OptOp, Value } from '../opt/ir.ts'
import { Trap } from '../vm/exit.ts'
import { type CfgBuilder, type RawBlock, Reg } from './raise-cfg.ts'
import { raiseFail } from './raise-error.ts'
import {
  type Analysed,
  argumentMask,
  argumentRegisters,
  type ImportTakes,
  openArguments,
  type Signatures,
} from './raise-live.ts'
import { RowValues } from './raise-rows.ts'
import { Variables } from './raise-ssa.ts'
import { StackFrame } from './raise-stack.ts'
import { Known, type StateSteps } from './raise-state.ts'
import type { CallTarget } from './riscv-linked.ts'

/** What functions are raised with; one for a program. */
export interface RaiseContext {
  readonly builder: CfgBuilder
  readonly steps: StateSteps
  readonly functions: readonly (Analysed | undefined)[]
  readonly signatures: Signatures
  readonly importTakes: ImportTakes
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
const resultCount = 2

/** Makes one function of the optimiser of one of the code. */
export class FunctionRaiser extends RowValues {
  private readonly context: RaiseContext
  private readonly analysed: Analysed
  private readonly lifter: RiscvLifter
  protected readonly variables: Variables
  protected readonly frame: StackFrame
  private readonly firsts: Block[] = []
  private readonly entry: Block
  private readonly insn: RiscvInsn

  constructor(context: RaiseContext, analysed: Analysed, func: OptFunction) {
    const { order } = analysed.flow
    const entry = func.block()
    super(func, order[0]!, entry)
    this.context = context
    this.analysed = analysed
    this.entry = entry
    const { linked } = context.builder
    const { code, codeAddress, embedded, version } = linked
    this.lifter = new RiscvLifter(
      { code, codeBase: codeAddress, embedded, version: version === 'rv32' ? 'rv32' : 'rv64' },
      this,
    )
    this.insn = this.lifter.insn
    for (const { id } of order) this.firsts[id] = func.block()
    this.frame = new StackFrame(func, this.entry, analysed.flow.depth)
    this.variables = new Variables(
      func,
      order,
      ({ id }) => this.firsts[id]!,
      (register) => this.atEntry(register),
    )
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
    this.entry.insns.push(this.make('jump', [], 0n, [this.firsts[flow.order[0]!.id]!]))
    this.preds()
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

  private preds(): void {
    // phis have their arguments in the order of `predsOf`; splits keep the last block of each
    for (const block of this.func.blocks) block.preds = []
    const { order } = this.analysed.flow
    const lasts = new Map<RawBlock, Block>()
    for (const raw of order) lasts.set(raw, this.lasts[raw.id]!)
    for (const raw of order) {
      const first = this.firsts[raw.id]!
      if (raw === order[0]) first.preds.push(this.entry)
      for (const pred of this.variables.predsOf(raw)) first.preds.push(lasts.get(pred)!)
    }
    for (const { from, to } of this.splits) to.preds.push(from)
  }

  private readonly lasts: Block[] = []

  private parameters(): void {
    const { isOpen } = this.analysed
    const takes = this.context.signatures.takes[this.func.id]!
    for (const register of this.places(takes, isOpen)) {
      const param = this.func.value('param', [], BigInt(this.func.params.length), 0, this.func.pc)
      this.func.params.push(param)
      this.ofEntry.set(register, param)
    }
  }

  /** The registers of a function's arguments by place: of an open one, all up to the last that it reads. */
  private places(takes: number, isOpen: boolean): readonly number[] {
    if (!isOpen) return argumentRegisters.filter((register) => isTaken(takes, register))
    let count = openArguments
    while (count > 0 && !isTaken(takes, argumentRegisters[count - 1]!)) count--
    return argumentRegisters.slice(0, count)
  }

  private readonly ofEntry = new Map<number, Value>()

  /** What a register is before the first block. */
  private atEntry(register: number): Value {
    let value = this.ofEntry.get(register)
    if (value === undefined) {
      value = this.func.value(register === reserved ? 'li' : 'undef', [], 0n, 0, this.func.pc)
      this.entry.insns.push(value)
      this.ofEntry.set(register, value)
    }
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
        this.callRegister(end.insn)
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
        this.callRegister(end.insn)
        return this.ret()
      case 'ret':
        return this.ret()
      case 'switch':
        return this.switch(end.insn, end.labels, to)
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
    if (this.state.values[Reg.sp] !== -this.analysed.flow.depth) this.shallow = this.pc
  }

  private terminate(op: OptOp, args: Value[], imm: bigint, targets: Block[]): void {
    this.block.insns.push(this.make(op, args, imm, targets))
  }

  private jump(to: Block[]): void {
    if (to.length === 0) this.trap(Trap.panic)
    else this.terminate('jump', [], 0n, to)
  }

  private trap(trap: Trap): void {
    this.terminate('trap', [], BigInt(trap), [])
  }

  private branch({ row, rs1, rs2 }: RiscvInsn, to: Block[]): void {
    const op = branchNames.get(riscvRows[row]!.name)!
    const x = (register: number): number => (register === 0 ? zeroRegister : register)
    this.terminate(op, [this.read(x(rs1)), this.read(x(rs2))], 0n, to)
  }

  private switch({ rs1 }: RiscvInsn, labels: readonly number[], to: Block[]): void {
    labels.forEach((label, i) => {
      to[i]!.label = label
    })
    this.terminate('switch', [this.read(rs1)], 0n, to)
  }

  private ret(): void {
    const gives = this.context.signatures.gives[this.func.id]!
    const args: Value[] = []
    this.func.results = resultsOf(gives)
    for (let n = 0; n < this.func.results; n++)
      args.push(((gives >> n) & 1) === 1 ? this.read(Reg.a0 + n, true) : this.emit('undef'))
    this.terminate('ret', args, 0n, [])
  }

  private arguments(takes: number, isOpen: boolean): Value[] {
    return this.places(takes, isOpen).map((register) =>
      isTaken(takes, register) ? this.read(register, true) : this.emit('undef'),
    )
  }

  private call(target: CallTarget): void {
    if (target.kind === 'import') this.host(target.index)
    else if (target.kind === 'none') this.split('trap', Trap.panic)
    else {
      const takes = this.context.signatures.takes[target.index]!
      const { isOpen } = this.context.functions[target.index]!
      const args = this.arguments(takes, isOpen)
      this.called(
        this.emit('call', args, BigInt(target.index)),
        resultsOf(this.context.signatures.gives[target.index]!),
      )
    }
  }

  private callRegister({ imm, rs1 }: RiscvInsn): void {
    const { openGives, openTakes } = this.context.signatures
    let to = this.read(rs1 === 0 ? zeroRegister : rs1)
    if (imm !== 0) to = this.emit('add64i', [to], BigInt(imm))
    const args = [to, ...this.arguments(openTakes, true)]
    this.called(this.emit('callr', args), resultsOf(openGives))
  }

  private host(index: number): void {
    this.called(this.hostCall(index, this.context.importTakes(index)), resultCount)
  }

  private hostCall(index: number, takes: number): Value {
    const args = this.arguments(takes, true)
    while (args[args.length - 1]?.op === 'undef') args.pop()
    return this.emit('host', args, BigInt(index))
  }

  /** Changes a0 only. */
  private ecall(): void {
    const call = this.hostCall(this.context.ecall, argumentMask(openArguments))
    this.write(Reg.a0, this.emit('result', [call]))
  }

  /** Control does not go on from here. */
  private split(op: 'trap', trap: Trap): void {
    const on = this.func.block()
    const stop = this.func.block()
    stop.insns.push(this.make(op, [], BigInt(trap), []))
    const never = this.constant(0n)
    this.block.insns.push(this.make('beq64i', [never], 0n, [stop, on]))
    this.splits.push({ from: this.block, to: stop }, { from: this.block, to: on })
    this.block = on
    this.lasts[this.raw.id] = on
  }

  private called(call: Value, results: number): void {
    this.state.call()
    let undef: Value | undefined
    for (const register of callWritten) {
      const n = register - Reg.a0
      const isResult = n >= 0 && n < results
      if (isResult) this.write(register, this.emit('result', [call], BigInt(n)))
      else {
        undef ??= this.emit('undef')
        this.write(register, undef)
      }
    }
    this.write(reserved, this.constant(0n))
  }
}

const callWritten = [1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31]
const isTaken = (takes: number, register: number): boolean => ((takes >>> register) & 1) === 1
const resultsOf = (gives: number): number => (gives === 0 ? 0 : gives === 1 ? 1 : 2)
