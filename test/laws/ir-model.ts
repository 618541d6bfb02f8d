/**
 * IR programs executed row by row with BigInt, from the table's formulas alone: what interpreter and
 * recompiler are held against where no instruction set uses a memory profile.
 */
import assert from 'node:assert/strict'
import type { BpfProgram, Engine, Exit, Frame, Machine } from 'alcatraz-vm'
import { liftProgram } from '#vm/engine/lifted'
import { isBehindCall } from '#vm/ir/frames'
import {
  argumentsOfCallee,
  frameOfCallee,
  type IrProgram,
  type ManagedCalls,
  Mark,
  rowWords,
} from '#vm/ir/program'
import { irRows, registerCount } from '#vm/ir/table'
import { ReferenceMachine, type ReferenceState } from '#vm/reference/machine'
import { type ReferenceMemory, referenceMemory } from '#vm/reference/memory'
import { trapName } from '#vm/vm/exit'
import type { StateParts } from '#vm/vm/state'

interface Row {
  readonly name: string
  readonly a: number
  readonly b: number
  readonly c: number
  readonly imm: bigint
  readonly low: number
  readonly high: number
  readonly off: number
}

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value)

function rowOf(ir: IrProgram, row: number): Row {
  const [word, low, high, off] = ir.rows.subarray(row * rowWords) as unknown as number[]
  return {
    name: irRows[word! & 0xff]!.name,
    a: (word! >>> 8) & 0xff,
    b: (word! >>> 16) & 0xff,
    c: word! >>> 24,
    imm: (BigInt(high! >>> 0) << 32n) | BigInt(low! >>> 0),
    low: low!,
    high: high!,
    off: off!,
  }
}

class State implements ReferenceState {
  readonly memory: ReferenceMemory
  gas: bigint
  pc = 0
  charged = false
  instructions = 0n
  frames: Frame[] = []
  readonly registers: bigint[] = new Array<bigint>(registerCount).fill(0n)

  constructor(ir: IrProgram, gas: bigint) {
    this.memory = referenceMemory(ir.memory)
    this.gas = gas
  }

  get(register: number): bigint {
    return this.registers[register]!
  }

  set(register: number, value: bigint): void {
    this.registers[register] = u64(value)
  }
}

/** How an instruction went: on at a row, or out. */
type Step = number | Exit

class IrModel extends ReferenceMachine<BpfProgram, State> {
  private readonly ir: IrProgram

  constructor(program: BpfProgram, gas: bigint) {
    const ir = liftProgram(program)
    assert.equal(ir.metering, 'instruction', 'the model takes gas from each instruction')
    super(program, new State(ir, gas), ir.registers)
    this.ir = ir
    const { calls } = ir
    if (calls.kind === 'managed')
      this.state.set(calls.first + calls.saved - 1, BigInt(calls.stackHigh))
  }

  protected override get parts(): StateParts {
    const { ir } = this
    const { calls, memory, registers } = ir
    const frames = calls.kind === 'managed' && { frames: calls }
    return { memory, registers, ...frames, isBehindCall: (pc) => isBehindCall(ir, pc) }
  }

  protected override leg(): Exit {
    for (;;) {
      const { ir, state } = this
      const { pc } = state
      let row = ir.rowOf[pc] ?? -1
      if (row < 0) return { kind: 'trap', trap: trapName(ir.badEntry), pc }
      if (rowOf(ir, row).name === 'charge') row++
      const cost = state.charged ? 0n : BigInt(ir.costs[row]!)
      if (state.gas < cost) return { kind: 'outOfGas', pc }
      state.gas -= cost
      state.instructions++
      const step = this.instruction(row, pc)
      if (typeof step !== 'number') {
        state.charged = step.kind !== 'host'
        return step
      }
      state.charged = false
      state.pc = ir.pcOf[step]!
    }
  }

  /** From an instruction's first row to the next instruction. */
  private instruction(first: number, pc: number): Step {
    const { ir } = this
    for (let row = first; ; row++) {
      if (row > first && ir.marks[row] !== 0) return row
      const step = this.row(rowOf(ir, row), row, pc)
      if (step !== undefined) return step
    }
  }

  private row(r: Row, row: number, pc: number): Step | undefined {
    const { state } = this
    const get = (register: number): bigint => state.get(register)
    switch (r.name) {
      case 'charge':
      case 'nop':
        return undefined
      case 'li':
        return void state.set(r.a, r.imm)
      case 'mov':
        return void state.set(r.a, get(r.b))
      case 'add64':
        return void state.set(r.a, get(r.b) + get(r.c))
      case 'add64i':
        return void state.set(r.a, get(r.b) + r.imm)
      case 'xor64':
        return void state.set(r.a, get(r.b) ^ get(r.c))
      case 'and64i':
        return void state.set(r.a, get(r.b) & r.imm)
      case 'bltu64i':
        return get(r.b) < r.imm ? r.off : undefined
      case 'bset64i':
        return (get(r.b) & r.imm) !== 0n ? r.off : undefined
      case 'jump':
        return r.off
      case 'host':
        state.pc = this.ir.pcOf[row + 1]!
        return { kind: 'host', id: r.low, pc }
      case 'halt':
        return { kind: 'halt', pc }
      case 'call':
        return this.call(r, row, pc)
      case 'ret':
        return this.ret(pc)
      default:
        return this.access(r, pc)
    }
  }

  private access({ name, a, b, imm, off }: Row, pc: number): Step | undefined {
    const { state } = this
    const parts = /^(load|store)(8|16|32|64)([usi]?)$/.exec(name)
    assert.ok(parts, `the model knows no ${name}`)
    const [, kind, bits, way] = parts
    const address = u64(state.get(b) + BigInt(off))
    const access = kind === 'load' ? 'read' : 'write'
    const length = Number(bits) / 8
    const denied = state.memory.denied(address, length, access)
    if (denied !== undefined) return { kind: 'fault', address: denied, access, pc }
    if (kind === 'store') state.memory.store(address, length, way === 'i' ? imm : state.get(a))
    else {
      const value = state.memory.load(address, length)
      state.set(a, way === 's' ? BigInt.asIntN(Number(bits), value) : value)
    }
    return undefined
  }

  private calls(): ManagedCalls {
    const { calls } = this.ir
    assert.ok(calls.kind === 'managed')
    return calls
  }

  private call({ low, high, off }: Row, row: number, pc: number): Step {
    const { state } = this
    const calls = this.calls()
    const { declared, first, maxDepth, saved, stackLow } = calls
    const pointer = first + saved - 1
    const top = state.get(pointer)
    if (state.frames.length >= maxDepth) return { kind: 'trap', trap: 'callDepth', pc }
    if (top < BigInt(stackLow + low + frameOfCallee(calls, high)))
      return { kind: 'trap', trap: 'stackOverflow', pc }
    const kept = state.registers.slice(first, first + saved)
    state.frames = [...state.frames, { returnPc: this.ir.pcOf[row + 1]!, saved: kept }]
    for (let r = argumentsOfCallee(high); r < pointer && declared === true; r++) state.set(r, 0n)
    state.set(pointer, top - BigInt(low))
    return off
  }

  private ret(pc: number): Step {
    const { state } = this
    const frame = state.frames.at(-1)
    if (frame === undefined) return { kind: 'halt', pc }
    state.frames = state.frames.slice(0, -1)
    frame.saved.forEach((value, i) => {
      state.set(this.calls().first + i, value)
    })
    const row = this.ir.rowOf[frame.returnPc]!
    assert.ok((this.ir.marks[row]! & (Mark.instruction | Mark.segment)) !== 0)
    return row
  }
}

/** The model as an engine, for programs whose IR is known (`adoptIr`). */
export const irModel: Engine = {
  name: 'reference',
  instantiate(program, { gas }): Machine {
    assert.equal(program.isa, 'bpf')
    return new IrModel(program as BpfProgram, gas)
  },
}
