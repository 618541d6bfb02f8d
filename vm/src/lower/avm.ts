import {
  type AvmCode,
  type AvmFunctionSource,
  type AvmPlace,
  encodeAvm,
} from '../isa/avm/encode.ts'
import { type AvmInsn, avmInsn } from '../isa/avm/insn.ts'
import { type AvmName, noBase } from '../isa/avm/table.ts'
import type { OptProgram } from '../opt/ir.ts'
import { avmFrameRegister, avmTarget } from './avm-target.ts'
import {
  frameSizeOf,
  type LinearFunction,
  type LowerReport,
  linearise,
  offsetFromEntry,
  reportOf,
} from './linear.ts'
import { Base, type MachineInsn } from './machine.ts'
import { orderFunctions } from './order.ts'
import { commutative } from './select.ts'

/** Code for AVM, and where everything went. */
export interface AvmLowered extends AvmCode {
  /** By index in the program: index in the code, -1 for functions that are absent. */
  readonly functionOf: Int32Array
  /** By index in the code: pc in the linked code of each instruction, or -1. */
  readonly sources: readonly Int32Array[]
  readonly report: LowerReport
}

class Emitter {
  private readonly linear: LinearFunction
  private readonly functionOf: Int32Array
  private readonly frameSize: number

  constructor(linear: LinearFunction, functionOf: Int32Array) {
    this.linear = linear
    this.functionOf = functionOf
    this.frameSize = frameSizeOf(linear.func)
  }

  run(): AvmFunctionSource {
    const { func, insns, starts } = this.linear
    const made = insns.map((insn) => {
      const code = this.plain(insn)
      const [to] = insn.targets
      if (to !== undefined && insn.op !== 'jump64') code.target = starts[to.id]!
      return code
    })
    return { frameSize: this.frameSize, args: func.args, slots: func.ownSlots, insns: made }
  }

  /** Offset from r15, or the address. */
  private offset(base: Base, off: number): number {
    return offsetFromEntry(this.linear.func, base, off)
  }

  private plain(insn: MachineInsn): AvmInsn {
    const { base, def, imm, op, uses } = insn
    const name = op as AvmName
    const frame = base === Base.none ? noBase : avmFrameRegister
    if (op.startsWith('load')) {
      const b = base === Base.register ? uses[0]! : frame
      return avmInsn(name, { a: def, b, off: this.offset(base, insn.off) })
    }
    if (op.startsWith('store')) {
      const isImmediate = op.endsWith('i')
      const b = base === Base.register ? uses[isImmediate ? 0 : 1]! : frame
      const value = isImmediate ? { imm } : { a: uses[0]! }
      return avmInsn(name, { ...value, b, off: this.offset(base, insn.off) })
    }
    if (op === 'add64i' && base !== Base.register)
      return this.sum(def, this.offset(base, Number(imm)))
    switch (op) {
      case 'call':
        return avmInsn(name, { target: this.functionOf[Number(imm)]! })
      case 'host':
        return avmInsn(name, { target: Number(imm) })
      case 'getslot':
        return avmInsn(name, { a: def, imm })
      case 'setslot':
        return avmInsn(name, { a: uses[0]!, imm })
      case 'callr':
      case 'jump64':
        return avmInsn(name, { b: uses[0]! })
      case 'cmovz':
      case 'cmovnz':
      case 'cmovzi':
      case 'cmovnzi':
        return avmInsn(name, { a: def, b: uses[1]!, c: uses[2] ?? 0, imm })
      case 'ret':
      case 'jump':
        return avmInsn(name)
      case 'trap':
        return avmInsn(name, { imm })
    }
    const [b = 0, c = 0] = uses
    // the short form is that of a = b
    const isTurned = commutative.has(op) && c === def && uses.length === 2
    const operands = isTurned ? { b: c, c: b } : { b, c }
    return avmInsn(name, { a: Math.max(def, 0), ...operands, imm })
  }

  private sum(to: number, off: number): AvmInsn {
    return off === 0
      ? avmInsn('mov', { a: to, b: avmFrameRegister })
      : avmInsn('add64i', { a: to, b: avmFrameRegister, imm: off })
  }
}

/** Where the code table's entries are: those whose place is gone are the first function. */
function placesOf(
  program: OptProgram,
  functionOf: Int32Array,
  linears: readonly (LinearFunction | undefined)[],
): AvmPlace[] {
  const places: AvmPlace[] = program.codeTable.map(({ block, func }) => ({
    function: block < 0 ? Math.max(functionOf[func]!, 0) : 0,
    insn: 0,
  }))
  linears.forEach((linear, index) => {
    for (const { id, label } of linear?.func.blocks ?? [])
      if (label >= 0) places[label] = { function: functionOf[index]!, insn: linear!.starts[id]! }
  })
  return places
}

/**
 * Writes a program as AVM code: instructions and registers chosen, blocks and functions in order. Deterministic.
 * @throws {Error} what the target has no words for
 */
export function lowerAvm(program: OptProgram): AvmLowered {
  const linears = program.functions.map((func) => func && linearise(func, avmTarget))
  const order = orderFunctions(program)
  const functionOf = new Int32Array(program.functions.length).fill(-1)
  order.forEach((index, place) => {
    functionOf[index] = place
  })
  const code = encodeAvm({
    functions: order.map((index) => new Emitter(linears[index]!, functionOf).run()),
    codeTable: placesOf(program, functionOf, linears),
  })
  return {
    ...code,
    functionOf,
    sources: order.map((index) => Int32Array.from(linears[index]!.insns, ({ pc }) => pc)),
    report: reportOf(linears),
  }
}
